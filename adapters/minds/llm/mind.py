"""The language-model mind: one request per thought, streamed; what it wants to do comes back as asks.

Above it: turns, which attempt the asks and journal every thought. Below it: pydantic-ai's models. The state
is the message history as JSON, so that another process, after a deploy, continues the same conversation.
It must not know a platform, a system or a secret.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from pydantic_ai.direct import model_request_stream
from pydantic_ai.messages import (
    ModelMessage,
    ModelMessagesTypeAdapter,
    ModelRequest,
    ModelResponse,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.settings import ModelSettings

from adapters.minds.llm import prompts, toolbox, tools
from adapters.minds.llm.economy import retries_by_itself
from adapters.minds.llm.faults import translated
from bot.errors import Failed, Unreachable
from bot.journal import Answer, Ask, Cost, Outcome, Thought
from bot.mind import Briefing, Stream
from bot.values import Json

log = logging.getLogger(__name__)

E = TypeVar("E", Unreachable, Failed)

TIMEOUT = 120.0
"""Seconds for one request, whatever the provider's library tries inside."""
CORRECTIONS = 2
"""How often a model that called what does not exist is asked again before the thought fails."""
TAKINGS = 4
"""How often it may take out more tools in one thought."""

# The turn tries again, durably and with a word to the person; a library that waits on its own hides that.
_SETTINGS = ModelSettings(timeout=60.0, request_timeout=TIMEOUT)
_ONCE = ModelSettings(timeout=60.0, request_timeout=TIMEOUT, max_retries=0)


class LlmMind:
    """Implements `bot.mind.Mind` over any pydantic-ai model."""

    costly = True

    def __init__(self, name: str, *, model: Model) -> None:
        self._name = name
        self._model = model
        self._settings = _ONCE if retries_by_itself(model) else _SETTINGS

    @property
    def name(self) -> str:
        """The model's name as it was configured."""
        return self._name

    async def think(
        self, briefing: Briefing, *, state: str, answers: tuple[Answer, ...], stream: Stream
    ) -> Thought:
        """One request, and more when the model calls what is not there or takes out tools. Raises as the port says."""
        tongue = briefing.tongue
        with translated(self._name, tongue):
            history = _history(briefing, state, answers)
        cost, mistakes, takings = Cost(), 0, 0
        while mistakes <= CORRECTIONS and takings <= TAKINGS:
            try:
                response = await self._request(history, briefing, stream)
            except (Unreachable, Failed) as error:
                error.spent = error.spent or bool(cost.calls)
                raise
            history.append(response)
            cost += _cost(response)
            calls = _calls(response, _steps(history))
            asks, others = _asks(calls, briefing, history)
            if asks:
                state = _State(messages=history, others=others).as_text()
                return Thought(text=_words(response), asks=asks, state=state, cost=cost, mark=True)
            if not others:
                return self._said(response, answers, briefing, cost)
            history.append(_returned(calls, others, briefing, {}))
            if all(call.tool_name == toolbox.TAKE_OUT for call in calls.values()):
                takings += 1
            else:
                mistakes += 1
        if takings > TAKINGS:
            raise _spent(
                Failed(tongue("the model {model} kept taking out tools and used none", model=self._name))
            )
        raise _spent(
            Failed(tongue("the model {model} kept calling tools that do not exist", model=self._name))
        )

    async def close(self) -> None:
        """Lets go of the connections to the provider. A later thought would open new ones."""
        async with self._model:
            pass  # the library closes its own client when the last one leaves

    async def _request(
        self, history: list[ModelMessage], briefing: Briefing, stream: Stream
    ) -> ModelResponse:
        box = toolbox.packed(briefing, toolbox.taken_out(history))
        parameters = ModelRequestParameters(function_tools=box.definitions())
        with translated(self._name, briefing.tongue):
            async with model_request_stream(
                self._model, history, model_settings=self._settings, model_request_parameters=parameters
            ) as events:
                words = ""
                async for event in events:
                    match event:
                        case PartStartEvent(part=TextPart(content=more)):
                            words += f"\n\n{more}" if words else more
                        case PartDeltaEvent(delta=TextPartDelta(content_delta=more)):
                            words += more
                        case _:
                            continue
                    if words.strip():
                        await stream(words)
                return events.get()

    def _said(
        self, response: ModelResponse, answers: tuple[Answer, ...], briefing: Briefing, cost: Cost
    ) -> Thought:
        """The last words of a turn. A person is never left with none; a mission may be silent."""
        text = _words(response)
        tongue = briefing.tongue
        if response.finish_reason == "content_filter":
            raise _spent(Failed(tongue("the provider of {model} filtered this content", model=self._name)))
        if response.finish_reason == "length":
            text = f"{text}\n{tongue('(cut off: the model reached its limit)')}".strip()
        if not text and not answers and briefing.mission is None:
            raise _spent(Unreachable(tongue("the model {model} answered with nothing", model=self._name)))
        return Thought(text=text, cost=cost, mark=True)


