"""The language-model mind over HTTP, against a server that speaks the providers' own protocols."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import AsyncGenerator, Generator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from adapters.minds.llm import open_model
from bot.errors import Failed, Unreachable
from bot.journal import Answer, Outcome, Thought
from bot.mind import Mind
from tests.adapters.briefings import briefing, unheard
from tests.peers.servers import Aimock, aimock, free_port

ROOT = Path(__file__).parents[2]
CALL = {"name": "demo__refund", "arguments": '{"order":"7","amount":"5.00 EUR","reason":"Order 7 is late."}'}
# Each protocol reads its own pair of names.
USAGE = {"prompt_tokens": 1000, "completion_tokens": 100, "input_tokens": 1000, "output_tokens": 100}
FIXTURES: dict[str, Any] = {
    "fixtures": [
        {
            "match": {"userMessage": "refund order 7", "hasToolResult": False},
            "response": {"toolCalls": [CALL], "usage": USAGE},
        },
        {
            "match": {"userMessage": "refund order 7", "hasToolResult": True},
            "response": {"content": "Order 7 is refunded: 5.00 EUR.", "usage": USAGE},
        },
        {
            "match": {"userMessage": "say something long"},
            "response": {"content": "One two three four five six seven eight nine ten. " * 6},
        },
        {
            "match": {"userMessage": "too fast"},
            "response": {"error": {"message": "slow down", "type": "rate_limit_error"}, "status": 429},
        },
        {
            "match": {"userMessage": "bad key"},
            "response": {
                "error": {
                    "message": "wrong key sk-secret",
                    "type": "authentication_error",
                    "code": "invalid_api_key",
                },
                "status": 401,
            },
        },
        {
            "match": {"userMessage": "broken"},
            "response": {"error": {"message": "oops", "type": "server_error"}, "status": 500},
        },
    ]
}
NAMES = ["openai:gpt-5-mini", "openai-chat:gpt-4o-mini", "anthropic:claude-haiku-4-5", "ollama:qwen3"]

pytestmark = pytest.mark.peer("aimock")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Aimock, None, None]:
    fixtures = tmp_path_factory.mktemp("aimock") / "fixtures.json"
    fixtures.write_text(json.dumps(FIXTURES))
    with aimock(fixtures) as running:
        yield running


@pytest.fixture(params=NAMES)
async def mind(
    request: pytest.FixtureRequest, server: Aimock, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Mind, None]:
    point_at(monkeypatch, openai=server.openai_url, anthropic=server.anthropic_url)
    opened = open_model(request.param)
    yield opened
    await opened.close()


def point_at(monkeypatch: pytest.MonkeyPatch, *, openai: str, anthropic: str) -> None:
    for name, value in {
        "OPENAI_API_KEY": "sk-secret",
        "OPENAI_BASE_URL": openai,
        "ANTHROPIC_API_KEY": "sk-secret",
        "ANTHROPIC_BASE_URL": anthropic,
        "OLLAMA_BASE_URL": openai,
    }.items():
        monkeypatch.setenv(name, value)


async def think(mind: Mind, text: str) -> Thought:
    return await mind.think(briefing(text), state="", answers=(), stream=unheard)


async def test_a_call_an_answer_and_the_last_words(mind: Mind, server: Aimock) -> None:
    first = await think(mind, "please refund order 7")
    (ask,) = first.asks
    assert (ask.action, dict(ask.arguments)) == ("demo.refund", {"order": "7", "amount": "5.00 EUR"})
    assert ask.reason == "Order 7 is late."
    done = Answer(ask=ask.id, outcome=Outcome.DONE, text="Refunded.", data={"refund": "re_1"})
    last = await mind.think(
        briefing("please refund order 7"), state=first.state, answers=(done,), stream=unheard
    )
    assert last.text == "Order 7 is refunded: 5.00 EUR."
    assert first.cost.calls == last.cost.calls == 1
    assert (first.cost.tokens_in, first.cost.tokens_out) == (1000, 100)
    if mind.name.startswith(("openai", "anthropic")):
        assert first.cost.micro_usd > 0
    assert "re_1" in _journal(server)


async def test_words_stream_in_pieces(mind: Mind) -> None:
    heard: list[str] = []

    async def stream(words: str) -> None:
        heard.append(words)

    thought = await mind.think(briefing("say something long"), state="", answers=(), stream=stream)
    assert len(heard) > 2
    assert all(later.startswith(earlier) for earlier, later in pairwise(heard))
    assert heard[-1].strip() == thought.text


async def test_over_the_limit_is_worth_trying_again(mind: Mind) -> None:
    with pytest.raises(Unreachable) as told:
        await think(mind, "too fast")
    assert "limit" in str(told.value)
    assert told.value.retry_after is None or told.value.retry_after > 0


async def test_a_key_that_is_not_accepted_is_told_and_not_shown(mind: Mind) -> None:
    """SAFETY 89"""
    with pytest.raises(Failed) as told:
        await think(mind, "bad key")
    assert "key" in str(told.value)
    assert "sk-secret" not in str(told.value)


async def test_a_broken_provider_is_worth_trying_again(mind: Mind) -> None:
    with pytest.raises(Unreachable):
        await think(mind, "broken")


@pytest.mark.parametrize("name", NAMES)
async def test_nobody_there_is_worth_trying_again(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    point_at(monkeypatch, openai=f"{nobody}/v1", anthropic=nobody)
    mind = open_model(name)
    with pytest.raises(Unreachable) as told:
        await think(mind, "hello")
    await mind.close()
    assert "127.0.0.1" not in str(told.value)


async def test_the_key_is_in_no_prompt(mind: Mind, server: Aimock) -> None:
    """SAFETY 90"""
    await think(mind, "say something long")
    assert "sk-secret" not in _journal(server)


@pytest.mark.parametrize(("name", "loads"), [("anthropic:x", "anthropic"), ("openai:x", "openai")])
def test_only_the_library_of_the_chosen_provider_is_loaded(name: str, loads: str) -> None:
    program = f"""
import os, sys
os.environ.update(OPENAI_API_KEY="k", ANTHROPIC_API_KEY="k")
from adapters.minds.llm import open_model
assert not {{"pydantic_ai", "openai", "anthropic"}} & set(sys.modules)
open_model({name!r})
assert {{"openai", "anthropic"}} & set(sys.modules) == {{{loads!r}}}, {{"openai", "anthropic"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, timeout=60)


def _journal(server: Aimock) -> str:
    """The bodies of every request the server received."""
    with urllib.request.urlopen(server.journal_url, timeout=10) as response:
        return json.dumps([entry.get("body") for entry in json.load(response)])
