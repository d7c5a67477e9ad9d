"""What both stores agree on about finding words again: what of a row is read, and what is left of it. Pure."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from bot.events import Event, Form, Message, Wake
from bot.journal import Answer, Line, Row, Thought
from bot.notes import words
from bot.procedures import Errand


def of_line(line: Line) -> frozenset[str]:
    """The words of a line."""
    return words(" ".join((line.text, *texts(line.content))))


def of_row(row: Row) -> frozenset[str]:
    """The words of a row of the journal."""
    match row:
        case Thought():
            asked = [text for ask in row.asks for text in (*texts(dict(ask.arguments)), ask.reason)]
            # A state is JSON inside a text: what ends a line there is two characters.
            return words(
                " ".join((row.text, row.report, *asked, row.state.replace("\\n", " ").replace("\\t", " ")))
            )
        case Answer():
            return words(" ".join((row.text, *texts(row.data))))


def texts(value: Any) -> list[str]:
    """Every text in a JSON value."""
    match value:
        case str():
            return [value]
        case dict():
            return [text for each in value.values() for text in texts(each)]  # pyright: ignore[reportUnknownVariableType]
        case list() | tuple():
            return [text for each in value for text in texts(each)]  # pyright: ignore[reportUnknownVariableType]
        case _:
            return []


def holds(found: frozenset[str], sought: Collection[str]) -> bool:
    """Whether all of the words are there; nothing holds no words."""
    return bool(sought) and found.issuperset(sought)


def unheard(event: Event) -> Event:
    """The event without what was said in it."""
    match event.body:
        case Message() as message:
            return replace(event, body=replace(message, text="", name=""))
        case Form() as form:
            return replace(event, body=replace(form, values={}))
        case Wake(errand=Errand() as errand) as wake:
            return replace(event, body=replace(wake, errand=replace(errand, inputs={}, state="")))
        case _:
            return event


def unloaded(row: Row) -> Row:
    """The row without what a mind needed to go on."""
    return replace(row, state="") if isinstance(row, Thought) and row.state else row
