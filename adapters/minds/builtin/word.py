"""What a word that always works is: its forms in both languages, what it wants behind it, what it asks for."""

from dataclasses import dataclass
from enum import StrEnum


class Takes(StrEnum):
    """What a word wants behind it."""

    NOTHING = "nothing"
    TOPIC = "topic"
    NUMBER = "number"
    SUBJECT = "subject"
    CODE = "code"
    ZONE = "zone"
    QUIET = "quiet"
    LANGUAGE = "language"
    TEXT = "text"
    MAYBE_CODE = "maybe code"
    MAYBE_TEXT = "maybe text"
    SYSTEM = "system"
    DEPUTY = "person, until"
    ACCOUNT = "system, name"
    CONNECTION = "connection"
    LABEL = "connection, label"
    CODE_AND_WHY = "code, reason"
    HOOK = "hook, sender"
    HOOK_NAME = "hook"
    ESCALATION = "hook, person, minutes"
    LIMIT = "whose, what, by how much"
    ACTION = "action"
    FIELD = "action, field, how, value"
    SPAN = "when"
    CHANGE = "number, what"
    HANDED = "number to person"
    PART = "number, part"
    NUMBER_AND_WHY = "number, why"
    NAME = "name"
    RULE = "text, or number and how"
    ABOUT = "about, as of"
    CORRECT = "what, to what"
    NEWS = "what changed to what"
    REMEMBER = "text, until"
    SAID = "name, value"
    RECIPE = "name, recipe"
    ERRAND = "name, inputs"
    GOING_ON = "name, done or again"
    SWITCH = "on or off, name"
    ITEMS = "list: items"
    ITEM = "list: item"
    ITEM_TO = "list: item to what"
    LIST_NAME = "list"
    LIST_TO = "list to name"
    SHOWN = "list, since when"
    AMOUNT = "total add amount"
    WRITTEN = "list, where to"
    COUNTED = "counter, by how much"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One thing to say. `action` is what it asks for, "" for what the mind answers by itself.

    `says` is the sentence of the reference; `control` words are answered by the
    built-in mind even when a model is configured.
    """

    name: str
    action: str = ""
    field: str = ""
    takes: Takes = Takes.NOTHING
    control: bool = True
    en: tuple[str, ...]
    fr: tuple[str, ...]
    example: str
    exemple: str
    says: str
