"""The desk's hooks: made, listed, given a new secret and taken away, each by an owner; who hears when nobody answers.

A secret is shown once, to the owner alone, in private. A sender that makes its own (Stripe, Sentry) gets an address here,
and its secret is brought with `vigie hook NAME`, never through a chat.
"""

import secrets
from collections.abc import Mapping

from bot import alerting, hooking, ids
from bot.actions import Receipt
from bot.desk.means import Means, in_private, somebody, whisper
from bot.desk.missions import numbered
from bot.desk.roles import named
from bot.errors import BadInput, NotAllowed
from bot.hooks import Hook, Shape, checked_name, checked_window
from bot.people import Person, Role
from bot.speech import Tongue
from bot.store import Tx
from bot.values import Json
from bot.world import Context

WINDOW = 5
"""Seconds that what arrives is gathered for, where nothing else is said."""
LONGEST_WAIT = 1_440
"""Minutes until somebody else is told, at most."""


def _owner(context: Context) -> Person:
    person = somebody(context)
    if person.role is not Role.OWNER:
        raise NotAllowed(context.tongue("only an owner may do that"))
    return person


def _found(tx: Tx, name: str, context: Context) -> Hook:
    hook = tx.hooks.get(name.strip().lower())
    if hook is None:
        raise BadInput(context.tongue("there is no hook “{name}”; say “hooks” for the list", name=name[:60]))
    return hook


