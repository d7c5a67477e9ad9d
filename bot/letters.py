"""Letters: a mail in a watched mailbox becomes a signal, once, whatever happens on either side.

What was taken and how far the mailbox is read are kept in one transaction. A mail is known by its number under its
server's count; once the mailbox counts anew, by a digest of what its sender wrote above it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot import inbox, signals
from bot.events import Signal
from bot.house import House
from bot.inbox import Arrival
from bot.mailboxes import Mailbox
from bot.people import HOME
from bot.store import Tx

REMEMBERED = 20_000
"""So many mails of one mailbox are known again when it counts anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail that arrived. `digest` is the same for the same mail in any mailbox and under any number."""

    mailbox: str
    validity: int
    uid: int
    digest: str
    signal: Signal


async def resume(
    name: str, *, validity: int, newest: int, digests: Iterable[str], house: House, space: str = HOME
) -> Mailbox:
    """Where to go on reading. A mailbox nobody looked at before is read from its `newest` number on; the `digests`
    are those of what is in it now."""
    known = tuple(digests)

    def write(tx: Tx) -> Mailbox:
        before, now = tx.mailboxes.get(name), house.clock.now()
        if before is not None and before.validity == validity:
            return before
        if before is None:
            found = Mailbox(space=space, name=name, validity=validity, uid=newest, since=now)
            for digest in known:
                tx.mailboxes.saw(name, digest, validity)
        else:
            found = before.again(validity, newest)
            tx.mailboxes.forget(name, REMEMBERED)
            tx.ledger.append("mailbox_counts_anew", {"mailbox": name, "validity": validity}, now)
        tx.mailboxes.put(found)
        return found

    return await house.store.write(write, space=space)


async def known(name: str, *, house: House, space: str = HOME) -> Mailbox | None:
    """How far it was read, None when it never was."""
    return await house.store.read(lambda tx: tx.mailboxes.get(name), space=space)


async def met(name: str, digest: str, validity: int, *, house: House, space: str = HOME) -> bool:
    """Whether this mail was taken under an earlier count already, so that it need not be read again."""
    return await house.store.read(lambda tx: _met(tx, name, digest, validity), space=space)


def _met(tx: Tx, name: str, digest: str, validity: int) -> bool:
    return tx.mailboxes.seen(name, digest) not in (None, validity)


async def take(letter: Letter, *, house: House, space: str = HOME) -> bool:
    """Keeps it as a signal, and that its mailbox is read so far. False when it was taken before."""
    return await house.store.write(lambda tx: _take(tx, letter, house.clock.now()), space=space)


def _take(tx: Tx, letter: Letter, now: datetime) -> bool:
    box = tx.mailboxes.get(letter.mailbox)
    if box is None or box.validity != letter.validity or letter.uid <= box.uid:
        return False
    # Two mails that look alike under one count are two mails.
    fresh = not _met(tx, box.name, letter.digest, box.validity)
    tx.mailboxes.saw(box.name, letter.digest, box.validity)
    tx.mailboxes.put(box.at(letter.uid))
    if not fresh:
        return False
    arrival = Arrival(
        key=f"{box.source}:{box.validity}:{letter.uid}",
        place=signals.lane(box.source),
        body=letter.signal,
        space=tx.space,
    )
    return inbox.keep(tx, arrival, now)


async def passed(
    name: str, *, validity: int, uid: int, digest: str = "", house: House, space: str = HOME
) -> None:
    """Read so far: that number holds no mail any more, or one that was taken under an earlier count."""

    def write(tx: Tx) -> None:
        box = tx.mailboxes.get(name)
        if box is not None and box.validity == validity:
            if digest:
                tx.mailboxes.saw(name, digest, validity)
            tx.mailboxes.put(box.at(uid))

    await house.store.write(write, space=space)
