"""A language model behind the real program: aimock speaks a provider's protocol, the talk is on Telegram."""

import json
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from bot.values import Json
from tests.peers.servers import Aimock, aimock
from tests.running import Program, free_port, running
from tests.stories.peers.record import euros, everything, refunds
from tests.twins import telegram
from tests.twins.telegram import ANA, TOKEN, Twin, buttons

pytestmark = [pytest.mark.peer("aimock"), pytest.mark.asyncio(loop_scope="module")]
KEY = "sk-canary-of-the-stories"
CALL = {"name": "demo__refund", "arguments": '{"order":"1007","amount":"20.00 EUR","reason":"It is late."}'}
ASKED = "please refund order 1007"
FIXTURES: dict[str, Any] = {
    "fixtures": [
        {"match": {"userMessage": ASKED, "hasToolResult": False}, "response": {"toolCalls": [CALL]}},
        {
            "match": {"userMessage": ASKED, "hasToolResult": True},
            "response": {"content": "Gigi has her twenty euros back."},
        },
        # Before the next two: what was said earlier in the talk is told to the model with a later question.
        {
            "match": {"userMessage": "who are you"},
            "response": {"error": {"message": f"bad key {KEY}", "type": "auth"}, "status": 401},
        },
        {
            "match": {"userMessage": "how are sales", "sequenceIndex": 0},
            "response": {
                "error": {"message": "slow down", "type": "rate_limit_error"},
                "status": 429,
                "retryAfter": 1,
            },
        },
        {
            "match": {"userMessage": "how are sales"},
            "response": {"content": "Sales are fine."},
        },
    ]
}


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Generator[Aimock]:
    fixtures = tmp_path_factory.mktemp("aimock") / "fixtures.json"
    fixtures.write_text(json.dumps(FIXTURES))
    with aimock(fixtures) as started:
        yield started


@asynccontextmanager
async def talking(home: Path, *, model: str, url: str) -> AsyncGenerator[tuple[Program, Twin]]:
    """The program with that model at that address, and Ana, its owner, on Telegram."""
    async with telegram.running() as twin:
        settings = {
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_API_URL": twin.api_url,
            "VIGIE_OWNERS": f"telegram:{ANA}",
            "VIGIE_MODEL": model,
            "OPENAI_API_KEY": KEY,
            "OPENAI_BASE_URL": url,
        }
        async with running(home, "demo", settings=settings) as program:
            yield program, twin


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def talk(
    provider: Aimock, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[tuple[Program, Twin]]:
    home = tmp_path_factory.mktemp("model")
    async with talking(home, model="openai-chat:gpt-4o-mini", url=provider.openai_url) as made:
        yield made


async def says(twin: Twin, words: str) -> Json:
    def look() -> Json:
        return next((m for m in twin.messages() if words in m["text"]), None)

    return await twin.until(look)


async def approve(twin: Twin) -> Json:
    """The card, after both presses."""

    def look() -> Json:
        return next((m for m in twin.messages() if "Approve" in buttons(m)), None)

    card = await twin.until(look)
    twin.press("Approve", message=card["message_id"])
    await twin.until(lambda: "Yes, approve" in buttons(twin.standing[ANA][card["message_id"]]))
    twin.press("Yes, approve", message=card["message_id"])
    return card


async def requests_about(provider: Aimock, words: str) -> int:
    """How often the provider was asked in a conversation that holds these words."""
    async with aiohttp.ClientSession() as http, http.get(provider.journal_url) as answer:
        entries: list[Json] = await answer.json()
    return sum(words in json.dumps(entry) for entry in entries)


@pytest.mark.parametrize("model", ["openai-chat:gpt-4o-mini", "openai:gpt-5-mini"])
async def test_a_wish_becomes_a_card_a_press_and_the_models_last_words_over_a_power_cut(
    model: str, provider: Aimock, tmp_path: Path
) -> None:
    before = await requests_about(provider, ASKED)
    async with talking(tmp_path, model=model, url=provider.openai_url) as (program, twin):
        twin.say(f"{ASKED}, it is late")
        await twin.until(lambda: any("Approve" in buttons(m) for m in twin.messages()))
        assert refunds(tmp_path, "1007") == []
        await program.kill()
        await program.start()
        card = await approve(twin)
        await says(twin, "Gigi has her twenty euros back.")
        # Words stream ahead of the outbox, which edits the card at the platform's pace.
        await twin.until(lambda: "✓ Done" in twin.standing[ANA][card["message_id"]]["text"])
        shown = twin.standing[ANA][card["message_id"]]["text"]
        assert "It is late." in shown
        assert refunds(tmp_path, "1007") == [euros("20")]
        assert await requests_about(provider, ASKED) - before == 2, "what was thought is not asked again"
        assert KEY not in everything(tmp_path)
        assert KEY not in program.said()


async def test_a_model_over_its_limit_is_told_plainly_and_answers_later(talk: tuple[Program, Twin]) -> None:
    _, twin = talk
    twin.say("how are sales?")
    told = await says(twin, "cannot be reached")
    assert "Your message is kept" in told["text"]
    answer = await says(twin, "Sales are fine.")
    assert answer["message_id"] == told["message_id"], "the answer takes the place of the excuse"


async def test_a_refused_key_is_told_plainly_and_never_shown(talk: tuple[Program, Twin]) -> None:
    program, twin = talk
    twin.say("who are you?")
    told = await says(twin, "does not accept the key")
    assert KEY not in told["text"]
    assert KEY not in everything(program.home)
    assert KEY not in "\n".join(program.printed)


async def test_a_provider_that_is_down_leaves_the_words_of_control_and_the_message(tmp_path: Path) -> None:
    away = f"http://127.0.0.1:{free_port()}/v1"
    async with talking(tmp_path, model="openai-chat:gpt-4o-mini", url=away) as (program, twin):
        twin.say("what shall I do today?")
        await says(twin, "Your message is kept")
        twin.say("status")
        await says(twin, "On watch.")
        async with aiohttp.ClientSession() as http, http.get(f"{program.url}/metrics") as answer:
            assert "vigie_events_open 1.0" in await answer.text()
