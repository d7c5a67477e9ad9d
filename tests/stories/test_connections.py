"""Connections in a chat: listed, connected by a link, checked, called something else, let go by a press."""

import re
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.connections import Connection
from bot.effects import Notice
from bot.events import Verb
from tests.safety.test_canary import on_disk
from tests.stage import HERE, MARK, OLIVIA, Stage, stage
from tests.stories.team import ANA, gather, place_of
from tests.twins import acme
from tests.twins.granting import Authority
from tests.twins.served import served

KEY = "CanaryKeyOfAcme"
PASTED = "sk_live_0123456789abcdefCANARY"


@pytest.fixture
def twin() -> Authority:
    return Authority(back="http://127.0.0.1:8080/oauth/acme/callback")


@pytest.fixture
def url(twin: Authority) -> Generator[str]:
    with served(twin) as address:
        yield address


async def connected(s: Stage) -> Connection:
    return await s.board.connect("acme", "", {"api_key": KEY}, person="per_owner")


async def test_a_list_says_account_mode_health_and_what_else_there_is(tmp_path: Path, url: str) -> None:
    async with stage(tmp_path, vendors={"acme": acme.VENDOR}, given=acme.given(url)) as s:
        await s.say("connections")
        assert (
            s.last
            == "demo: Demo shop · by the settings\nAn owner or an approver can connect: acme. Say “connect acme”."
        )
        await connected(s)
        await s.say("connections")
        assert s.last == "acme: Atelier Acme (acct_1), live · works\ndemo: Demo shop · by the settings"
        await s.say("do acme.notes")
        await s.say("mes connexions")
        assert "acme: Atelier Acme (acct_1), live · works · last used " in s.last


async def test_the_list_has_the_systems_that_need_no_account(tmp_path: Path) -> None:
    """The demo shop, and MCP servers: `connections` said that nothing was connected beside them."""
    async with stage(tmp_path) as s:
        await s.say("connections")
        assert s.last == "demo: Demo shop · by the settings"


async def test_connect_gives_who_approves_a_link_in_private_and_nobody_else(tmp_path: Path, url: str) -> None:
    async with stage(tmp_path, vendors={"acme": acme.VENDOR}, given=acme.given(url)) as s:
        await s.say("connect acme as acme_eu")
        notice = s.chat.notices[-1].content
        assert isinstance(notice, Notice)
        assert re.search(r"/sign-in\?token=[\w-]{20,}&next=/connect/acme%3Fname%3Dacme_eu$", notice.text)
        assert "/sign-in" not in s.last
        assert "notes.read, notes.write" in s.last
        told = len(s.chat.notices)
        await s.say("connect acme", who=MARK)
        assert "only an owner or an approver connects accounts; ask one of them to" in s.last
        await s.say("connect acne")
        assert "I cannot connect “acne”; I know: acme" in s.last
        assert len(s.chat.notices) == told
        await gather(s)
        await s.say("connect acme", who=ANA, place=place_of(ANA))
        handed = s.chat.notices[-1].content
        assert isinstance(handed, Notice)
        assert re.search(r"/sign-in\?token=[\w-]{20,}&next=/connect/acme$", handed.text)
        assert len(s.chat.notices) == told + 1


async def test_a_check_tells_what_the_other_side_says_now(tmp_path: Path, url: str, twin: Authority) -> None:
    async with stage(tmp_path, vendors={"acme": acme.VENDOR}, given=acme.given(url)) as s:
        await connected(s)
        await s.say("test acme")
        assert s.last.startswith("acme: Atelier Acme (acct_1), live · works")
        twin.revoke()
        await s.say("teste acme")
        assert "not accepted any more" in s.chat.words()[-1] or "not accepted any more" in s.chat.words()[-2]
        await s.say("langue français")
        await s.say("connexions")
        assert "plus accepté" in s.last
        assert "Acme n’accepte pas la clé" in s.last
        await s.say("test nothing")
        assert "il n’y a pas de connexion" in s.last


