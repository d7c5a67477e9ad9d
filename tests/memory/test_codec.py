"""Whatever a noun holds, it comes back from its text as it was."""

import json
import pickle
from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import effects, events, journal, missions
from bot.batches import Batch
from bot.connections import Connection
from bot.effects import Effect
from bot.errors import BadInput, Misconfigured
from bot.events import Event, Message
from bot.journal import Line, Turn
from bot.missions import Mission
from bot.notes import Note
from bot.occurrences import Occurrence
from bot.people import Identity, Person
from bot.proposals import Proposal
from bot.tallies import Stroke, Tally
from bot.tickets import Ticket
from memory import codec
from memory.codec import Codec
from memory.moments import micros, moment
from tests.contracts.stores import NOON, event
from tests.memory import shapes

NOUNS: dict[str, tuple[Codec[Any], Any]] = {
    "event": (codec.EVENT, Event),
    "turn": (codec.TURN, Turn),
    "row": (codec.ROW, journal.Row),
    "person": (codec.PERSON, Person),
    "mission": (codec.MISSION, Mission),
    "occurrence": (codec.OCCURRENCE, Occurrence),
    "proposal": (codec.PROPOSAL, Proposal),
    "batch": (codec.BATCH, Batch),
    "effect": (codec.EFFECT, Effect),
    "line": (codec.LINE, Line),
    "note": (codec.NOTE, Note),
    "connection": (codec.CONNECTION, Connection),
    "tally": (codec.TALLY, Tally),
    "stroke": (codec.STROKE, Stroke),
    "ticket": (codec.TICKET, Ticket),
    "value": (codec.JSON, Any),
}


@pytest.mark.parametrize("name", NOUNS)
@settings(deadline=None)
@given(data=st.data())
def test_every_noun_comes_back_as_it_was(name: str, data: st.DataObject) -> None:
    of, shape = NOUNS[name]
    noun = data.draw(shapes.of(shape))
    back = of.load(of.dump(noun))
    assert back == noun
    assert type(back) is type(noun)
    assert of.dump(back) == of.dump(noun)


@settings(deadline=None)
@given(at=shapes.moments)
def test_moments_keep_their_offset_to_the_microsecond(at: Any) -> None:
    back = codec.EVENT.copy(replace(event("e1"), at=at)).at
    assert (back, back.utcoffset()) == (at, at.utcoffset())


@settings(deadline=None)
@given(first=shapes.moments, second=shapes.moments)
def test_numbers_of_moments_are_exact_and_sort_as_they_do(first: Any, second: Any) -> None:
    assert moment(micros(first)) == first
    assert (micros(first) < micros(second)) == (first < second)


def test_naive_moments_have_no_number() -> None:
    with pytest.raises(TypeError):
        micros(NOON.replace(tzinfo=None))


@pytest.mark.parametrize(
    "union", [events.Body, journal.Row, effects.Deed, effects.Content, missions.Trigger], ids=str
)
def test_members_of_a_union_are_told_apart_by_their_kind(union: Any) -> None:
    kinds = [member.__dataclass_fields__["kind"].default for member in get_args(union)]
    assert len(set(kinds)) == len(kinds)


def test_a_copy_shares_nothing_with_what_was_given() -> None:
    values = {"amount": "5"}
    form = events.Form(who=Identity(platform="web", user="u"), ref="r", revision=1, values=values)
    copied = codec.EVENT.copy(event("e1", body=form))
    values["amount"] = "6"
    assert isinstance(copied.body, events.Form)
    assert copied.body.values == {"amount": "5"}


def test_what_comes_back_can_be_sent_to_another_process() -> None:
    copied = codec.EVENT.copy(replace(event("e1"), at=NOON.astimezone(timezone(timedelta(hours=2)))))
    assert pickle.loads(pickle.dumps(copied)) == copied


def test_text_that_is_not_unicode_is_refused() -> None:
    with pytest.raises(BadInput):
        codec.EVENT.dump(event("e1", body=Message(who=Identity(platform="web", user="u"), text="\ud800")))


def test_a_text_that_is_something_else_is_refused_without_quoting_it() -> None:
    for text in (
        "",
        "{}",
        '{"secret": "hunter2"}',
        codec.EVENT.dump(event("e1")).replace("message", "hunter2"),
    ):
        with pytest.raises(Misconfigured) as raised:
            codec.EVENT.load(text)
        assert "hunter2" not in str(raised.value)
        assert raised.value.__cause__ is None


def test_what_a_newer_version_added_is_passed_over() -> None:
    """Two versions run side by side during a deploy, and take each other's rows."""
    kept = json.loads(codec.EVENT.dump(event("e1")))
    kept |= {"newer": 1, "body": {**kept["body"], "newer": {"a": [1]}}}
    assert codec.EVENT.load(json.dumps(kept)) == event("e1")
