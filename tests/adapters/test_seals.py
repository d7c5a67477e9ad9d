"""Secrets at rest: what opens, and that nothing else does."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.factors import TotpFactors
from adapters.seals import AesSeals
from bot.errors import Misconfigured, Refused
from bot.seals import NoSeals, Spot

NEW, OLD, OTHER = b"n" * 32, b"o" * 32, b"x" * 32
SPOT = Spot(space="home", table="connections", row="stripe:con_1", column="sealed")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_what_was_sealed_opens_and_does_not_show(text: str) -> None:
    seals = AesSeals((NEW,))
    sealed = seals.seal(text, SPOT)
    assert seals.open(sealed, SPOT) == text
    assert len(text) < 6 or text not in sealed
    assert sealed != seals.seal(text, SPOT)


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(SPOT, space="other"),
        replace(SPOT, table="marks"),
        replace(SPOT, row="stripe:con_2"),
        replace(SPOT, row="hubspot:con_1"),
        replace(SPOT, column="label"),
        replace(SPOT, table='connections","stripe', row="con_1"),
    ],
)
def test_moved_elsewhere_it_does_not_open(elsewhere: Spot) -> None:
    """SAFETY 91"""
    seals = AesSeals((NEW,))
    with pytest.raises(Refused, match="cannot be opened"):
        seals.open(seals.seal("secret", SPOT), elsewhere)


@given(st.data())
def test_changed_anywhere_it_does_not_open(data: st.DataObject) -> None:
    """SAFETY 91"""
    seals = AesSeals((NEW, OLD))
    sealed = seals.seal("secret", SPOT)
    at = data.draw(st.integers(0, len(sealed) - 1))
    mark = data.draw(st.characters())
    changed = sealed[:at] + mark + sealed[at + 1 :]
    if changed == sealed:
        return
    with pytest.raises(Refused):
        seals.open(changed, SPOT)


def test_the_same_bytes_in_other_letters_do_not_open() -> None:
    seals = AesSeals((NEW,))
    sealed = next(text for text in iter(lambda: seals.seal("secret", SPOT), "") if "-" in text[20:])
    at = sealed.rindex("-")
    with pytest.raises(Refused):
        seals.open(f"{sealed[:at]}+{sealed[at + 1 :]}", SPOT)


@pytest.mark.parametrize("text", ["", "v1", "v1..", "secret", "v2.a.b", "v1.zz.AAAA", "...."])
def test_what_was_never_sealed_does_not_open(text: str) -> None:
    """SAFETY 91"""
    with pytest.raises(Refused):
        AesSeals((NEW,)).open(text, SPOT)


def test_every_listed_key_opens_and_the_newest_seals() -> None:
    """SAFETY 91"""
    old = AesSeals((OLD,)).seal("secret", SPOT)
    both = AesSeals((NEW, OLD))
    assert both.open(old, SPOT) == "secret"
    assert not both.fresh(old)
    new = both.seal("secret", SPOT)
    assert both.fresh(new)
    assert AesSeals((NEW,)).open(new, SPOT) == "secret"
    for stranger in (AesSeals((OTHER,)), AesSeals((OLD,))):
        with pytest.raises(Refused):
            stranger.open(new, SPOT)


def test_the_key_is_in_no_representation() -> None:
    seals = AesSeals((NEW,))
    assert NEW.decode() not in f"{seals!r}{vars(seals)}"
    with pytest.raises(Misconfigured):
        AesSeals(())


def test_without_keys_nothing_is_kept() -> None:
    with pytest.raises(Refused):
        NoSeals().seal("secret", SPOT)
    with pytest.raises(Refused):
        NoSeals().open("secret", SPOT)


def test_a_second_factor_comes_under_the_newest_key() -> None:
    old, both, new = TotpFactors((OLD,)), TotpFactors((NEW, OLD)), TotpFactors((NEW,))
    sealed = old.begin("per_1", "Ann").sealed
    renewed = both.renewed(sealed, "per_1")
    assert renewed != sealed
    assert both.renewed(renewed, "per_1") == renewed
    assert new.renewed(sealed, "per_1") == sealed  # what no key opens stays as it is
    assert new.renewed(renewed, "per_1") == renewed
