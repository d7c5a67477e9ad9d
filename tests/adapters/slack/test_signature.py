"""Only Slack's own requests are read, and only as Slack sends them."""

import contextlib
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chat.slack.signature import LARGEST, Unreadable, genuine, payload

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
BODY = b'{"type": "event_callback",  "event": {}}'


def sign(body: bytes, at: datetime | str, secret: str = "new") -> tuple[str, str]:
    stamp = at if isinstance(at, str) else str(int(at.timestamp()))
    base = f"v0:{stamp}:".encode() + body
    return stamp, "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def good(body: bytes, stamp: str, signature: str, *secrets: str) -> bool:
    return genuine(body, timestamps=[stamp], signatures=[signature], secrets=secrets or ("new",), now=NOW)


def test_the_signature_covers_the_raw_bytes_and_not_what_they_mean() -> None:
    """SAFETY 1"""
    stamp, signature = sign(BODY, NOW)
    assert good(BODY, stamp, signature)
    assert not good(json.dumps(json.loads(BODY)).encode(), stamp, signature)


@given(st.integers(-4000, 4000))
def test_a_request_is_good_for_five_minutes_either_way(seconds: int) -> None:
    """SAFETY 3"""
    stamp, signature = sign(BODY, NOW + timedelta(seconds=seconds))
    assert good(BODY, stamp, signature) is (abs(seconds) <= 300)


@pytest.mark.parametrize("seconds", [-299, 299])
def test_just_inside_five_minutes_is_good(seconds: int) -> None:
    """SAFETY 3"""
    assert good(BODY, *sign(BODY, NOW + timedelta(seconds=seconds)))


@pytest.mark.parametrize("seconds", [-301, 301])
def test_just_outside_five_minutes_is_refused(seconds: int) -> None:
    """SAFETY 3"""
    assert not good(BODY, *sign(BODY, NOW + timedelta(seconds=seconds)))


@pytest.mark.parametrize("stamp", ["abc", "", "1e9", "-1", " 1", "1795262400.0", "١٢٣", "9" * 40, "²"])
def test_a_timestamp_that_is_no_number_is_refused_and_never_raised(stamp: str) -> None:
    """SAFETY 4"""
    assert not good(BODY, *sign(BODY, stamp))


@pytest.mark.parametrize("signature", ["", "v0=", "v0=é", "v1=" + "0" * 64, "v0=" + "Ａ" * 64, "\udcff"])
def test_a_signature_of_another_shape_is_refused_and_never_raised(signature: str) -> None:
    """SAFETY 4"""
    assert not good(BODY, str(int(NOW.timestamp())), signature)


@given(st.text(), st.text(), st.binary())
def test_no_header_makes_it_raise(stamp: str, signature: str, body: bytes) -> None:
    """SAFETY 4"""
    assert not good(body, stamp, signature)


@given(st.binary(max_size=200), st.integers(0, 199), st.integers(1, 255))
def test_one_changed_byte_is_refused(body: bytes, at: int, by: int) -> None:
    """SAFETY 1"""
    stamp, signature = sign(body, NOW)
    changed = bytearray(body or b"x")
    changed[at % len(changed)] ^= by
    assert not good(bytes(changed), stamp, signature)


def test_while_a_secret_is_rotated_both_are_good_and_then_only_the_new_one() -> None:
    """SAFETY 11"""
    stamp, signature = sign(BODY, NOW, "old")
    assert good(BODY, stamp, signature, "new", "old")
    assert not good(BODY, stamp, signature, "new")


def test_without_a_secret_nothing_is_good() -> None:
    stamp, signature = sign(BODY, NOW, "")
    assert not good(BODY, stamp, signature, "")
    assert not genuine(BODY, timestamps=[stamp], signatures=[signature], secrets=(), now=NOW)


def test_a_header_sent_twice_is_refused() -> None:
    stamp, signature = sign(BODY, NOW)
    assert not genuine(BODY, timestamps=[stamp, stamp], signatures=[signature], secrets=("new",), now=NOW)
    assert not genuine(BODY, timestamps=[stamp], signatures=["v0=0", signature], secrets=("new",), now=NOW)


def test_events_come_as_json_and_presses_as_a_field_of_a_form() -> None:
    assert payload(b'{"a": 1}', "application/json; charset=utf-8") == {"a": 1}
    form = "application/x-www-form-urlencoded"
    assert payload(b"payload=%7B%22type%22%3A%22block_actions%22%7D", form) == {"type": "block_actions"}
    assert payload(b"command=%2Fvigie&text=", form) == {"command": "/vigie", "text": ""}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{}", "text/plain"),
        (b"{}", ""),
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b"\xff{}", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"a":' * 100_000, "application/json"),
        (b'{"a": ' + b"1" * 5_000 + b"}", "application/json"),
        (b"payload=nonsense", "application/x-www-form-urlencoded"),
        (b"a=1&" * 1_000, "application/x-www-form-urlencoded"),
        (b"payload=%FF", "application/x-www-form-urlencoded"),
    ],
)
def test_what_slack_never_sends_is_unreadable(body: bytes, kind: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        payload(body, kind)
    assert len(str(refusal.value)) < 80


@given(st.binary(max_size=300), st.sampled_from(["application/json", "application/x-www-form-urlencoded"]))
def test_any_bytes_are_a_payload_or_unreadable(body: bytes, kind: str) -> None:
    with contextlib.suppress(Unreadable):
        assert isinstance(payload(body, kind), dict)


def test_the_size_limit_is_a_mebibyte() -> None:
    assert LARGEST == 2**20
