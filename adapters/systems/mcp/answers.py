"""What a tool returned, as a receipt. Pure. The server's words are quoted and cut; pictures, sound and files are
named and not carried along.
"""

import json
from collections.abc import Iterable, Mapping, Sequence

import mcp_types as mcp

from bot.actions import Change, Receipt
from bot.speech import Tongue
from bot.values import Json, canonical
from bot.visible import visible

LONGEST_WORDS = 1_500
"""Characters of an answer that people are shown."""
LARGEST = 40_000
"""Characters of an answer that are kept for whoever asked, words and structure together."""


_SHORTEST_SECRET = 8
"""What is shorter is an everyday word (a scheme, a level of a log) sooner than a secret."""


def without(result: mcp.CallToolResult, secrets: Iterable[str]) -> mcp.CallToolResult:
    """The same result, with none of these in it."""
    told = plain = result.model_dump_json(by_alias=True)
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            plain = plain.replace(json.dumps(secret, ensure_ascii=False)[1:-1], "•••")
    return result if plain == told else mcp.CallToolResult.model_validate_json(plain)


def receipt(
    tool: str, result: mcp.CallToolResult, tongue: Tongue, changes: tuple[Change, ...] = ()
) -> Receipt:
    """A result that is not an error."""
    words = spoken(result.content, tongue)
    text = (
        tongue("“{tool}” answered: “{words}”", tool=tool, words=cut(words, LONGEST_WORDS))
        if words
        else tongue("“{tool}” answered without a word.", tool=tool)
    )
    return Receipt(text=text, changes=changes, data=_data(result, words))


def spoken(content: Sequence[mcp.ContentBlock], tongue: Tongue) -> str:
    """The parts of an answer as words, one after the other."""
    return "\n".join(part for each in content if (part := _part(each, tongue)))


def _part(block: mcp.ContentBlock, tongue: Tongue) -> str:
    match block:
        case mcp.TextContent():
            return visible(block.text[: LARGEST * 2]).strip()
        case mcp.ImageContent():
            return tongue("[a picture, {kind}, not shown]", kind=visible(block.mime_type[:60]))
        case mcp.AudioContent():
            return tongue("[a sound, {kind}, not played]", kind=visible(block.mime_type[:60]))
        case mcp.ResourceLink():
            return tongue(
                "[a reference: {name}, {uri}]",
                name=visible(block.name[:120]),
                uri=visible(str(block.uri)[:300]),
            )
        case mcp.EmbeddedResource():
            return _resource(block.resource, tongue)
        case _:
            return tongue("[something this assistant does not read]")


def _resource(resource: mcp.TextResourceContents | mcp.BlobResourceContents, tongue: Tongue) -> str:
    uri = visible(str(resource.uri)[:300])
    if isinstance(resource, mcp.TextResourceContents):
        return f"[{uri}]\n{visible(resource.text[:LARGEST])}"
    kind = visible((resource.mime_type or "?")[:60])
    return tongue("[a file, {kind}, {uri}, not opened]", kind=kind, uri=uri)


def _data(result: mcp.CallToolResult, words: str) -> Mapping[str, Json]:
    """For whoever asked: the structure where there is one and it is not too large, and the words besides."""
    data: dict[str, Json] = {"text": cut(words, LARGEST)}
    structured: Json = result.structured_content
    if structured is None:
        return data
    try:
        size = len(canonical(structured))
    except ValueError:
        return data
    if size <= LARGEST:
        data["structured"] = structured
    else:
        data["structured_left_out"] = size
    return data


def cut(text: str, longest: int) -> str:
    """At most that many characters, and a sign where some are missing."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
