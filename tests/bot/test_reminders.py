"""When a person is reminded: inside their hours, once for each beginning of them, at any offset."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot import reminders
from bot.people import Person, Role
from bot.rules import Hours
from tests.contracts.stores import proposal

ZONES = ("Europe/Paris", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "UTC")
moments = st.datetimes(
    min_value=datetime.fromisoformat("2026-01-01"),
    max_value=datetime.fromisoformat("2027-01-01"),
    timezones=st.just(UTC),
)


@given(moments, st.sampled_from(ZONES))
def test_never_at_night_nor_on_a_weekend(now: datetime, zone: str) -> None:
    person = Person(id="a", name="a", role=Role.OWNER, zone=zone)
    start = reminders.began(person, now)
    wall = now.astimezone(ZoneInfo(zone))
    inside = wall.weekday() < 5 and time(9) <= wall.time() < time(18)
    assert (start is not None) == inside
    if start is not None:
        assert start <= now < start + timedelta(hours=9)
        assert start.astimezone(ZoneInfo(zone)).time() == time(9)


@given(moments, st.sampled_from(ZONES), st.integers(1, 300))
def test_at_most_once_for_each_beginning_of_the_hours(first: datetime, zone: str, minutes: int) -> None:
    person = Person(id="a", name="a", role=Role.OWNER, zone=zone)
    waits = proposal("p", expires=datetime(2030, 1, 1, tzinfo=UTC))
    waits = replace(waits, created=first - timedelta(days=9))
    last: datetime | None = None
    days: list[object] = []
    now = first
    for _ in range(40):
        if reminders.due(person, (waits,), (person,), now=now, last=last):
            last = now
            days.append(now.astimezone(ZoneInfo(zone)).date())
        now += timedelta(minutes=minutes)
    assert len(days) == len(set(days))


@given(moments)
def test_quiet_hours_win(now: datetime) -> None:
    person = Person(id="a", name="a", role=Role.OWNER, zone="Europe/Paris")
    assert reminders.began(person, now, quiet=Hours()) is None
