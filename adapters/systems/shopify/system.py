"""Shopify as a `bot.world.System`: one shop, named by its connection."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

from adapters.systems.shopify import orders, plans, refunds, shipping, stock
from adapters.systems.shopify.graph import Graph
from adapters.systems.shopify.offer import actions
from adapters.systems.shopify.plans import Arguments, Planner
from adapters.systems.shopify.queries import SHOP
from bot.actions import Account, Action, Call, Option, Preview, Receipt, Undo
from bot.errors import BadInput, Failed, VigieError
from bot.values import is_mapping
from bot.world import Context, Health

Look: TypeAlias = Callable[[Graph, Arguments, Context], Awaitable[Receipt]]

LOOKS: Mapping[str, Look] = {
    "find_orders": orders.find,
    "get_order": orders.get,
    "stock": stock.find,
}

PLANS: Mapping[str, Planner] = {
    "update_order": orders.plan_update,
    "change_address": orders.plan_address,
    "set_stock": stock.plan_set,
    "fulfil": shipping.plan_fulfil,
    "cancel_fulfilment": shipping.plan_cancel,
    "refund": refunds.plan_refund,
}


class Shopify:
    """`name` is the connection's, and the first word of its actions; `shop` is the shop's own address, which names
    the account."""

    def __init__(self, *, name: str, graph: Graph, shop: str) -> None:
        self._name = name
        self._graph = graph
        self._account = Account(system=name, label=shop, live=True)
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
        return await plans.preview(PLANS[verb], self._graph, call.arguments, context)

    async def run(self, call: Call, context: Context) -> Receipt:
        verb = self._verb(call)
        if verb in LOOKS:
            return await LOOKS[verb](self._graph, call.arguments, context)
        if not context.key:
            raise BadInput("a deed needs a key")
        return self._ours(await plans.run(PLANS[verb], self._graph, call.arguments, context))

    async def look_up(self, call: Call, context: Context) -> Receipt | None:
        verb = self._verb(call)
        if verb in LOOKS:
            return None
        done = await plans.look_up(PLANS[verb], self._graph, call.arguments, context)
        return self._ours(done) if done is not None else None

    async def options(self, action: Action, field: str, query: str, context: Context) -> tuple[Option, ...]:
        match field:
            case "order":
                return await orders.options(self._graph, query, context.tongue)
            case "item":
                return await stock.item_options(self._graph, query)
            case "location":
                return await stock.place_options(self._graph, query)
            case _:
                return ()

    async def check(self) -> Health:
        """Asks which shop it is, and whether it is one for trying things out."""
        try:
            shop = (await self._graph.ask(SHOP)).get("shop")
        except VigieError as error:
            return Health.of(error)
        if not is_mapping(shop):
            return Health.of(Failed("Shopify does not say which shop this is"))
        plan = shop.get("plan")
        trial = is_mapping(plan) and bool(plan.get("partnerDevelopment"))
        self._account = replace(self._account, live=not trial)
        return Health(well=True, text=f"Shopify answers: {shop.get('name')} ({self._account.label})")

    async def close(self) -> None:
        await self._graph.close()

    def _verb(self, call: Call) -> str:
        system, _, verb = call.action.partition(".")
        if system != self._name or (verb not in LOOKS and verb not in PLANS):
            raise BadInput("no connected system offers “{name}”", name=call.action)
        return verb

    def _ours(self, receipt: Receipt) -> Receipt:
        """With the way back named for this connection."""
        if receipt.undo is None:
            return receipt
        undo = Undo(action=f"{self._name}.{receipt.undo.action}", arguments=receipt.undo.arguments)
        return replace(receipt, undo=undo)
