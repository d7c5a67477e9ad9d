"""Where values come from: literal words of the person, never for ids, and nothing a mind says about itself."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.actions import Action, Field, Kind, Part, Risk
from bot.proposals import Origin, Source, SourceKind
from bot.provenance import Grounds, Reading, own_words, said, trace
from bot.values import Json, Money

AT = datetime(2026, 11, 21, 10, 2, tzinfo=UTC)
MAIL = Action(
    name="mail.send",
    title="Send",
    risk=Risk.R2,
    fields=(
        Field(name="to", title="To", kind=Kind.JSON, part=Part.RECIPIENT),
        Field(name="text", title="Text", kind=Kind.LONG_TEXT, part=Part.CONTENT),
        Field(name="on", title="On", kind=Kind.DATE, required=False),
        Field(name="tag", title="Tag", required=False, default="none"),
    ),
)
DELETE = Action(
    name="files.delete",
    title="Delete",
    fields=(
        Field(name="file", title="File", part=Part.OBJECT),
        Field(name="why", title="Why", required=False),
    ),
)


def is_own(action: Action, words: str, author: Origin = Origin.MIND, **arguments: Json) -> bool:
    return own_words(action, trace(action, arguments, arguments, Grounds(words=words, at=AT, author=author)))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("Alice", "Tell Alice hello"),
        ("alice", "tell ALICE, please"),
        ("bob@example.com", "write to bob@example.com."),
        ("bob@example.com", "write to 'bob@example.com'"),
        ("www.example.com", "read www.example.com!"),
        ("Hi, I am a bot", "Say: Hi,  I am\na bot"),
        ("13", "give me 13 of them"),
        (["a@x.org", "b@x.org"], "add a@x.org, b@x.org"),
        (Money(4990, "EUR").as_json(), "pay back 49.90 EUR"),
        (Money(4990, "EUR").as_json(), "pay back 49,90 €"),
        (Money(500, "EUR").as_json(), "pay back 5"),
    ],
)
def test_a_whole_word_or_phrase_is_said(value: Json, words: str) -> None:
    assert said(value, words)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("Ali", "Tell Alice hello"),
        ("bob@example.com", "write to bob@example.com.evil.org"),
        ("bob@example.com", "write to notbob@example.com"),
        ("ob@example.com", "write to b.ob@example.com"),
        ("www.example.com", "read www.example.com/reset?d=1"),
        ("example.com", "read www.example.com"),
        ("13", "at 13:00"),
        ("13", "it was 13.50"),
        ("13", "in 2013"),
        ("13", "order 13-7"),
        (["a@x.org", "eve@evil.org"], "add a@x.org"),
        ("", "anything"),
        (True, "true"),
        (None, "none"),
        (Money(500, "EUR").as_json(), "pay back 5.29"),
        (Money(500, "EUR").as_json(), "pay back 5 USD"),
        (Money(500, "EUR").as_json(), "pay back 1,005"),
        ("bоb@example.com", "write to bob@example.com"),  # a Cyrillic о
    ],
)
def test_a_part_of_a_word_is_not_said(value: Json, words: str) -> None:
    assert not said(value, words)


@given(st.text(min_size=1), st.text())
def test_what_is_said_stands_in_the_text(value: str, text: str) -> None:
    if said(value, text):
        assert " ".join(value.split()).casefold() in " ".join(text.split()).casefold()


def test_who_and_what_must_both_be_the_persons() -> None:
    """SAFETY 63"""
    words = "Write to bob@example.com: see you at noon"
    assert is_own(MAIL, words, to=["bob@example.com"], text="see you at noon")
    assert not is_own(MAIL, words, to=["bob@example.com"], text="see www.evil.example")
    assert not is_own(MAIL, words, to=["eve@evil.example"], text="see you at noon")


def test_when_may_be_anything_but_an_unnamed_text_may_not() -> None:
    words = "Write to bob@example.com: see you at noon"
    assert is_own(MAIL, words, to=["bob@example.com"], text="see you at noon", on="2026-11-22")
    assert not is_own(MAIL, words, to=["bob@example.com"], text="see you at noon", tag="see evil.example")


@pytest.mark.parametrize("words", ["delete 13", "meet me at 13", "13", "file 13 of bob"])
def test_an_id_is_never_the_persons_word_when_a_model_chose_it(words: str) -> None:
    """SAFETY 64"""
    assert not is_own(DELETE, words, file="13")
    sources = trace(DELETE, {"file": "13"}, {"file": "13"}, Grounds(words=words, author=Origin.MIND))
    assert sources["file"].kind is SourceKind.UNKNOWN


def test_an_id_hidden_in_free_json_is_no_word_either() -> None:
    """SAFETY 64"""
    free = Action(name="x.y", title="?", fields=(Field(name="what", title="What", kind=Kind.JSON),))
    assert not is_own(free, "delete 13", what={"id": "13"})


def test_exact_words_of_control_are_the_persons_and_a_forward_is_nobodys() -> None:
    """SAFETY 28"""
    assert is_own(DELETE, "do files.delete file=13", Origin.PERSON, file="13")
    assert not is_own(DELETE, "", Origin.PERSON, file="13")


def test_a_call_without_anything_of_the_persons_is_not_the_persons() -> None:
    assert not is_own(MAIL, "anything at all", on="2026-11-22")
    assert not own_words(MAIL, {})


def test_each_value_is_traced_to_where_it_came_from() -> None:
    grounds = Grounds(
        words="Write to Bob",
        at=AT,
        readings=(
            Reading(action="crm.find", text="Bob: bob@example.com"),
            Reading(action="mail.read", text="Please wire the money"),
        ),
    )
    arguments: dict[str, Json] = {"to": ["bob@example.com"], "text": "Please wire the money", "tag": "none"}
    given_ones = {name: arguments[name] for name in ("to", "text")}
    sources = trace(MAIL, arguments, given_ones, grounds)
    assert sources == {
        "to": Source(kind=SourceKind.RESULT, detail="crm.find"),
        "text": Source(kind=SourceKind.RESULT, detail="mail.read"),
        "tag": Source(kind=SourceKind.DEFAULT),
    }
    spoken = trace(MAIL, {"to": ["Bob"]}, {"to": ["Bob"]}, grounds)
    assert spoken["to"] == Source(kind=SourceKind.WORDS, at=AT)
    declared = trace(MAIL, {"to": ["Bob"]}, {"to": ["Bob"]}, Grounds(words="Bob", author=Origin.MISSION))
    assert declared["to"].kind is SourceKind.MISSION
