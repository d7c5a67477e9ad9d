"""The desk's watches: what is watched and how it stands, and numbers that people say."""

import re
from collections.abc import Mapping, Sequence

from bot import alerting, sayings, thresholds, thresholdwords, trials, watching
from bot.actions import Receipt
from bot.charts import Chart
from bot.desk import hooks
from bot.desk.means import Means, somebody
from bot.desk.missions import numbered
from bot.effects import Text
from bot.errors import BadInput, NotAllowed
from bot.missions import Mission
from bot.speech import Tongue
from bot.store import Tx
from bot.thresholds import Mode, Origin, Sample, Source
from bot.thresholdwords import Told
from bot.values import Json
from bot.visible import exact
from bot.watches import Watch
from bot.world import Context

_VALUE = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,9})?")


def listed(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """Each with the number that was read last."""
    tongue = context.tongue
    missions = {each.id: each for each in tx.missions.all()}
    found = [(missions[each.id], each) for each in tx.watches.all() if each.id in missions]
    if not found:
        text = tongue("No number is watched. Start: “watch disk above 90 for 10 minutes, tell me”.")
        return Receipt(text=text, data=[])
    lines = [_line(mission, watch, tongue) + _next(tx, watch, tongue) for mission, watch in found]
    return Receipt(text="\n".join(lines), data=[mission.number for mission, _ in found], tainted=True)


def _line(mission: Mission, watch: Watch, tongue: Tongue) -> str:
    number = "—" if watch.read is None else thresholdwords.reading(watch.source, watch.read, tongue)
    silent = watch.source.origin is Origin.UP and watch.read == 0
    if silent and watch.trouble:
        number += f" ({exact(watch.trouble, lines=False)})"
    parts = [
        f"{mission.number} · {thresholdwords.named(watch.source, tongue)}",
        tongue("now {number}", number=number),
        *(
            []
            if watch.source.origin is Origin.UP
            else [thresholdwords.limit(watch.source, watch.rule, tongue)]
        ),
        standing(watch, tongue),
    ]
    if watch.trouble and not silent:
        parts.append(tongue("not read: {why}", why=exact(watch.trouble, lines=False)))
    return " · ".join(parts)


def _next(tx: Tx, watch: Watch, tongue: Tongue) -> str:
    after = alerting.escalation(tx, watch.signals)
    return f" · {hooks.next_in_line(tx, after, tongue)}" if after else ""


def standing(watch: Watch, tongue: Tongue) -> str:
    """How it stands, in a word."""
    if watch.due is None:
        return tongue("paused")
    if watch.standing.gone:
        return tongue("no number comes")
    match watch.standing.mode:
        case Mode.CALM:
            return tongue("calm")
        case Mode.PENDING:
            return tongue("beyond its limit, not for long enough yet")
        case Mode.FIRING:
            return tongue("firing")


def now(source: Source, read: tuple[float | None, str], tongue: Tongue) -> tuple[str, str]:
    """What stands there at this moment, or why nothing does: before it begins, and not at the first reading."""
    number, trouble = read
    if number is not None:
        words = thresholdwords.reading(source, number, tongue)
        return tongue("Now"), f"{words} ({exact(trouble, lines=False)})" if trouble else words
    return tongue("Now"), tongue("not read: {why}", why=exact(trouble, lines=False)) if trouble else "—"


def known(tx: Tx, source: Source, remembered: Sequence[Sample], context: Context) -> tuple[Sample, ...]:
    """What is known of its last days."""
    return joined(watching.kept(tx, source, context.now), remembered)


def drawn(told: Told, samples: Sequence[Sample], context: Context) -> Chart | None:
    """The same as a picture."""
    return trials.charted(told.source, told.rule, samples, context.now, context.tongue, context.zone)


def tried(told: Told, samples: Sequence[Sample], context: Context) -> tuple[tuple[str, str], ...]:
    """How often it would have fired on what is known of the last days, with a line of bars."""
    trial = thresholds.replay(told.rule, samples)
    words = trials.told(told.rule, trial, context.now, context.tongue, context.zone)
    bars = trials.spark(samples, told.rule)
    return ((context.tongue("Tried on the past"), f"{words}\n{bars}".strip()),)


def joined(kept: Sequence[Sample], remembered: Sequence[Sample]) -> tuple[Sample, ...]:
    """What the source remembers, and what was read here where it does not go back so far."""
    if not remembered:
        return tuple(kept)
    return (*(each for each in kept if each.at < remembered[0].at), *remembered)


def chart(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """What was read in the last days, as a picture where the chat shows one and a line of bars everywhere."""
    tongue = context.tongue
    mission = numbered(tx, arguments["number"], context)
    watch = tx.watches.get(mission.id)
    if watch is None:
        raise BadInput(tongue("mission {n} watches no number", n=mission.number))
    samples = watching.kept(tx, watch.source, context.now)
    drawn = trials.charted(watch.source, watch.rule, samples, context.now, tongue, context.zone)
    if drawn is None:
        return Receipt(
            id=str(mission.number),
            text=tongue("Fewer than two numbers were read so far; there is nothing to draw yet."),
        )
    bars = trials.spark(samples, watch.rule)
    sayings.say(
        tx,
        place=context.place.key,
        slot=f"chart:{context.key}",
        content=Text(text=f"{drawn.text}\n{bars}", chart=drawn),
        now=context.now,
        lang=tongue.lang,
        mission=mission.id,
        tainted=True,
    )
    return Receipt(
        id=str(mission.number),
        text=tongue("That is the chart of mission {n}.", n=mission.number),
        tainted=True,
    )


def say(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """A number as somebody says it is now."""
    person, tongue = somebody(context), context.tongue
    if not person.may_act:
        raise NotAllowed(tongue("guests say no numbers"))
    name = thresholdwords.said_name(str(arguments["name"]))
    text = re.sub(r"[\s\u00a0\u202f_]", "", str(arguments["value"])).replace(",", ".").rstrip("%")
    if not _VALUE.fullmatch(text):
        why = tongue(
            "“{text}” is no number; write for example 120 or 12.5", text=str(arguments["value"])[:30]
        )
        raise BadInput(why, field="value")
    mark = f"said:{context.key}"
    if tx.marks.get(mark) is None:
        tx.marks.put(mark, True)
        watching.say(tx, name, float(text), context.now, house=means.house())
        body = {"name": name, "person": person.id, "turn": context.turn}
        tx.ledger.append("number_said", body, context.now)
    told = tongue("{name} is {number}.", name=name, number=thresholdwords.amount(float(text), tongue))
    return Receipt(id=name, text=told)
