"""Stripe against localstripe, which this project did not write: look-ups, refunds, voided invoices, and what goes wrong
on the line. What localstripe does not do (keys, over-refunds, sent invoices, links) is in `test_stripe.py`.
"""

from collections.abc import AsyncGenerator, Generator, Mapping
from dataclasses import dataclass

import httpx
import pytest

from bot.errors import BadInput, Failed, OutcomeUnknown, Unreachable
from bot.values import Json
from bot.world import System
from tests.adapters.commerce.rig import call, context, do, look, named, stripe_at
from tests.peers.proxy import Fault, Proxy, proxy
from tests.peers.vendors import Vendor, localstripe

pytestmark = pytest.mark.peer("localstripe")


@pytest.fixture(scope="module")
def peer() -> Generator[Vendor]:
    with localstripe() as running:
        yield running


@dataclass
class Account:
    """A fresh account behind the proxy, and a customer with a payment."""

    system: System
    line: Proxy
    raw: httpx.Client
    gigi: str
    payment: str

    def make(self, path: str, fields: Mapping[str, Json]) -> Mapping[str, Json]:
        reply = self.raw.post(f"/v1/{path}", data=dict(fields))
        assert reply.status_code == 200, reply.text
        return reply.json()

    def all(self, path: str) -> list[Mapping[str, Json]]:
        return self.raw.get(f"/v1/{path}").json()["data"]


def emptied(raw: httpx.Client) -> None:
    raw.delete("/_config/data")


@pytest.fixture
async def account(peer: Vendor) -> AsyncGenerator[Account]:
    with httpx.Client(base_url=peer.url, auth=(peer.token, "")) as raw, proxy(peer.url) as line:
        emptied(raw)
        async with stripe_at(line.url, peer.token) as system:
            yield _furnished(Account(system=system, line=line, raw=raw, gigi="", payment=""))


def _furnished(account: Account) -> Account:
    customer = account.make("customers", {"name": "Gigi Hamilton", "email": "gigi@example.com"})
    account.gigi = str(customer["id"])
    account.payment = str(pay(account, 4_990, "eur", account.gigi)["id"])
    return account


def card(account: Account, customer: str, number: str = "4242424242424242") -> str:
    """A card of the customer's."""
    fields = {"number": number, "exp_month": "12", "exp_year": "2030", "cvc": "123"}
    made = account.make("payment_methods", {"type": "card", **{f"card[{k}]": v for k, v in fields.items()}})
    account.make(f"payment_methods/{made['id']}/attach", {"customer": customer})
    return str(made["id"])


def pay(account: Account, amount: int, currency: str, customer: str) -> Mapping[str, Json]:
    method = card(account, customer)
    paid = {
        "amount": amount,
        "currency": currency,
        "customer": customer,
        "payment_method": method,
        "confirm": "true",
    }
    return account.make("payment_intents", paid)


async def test_customers_are_found_by_name_address_and_part_of_it(account: Account) -> None:
    account.make("customers", {"name": "Léo Lefèvre", "email": "leo@example.com"})
    for query in ("gigi", "HAMILTON", "gigi@example.com"):
        found = await do(account.system, "find_customers", query=query)
        assert found.data == [
            {"customer": account.gigi, "name": "Gigi Hamilton", "email": "gigi@example.com"}
        ]
    assert (
        "Léo Lefèvre <leo@example.com>" in (await do(account.system, "find_customers", query="lefevre")).text
    )
    everybody = await do(account.system, "find_customers", limit="1")
    assert len(everybody.data) == 1
    assert "and older ones" in everybody.text
    nobody = (await do(account.system, "find_customers", query="nobody")).text
    assert nobody.startswith("0 customers found.")
    # This Stripe has no search.
    assert "looked through its newest 1000 customers instead" in nobody


@pytest.mark.parametrize("limit", ["0", "51"])
async def test_a_list_has_bounds(account: Account, limit: str) -> None:
    with pytest.raises(BadInput, match="from 1 to 50"):
        await do(account.system, "find_customers", limit=limit)


