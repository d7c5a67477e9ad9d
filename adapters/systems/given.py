"""What the environment says of the vendors: keys, addresses, and our registrations for OAuth. Pure."""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from adapters.systems.switchboard import Given
from adapters.systems.vendors import Vendor
from bot.errors import Misconfigured


def given(environment: Mapping[str, str], vendors: Mapping[str, Vendor]) -> dict[str, Given]:
    """By vendor. Raises Misconfigured for half a key: `setting NAME is missing`."""
    return {vendor.name: _given(environment, vendor) for vendor in vendors.values()}


def settings(vendors: Mapping[str, Vendor]) -> Iterator[tuple[str, bool]]:
    """Every setting that is read, and whether its value is a secret."""
    for vendor in vendors.values():
        for need in vendor.needs:
            yield need.setting, need.secret
        if vendor.oauth is not None:
            known = {need.setting for need in vendor.needs}
            for name, secret in ((vendor.oauth.client_id, False), (vendor.oauth.client_secret, True)):
                if name and name not in known:
                    yield name, secret


def _given(environment: Mapping[str, str], vendor: Vendor) -> Given:
    values = {need.name: environment.get(need.setting, "").strip() for need in vendor.needs}
    values = {name: value for name, value in values.items() if value}
    oauth = vendor.oauth
    registration = {oauth.client_id, oauth.client_secret} if oauth is not None else set[str]()
    there = [need for need in vendor.needs if need.name in values]
    missing = [need for need in vendor.needs if need.required and need.name not in values]
    # A registration alone connects nobody yet, and a shop's name may wait for its OAuth.
    begun = [need for need in there if need.setting not in registration and need.secret and not need.alone]
    if missing and begun:
        raise Misconfigured(
            f"setting {missing[0].setting} is missing: {vendor.title} needs it beside {begun[0].setting}"
        )
    for need in there:
        if need.setting.endswith(_ADDRESSES) and not is_address(values[need.name]):
            raise Misconfigured(f"setting {need.setting}: an address reads like https://api.example.com")
    return Given(
        values=values,
        client_id=environment.get(oauth.client_id, "").strip() if oauth is not None else "",
        client_secret=environment.get(oauth.client_secret, "").strip()
        if oauth is not None and oauth.client_secret
        else "",
    )


_ADDRESSES = ("_API_URL", "_ACCOUNTS_URL")


def is_address(text: str) -> bool:
    """Whether it begins an address on the web: a scheme and a host."""
    try:
        parts = urlsplit(text)
        port = parts.port or 1
    except ValueError:
        return False
    return (
        parts.scheme in ("http", "https") and bool(parts.hostname) and port > 0 and not re.search(r"\s", text)
    )
