"""A mission of one plain sentence, with no model: shown in words, told in a channel, and its refunds proposed on one card."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import rulebook
from bot.cards import Card
from bot.events import Verb
from bot.occurrences import Fate
from tests.adapters.signals.posting import bearer, posting
from tests.clocks import SetClock
from tests.stage import HERE, Stage, stage
from tests.stories.test_outlets import OPS, cards, heard, say
from tests.stories.test_runs import runs

SUNDAY = datetime(2026, 11, 22, 12, tzinfo=UTC)
NINE = timedelta(hours=19)
SAID = "every weekday at 9 check late orders and tell #ops; propose refunds over 3 days late"
DIT = (
    "chaque jour ouvré à 9h, vérifie les commandes en retard et dis-le à #ops ; propose de rembourser celles de plus de"
    " 3 jours"
)
LATE = ("1013", "1011", "1007", "1014")
"""Over three days late on that Monday, the largest amount first."""


def row(card: Card, label: str) -> str:
    return next(each.value for each in card.rows if each.label == label)


def paid(s: Stage) -> list[str]:
    return [refund.order for refund in s.shop.refunds()]


@pytest.mark.parametrize(
    ("lang", "words", "shown", "report"),
    [
        (
            "en",
            SAID,
            {
                "Wakes": "every weekday at 09:00 (Europe/Paris)",
                "Steps": "List late orders; List late orders (Late by more than (days): 3); for each of these: propose"
                " “Refund an order” (Order, Amount: from the list)",
                "May do": "List late orders (demo.late_orders), Refund an order (demo.refund)",
                "Reports to": "#ops; what it asks stays with its owner, on twin",
                "Stops": "when somebody pauses or cancels it",
            },
            "5 orders are late.",
        ),
        (
            "fr",
            DIT,
            {
                "Réveils": "du lundi au vendredi à 09:00 (Europe/Paris)",
                "Étapes": "Lister les commandes en retard ; Lister les commandes en retard (En retard de plus de (jours)"
                " : 3) ; pour chacun : proposer « Rembourser une commande » (Commande, Montant : pris dans la liste)",
                "Peut faire": "Lister les commandes en retard (demo.late_orders), Rembourser une commande (demo.refund)",
                "S’arrête": "quand quelqu’un la met en pause ou l’annule",
            },
            "5 commandes sont en retard.",
        ),
    ],
)
async def test_the_sentence_is_shown_told_and_proposed_and_nothing_is_refunded_without_a_press(
    tmp_path: Path, lang: str, words: str, shown: dict[str, str], report: str
) -> None:
    async with stage(tmp_path, clock=SetClock(SUNDAY)) as s:
        await s.say(f"language {lang}")
        await say(s, words)
        for label, value in shown.items():
            assert row(s.card, label).replace("\u202f", " ").replace("\u00a0", " ") == value
        await s.forward(NINE)
        assert not heard(s, OPS), "it is a draft until somebody starts it"
        s.clock.forward(-NINE)
        await s.press(s.card)
        before = len(heard(s, HERE))
        await s.forward(NINE + timedelta(hours=1))
        (told,) = heard(s, OPS)
        assert report in told
        assert "1016" in told
        assert "€" in told
        assert len(heard(s, HERE)) == before
        assert not cards(s, OPS)
        batch = s.card
        assert [batch.plain.index(f"Order {n}" if lang == "en" else f"Commande {n}") for n in LATE] == sorted(
            batch.plain.index(f"Order {n}" if lang == "en" else f"Commande {n}") for n in LATE
        )
        assert "1016" not in batch.plain, "two days late"
        assert "380" in batch.plain
        assert [run.fate for run in await runs(s)] == [Fate.WAITING]
        assert paid(s) == []
        await s.press(batch)
        assert paid(s) == list(LATE)
        assert len(heard(s, OPS)) == 1
        assert [run.fate for run in await runs(s)] == [Fate.DONE]
        await s.forward(timedelta(days=1))
        assert len(s.asked()) == 1, "of what was paid back nothing is left to propose"
        assert [run.fate for run in await runs(s)] == [Fate.DONE] * 2
        await s.say("runs 1" if lang == "en" else "passages 1")
        assert ("report delivered" if lang == "en" else "rapport remis") in s.last


async def test_while_its_card_waits_the_next_wake_reports_and_asks_no_second_time(tmp_path: Path) -> None:
    async with stage(tmp_path, clock=SetClock(SUNDAY)) as s:
        await say(s, "every hour check late orders and tell #ops; propose refunds over 3 days late")
        await s.press(s.card)
        for _ in range(3):
            await s.forward(timedelta(hours=1))
        assert len(cards(s, HERE)) == 2
        assert ["orders are late" in words for words in heard(s, OPS)] == [True] * 3


async def test_what_nobody_answered_is_proposed_again_the_next_morning(tmp_path: Path) -> None:
    async with stage(tmp_path, clock=SetClock(SUNDAY)) as s:
        await s.begin("every weekday at 9, propose refunds for orders over 6 days late")
        await s.forward(NINE + timedelta(hours=1))
        for _ in range(3):
            await s.forward(timedelta(hours=8))
        assert len(s.asked()) == 2
        assert "Nobody approved it" in s.asked()[0].plain
        await s.press(s.card, Verb.DENY)
        await s.forward(timedelta(hours=23))
        assert len(s.asked()) == 2, "a no holds for a day"


async def test_what_is_only_proposed_waits_for_a_press_whatever_the_policy_allows(tmp_path: Path) -> None:
    free = rulebook.parse('[[rule]]\nname = "all"\neffect = "allow"\n', source="test")
    async with stage(tmp_path, clock=SetClock(SUNDAY), policy=lambda: free) as s:
        await s.begin("every hour, propose refunds for orders over 4 days late")
        await s.forward(timedelta(hours=1))
        assert paid(s) == []
        assert row(s.card, "Rule") == "only-proposed"
        await s.press(s.card)
        assert paid(s) == ["1013", "1011", "1007"]
        await s.begin("every hour, refund orders over 2 days late")
        before = len(s.asked())
        await s.forward(timedelta(hours=1))
        assert "1014" in paid(s), "asked for outright, it is done where the policy allows it"
        assert len(s.asked()) == before


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("every weekday at 9 check late orders; water the plants", "“water the plants” I do not understand"),
        (
            "chaque jour ouvré à 9h, vérifie les commandes en retard et arrose les plantes",
            "“arrose les plantes” I do not understand",
        ),
        ("every weekday at 9, propose refunds", "say of what"),
    ],
)
async def test_a_part_that_is_not_understood_is_named_and_nothing_is_kept(
    tmp_path: Path, words: str, why: str
) -> None:
    async with stage(tmp_path) as s:
        await s.say(words)
        assert why in s.last
        assert not s.chat.cards()
        assert await s.look(lambda tx: tx.missions.all()) == ()


async def test_a_reminder_says_on_its_card_that_it_only_posts_words(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("every weekday at 9, check the oven")
        assert row(s.card, "Steps") == "post these words: “check the oven”"
        assert row(s.card, "May do") == "reads only"
        await s.say("every weekday at 9, remind me to check the stock")
        await s.say("remind me in 10 minutes to check the stock")
        await s.forward(timedelta(minutes=11))
        assert "check the stock" in s.last


async def test_an_edit_in_plain_words_changes_what_it_does(tmp_path: Path) -> None:
    async with stage(tmp_path, clock=SetClock(SUNDAY)) as s:
        await s.begin("every hour, stand up")
        await s.say("edit 1 check the stock below 5")
        assert "post these words: “stand up” → Look at the stock (Fewer than: 5)" in s.card.plain
        await s.press(s.card)
        await s.forward(timedelta(hours=1))
        assert "product" in s.last
        await s.say("edit 1 check the stock; polish it")
        assert "“polish it” I do not understand" in s.last


async def test_the_card_says_it_in_words_and_details_say_it_exactly(tmp_path: Path) -> None:
    async with stage(tmp_path, clock=SetClock(SUNDAY)) as s:
        await s.say(SAID.replace(" and tell #ops", ""))
        assert row(s.card, "First wake") == "Mon 23 Nov 2026, 09:00 Europe/Paris (UTC+1)"
        assert "{item" not in s.card.plain
        assert "0 9 * * 1-5" not in s.card.plain
        await s.press(s.card, Verb.DETAILS)
        assert '"amount":"{item.refundable}"' in s.card.plain
        assert "Cron fields: 0 9 * * 1-5" in s.card.plain


async def test_who_only_wants_to_hear_of_it_is_told_what_woke_the_mission(tmp_path: Path) -> None:
    async with posting(tmp_path) as post:
        s = post.s
        secret = await post.hook("till", "bearer")
        await s.begin("when order_late, tell me")
        assert "About: order_late" in s.card.plain
        body = b'{"name": "order_late", "summary": "Order 1007 is late"}'
        await post.send("till", body, bearer(secret))
        assert s.last == "order_late\norder_late: Order 1007 is late"
        await say(s, "when order_late, tell #ops")
        await s.press(s.card)
        await post.send("till", body.replace(b"1007", b"1011"), bearer(secret))
        assert ["1011" in words for words in heard(s, OPS)] == [True]


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("help pause", "“pause 3” — Pause a mission"),
        ("aide reprends", "“resume 3” — Resume a mission"),
        ("help demo.refund", "do demo.refund order=… amount=… [reason=…]"),
        ("watch http https://example.com down, tell me", "I know no such number to watch"),
    ],
)
async def test_who_asks_how_is_told_how(tmp_path: Path, words: str, answer: str) -> None:
    async with stage(tmp_path) as s:
        await s.say(words)
        assert answer in s.last
