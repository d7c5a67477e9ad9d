"""The demo shop as a `bot.world.System`: previews, deeds once per key, live options, and a fault switch.

Its SQLite work runs in a thread; each deed is one transaction that also keeps its key and its receipt.
"""

import asyncio
import json
import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from adapters.systems.demo import finding
from adapters.systems.demo.books import Books, Fault, File, Switch
from adapters.systems.demo.gauges import GAUGES
from adapters.systems.demo.nouns import Customer, Letter, Order, Product, Refund, Status
from adapters.systems.demo.offer import READS, WRITES
from adapters.systems.demo.reads import LOOKS
from adapters.systems.demo.writes import PLANS, Planner
from bot.actions import MOST_OPTIONS, Account, Action, Call, Change, Option, Preview, Receipt, Undo
from bot.errors import BadInput, Failed, OutcomeUnknown, Refused, Unreachable, VigieError
from bot.thresholds import Sample
from bot.world import Context, Health

T = TypeVar("T")

_ACTIONS = (*READS, *WRITES)


class DemoShop:
    """`path` is its SQLite file, made and filled around `today` when it is not there. `patience` is how many
    seconds somebody else's transaction is waited for."""

    def __init__(self, path: Path, *, today: date, patience: float = 5) -> None:
        self._file = File(path, today=today, patience=patience)

    @property
    def name(self) -> str:
        return "demo"

    def account(self) -> Account:
        """Never live: no real money moves here."""
        return Account(system=self.name, label="Demo shop", live=False)

    def actions(self) -> tuple[Action, ...]:
        """What it offers."""
        return _ACTIONS

    async def preview(self, call: Call, context: Context) -> Preview:
        """What the call would do now. Raises BadInput for a target that is not there."""

        def look(books: Books) -> Preview:
            if call.action in LOOKS:
                LOOKS[call.action](books, call.arguments, context)
                return Preview()
            return _planner(call)(books, call.arguments, context).preview

        return await self._read(look)

    async def run(self, call: Call, context: Context) -> Receipt:
        """Does it, once per `context.key`. Raises what the fault switch says, too."""
        if call.action in LOOKS:
            await self._stumble(call.action)
            return await self._read(lambda books: LOOKS[call.action](books, call.arguments, context))
        if not context.key:
            raise BadInput("a deed needs a key")
        fault = await self._stumble(call.action)
        receipt = await asyncio.to_thread(self._do, call, context)
        match fault:
            case Fault.LOST:
                raise OutcomeUnknown(context.tongue("the demo shop lost its answer on purpose."))
            case Fault.DIE_AFTER:
                os.kill(os.getpid(), signal.SIGKILL)
            case _:
                pass
        return receipt

    async def look_up(self, call: Call, context: Context) -> Receipt | None:
        """The receipt of the deed done under `context.key`, None when there is none."""
        kept = await self._read(lambda books: books.deed(context.key))
        return _known(kept, call) if kept else None

    async def options(self, action: Action, field: str, query: str, context: Context) -> tuple[Option, ...]:
        """Orders, customers, products or addresses that match, where the action can use them."""
        tongue = context.tongue

        def look(books: Books) -> tuple[Option, ...]:
            match field:
                case "order":
                    usable = [order for order in books.orders() if _usable(order, action)]
                    orders = finding.matching(usable, query, finding.order_text)
                    return tuple(
                        Option(
                            value=order.id,
                            label=f"{order.id} · {finding.called(order, tongue)} · {tongue.money(order.total)}",
                        )
                        for order in orders
                    )
                case "product":
                    products = finding.matching(books.products(), query, finding.product_text)
                    return tuple(
                        Option(value=each.id, label=f"{each.title} · {each.id}") for each in products
                    )
                case "customer" | "recipient":
                    customers = finding.matching(books.customers(), query, finding.customer_text)
                    return tuple(
                        Option(
                            value=each.id if field == "customer" else each.email,
                            label=finding.mailbox(each.name, each.email),
                        )
                        for each in customers
                    )
                case _:
                    return ()

        return (await self._read(look))[:MOST_OPTIONS]

    # Numbers to watch

    def gauge(self, query: str) -> None:
        if query not in GAUGES:
            known = ", ".join(sorted(GAUGES))
            raise BadInput("the demo shop has no “{name}”; it has: {known}", name=query[:60], known=known)

    async def measure(self, query: str, now: datetime) -> float:
        self.gauge(query)
        return await self._read(lambda books: float(GAUGES[query](books, now.date())))

    async def measured(self, query: str, since: datetime, until: datetime) -> Sequence[Sample]:
        """It keeps no past."""
        return ()

    async def check(self) -> Health:
        """Counts the orders."""
        try:
            orders = await self._read(lambda books: len(books.orders()))
        except VigieError as error:
            return Health.of(error)
        return Health(well=True, text=f"the demo shop answers and has {orders} orders")

    # The switch. It is kept in the shop's file, so that another process can set it.

    @property
    def fault(self) -> Fault | None:
        """How it misbehaves now, at writes, until it is set to None."""
        with self._file.reading() as books:
            switch = books.switch()
        return switch.fault if switch else None

    @fault.setter
    def fault(self, fault: Fault | str | None) -> None:
        self._set_switch(Switch(fault=Fault(fault)) if fault else None)

    def misbehave(self, fault: Fault | str, *, times: int | None = None, action: str = "") -> None:
        """Misbehaves so at the next `times` calls (None: until told otherwise) of `action` ("": every write)."""
        self._set_switch(Switch(fault=Fault(fault), action=action, remaining=times))

    def _set_switch(self, switch: Switch | None) -> None:
        with self._file.writing() as books:
            books.set_switch(switch)

    # What was done in it, for those who count.

    def refunds(self) -> tuple[Refund, ...]:
        """Every refund, oldest first."""
        with self._file.reading() as books:
            return books.refunds()

    def messages(self) -> tuple[Letter, ...]:
        """Everything that went out to somebody, oldest first."""
        with self._file.reading() as books:
            return books.letters()

    def notes(self) -> dict[str, str]:
        """The notes on orders, by order; orders without one are left out."""
        return {order.id: order.note for order in self.orders() if order.note}

    def orders(self) -> tuple[Order, ...]:
        """Every order, the newest first."""
        with self._file.reading() as books:
            return books.orders()

    def order(self, number: str) -> Order:
        """One order. Raises KeyError."""
        return {order.id: order for order in self.orders()}[number]

    def customers(self) -> tuple[Customer, ...]:
        """Everybody who ever bought."""
        with self._file.reading() as books:
            return books.customers()

    def products(self) -> tuple[Product, ...]:
        """Everything that is sold."""
        with self._file.reading() as books:
            return books.products()

    def reset(self, *, today: date) -> None:
        """The shop on its first day again, with nothing done in it and nothing wrong with it."""
        self._file.reset(today)

    def _do(self, call: Call, context: Context) -> Receipt:
        with self._file.writing() as books:
            kept = books.deed(context.key)
            if kept:
                return _known(kept, call)
            plan = _planner(call)(books, call.arguments, context)
            for write in plan.writes:
                books.apply(write)
            receipt = json.dumps(asdict(plan.receipt))
            books.apply(("insert into deeds values (?, ?, ?)", (context.key, call.digest, receipt)))
        return plan.receipt

    async def _read(self, look: Callable[[Books], T]) -> T:
        def reading() -> T:
            with self._file.reading() as books:
                return look(books)

        return await asyncio.to_thread(reading)

    async def _stumble(self, action: str) -> Fault | None:
        """Misbehaves before the deed, or returns how to misbehave after it."""
        fault = await asyncio.to_thread(self._take_fault, action)
        match fault:
            case Fault.FAIL:
                raise Failed("the demo shop fails on purpose.")
            case Fault.REFUSE:
                raise Refused("the demo shop refuses on purpose.")
            case Fault.UNREACHABLE:
                raise Unreachable("the demo shop is out of reach on purpose.")
            case Fault.HANG:
                await asyncio.Event().wait()
            case _:
                pass
        return fault

    def _take_fault(self, action: str) -> Fault | None:
        """Counts the switch down, before anything else happens and whatever becomes of it."""
        with self._file.reading() as books:
            if not _concerns(books.switch(), action):
                return None
        with self._file.writing() as books:
            switch = books.switch()
            if switch is None or not _concerns(switch, action):
                return None
            if switch.remaining is not None:
                books.set_switch(
                    Switch(fault=switch.fault, action=switch.action, remaining=switch.remaining - 1)
                )
            return switch.fault


def _concerns(switch: Switch | None, action: str) -> bool:
    return switch is not None and (switch.action == action or (not switch.action and action in PLANS))


def _planner(call: Call) -> Planner:
    if call.action not in PLANS:
        raise BadInput("no connected system offers “{name}”", name=call.action)
    return PLANS[call.action]


def _usable(order: Order, action: Action) -> bool:
    """Whether it makes sense to offer the order for this action."""
    match action.name:
        case "demo.refund":
            return order.refundable.minor > 0
        case "demo.ship_order" | "demo.cancel_order" | "demo.discount":
            return order.status is Status.OPEN
        case "demo.reopen_order":
            return order.status is Status.CANCELLED
        case _:
            return True


def _known(kept: tuple[str, str], call: Call) -> Receipt:
    """The receipt that was kept. Raises Failed when the key stands for another deed."""
    digest, receipt = kept
    if digest != call.digest:
        raise Failed("this key was used for another deed")
    value = json.loads(receipt)
    changes, undo = value.pop("changes"), value.pop("undo")
    return Receipt(
        changes=tuple(Change(**change) for change in changes), undo=Undo(**undo) if undo else None, **value
    )
