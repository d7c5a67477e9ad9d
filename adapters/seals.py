"""Secrets at rest: AES-256-GCM under keys derived from `VIGIE_SECRET_KEYS`. Knows no table and no vendor.

A sealed text is `v1.KEY.TEXT`: which key sealed it (a digest of it, that helps nobody guess it: a key has at least
128 bits), and nonce, ciphertext and tag in base64. Where it stands is authenticated data: elsewhere it is noise.
"""

import base64
import binascii
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.errors import Misconfigured, Refused
from bot.seals import Spot
from bot.values import canonical

_VERSION = "v1"
_NONCE = 12
_BROKEN = (
    "a kept secret cannot be opened: it was changed, moved, or its key is not in VIGIE_SECRET_KEYS any more"
)


class AesSeals:
    """See `bot.seals.Seals`. `keys` are the installation's, newest first."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys:
            raise Misconfigured("setting VIGIE_SECRET_KEYS: there is no key")
        self._ciphers = {_derived(key, b"name", 6).hex(): AESGCM(_derived(key, b"seal", 32)) for key in keys}
        self._newest = _derived(keys[0], b"name", 6).hex()

    def seal(self, text: str, spot: Spot) -> str:
        nonce = os.urandom(_NONCE)
        sealed = self._ciphers[self._newest].encrypt(nonce, text.encode(), _bound(spot, self._newest))
        return f"{_VERSION}.{self._newest}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, spot: Spot) -> str:
        """Raises Refused, whatever is wrong with it."""
        version, name, text = (*sealed.split(".", 2), "", "", "")[:3]
        cipher = self._ciphers.get(name)
        if version != _VERSION or cipher is None:
            raise Refused(_BROKEN)
        try:
            raw = base64.b64decode(text, altchars=b"-_", validate=True)
            opened = cipher.decrypt(raw[:_NONCE], raw[_NONCE:], _bound(spot, name)).decode()
        except (InvalidTag, binascii.Error, ValueError):
            raise Refused(_BROKEN) from None
        # Other letters for the same bytes: nobody but whoever changed it wrote that.
        if base64.urlsafe_b64encode(raw).decode() != text:
            raise Refused(_BROKEN)
        return opened

    def fresh(self, sealed: str) -> bool:
        return sealed.startswith(f"{_VERSION}.{self._newest}.")


def _derived(key: bytes, purpose: bytes, length: int) -> bytes:
    info = b"vigie secrets at rest: " + purpose
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=None, info=info).derive(key)


def _bound(spot: Spot, name: str) -> bytes:
    return canonical([_VERSION, name, spot.space, spot.table, spot.row, spot.column]).encode()
