"""Posted forms to Message | Press | Form. Pure: fields and a viewer in, an Arrival out, or a Problem.

Every form carries a nonce made when it was drawn, and the nonce is part of the delivery's key: a form that is
sent twice is one event.
"""

import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from adapters.chat.web.guard import Problem
from bot.events import Form, Message, Press, Verb
from bot.forms import Sheet
from bot.inbox import Arrival
from bot.people import Identity, Person, Standing
from bot.places import Place
from bot.tickets import hashed
from bot.visible import original

LONGEST_MESSAGE = 20_000
_NONCE = re.compile(r"[A-Za-z0-9_-]{8,64}")
_REF = re.compile(r"[!-~]{1,200}")


def identity(person: Person) -> Identity:
    return Identity(platform="web", user=person.id)


def place(person: Person) -> Place:
    """Everyone has one conversation with the assistant on the web page, which nobody else reads."""
    return Place(platform="web", channel=person.id, private=True)


def message(fields: Mapping[str, str], person: Person) -> Arrival | None:
    """Words; None when there are none."""
    text = fields.get("text", "").replace("\r", "\n").strip()
    if not text:
        return None
    if len(text) > LONGEST_MESSAGE:
        raise Problem("long", 400)
    return Arrival(
        key=f"web:{person.id}:{_nonce(fields)}",
        place=place(person),
        body=Message(
            who=identity(person),
            text=text.replace("\x00", ""),
            name=person.name,
            lang=person.lang,
            zone=_zone(fields.get("zone", "")),
            standing=Standing.MEMBER,
        ),
    )


def press(fields: Mapping[str, str], person: Person, session: str) -> Arrival:
    """A button."""
    try:
        verb = Verb(fields.get("verb", ""))
    except ValueError as error:
        raise Problem("form", 400) from error
    ref, revision = _reference(fields)
    value = fields.get("value", "")
    return Arrival(
        key=f"web:press:{hashed(session)[:16]}:{ref}:{revision}:{verb}:{_nonce(fields)}",
        place=place(person),
        body=Press(
            who=identity(person),
            ref=ref,
            revision=revision,
            verb=verb,
            value=value,
            message=fields.get("message", ""),
            name=person.name,
            standing=Standing.MEMBER,
        ),
    )


def form(fields: Mapping[str, str], sheet: Sheet, person: Person, session: str) -> Arrival:
    """An edited sheet. Hidden characters stand spelled out in its fields; what nobody touched stays as it is."""
    _, revision = _reference({**fields, "ref": sheet.ref})
    values = {
        entry.name: original(fields[f"field.{entry.name}"])
        for entry in sheet.entries
        if f"field.{entry.name}" in fields
    }
    return Arrival(
        key=f"web:form:{hashed(session)[:16]}:{sheet.ref}:{revision}:{_nonce(fields)}",
        place=place(person),
        body=Form(
            who=identity(person),
            ref=sheet.ref,
            revision=revision,
            values=values,
            name=person.name,
            standing=Standing.MEMBER,
        ),
    )


def _nonce(fields: Mapping[str, str]) -> str:
    nonce = fields.get("nonce", "")
    if not _NONCE.fullmatch(nonce):
        raise Problem("form", 400)
    return nonce


def _reference(fields: Mapping[str, str]) -> tuple[str, int]:
    ref, revision = fields.get("ref", ""), fields.get("revision", "")
    if not _REF.fullmatch(ref) or not re.fullmatch(r"[0-9]{1,9}", revision, re.ASCII):
        raise Problem("form", 400)
    return ref, int(revision)


def _zone(name: str) -> str:
    """The browser's time zone, when it is one. ZoneInfo refuses names that are paths."""
    try:
        return ZoneInfo(name).key if name else ""
    except (KeyError, ValueError, OSError):
        return ""
