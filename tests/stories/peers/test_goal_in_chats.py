"""A mission of one plain sentence in the three real chats, with no model: its card in words, its report, its refunds on one
card, and nothing refunded before somebody pressed.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.stories.founding.talks import Talk
from tests.stories.peers.record import ledger_holds, refunds
from tests.stories.peers.test_watch_chats import Scene, scene

OPS = "C0OPS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What people say and read, in one language."""

    hello: tuple[str, ...]
    sentence: str
    now: str
    card: tuple[str, ...]
    start: str
    report: str
    approve: str
    done: str


ENGLISH = Words(
    hello=(),
    sentence="watch number heat above 90, check late orders and tell me; propose refunds over 3 days late",
    now="number heat 95",
    card=(
        "List late orders",
        "propose “Refund an order”",
        "from the list",
        "May do",
        "Budget a day",
        "Stops",
    ),
    start="Start",
    report="orders are late.",
    approve="Approve all 2",
    done="2 of 2 done",
)
TYPED = replace(
    ENGLISH,
    sentence="when stock_counted, check late orders and tell #ops; propose refunds over 3 days late",
    now="",
)
"""For a signal: what watches a number reports where it was made."""
FRENCH = Words(
    hello=("langue fr",),
    sentence="surveille nombre chaleur au-dessus de 90, vérifie les commandes en retard et dis-le-moi ; propose de rembourser"
    " celles de plus de 3 jours",
    now="nombre chaleur 95",
    card=(
        "Lister les commandes en retard",
        "Rembourser une commande",
        "Peut faire",
        "Budget par jour",
        "S’arrête",
    ),
    start="Lancer",
    report="commandes sont en retard.",
    approve="Tout approuver (2)",
    done="2 sur 2",
)


async def proposed(
    talk: Talk, words: Words, home: Path, ring: Callable[[], Awaitable[None]] | None = None
) -> None:
    for hello in words.hello:
        await talk.say(hello)
    await talk.say(words.sentence)
    await talk.card(*words.card, yes=words.start)
    await talk.approve()
    await talk.becomes("✓")
    await (ring() if ring is not None else talk.say(words.now))
    await talk.hears(words.report, "1014")
    card = await talk.card("1011", "1013", yes=words.approve)
    assert "1014" not in card, "two days late"
    assert refunds(home, "1011") == refunds(home, "1013") == []
    await talk.approve()
    await talk.becomes("✓", words.done)
    assert [len(refunds(home, order)) for order in ("1011", "1013", "1014")] == [1, 1, 0]


@pytest.mark.timeout(200)
async def test_in_slack_a_channel_that_is_only_typed_hears_it(tmp_path: Path) -> None:
    async with scene(tmp_path, command="demo") as there:
        await there.page.card("1007")  # what the demo's own mission proposes is not proposed twice
        there.slack.twin.channels = [{"id": OPS, "name": "ops", "is_member": True}]
        await there.slack.say("hook add till bearer 0")
        told = re.search(r"now and once: ([\w-]+)", await there.slack.hears("now and once: "))
        assert told is not None
        secret = told[1]

        async def ring() -> None:
            headers = {"authorization": f"Bearer {secret}"}
            answer = await there.page.http.post(
                "/hooks/till", json={"name": "stock_counted"}, headers=headers
            )
            assert answer.status_code == 200, answer.text

        await proposed(there.slack, TYPED, tmp_path, ring)
        told = [str(each) for each in there.slack.twin.messages if each["channel"] == OPS]
        assert len(told) == 1
        assert "orders are late." in told[0]
        assert await ledger_holds(tmp_path)


@pytest.mark.timeout(200)
async def test_in_telegram_it_is_told_where_it_was_said(tmp_path: Path) -> None:
    async with scene(tmp_path, command="demo") as there:
        await there.page.card("1007")  # what the demo's own mission proposes is not proposed twice
        await not_known(there, there.telegram)
        await proposed(there.telegram, FRENCH, tmp_path)


@pytest.mark.timeout(200)
async def test_on_the_page_it_is_told_where_it_was_said(tmp_path: Path) -> None:
    async with scene(tmp_path, command="demo") as there:
        await there.page.card("1007")  # what the demo's own mission proposes is not proposed twice
        await not_known(there, there.page)
        await proposed(there.page, ENGLISH, tmp_path)


async def not_known(there: Scene, talk: Talk) -> None:
    """Where no account of theirs leads to Slack, a channel's name means nothing, and nothing is kept."""
    await talk.say("every weekday at 9 check late orders and tell #ops")
    await talk.hears("I know no channel #ops")
    await talk.say("missions")
    assert "tell #ops" not in await talk.hears("·")
