"""Who may settle what, over all small teams: roles, seats, deputies and the count of humans."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import authority
from bot.authority import Approval, Demand
from bot.errors import NotAllowed, Stale
from bot.people import Deputy, Person, Role

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
NAMES = ("a", "b", "c", "d")


@st.composite
def teams(draw: st.DrawFn) -> tuple[Person, ...]:
    """Four persons of any roles, some with a deputy for an hour past or to come."""
    people = [Person(id=name, name=name, role=draw(st.sampled_from(Role))) for name in NAMES]
    for at, person in enumerate(people):
        if draw(st.booleans()):
            until = NOW + timedelta(hours=draw(st.sampled_from((-1, 0, 1))))
            people[at] = replace(person, deputy=Deputy(person=draw(st.sampled_from(NAMES)), until=until))
    return tuple(people)


demands = st.builds(
    Demand,
    approvers=st.lists(st.sampled_from(("owner", "approver", "member", "a", "b")), max_size=2).map(tuple),
    people=st.integers(1, 3),
    not_requester=st.booleans(),
)


def say_yes(
    demand: Demand, people: Sequence[Person], order: Sequence[int], requester: str
) -> tuple[tuple[Approval, ...], int]:
    """Everyone in this order presses; what was counted, and how many were refused."""
    given: tuple[Approval, ...] = ()
    refused = 0
    for at in order:
        try:
            seat = authority.seat(demand, people[at], requester=requester, people=people, now=NOW)
            given = authority.approved(given, people[at], seat=seat, now=NOW)
        except (NotAllowed, Stale):
            refused += 1
    return given, refused


@given(teams(), demands, st.lists(st.integers(0, 3), max_size=8), st.sampled_from(NAMES))
def test_no_human_and_no_seat_counts_twice_and_no_guest_counts_at_all(
    people: tuple[Person, ...], demand: Demand, order: list[int], requester: str
) -> None:
    """SAFETY 23 and SAFETY 24: one human once, through whatever accounts and seats."""
    given, _ = say_yes(demand, people, order, requester)
    by_id = {person.id: person for person in people}
    voices = [each.person for each in given] + [e.seat for e in given if e.seat != e.person]
    assert len(voices) == len(set(voices))
    for each in given:
        assert by_id[each.person].may_act
        assert by_id[each.seat].may_act
        if demand.others_only:
            assert requester not in (each.person, each.seat)
        if each.person != each.seat:
            deputy = by_id[each.seat].deputy
            assert deputy is not None
            assert deputy.person == each.person
            assert deputy.until > NOW


@given(teams(), demands, st.lists(st.integers(0, 3), max_size=8), st.sampled_from(NAMES))
def test_who_is_awaited_is_exactly_whose_press_would_count(
    people: tuple[Person, ...], demand: Demand, order: list[int], requester: str
) -> None:
    given, _ = say_yes(demand, people, order, requester)
    awaited = authority.awaited(demand, people, requester=requester, given=given, now=NOW)
    for person in people:
        try:
            seat = authority.seat(demand, person, requester=requester, people=people, now=NOW)
            authority.approved(given, person, seat=seat, now=NOW)
            counts = True
        except (NotAllowed, Stale):
            counts = False
        assert counts == (person in awaited)


@given(demands, demands)
def test_the_stricter_of_two_demands_is_no_easier_than_either(one: Demand, other: Demand) -> None:
    both = authority.stricter(one, other)
    for each in (one, other):
        assert both.people >= each.people
        assert both.not_requester >= each.not_requester
        assert both.step_up >= each.step_up


@given(demands)
def test_no_policy_lets_anybody_but_an_owner_change_roles(demand: Demand) -> None:
    binding = authority.demanded("vigie.set_role", demand, "a")
    for role in (Role.APPROVER, Role.MEMBER, Role.GUEST):
        person = Person(id="x", name="x", role=role)
        with pytest.raises(NotAllowed):
            authority.seat(binding, person, requester="a", people=(person,), now=NOW)


def test_a_space_never_loses_its_last_owner() -> None:
    owner = Person(id="a", name="a", role=Role.OWNER)
    other = Person(id="b", name="b", role=Role.OWNER)
    with pytest.raises(NotAllowed, match="last owner"):
        authority.role_change(owner, Role.MEMBER, [owner])
    authority.role_change(owner, Role.MEMBER, [owner, other])
    authority.role_change(owner, Role.OWNER, [owner])
