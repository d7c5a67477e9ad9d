"""The room Now: what runs, what waits, what is wrong, what comes next and what was done last. For each only their own,
unless they approve for others.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from adapters.chat.web import drawn
from adapters.chat.web.rooms.room import Asking, Item, Room, View
from bot import alerting, freezing, locators, pulse, reports, rows, spending, surveying
from bot.connections import Condition
from bot.effects import Effect, EffectState, Run
from bot.ids import short_code
from bot.incidents import Stage
from bot.ledger import Entry
from bot.missions import Mission, Phase
from bot.occurrences import Fate
from bot.store import Tx

MOST = 8
"""Lines of each list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """An incident that goes on, with the buttons of its message. `firing` while nobody looks after it."""

    text: str
    note: str
    firing: bool
    ref: str
    revision: int
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Now(View):
    """How things stand. `more` is how many incidents there are beyond those that are shown."""

    incidents: tuple[Trouble, ...] = ()
    more: int = 0
    running: tuple[Item, ...] = ()
    waiting: tuple[Item, ...] = ()
    wrong: tuple[Item, ...] = ()
    coming: tuple[Item, ...] = ()
    done: tuple[Item, ...] = ()


def look(tx: Tx, asking: Asking) -> Now:
    missions, incidents = visible_missions(tx, asking), _incidents(tx, asking)
    return Now(
        frame=drawn.frame(tx, asking.viewer, house=asking.house),
        incidents=tuple(incidents[:MOST]),
        more=max(len(incidents) - MOST, 0),
        running=tuple(_running(tx, missions, asking))[:MOST],
        waiting=tuple(_waiting(tx, asking))[:MOST],
        wrong=tuple(_wrong(tx, asking))[: 3 * MOST],
        coming=tuple(_coming(missions, asking))[:MOST],
        done=tuple(_done(tx, asking))[:MOST],
    )


def visible_missions(tx: Tx, asking: Asking) -> list[Mission]:
    """Their own; for who approves, everybody's."""
    person = asking.person
    return [each for each in tx.missions.all() if person.may_approve or each.owner == person.id]


def _incidents(tx: Tx, asking: Asking) -> list[Trouble]:
    """For whoever may press their buttons: first those that nobody looks after, and of these the gravest."""
    if not asking.person.may_act:
        return []
    tongue, zone = asking.tongue, asking.zone
    order = sorted(
        tx.incidents.open(), key=lambda each: (each.stage is not Stage.FIRING, not each.loud, -each.number)
    )
    return [
        Trouble(
            text=alerting.line(each, tongue=tongue),
            note=" · ".join(
                part
                for part in (
                    alerting.severity_words(each.severity, tongue),
                    tongue("since {when}", when=tongue.day(each.opened, zone)),
                    alerting.looked_after(tx, each, tongue),
                )
                if part
            ),
            firing=each.stage is Stage.FIRING,
            ref=each.ref,
            revision=each.revision,
            choices=alerting.choices(each, tongue),
        )
        for each in order
    ]


def _running(tx: Tx, missions: Iterable[Mission], asking: Asking) -> Iterable[Item]:
    tongue, zone = asking.tongue, asking.zone
    for mission in missions:
        run = next(iter(tx.occurrences.last(mission.id, 1)), None)
        if run is not None and run.fate in (Fate.CLAIMED, Fate.RUNNING):
            since = tongue("since {when}", when=tongue.day(run.began or run.due, zone))
            yield Item(text=mission.goal, note=since, href=f"/missions?mission={mission.number}")
    for effect in tx.effects.in_state(EffectState.STARTED):
        if isinstance(effect.deed, Run) and _theirs(effect, asking):
            yield Item(text=_title(effect, asking), note=tongue("begun, and not recorded yet"))