def add(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """A new address with a new secret."""
    person, house = _owner(context), means.house()
    in_private(context)
    name, shape = checked_name(arguments["name"]), Shape(arguments["kind"])
    window = checked_window(int(arguments["window"]) if arguments.get("window") is not None else WINDOW)
    id_ = ids.derived("hok", context.key)
    known = tx.hooks.get(name)
    if known is not None and known.id != id_:
        raise BadInput(
            context.tongue(
                "there is a hook “{name}” already; “hook rotate {name}” gives it a new secret", name=name
            )
        )
    secret = secrets.token_urlsafe(32)
    if known is None:
        hook = Hook(
            id=id_,
            space=tx.space,
            name=name,
            shape=shape,
            sealed="",
            window=window,
            place=context.place.key,
            by=person.id,
            lang=context.tongue.lang,
            since=context.now,
        )
        tx.hooks.add(hooking.sealed(hook, ((secret, None),), house=house))
        body = {"hook": id_, "name": name, "shape": shape, "person": person.id, "turn": context.turn}
        tx.ledger.append("hook_added", body, context.now)
        if not shape.brings_its_own:
            _show(tx, secret, context)
    address = f"{house.url}/hooks/{name}"
    if shape.brings_its_own:
        text = context.tongue(
            "The hook {name} is at {address}. {sender} gives a secret of its own: bring it with “vigie hook {name}” on"
            " the machine I run on. Until then nothing is accepted there.",
            name=name,
            address=address,
            sender=shape.value.title(),
        )
    else:
        text = context.tongue(
            "The hook {name} is at {address}. Its secret is in the message that only you see, this once.",
            name=name,
            address=address,
        )
    return Receipt(id=name, text=text)


def _show(tx: Tx, secret: str, context: Context) -> None:
    whisper(tx, context, context.tongue("Secret of the hook, now and once: {secret}", secret=secret))


def listed(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """The hooks, and who hears when nobody answers."""
    tongue, found = context.tongue, tx.hooks.all()
    if not found:
        return Receipt(
            text=tongue("There is no hook yet. An owner says, in private: hook add prom alertmanager"),
            data=[],
        )
    lines = [tongue.many("{n} hook:", "{n} hooks:", len(found))]
    for hook in found:
        parts = [hook.name, hook.shape.value, f"{means.house().url}/hooks/{hook.name}"]
        parts.append(tongue("gathered for {n} s", n=hook.window))
        if after := alerting.escalation(tx, hook.source):
            parts.append(next_in_line(tx, after, tongue))
        lines.append(" · ".join(parts))
    return Receipt(text="\n".join(lines), data=[hook.name for hook in found])


def next_in_line(tx: Tx, after: tuple[str, int], tongue: Tongue) -> str:
    """Who hears when nobody answers, and after how long."""
    who = tx.people.get(after[0])
    return tongue("after {n} min: {who}", n=after[1], who=who.name if who else tongue("someone"))


def rotate(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """A new secret; the one before it is good for a day."""
    person, house = _owner(context), means.house()
    in_private(context)
    hook, mark = _found(tx, arguments["name"], context), f"hook-rotated:{context.key}"
    if hook.shape.brings_its_own:
        why = context.tongue(
            "{sender} makes this secret: bring the new one with “vigie hook {name}”",
            sender=hook.shape.value.title(),
            name=hook.name,
        )
        raise BadInput(why)
    if tx.marks.get(mark) is None:
        secret = secrets.token_urlsafe(32)
        hooking.rotated(tx, hook, secret, now=context.now, house=house)
        tx.marks.put(mark, True)
        body = {"hook": hook.id, "name": hook.name, "person": person.id, "turn": context.turn}
        tx.ledger.append("hook_rotated", body, context.now)
        _show(tx, secret, context)
    text = context.tongue(
        "The hook {name} has a new secret, in the message that only you see. The one before it is good for {n} more hours.",
        name=hook.name,
        n=int(hooking.OVERLAP.total_seconds() // 3600),
    )
    return Receipt(id=hook.name, text=text)


def remove(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """Gone at once, with its secret."""
    person, name = _owner(context), arguments["name"].strip().lower()
    hook = tx.hooks.get(name)
    if hook is not None:
        tx.hooks.remove(name)
        alerting.set_escalation(tx, hook.source, "", 0)
        body = {"hook": hook.id, "name": name, "person": person.id, "turn": context.turn}
        tx.ledger.append("hook_removed", body, context.now)
    return Receipt(
        id=name, text=context.tongue("The hook {name} is gone. Nothing is accepted there.", name=name)
    )


def escalate(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """Who is told when nobody acknowledges an incident of this hook or watch; without a person, nobody any more."""
    owner, tongue = _owner(context), context.tongue
    source, name = _source(tx, arguments["name"], context)
    who, minutes = arguments.get("person") or "", int(arguments.get("minutes") or 15)
    if not 1 <= minutes <= LONGEST_WAIT:
        raise BadInput(tongue("after 1 to {most} minutes", most=LONGEST_WAIT), field="minutes")
    person = named(tx, who, tongue) if who else None
    if person is not None and not person.may_act:
        raise BadInput(tongue("{who} is a guest here and cannot look after an incident", who=person.name))
    alerting.set_escalation(tx, source, person.id if person else "", minutes)
    body = {"source": source, "person": owner.id, "to": person.id if person else "", "minutes": minutes}
    tx.ledger.append("escalation_set", body, context.now)
    if person is None:
        return Receipt(id=source, text=tongue("Nobody else is told of incidents of {name}.", name=name))
    text = tongue(
        "When nobody looks after an incident of {name} within {n} minutes, {who} is told.",
        name=name,
        n=minutes,
        who=person.name,
    )
    return Receipt(id=source, text=text)


def _source(tx: Tx, name: str, context: Context) -> tuple[str, str]:
    """What incidents of this hook, or of the watch of the mission of this number, say they come from; and its name."""
    if tx.hooks.get(name.strip().lower()) is None and name.strip().isdecimal():
        mission = numbered(tx, int(name), context)
        watch = tx.watches.get(mission.id)
        if watch is None:
            raise BadInput(context.tongue("mission {n} watches no number", n=mission.number))
        return watch.signals, context.tongue("the watch of mission {n}", n=mission.number)
    hook = _found(tx, name, context)
    return hook.source, hook.name


# Incidents -------------------------------------------------------------------------------------------------


def incidents(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """Those that go on, with their messages put here again; and the last that are over."""
    tongue, person = context.tongue, somebody(context)
    if not person.may_act:
        raise NotAllowed(tongue("guests do not see incidents"))
    open_ = tx.incidents.open()
    over = [each for each in tx.incidents.recent(20) if each not in open_][:5]
    for each in open_[-5:]:
        alerting.bring(tx, each, context.place.key, now=context.now, house=means.house())
    lines = (
        [tongue.many("{n} incident goes on:", "{n} incidents go on:", len(open_))]
        if open_
        else [tongue("No incident goes on.")]
    )
    lines += [alerting.line(each, tongue=tongue) for each in open_]
    if over:
        lines += [tongue("Over:"), *(alerting.line(each, tongue=tongue) for each in over)]
    # What an incident says was said by a stranger.
    return Receipt(text="\n".join(lines), data=[each.number for each in open_], tainted=True)


def acknowledge(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    return _settle(tx, arguments, context, means, alerting.ACKNOWLEDGE)


def resolve(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    return _settle(tx, arguments, context, means, alerting.RESOLVE)


def _settle(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means, value: str) -> Receipt:
    person, tongue, number = somebody(context), context.tongue, int(arguments["number"])
    incident = tx.incidents.by_number(number)
    if incident is None:
        raise BadInput(tongue("there is no incident {n}; say “incidents” for the list", n=number))
    if not person.may_act:
        raise NotAllowed(tongue("guests do not look after incidents"))
    done = incident.acknowledged_by if value == alerting.ACKNOWLEDGE else incident.resolved_by
    if done != person.id:
        incident = alerting.settle(tx, incident, value, person.id, now=context.now, house=means.house())
    stage = alerting.stage_words(incident.stage, tongue)
    return Receipt(id=str(number), text=tongue("Incident {n}: {stage}.", n=number, stage=stage))
