"""The twin of Stripe asks for and gives nothing that Stripe does not publish: its names are held to those of Stripe's own
client library, which Stripe generates from its description of the interface (`tests/twins/stripe.json` says which).
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx
import pytest

from tests.adapters.commerce.rig import do
from tests.contracts.systems.stripe import SAMPLE, twin_of
from tests.twins import stripe as twins
from tests.twins.stripe import KEY, TAKES, StripeTwin

_PUBLISHED = json.loads((Path(twins.__file__).parent / "stripe.json").read_text(encoding="utf-8"))
PUBLISHED: Mapping[str, Sequence[str]] = _PUBLISHED["takes"]
GIVEN: Mapping[str, Sequence[str]] = _PUBLISHED["gives"]


@pytest.mark.parametrize(
    "address", [each for each in TAKES if each not in ("GET /v1/account", "GET /v1/balance")]
)
def test_no_address_takes_what_stripe_does_not_publish(address: str) -> None:
    assert TAKES[address] <= set(PUBLISHED[address])


def test_a_links_line_is_spelled_as_published() -> None:
    assert {"price_data", "quantity"} <= set(PUBLISHED["line_items[]"])
    assert {"currency", "unit_amount", "product_data"} <= set(PUBLISHED["line_items[][price_data]"])
    assert "name" in PUBLISHED["line_items[][price_data][product_data]"]


async def test_no_object_has_what_stripes_do_not(tmp_path: Path) -> None:
    system = SAMPLE.make(tmp_path)
    await do(system, "send_invoice", **SAMPLE.deeds["stripe.send_invoice"])
    await do(system, "refund", key="eff_2", **SAMPLE.deeds["stripe.refund"])
    await do(system, "create_payment_link", key="eff_3", **SAMPLE.deeds["stripe.create_payment_link"])
    for kind, things in twin_of(system).things.items():
        for thing in things.values():
            assert {name for name in thing if not name.startswith("_")} <= {*GIVEN[kind], "id", "object"}, (
                kind
            )


async def test_a_parameter_nobody_published_is_refused() -> None:
    twin = StripeTwin()
    async with httpx.AsyncClient(
        transport=httpx.MockTransport(twin), base_url="https://api.stripe.com"
    ) as http:
        headers = {"Authorization": f"Bearer {KEY}"}
        reply = await http.post("/v1/customers", data={"nickname": "Gigi"}, headers=headers)
    assert reply.status_code == 400
    assert reply.json()["error"]["param"] == "nickname"
