"""What every mind keeps to, whatever it thinks with: the port `bot.mind.Mind`."""

import json
from collections.abc import AsyncIterator, Callable

import pydantic_ai.models
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic_ai.messages import ModelMessage, ModelRequest, ToolReturnPart, UserPromptPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel

from adapters.minds.builtin.mind import BuiltinMind
from adapters.minds.llm.mind import LlmMind
from bot.journal import Answer, Outcome
from bot.mind import Mind
from bot.missions import Step
from tests.adapters.briefings import ACTIONS, briefing, mission, unheard

DEED = "do demo.refund order=1007 amount=10"


async def parrot(messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[str | DeltaToolCalls]:
    """A model as small as one can be: it asks for a refund when the message says so, and repeats answers."""
    last = messages[-1]
    assert isinstance(last, ModelRequest)
    told = [part.model_response_str() for part in last.parts if isinstance(part, ToolReturnPart)]
    said = " ".join(str(part.content) for part in last.parts if isinstance(part, UserPromptPart))
    if told:
        yield "; ".join(told)
    elif DEED in said and info.function_tools:
        yield {0: DeltaToolCall("demo__refund", '{"order": "1007", "amount": "10"}', tool_call_id="call_1")}
    else:
        yield "I hear you."


def built_in() -> Mind:
    return BuiltinMind()


def language_model() -> Mind:
    return LlmMind("function:parrot", model=FunctionModel(stream_function=parrot))


@pytest.fixture(autouse=True)
def no_provider_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pydantic_ai.models, "ALLOW_MODEL_REQUESTS", False)


@pytest.fixture(params=[built_in, language_model])
def fresh(request: pytest.FixtureRequest) -> Callable[[], Mind]:
    """Makes the mind anew, as another process would."""
    return request.param


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(text=st.text(max_size=300))
async def test_any_text_gets_a_thought_that_answers_or_asks_for_what_there_is(
    fresh: Callable[[], Mind], text: str
) -> None:
    thought = await fresh().think(briefing(text), state="", answers=(), stream=unheard)
    assert thought.text or thought.asks
    assert {ask.action for ask in thought.asks} <= set(ACTIONS)
    assert len({ask.id for ask in thought.asks}) == len(thought.asks)
    assert not thought.asks or thought.state


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(text=st.text(max_size=80), goal=st.text(min_size=1, max_size=80))
async def test_steps_of_any_text_make_a_report(fresh: Callable[[], Mind], text: str, goal: str) -> None:
    wake = briefing(mission=mission(Step(text=text), goal=goal))
    assert not (await fresh().think(wake, state="", answers=(), stream=unheard)).asks


@pytest.mark.parametrize("outcome", Outcome)
async def test_a_fresh_mind_goes_on_from_the_state_and_tells_what_really_came_of_it(
    fresh: Callable[[], Mind], outcome: Outcome
) -> None:
    first = await fresh().think(briefing(DEED), state="", answers=(), stream=unheard)
    (ask,) = first.asks
    assert (ask.action, dict(ask.arguments)) == ("demo.refund", {"order": "1007", "amount": "10"})
    state = json.loads(json.dumps(first.state))
    answer = Answer(ask=ask.id, outcome=outcome, text="what the record says")
    last = await fresh().think(briefing(DEED), state=state, answers=(answer,), stream=unheard)
    assert not last.asks
    assert "what the record says" in last.text
    if outcome is not Outcome.DONE:
        assert last.text != "what the record says" or outcome is Outcome.WAITING
        assert '"outcome": "done"' not in last.text


async def test_the_same_briefing_gives_the_same_asks(fresh: Callable[[], Mind]) -> None:
    thoughts = [await fresh().think(briefing(DEED), state="", answers=(), stream=unheard) for _ in range(2)]
    assert thoughts[0].asks == thoughts[1].asks


async def test_an_action_that_is_not_in_the_briefing_is_never_asked_for(fresh: Callable[[], Mind]) -> None:
    less = {name: action for name, action in ACTIONS.items() if name != "demo.refund"}
    thought = await fresh().think(briefing("xyzzy", actions=less), state="", answers=(), stream=unheard)
    assert not thought.asks


async def test_a_zone_nobody_knows_stops_no_turn(fresh: Callable[[], Mind]) -> None:
    for zone in ("", "Mars/Olympus", "../etc"):
        thought = await fresh().think(
            briefing("tomorrow at 9, call Bob", zone=zone), state="", answers=(), stream=unheard
        )
        assert thought.text or thought.asks


def test_a_mind_has_a_name_for_the_ledger(fresh: Callable[[], Mind]) -> None:
    assert fresh().name
    assert isinstance(fresh().costly, bool)
