"""Stripe: customers, payments, invoices, payment links and refunds, over its HTTP interface."""

from hashlib import sha256

from adapters.systems.client import Client, Pace
from adapters.systems.stripe.system import Stripe
from adapters.systems.stripe.wire import VERSION, Wire, explain
from adapters.systems.vendors import Login, Need, OAuth, Vendor, fixed

__all__ = ["VENDOR", "Stripe"]

_HOME = "https://api.stripe.com"
_PACE = Pace(rate=20, burst=40)
"""Stripe allows 25 requests a second in test mode, and more live."""


def _open(login: Login) -> Stripe:
    """A key names its side by its own letters: sk_live_, rk_live_ (restricted), sk_test_, rk_test_."""
    key = login.required("api_key") if login.token is None else login.value("api_key")
    client = Client(
        vendor="Stripe",
        base=login.value("api_url", _HOME),
        token=login.token or fixed(key),
        headers={"Stripe-Version": VERSION},
        pace=_PACE,
        explain=explain,
        transport=login.transport,
    )
    # Until Stripe has said whose it is, the key itself tells one account from another.
    label = f"Stripe #{sha256(key.encode()).hexdigest()[:8]}" if key else "Stripe"
    live = "_test_" not in key[:9]
    return Stripe(name=login.name, wire=Wire(client), label=label, live=live)


VENDOR = Vendor(
    name="stripe",
    title="Stripe",
    needs=(
        Need(
            name="api_key",
            title="Secret or restricted key",
            setting="STRIPE_API_KEY",
            help="Begins with rk_ or sk_; a restricted one (rk_) is enough and better.",
        ),
        Need(
            name="api_url",
            title="Another address of the interface",
            setting="STRIPE_API_URL",
            secret=False,
            required=False,
        ),
    ),
    open=_open,
    oauth=OAuth(
        # Stripe Connect: docs.stripe.com/connect/oauth-reference.
        authorize="https://connect.stripe.com/oauth/authorize",
        token="https://connect.stripe.com/oauth/token",  # noqa: S106 (an address)
        client_id="STRIPE_CLIENT_ID",
        client_secret="STRIPE_CLIENT_SECRET",  # noqa: S106 (a setting's name)
        scopes=("read_write",),
    ),
    help="In Stripe's dashboard, under Developers, API keys: create a restricted key with the permissions you want.",
)
