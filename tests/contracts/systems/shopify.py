"""Shopify, held to the contract of systems over its twin."""

from pathlib import Path

import httpx

from adapters.systems.shopify import VENDOR
from adapters.systems.vendors import Login
from bot.world import System
from tests.contracts.systems.sample import Sample
from tests.twins.shopify import TOKEN, ShopTwin

_TWINS: dict[Path, ShopTwin] = {}
_OF: dict[int, ShopTwin] = {}


def _twin() -> ShopTwin:
    """A shop with an order to work on, and one that is shipped."""
    twin = ShopTwin(levels={("MUG-BLUE", "Paris"): 4, ("MUG-BLUE", "Lyon"): 9, ("LAMP", "Paris"): 2})
    twin.order(1007, "Gigi Hamilton")
    shipped = twin.order(1008, "Léo Lefèvre")
    sent = {
        "lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": shipped["open"][0][0]}],
        "notifyCustomer": False,
    }
    twin.fulfil({"fulfillment": {**sent, "trackingInfo": {"number": "OLD1"}}})
    return twin


def make(folder: Path) -> System:
    if folder not in _TWINS:
        _TWINS[folder] = _twin()
    values = {"shop": "atelier", "access_token": TOKEN}
    system = VENDOR.open(Login(name="shopify", values=values, transport=httpx.MockTransport(_TWINS[folder])))
    _OF[id(system)] = _TWINS[folder]
    return system


def twin_of(system: System) -> ShopTwin:
    """The shop behind a system that `make` made."""
    return _OF[id(system)]


SAMPLE = Sample(
    make=make,
    deeds={
        "shopify.find_orders": {"query": "gigi", "status": "Open"},
        "shopify.get_order": {"order": "#1007"},
        "shopify.stock": {"below": "5"},
        "shopify.update_order": {
            "order": "1007",
            "note": "Called on Monday,\nwill ring back.",
            "tags": "vip, late",
        },
        "shopify.change_address": {
            "order": "1007",
            "first_name": "Gigi",
            "last_name": "Hamilton",
            "street": "2 place Bellecour",
            "street2": "3e étage",
            "city": "Lyon",
            "zip": "69002",
            "country": "fr",
        },
        "shopify.set_stock": {"item": "MUG-BLUE", "location": "Lyon", "count": "7"},
        "shopify.fulfil": {"order": "1007", "tracking": "6A1"},
        "shopify.cancel_fulfilment": {"order": "1008", "tracking": "OLD1"},
        "shopify.refund": {"order": "1007", "amount": "10 EUR", "reason": "late"},
    },
    unknown={
        "shopify.update_order": {"order": "9999", "note": "x"},
        "shopify.change_address": {
            "order": "9999",
            "last_name": "x",
            "street": "x",
            "city": "x",
            "country": "FR",
        },
        "shopify.set_stock": {"item": "TEAPOT", "count": 1},
        "shopify.fulfil": {"order": "9999", "tracking": "6A1"},
        "shopify.cancel_fulfilment": {"order": "1007", "tracking": "none"},
        "shopify.refund": {"order": "9999", "amount": "1 EUR"},
    },
    state=lambda system: _OF[id(system)].standing(),
)
