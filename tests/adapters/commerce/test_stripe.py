"""What only the strict twin of Stripe can show: invoices that are sent, payment links, idempotency keys, and search."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, replace

import httpx
import pytest

from adapters.systems.stripe import VENDOR, Stripe
from adapters.systems.vendors import Login
from bot.errors import BadInput, Failed, OutcomeUnknown, Unknowable
from bot.values import Json
from bot.world import System
from tests.adapters.commerce.rig import call, context, do, look, named
from tests.twins.stripe import KEY, StripeTwin

INVOICE = {"customer": "Gigi Hamilton", "amount": "49.90 EUR", "description": "Two mugs"}


@dataclass
class Account:
    twin: StripeTwin
    system: System
    gigi: str


def opened(twin: StripeTwin, name: str = "stripe", key: str = KEY) -> Stripe:
    login = Login(name=name, values={"api_key": key}, transport=httpx.MockTransport(twin))
    system = VENDOR.open(login)
    assert isinstance(system, Stripe)
    return system


@pytest.fixture
async def account() -> AsyncGenerator[Account]:
    twin = StripeTwin()
    gigi = twin.customer("Gigi Hamilton", "gigi@example.com")
    system = opened(twin)
    yield Account(twin=twin, system=system, gigi=gigi)
    await system.close()


# Whom it goes to ---------------------------------------------------------------------------------------------


async def test_an_invoice_goes_to_a_customer_by_name(account: Account) -> None:
    preview = await look(account.system, "send_invoice", **INVOICE)
    assert preview.recipient == "Gigi Hamilton <gigi@example.com>"
    receipt = await do(account.system, "send_invoice", key="eff_g", **INVOICE)
    (invoice,) = account.twin.all("invoices")
    assert (invoice["customer"], invoice["status"], invoice["total"]) == (account.gigi, "open", 4990)
    assert account.twin.sends == [invoice["id"]]
    assert receipt.link == invoice["hosted_invoice_url"]
    assert "went to Gigi Hamilton <gigi@example.com>" in receipt.text
    keys = [key for method, _, key, _ in account.twin.asked if method == "POST"]
    assert keys == [f"eff_g:{step}" for step in ("draft", "line", "finalize", "send", "sent")]


async def test_two_of_one_name_are_named_and_a_person_picks(account: Account) -> None:
    other = account.twin.customer("Gigi Hamilton", "gigi@elsewhere.example")
    with pytest.raises(BadInput, match="2 customers match") as refused:
        await look(account.system, "send_invoice", **INVOICE)
    assert refused.value.field == "customer"
    for choice in ("gigi@example.com", "gigi@elsewhere.example", account.gigi, other):
        assert choice in str(refused.value)
    action = named(account.system, "send_invoice")
    options = await account.system.options(action, "customer", "gigi", context())
    assert {each.value for each in options} == {account.gigi, other}
    picked = await look(account.system, "send_invoice", **{**INVOICE, "customer": other})
    assert picked.recipient == "Gigi Hamilton <gigi@elsewhere.example>"
    by_address = await look(
        account.system, "send_invoice", **{**INVOICE, "customer": "gigi@elsewhere.example"}
    )
    assert by_address.recipient == picked.recipient


@pytest.mark.parametrize(
    ("changed", "field", "why"),
    [
        ({"customer": "Nobody"}, "customer", "no customer “Nobody”"),
        ({"customer": "cus_none"}, "customer", "no customer cus_none"),
        ({"customer": "Without Address"}, "customer", "no e-mail address"),
        ({"amount": "5.124 KWD"}, "amount", "no such fraction"),
        ({"days": 0}, "days", "from 1 to 365"),
    ],
)
async def test_an_invoice_that_cannot_be_is_refused_before_anybody_is_asked(
    account: Account, changed: Mapping[str, Json], field: str, why: str
) -> None:
    account.twin.customer("Without Address")
    with pytest.raises(BadInput, match=why) as refused:
        await look(account.system, "send_invoice", **{**INVOICE, **changed})
    assert refused.value.field == field
    assert not [each for each in account.twin.asked if each[0] == "POST"]


@pytest.mark.parametrize("searches", [True, False])
@pytest.mark.parametrize("query", ["gigi", "HAMILTON gi", 'Gigi"', "Gi"])
async def test_names_are_found_with_and_without_stripes_search(
    account: Account, searches: bool, query: str
) -> None:
    account.twin.searches = searches
    for number in range(120):
        account.twin.customer(f"Somebody {number}", f"n{number}@example.com")
    found = await do(account.system, "find_customers", query=query)
    wanted = [] if '"' in query else [account.gigi]
    assert [row["customer"] for row in found.data] == wanted


# Once --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("broken", range(5))
async def test_an_invoice_is_taken_up_where_it_stands_even_when_stripe_has_forgotten_the_keys(
    account: Account, broken: int
) -> None:
    """Keys live for a day; the marks in the metadata live on."""
    posts = 0

    async def cut(request: httpx.Request) -> httpx.Response:
        nonlocal posts
        answer = await account.twin(request)
        posts += request.method == "POST"
        if request.method == "POST" and posts > broken:
            raise httpx.ReadError("cut")
        return answer

    dying = VENDOR.open(Login(name="stripe", values={"api_key": KEY}, transport=httpx.MockTransport(cut)))
    asked = call(dying, "send_invoice", INVOICE)
    with pytest.raises(OutcomeUnknown):
        await dying.run(asked, context("eff_1"))
    account.twin.forget_keys()
    done = await account.system.look_up(asked, context("eff_1"))
    if done is None:
        done = await account.system.run(asked, context("eff_1"))
    (invoice,) = account.twin.all("invoices")
    assert (invoice["total"], invoice["status"], done.id) == (4990, "open", invoice["id"])
    assert await account.system.look_up(asked, context("eff_1")) == done
    assert isinstance(dying, Stripe)
    await dying.close()


async def test_the_same_key_with_other_arguments_is_refused(account: Account) -> None:
    await do(account.system, "create_payment_link", key="eff_1", amount="10 EUR", title="Lamp")
    with pytest.raises(Failed, match="same parameters"):
        await do(account.system, "create_payment_link", key="eff_1", amount="11 EUR", title="Lamp")


async def test_a_refund_that_became_too_much_meanwhile_is_stripes_no(account: Account) -> None:
    payment = account.twin.payment(1_000, customer=account.gigi)
    asked = call(account.system, "refund", {"payment": payment, "amount": "10 EUR"})
    await account.system.preview(asked, context())
    await do(account.system, "refund", key="eff_other", payment=payment, amount="1 EUR")
    with pytest.raises(BadInput, match=r"only .* is left"):
        await account.system.run(asked, context())
    assert [each["amount"] for each in account.twin.all("refunds")] == [100]


async def test_too_many_newer_ones_are_called_unknowable(account: Account) -> None:
    asked = call(account.system, "create_payment_link", {"amount": "10 EUR", "title": "Lamp"})
    for _ in range(1_001):
        account.twin.link()
    with pytest.raises(Unknowable):
        await account.system.look_up(asked, context())


# Payment links -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "number", "currency"), [("15 EUR", 1500, "eur"), ("1 500 JPY", 1500, "jpy")]
)
async def test_a_payment_link_asks_for_the_amount_of_the_card(
    account: Account, typed: str, number: int, currency: str
) -> None:
    receipt = await do(account.system, "create_payment_link", amount=typed, title="A lamp, blue")
    (link,) = account.twin.all("payment_links")
    assert (link["_asked"], link["currency"], link["active"]) == (number, currency, True)
    assert receipt.link == link["url"]
    assert receipt.undo is not None
    off = await account.system.run(call_undo(account.system, receipt.undo), context("eff_u"))
    assert not link["active"]
    assert off.undo is not None
    await account.system.run(call_undo(account.system, off.undo), context("eff_v"))
    assert link["active"]
    with pytest.raises(BadInput, match="is on already"):
        await look(account.system, "activate_payment_link", link=link["id"])


def call_undo(system: System, undo: Json) -> Json:
    return call(system, undo.action.partition(".")[2], undo.arguments)


# Accounts ----------------------------------------------------------------------------------------------------


async def test_two_accounts_live_side_by_side(account: Account) -> None:
    twin = StripeTwin(key="sk_live_eu", live=True)
    other = opened(twin, "stripe_eu", "sk_live_eu")
    assert {action.system for action in other.actions()} == {"stripe_eu"}
    receipt = await do(other, "create_payment_link", amount="10 EUR", title="Lamp")
    assert receipt.undo is not None
    assert receipt.undo.action == "stripe_eu.deactivate_payment_link"
    assert (len(twin.all("payment_links")), len(account.twin.all("payment_links"))) == (1, 0)
    assert other.account() != replace(account.system.account(), system="stripe_eu")
    assert (other.account().live, account.system.account().live) == (True, False)
    with pytest.raises(BadInput, match="no connected system offers"):
        await other.run(call(account.system, "find_customers", {}), context())
    await other.close()


async def test_the_account_is_named_once_stripe_was_asked(account: Account) -> None:
    before = account.system.account().label
    assert KEY not in before
    assert (await account.system.check()).well
    assert account.system.account().label == "Atelier (acct_twin)"


async def test_payments_of_one_customer(account: Account) -> None:
    account.twin.payment(500)
    mine = account.twin.payment(1_200, "jpy", account.gigi)
    found = await do(account.system, "find_payments", customer="gigi hamilton")
    assert [(row["payment"], row["amount"]) for row in found.data] == [
        (mine, {"minor": 1200, "currency": "JPY"})
    ]


async def test_invoices_by_where_they_stand(account: Account) -> None:
    await do(account.system, "send_invoice", **INVOICE)
    assert len((await do(account.system, "find_invoices", status="open")).data) == 1
    assert (await do(account.system, "find_invoices", status="paid")).data == []


async def test_what_is_said_is_french_for_a_french_reader(account: Account) -> None:
    asked = call(account.system, "send_invoice", INVOICE)
    receipt = await account.system.run(asked, context(lang="fr"))
    assert receipt.text.startswith("La facture TWIN-")
    with pytest.raises(BadInput, match="Stripe n’a pas de client"):
        await account.system.preview(
            call(account.system, "send_invoice", {**INVOICE, "customer": "Nobody"}), context(lang="fr")
        )


async def test_a_search_that_refuses_is_said_and_not_swallowed(account: Account) -> None:
    account.twin.searches = False
    told = await do(account.system, "find_customers", query="hamilton")
    assert "search refused, and I looked through its newest 1000 customers instead" in told.text
    account.twin.searches = True
    assert "refused" not in (await do(account.system, "find_customers", query="hamilton")).text