async def test_a_label_is_for_people_and_the_name_stays(tmp_path: Path, url: str) -> None:
    async with stage(tmp_path, vendors={"acme": acme.VENDOR}, given=acme.given(url)) as s:
        await connected(s)
        await s.say("rename acme to Paris shop")
        assert s.last == "acme is called “Paris shop” now; its actions keep their names."
        await s.say("connections")
        assert s.last.startswith("acme: Paris shop (Atelier Acme (acct_1)), live")
        await s.say("rename acme to Other", who=MARK)
        assert "only an owner or an approver connects accounts; ask one of them to" in s.last


async def test_letting_go_takes_an_owners_press_and_deletes_the_key(tmp_path: Path, url: str) -> None:
    async with stage(tmp_path, vendors={"acme": acme.VENDOR}, given=acme.given(url)) as s:
        row = await connected(s)
        await s.say("disconnect acme", who=MARK)
        await s.press(s.card, who=MARK)
        assert await s.look(lambda tx: tx.connections.get("acme")) is not None
        await s.press(s.card, Verb.APPROVE, who=OLIVIA)
        assert await s.look(lambda tx: tx.connections.all()) == ()
        assert "acme" not in s.house.systems
        await s.say("do acme.notes")
        assert "acme" in s.last
        kinds = [entry.kind for entry in await s.look(lambda tx: tx.ledger.read())]
        assert "disconnected" in kinds
    assert row.sealed.encode() not in on_disk(tmp_path)


async def test_another_account_after_the_card_is_not_acted_on(
    tmp_path: Path, url: str, twin: Authority
) -> None:
    """SAFETY 59"""
    async with stage(tmp_path, vendors={"acme": acme.VENDOR}, given=acme.given(url)) as s:
        await connected(s)
        await s.say("do acme.note text=hello")
        card = s.card
        assert "Atelier Acme (acct_1)" in str(card)
        # The same key leads elsewhere now: a token swapped, a sandbox copied, a store sold.
        twin.account = {"id": "acct_2", "name": "Somebody Else", "live": True}
        await s.forward(timedelta(minutes=2))
        await s.press(card)
        assert twin.notes == []
        assert any("another account is connected than the one on the card" in each for each in said(s))


async def test_a_key_replaced_after_the_card_is_not_acted_on(
    tmp_path: Path, url: str, twin: Authority
) -> None:
    """SAFETY 59"""
    async with stage(tmp_path, vendors={"acme": acme.VENDOR}, given=acme.given(url)) as s:
        await connected(s)
        await s.say("do acme.note text=hello")
        card = s.card
        twin.account = {"id": "acct_2", "name": "Somebody Else", "live": False}
        twin.keys.add("CanaryKeyOfAnother")
        await s.board.connect("acme", "", {"api_key": "CanaryKeyOfAnother"}, person="per_owner")
        await s.press(card)
        assert twin.notes == []
        assert any("another account is connected than the one on the card" in each for each in said(s))


async def test_a_key_in_a_chat_is_refused_and_kept_nowhere(tmp_path: Path, url: str) -> None:
    """SAFETY 89"""
    async with stage(tmp_path, vendors={"acme": acme.VENDOR}, given=acme.given(url)) as s:
        await s.say(f"connect acme {PASTED}")
        assert s.last.startswith("That looks like a key. I did not keep it")
        await s.say(f"here you go: {PASTED}")
        assert s.last.startswith("That looks like a key.")
        lines = await s.look(lambda tx: tx.lines.last(HERE.key, 100))
        assert PASTED not in str(lines)
        assert "⟦masked" in str(lines)
        kinds = [entry.kind for entry in await s.look(lambda tx: tx.ledger.read())]
        assert kinds.count("key_refused") == 2
    assert PASTED.encode() not in on_disk(tmp_path)


def said(s: Stage) -> list[str]:
    """Everything that stands in the chat, cards included."""
    return [*s.chat.words(), *(str(card) for card in s.chat.cards())]
