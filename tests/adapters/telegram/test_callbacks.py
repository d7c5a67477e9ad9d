"""What buttons carry: never over 64 bytes, never believed unless we wrote it for that very chat."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chat.telegram import callbacks
from adapters.chat.telegram.callbacks import LONGEST, Token
from bot.events import Verb
from bot.ids import reference
from tests.adapters.telegram.samples import KEY, REF

REFS = st.from_regex(r"[A-Za-z0-9_-]{22}", fullmatch=True)
TWO_BYTES = st.characters(max_codepoint=0x7FF, exclude_categories=("Cs",))
TOKENS = st.one_of(
    st.builds(
        Token,
        verb=st.sampled_from(Verb),
        ref=REFS,
        revision=st.integers(0, 36**3 - 1),
        value=st.text(TWO_BYTES, max_size=12),
        ask=st.booleans(),
    ),
    st.builds(
        Token, verb=st.sampled_from(Verb), ref=REFS, revision=st.integers(0, 10**9), back=st.just(True)
    ),
)


@given(TOKENS, st.integers(-(2**53), 2**53).map(str))
def test_every_button_fits_in_64_bytes_and_reads_back_as_written(token: Token, chat: str) -> None:
    """SAFETY 35"""
    data = callbacks.write(token, chat=chat, key=KEY)
    assert 1 <= len(data.encode()) <= LONGEST
    assert callbacks.read(data, chat=chat, key=KEY) == token


def test_a_reference_of_the_core_fits() -> None:
    callbacks.write(Token(verb=Verb.APPROVE, ref=reference(), revision=10**9), chat="1", key=KEY)


@given(TOKENS, st.data())
def test_one_changed_character_makes_it_unknown(token: Token, data: st.DataObject) -> None:
    """SAFETY 34"""
    written = callbacks.write(token, chat="789", key=KEY)
    at = data.draw(st.integers(0, len(written) - 1))
    other = data.draw(st.characters().filter(lambda character: character != written[at]))
    assert callbacks.read(written[:at] + other + written[at + 1 :], chat="789", key=KEY) is None


@given(TOKENS, st.integers(0, 63))
def test_a_cut_one_is_unknown(token: Token, length: int) -> None:
    """SAFETY 34"""
    written = callbacks.write(token, chat="789", key=KEY)
    if length < len(written):
        assert callbacks.read(written[:length], chat="789", key=KEY) is None


@given(st.text(max_size=64))
def test_what_we_never_wrote_is_unknown(data: str) -> None:
    """SAFETY 34"""
    assert callbacks.read(data, chat="789", key=KEY) is None


def test_a_button_of_another_chat_or_of_another_key_is_unknown() -> None:
    """SAFETY 38"""
    data = callbacks.write(Token(verb=Verb.APPROVE, ref=REF, revision=1), chat="789", key=KEY)
    assert callbacks.read(data, chat="789", key=KEY) is not None
    assert callbacks.read(data, chat="-1001", key=KEY) is None
    assert callbacks.read(data, chat="789", key=b"another") is None


def test_a_press_that_asks_first_is_not_the_press_that_does_it() -> None:
    token = Token(verb=Verb.APPROVE, ref=REF, revision=1, ask=True)
    asking = callbacks.write(token, chat="789", key=KEY)
    forged = asking.replace("A", "a", 1)
    assert callbacks.read(forged, chat="789", key=KEY) is None


@pytest.mark.parametrize(
    "token",
    [
        Token(verb=Verb.CHOOSE, ref=REF, revision=1, value="x" * 30),
        Token(verb=Verb.CHOOSE, ref="not/ours", revision=1),
        Token(verb=Verb.CHOOSE, ref=REF + "x", revision=1),
        Token(verb=Verb.CHOOSE, ref=REF, revision=-1),
    ],
)
def test_what_does_not_fit_is_refused_when_written(token: Token) -> None:
    """SAFETY 35"""
    with pytest.raises(ValueError, match="button"):
        callbacks.write(token, chat="789", key=KEY)
