"""When a mission wakes, as a person would say it."""

from datetime import UTC, datetime

import pytest

from adapters.speech.languages import tongues
from bot.missions import Cron, Every, Once, OnSignal, Rule
from bot.schedules import in_words

ENGLISH = tongues()("en")


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("0 9 * * *", "every day at 09:00 (Europe/Paris)"),
        ("30 18 * * 1-5", "every weekday at 18:30 (Europe/Paris)"),
        ("5 7 * * 0", "every Sunday at 07:05 (Europe/Paris)"),
        ("5 7 * * 7", "every Sunday at 07:05 (Europe/Paris)"),
        ("5 7 * * 1", "every Monday at 07:05 (Europe/Paris)"),
        ("0 9 15 * *", "on day 15 of each month at 09:00 (Europe/Paris)"),
        ("0 9 L * *", "on the last day of each month at 09:00 (Europe/Paris)"),
        ("30 8 * * 1#1", "on the first Monday of each month at 08:30 (Europe/Paris)"),
        ("0 18 * * 5L", "on the last Friday of each month at 18:00 (Europe/Paris)"),
        ("30 17 * * 4,1", "each Monday and Thursday at 17:30 (Europe/Paris)"),
        ("0 10 * * 0,6", "each Saturday and Sunday at 10:00 (Europe/Paris)"),
        ("0 9,12,17 * * *", "every day at 09:00, 12:00 and 17:00 (Europe/Paris)"),
        ("0 9 1 1 *", "each year on day 1 of January, at 09:00 (Europe/Paris)"),
        ("0 9 1 1,4 *", "each year on day 1 of January and April, at 09:00 (Europe/Paris)"),
        ("0 8 1,15 * *", "on day 1 and 15 of each month at 08:00 (Europe/Paris)"),
        ("0 8,9 31 * *", "on day 31 of each month that has one, at 08:00 and 09:00 (Europe/Paris)"),
        ("*/5 * * * *", "by the calendar: */5 * * * * (Europe/Paris)"),
    ],
)
def test_a_calendar_expression_in_words(expression: str, words: str) -> None:
    assert in_words(Cron(id="t", expression=expression, zone="Europe/Paris"), ENGLISH) == words


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;BYHOUR=10;BYMINUTE=0",
            "every 2 weeks on Friday at 10:00 (Europe/Paris), from Fri 27 Nov 2026",
        ),
        (
            "FREQ=DAILY;INTERVAL=3;BYHOUR=9,17;BYMINUTE=30",
            "every 3 days at 09:30 and 17:30 (Europe/Paris), from Fri 27 Nov 2026",
        ),
        (
            "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=1;BYHOUR=9;BYMINUTE=0",
            "every 2 months on day 1 at 09:00 (Europe/Paris), from Fri 27 Nov 2026",
        ),
        (
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;BYHOUR=9;BYMINUTE=0",
            "on the last working day of each month at 09:00 (Europe/Paris)",
        ),
        ("FREQ=MONTHLY;BYDAY=1MO", "by the rule FREQ=MONTHLY;BYDAY=1MO (Europe/Paris)"),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;BYHOUR=10;BYMINUTE=0;COUNT=3",
            "by the rule FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;BYHOUR=10;BYMINUTE=0;COUNT=3 (Europe/Paris)",
        ),
    ],
)
def test_a_recurrence_rule_in_words(rule: str, words: str) -> None:
    kept = Rule(id="t", text=f"DTSTART:20261127T000000\nRRULE:{rule}", zone="Europe/Paris")
    assert in_words(kept, ENGLISH) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (86_400, "every day"),
        (172_800, "every 2 days"),
        (3_600, "every hour"),
        (600, "every 10 minutes"),
        (90, "every 90 seconds"),
    ],
)
def test_an_interval_in_words(seconds: int, words: str) -> None:
    assert in_words(Every(id="t", seconds=seconds, start=datetime(2026, 1, 1, tzinfo=UTC)), ENGLISH) == words


def test_a_moment_and_a_signal_in_words() -> None:
    once = in_words(Once(id="t", at=datetime(2026, 1, 1, 8, tzinfo=UTC), zone="Europe/Paris"), ENGLISH)
    assert once.startswith("once, ")
    assert "09:00" in once
    assert in_words(OnSignal(id="t", name="alert"), ENGLISH) == "when alert arrives"
