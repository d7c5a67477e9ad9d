"""Shopify against its own published schema of 2026-10, executed by a server this project did not write: every document and
every action's variables fit it. It makes its answers up, so what things come to is in `test_shopify.py`.
"""

from collections.abc import AsyncGenerator, Generator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from adapters.systems.client import Client
from adapters.systems.shopify import queries
from adapters.systems.shopify.graph import Graph
from adapters.systems.shopify.system import PLANS
from adapters.systems.vendors import fixed
from bot.errors import BadInput, Failed
from bot.values import Json
from bot.world import System
from tests.adapters.commerce.rig import call, context, shopify_at
from tests.contracts.systems.shopify import SAMPLE, twin_of
from tests.peers.proxy import Proxy, proxy
from tests.peers.vendors import Vendor, shopify

pytestmark = pytest.mark.peer("shopify")

ORDER = "gid://shopify/Order/1"
ADDRESS = {
    "last_name": "Hamilton",
    "street": "2 place Bellecour",
    "city": "Lyon",
    "zip": "69002",
    "country": "FR",
}


@pytest.fixture(scope="module")
def peer() -> Generator[Vendor]:
    with shopify() as running:
        yield running


@dataclass
class Shop:
    system: System
    graph: Graph
    line: Proxy


@pytest.fixture
async def shop(peer: Vendor) -> AsyncGenerator[Shop]:
    with proxy(peer.url) as line:
        client = Client(
            vendor="Shopify",
            base=line.url,
            token=fixed(peer.token),
            scheme=lambda token: {"X-Shopify-Access-Token": token},
        )
        async with shopify_at(line.url, peer.token) as system:
            yield Shop(system=system, graph=Graph(client), line=line)
        await client.close()


DOCUMENTS = [
    name for name in vars(queries) if name.isupper() and not name.startswith("_") and name != "VERSION"
]


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_every_document_fits_the_schema(shop: Shop, name: str) -> None:
    """Without its variables an operation is refused for those alone: the document itself was read and found good."""
    document = str(getattr(queries, name))
    if "!" not in document.partition("{")[0]:
        await shop.graph.ask(document, first=1)
        return
    with pytest.raises(Failed, match=r"Variable .\$\w+. of required type"):
        await shop.graph.ask(document)


@pytest.mark.parametrize("name", SAMPLE.deeds)
async def test_what_every_action_sends_fits_the_schema(shop: Shop, name: str, tmp_path: Path) -> None:
    """Each is done in the twin first, and what it sent there is sent here again, byte for byte."""
    system = SAMPLE.make(tmp_path)
    verb = name.partition(".")[2]
    await system.run(call(system, verb, SAMPLE.deeds[name]), context("eff_9"))
    sent = twin_of(system).bodies
    assert any('"query":"mutation' in body for body in sent) is (verb in PLANS)
    headers = {"X-Shopify-Access-Token": "shpat_test", "Content-Type": "application/json"}
    async with httpx.AsyncClient(base_url=shop.line.url, headers=headers) as http:
        for body in sent:
            reply = await http.post("/admin/api/2026-10/graphql.json", content=body)
            assert reply.status_code == 200
            assert "errors" not in reply.json(), reply.text[:500]


MISFITS: list[tuple[str, Mapping[str, Json], str]] = [
    (queries.UPDATE_ORDER, {"input": {"note": "x"}}, "id"),
    (queries.UPDATE_ORDER, {"input": {"id": ORDER, "colour": "x"}}, "colour"),
    (queries.REFUND, {"input": {"orderId": ORDER, "transactions": [{}]}, "key": "k"}, "amount"),
    (queries.FULFIL, {"fulfillment": {}}, "lineItemsByFulfillmentOrder"),
    (queries.SET_STOCK, {"input": {"name": "available", "quantities": []}, "key": "k"}, "reason"),
    (queries.CANCEL_FULFILMENT, {}, "id"),
]


@pytest.mark.parametrize(("document", "variables", "why"), MISFITS)
async def test_what_does_not_fit_is_refused_and_says_what(
    shop: Shop, document: str, variables: Mapping[str, Json], why: str
) -> None:
    with pytest.raises(Failed, match=why):
        await shop.graph.change(document, "none", **variables)


@pytest.mark.parametrize(
    ("verb", "arguments", "field"),
    [
        ("update_order", {"order": ORDER}, "note"),
        ("update_order", {"order": ORDER, "note": "x", "clear": "note"}, "clear"),
        ("change_address", {"order": ORDER, **ADDRESS, "country": "F1"}, "country"),
        ("set_stock", {"item": "gid://shopify/InventoryItem/1", "count": -1}, "count"),
        ("find_orders", {"limit": 0}, "limit"),
    ],
)
async def test_what_makes_no_sense_is_refused_before_anything_is_sent(
    shop: Shop, verb: str, arguments: Mapping[str, Json], field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        await shop.system.run(call(shop.system, verb, arguments), context())
    assert refused.value.field == field
    assert shop.line.asked(body="mutation") == []


async def test_a_wrong_token_says_to_connect_again(shop: Shop) -> None:
    async with shopify_at(shop.line.url, "shpat_canary") as other:
        health = await other.check()
    assert not health.well
    assert "connect it again" in health.text
    assert "canary" not in health.text


async def test_it_says_that_it_is_well(shop: Shop) -> None:
    assert (await shop.system.check()).well
