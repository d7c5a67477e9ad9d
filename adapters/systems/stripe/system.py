"""Stripe as a `bot.world.System`: one account, named by its connection."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

from adapters.systems.stripe import customers, invoices, links, payments
from adapters.systems.stripe.offer import actions
from adapters.systems.stripe.wire import Thing, Wire
from bot.actions import Account, Action, Call, Option, Preview, Receipt, Undo
from bot.errors import BadInput, Failed, VigieError
from bot.values import Json, is_mapping
from bot.world import Context, Health

Arguments: TypeAlias = Mapping[str, Json]
Look: TypeAlias = Callable[[Wire, Arguments, Context], Awaitable[Receipt]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """A write: what it would do, doing it, and the receipt of it if it was done."""

    preview: Callable[[Wire, Arguments, Context], Awaitable[Preview]]
    run: Callable[[Wire, Arguments, Context], Awaitable[Receipt]]
    done: Callable[[Wire, Arguments, Context], Awaitable[Receipt | None]]


LOOKS: Mapping[str, Look] = {
    "find_customers": customers.find,
    "find_payments": payments.find,
    "find_invoices": invoices.find,
}

DEEDS: Mapping[str, Deed] = {
    "create_payment_link": Deed(preview=links.preview_create, run=links.create, done=links.create_done),
    "deactivate_payment_link": Deed(
        preview=partial(links.preview_switch, on=False),
        run=partial(links.switch, on=False),
        done=partial(links.switch_done, on=False),
    ),
    "activate_payment_link": Deed(
        preview=partial(links.preview_switch, on=True),
        run=partial(links.switch, on=True),
        done=partial(links.switch_done, on=True),
    ),
    "send_invoice": Deed(preview=invoices.preview_send, run=invoices.send, done=invoices.send_done),
    "void_invoice": Deed(preview=invoices.preview_void, run=invoices.void, done=invoices.void_done),
    "refund": Deed(preview=payments.preview_refund, run=payments.refund, done=payments.refund_done),
    "create_customer": Deed(
        preview=customers.preview_create, run=customers.create, done=customers.create_done
    ),
}


class Stripe:
    """`name` is the connection's, and the first word of its actions. `live` says which of the account's two sides
    the key opens; `label` names the account until `check` has asked Stripe."""

    def __init__(self, *, name: str, wire: Wire, label: str, live: bool) -> None:
        self._name = name
        self._wire = wire
        self._account = Account(system=name, label=label, live=live)
        self._actions = actions(name)

    @property
    def name(self) -> str:
        return self._name

    def account(self) -> Account:
        return self._account

    def actions(self) -> tuple[Action, ...]:
        return self._actions

    async def preview(self, call: Call, context: Context) -> Preview:
        verb = self._verb(call)
        if verb in LOOKS:
            return Preview()
        return await DEEDS[verb].preview(self._wire, call.arguments, context)

    async def run(self, call: Call, context: Context) -> Receipt:
        verb = self._verb(call)
        if verb in LOOKS:
            return await LOOKS[verb](self._wire, call.arguments, context)
        if not context.key:
            raise BadInput("a deed needs a key")
        return self._ours(await DEEDS[verb].run(self._wire, call.arguments, context))

    async def look_up(self, call: Call, context: Context) -> Receipt | None:
        verb = self._verb(call)
        if verb in LOOKS:
            return None
        done = await DEEDS[verb].done(self._wire, call.arguments, context)
        return self._ours(done) if done is not None else None

    async def options(self, action: Action, field: str, query: str, context: Context) -> tuple[Option, ...]:
        tongue = context.tongue
        match field:
            case "customer":
                return await customers.options(self._wire, query, tongue)
            case "payment":
                return await payments.options(self._wire, query, tongue)
            case "invoice":
                return await invoices.options(self._wire, query, tongue)
            case "link":
                active = action.name.endswith(".deactivate_payment_link")
                return await links.options(self._wire, query, tongue, active=active)
            case _:
                return ()

    async def check(self) -> Health:
        """Asks who the account is; a restricted key that may not know is still told alive by its balance."""
        try:
            account = await self._who()
        except VigieError as error:
            return Health.of(error)
        if account:
            self._account = replace(self._account, label=_label(account))
        return Health(well=True, text=f"Stripe answers: {self._account.label}")

    async def _who(self) -> Thing:
        try:
            return await self._wire.one("/v1/account")
        except Failed:
            await self._wire.one("/v1/balance")
            return {}

    async def close(self) -> None:
        await self._wire.close()

    def _verb(self, call: Call) -> str:
        system, _, verb = call.action.partition(".")
        if system != self._name or (verb not in LOOKS and verb not in DEEDS):
            raise BadInput("no connected system offers “{name}”", name=call.action)
        return verb

    def _ours(self, receipt: Receipt) -> Receipt:
        """With the way back named for this connection."""
        if receipt.undo is None:
            return receipt
        undo = Undo(action=f"{self._name}.{receipt.undo.action}", arguments=receipt.undo.arguments)
        return replace(receipt, undo=undo)


def _label(account: Thing) -> str:
    profile, settings = account.get("business_profile"), account.get("settings")
    board = settings.get("dashboard") if is_mapping(settings) else None
    named = (board.get("display_name") if is_mapping(board) else None) or (
        profile.get("name") if is_mapping(profile) else None
    )
    return f"{named} ({account['id']})" if named else str(account["id"])