def _spent(error: E) -> E:
    """The model answered, so it is paid for, whatever the answer was worth."""
    error.spent = True
    return error


def _words(response: ModelResponse) -> str:
    return "\n\n".join(part.content for part in response.parts if isinstance(part, TextPart)).strip()


def _calls(response: ModelResponse, step: int) -> Mapping[str, ToolCallPart]:
    """The calls of a response by the ids of their asks: providers' own ids need not be unique in a turn."""
    calls = [part for part in response.parts if isinstance(part, ToolCallPart)]
    return {f"m{step}.{index}": call for index, call in enumerate(calls, start=1)}


def _asks(
    calls: Mapping[str, ToolCallPart], briefing: Briefing, history: Sequence[ModelMessage]
) -> tuple[tuple[Ask, ...], Mapping[str, str]]:
    """What the model wants, and by ask id what is told it about the other calls: they mean nothing, or take out tools.
    A tool that is called without having been taken out counts all the same."""

    def meant(ask: str, call: ToolCallPart) -> Ask | str:
        if call.tool_name == toolbox.TAKE_OUT:
            return toolbox.packed(briefing, toolbox.taken_out(history)).told(toolbox.wanted(call))
        return tools.asked(ask, call, briefing.actions)

    found = {ask: meant(ask, call) for ask, call in calls.items()}
    asks = tuple(ask for ask in found.values() if isinstance(ask, Ask))
    return asks, {ask: words for ask, words in found.items() if isinstance(words, str)}


def _history(briefing: Briefing, state: str, answers: tuple[Answer, ...]) -> list[ModelMessage]:
    """The conversation to be sent: a new one, or the one in the state with the answers to its calls."""
    kept = _State.of(state)
    if kept is not None:
        told = {a.ask: prompts.result(a) for a in answers}
        outcomes = {a.ask: a.outcome for a in answers}
        last = kept.messages[-1]
        assert isinstance(last, ModelResponse)
        calls = _calls(last, _steps(kept.messages))
        return [*kept.messages, _returned(calls, {**kept.others, **told}, briefing, outcomes)]
    # Nothing yet, or a turn that another mind began before the model was changed.
    opening = prompts.opening(briefing)
    text = f"{opening}\n\n{prompts.afterwards(answers)}" if answers else opening
    return [ModelRequest(parts=[UserPromptPart(text)], instructions=prompts.instructions(briefing))]


def _steps(history: Sequence[ModelMessage]) -> int:
    return sum(isinstance(message, ModelResponse) for message in history)


def _returned(
    calls: Mapping[str, ToolCallPart],
    told: Mapping[str, str],
    briefing: Briefing,
    outcomes: Mapping[str, Outcome],
) -> ModelRequest:
    """A result for every call of the response: providers refuse a conversation that leaves one out."""
    parts = [
        ToolReturnPart(
            tool_name=call.tool_name,
            content=told.get(ask, "Nothing is known of this call."),
            tool_call_id=call.tool_call_id,
            outcome="success" if outcomes.get(ask) is Outcome.DONE else "failed",
        )
        for ask, call in calls.items()
    ]
    return ModelRequest(parts=parts, instructions=prompts.instructions(briefing))


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """What travels between the steps of a turn. `others` is what to tell about calls that were no asks."""

    messages: list[ModelMessage]
    others: Mapping[str, str]

    def as_text(self) -> str:
        # Instructions are written anew for each request; kept, they would only repeat themselves.
        bare = [replace(m, instructions=None) if isinstance(m, ModelRequest) else m for m in self.messages]
        messages = ModelMessagesTypeAdapter.dump_python(bare, mode="json")
        return json.dumps({"llm": 1, "messages": messages, "wrong": dict(self.others)}, ensure_ascii=False)

    @staticmethod
    def of(text: str) -> "_State | None":
        """The inverse of `as_text`; None for "" and for the state of another mind."""
        if not text.startswith('{"llm"'):
            return None
        kept: Json = json.loads(text)
        messages = ModelMessagesTypeAdapter.validate_python(kept["messages"])
        return _State(messages=messages, others=kept["wrong"])


def _cost(response: ModelResponse) -> Cost:
    """What the provider counted; money only when the price of the model is known."""
    usage = response.usage
    try:
        micro_usd = int(response.cost().total_price * 1_000_000)
    except (LookupError, ValueError, AssertionError):
        micro_usd = 0
    return Cost(calls=1, tokens_in=usage.input_tokens, tokens_out=usage.output_tokens, micro_usd=micro_usd)
