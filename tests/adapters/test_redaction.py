"""No secret of the settings is in anything the process logs, however it is spelled and whoever logs it."""

import io
import logging
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.redaction import SHORTEST, Redaction, values_of

CANARY = "canary/5f1e+9b7c=tweet"
TELEGRAM = "123456789:AAcanaryAAcanaryAAcanaryAAcanary"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    redaction = Redaction(values_of({"STRIPE_API_KEY": CANARY, "TELEGRAM_BOT_TOKEN": TELEGRAM}))
    redaction.install()
    logging.getLogger().addHandler(handler)
    try:
        yield out
    finally:
        logging.getLogger().removeHandler(handler)
        redaction.remove()


def test_neither_message_nor_arguments_nor_exceptions_show_it(log: io.StringIO) -> None:
    """SAFETY 45, 89"""
    anybody = logging.getLogger("some.library")
    anybody.warning("key %s refused", CANARY)
    anybody.warning(f"GET https://api.example/?key={quote(CANARY, safe='')}")
    anybody.warning("POST https://api.telegram.org/bot%s/sendMessage", TELEGRAM)
    anybody.error("token %s", TELEGRAM.partition(":")[2])
    broken = RuntimeError(f"while calling https://x/bot{TELEGRAM}/getMe")
    broken.__cause__ = ValueError(f"bad key {CANARY}")

    def call() -> None:
        raise broken

    try:
        call()
    except RuntimeError:
        anybody.exception("it broke")
    said = log.getvalue()
    assert "RuntimeError" in said
    assert "Traceback" in said
    for form in (CANARY, quote(CANARY, safe=""), TELEGRAM, TELEGRAM.partition(":")[2]):
        assert form not in said


def test_passwords_of_addresses_are_known_as_they_are_written_and_as_they_are_sent() -> None:
    """An address that is none stops nothing. SAFETY 89"""
    found = values_of(
        {
            "IMAP_URL": "imaps://a:first-pass@one/INBOX, imaps://b:p%40ssw%2Cord@two/INBOX",
            "SOMEBODY_ELSES": "http://[no.address",
        }
    )
    assert found >= {"first-pass", "p%40ssw%2Cord", "p@ssw,ord"}


@pytest.mark.parametrize(
    "secret",
    [
        "postgresql://vigie:hunter2hunter2@db/vigie",
        "imaps://me%40x.org:appel-de-mai@mail.example:993/INBOX",
        "Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.e30.abc",
        "http://127.0.0.1:8080/sign-in?token=AbCdEfGhIjKlMnOpQrStUv",
        "otpauth://totp/Vigie:Ana?secret=JBSWY3DPEHPK3PXPJBSWY3DP&issuer=Vigie",
        "xoxb-123456789012-abcdefghijkl",
        "https://api.telegram.org/bot987654321:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/getMe",
        "xapp-1-A01-abcdefghijkl",
        *(
            f"{kind}{mark}live_abcdefghijkl"
            for kind in ("sk", "rk", "whsec", "pat", "shpat", "secret", "ntn")
            for mark in "-_"
        ),
    ],
)
def test_what_looks_like_a_secret_is_hidden_without_being_known(secret: str) -> None:
    """SAFETY 45, 89"""
    said = Redaction(()).hide(f"failed: {secret}")
    assert "<hidden>" in said
    for part in ("hunter2", "appel-de-mai", "eyJ", "AbCdEf", "JBSWY", "abcdefghijkl", "AAHdq"):
        assert part not in said


@given(
    secret=st.text(min_size=SHORTEST, max_size=40), before=st.text(max_size=30), after=st.text(max_size=30)
)
def test_every_value_is_hidden_wherever_it_stands(secret: str, before: str, after: str) -> None:
    """SAFETY 45"""
    hidden = Redaction((secret,)).hide(before + secret + after)
    assert secret not in hidden or secret in "<hidden>" * 5


def test_ordinary_facts_stay_readable(log: io.StringIO) -> None:
    anybody = logging.getLogger("vigie.anybody")
    anybody.warning("door_closed %s", "slack", extra={"door": "slack"})
    anybody.warning("effect eff_abc123 of per_olivia failed at https://api.stripe.com/v1/refunds")
    assert log.getvalue() == (
        "door_closed slack\neffect eff_abc123 of per_olivia failed at https://api.stripe.com/v1/refunds\n"
    )


def test_short_values_do_not_tear_up_the_log() -> None:
    assert values_of({"MY_TOKEN": "demo", "OTHER": "long enough to count"}) == frozenset()
