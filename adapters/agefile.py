"""Files sealed with a passphrase, in the age format, version 1 (C2SP's specification of age-encryption.org/v1).

A published format rather than one of ours: what is sealed here is opened by anybody's `age --decrypt` too. A key of its
own for each file, held by a passphrase through scrypt; the content in pieces of 64 KiB, each with ChaCha20-Poly1305
under its number, the last one marked as last: a piece that was changed, moved, left out or cut off does not open.
The primitives are cryptography's. Knows streams of bytes; knows nothing of what is in them.
"""

import base64
import binascii
import hmac
import io
import os
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from bot.errors import BadInput, NotAllowed

MAGIC = b"age-encryption.org/v1\n"
PIECE = 64 * 1024
WORK = 18
"""Two to this power of scrypt's rounds, as age's own tool takes: a second or less, and 256 MiB of memory."""
MOST_WORK = 20
"""More than this asks for a gigabyte of memory and more: nobody who meant well wrote it."""
_TAG = 16
_NO_NONCE = bytes(12)
_LONGEST_LINE = 200


class WrongPassphrase(NotAllowed):
    """The passphrase does not open it."""


class Damaged(BadInput):
    """Not sealed by age, or not whole any more."""


class Sealing(io.RawIOBase):
    """What is written here goes sealed into `target`. It is whole only once this was closed."""

    def __init__(self, target: BinaryIO, passphrase: str, *, work: int = WORK) -> None:
        super().__init__()
        key, nonce = os.urandom(16), os.urandom(16)
        self._target = target
        self._pieces = _Pieces(_hkdf(key, nonce, b"payload"))
        self._waiting = bytearray()
        target.write(_header(key, passphrase, work) + nonce)

    def writable(self) -> bool:
        return True

    def write(self, data: "bytes | bytearray | memoryview", /) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
        self._waiting += data
        # A full piece is held back: only what comes after it says whether it was the last.
        while len(self._waiting) > PIECE:
            self._target.write(self._pieces.seal(bytes(self._waiting[:PIECE]), last=False))
            del self._waiting[:PIECE]
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._target.write(self._pieces.seal(bytes(self._waiting), last=True))
            self._waiting.clear()
        super().close()


class Opening(io.RawIOBase):
    """What is read here was sealed in `source`. Raises WrongPassphrase at once, Damaged at once or at the piece that is
    not as it was."""

    def __init__(self, source: BinaryIO, passphrase: str) -> None:
        super().__init__()
        key = _key_of(source, passphrase)
        self._pieces = _Pieces(_hkdf(key, _exactly(source, 16), b"payload"))
        self._source = source
        self._ready = b""
        self._ahead = source.read(PIECE + _TAG)
        self._over = False

    def readable(self) -> bool:
        return True

    def readinto(self, into: "bytearray | memoryview", /) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
        while not self._ready and not self._over:
            self._ready = self._next()
        taken = self._ready[: len(into)]
        into[: len(taken)] = taken
        self._ready = self._ready[len(taken) :]
        return len(taken)

    def _next(self) -> bytes:
        piece, self._ahead = self._ahead, self._source.read(PIECE + _TAG)
        self._over = not self._ahead
        return self._pieces.open(piece, last=self._over)


class _Pieces:
    """The pieces of one file in their order. A nonce is the piece's number and whether it is the last."""

    def __init__(self, key: bytes) -> None:
        self._cipher = ChaCha20Poly1305(key)
        self._number = 0

    def seal(self, piece: bytes, *, last: bool) -> bytes:
        return self._cipher.encrypt(self._nonce(last=last), piece, None)

    def open(self, piece: bytes, *, last: bool) -> bytes:
        try:
            return self._cipher.decrypt(self._nonce(last=last), piece, None)
        except InvalidTag:
            raise Damaged("the file is cut short, or was changed") from None

    def _nonce(self, *, last: bool) -> bytes:
        nonce = self._number.to_bytes(11, "big") + bytes([last])
        self._number += 1
        return nonce


def _header(key: bytes, passphrase: str, work: int) -> bytes:
    salt = os.urandom(16)
    body = ChaCha20Poly1305(_scrypt(passphrase, salt, work)).encrypt(_NO_NONCE, key, None)
    stanza = b"-> scrypt %s %d\n%s\n" % (_text(salt), work, _text(body))
    signed = MAGIC + stanza + b"---"
    return signed + b" " + _text(_signature(key, signed)) + b"\n"


def _key_of(source: BinaryIO, passphrase: str) -> bytes:
    """The key of the file. One stanza: whatever is sealed with a passphrase has no other."""
    lines = [_line(source) for _ in range(4)]
    magic, stanza, body, end = lines
    words = stanza.split(b" ")
    if magic + b"\n" != MAGIC or words[:2] != [b"->", b"scrypt"] or len(words) != 4 or end[:4] != b"--- ":
        raise Damaged("the file was not sealed with a passphrase")
    salt, work = _bytes(words[2]), words[3]
    if len(salt) != 16 or not work.isdigit() or not 1 <= int(work) <= MOST_WORK:
        raise Damaged("the file asks for more work to open it than anybody would set")
    try:
        key = ChaCha20Poly1305(_scrypt(passphrase, salt, int(work))).decrypt(_NO_NONCE, _bytes(body), None)
    except InvalidTag:
        raise WrongPassphrase("this passphrase does not open the file") from None
    signed = b"\n".join((magic, stanza, body, b"---"))
    if not hmac.compare_digest(_signature(key, signed), _bytes(end[4:])):
        raise Damaged("the head of the file was changed")
    return key


def _signature(key: bytes, signed: bytes) -> bytes:
    return hmac.digest(_hkdf(key, b"", b"header"), signed, "sha256")


def _scrypt(passphrase: str, salt: bytes, work: int) -> bytes:
    kdf = Scrypt(salt=b"age-encryption.org/v1/scrypt" + salt, length=32, n=2**work, r=8, p=1)
    return kdf.derive(passphrase.encode())


def _hkdf(key: bytes, salt: bytes, use: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt or None, info=use).derive(key)


def _line(source: BinaryIO) -> bytes:
    line = source.readline(_LONGEST_LINE)
    if not line.endswith(b"\n"):
        raise Damaged("the file is cut short, or was not sealed with a passphrase")
    return line[:-1]


def _exactly(source: BinaryIO, count: int) -> bytes:
    found = source.read(count)
    if len(found) != count:
        raise Damaged("the file is cut short")
    return found


def _text(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")


def _bytes(text: bytes) -> bytes:
    try:
        found = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        raise Damaged("the head of the file was changed") from None
    if _text(found) != text:
        raise Damaged("the head of the file was changed")
    return found
