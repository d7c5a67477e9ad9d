"""What only the strict twin of Shopify can show: what the actions come to, undo, throttling, and what its errors mean."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass

import httpx
import pytest

from adapters.systems.client import Client
from adapters.systems.shopify import VENDOR, Shopify
from adapters.systems.shopify.graph import Graph
from adapters.systems.vendors import Login, fixed
from bot.actions import Call, Undo
from bot.errors import BadInput, Failed, OutcomeUnknown, Unreachable
from bot.values import Json
from bot.world import System
from tests.adapters.commerce.rig import call, context, do, look, named
from tests.twins.shopify import TOKEN, ShopTwin

ADDRESS = {
    "last_name": "Hamilton",
    "street": "2 place Bellecour",
    "city": "Lyon",
    "zip": "69002",
    "country": "FR",
}


@dataclass
class Shop:
    twin: ShopTwin
    system: System


def opened(twin: ShopTwin, name: str = "shopify", shop: str = "atelier") -> Shopify:
    values = {"shop": shop, "access_token": TOKEN}
    system = VENDOR.open(Login(name=name, values=values, transport=httpx.MockTransport(twin)))
    assert isinstance(system, Shopify)
    return system


@pytest.fixture
async def shop() -> AsyncGenerator[Shop]:
    twin = ShopTwin(levels={("MUG", "Paris"): 4, ("MUG", "Lyon"): 9, ("LAMP", "Paris"): 2})
    twin.order(1007, "Gigi Hamilton")
    twin.order(1008, "Léo Lefèvre", places=("Paris", "Lyon"))
    system = opened(twin)
    yield Shop(twin=twin, system=system)
    await system.close()


def mutations(twin: ShopTwin) -> list[str]:
    known = {"VigieUpdateOrder", "VigieFulfil", "VigieCancelFulfilment", "VigieRefund", "VigieSetStock"}
    return [name for name, _ in twin.asked if name in known]


def back(system: System, undo: Undo | None) -> Call:
    assert undo is not None
    return call(system, undo.action.partition(".")[2], undo.arguments)


async def test_orders_are_found_and_looked_at(shop: Shop) -> None:
    found = await do(shop.system, "find_orders", query="gigi")
    assert [row["order"] for row in found.data] == ["#1007"]
    assert "Gigi Hamilton <gigi@example.com>" in found.text
    one = await do(shop.system, "get_order", order="1007")
    assert one.data["address"]["city"] == "Paris"
    assert "1 × Lamp" in one.text
    by_id = await do(shop.system, "get_order", order="gid://shopify/Order/1008")
    assert by_id.data["order"] == "#1008"
    with pytest.raises(BadInput, match="no order 9999"):
        await do(shop.system, "get_order", order="9999")


async def test_a_note_and_tags_are_replaced_shown_and_put_back(shop: Shop) -> None:
    order = shop.twin.orders["gid://shopify/Order/1007"]
    order["tags"] = ["late"]
    preview = await look(shop.system, "update_order", order="1007", note="Fragile", tags="VIP, late, vip")
    assert [(c.title, c.before, c.after) for c in preview.changes] == [
        ("Note", "", "Fragile"),
        ("Tags", ["late"], ["late", "VIP"]),
    ]
    receipt = await do(shop.system, "update_order", order="1007", note="Fragile", tags="VIP, late, vip")
    assert (order["note"], order["tags"]) == ("Fragile", ["late", "VIP"])
    await shop.system.run(back(shop.system, receipt.undo), context("eff_back"))
    assert (order["note"], order["tags"]) == (None, ["late"])


async def test_only_what_is_named_is_touched(shop: Shop) -> None:
    shop.twin.orders["gid://shopify/Order/1007"]["note"] = "keep me"
    await do(shop.system, "update_order", order="1007", tags="vip")
    (sent,) = [variables for name, variables in shop.twin.asked if name == "VigieUpdateOrder"]
    assert sent["input"] == {"id": "gid://shopify/Order/1007", "tags": ["vip"]}


async def test_an_address_is_replaced_as_a_whole_and_put_back(shop: Shop) -> None:
    order = shop.twin.orders["gid://shopify/Order/1007"]
    before = dict(order["shippingAddress"])
    order["shippingAddress"]["address2"] = "3e étage"
    receipt = await do(shop.system, "change_address", order="1007", **ADDRESS)
    assert order["shippingAddress"]["address2"] is None
    assert receipt.changes[0].before == "Gigi, Hamilton, 1 rue de la Paix, 3e étage, Paris, 75002, FR"
    await shop.system.run(back(shop.system, receipt.undo), context("eff_back"))
    assert order["shippingAddress"] == {**before, "address2": "3e étage"}


async def test_a_no_of_shopifys_names_the_field(shop: Shop) -> None:
    with pytest.raises(Failed, match=r"shippingAddress\.countryCode.*Country is invalid"):
        await do(shop.system, "change_address", order="1007", **{**ADDRESS, "country": "XX"})


@pytest.mark.parametrize(
    ("verb", "arguments", "field", "why"),
    [
        ("refund", {"order": "1007", "amount": "50.01 EUR"}, "amount", "only .*50.00.* is left"),
        ("refund", {"order": "1007", "amount": "1 USD"}, "amount", "paid in EUR"),
        ("fulfil", {"order": "1008", "tracking": "6A1"}, "location", "Lyon, Paris"),
        ("fulfil", {"order": "1007", "tracking": "6A1", "location": "Nice"}, "location", "ships from Paris"),
        ("set_stock", {"item": "MUG", "count": 1}, "location", "Paris, Lyon"),
        ("set_stock", {"item": "LAMP", "count": 2}, "count", "is 2 already"),
        ("update_order", {"order": "1007", "clear": "note"}, "order", "reads so already"),
    ],
)
async def test_what_cannot_be_is_refused_before_anybody_is_asked(
    shop: Shop, verb: str, arguments: Mapping[str, Json], field: str, why: str
) -> None:
    with pytest.raises(BadInput, match=why) as refused:
        await look(shop.system, verb, **arguments)
    assert refused.value.field == field
    assert mutations(shop.twin) == []


async def test_an_order_ships_once_from_one_place_and_is_called_back(shop: Shop) -> None:
    receipt = await do(shop.system, "fulfil", order="1008", tracking="6A1", location="lyon", notify="no")
    order = shop.twin.orders["gid://shopify/Order/1008"]
    assert order["displayFulfillmentStatus"] == "PARTIALLY_FULFILLED"
    assert shop.twin.told == []
    assert "is not told" in receipt.text
    with pytest.raises(BadInput, match="shipped as 6A1 already"):
        await look(shop.system, "fulfil", order="1008", tracking="6A1")
    await shop.system.run(back(shop.system, receipt.undo), context("eff_back"))
    assert [each["status"] for each in order["fulfillments"]] == ["CANCELLED"]


async def test_a_refund_is_sent_under_the_key_and_found_by_its_note(shop: Shop) -> None:
    await do(shop.system, "refund", key="eff_r", order="1007", amount="10 EUR", reason="late", notify="no")
    (sent,) = [variables for name, variables in shop.twin.asked if name == "VigieRefund"]
    assert sent["key"] == "eff_r"
    assert sent["input"]["note"] == "late [eff_r]"
    assert [each["amount"] for each in sent["input"]["transactions"]] == ["10.00"]


async def test_the_stock_is_only_set_from_what_the_card_showed(shop: Shop) -> None:
    await do(shop.system, "set_stock", item="MUG", location="Lyon", count=7)
    (sent,) = [variables for name, variables in shop.twin.asked if name == "VigieSetStock"]
    assert sent["input"]["quantities"][0]["changeFromQuantity"] == 9


# Manners -----------------------------------------------------------------------------------------------------


@dataclass
class Clock:
    """Time that passes when somebody waits."""

    now: float = 0.0
    waited: float = 0.0

    def __call__(self) -> float:
        return self.now

    async def pause(self, seconds: float) -> None:
        self.now += seconds
        self.waited += seconds


def graph_over(twin: ShopTwin, clock: Clock) -> Graph:
    client = Client(
        vendor="Shopify",
        base="https://atelier.myshopify.com",
        token=fixed(TOKEN),
        scheme=lambda token: {"X-Shopify-Access-Token": token},
        transport=httpx.MockTransport(twin),
    )
    return Graph(client, pause=clock.pause, clock=clock)


ASK = "query VigieShop { shop { name } }"


async def test_a_throttled_call_waits_for_its_share_and_is_made(shop: Shop) -> None:
    clock = Clock()
    shop.twin.refuses, shop.twin.available = ["THROTTLED"], -490.0
    graph = graph_over(shop.twin, clock)
    assert (await graph.ask(ASK))["shop"] == {"name": "Atelier"}
    assert clock.waited == pytest.approx(5.0)
    await graph.close()


async def test_a_share_that_is_used_up_is_waited_for_before_asking(shop: Shop) -> None:
    clock = Clock()
    graph = graph_over(shop.twin, clock)
    shop.twin.available = 0.0
    await graph.ask(ASK)
    await graph.ask(ASK)
    assert clock.waited == pytest.approx(0.1)
    await graph.close()


async def test_a_wait_that_is_too_long_is_said_so_with_how_long(shop: Shop) -> None:
    shop.twin.refuses, shop.twin.available = ["THROTTLED"], -5_000.0
    graph = graph_over(shop.twin, Clock())
    with pytest.raises(Unreachable) as refused:
        await graph.ask(ASK)
    assert refused.value.retry_after == pytest.approx(50.1)
    await graph.close()


@pytest.mark.parametrize(
    ("code", "read", "write"),
    [
        ("ACCESS_DENIED", Failed, Failed),
        ("INTERNAL_SERVER_ERROR", Unreachable, OutcomeUnknown),
        ("MAX_COST_EXCEEDED", Failed, Failed),
    ],
)
async def test_what_an_error_means(
    shop: Shop, code: str, read: type[Exception], write: type[Exception]
) -> None:
    graph = graph_over(shop.twin, Clock())
    shop.twin.refuses = [code, code]
    with pytest.raises(read):
        await graph.ask(ASK)
    with pytest.raises(write):
        await graph.change("mutation VigieUpdateOrder { orderUpdate { order { id } } }", "orderUpdate")
    await graph.close()


async def test_what_shopify_refused_did_not_happen_and_is_not_looked_for_in_vain(shop: Shop) -> None:
    asked = call(shop.system, "change_address", {"order": "1007", **ADDRESS, "country": "XX"})
    with pytest.raises(Failed):
        await shop.system.run(asked, context())
    assert await shop.system.look_up(asked, context()) is None


async def test_two_shops_live_side_by_side(shop: Shop) -> None:
    other = opened(ShopTwin(), "shopify_be", "https://atelier-be.myshopify.com/")
    assert {action.system for action in other.actions()} == {"shopify_be"}
    assert other.account().label == "atelier-be.myshopify.com"
    assert shop.system.account().label == "atelier.myshopify.com"
    await other.close()


async def test_a_shop_for_trying_things_out_is_not_live(shop: Shop) -> None:
    assert shop.system.account().live is True
    assert (await shop.system.check()).well
    assert shop.system.account().live is False


@pytest.mark.parametrize("name", ["evil.example.com", "atelier.myshopify.com.evil.com", "a/b", "user@shop"])
def test_a_shop_that_is_none_gets_no_token(name: str) -> None:
    with pytest.raises(BadInput, match="myshopify"):
        VENDOR.open(Login(name="shopify", values={"shop": name, "access_token": TOKEN}))


async def test_choices_are_live(shop: Shop) -> None:
    orders = await shop.system.options(named(shop.system, "refund"), "order", "gigi", context())
    assert [each.value for each in orders] == ["#1007"]
    items = await shop.system.options(named(shop.system, "set_stock"), "item", "mug", context())
    assert [each.value for each in items] == ["MUG"]
    places = await shop.system.options(named(shop.system, "set_stock"), "location", "", context())
    assert [each.value for each in places] == ["Lyon", "Paris"]
