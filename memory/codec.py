"""Nouns to JSON text and back. Knows the shapes of the nouns and nothing of tables.

The nouns stay plain frozen dataclasses of the standard library; pydantic reads their annotations. A union is
told apart by its Literal `kind`, which rules out every member but one. Moments keep their offset to the
microsecond. Free JSON fields keep what JSON can hold: a tuple in them comes back as a list, a key as text.
"""

import json
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, Generic, TypeVar, get_args

from pydantic import Discriminator, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from bot import effects, events, journal
from bot.batches import Batch
from bot.budgets import Reservation
from bot.connections import Connection
from bot.effects import Effect
from bot.errors import BadInput, Misconfigured
from bot.events import Event
from bot.freezes import Freeze
from bot.grants import Grant
from bot.hooks import Hook
from bot.incidents import Incident
from bot.journal import Line, Turn
from bot.mailboxes import Mailbox
from bot.missions import Mission
from bot.notes import Note
from bot.occurrences import Occurrence
from bot.people import Person
from bot.procedures import Procedure
from bot.proposals import Proposal
from bot.tallies import Stroke, Tally
from bot.tickets import Ticket
from bot.values import Json
from bot.watches import Watch

T = TypeVar("T")


class Codec(Generic[T]):
    """One noun's way to text and back. Its adapter is built at first use and kept."""

    def __init__(self, name: str, shape: Any) -> None:
        self._name = name
        self._shape = shape

    @cached_property
    def _adapter(self) -> TypeAdapter[T]:
        return TypeAdapter(self._shape)

    def dump(self, noun: T) -> str:
        """The noun as JSON text. Raises BadInput for text that is not Unicode (half a surrogate pair)."""
        try:
            # Not by dump_json, whose fifteen arguments, none of them given, take as long as the noun does.
            return self._adapter.serializer.to_json(noun).decode()
        except PydanticSerializationError as error:
            raise BadInput(f"this {self._name} holds something that cannot be kept as text") from error

    def load(self, text: str) -> T:
        """The noun that `dump` wrote. Raises Misconfigured when the text is something else."""
        try:
            return self._adapter.validator.validate_json(text)
        except ValidationError as error:
            # The details would quote what people wrote; the count says enough for a log.
            raise Misconfigured(
                f"a kept {self._name} cannot be read ({error.error_count()} fields are wrong): restore a backup, "
                "or run the version of Vigie that wrote it"
            ) from None

    def copy(self, noun: T) -> T:
        """The noun as it would come back from a table: nothing in it is shared with the one given."""
        return self.load(self.dump(noun))


EVENT = Codec[Event]("event", Event)
BODY = Codec[events.Body]("event", Annotated[events.Body, Discriminator("kind")])
TURN = Codec[Turn]("turn", Turn)
ROW = Codec[journal.Row]("journal row", Annotated[journal.Row, Discriminator("kind")])
PERSON = Codec[Person]("person", Person)
MISSION = Codec[Mission]("mission", Mission)
OCCURRENCE = Codec[Occurrence]("occurrence", Occurrence)
PROCEDURE = Codec[Procedure]("procedure", Procedure)
PROPOSAL = Codec[Proposal]("proposal", Proposal)
BATCH = Codec[Batch]("batch", Batch)
EFFECT = Codec[Effect]("effect", Effect)
LINE = Codec[Line]("line", Line)
NOTE = Codec[Note]("note", Note)
FREEZE = Codec[Freeze]("freeze", Freeze)
GRANT = Codec[Grant]("grant", Grant)
RESERVATION = Codec[Reservation]("reservation", Reservation)
CONNECTION = Codec[Connection]("connection", Connection)
HOOK = Codec[Hook]("hook", Hook)
INCIDENT = Codec[Incident]("incident", Incident)
MAILBOX = Codec[Mailbox]("mailbox", Mailbox)
TALLY = Codec[Tally]("list", Tally)
STROKE = Codec[Stroke]("change of a list", Stroke)
WATCH = Codec[Watch]("watch", Watch)
TICKET = Codec[Ticket]("ticket", Ticket)
JSON = Codec[Json]("value", Any)


def _kinds(union: Any) -> frozenset[str]:
    """What the members of a union are told apart by."""
    return frozenset(str(shape.__dataclass_fields__["kind"].default) for shape in get_args(union))


_BODIES, _DEEDS, _CONTENTS = _kinds(events.Body), _kinds(effects.Deed), _kinds(effects.Content)


def knows_event(text: str) -> bool:
    """Whether what a kept event is about is of a kind that this version has. What a newer one wrote is left to it: two
    versions run side by side while the new one is brought in."""
    return json.loads(text)["body"]["kind"] in _BODIES


def knows_effect(text: str) -> bool:
    """The same of what a kept effect does, and of what it says."""
    deed = json.loads(text)["deed"]
    return deed["kind"] in _DEEDS and (deed["kind"] != "say" or deed["content"]["kind"] in _CONTENTS)


def arrived(text: str) -> datetime:
    """When a kept event happened, whatever it is about."""
    return datetime.fromisoformat(json.loads(text)["at"])
