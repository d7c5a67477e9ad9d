"""The edit form as a Slack modal. Pure: a Sheet in, a view out; `adapters/chat/slack/inbound.py` reads what is filled in.

Limits: docs.slack.dev, "View object", "Input block", "Plain-text input element", "Select menu element".
"""

from adapters.chat.slack import cards, inbound
from bot.actions import Kind
from bot.forms import Entry, Sheet
from bot.places import Place
from bot.speech import Tongue
from bot.values import Json
from bot.visible import visible

_TITLE, _HINT, _TYPED, _METADATA = 24, 2_000, 3_000, 3_000
_ENTRIES, _OPTIONS, _OPTION, _VALUE = 90, 100, 75, 150


def fits(sheet: Sheet, place: Place) -> bool:
    """Whether Slack's form can hold all of it. One that cannot must not be shown: saving would cut values."""
    return (
        0 < len(sheet.entries) <= _ENTRIES
        and all(len(entry.value) <= _TYPED and 0 < len(entry.name) <= 200 for entry in sheet.entries)
        and len(inbound.binding(sheet.ref, sheet.revision, place)) <= _METADATA
    )


def view(sheet: Sheet, *, place: Place, tongue: Tongue) -> dict[str, Json]:
    """The modal. Saving makes a new revision and a new card; it never approves, and says so. Only the one that
    asks for a code approves, and says that."""
    promise = tongue("Saving approves nothing: a new card follows.")
    if sheet.proves:
        promise = tongue("The code approves what the card shows, and nothing else.")
    return {
        "type": "modal",
        "callback_id": inbound.EDIT_VIEW,
        "private_metadata": inbound.binding(sheet.ref, sheet.revision, place),
        "title": cards.plain_text(
            tongue("Approve {code}", code=sheet.code)
            if sheet.proves
            else tongue("Edit {code}", code=sheet.code),
            _TITLE,
        ),
        "submit": cards.plain_text(tongue("Approve") if sheet.proves else tongue("Save"), _TITLE),
        "close": cards.plain_text(tongue("Cancel"), _TITLE),
        "blocks": [
            cards.section(visible(sheet.title)),
            *(_input(entry) for entry in sheet.entries),
            cards.context(promise),
        ],
    }


def _input(entry: Entry) -> Json:
    element, listed = _select(entry), True
    if element is None:
        element, listed = _typed(entry), False
    block: dict[str, Json] = {
        "type": "input",
        "block_id": f"{inbound.FIELD}{entry.name}",
        "optional": not entry.required,
        "label": cards.plain_text(visible(entry.title), _HINT),
        "element": element,
    }
    choices = "" if listed else " · ".join(each.label for each in entry.picks)
    hint = "\n".join(filter(None, (entry.help, choices)))
    if hint:
        block["hint"] = cards.plain_text(visible(hint), _HINT)
    return block


def _select(entry: Entry) -> dict[str, Json] | None:
    """A menu, where every choice fits in one; live options by the words people know them by."""
    if entry.options:
        return _pick(entry)
    if not 0 < len(entry.choices) <= _OPTIONS or any(
        not 0 < len(text) <= _OPTION for each in entry.picks for text in (each.value, each.label)
    ):
        return None
    if len(set(entry.choices)) < len(entry.choices):
        return None
    options = {
        each.value: {"text": cards.plain_text(visible(each.label), _OPTION), "value": each.value}
        for each in entry.picks
    }
    element: dict[str, Json] = {
        "type": "static_select",
        "action_id": "value",
        "options": list(options.values()),
    }
    for choice, option in options.items():
        if choice.casefold() == entry.value.casefold():
            element["initial_option"] = option
            break
    return element


def _pick(entry: Entry) -> dict[str, Json] | None:
    if entry.more or any(not 0 < len(each.value) <= _VALUE for each in entry.options):
        return None
    options = [
        {"text": cards.plain_text(visible(each.label or each.value), _OPTION), "value": each.value}
        for each in entry.options
    ]
    element: dict[str, Json] = {"type": "static_select", "action_id": "value", "options": options}
    chosen = [option for option in options if option["value"] == entry.value]
    return {**element, "initial_option": chosen[0]} if chosen else element


def _typed(entry: Entry) -> dict[str, Json]:
    element: dict[str, Json] = {
        "type": "plain_text_input",
        "action_id": "value",
        "multiline": entry.kind in (Kind.LONG_TEXT, Kind.FIELDS, Kind.JSON) or "\n" in entry.value,
        "max_length": _TYPED,
    }
    if entry.value:
        element["initial_value"] = entry.value
    return element