async def test_payments_are_found_with_what_is_left_of_them(account: Account) -> None:
    other = str(account.make("customers", {"name": "Someone Else"})["id"])
    pay(account, 1_000, "jpy", other)
    found = await do(account.system, "find_payments")
    row = next(row for row in found.data if row["payment"] == account.payment)
    assert row["payment"] == account.payment
    assert row["amount"] == row["refundable"] == {"minor": 4990, "currency": "EUR"}
    assert "paid" in found.text
    everything = await do(account.system, "find_payments", status="succeeded")
    assert {str(row["amount"]) for row in everything.data} == {
        "{'minor': 4990, 'currency': 'EUR'}",
        "{'minor': 1000, 'currency': 'JPY'}",
    }
    assert (await do(account.system, "find_payments", status="canceled")).data == []
    with pytest.raises(BadInput, match="no customer “Nobody”"):
        await do(account.system, "find_payments", customer="Nobody")


async def test_a_part_and_then_the_rest_go_back(account: Account) -> None:
    preview = await look(account.system, "refund", payment=account.payment, amount="10 EUR")
    assert preview.recipient == "Gigi Hamilton <gigi@example.com>"
    assert [(c.title, c.before["minor"], c.after["minor"]) for c in preview.changes] == [
        ("Paid back", 0, 1000),
        ("Left to refund", 4990, 3990),
    ]
    receipt = await do(account.system, "refund", payment=account.payment, amount="10 EUR")
    assert receipt.changes == preview.changes
    assert receipt.undo is None
    (made,) = account.all("refunds")
    assert made["amount"] == 1000
    assert made["metadata"]["vigie_effect"] == "eff_1"
    await do(account.system, "refund", key="eff_2", payment=account.payment, amount="39,90 €")
    with pytest.raises(BadInput, match="nothing is left to refund") as refused:
        await look(account.system, "refund", payment=account.payment, amount="0.01 EUR")
    assert refused.value.field == "payment"


@pytest.mark.parametrize(
    ("arguments", "field", "why"),
    [
        ({"payment": "pi_none", "amount": "1 EUR"}, "payment", "no payment pi_none"),
        ({"payment": "ch_none", "amount": "1 EUR"}, "payment", "no payment ch_none"),
        ({"amount": "49.91 EUR"}, "amount", "only .*49.90.* is left to refund"),
        ({"amount": "5 USD"}, "amount", "made in EUR"),
        ({"payment": "../customers", "amount": "1 EUR"}, "payment", "no payment"),
    ],
)
async def test_a_refund_that_cannot_be_is_refused_before_anybody_is_asked(
    account: Account, arguments: Mapping[str, Json], field: str, why: str
) -> None:
    with pytest.raises(BadInput, match=why) as refused:
        await look(account.system, "refund", **{"payment": account.payment, **arguments})
    assert refused.value.field == field
    assert account.line.asked("POST") == []


async def test_every_change_carries_the_effects_id_as_its_key(account: Account) -> None:
    await do(account.system, "refund", key="eff_abc", payment=account.payment, amount="10 EUR")
    (sent,) = account.line.asked("POST")
    assert sent.headers["idempotency-key"] == "eff_abc"
    assert sent.headers["stripe-version"] == "2026-10-28.endive"
    assert sent.headers["authorization"].startswith("Bearer sk_test_")


@pytest.mark.parametrize("fault", [Fault.DONE_CUT, Fault.DONE_500])
async def test_a_lost_answer_is_found_again_and_nothing_is_done_twice(account: Account, fault: Fault) -> None:
    """localstripe keeps no keys: three tries would be three refunds here, so the line is cut until they are over."""
    account.line.fault(fault, method="POST", path="/v1/refunds")
    account.line.fault(Fault.NOT_CUT, method="POST", path="/v1/refunds", times=9)
    asked = call(account.system, "refund", {"payment": account.payment, "amount": "10 EUR"})
    with pytest.raises(OutcomeUnknown):
        await account.system.run(asked, context("eff_7"))
    account.line.heal()
    found = await account.system.look_up(asked, context("eff_7"))
    assert found is not None
    assert found.changes[0].after == {"minor": 1000, "currency": "EUR"}
    assert await account.system.look_up(asked, context("eff_8")) is None
    assert len(account.all("refunds")) == 1
    assert {each.headers["idempotency-key"] for each in account.line.asked("POST")} == {"eff_7"}


async def test_what_certainly_did_not_happen_is_said_so(account: Account) -> None:
    account.line.fault(Fault.NOT_429, path="/v1/refunds", method="POST", times=9)
    with pytest.raises(Unreachable):
        await do(account.system, "refund", payment=account.payment, amount="10 EUR")
    assert account.all("refunds") == []


