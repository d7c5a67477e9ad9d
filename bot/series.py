"""Series: the approved deeds of a place, side by side, and those of one batch one after the other. It does not know how a
deed is made: the outbox does.
"""

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from datetime import datetime

from bot import asking, entries, outbox
from bot.actions import Preview
from bot.effects import Effect, EffectState, Run
from bot.errors import Unreachable, VigieError
from bot.house import House
from bot.proposals import Proposal
from bot.store import Tx
from bot.world import Context


async def run_approved(space: str, place: str, *, house: House) -> datetime | None:
    """Makes every approved deed of the place that is due. Returns when the next one is, if any waits."""
    now = house.clock.now()
    found = await house.store.read(lambda tx: tx.effects.open(place), space=space)
    waiting = [e for e in found if isinstance(e.deed, Run) and e.state is EffectState.PENDING]
    groups: dict[str, list[Effect]] = {}
    for effect in waiting:
        groups.setdefault(effect.batch or effect.id, []).append(effect)
    await all_of(_run_in_turn(group, now, house) for group in groups.values())
    return min((effect.due for effect in waiting if effect.due > now), default=None)


async def all_of(steps: Iterable[Awaitable[object]]) -> None:
    """Side by side, each to its end: one that fails leaves none of the others in nobody's hands. Raises what the first
    of them raised."""
    for came in await asyncio.gather(*steps, return_exceptions=True):
        if isinstance(came, BaseException):
            raise came


async def _run_in_turn(group: Sequence[Effect], now: datetime, house: House) -> None:
    """The deeds of one batch, one after the other; the first that does not succeed stops the rest, also one that
    was begun before the process ended."""
    if group[0].batch:
        ahead = await house.store.read(lambda tx: _ahead(tx, group[0]), space=group[0].space)
        if EffectState.STARTED in ahead:
            return  # somebody finds out about it, and rings
        if not ahead.isdisjoint((EffectState.FAILED, EffectState.UNKNOWN)):
            await _stop(group, house)
            return
    for number, effect in enumerate(group):
        if effect.due > now:
            return
        await outbox.run_one(effect, house)
        after = await outbox.reread(effect, house)
        if after.state is EffectState.PENDING:
            return
        if after.state is not EffectState.CONFIRMED:
            await _stop(group[number + 1 :], house)
            return


def _ahead(tx: Tx, effect: Effect) -> frozenset[EffectState]:
    """How the deeds stand that are before it on its card and were approved by the same press."""
    batch, own = tx.batches.get(effect.batch), tx.proposals.get(entries.run_of(effect).authority.proposal)
    if batch is None or own is None or own.id not in batch.members:
        return frozenset()
    before = [tx.proposals.get(member) for member in batch.members[: batch.members.index(own.id)]]
    together = [each for each in before if each is not None and each.settled_at == own.settled_at]
    return frozenset(deed.state for each in together if (deed := tx.effects.get(each.effect)) is not None)


async def _stop(rest: Sequence[Effect], house: House) -> None:
    """What stands behind a deed that did not succeed is not done. All of it is asked for again on one new card."""
    left: list[tuple[Effect, Preview, Context]] = []
    for effect in rest:
        context = await outbox.context_of(effect, house)
        try:
            left.append((effect, await _as_it_stands(effect, context, house), context))
        except VigieError as error:
            await outbox.record(effect, effect.failed(error.said(context.tongue)), house)

    def write(tx: Tx) -> None:
        now, anew = house.clock.now(), list[Proposal]()
        for effect, preview, context in left:
            why = context.tongue("stopped: the one before it did not succeed. A new card asks again.")
            anew += outbox.ask_anew(tx, effect, preview, context, house, why)
        asking.together(tx, anew, now=now)

    if left:
        await house.store.write(write, space=left[0][0].space)


async def _as_it_stands(effect: Effect, context: Context, house: House) -> Preview:
    """What it would do now. While that cannot be asked, what its card showed: before it runs it is looked at again."""
    try:
        return await outbox.preview_of(entries.run_of(effect), context, house)
    except Unreachable:
        old = await house.store.read(
            lambda tx: tx.proposals.get(entries.run_of(effect).authority.proposal), space=effect.space
        )
        if old is None:
            raise
        return old.preview
