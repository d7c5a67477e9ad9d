"""Sentences that make missions, and missions that run from their declared steps."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.clock.calendar import CronCalendar
from adapters.minds.builtin import sentences, steps
from adapters.minds.builtin.mind import BuiltinMind
from adapters.minds.builtin.text import tokens
from bot import templates
from bot.errors import BadInput
from bot.events import Signal
from bot.journal import Answer, Outcome, Thought
from bot.missions import Mission, Step
from bot.values import Json
from tests.adapters.briefings import ACTIONS, ENGLISH, FRENCH, NOW, briefing, mission, unheard

PARIS = {"zone": "Europe/Paris"}


async def hear(text: str) -> Thought:
    return await BuiltinMind().think(briefing(text), state="", answers=(), stream=unheard)


def when(text: str, *, now: datetime = NOW, zone: str = "Europe/Paris") -> Mapping[str, Json] | None:
    found = sentences.read(text, tokens(text), now=now, zone=zone, tongue=ENGLISH)
    return found.when if found else None


@pytest.mark.parametrize(
    ("text", "cron"),
    [
        ("every weekday at 9:00, x", "0 9 * * 1-5"),
        ("every day at 9, x", "0 9 * * *"),
        ("every monday and thursday at 17h30, x", "30 17 * * 1,4"),
        ("every monday, wednesday and sunday at 9, x", "0 9 * * 0,1,3"),
        ("every weekend at 10am, x", "0 10 * * 0,6"),
        ("every day at 9 and 17, x", "0 9,17 * * *"),
        ("every day at 9, 12:15 and 17:15, x", "0 9 * * *; 15 12,17 * * *"),
        ("every evening, x", "0 18 * * *"),
        ("each day at noon, x", "0 12 * * *"),
        ("every day at 12am, x", "0 0 * * *"),
        ("every day at 5 pm, x", "0 17 * * *"),
        ("on mondays at 9, x", "0 9 * * 1"),
        ("monday to friday at 8:15, x", "15 8 * * 1-5"),
        ("on the 1st of each month at 8, x", "0 8 1 * *"),
        ("every month on the 15th at 8, x", "0 8 15 * *"),
        ("every 15th of the month at 8, x", "0 8 15 * *"),
        ("every first monday of the month at 8, x", "0 8 * * 1#1"),
        ("on the last friday of each month at 17:30, x", "30 17 * * 5L"),
        ("on the 3rd sunday of every month, x", "0 9 * * 0#3"),
        ("on the last day of the month at 18:00, x", "0 18 L * *"),
        ("every week on tuesday at 10, x", "0 10 * * 2"),
        ("at 9 every day, x", "0 9 * * *"),
        ("every day at 9 do demo.orders", "0 9 * * *"),
        ("chaque jour ouvré à 9h, x", "0 9 * * 1-5"),
        ("Tous les jours à 9h30 arroser", "30 9 * * *"),
        ("tous les lundis à 17h, x", "0 17 * * 1"),
        ("du lundi au vendredi à 8 h 15, x", "15 8 * * 1-5"),
        ("le lundi à 9h, x", "0 9 * * 1"),
        ("le 1er de chaque mois à 8h, x", "0 8 1 * *"),
        ("le premier lundi du mois à 8h, x", "0 8 * * 1#1"),
        ("tous les derniers vendredis du mois à 17h30, x", "30 17 * * 5L"),
        ("chaque deuxième mardi de chaque mois, x", "0 9 * * 2#2"),
        ("le dernier jour de chaque mois à 18h, x", "0 18 L * *"),
        ("tous les 15 du mois à 8h, x", "0 8 15 * *"),
        ("chaque matin, x", "0 9 * * *"),
        ("tous les jours à 8 heures du soir, x", "0 20 * * *"),
        ("every night at 11, x", "0 23 * * *"),
        ("every night at 2, x", "0 2 * * *"),
        ("tous les soirs à 8h, x", "0 20 * * *"),
        ("every afternoon at 3, x", "0 15 * * *"),
        ("every day at half past 8, x", "30 8 * * *"),
        ("every day at quarter to nine, x", "45 8 * * *"),
        ("tous les jours à neuf heures et demie, x", "30 9 * * *"),
        ("tous les jours à 9h moins le quart, x", "45 8 * * *"),
        ("tous les jours à midi et demi, x", "30 12 * * *"),
        ("every day at 0900, x", "0 9 * * *"),
        ("noon every day, x", "0 12 * * *"),
        ("daily at 9, x", "0 9 * * *"),
        ("weekdays at 9, x", "0 9 * * 1-5"),
        ("mondays and thursdays at 9, x", "0 9 * * 1,4"),
        ("les jours ouvrés à 9h, x", "0 9 * * 1-5"),
        ("en semaine à 9h, x", "0 9 * * 1-5"),
        ("le week-end à 10h, x", "0 10 * * 0,6"),
        ("every day except sunday at 9, x", "0 9 * * 1,2,3,4,5,6"),
        ("every weekday at 9 except friday, x", "0 9 * * 1,2,3,4"),
        ("tous les jours sauf le week-end à 9h, x", "0 9 * * 1-5"),
        ("every hour from 9 to 17 on weekdays, x", "0 9,10,11,12,13,14,15,16,17 * * 1-5"),
        ("toutes les 2 heures entre 9h30 et 17h, x", "30 9,11,13,15 * * *"),
        ("tous les premiers lundis à 9h, x", "0 9 * * 1#1"),
        ("every end of month at 17:00, x", "0 17 L * *"),
        ("à la fin de chaque mois, x", "0 9 L * *"),
        ("le 1er et le 15 de chaque mois à 8h, x", "0 8 1,15 * *"),
        ("every quarter, x", "0 9 1 1,4,7,10 *"),
        ("every year on 1 January at 9, x", "0 9 1 1 *"),
        ("tous les 24 décembre à 18h, x", "0 18 24 12 *"),
    ],
)
def test_what_comes_back_becomes_cron_fields_in_the_zone_of_the_person(text: str, cron: str) -> None:
    assert when(text) == {"cron": cron, **PARIS}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("every 15 minutes, x", 900),
        ("every hour, x", 3600),
        ("every two hours, x", 7200),
        ("every half hour, x", 1800),
        ("hourly, x", 3600),
        ("toutes les demi-heures, x", 1800),
        ("every 2 days, x", 172_800),
        ("toutes les 15 minutes x", 900),
        ("toutes les heures, x", 3600),
    ],
)
def test_an_interval_becomes_seconds(text: str, seconds: int) -> None:
    assert when(text) == {"every_seconds": seconds, **PARIS}


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("in 10 minutes, x", "2026-11-21T15:40:00+01:00"),
        ("in 10 minutes call Bob", "2026-11-21T15:40:00+01:00"),
        ("in 2 hours and 30 minutes, x", "2026-11-21T18:00:00+01:00"),
        ("in half an hour, x", "2026-11-21T16:00:00+01:00"),
        ("in 3 days at 9, x", "2026-11-24T09:00:00+01:00"),
        ("tomorrow at 9, x", "2026-11-22T09:00:00+01:00"),
        ("tomorrow evening, x", "2026-11-22T18:00:00+01:00"),
        ("at 9, x", "2026-11-22T09:00:00+01:00"),
        ("at 17:00, x", "2026-11-21T17:00:00+01:00"),
        ("friday at 9, x", "2026-11-27T09:00:00+01:00"),
        ("saturday at 9, x", "2026-11-28T09:00:00+01:00"),
        ("saturday at 16:00, x", "2026-11-21T16:00:00+01:00"),
        ("next saturday at 16:00, x", "2026-11-28T16:00:00+01:00"),
        ("on 3 March at 14:00, x", "2027-03-03T14:00:00+01:00"),
        ("on March 3rd, 2028 at 9am, x", "2028-03-03T09:00:00+01:00"),
        ("on 21 november at 16:00, x", "2026-11-21T16:00:00+01:00"),
        ("2026-12-24 at 10, x", "2026-12-24T10:00:00+01:00"),
        ("2027-01-02T09:00+02:00, x", "2027-01-02T09:00:00+02:00"),
        ("24/12/2026 at 10, x", "2026-12-24T10:00:00+01:00"),
        ("remind me tomorrow at 9 to call Bob", "2026-11-22T09:00:00+01:00"),
        ("remind me to call Bob tomorrow at 9", "2026-11-22T09:00:00+01:00"),
        ("dans 10 minutes, x", "2026-11-21T15:40:00+01:00"),
        ("demain à 9h, x", "2026-11-22T09:00:00+01:00"),
        ("après-demain à 8h, x", "2026-11-23T08:00:00+01:00"),
        ("lundi prochain à 8h, x", "2026-11-23T08:00:00+01:00"),
        ("le lundi 3 mai 2027 à 9h30, x", "2027-05-03T09:30:00+02:00"),
        ("le 1er août à midi, x", "2027-08-01T12:00:00+02:00"),
        ("ce soir, x", "2026-11-21T18:00:00+01:00"),
        ("ce soir à 8h, x", "2026-11-21T20:00:00+01:00"),
        ("tonight at 11, x", "2026-11-21T23:00:00+01:00"),
        ("tomorrow afternoon at 3, x", "2026-11-22T15:00:00+01:00"),
        ("monday at half past nine, x", "2026-11-23T09:30:00+01:00"),
        ("samedi matin, x", "2026-11-28T09:00:00+01:00"),
        ("lundi en huit à 9h, x", "2026-11-30T09:00:00+01:00"),
        ("le 5 du mois prochain à 9h, x", "2026-12-05T09:00:00+01:00"),
        ("on the 5th of next month at 9, x", "2026-12-05T09:00:00+01:00"),
        ("in an hour and a half, x", "2026-11-21T17:00:00+01:00"),
        ("dans une heure et demie, x", "2026-11-21T17:00:00+01:00"),
        ("dans trois quarts d'heure, x", "2026-11-21T16:15:00+01:00"),
        ("dans quinze jours à 9h, x", "2026-12-05T09:00:00+01:00"),
        ("d'ici 10 minutes, x", "2026-11-21T15:40:00+01:00"),
        ("9am tomorrow, x", "2026-11-22T09:00:00+01:00"),
        ("in 5 minutes remind me to x", "2026-11-21T15:35:00+01:00"),
    ],
)
def test_one_moment_is_read_in_the_zone_of_the_person(text: str, at: str) -> None:
    assert when(text) == {"at": at, **PARIS}


FORTNIGHT = "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;BYHOUR=10;BYMINUTE=0"


@pytest.mark.parametrize(
    ("text", "begin", "rule"),
    [
        ("every other friday at 10, x", "20261127", FORTNIGHT),
        ("every two weeks on friday at 10, x", "20261127", FORTNIGHT),
        ("un vendredi sur deux à 10h, x", "20261127", FORTNIGHT),
        ("tous les deux vendredis à 10h, x", "20261127", FORTNIGHT),
        ("every 3 days at 9, x", "20261122", "FREQ=DAILY;INTERVAL=3;BYHOUR=9;BYMINUTE=0"),
        (
            "every other day at 16 and 17, x",
            "20261121",
            "FREQ=DAILY;INTERVAL=2;BYHOUR=16,17;BYMINUTE=0",
        ),
        (
            "every 2 months on the 1st at 8, x",
            "20261201",
            "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=1;BYHOUR=8;BYMINUTE=0",
        ),
        (
            "tous les quinze jours à 9h, x",
            "20261123",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;BYHOUR=9;BYMINUTE=0",
        ),
        (
            "le dernier jour ouvré du mois à 9h, x",
            "20261123",
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;BYHOUR=9;BYMINUTE=0",
        ),
    ],
)
def test_what_cron_cannot_say_becomes_a_rule_that_counts_from_its_first_day(
    text: str, begin: str, rule: str
) -> None:
    found = when(text)
    assert found is not None
    assert found == {"rule": f"DTSTART:{begin}T000000\nRRULE:{rule}", **PARIS}
    assert CronCalendar().written(str(found["rule"]), zone="Europe/Paris", now=NOW) == found["rule"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("every weekday at 9 Tokyo time, x", {"cron": "0 9 * * 1-5", "zone": "Asia/Tokyo"}),
        ("every weekday at 9 America/New_York, x", {"cron": "0 9 * * 1-5", "zone": "America/New_York"}),
        ("tous les jours à 9h heure de Montréal, x", {"cron": "0 9 * * *", "zone": "America/Montreal"}),
        ("tomorrow at 9 New York time, x", {"at": "2026-11-22T09:00:00-05:00", "zone": "America/New_York"}),
        ("today at 14 New York time, x", {"at": "2026-11-21T14:00:00-05:00", "zone": "America/New_York"}),
        ("tomorrow at 9 UTC, x", {"at": "2026-11-22T09:00:00+00:00", "zone": "UTC"}),
        (
            "remind me tomorrow at 9 Tokyo time to x",
            {"at": "2026-11-22T09:00:00+09:00", "zone": "Asia/Tokyo"},
        ),
        ("every monday at 9 until 24 December, x", {"cron": "0 9 * * 1", "until": "2026-12-24", **PARIS}),
        (
            "tous les lundis à 9h jusqu'au 24 décembre, x",
            {"cron": "0 9 * * 1", "until": "2026-12-24", **PARIS},
        ),
        ("every monday at 9 for 3 weeks, x", {"cron": "0 9 * * 1", "until": "2026-12-11", **PARIS}),
        (
            "every monday at 9 Tokyo time until 24 December, x",
            {"cron": "0 9 * * 1", "zone": "Asia/Tokyo", "until": "2026-12-24"},
        ),
    ],
)
def test_a_zone_and_an_end_that_are_named_behind_the_time_count(text: str, found: dict[str, Json]) -> None:
    assert when(text) == found


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("check late orders every weekday at 9", "check late orders"),
        ("could you check late orders every weekday at 9?", "check late orders"),
        ("please every weekday at 9 check late orders", "check late orders"),
        (
            "peux-tu vérifier les commandes en retard chaque jour ouvré à 9h ?",
            "vérifier les commandes en retard",
        ),
        ("every weekday at 9 remind me to call Bob", "call Bob"),
    ],
)
def test_an_order_may_stand_before_its_time_and_be_polite(text: str, what: str) -> None:
    found = sentences.read(text, tokens(text), now=NOW, zone="Europe/Paris", tongue=ENGLISH)
    assert found is not None
    assert (found.what, found.when) == (what, {"cron": "0 9 * * 1-5", **PARIS})


@pytest.mark.parametrize(
    "text",
    [
        "every monday at 9 check EST reports",
        "demain à 9h, entre les chiffres",
        "tomorrow at 9, time to go",
    ],
)
def test_what_is_to_be_done_is_not_taken_for_a_time(text: str) -> None:
    found = sentences.read(text, tokens(text), now=NOW, zone="Europe/Paris", tongue=ENGLISH)
    assert found is not None
    assert found.what in ("check EST reports", "entre les chiffres", "time to go")


@pytest.mark.parametrize(
    "text",
    [
        "9:30 call with Bob is cancelled",
        "I was on call every friday at 9",
        "10h30 réunion annulée",
    ],
)
def test_remarks_about_times_make_no_mission(text: str) -> None:
    assert when(text) is None


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("when someone mentions invoice 42, tell me", {"phrase": "invoice 42"}),
        (
            "whenever anybody says “late order” at most once an hour, x",
            {"phrase": "late order", "cooldown_seconds": 3600},
        ),
        ("when people talk about the lamp 3 times, x", {"phrase": "lamp", "runs": 3}),
        ("when invoice 42 is mentioned, x", {"phrase": "invoice 42"}),
        ("quand quelqu'un mentionne la facture 42, préviens-moi", {"phrase": "facture 42"}),
        ("quand on parle du devis jusqu'au 2026-12-24, x", {"phrase": "devis", "until": "2026-12-24"}),
        (
            "dès que quelqu’un dit « bon de commande » au plus une fois par heure, x",
            {"phrase": "bon de commande", "cooldown_seconds": 3600},
        ),
    ],
)
def test_a_phrase_is_named_with_its_rest_its_count_and_its_end(text: str, phrase: dict[str, Json]) -> None:
    assert when(text) == {**phrase, **PARIS}


BOB = {"mail_from": "bob@example.com"}


@pytest.mark.parametrize(
    ("text", "mail"),
    [
        ("when an e-mail from bob@example.com arrives, x", BOB),
        ("when an email arrives from bob@example.com, x", BOB),
        ("when I get a mail from bob@example.com, x", BOB),
        ("whenever a new e-mail comes in from @example.com, x", {"mail_from": "@example.com"}),
        (
            "when an e-mail from bob@example.com arrives with subject invoice, x",
            {**BOB, "mail_subject": "invoice"},
        ),
        (
            "when an e-mail with the subject “invoice 42” from bob@example.com arrives, x",
            {**BOB, "mail_subject": "invoice 42"},
        ),
        (
            "when mail from Bob Martin about late orders arrives, x",
            {"mail_from": "Bob Martin", "mail_subject": "late orders"},
        ),
        ("when an e-mail arrives in ops@example.com, x", {"mailbox": "ops@example.com"}),
        ("when mail arrives, x", {"mailbox": "*"}),
        ("quand un e-mail de bob@example.com arrive, x", BOB),
        (
            "quand je reçois un mail de bob@example.com avec l’objet facture 42, x",
            {**BOB, "mail_subject": "facture 42"},
        ),
        (
            "dès qu’un courriel de bob@example.com arrive avec pour objet facture, x",
            {**BOB, "mail_subject": "facture"},
        ),
        ("lorsqu'un e-mail dont l'objet contient facture arrive, x", {"mail_subject": "facture"}),
        ("quand un e-mail arrive dans ops@example.com, x", {"mailbox": "ops@example.com"}),
    ],
)
def test_a_mail_is_named_by_who_sends_it_what_about_and_where(text: str, mail: dict[str, Json]) -> None:
    assert when(text) == {**mail, **PARIS}


@pytest.mark.parametrize(
    "name", ["mail_down", "mail server down", "mail queue above 100", "the email is wrong about us"]
)
def test_words_that_only_begin_like_a_mail_name_another_signal(name: str) -> None:
    assert when(f"when {name}, x") == {"signal": name, **PARIS}


@pytest.mark.parametrize(
    ("text", "signal"),
    [
        ("when stock_low, do demo.orders", "stock_low"),
        ("when the signal “late order” arrives: x", "late order"),
        ("quand Stock faible arrive, x", "Stock faible"),
        ("dès que stock_low, x", "stock_low"),
    ],
)
def test_a_signal_is_named_up_to_the_first_comma(text: str, signal: str) -> None:
    assert when(text) == {"signal": signal, **PARIS}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("every 0 minutes, x", "at least 1"),
        ("tomorrow at 25:00, x", "25:00 is not a time of day"),
        ("every day at 9:75, x", "9:75 is not a time of day"),
        ("on 3 March 2020 at 9, x", "already passed"),
        ("yesterday at 9, x", "already passed"),
        ("today at 9, x", "already passed"),
        ("on 31 february at 9, x", "is not a date"),
        ("2026-02-30 at 9, x", "is not a date"),
        ("9999-12-31 at 9, x", "is not a date"),
        ("03/04/2027 at 9, x", "can mean two days"),
        ("in 0 minutes, x", "at least 1 minute"),
        ("in 999999999 weeks, x", "ten years"),
        ("every 99999999 hours, x", "at most a year"),
        ("every 2 hours at 9, x", "no time of day"),
        ("every second friday at 9, x", "two things"),
        ("at the end of the month, x", "once or each month"),
        ("every weekday at 9 EST, x", "several time zones"),
        ("every weekday at 9 except weekdays, x", "no day"),
        ("tomorrow at 9 Gotham time, x", "“Gotham time” I do not understand"),
        ("tomorrow at 9 and 17, x", "“and 17” I do not understand"),
        ("every 5 minutes between 9 and 17, x", "“between 9 and 17” I do not understand"),
        ("every monday at 9 starting 7 december, x", "“starting 7 december” I do not understand"),
        ("every monday at 9, except the holidays, x", "“except the holidays” I do not understand"),
        ("every monday at 9 until christmas, x", "“until christmas” I do not understand"),
        ("tous les lundis à 9h à partir du 7 décembre, x", "“à partir du 7 décembre” I do not understand"),
        ("every day at 9 and every friday at 17, x", "“and every friday at 17” I do not understand"),
        ("rappelle-moi demain à 9h heure de Gotham, x", "“heure de Gotham” I do not"),
        ("every blue moon, x", "cannot read when"),
        ("twice a day, x", "cannot read when"),
        ("le mois prochain, x", "cannot read when"),
        ("on the 32nd of each month at 8, x", "no month"),
        ("every 2 months, x", "months"),
        ("every hour", "and then?"),
    ],
)
async def test_nonsense_is_refused_in_a_sentence_that_quotes_it(text: str, why: str) -> None:
    thought = await hear(text)
    assert not thought.asks
    assert text in thought.text
    assert why in thought.text


def test_a_wall_time_that_the_clocks_skip_is_the_moment_they_jump_over_to() -> None:
    before = datetime(2027, 3, 27, 12, tzinfo=UTC)
    assert when("tomorrow at 2:30, x", now=before) == {"at": "2027-03-28T03:30:00+02:00", **PARIS}


@given(
    text=st.lists(
        st.sampled_from(
            "every other in on at le tous les jours sauf until between heure de paris time half past day 3 31 99 9h 25:00 march mars monday lundi , : minutes and et 2026-12-24 "
            "tomorrow demain next of each month 1st du a x when quand remind me noon 12/12/2027 weeks".split()
        ),
        max_size=9,
    ).map(" ".join),
    now=st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    zone=st.sampled_from(["Europe/Paris", "America/New_York", "Pacific/Kiritimati", "UTC"]),
)
def test_any_sentence_is_a_mission_ahead_a_refusal_or_none(text: str, now: datetime, zone: str) -> None:
    try:
        found = sentences.read(text, tokens(text), now=now, zone=zone, tongue=ENGLISH)
    except BadInput:
        return
    if found is None:
        return
    arguments = ACTIONS["vigie.create_mission"].read({"goal": found.what, **found.when})
    if "at" in arguments:
        assert datetime.fromisoformat(arguments["at"]) > now
    elif "every_seconds" in arguments:
        assert arguments["every_seconds"] > 0
    assert (
        sum(
            kind in arguments
            for kind in ("at", "cron", "every_seconds", "rule", "signal", "mailbox", "phrase")
        )
        == 1
    )


@given(day=st.dates(NOW.date() + timedelta(days=1), NOW.date() + timedelta(days=3000)), french=st.booleans())
def test_any_date_with_the_name_of_its_month_is_read_as_written(day: date, french: bool) -> None:
    tongue = FRENCH if french else ENGLISH
    written = tongue.day(datetime(day.year, day.month, day.day, 9, 30, tzinfo=UTC), "UTC")
    named = written.split(",")[0] if french else written.split(",")[0].split(" ", 1)[1]
    if french:
        named = named.split(" ", 1)[1].replace(".", "")
    found = when(f"{named} at 9:30, x", zone="UTC")
    assert found == {"at": f"{day.isoformat()}T09:30:00+00:00", "zone": "UTC"}


async def test_a_deed_behind_the_comma_becomes_a_step() -> None:
    (ask,) = (await hear('every weekday at 9:00, do demo.refund order=7 amount="5 EUR"')).asks
    assert ask.action == "vigie.create_mission"
    assert ask.arguments == {
        "goal": 'do demo.refund order=7 amount="5 EUR"',
        "cron": "0 9 * * 1-5",
        **PARIS,
        "steps": [{"action": "demo.refund", "arguments": {"order": "7", "amount": "5 EUR"}}],
    }


async def test_a_word_that_reads_becomes_a_step_and_one_that_changes_does_not() -> None:
    (reads,) = (await hear("every day at 9, status")).asks
    assert reads.arguments["steps"] == [{"action": "vigie.status", "arguments": {}}]
    (changes,) = (await hear("every day at 9, freeze")).asks
    assert changes.arguments["steps"] == [{"text": "freeze"}]


async def test_a_deed_that_cannot_be_read_makes_no_mission() -> None:
    thought = await hear("every day at 9, do demo.refnd order=7")
    assert not thought.asks
    assert "demo.refund" in thought.text


async def test_other_words_become_a_reminder_and_the_reply_says_so() -> None:
    first = await hear("in 10 minutes, call Bob")
    assert first.asks[0].arguments["steps"] == [{"text": "call Bob"}]
    done = Answer(ask="a1", outcome=Outcome.DONE, text="Mission 4 is on watch.")
    told = await BuiltinMind().think(briefing(), state=first.state, answers=(done,), stream=unheard)
    assert told.text.splitlines() == [
        "Mission 4 is on watch.",
        "Without a language model I post these words as a reminder when the time comes.",
    ]
    refused = Answer(ask="a1", outcome=Outcome.REFUSED, text="too many missions")
    told = await BuiltinMind().think(briefing(), state=first.state, answers=(refused,), stream=unheard)
    assert told.text == "Not done: too many missions"


LATE_ORDERS = (
    Step(action="demo.orders", arguments={"state": "late"}, save="orders"),
    Step(
        action="demo.refund",
        each="orders",
        arguments={"order": "{item.id}", "amount": "{item.total}", "note": "order {item.id}"},
        text="Order {item.id} is {item.days} days late, it cost {item.total}.",
    ),
)
ORDERS: Json = [
    {"id": "1007", "days": 6, "total": {"minor": 4990, "currency": "EUR"}},
    {"id": "1008", "days": 2, "total": {"minor": 100, "currency": "EUR"}},
]


async def run(watch: Mission, *answered: tuple[Answer, ...], late: bool = False) -> list[Thought]:
    """Thinks to the end, each time with a mind that remembers nothing but the state."""
    thoughts: list[Thought] = []
    state, answers, left = "", (), list(answered)
    while True:
        brief = briefing(mission=watch, due=NOW - timedelta(hours=3), late=late)
        thoughts.append(await BuiltinMind().think(brief, state=state, answers=answers, stream=unheard))
        if not thoughts[-1].asks:
            return thoughts
        state, answers = thoughts[-1].state, left.pop(0)
        json.loads(state)


def done(ask: str, data: Json = None, text: str = "", *, shown: bool = False) -> Answer:
    return Answer(ask=ask, outcome=Outcome.DONE, text=text, data=data, shown=shown)


async def test_one_ask_for_each_found_item_comes_in_one_thought() -> None:
    thoughts = await run(
        mission(*LATE_ORDERS),
        (done("step1.1", ORDERS, "2 late orders"),),
        (done("step2.1", text="Refunded.", shown=True), done("step2.2", text="Refunded.", shown=True)),
    )
    assert [ask.action for ask in thoughts[0].asks] == ["demo.orders"]
    first, second = thoughts[1].asks
    assert first.arguments == {
        "order": "1007",
        "amount": {"minor": 4990, "currency": "EUR"},
        "note": "order 1007",
    }
    assert first.reason == "Order 1007 is 6 days late, it cost €49.90."
    assert second.id != first.id
    assert thoughts[2].text == ""


async def test_a_mission_that_finds_nothing_is_silent() -> None:
    thoughts = await run(mission(*LATE_ORDERS), (done("step1.1", []),))
    assert [thought.text for thought in thoughts] == ["", ""]
    found_nothing = await run(
        mission(Step(action="demo.orders")), (done("step1.1", [], "no orders"),), late=True
    )
    assert found_nothing[-1].text == ""


async def test_what_a_read_found_is_reported() -> None:
    thoughts = await run(mission(Step(action="demo.orders")), (done("step1.1", ORDERS, "2 orders"),))
    assert thoughts[-1].text == "2 orders"


@pytest.mark.parametrize("outcome", [o for o in Outcome if o is not Outcome.DONE])
async def test_what_was_not_done_becomes_a_plain_line_and_is_never_called_done(outcome: Outcome) -> None:
    failed = Answer(ask="step1.1", outcome=outcome, text="the shop is closed")
    thoughts = await run(mission(*LATE_ORDERS), (failed,))
    assert "the shop is closed" in thoughts[-1].text
    assert "Done" not in thoughts[-1].text


async def test_a_late_wake_says_so_once_beside_its_cards() -> None:
    thoughts = await run(
        mission(*LATE_ORDERS, Step(text="That was all.")),
        (done("step1.1", ORDERS),),
        (done("step2.1", shown=True), done("step2.2", shown=True)),
        late=True,
    )
    assert "12:30" in thoughts[1].text
    assert [("late" in thought.text) for thought in thoughts] == [False, True, False]
    assert thoughts[-1].text == "That was all."
    only_words = await run(mission(Step(text="Hello.")), late=True)
    assert only_words[-1].text.splitlines()[1] == "Hello."


async def test_many_items_are_asked_for_in_parts_and_all_of_them() -> None:
    many: Json = [{"id": str(i), "days": 1, "total": {"minor": 1, "currency": "EUR"}} for i in range(60)]
    rounds = [
        tuple(done(f"step2.{i + 1}", shown=True) for i in range(start, min(60, start + steps.AT_ONCE)))
        for start in range(0, 60, steps.AT_ONCE)
    ]
    thoughts = await run(mission(*LATE_ORDERS), (done("step1.1", many),), *rounds)
    asked = [ask.arguments["order"] for thought in thoughts[1:] for ask in thought.asks]
    assert asked == [str(i) for i in range(60)]
    assert len({ask.id for thought in thoughts for ask in thought.asks}) == 61


async def test_a_reference_that_leads_nowhere_is_reported_and_the_others_go_on() -> None:
    odd: Json = [{"id": "1"}, ORDERS[0]]
    thoughts = await run(mission(*LATE_ORDERS), (done("step1.1", odd),), (done("step2.2", shown=True),))
    assert [ask.id for ask in thoughts[1].asks] == ["step2.2"]
    assert "{item.total}" in thoughts[1].report


async def test_steps_can_use_what_woke_them_and_text_keeps_its_own_braces() -> None:
    signal = Signal(source="hook", name="stock_low", summary="3 left", body={"sku": "A1"})
    watch = mission(Step(text="{signal.summary} of {signal.body.sku}, {sic}"))
    said = await BuiltinMind().think(
        briefing(mission=watch, signal=signal), state="", answers=(), stream=unheard
    )
    assert said.text == "3 left of A1, {sic}"


async def test_a_mission_without_steps_says_its_goal() -> None:
    assert (await run(mission(goal="water the plants")))[-1].text == "Reminder: water the plants"


async def test_a_step_nobody_offers_any_more_is_reported() -> None:
    thoughts = await run(mission(Step(action="gone.away")))
    assert "gone.away" in thoughts[-1].text


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("ab", min_size=1, max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    known=json_values,
    template=st.sampled_from(["{item}", "x{item.a}", "{item.a.b.0}", "{b}", "{item.", "{}"]),
)
def test_a_template_gives_json_or_says_what_is_missing(known: Json, template: str) -> None:
    try:
        filled = templates.value({"k": [template, 1]}, {"item": known})
    except BadInput:
        missing = True
    else:
        missing = False
        json.dumps(filled)
        if template == "{item}":
            assert filled == {"k": [known, 1]}
    assert not missing or "{item." in template


def test_the_zone_of_the_sentence_is_the_zone_of_the_mission() -> None:
    for zone in ("America/New_York", "Asia/Kolkata"):
        found = when("tomorrow at 9, x", zone=zone)
        assert found is not None
        at = datetime.fromisoformat(found["at"])
        assert at.astimezone(ZoneInfo(zone)).hour == 9
        assert found["zone"] == zone
