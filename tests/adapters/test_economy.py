"""What is done once for each tool, and what a provider is sent all the same."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from aiohttp import web
from pydantic_ai.models import Model, ModelRequestParameters, infer_model

from adapters.minds.llm.economy import economical
from adapters.minds.llm.mind import LlmMind
from adapters.minds.llm.tools import definitions
from bot.actions import Action, Field, Kind, Risk
from bot.errors import VigieError
from tests.adapters.briefings import ACTIONS, briefing, unheard


@dataclass
class Provider:
    """Keeps what it is sent, and cannot serve."""

    url: str = ""
    bodies: list[dict[str, object]] = field(default_factory=list[dict[str, object]])

    async def answer(self, request: web.Request) -> web.Response:
        self.bodies.append(json.loads(await request.read()))
        return web.json_response({"error": {"message": "away", "type": "server_error"}}, status=503)


@pytest_asyncio.fixture
async def provider(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Provider]:
    provider = Provider()
    app = web.Application()
    app.router.add_post("/v1/{rest:.*}", provider.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    provider.url = f"{site.name}/v1"
    monkeypatch.setenv("OPENAI_API_KEY", "sk-nobody")
    monkeypatch.setenv("OPENAI_BASE_URL", provider.url)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-nobody")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", site.name)
    yield provider
    await runner.cleanup()


async def _asked(model: Model, provider: Provider, *, times: int = 1) -> dict[str, object]:
    """The one body that each thought sent: nobody tries again behind our back."""
    before, mind = len(provider.bodies), LlmMind("a:b", model=model)
    for _ in range(times):
        with pytest.raises(VigieError):
            await mind.think(briefing("hello"), state="", answers=(), stream=unheard)
    await mind.close()
    bodies = provider.bodies[before:]
    assert bodies == [bodies[0]] * times
    return bodies[0]


@pytest.mark.parametrize(
    "name", ["openai-chat:gpt-4o-mini", "openai-responses:gpt-4o-mini", "anthropic:claude-sonnet-5-5"]
)
async def test_the_provider_is_sent_the_same(name: str, provider: Provider) -> None:
    plain, spared = infer_model(name), economical(infer_model(name))
    wanted = await _asked(plain, provider)
    assert wanted["tools"]
    # Twice: what was remembered of the first time is as good.
    assert await _asked(spared, provider, times=2) == wanted


def test_a_tool_is_put_into_the_dialect_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-nobody")
    model = infer_model("openai-chat:gpt-4o-mini")
    put: list[str] = []
    customize = model.customize_request_parameters

    def counted(model_request_parameters: ModelRequestParameters) -> ModelRequestParameters:
        put.extend(tool.name for tool in model_request_parameters.function_tools)
        return customize(model_request_parameters)

    model.customize_request_parameters = counted
    economical(model)
    for _ in range(3):
        model.customize_request_parameters(ModelRequestParameters(function_tools=definitions(ACTIONS)))
    assert len(put) == len(set(put)) == len(ACTIONS)


def test_a_tool_that_changed_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-nobody")
    model = economical(infer_model("openai-chat:gpt-4o-mini"))

    def sent(title: str) -> str:
        action = Action(name="a.b", title="B", risk=Risk.R0, fields=(Field(name="c", title=title),))
        tools = definitions({"a.b": action})
        (tool,) = model.customize_request_parameters(
            ModelRequestParameters(function_tools=tools)
        ).function_tools
        return str(tool.parameters_json_schema)

    assert "first" in sent("The first")
    assert "second" in sent("The second")


def test_a_field_that_stands_for_a_list_is_no_obstacle() -> None:
    field_ = Field(name="c", title="C", kind=Kind.JSON, required=False, default=["x"])
    action = Action(name="a.b", title="B", risk=Risk.R0, fields=(field_,))
    assert [tool.name for tool in definitions({"a.b": action})] == ["a__b"]
