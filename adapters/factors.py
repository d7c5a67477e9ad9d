"""Authenticators: time-based one-time passwords (RFC 6238, by pyotp), their secrets sealed with the installation's
keys. It knows no person's record, no store and no chat.

A sealed secret is AES-256-GCM under a key derived from one of `VIGIE_SECRET_KEYS`, with the person's id as
authenticated data: moved to another row, or under another key, it does not open. The newest key seals, every key
that is still listed opens.
"""

import base64
import hmac
import os
from datetime import datetime

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pyotp.totp import TOTP

from bot.errors import Refused
from bot.secondfactor import Begun

ISSUER = "Vigie"
_STEP = 30
_NONCE = 12
_VERSION = "1"


class TotpFactors:
    """The port `bot.secondfactor.Factors`. `keys` are the installation's, newest first."""

    def __init__(self, keys: tuple[bytes, ...]) -> None:
        self._ciphers = tuple(AESGCM(_derived(key)) for key in keys)

    def begin(self, person: str, name: str) -> Begun:
        """A fresh secret of 160 bits, as RFC 4226 recommends."""
        secret = pyotp.random_base32()
        uri = TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)
        return Begun(sealed=self._seal(secret, person), secret=secret, uri=uri)

    def step(self, sealed: str, person: str, code: str, now: datetime) -> int | None:
        """Clocks differ: the step before and the one after count too (RFC 6238, section 5.2)."""
        totp = TOTP(self._open(sealed, person))
        current = int(now.timestamp()) // _STEP
        found = None
        for step in (current - 1, current, current + 1):
            # All three are always reckoned, so that the time it takes says nothing.
            if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode()):
                found = step
        return found

    def renewed(self, sealed: str, person: str) -> str:
        """Sealed again when an older key did it. What no key opens is left as it is: its owner is told at the
        next code."""
        version, _, text = sealed.partition(".")
        raw = base64.urlsafe_b64decode(text) if version == _VERSION else b""
        try:
            self._ciphers[0].decrypt(raw[:_NONCE], raw[_NONCE:], _bound(person))
        except (InvalidTag, ValueError):
            try:
                return self._seal(self._open(sealed, person), person)
            except Refused:
                return sealed
        return sealed

    def _seal(self, secret: str, person: str) -> str:
        nonce = os.urandom(_NONCE)
        sealed = self._ciphers[0].encrypt(nonce, secret.encode(), _bound(person))
        return f"{_VERSION}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def _open(self, sealed: str, person: str) -> str:
        version, _, text = sealed.partition(".")
        raw = base64.urlsafe_b64decode(text) if version == _VERSION else b""
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(raw[:_NONCE], raw[_NONCE:], _bound(person)).decode()
            except (InvalidTag, ValueError):
                continue
        raise Refused("your second factor cannot be read any more; ask an owner to reset it")


def _derived(key: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"vigie second factor").derive(key)


def _bound(person: str) -> bytes:
    return f"second-factor:{person}".encode()
