"""What a Telegram button carries: a signed reference of at most 64 bytes. Pure: text in, Token or None out.

    1 a R..R . rev . value mac
    | |  |      |      |    `- 11 characters: 64 bits of HMAC-SHA256 over the chat and everything before
    | |  |      |      `------ the chosen option of a CHOOSE button, else empty
    | |  |      `------------- the card's revision, base 36
    | |  `-------------------- the record's reference, at most 22 URL-safe characters
    | `----------------------- the verb; a capital asks "are you sure" first; b takes that question back
    `------------------------- the version of this layout

The chat is signed although it is not carried: a button copied into another chat, and every button of a group
that became a supergroup, is one we never issued. The reference is only a locator; authority is always checked
on the record. Knows nothing of Telegram's own types.
"""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass

from bot.events import Verb

LONGEST = 64
"""Bytes Telegram allows in `callback_data` (Bot API, InlineKeyboardButton)."""

_VERSION = "1"
_CHARACTERS = {
    Verb.APPROVE: "a",
    Verb.DENY: "d",
    Verb.EDIT: "e",
    Verb.DETAILS: "v",
    Verb.UNDO: "u",
    Verb.CHOOSE: "c",
    Verb.SPLIT: "s",
    Verb.REASON: "r",
    Verb.MYSELF: "m",
    Verb.PROVE: "p",
    Verb.ALWAYS: "w",
}
_VERBS = {character: verb for verb, character in _CHARACTERS.items()}
_BACK = "b"
_MAC = 11
_REF = re.compile(r"[A-Za-z0-9_-]{1,22}")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_REVISION = re.compile(rf"0|[1-9a-z][{_DIGITS}]{{0,9}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a button means. `ask` wants a second press first; `back` takes that question back."""

    verb: Verb
    ref: str
    revision: int
    value: str = ""
    ask: bool = False
    back: bool = False


def write(token: Token, *, chat: str, key: bytes) -> str:
    """The data of a button in that chat.

    Raises:
        ValueError: the reference is none of ours, the revision is negative, or it would not fit in 64 bytes.
            A value of 12 two-byte characters fits up to revision 46,655.
    """
    if not _REF.fullmatch(token.ref) or token.revision < 0:
        raise ValueError("a button needs a reference of ours and a revision")
    character = _CHARACTERS[token.verb]
    value = token.value
    if token.back:
        character, value = _BACK, character
    elif token.ask:
        character = character.upper()
    head = f"{_VERSION}{character}{token.ref}.{_base36(token.revision)}.{value}"
    data = head + _mac(head, chat, key)
    if len(data.encode()) > LONGEST:
        raise ValueError(f"a button's value is too long by {len(data.encode()) - LONGEST} bytes")
    return data


def read(data: str, *, chat: str, key: bytes) -> Token | None:
    """What we once wrote for that chat; None for anything else: forged, cut, of another chat or of another key."""
    head, mac = data[:-_MAC], data[-_MAC:]
    if not hmac.compare_digest(_bytes(_mac(head, chat, key)), _bytes(mac)):
        return None
    # From here on it is our own writing, perhaps of another version of this program.
    character, (ref, _, rest) = head[1:2], head[2:].partition(".")
    revision, mark, value = rest.partition(".")
    if not (head[:1] == _VERSION and mark and _REF.fullmatch(ref) and _REVISION.fullmatch(revision)):
        return None
    back = character == _BACK
    verb = _VERBS.get(value if back else character.lower())
    if verb is None:
        return None
    return Token(
        verb=verb,
        ref=ref,
        revision=int(revision, 36),
        value="" if back else value,
        ask=character.isupper(),
        back=back,
    )


def _mac(head: str, chat: str, key: bytes) -> str:
    digest = hmac.digest(key, _bytes(f"{chat}\n{head}"), hashlib.sha256)
    return urlsafe_b64encode(digest).decode()[:_MAC]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"
