"""The desk's roles: who owns and approves, and who does so in somebody's place. Nothing here runs without the
press that `authority` asks for.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot import authority
from bot.actions import Change, Preview, Receipt, Undo
from bot.desk.means import Means, somebody
from bot.errors import BadInput, NotAllowed
from bot.people import Deputy, Person, Role, called
from bot.policywords import role_words
from bot.speech import Tongue
from bot.store import Tx
from bot.values import Json
from bot.world import Context

LONGEST = timedelta(days=90)
"""Nobody's seat is filled by somebody else for longer without being asked again."""


def set_role(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    person = named(tx, arguments["person"], context.tongue)
    role = Role(arguments["role"])
    before = person.role
    authority.role_change(person, role, tx.people.all())
    if before is not role:
        tx.people.put(replace(person, role=role))
        body: Mapping[str, Json] = {
            "person": person.id,
            "before": before,
            "role": role,
            "asked_by": context.person.id if context.person else "",
            "turn": context.turn,
        }
        tx.ledger.append("role_changed", body, context.now)
    undo = Undo(action="vigie.set_role", arguments={"person": person.id, "role": before.value})
    text = context.tongue("{who} is {role} now.", who=person.name, role=role_words(role, context.tongue))
    return Receipt(id=person.id, text=text, undo=undo)


def delegate(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    absent, deputy, until = _seat(tx, arguments, context)
    current = tx.people.get(absent.id) or absent
    tx.people.put(replace(current, deputy=Deputy(person=deputy.id, until=until)))
    body: Mapping[str, Json] = {
        "person": absent.id,
        "deputy": deputy.id,
        "until": until.isoformat(),
        "turn": context.turn,
    }
    tx.ledger.append("delegated", body, context.now)
    text = context.tongue(
        "Until {until}, {who} may approve in your place. “undelegate” ends it.",
        until=context.tongue.moment(until, context.zone),
        who=deputy.name,
    )
    return Receipt(id=deputy.id, text=text, undo=Undo(action="vigie.undelegate", arguments={}))


def undelegate(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    person = tx.people.get(somebody(context).id) or somebody(context)
    if person.deputy is None:
        return Receipt(text=context.tongue("Nobody approves in your place."))
    tx.people.put(replace(person, deputy=None))
    body: Mapping[str, Json] = {
        "person": person.id,
        "deputy": person.deputy.person,
        "turn": context.turn,
    }
    tx.ledger.append("undelegated", body, context.now)
    return Receipt(text=context.tongue("You approve yourself again."))


def _preview_role(tx: Tx, arguments: Mapping[str, Json], context: Context) -> Preview:
    tongue = context.tongue
    person = named(tx, arguments["person"], tongue)
    role = Role(arguments["role"])
    authority.role_change(person, role, tx.people.all())
    change = Change(title="Role", before=role_words(person.role, tongue), after=role_words(role, tongue))
    return Preview(subject=full_name(person), changes=(change,), version=f"{person.id}:{person.role.value}")


def _preview_delegation(tx: Tx, arguments: Mapping[str, Json], context: Context) -> Preview:
    tongue = context.tongue
    absent, deputy, until = _seat(tx, arguments, context)
    now = absent.deputy
    known = tx.people.get(now.person) if now is not None and context.now < now.until else None
    change = Change(
        title="Approves in your place",
        before=known.name if known else None,
        after=tongue("{who}, until {until}", who=deputy.name, until=tongue.moment(until, context.zone)),
    )
    return Preview(
        subject=full_name(deputy),
        changes=(change,),
        version=f"{deputy.id}:{deputy.role.value}:{absent.role.value}:{until.isoformat()}",
        notes=("They approve what you may approve, with a press of their own, shown as in your place.",),
    )


Look = Callable[[Tx, Mapping[str, Json], Context], Preview]
PREVIEWS: Mapping[str, Look] = {"vigie.set_role": _preview_role, "vigie.delegate": _preview_delegation}


def _seat(tx: Tx, arguments: Mapping[str, Json], context: Context) -> tuple[Person, Person, datetime]:
    """Who is away, who stands in, and until when. Raises Refused."""
    absent = tx.people.get(somebody(context).id) or somebody(context)
    deputy = named(tx, arguments["person"], context.tongue)
    if not absent.may_approve:
        raise NotAllowed(context.tongue("only owners and approvers have something to delegate"))
    if deputy.id == absent.id or not deputy.may_act:
        raise BadInput(context.tongue("name another member of the team"), field="person")
    return absent, deputy, _until(arguments, context)


def _until(arguments: Mapping[str, Json], context: Context) -> datetime:
    """The end of that day on the delegator's wall clock, counted from the day they asked."""
    zone = ZoneInfo(context.zone)
    match arguments.get("until"), arguments.get("days"):
        case str(day), None:
            last = date.fromisoformat(day)
        case None, int(days) if days > 0:
            last = context.now.astimezone(zone).date() + timedelta(days=min(days, LONGEST.days + 1))
        case _:
            raise BadInput(context.tongue("say until which day, or for how many days"), field="until")
    until = datetime.combine(last, time(), zone) + timedelta(days=1)
    if not context.now < until <= context.now + LONGEST + timedelta(days=1):
        raise BadInput(
            context.tongue("at least until today and for {n} days at most", n=LONGEST.days), field="until"
        )
    return until


def named(tx: Tx, name: str, tongue: Tongue) -> Person:
    """The one person with this id, identity or name. Raises BadInput when there is none, or more than one."""
    found = called(name, tx.people.all())
    match found:
        case (person,):
            return person
        case ():
            raise BadInput(tongue("I know nobody called {name}", name=name), field="person")
        case _:
            ids = ", ".join(full_name(each) for each in found)
            raise BadInput(
                tongue("several people are called {name}; write the id: {ids}", name=name, ids=ids),
                field="person",
            )


def full_name(person: Person) -> str:
    """The name, and what tells two of the same name apart."""
    return f"{person.name} ({', '.join((person.id, *person.identities))})"