def _waiting(tx: Tx, asking: Asking) -> Iterable[Item]:
    now, tongue = asking.house.clock.now(), asking.tongue
    for proposal in tx.proposals.pending():
        if not (proposal.open_at(now) and locators.may_see(tx, proposal, asking.person, now=now)):
            continue
        action = asking.house.known(proposal.call.action)
        title = rows.titled(action, tongue) if action else proposal.call.action
        subject = f"{title} · {proposal.preview.subject}" if proposal.preview.subject else title
        until = tongue("until {when}", when=tongue.day(proposal.expires, asking.zone))
        yield Item(text=subject, note=until, code=proposal.code, href="/pending")


def _wrong(tx: Tx, asking: Asking) -> Iterable[Item]:
    """What needs a hand. Of the house only what its approvers have to know."""
    house, tongue, person = asking.house, asking.tongue, asking.person
    for freeze in freezing.standing(tx, house=house):
        yield Item(text=reports.frozen(tx, freeze, tongue, asking.zone))
    for effect in tx.effects.in_state(EffectState.UNKNOWN):
        if isinstance(effect.deed, Run) and _theirs(effect, asking):
            said = tongue(
                "{what}: nobody knows whether it was done. Please look.", what=_title(effect, asking)
            )
            yield Item(text=said, code=short_code(effect.id))
    for over in spending.reached(tx, house=house):
        if person.may_approve or over.account.id in ("", person.id):
            yield Item(
                text=tongue("A limit is reached: {why}", why=spending.said(tx, over, tongue)), href="/budgets"
            )
    if person.may_approve:
        yield from _of_the_house(tx, asking)


def _of_the_house(tx: Tx, asking: Asking) -> Iterable[Item]:
    house, tongue = asking.house, asking.tongue
    if trouble := house.policy().trouble:
        said = tongue("The policy cannot be read, so everything asks: {why}", why=trouble)
        yield Item(text=said, href="/policy")
    for row in house.plugs.plugged():
        if row.condition is not Condition.WELL:
            yield Item(
                text=tongue("{name} does not work: {why}", name=row.label or row.name, why=row.why(tongue)),
                href="/connections",
            )
    if last := pulse.last(tx):
        seen = tongue("seen {when}", when=tongue.day(last.at, asking.zone))
        yield from (Item(text=f"{name}: {text}", note=seen) for name, text in sorted(last.wrong.items()))


def _coming(missions: Iterable[Mission], asking: Asking) -> Iterable[Item]:
    due = [
        (each.next_due, each) for each in missions if each.next_due is not None and each.phase is Phase.ACTIVE
    ]
    for at, mission in sorted(due, key=lambda pair: (pair[0], pair[1].number)):
        yield Item(
            text=mission.goal,
            note=asking.tongue.day(at, asking.zone),
            href=f"/missions?mission={mission.number}",
        )


def _done(tx: Tx, asking: Asking) -> Iterable[Item]:
    return (deed(entry, asking) for entry in surveying.deeds(tx, asking.person))


def deed(entry: Entry, asking: Asking) -> Item:
    """One deed of the ledger on one line."""
    return Item(
        text=surveying.said(entry), note=asking.tongue.day(entry.at, asking.zone), code=code_of(entry)
    )


def code_of(entry: Entry) -> str:
    """The code that people know what it is about by: that of its card, else that of the deed."""
    about = str(entry.body.get("proposal") or entry.body.get("effect") or "")
    return short_code(about) if about else ""


def _theirs(effect: Effect, asking: Asking) -> bool:
    return asking.person.may_approve or effect.person == asking.person.id


def _title(effect: Effect, asking: Asking) -> str:
    assert isinstance(effect.deed, Run)
    action = asking.house.known(effect.deed.call.action)
    return rows.titled(action, asking.tongue) if action else effect.deed.call.action


NOW = Room(
    name="now",
    title=lambda tongue: tongue("Now"),
    lead=lambda tongue: tongue("What runs, what waits, and what needs a hand."),
    look=look,
)
