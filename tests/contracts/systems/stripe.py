"""Stripe, held to the contract of systems over its twin."""

from pathlib import Path

import httpx

from adapters.systems.stripe import VENDOR
from adapters.systems.vendors import Login
from bot.world import System
from tests.contracts.systems.sample import Sample
from tests.twins.stripe import KEY, StripeTwin

_TWINS: dict[Path, StripeTwin] = {}
_OF: dict[int, StripeTwin] = {}


def _twin() -> StripeTwin:
    """An account with a payment, an open invoice, and a payment link on and one off."""
    twin = StripeTwin()
    gigi = twin.customer("Gigi Hamilton", "gigi.hamilton@example.com")
    twin.customer("Léo Lefèvre", "leo@example.com")
    twin.payment(4_990, "eur", gigi)
    invoice = twin.make_invoice(
        {"customer": gigi, "currency": "eur", "collection_method": "send_invoice", "days_until_due": "30"}
    )
    twin.make_invoiceitem({"customer": gigi, "invoice": invoice["id"], "currency": "eur", "amount": "1200"})
    twin.step_finalize(invoice)
    for active in (True, False):
        twin.link(active=active)
    return twin


def make(folder: Path) -> System:
    if folder not in _TWINS:
        _TWINS[folder] = _twin()
    twin = _TWINS[folder]
    system = VENDOR.open(Login(name="stripe", values={"api_key": KEY}, transport=httpx.MockTransport(twin)))
    _OF[id(system)] = twin
    return system


def twin_of(system: System) -> StripeTwin:
    """The account behind a system that `make` made."""
    return _OF[id(system)]


SAMPLE = Sample(
    make=make,
    deeds={
        "stripe.find_customers": {"query": "gigi", "limit": "3"},
        "stripe.find_payments": {"customer": "Gigi Hamilton", "status": "Succeeded"},
        "stripe.find_invoices": {"status": "open"},
        "stripe.create_payment_link": {"amount": "1 500 JPY", "title": "A lamp, blue"},
        "stripe.deactivate_payment_link": {"link": "plink_000007"},
        "stripe.activate_payment_link": {"link": "plink_000008"},
        "stripe.send_invoice": {
            "customer": "Gigi Hamilton",
            "amount": "49,90 €",
            "description": "Two mugs",
            "days": "14",
        },
        "stripe.void_invoice": {"invoice": "in_000005"},
        "stripe.refund": {"payment": "pi_000003", "amount": "10 EUR", "reason": "duplicate"},
        "stripe.create_customer": {"name": "Ada Lovelace", "email": "ada@example.com"},
    },
    unknown={
        "stripe.deactivate_payment_link": {"link": "plink_none"},
        "stripe.activate_payment_link": {"link": "plink_none"},
        "stripe.send_invoice": {"customer": "Nobody", "amount": "1 EUR", "description": "x"},
        "stripe.void_invoice": {"invoice": "in_none"},
        "stripe.refund": {"payment": "pi_none", "amount": "1 EUR"},
    },
    state=lambda system: _OF[id(system)].standing(),
)
