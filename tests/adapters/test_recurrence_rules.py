"""Recurrence rules as calendars export them, read on the wall clock of a zone."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

import pytest

from adapters.clock import rules
from adapters.clock.calendar import CronCalendar
from adapters.clock.rules import occurrences
from adapters.speech.languages import tongues
from bot.errors import BadInput
from bot.missions import Rule
from bot.triggers import following

CALENDAR = CronCalendar()
NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)


def kept(text: str, zone: str = "Europe/Paris") -> str:
    return CALENDAR.written(text, zone=zone, now=NOW)


def first(text: str, n: int = 3, zone: str = "Europe/Paris") -> list[str]:
    rule = kept(text, zone)
    return [f"{at:%Y-%m-%dT%H:%M}" for at in islice(CALENDAR.occurrences(rule, datetime(2026, 11, 21)), n)]  # noqa: DTZ001


def test_the_first_monday_of_each_month() -> None:
    text = "DTSTART;TZID=Europe/Paris:20260105T090000\nRRULE:FREQ=MONTHLY;BYDAY=1MO"
    assert first(text) == ["2026-12-07T09:00", "2027-01-04T09:00", "2027-02-01T09:00"]


def test_a_rule_without_a_beginning_begins_now() -> None:
    assert first("FREQ=DAILY;COUNT=2") == ["2026-11-21T15:30", "2026-11-22T15:30"]


def test_days_that_are_left_out_and_a_utc_end_are_read_in_the_zone() -> None:
    text = "DTSTART:20261121T090000\nRRULE:FREQ=DAILY;UNTIL=20261124T080000Z\nEXDATE:20261122T090000"
    assert first(text, 9) == ["2026-11-21T09:00", "2026-11-23T09:00", "2026-11-24T09:00"]


def test_a_rule_keeps_to_the_wall_clock_through_a_change() -> None:
    rule = Rule(id="r", text=kept("DTSTART:20260101T023000\nRRULE:FREQ=DAILY"), zone="Europe/Paris")
    skipped = following(rule, datetime(2027, 3, 27, 12, tzinfo=UTC), calendar=CALENDAR)
    assert skipped == datetime(2027, 3, 28, 1, tzinfo=UTC)


def test_an_old_rule_is_not_walked_from_its_beginning_and_keeps_its_rhythm() -> None:
    text = "DTSTART:19990101T000000\nRRULE:FREQ=MINUTELY;INTERVAL=7"
    assert first(text, 2) == ["2026-11-21T00:02", "2026-11-21T00:09"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "every day",
        "RRULE:FREQ=SECONDLY",
        "RRULE:FREQ=NEVER",
        "DTSTART:20260101T090000",
        "RRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY",
        "RRULE:FREQ=DAILY;UNTIL=20001332",
        "RRULE:FREQ=DAILY;UNTIL=2027",
        "RRULE:FREQ=DAILY;UNTIL=20200101",
        "RRULE:FREQ=DAILY;INTERVAL=0",
        "RRULE:FREQ=DAILY;COUNT=0",
        "RRULE:FREQ=YEARLY;BYEASTER=1",
        "DTSTART:20260101T090000\nRRULE:FREQ=DAILY;BYHOUR=99",
        "X" * 3000,
    ],
)
def test_what_is_no_rule_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(BadInput, match="cannot be read as a recurrence rule"):
        kept(text)


def test_a_rule_that_never_happens_is_not_walked_through_all_the_years(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It would keep everything else waiting for many seconds."""
    walked: list[str] = []

    def walk(rule: str, after: datetime) -> Iterator[datetime]:
        walked.append(rule)
        return occurrences(rule, after)

    monkeypatch.setattr(rules, "occurrences", walk)
    with pytest.raises(BadInput, match="it never happens"):
        kept("RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=5")
    assert [rule[:10] for rule in walked] == ["DTSTART:96"], "only the last centuries"
    assert first("RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO", 1) == ["2044-02-29T15:30"]


def test_why_it_is_refused_is_said_in_the_readers_language() -> None:
    with pytest.raises(BadInput) as refused:
        kept("RRULE:FREQ=SECONDLY")
    said = refused.value.said(tongues()("fr"))
    assert said.startswith(
        "«\u00a0RRULE:FREQ=SECONDLY\u00a0» ne se lit pas comme une règle de récurrence\u00a0: rien ne réveille"
    )
