"""Requests to web addresses that an installation has listed."""

import json

from adapters.net.guarded import Guarded
from adapters.systems.vendors import Login, Need, Vendor
from adapters.systems.web_request.hosts import Hosts
from adapters.systems.web_request.requests import WebRequests
from bot.errors import BadInput

__all__ = ["VENDOR", "Hosts", "WebRequests"]


def _open(login: Login) -> WebRequests:
    sealed = login.value("credentials")
    try:
        credentials = json.loads(sealed) if sealed else None
    except (ValueError, RecursionError):
        raise BadInput(
            "credentials are a JSON object: for each host an object of headers", field="credentials"
        ) from None
    return WebRequests(
        Hosts.read(login.value("hosts"), credentials),
        transport=Guarded(inner=login.transport),
        name=login.name,
    )


VENDOR = Vendor(
    name="http",
    title="Web requests",
    needs=(
        Need(
            name="hosts",
            title="Hosts",
            setting="HTTP_HOSTS",
            secret=False,
            help="The hosts that may be called, for example api.example.com, *.example.org.",
        ),
        Need(
            name="credentials",
            title="Credentials",
            setting="HTTP_CREDENTIALS",
            required=False,
            help="Headers by host, as a JSON object of objects.",
        ),
    ),
    open=_open,
    help="Nothing but the hosts that are listed here is ever called, and no address inside the network.",
)
