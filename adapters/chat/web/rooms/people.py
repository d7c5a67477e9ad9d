"""The room of the people: who is here, what each may do, and who stands in for whom. Accounts and the way to change a
role are an owner's; a guest sees themselves alone.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from adapters.chat.web import drawn
from adapters.chat.web.guard import Problem
from adapters.chat.web.rooms.room import Asking, Room, View
from bot.people import Identity, Person, Role
from bot.places import called
from bot.policywords import role_words
from bot.speech import Tongue
from bot.store import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """One person. `accounts` are where they are known, for owners."""

    id: str
    name: str
    role: Role
    words: str
    may: str
    deputy: str
    accounts: tuple[str, ...]
    you: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class People(View):
    """`roles` are those an owner may choose from; nothing for everybody else."""

    rows: tuple[PersonRow, ...] = ()
    roles: tuple[tuple[Role, str], ...] = ()


def look(tx: Tx, asking: Asking) -> People:
    viewer, owner = asking.person, asking.person.role is Role.OWNER
    everyone = tx.people.all()
    shown = everyone if viewer.may_act else [each for each in everyone if each.id == viewer.id]
    order = list(Role)
    rows = [_row(tx, each, asking) for each in shown]
    rows.sort(key=lambda row: (order.index(row.role), row.name.casefold(), row.id))
    return People(
        frame=drawn.frame(tx, asking.viewer, house=asking.house),
        rows=tuple(rows),
        roles=tuple((role, role_words(role, asking.tongue)) for role in Role) if owner else (),
    )


def _row(tx: Tx, person: Person, asking: Asking) -> PersonRow:
    tongue = asking.tongue
    deputy = tx.people.get(person.deputy.person) if person.deputy else None
    stands_in = person.deputy is not None and asking.house.clock.now() < person.deputy.until
    return PersonRow(
        id=person.id,
        name=person.name,
        role=person.role,
        words=role_words(person.role, tongue),
        may=may_words(person.role, tongue),
        deputy=tongue(
            "{name} approves in their place until {when}",
            name=deputy.name,
            when=tongue.day(person.deputy.until, asking.zone),
        )
        if deputy is not None and person.deputy is not None and stands_in
        else "",
        accounts=_accounts(person, tongue)
        if asking.person.role is Role.OWNER or person.id == asking.person.id
        else (),
        you=person.id == asking.person.id,
    )


def _accounts(person: Person, tongue: Tongue) -> tuple[str, ...]:
    found = (Identity.parse(key) for key in person.identities)
    return tuple(dict.fromkeys(called(each.platform, tongue) for each in found))


def may_words(role: Role, tongue: Tongue) -> str:
    """What a role may do, in a sentence."""
    match role:
        case Role.OWNER:
            return tongue("Sets the limits, approves, and alone lifts a freeze.")
        case Role.APPROVER:
            return tongue("Asks for things and approves what matters.")
        case Role.MEMBER:
            return tongue("Asks for things and starts missions; others approve what matters.")
        case Role.GUEST:
            return tongue("Talks, and uses nothing that is connected.")


def words(fields: Mapping[str, str]) -> str:
    """The words that ask for another role. Raises Problem for a form that is none of ours."""
    person, role = fields.get("person", ""), fields.get("role", "")
    if not re.fullmatch(r"[\w.:-]{1,100}", person, re.ASCII) or role not in set(Role):
        raise Problem("form", 400)
    return f"do vigie.set_role person={person} role={role}"


PEOPLE = Room(
    name="people",
    title=lambda tongue: tongue("People"),
    lead=lambda tongue: tongue("Who may ask, who may approve, who answers for it."),
    look=look,
    group=2,
)
