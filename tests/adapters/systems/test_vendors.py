"""What a vendor says it takes, and what keeps the values of a login out of sight."""

import re

import pytest

from adapters.systems.catalogue import VENDORS
from adapters.systems.vendors import Login, Need, Vendor, fixed
from bot.errors import BadInput
from bot.world import System

KEY = "CanaryKeyOfALogin"


def _open(login: Login) -> System:
    raise NotImplementedError(login.name)


ACME = Vendor(
    name="acme",
    title="Acme",
    needs=(
        Need(name="api_key", title="Key", setting="ACME_API_KEY"),
        Need(name="api_url", title="Address", setting="ACME_API_URL", secret=False, required=False),
    ),
    open=_open,
)


def test_a_login_does_not_show_its_values() -> None:
    login = Login(name="acme", values={"api_key": KEY}, token=fixed(KEY))
    assert KEY not in repr(login)
    assert login.required("api_key") == KEY
    assert login.value("api_url", "https://acme.test") == "https://acme.test"


def test_what_is_missing_is_named() -> None:
    assert [need.name for need in ACME.missing({"api_url": "x", "api_key": ""})] == ["api_key"]
    assert not ACME.missing({"api_key": KEY})
    with pytest.raises(BadInput, match="acme needs api_key"):
        Login(name="acme").required("api_key")
    with pytest.raises(BadInput, match="it takes: api_key, api_url"):
        ACME.need("password")


async def test_a_fixed_key_stays_the_same() -> None:
    token = fixed(KEY)
    assert await token() == await token(fresh=True) == KEY


def test_settings_and_names_of_all_vendors_are_their_own() -> None:
    needs = [need for vendor in VENDORS.values() for need in vendor.needs]
    settings = [need.setting for need in needs]
    assert len(settings) == len(set(settings))
    assert all(re.fullmatch(r"[A-Z][A-Z0-9_]*", setting) for setting in settings)
    assert all(name == vendor.name for name, vendor in VENDORS.items())
