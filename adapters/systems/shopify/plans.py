"""A write as a plan over what the shop says now, and how every plan is shown, made once and found again.

Made in this order: the journal, then the deed. So a deed that certainly never began is told from one that may have
been made, and the values of before survive a lost answer.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from adapters.systems.shopify import journal
from adapters.systems.shopify.graph import Graph, Thing
from bot.actions import Change, Preview, Receipt
from bot.errors import BadInput, Failed, Unknowable
from bot.values import Json, digest
from bot.world import Context

Arguments: TypeAlias = Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a write would do to what is there now. `now` is what it is about to change, as JSON: kept in the journal
    as what was before, and the version of a preview. `reached` says that the shop is as the write wants it, with
    `standing` as the sentence that refuses to do it again. `changes`, `apply` and `receipt` are given what was before.
    """

    target: str
    subject: str
    recipient: str = ""
    notes: tuple[str, ...] = ()
    now: Thing
    reached: bool
    standing: str
    field: str
    changes: Callable[[Thing], tuple[Change, ...]]
    apply: Callable[[Thing], Awaitable[None]]
    receipt: Callable[[Thing], Receipt]


Planner: TypeAlias = Callable[[Graph, Arguments, Context], Awaitable[Plan]]


async def preview(planner: Planner, graph: Graph, arguments: Arguments, context: Context) -> Preview:
    plan = await planner(graph, arguments, context)
    if plan.reached:
        raise BadInput(plan.standing, field=plan.field)
    return Preview(
        subject=plan.subject,
        recipient=plan.recipient,
        notes=plan.notes,
        changes=plan.changes(plan.now),
        version=digest([plan.target, dict(plan.now)]),
    )


async def run(planner: Planner, graph: Graph, arguments: Arguments, context: Context) -> Receipt:
    plan = await planner(graph, arguments, context)
    before = await journal.begun(graph, context.key)
    if before is None:
        if plan.reached:
            raise BadInput(plan.standing, field=plan.field)
        before = await journal.begin(graph, context.key, plan.now)
    elif plan.reached:
        return plan.receipt(before)
    try:
        await plan.apply(before)
    except Failed:
        # Refused because another process did it under the same key a moment ago?
        again = await planner(graph, arguments, context)
        if not again.reached:
            raise
        return again.receipt(before)
    return plan.receipt(before)


async def look_up(planner: Planner, graph: Graph, arguments: Arguments, context: Context) -> Receipt | None:
    before = await journal.begun(graph, context.key)
    if before is None:
        return None
    try:
        plan = await planner(graph, arguments, context)
    except BadInput as error:
        raise Unknowable(str(error)) from error
    if plan.reached:
        return plan.receipt(before)
    if dict(plan.now) == dict(before):
        return None
    raise Unknowable(
        context.tongue(
            "{subject} is neither as it was nor as it was to become; look at it.", subject=plan.subject
        )
    )
