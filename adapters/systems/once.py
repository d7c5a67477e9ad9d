"""One deed per key, in this process: who asks at the same time waits for the first, who asks again is told what was
done. For systems whose provider keeps no key of ours. A deed that failed, or whose outcome nobody knows, is not
kept: the outbox decides what follows. Knows no vendor.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.actions import Call, Receipt
from bot.errors import BadInput, OutcomeUnknown, VigieError
from bot.world import Context

_MOST = 1_000


class Once:
    """Receipts by key, the newest thousand."""

    def __init__(self) -> None:
        self._done: OrderedDict[str, tuple[str, Receipt]] = OrderedDict()
        self._under_way: dict[str, asyncio.Future[Receipt]] = {}

    async def __call__(self, call: Call, context: Context, do: Callable[[], Awaitable[Receipt]]) -> Receipt:
        """Does it unless it was done under this key. Raises BadInput when the key stands for another deed."""
        if not context.key:
            raise BadInput("a deed needs a key")
        known = self.known(call, context)
        if known is not None:
            return known
        first = self._under_way.get(context.key)
        if first is not None:
            return replace(await asyncio.shield(first), repeated=True)
        self._under_way[context.key] = outcome = asyncio.get_running_loop().create_future()
        outcome.add_done_callback(_seen)
        try:
            receipt = await do()
        except BaseException as error:
            ours = isinstance(error, VigieError)
            outcome.set_exception(error if ours else OutcomeUnknown("nobody knows whether it was done"))
            raise
        finally:
            del self._under_way[context.key]
        outcome.set_result(receipt)
        self._done[context.key] = (call.digest, receipt)
        if len(self._done) > _MOST:
            self._done.popitem(last=False)
        return receipt

    def known(self, call: Call, context: Context) -> Receipt | None:
        """What was done under the key, marked as told again; None when this process has not done it."""
        kept = self._done.get(context.key)
        if kept is None:
            return None
        if kept[0] != call.digest:
            raise BadInput("this key stands for another deed")
        return replace(kept[1], repeated=True)


def _seen(outcome: asyncio.Future[Receipt]) -> None:
    """Nobody need have waited: an error that the first one raised is not lost."""
    if not outcome.cancelled():
        outcome.exception()
