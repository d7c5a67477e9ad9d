"""Names for rows: sortable ids, unguessable references, short codes people can read aloud."""

import hashlib
import random
import secrets
import time

# Crockford's base 32: no I, L, O, U, so that a code survives being read aloud.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]


def _base32(number: int, length: int) -> str:
    """So many digits, an even number of them."""
    return "".join([_PAIRS[(number >> shift) & 1023] for shift in range(5 * length - 10, -1, -10)])


def new(prefix: str) -> str:
    """A fresh id such as `eff_06F3...`: 48 bits of milliseconds, then 80 random bits; sorts by time."""
    stamp = time.time_ns() // 1_000_000
    # Told apart, not kept secret. Asking the system for bits lets go of the interpreter, and getting it back
    # from the database's threads takes longer than everything else here.
    return f"{prefix}_{_base32(stamp, 10)}{_base32(random.getrandbits(80), 16)}"


def derived(prefix: str, *parts: str) -> str:
    """The id that the same parts always give: a second insert of it changes nothing."""
    digest = hashlib.sha256("\x1f".join(parts).encode()).digest()
    return f"{prefix}_{_base32(int.from_bytes(digest[:17], 'big') >> 6, 26)}"


def reference() -> str:
    """An unguessable locator of almost 128 bits for buttons and links, 22 URL-safe characters.

    Only a locator: whoever presents one is still checked against the record it finds. It begins and ends with a
    letter or digit, because people copy it: a dash there reads as punctuation and is lost by a double click.
    """
    while True:
        drawn = secrets.token_urlsafe(16)
        if drawn[0].isalnum() and drawn[-1].isalnum():
            return drawn


def short_code(of: str) -> str:
    """Four characters that pair a card with its row in lists. Not a secret, not unique for ever."""
    digest = hashlib.sha256(of.encode()).digest()
    return _base32(int.from_bytes(digest[:3], "big") >> 4, 4)
