"""What the Bot API refuses, in the words it refuses it with. Pure; written from the Bot API's documentation.

Stricter than the service where that shows a defect earlier: an entity outside its text, or one that splits a
character, is an error here and is quietly mended there.
"""

import re
from collections.abc import Mapping

from bot.values import Json

STYLES = {"bold", "italic", "underline", "strikethrough", "code", "pre", "blockquote"}
"""The entities a careful bot sends; those that hide something (spoiler, text_link, …) are not among them."""
_ACTIONS = {"typing", "upload_photo", "upload_document", "find_location", "choose_sticker"}


class ApiError(Exception):
    """An answer that is not ok."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def bad(description: str) -> ApiError:
    return ApiError(400, f"Bad Request: {description}")


def units(text: str) -> int:
    """UTF-16 code units, which every offset counts."""
    return len(text.encode("utf-16-le")) // 2


def check_text(parameters: Mapping[str, Json]) -> str:
    text = parameters.get("text", "")
    if "parse_mode" in parameters:
        raise bad("this server takes entities, no parse_mode")
    if not text.strip():
        raise bad("message text is empty")
    if text != text.strip():
        raise bad("a text that Telegram would trim moves its entities")
    if units(text) > 4096:
        raise bad("message is too long")
    return text


def check_caption(parameters: Mapping[str, Json]) -> str:
    text = str(parameters.get("caption", ""))
    if units(text) > 1024:
        raise bad("message caption is too long")
    return text


def check_entities(parameters: Mapping[str, Json], text: str) -> list[Json]:
    entities: list[Json] = parameters.get("entities") or []
    if len(entities) > 100:
        raise bad("more than 100 entities: the others would be ignored")
    spans: list[tuple[int, int, str]] = []
    coded = text.encode("utf-16-le")
    for entity in entities:
        start, length = entity["offset"], entity["length"]
        if entity["type"] not in STYLES:
            raise bad(f"unsupported entity type {entity['type']}")
        if start < 0 or length <= 0 or start + length > units(text):
            raise bad("ENTITY_BOUNDS_INVALID")
        try:
            coded[2 * start : 2 * (start + length)].decode("utf-16-le")
        except UnicodeDecodeError:
            raise bad("an entity splits a character") from None
        spans.append((start, start + length, entity["type"]))
    for at, (start, end, kind) in enumerate(spans):
        for other_start, other_end, other in spans[at + 1 :]:
            if start < other_end and other_start < end:
                _check_nesting({kind: (start, end), other: (other_start, other_end)}, kind, other)
    return entities


def _check_nesting(spans: Mapping[str, tuple[int, int]], one: str, other: str) -> None:
    if one == other or "blockquote" not in (one, other):
        raise bad(f"{one} and {other} overlap")
    quote = spans["blockquote"]
    inner = spans[other if one == "blockquote" else one]
    if not (quote[0] <= inner[0] and inner[1] <= quote[1]):
        raise bad("entities cross each other")


def check_markup(parameters: Mapping[str, Json]) -> Json:
    markup = parameters.get("reply_markup")
    if not markup:
        return None
    rows = markup["inline_keyboard"]
    if sum(map(len, rows)) > 100 or any(not 1 <= len(row) <= 8 for row in rows):
        raise bad("reply markup is too long")
    for button in (button for row in rows for button in row):
        if not button.get("text"):
            raise bad("text buttons must be non-empty")
        if not 1 <= len(button.get("callback_data", "").encode()) <= 64:
            raise bad("BUTTON_DATA_INVALID")
    return markup


def check_answer(parameters: Mapping[str, Json]) -> None:
    if units(parameters.get("text", "")) > 200:
        raise bad("MESSAGE_TOO_LONG")


def check_action(parameters: Mapping[str, Json]) -> None:
    if parameters.get("action") not in _ACTIONS:
        raise bad("wrong parameter action in request")


def check_commands(parameters: Mapping[str, Json]) -> list[Json]:
    commands: list[Json] = parameters.get("commands") or []
    if len(commands) > 100:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"]) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    return commands


def menu(parameters: Mapping[str, Json]) -> tuple[str, str]:
    """Which menu is meant: its scope, with the chat where it is of one, and its language."""
    scope = parameters.get("scope") or {"type": "default"}
    kind, code = scope["type"], parameters.get("language_code", "")
    if kind not in ("default", "all_private_chats", "all_group_chats", "all_chat_administrators", "chat"):
        raise bad("unknown scope")
    if code and not re.fullmatch(r"[a-z]{2}", code):
        raise bad("LANGUAGE_CODE_INVALID")
    return (f"chat {scope['chat_id']}" if kind == "chat" else kind), code


def check_webhook(parameters: Mapping[str, Json]) -> tuple[str, str]:
    url, secret = parameters.get("url", ""), parameters.get("secret_token", "")
    local = url.startswith("http://127.0.0.1:")
    if url and not (url.startswith("https://") or local):
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
        raise bad("secret token contains unallowed characters")
    return url, secret
