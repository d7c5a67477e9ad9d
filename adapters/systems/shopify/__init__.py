"""Shopify: orders, shipping, refunds and stock, over its Admin GraphQL interface."""

import re
from collections.abc import Mapping

from adapters.systems.client import Client, Pace
from adapters.systems.shopify.graph import Graph, explain
from adapters.systems.shopify.system import Shopify
from adapters.systems.vendors import Login, Need, OAuth, Vendor, fixed
from bot.errors import BadInput

__all__ = ["VENDOR", "Shopify"]

_SHOP = re.compile(r"(?:https://)?([a-z0-9][a-z0-9-]*)(?:\.myshopify\.com)?/?")


def _shop(text: str) -> str:
    """`atelier` or `atelier.myshopify.com`. Raises BadInput: nobody is sent, and no token goes, to an address that is
    not Shopify's."""
    found = _SHOP.fullmatch(text.strip().lower())
    if not found:
        raise BadInput("the shop reads name.myshopify.com", field="shop")
    return f"{found[1]}.myshopify.com"


def _places(values: Mapping[str, str]) -> Mapping[str, str]:
    return {**values, "shop": _shop(values.get("shop", ""))}


def _open(login: Login) -> Shopify:
    """Raises BadInput for a shop's name that is none."""
    shop = _shop(login.required("shop"))
    client = Client(
        vendor="Shopify",
        base=login.value("api_url", f"https://{shop}"),
        token=login.token or fixed(login.required("access_token")),
        scheme=_shown,
        # What a shop may be asked is counted by cost, in the graph; this only bounds a burst.
        pace=Pace(rate=20, burst=40),
        explain=explain,
        transport=login.transport,
    )
    return Shopify(name=login.name, graph=Graph(client), shop=shop)


def _shown(token: str) -> Mapping[str, str]:
    return {"X-Shopify-Access-Token": token}


VENDOR = Vendor(
    name="shopify",
    title="Shopify",
    needs=(
        Need(
            name="shop",
            title="Shop",
            setting="SHOPIFY_SHOP",
            secret=False,
            help="The shop's own address, for example atelier.myshopify.com.",
        ),
        Need(
            name="access_token",
            title="Admin API access token",
            setting="SHOPIFY_ACCESS_TOKEN",
            help="Begins with shpat_.",
        ),
        Need(
            name="api_url",
            title="Another address of the interface",
            setting="SHOPIFY_API_URL",
            secret=False,
            required=False,
        ),
    ),
    open=_open,
    oauth=OAuth(
        # shopify.dev/docs/apps/build/authentication-authorization/access-tokens/authorization-code-grant
        authorize="https://{shop}/admin/oauth/authorize",
        token="https://{shop}/admin/oauth/access_token",  # noqa: S106 (an address)
        client_id="SHOPIFY_CLIENT_ID",
        client_secret="SHOPIFY_CLIENT_SECRET",  # noqa: S106 (a setting's name)
        scopes=(
            *("read_orders", "write_orders", "read_products", "read_inventory", "write_inventory"),
            *("read_locations", "read_merchant_managed_fulfillment_orders"),
            "write_merchant_managed_fulfillment_orders",
        ),
        separator=",",
        signed=True,
        asks=("shop",),
        reads=_places,
    ),
    help="In the shop's settings, under Apps: develop an app, give it the scopes you want, install it.",
)
