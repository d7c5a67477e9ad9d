"""Slack's documented limits on blocks and views, as far as this project uses them: what breaks one is named.

Sources, all on docs.slack.dev: "Block Kit reference" (Blocks, Header, Section, Context, Actions, Input, Rich text),
"Block elements" (Button, Plain-text input, Select menu), "Composition objects" (Text, Confirmation dialog, Option),
"View object", "Home tab", "assistant.threads.setSuggestedPrompts", "Message metadata", "chat.postMessage", "chat.update".
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from bot.values import Json

_STYLES = {"bold", "italic", "strike", "code", "underline"}


def of_message(blocks: Json, text: Json) -> list[str]:
    """What is wrong with a message; empty when Slack would take it."""
    found = [*_blocks(blocks, most=50, kinds={"header", "section", "context", "actions", "rich_text"})]
    if not isinstance(text, str) or not text:
        found.append("no fallback text")
    elif len(text) > 4_000:
        found.append("the fallback text is too long")
    elif "<" in text or ">" in text:
        found.append("the fallback text is not escaped")
    return found


def of_view(view: Json) -> list[str]:
    """What is wrong with a modal."""
    it = _map(view)
    found = [*_blocks(it.get("blocks"), most=100, kinds={"section", "context", "input", "rich_text"})]
    if it.get("type") != "modal":
        found.append("not a modal")
    for name in ("title", "submit", "close"):
        found += _plain(it.get(name), 24, f"view {name}")
    if len(str(it.get("private_metadata", ""))) > 3_000:
        found.append("private_metadata is too long")
    if len(str(it.get("callback_id", ""))) > 255:
        found.append("callback_id is too long")
    return found


def of_home(view: Json) -> list[str]:
    """What is wrong with a home."""
    it = _map(view)
    kinds = {"header", "section", "context", "actions", "rich_text", "divider"}
    found = [*_blocks(it.get("blocks"), most=100, kinds=kinds, apart=True)]
    return found if it.get("type") == "home" else [*found, "not a home"]


def of_prompts(arguments: Json) -> list[str]:
    """What is wrong with the prompts of the assistant pane."""
    prompts = _list(_map(arguments).get("prompts"))
    found = [] if 0 < len(prompts) <= 4 else [f"{len(prompts)} prompts"]
    return found + [
        f"{name} is empty" for each in prompts for name in ("title", "message") if not each.get(name)
    ]


def of_metadata(metadata: Json) -> list[str]:
    """What is wrong with message metadata."""
    it = _map(metadata)
    payload = it.get("event_payload")
    if not isinstance(it.get("event_type"), str) or not isinstance(payload, Mapping):
        return ["metadata needs event_type and event_payload"]
    return ["metadata is too long"] if len(json.dumps(payload)) > 16_000 else []


def texts(blocks: Json) -> Iterator[tuple[str, str]]:
    """(kind of text, characters) of everything in the blocks that a person reads."""
    if isinstance(blocks, Mapping):
        it = _map(blocks)
        if it.get("type") in ("plain_text", "mrkdwn", "text") and isinstance(it.get("text"), str):
            yield str(it["type"]), it["text"]
        for value in it.values():
            yield from texts(value)
    elif isinstance(blocks, list):
        for value in cast("list[Json]", blocks):
            yield from texts(value)


def buttons(blocks: Json) -> list[Mapping[str, Json]]:
    """Every button of a message."""
    return [
        element
        for block in _list(blocks)
        if block.get("type") == "actions"
        for element in _list(block.get("elements"))
    ]


def _blocks(blocks: Json, *, most: int, kinds: set[str], apart: bool = False) -> Iterator[str]:
    """`apart` says that an action_id may come again in another block."""
    found = _list(blocks)
    if not 0 < len(found) <= most:
        yield f"{len(found)} blocks"
    actions: list[str] = []
    for block in found:
        kind = str(block.get("type"))
        if kind not in kinds:
            yield f"unexpected block {kind}"
        if len(str(block.get("block_id", ""))) > 255:
            yield "block_id is too long"
        yield from _block(kind, block)
        if kind == "actions":
            actions = [] if apart else actions
            actions += [str(element.get("action_id")) for element in _list(block.get("elements"))]
        if apart and len(actions) != len(set(actions)):
            yield "an action_id is used twice in one block"
    if len(actions) != len(set(actions)):
        yield "an action_id is used twice"


def _block(kind: str, block: Mapping[str, Json]) -> Iterator[str]:
    match kind:
        case "header":
            yield from _plain(block.get("text"), 150, "header")
        case "section" if "fields" in block:
            fields = _list(block["fields"])
            if not 0 < len(fields) <= 10:
                yield f"{len(fields)} fields"
            for field in fields:
                yield from _plain(field, 2_000, "field")
        case "section":
            yield from _plain(block.get("text"), 3_000, "section")
        case "context":
            elements = _list(block.get("elements"))
            if not 0 < len(elements) <= 10:
                yield f"{len(elements)} context elements"
            for element in elements:
                yield from _plain(element, 3_000, "context")
        case "actions":
            elements = _list(block.get("elements"))
            if not 0 < len(elements) <= 25:
                yield f"{len(elements)} buttons"
            for element in elements:
                yield from _button(element)
        case "input":
            yield from _input(block)
        case "rich_text":
            yield from _rich(block.get("elements"), top=True)
        case _:
            pass


def _button(element: Mapping[str, Json]) -> Iterator[str]:
    if element.get("type") != "button":
        yield "not a button"
    yield from _plain(element.get("text"), 75, "button")
    if not 0 < len(str(element.get("action_id", ""))) <= 255:
        yield "action_id is empty or too long"
    if len(str(element.get("value", ""))) > 2_000:
        yield "value is too long"
    if element.get("style") not in (None, "primary", "danger"):
        yield "unknown style"
    if "confirm" in element:
        confirm = _map(element["confirm"])
        for name, longest in {"title": 100, "text": 300, "confirm": 30, "deny": 30}.items():
            yield from _plain(confirm.get(name), longest, f"confirm {name}")


def _input(block: Mapping[str, Json]) -> Iterator[str]:
    yield from _plain(block.get("label"), 2_000, "label")
    if "hint" in block:
        yield from _plain(block["hint"], 2_000, "hint")
    element = _map(block.get("element"))
    match element.get("type"):
        case "plain_text_input":
            longest = element.get("max_length", 3_000)
            if not isinstance(longest, int) or not 0 < longest <= 3_000:
                yield "max_length"
            elif len(str(element.get("initial_value", ""))) > longest:
                yield "initial_value is too long"
        case "static_select":
            options = _list(element.get("options"))
            if not 0 < len(options) <= 100:
                yield f"{len(options)} options"
            for option in options:
                yield from _plain(option.get("text"), 75, "option")
                if not 0 < len(str(option.get("value", ""))) <= 150:
                    yield "an option's value is empty or too long"
            if "initial_option" in element and element["initial_option"] not in options:
                yield "initial_option is not one of the options"
        case other:
            yield f"unexpected input {other}"


def _rich(elements: Json, *, top: bool = False) -> Iterator[str]:
    found = _list(elements)
    if not found:
        yield "an empty rich text element"
    for element in found:
        match element.get("type"):
            case "rich_text_section" | "rich_text_quote" | "rich_text_preformatted" if (
                top or element["type"] == "rich_text_section"
            ):
                yield from _rich(element.get("elements"))
            case "rich_text_list" if top:
                if (
                    element.get("style") not in ("bullet", "ordered")
                    or not 0 <= element.get("indent", 0) <= 8
                ):
                    yield "a list's style or indent"
                yield from _rich(element.get("elements"))
            case "text" if not top:
                if not isinstance(element.get("text"), str) or not 0 < len(element["text"]) <= 3_000:
                    yield "a rich text that is empty or too long"
                if not set(_map(element.get("style", {}))) <= _STYLES:
                    yield "unknown style"
            case other:
                yield f"unexpected rich text {other}"


def _plain(text: Json, longest: int, where: str) -> list[str]:
    it = _map(text)
    if it.get("type") != "plain_text" or not isinstance(it.get("text"), str):
        return [f"{where}: not plain_text"]
    return [] if 0 < len(it["text"]) <= longest else [f"{where}: {len(it['text'])} characters"]


def _map(value: Json) -> Mapping[str, Json]:
    return cast("Mapping[str, Json]", value) if isinstance(value, Mapping) else {}


def _list(value: Json) -> Sequence[Mapping[str, Json]]:
    return [_map(each) for each in cast("list[Json]", value)] if isinstance(value, list) else []
