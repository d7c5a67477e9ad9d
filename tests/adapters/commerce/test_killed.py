"""The process is killed right after the vendor did the deed, and started again: one object, one key, and the receipt, or a
question where nobody can know. A recording proxy stands between, so what was sent is what is counted.
"""

import asyncio
import sys
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx
import pytest

from bot.effects import Effect, EffectState
from tests.adapters.commerce.rig import shopify_at, stripe_at
from tests.peers.proxy import Fault, Proxy, proxy
from tests.peers.vendors import localstripe
from tests.running import ROOT
from tests.stage import Stage, stage
from tests.twins.served import Answers, served
from tests.twins.shopify import TOKEN, ShopTwin
from tests.twins.stripe import KEY, StripeTwin


async def killed(line: Proxy, folder: Path, name: str, key: str, text: str, *, at: Mapping[str, str]) -> None:
    """Runs the child until the vendor has done what `at` names, whose answer never comes, and kills it."""
    path, body = at.get("path", ""), at.get("body", "")
    line.fault(Fault.DONE_HANG, method="POST", path=path, body=body)
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.adapters.commerce.child", str(folder), name, line.url, key, text),
        cwd=ROOT,
    )
    try:
        await asyncio.to_thread(line.wait, "POST", path, body)
    finally:
        child.kill()
        await child.wait()
    line.heal()


@asynccontextmanager
async def again(line: Proxy, folder: Path, name: str, key: str) -> AsyncGenerator[Stage]:
    """The next start over the same folder; what was under way is found out before it yields."""
    opened = stripe_at(line.url, key) if name == "stripe" else shopify_at(line.url, key)
    async with opened as system, stage(folder, systems={name: system}) as s:
        yield s


@contextmanager
def before(twin: Answers) -> Generator[Proxy]:
    with served(twin) as url, proxy(url) as line:
        yield line


async def effects(s: Stage, state: EffectState) -> list[Effect]:
    return [*await s.look(lambda tx: tx.effects.in_state(state))]


async def only(s: Stage) -> Effect:
    """The one deed, which is confirmed; nothing else is open or in doubt."""
    for state in (EffectState.STARTED, EffectState.PENDING, EffectState.UNKNOWN, EffectState.FAILED):
        assert not await effects(s, state), state
    (done,) = [each for each in await effects(s, EffectState.CONFIRMED) if each.deed.kind == "run"]
    assert done.receipt is not None
    return done


REFUND = "do stripe.refund payment={payment} amount=10EUR"


@pytest.mark.peer("localstripe")
async def test_a_refund_at_localstripe_is_made_once_and_its_receipt_recovered(tmp_path: Path) -> None:
    """SAFETY 25"""
    with localstripe() as peer, proxy(peer.url) as line:
        async with httpx.AsyncClient(base_url=peer.url, auth=(peer.token, "")) as raw:
            payment = await _paid(raw)
            at = {"path": "/v1/refunds"}
            await killed(line, tmp_path, "stripe", peer.token, REFUND.format(payment=payment), at=at)
            async with again(line, tmp_path, "stripe", peer.token) as s:
                done = await only(s)
            made = (await raw.get("/v1/refunds")).json()["data"]
        assert [(each["amount"], each["metadata"]["vigie_effect"]) for each in made] == [(1000, done.id)]
        assert [each.headers["idempotency-key"] for each in line.asked("POST", "/v1/refunds")] == [done.id]


async def _paid(raw: httpx.AsyncClient) -> str:
    async def make(path: str, fields: Mapping[str, str]) -> str:
        return str((await raw.post(f"/v1/{path}", data=dict(fields))).json()["id"])

    customer = await make("customers", {"name": "Gigi Hamilton", "email": "gigi@example.com"})
    card = {"number": "4242424242424242", "exp_month": "12", "exp_year": "2030", "cvc": "123"}
    method = await make("payment_methods", {"type": "card", **{f"card[{k}]": v for k, v in card.items()}})
    await make(f"payment_methods/{method}/attach", {"customer": customer})
    paid = {"amount": "4990", "currency": "eur", "customer": customer, "payment_method": method}
    return await make("payment_intents", {**paid, "confirm": "true"})


STEPS = ["/v1/invoices", "/v1/invoiceitems", "/finalize", "/send", "vigie_sent"]


@pytest.mark.parametrize("step", STEPS)
async def test_an_invoice_is_made_and_sent_once_wherever_the_process_dies(tmp_path: Path, step: str) -> None:
    """SAFETY 25"""
    twin = StripeTwin()
    twin.customer("Gigi Hamilton", "gigi@example.com")
    with before(twin) as line:
        text = 'do stripe.send_invoice customer="Gigi Hamilton" amount=49.90EUR description="Two mugs"'
        at = {"body" if step.startswith("vigie") else "path": step}
        await killed(line, tmp_path, "stripe", KEY, text, at=at)
        async with again(line, tmp_path, "stripe", KEY) as s:
            done = await only(s)
        (invoice,) = twin.all("invoices")
        assert (invoice["status"], invoice["total"], twin.sends) == ("open", 4990, [invoice["id"]])
        assert len(twin.all("invoiceitems")) == 1
        assert done.receipt is not None
        assert done.receipt.id == invoice["id"]
        keys = {each.headers["idempotency-key"] for each in line.asked("POST")}
        assert keys == {f"{done.id}:{part}" for part in ("draft", "line", "finalize", "send", "sent")}


@pytest.mark.parametrize(
    ("text", "operation"),
    [
        ("do shopify.refund order=1007 amount=10EUR", "mutation VigieRefund("),
        ("do shopify.fulfil order=1007 tracking=6A1", "mutation VigieFulfil("),
        (
            'do shopify.change_address order=1007 last_name=Hamilton street="2 rue X" city=Lyon country=FR',
            "VigieUpdateOrder",
        ),
        ("do shopify.set_stock item=LAMP count=7", "VigieSetStock"),
    ],
)
async def test_a_change_at_shopify_is_made_once_and_its_receipt_recovered(
    tmp_path: Path, text: str, operation: str
) -> None:
    """SAFETY 25"""
    twin = ShopTwin(levels={("LAMP", "Paris"): 2})
    twin.order(1007, "Gigi Hamilton")
    with before(twin) as line:
        at = {"body": operation}
        await killed(line, tmp_path, "shopify", TOKEN, text, at=at)
        after = twin.standing()
        async with again(line, tmp_path, "shopify", TOKEN) as s:
            done = await only(s)
        assert done.receipt is not None
        assert done.receipt.changes
        assert twin.standing() == after
        assert len(line.asked(body=operation)) == 1
        assert len(twin.journal) == 1


async def test_what_shopify_cannot_tell_is_called_unknown_and_a_person_is_asked(tmp_path: Path) -> None:
    """Between the deed and the next start somebody else set the stock, too. SAFETY 25"""
    twin = ShopTwin(levels={("LAMP", "Paris"): 2})
    with before(twin) as line:
        at = {"body": "VigieSetStock"}
        await killed(line, tmp_path, "shopify", TOKEN, "do shopify.set_stock item=LAMP count=7", at=at)
        twin.levels["LAMP", "Paris"] = 6
        async with again(line, tmp_path, "shopify", TOKEN) as s:
            (doubtful,) = await effects(s, EffectState.UNKNOWN)
        assert "neither as it was nor as it was to become" in doubtful.error
        assert twin.levels["LAMP", "Paris"] == 6
