"""What a provider's library would do anew for every request is done once for each tool.

With forty tools two thirds of the processor time of a thought went there. A model does the same without this, later.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.tools import ToolDefinition

MOST = 1024
"""How many tools are remembered."""


class _Once:
    """A tool by what it is, not by what it holds: it is never changed, and the same one comes again."""

    __slots__ = ("tool",)

    def __init__(self, tool: ToolDefinition) -> None:
        self.tool = tool

    def __hash__(self) -> int:
        return id(self.tool)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Once) and other.tool is self.tool


def economical(model: Model) -> Model:
    """The same model."""
    _dialect_once(model)
    client = getattr(model, "client", None)
    if hasattr(client, "max_retries"):
        # Said of each request it makes another client for each.
        client.max_retries = 0  # pyright: ignore[reportOptionalMemberAccess]
    for resource in ("chat.completions", "responses"):
        _spare_the_schemas(client, resource)
    return model


def retries_by_itself(model: Model) -> bool:
    """Whether its client has to be told, for each request, not to try again."""
    return getattr(getattr(model, "client", None), "max_retries", None) != 0


def _dialect_once(model: Model) -> None:
    """Each tool is put into the provider's dialect of JSON Schema once."""
    customize = model.customize_request_parameters

    @lru_cache(maxsize=MOST)
    def of(once: _Once) -> ToolDefinition:
        (tool,) = customize(ModelRequestParameters(function_tools=[once.tool])).function_tools
        return tool

    def customized(model_request_parameters: ModelRequestParameters) -> ModelRequestParameters:
        rest = customize(replace(model_request_parameters, function_tools=[]))
        return replace(
            rest, function_tools=[of(_Once(tool)) for tool in model_request_parameters.function_tools]
        )

    model.customize_request_parameters = customized


def _spare_the_schemas(client: object, resource: str) -> None:
    """OpenAI's library looks through every schema for values of Python's; ours are JSON, and go into the body as they are."""
    for name in resource.split("."):
        client = getattr(client, name, None)
    create: Callable[..., Awaitable[Any]] | None = getattr(client, "create", None)
    if create is None:
        return

    async def straight(*, tools: object = None, extra_body: dict[str, object] | None = None, **rest: object):
        if isinstance(tools, list):
            return await create(extra_body={**(extra_body or {}), "tools": tools}, **rest)
        return await create(extra_body=extra_body, **({} if tools is None else {"tools": tools}), **rest)

    client.create = straight  # pyright: ignore[reportAttributeAccessIssue, reportOptionalMemberAccess]
