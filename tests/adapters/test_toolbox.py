"""Which tools a model is sent, and how it comes to the others."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pydantic_ai.models
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_ai.messages import ModelMessage, ModelRequest, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel

from adapters.minds.llm.mind import LlmMind
from adapters.minds.llm.toolbox import LIMIT, MOST, ROOM, TAKE_OUT, Toolbox, packed
from adapters.minds.llm.tools import tool_name
from bot.actions import Action, Risk
from bot.errors import Failed
from bot.mind import Briefing
from tests.adapters.briefings import ACTIONS, briefing, mission, unheard

OURS = [name for name in ACTIONS if name.startswith("vigie.")]


@pytest.fixture(autouse=True)
def no_provider_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pydantic_ai.models, "ALLOW_MODEL_REQUESTS", False)


def with_many(brief: Briefing, number: int) -> Briefing:
    """As if so many tools of systems were connected besides."""
    more = {
        f"crm.tool_{n}": Action(name=f"crm.tool_{n}", title=f"Tool {n}", risk=Risk.R0) for n in range(number)
    }
    return replace(brief, actions={**brief.actions, **more})


class Script:
    """Calls these tools, one request after the other, then says so. Remembers what it was sent."""

    def __init__(self, *calls: tuple[str, dict[str, object]]) -> None:
        self.calls = list(calls)
        self.sent: list[set[str]] = []
        self.told: list[str] = []

    async def __call__(
        self, messages: list[ModelMessage], info: AgentInfo
    ) -> AsyncIterator[str | DeltaToolCalls]:
        self.sent.append({tool.name for tool in info.function_tools})
        last = messages[-1]
        if isinstance(last, ModelRequest):
            self.told += [str(part.content) for part in last.parts if isinstance(part, ToolReturnPart)]
        if self.calls:
            name, arguments = self.calls.pop(0)
            yield {0: DeltaToolCall(name, json.dumps(arguments), tool_call_id=f"call_{len(self.sent)}")}
        else:
            yield "Done."


def mind(script: Script) -> LlmMind:
    return LlmMind("function:script", model=FunctionModel(stream_function=script))


def out(*names: str) -> tuple[str, dict[str, object]]:
    return TAKE_OUT, {"names": list(names)}


@given(st.integers(0, 300), st.lists(st.sampled_from(OURS), max_size=150), st.booleans())
def test_never_more_tools_than_providers_take_and_each_is_somewhere(
    number: int, taken: list[str], at_work: bool
) -> None:
    brief = with_many(briefing("hello", mission=mission() if at_work else None), number)
    box = packed(brief, [tool_name(name) for name in taken])
    assert len(box.definitions()) <= LIMIT
    assert box.hand.keys() | box.rest.keys() == brief.actions.keys()
    assert not box.hand.keys() & box.rest.keys()
    newest = list(dict.fromkeys(reversed(taken)))
    assert set(newest[:ROOM]) <= box.hand.keys()
    assert packed(brief, ()).hand.keys() <= box.hand.keys()


def test_what_connected_systems_offer_is_at_hand_while_there_is_room() -> None:
    assert {name for name in ACTIONS if not name.startswith("vigie.")} <= packed(
        briefing("hello"), ()
    ).hand.keys()
    assert len(packed(with_many(briefing("hello"), 200), ()).hand) == MOST


@pytest.mark.parametrize(
    ("words", "action"),
    [
        ("set my quiet hours from ten to seven", "vigie.quiet"),
        ("who is on the QUIET list", "vigie.quiet"),
        ("rename that connection, please", "vigie.rename_connection"),
    ],
)
def test_what_the_message_names_is_at_hand(words: str, action: str) -> None:
    assert action in packed(briefing(words), ()).hand
    assert action in packed(briefing("hello"), ()).rest


def test_what_a_mission_may_do_comes_before_everything() -> None:
    brief = with_many(briefing(mission=replace(mission(), may=("crm.tool_199", "vigie.retention"))), 200)
    assert {"crm.tool_199", "vigie.retention", "vigie.finish_mission"} <= packed(brief, ()).hand.keys()


def test_every_other_tool_is_listed_with_its_title() -> None:
    box = packed(briefing("hello"), ())
    *_, taking_out = box.definitions()
    assert taking_out.name == TAKE_OUT
    for name, action in box.rest.items():
        assert f"- {tool_name(name)}: {action.title}" in (taking_out.description or "")


def test_where_all_are_at_hand_none_is_taken_out() -> None:
    refund = ACTIONS["demo.refund"]
    box = packed(replace(briefing("hello"), actions={refund.name: refund}), ())
    assert [each.name for each in box.definitions()] == ["demo__refund"]


async def test_a_tool_that_is_taken_out_is_there_in_the_next_request_and_can_be_called() -> None:
    script = Script(out("vigie__retention", "vigie__nonsense"), ("vigie__retention", {}))
    thought = await mind(script).think(briefing("hello"), state="", answers=(), stream=unheard)
    assert [ask.action for ask in thought.asks] == ["vigie.retention"]
    assert ["vigie__retention" in sent for sent in script.sent] == [False, True]
    assert script.told == [
        "At hand from now on: vigie__retention. There is no tool called 'vigie__nonsense'."
    ]
    assert thought.cost.calls == 2


async def test_more_than_fit_are_told_to_be_put_back_and_can_be_taken_out_again() -> None:
    names = [f"crm__tool_{n}" for n in range(300)]
    script = Script(out(*names[200:]), out(*names[:150]), out(names[149]), (names[149], {}))
    await mind(script).think(with_many(briefing("hello"), 300), state="", answers=(), stream=unheard)
    first, second, third, fourth = script.sent
    for before, sent, told in zip((first, second), (second, third), script.told, strict=False):
        there, _, back = told.partition(" Not at hand, since only the last 63 that are taken out fit: ")
        assert set(there.removeprefix("At hand from now on: ").rstrip(".").split(", ")) <= sent
        assert not set(back.removesuffix(". Take out fewer at once.").split(", ")) & sent
        assert before != sent
    assert first <= third
    assert names[149] in fourth
    assert "only the last 63" in script.told[0]


@pytest.mark.parametrize("sought", ["tool_777", "CRM 777", "777"])
async def test_a_word_of_a_tool_that_is_not_listed_finds_it(sought: str) -> None:
    brief = with_many(briefing("hello"), 1000)
    taking_out = packed(brief, ()).definitions()[-1]
    assert "crm__tool_777" not in (taking_out.description or "")
    script = Script(out(sought))
    await mind(script).think(brief, state="", answers=(), stream=unheard)
    assert script.told == [f"There is no tool called {sought!r}, but: crm__tool_777."]


async def test_of_many_that_are_meant_some_are_named() -> None:
    script = Script(out("crm"))
    await mind(script).think(with_many(briefing("hello"), 300), state="", answers=(), stream=unheard)
    assert script.told[0].endswith(" and 280 more.")


async def test_it_stays_at_hand_for_the_rest_of_the_turn() -> None:
    script = Script(out("vigie__retention"), ("vigie__retention", {}))
    first = await mind(script).think(briefing("hello"), state="", answers=(), stream=unheard)
    await mind(script).think(briefing("hello"), state=first.state, answers=(), stream=unheard)
    assert "vigie__retention" in script.sent[-1]


async def test_a_tool_that_was_not_taken_out_can_be_called_all_the_same() -> None:
    script = Script(("vigie__retention", {}))
    thought = await mind(script).think(briefing("hello"), state="", answers=(), stream=unheard)
    assert [ask.action for ask in thought.asks] == ["vigie.retention"]


async def test_a_model_that_only_takes_out_tools_is_stopped() -> None:
    script = Script(*[out("vigie__retention")] * 20)
    with pytest.raises(Failed, match="used none") as told:
        await mind(script).think(briefing("hello"), state="", answers=(), stream=unheard)
    assert told.value.spent
    assert len(script.sent) < 10


@pytest.mark.parametrize("arguments", [{}, {"names": "vigie__quiet"}, {"names": [1, None]}, {"names": []}])
async def test_taking_out_nonsense_is_answered(arguments: dict[str, object]) -> None:
    script = Script((TAKE_OUT, arguments))
    thought = await mind(script).think(briefing("hello"), state="", answers=(), stream=unheard)
    assert thought.text == "Done."
    assert len(script.told) == 1


def test_a_long_list_says_how_many_are_left_out() -> None:
    box = Toolbox(hand={}, rest=with_many(briefing("hello"), 1000).actions)
    (taking_out,) = box.definitions()
    assert f"- and {len(box.rest) - 300} more" in (taking_out.description or "")