def unpaid(account: Account) -> str:
    """An open invoice: localstripe makes them of subscriptions alone, and this card is declined when it is charged."""
    method = card(account, account.gigi, "4000000000000341")
    account.make(f"customers/{account.gigi}", {"invoice_settings[default_payment_method]": method})
    plan = {"currency": "eur", "amount": 1200, "interval": "month", "product[name]": "Flowers"}
    account.make(
        "subscriptions",
        {
            "customer": account.gigi,
            "items[0][plan]": account.make("plans", plan)["id"],
            "payment_behavior": "allow_incomplete",
        },
    )
    (invoice,) = account.all("invoices")
    return str(invoice["id"])


async def test_invoices_are_listed_and_an_open_one_is_voided(account: Account) -> None:
    invoice = unpaid(account)
    found = await do(account.system, "find_invoices", customer="gigi@example.com")
    assert [(row["invoice"], row["amount"]["minor"], row["status"]) for row in found.data] == [
        (invoice, 1200, "open")
    ]
    offered = await account.system.options(named(account.system, "void_invoice"), "invoice", "", context())
    assert [each.value for each in offered] == [invoice]
    preview = await look(account.system, "void_invoice", invoice=invoice)
    receipt = await do(account.system, "void_invoice", key="eff_v", invoice=invoice)
    assert receipt.changes == preview.changes
    assert account.all("invoices")[0]["status"] == "void"
    keys = [each.headers["idempotency-key"] for each in account.line.asked("POST", "/v1/invoices")]
    assert keys == ["eff_v:mark", "eff_v"]
    again = call(account.system, "void_invoice", {"invoice": invoice})
    assert await account.system.look_up(again, context("eff_v")) == receipt
    assert await account.system.look_up(again, context("eff_w")) is None
    with pytest.raises(BadInput, match="is void"):
        await look(account.system, "void_invoice", invoice=invoice)
    with pytest.raises(BadInput, match="no invoice in_none"):
        await look(account.system, "void_invoice", invoice="in_none")


async def test_a_key_that_is_refused_says_to_connect_again(account: Account) -> None:
    async with stripe_at(account.line.url, "not-a-key") as other:
        with pytest.raises(Failed, match="connect it again") as refused:
            await do(other, "find_customers")
        assert not (await other.check()).well
    assert "not-a-key" not in str(refused.value)


async def test_it_says_whether_it_is_well_and_which_side_it_is(account: Account) -> None:
    assert (await account.system.check()).well
    assert account.system.account().live is False
    async with stripe_at(account.line.url, "rk_live_abc") as other:
        assert other.account().live is True


async def test_choices_are_live(account: Account) -> None:
    send, refund = named(account.system, "send_invoice"), named(account.system, "refund")
    options = await account.system.options(send, "customer", "gig", context())
    assert [(each.value, each.label) for each in options] == [
        (account.gigi, "Gigi Hamilton <gigi@example.com>")
    ]
    payments = await account.system.options(refund, "payment", "", context())
    assert [each.value for each in payments] == [account.payment]
    assert "Gigi Hamilton" in payments[0].label


async def test_a_customer_is_added_once_and_found_again(account: Account) -> None:
    fields = {"name": "Ada Lovelace", "email": "ada@example.com"}
    asked = call(account.system, "create_customer", fields)
    account.line.fault(Fault.DONE_CUT, method="POST", path="/v1/customers")
    account.line.fault(Fault.NOT_CUT, method="POST", path="/v1/customers", times=9)
    with pytest.raises(OutcomeUnknown):
        await account.system.run(asked, context("eff_c"))
    account.line.heal()
    found = await account.system.look_up(asked, context("eff_c"))
    assert found is not None
    made = [each for each in account.all("customers") if each["name"] == "Ada Lovelace"]
    assert [each["id"] for each in made] == [found.id]
    assert await account.system.look_up(asked, context("eff_d")) is None
    again = await look(account.system, "create_customer", **fields)
    assert again.notes == ("A customer with this address is there already.",)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "A", "email": "not an address"}, "email"),
        ({"name": "a" * 257}, "name"),
    ],
)
async def test_a_customer_without_a_name_or_with_a_bad_address_is_refused(
    account: Account, arguments: Mapping[str, Json], field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        call(account.system, "create_customer", arguments)
    assert refused.value.field == field
