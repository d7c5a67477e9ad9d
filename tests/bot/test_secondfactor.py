"""When a code counts: near its time, once, and not after too many wrong ones; and nothing kept opens elsewhere."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyotp.totp import TOTP

from adapters.factors import TotpFactors
from bot.errors import NotAllowed, Refused
from bot.secondfactor import MOST_WRONG, WINDOW, Factor, digits

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
KEYS = (b"the newer key of the two", b"the older key of the two")
# RFC 6238, appendix B, for SHA-1: its 20 bytes of secret, and the last six of its eight digits.
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RFC = ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130"))


def factor(**values: object) -> Factor:
    return Factor(sealed="…", made=NOW, **values)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(("second", "code"), RFC)
def test_codes_are_those_of_the_standard(second: int, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pyotp, "random_base32", lambda: RFC_SECRET)
    factors = TotpFactors(KEYS)
    begun = factors.begin("per_ana", "Ana")
    assert factors.step(begun.sealed, "per_ana", code, datetime.fromtimestamp(second, UTC)) == second // 30


@given(shift=st.integers(-300, 300))
def test_a_code_is_good_for_its_step_and_one_either_side(shift: int) -> None:
    factors = TotpFactors(KEYS)
    begun = factors.begin("per_ana", "Ana")
    code = TOTP(begun.secret).at(NOW)
    step = factors.step(begun.sealed, "per_ana", code, NOW + timedelta(seconds=shift))
    apart = abs((int(NOW.timestamp()) + shift) // 30 - int(NOW.timestamp()) // 30)
    if apart <= 1:
        assert step == int(NOW.timestamp()) // 30
    else:
        # One in a million codes is another step's by chance; a wrong one never names this step.
        assert step != int(NOW.timestamp()) // 30


def test_what_is_sealed_opens_for_its_person_and_under_its_keys_alone() -> None:
    """SAFETY 91: moved to another person's row, under another key, or changed: refused, and never read as plain."""
    old, both, other = TotpFactors(KEYS[1:]), TotpFactors(KEYS), TotpFactors((b"a key nobody knows of",))
    begun = old.begin("per_ana", "Ana")
    code = TOTP(begun.secret).at(NOW)
    assert begun.secret not in begun.sealed
    assert both.step(begun.sealed, "per_ana", code, NOW) is not None
    for factors, sealed, person in (
        (both, begun.sealed, "per_ben"),
        (other, begun.sealed, "per_ana"),
        (both, begun.sealed[:-6] + "AAAAAA", "per_ana"),
        (both, begun.secret, "per_ana"),
        (old, both.begin("per_ana", "Ana").sealed, "per_ana"),
    ):
        with pytest.raises(Refused, match="cannot be read"):
            factors.step(sealed, person, code, NOW)


def test_the_secret_is_in_no_representation() -> None:
    begun = TotpFactors(KEYS).begin("per_ana", "Ana")
    assert begun.secret not in repr(begun)
    assert begun.sealed not in repr(Factor(sealed=begun.sealed, made=NOW))


@given(steps=st.lists(st.integers(0, 40), min_size=1, max_size=30))
def test_no_code_is_taken_twice_and_none_older_than_one_that_was(steps: list[int]) -> None:
    kept, taken = factor(), list[int]()
    for step in steps:
        try:
            kept = kept.taken(step, NOW)
            taken.append(step)
        except NotAllowed:
            assert taken
            assert step <= max(taken)
    assert taken == sorted(set(taken))


@given(gaps=st.lists(st.integers(0, 600), max_size=40))
def test_never_more_wrong_codes_than_allowed_in_any_window(gaps: list[int]) -> None:
    kept, now, tried = factor(since=NOW), NOW, list[datetime]()
    for gap in gaps:
        now += timedelta(seconds=gap)
        try:
            kept.open_at(now)
        except NotAllowed:
            assert sum(1 for at in tried if now < at + WINDOW) >= MOST_WRONG
            continue
        kept = kept.missed(now)
        tried.append(now)
        assert sum(1 for at in tried if now < at + WINDOW) <= MOST_WRONG


@given(
    last=st.integers(-1, 2**40),
    since=st.none() | st.just(NOW),
    wrong=st.lists(st.datetimes(timezones=st.just(UTC)), max_size=5),
)
def test_what_is_kept_comes_back(last: int, since: datetime | None, wrong: list[datetime]) -> None:
    kept = factor(last=last, since=since, wrong=tuple(wrong))
    assert Factor.of(kept.as_json()) == kept


@pytest.mark.parametrize(
    ("said", "meant"),
    [("123 456", "123456"), (" 123456\n", "123456"), ("12345", ""), ("１２３４５６", ""), ("12345a", "")],
)
def test_a_code_is_six_plain_digits(said: str, meant: str) -> None:
    assert digits(said) == meant
