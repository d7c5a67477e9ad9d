"""What is kept of the past, held against what begins a procedure: how often that would have been, and what the newest run would
have been told. Nothing is asked of anybody, and nothing is done."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot import cues, thresholds, thresholdwords, trials, watching, watchwords
from bot.desk import watches
from bot.events import Event, Signal
from bot.missions import Mission, OnThreshold
from bot.procedures import Recipe
from bot.store import Tx
from bot.thresholds import Sample
from bot.values import Json
from bot.visible import exact
from bot.world import Context

LOOKS_BACK = 5_000
"""So many entries of the ledger are looked through for signals."""
LONGEST = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """`words` say how often it would have begun; `told` is what the newest run would have been told, by the names that a
    recipe refers to. All of that is what others wrote."""

    words: str = ""
    told: Mapping[str, Json] = field(default_factory=dict[str, Json])


def of(tx: Tx, recipe: Recipe, mission: Mission, remembered: Sequence[Sample], context: Context) -> Past:
    """`remembered` is what the source of a number itself knows of the last days."""
    if isinstance(recipe.trigger, OnThreshold):
        return _of_number(tx, recipe.trigger, remembered, context)
    if "signal" in cues.began_with(recipe.trigger):
        return _of_signals(tx, recipe, mission, context)
    return Past()


def _of_signals(tx: Tx, recipe: Recipe, mission: Mission, context: Context) -> Past:
    tongue, found = context.tongue, list(_kept(tx, mission))
    if not found:
        return Past(words=tongue("nothing that is kept would have begun it"))
    event, signal = found[0]
    words = tongue.many(
        "{n} signal that is kept would have begun it, on {when}: {what}",
        "{n} signals that are kept would have begun it, the last on {when}: {what}",
        len(found),
        when=tongue.moment(event.at, context.zone),
        what=exact((signal.name or signal.summary)[:LONGEST], lines=False),
    )
    return Past(words=words, told=cues.told(recipe.trigger, signal))


def _kept(tx: Tx, mission: Mission) -> Iterator[tuple[Event, Signal]]:
    """The signals that it would have heard, newest first."""
    for entry in tx.ledger.newest(LOOKS_BACK):
        event = tx.events.get(str(entry.body["event"])) if entry.kind == "signal" else None
        if event is not None and isinstance(event.body, Signal) and watchwords.heard(mission, event.body):
            yield event, event.body


def _of_number(tx: Tx, trigger: OnThreshold, remembered: Sequence[Sample], context: Context) -> Past:
    tongue, rule = context.tongue, trigger.rule
    samples = watches.joined(watching.kept(tx, trigger.source, context.now), remembered)
    trial = thresholds.replay(rule, samples)
    words = trials.told(rule, trial, context.now, tongue, context.zone)
    bars = trials.spark(samples, rule)
    told: dict[str, Json] = {}
    if trial.firings:
        begin = trial.firings[-1].start
        number = next(number for number, each in enumerate(samples) if each.at == begin)
        judged = thresholds.judged(rule, samples[number], samples[:number])
        told["watch"] = cues.of_watch(
            trigger,
            value=samples[number].value,
            judged=judged,
            name=thresholdwords.named(trigger.source, tongue),
            state="firing",
            at=begin.isoformat(),
        )
    return Past(words=f"{words}\n{bars}".strip(), told=told)
