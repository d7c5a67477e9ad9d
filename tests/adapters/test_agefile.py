"""Sealed files open again, elsewhere too, and not at all when they are not as they were."""

import importlib
import io
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.agefile import MOST_WORK, PIECE, Damaged, Opening, Sealing, WrongPassphrase

OTHER: Any = importlib.import_module("pyrage")  # its types are not told
WORDS = "quatre mots sans rapport"
LITTLE = 4
"""Rounds of scrypt, as a power of two: a test guesses nothing."""
sizes = st.sampled_from([0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 7])


def sealed(content: bytes, *, words: str = WORDS, piece: int = 10_000) -> bytes:
    out = io.BytesIO()
    with Sealing(out, words, work=LITTLE) as into:
        for begin in range(0, len(content), piece):
            into.write(content[begin : begin + piece])
    return out.getvalue()


def opened(file: bytes, words: str = WORDS) -> bytes:
    return io.BufferedReader(Opening(io.BytesIO(file), words)).read()


@settings(deadline=None, max_examples=40)
@given(size=sizes, piece=st.integers(1_000, 200_000))
def test_what_was_sealed_opens_again(size: int, piece: int) -> None:
    content = bytes(number % 251 for number in range(size))
    assert opened(sealed(content, piece=piece)) == content


@pytest.mark.parametrize("size", [1, PIECE, 2 * PIECE + 5])
def test_another_program_opens_it_and_we_open_another_program_s(size: int) -> None:
    """By age's implementation in Rust, which reads the same specification."""
    content = bytes(number % 251 for number in range(size))
    assert OTHER.passphrase.decrypt(sealed(content), WORDS) == content
    assert opened(OTHER.passphrase.encrypt(content, WORDS)) == content


def test_a_wrong_passphrase_is_told_at_once() -> None:
    with pytest.raises(WrongPassphrase):
        Opening(io.BytesIO(sealed(b"x" * 300_000)), "quatre mots")


@settings(deadline=None, max_examples=40)
@given(size=sizes, at=st.floats(0, 1, exclude_max=True))
@example(size=3 * PIECE, at=0.0)
def test_a_file_cut_short_anywhere_does_not_open(size: int, at: float) -> None:
    file = sealed(bytes(size))
    with pytest.raises(Damaged):
        opened(file[: int(len(file) * at)])


@settings(deadline=None, max_examples=40)
@given(at=st.integers(0, 2 * PIECE + 300), bit=st.integers(0, 7))
def test_a_file_in_which_one_bit_changed_does_not_open(at: int, bit: int) -> None:
    file = bytearray(sealed(bytes(2 * PIECE)))
    file[at % len(file)] ^= 1 << bit
    with pytest.raises((Damaged, WrongPassphrase)):
        opened(bytes(file))


def test_pieces_that_changed_places_do_not_open() -> None:
    file = sealed(bytes(3 * PIECE))
    head, length = len(file) - 3 * (PIECE + 16), PIECE + 16
    swapped = (
        file[:head]
        + file[head + length : head + 2 * length]
        + file[head : head + length]
        + file[head + 2 * length :]
    )
    with pytest.raises(Damaged):
        opened(swapped)
    with pytest.raises(Damaged):
        opened(file[: head + length] + file[head + 2 * length :])
    with pytest.raises(Damaged):
        opened(file + b"more")


def test_a_file_that_would_take_all_memory_to_open_is_refused() -> None:
    file = sealed(b"x").replace(f" {LITTLE}\n".encode(), f" {MOST_WORK + 1}\n".encode(), 1)
    with pytest.raises(Damaged, match="more work"):
        opened(file)


@settings(deadline=None, max_examples=40)
@given(st.binary(max_size=400))
def test_anything_else_is_told_from_it(file: bytes) -> None:
    with pytest.raises(Damaged):
        opened(file)
