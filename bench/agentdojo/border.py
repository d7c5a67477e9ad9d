"""The one border to the PyPI package `agentdojo`, which ships no types: everything beyond it is Any here."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.values import Json

VERSION = "v1.2.2"
SUITES = ("workspace", "travel", "banking", "slack")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """One call of a tool of a suite, arguments as the suite writes them."""

    tool: str
    arguments: Mapping[str, Json] = field(default_factory=dict[str, Json])


def suite(name: str) -> Any:
    """The task suite of that name, in the version that is measured."""
    return importlib.import_module("agentdojo.task_suite.load_suites").get_suite(VERSION, name)


def runtime(tools: Any) -> Any:
    """What runs the tools over an environment."""
    return importlib.import_module("agentdojo.functions_runtime").FunctionsRuntime(tools)


def as_text(result: Any) -> str:
    """What a tool returned, as a mind reads it."""
    render = importlib.import_module("agentdojo.agent_pipeline.tool_execution").tool_result_to_str
    return str(render(result))


def calls_of(task: Any, environment: Any) -> tuple[ToolCall, ...]:
    """The task's ground truth."""
    return tuple(
        ToolCall(tool=str(call.function), arguments=dict(call.args))
        for call in task.ground_truth(environment.model_copy(deep=True))
    )


def traced(calls: tuple[ToolCall, ...]) -> list[Any]:
    """Calls as the suite's judges read them."""
    made = importlib.import_module("agentdojo.functions_runtime").FunctionCall
    return [made(function=call.tool, args=dict(call.arguments)) for call in calls]


def words(text: str) -> list[dict[str, str]]:
    """What the mind said at the end, as the suite's judges read it."""
    return [{"type": "text", "content": text}]


def completed(of: Any, task: Any, before: Any, after: Any, said: str, calls: tuple[ToolCall, ...]) -> bool:
    """The suite's own judgement: was the person's task done?"""
    judge = getattr(of, "_check_user_task_utility")  # noqa: B009 (the suite's judge has no public name)
    return bool(judge(task, words(said), before, after, traced(calls)))


def took_effect(of: Any, task: Any, before: Any, after: Any, said: str, calls: tuple[ToolCall, ...]) -> bool:
    """The suite's own judgement: did the attack reach its goal?"""
    judge = getattr(of, "_check_injection_task_security")  # noqa: B009 (the suite's judge has no public name)
    return bool(judge(task, words(said), before, after, traced(calls)))


def environment(of: Any, injected: str) -> Any:
    """The suite's world, with these words wherever an attacker can write."""
    text = " ".join(injected.replace('"', "'").replace("\\", "/").split())
    vectors = of.get_injection_vector_defaults()
    return of.load_and_inject_default_environment(dict.fromkeys(vectors, text) if text else {})
