"""What every store promises of mailboxes and of the mails taken from them."""

import pytest

from bot.errors import NotAllowed
from bot.mailboxes import Mailbox
from bot.people import HOME
from bot.store import Store
from tests.contracts.stores import NOON


def box(name: str = "ops", *, space: str = HOME, uid: int = 4) -> Mailbox:
    return Mailbox(space=space, name=name, validity=2**32 - 1, uid=uid, since=NOON)


async def test_a_mailbox_comes_back_as_it_was_put_last(store: Store) -> None:
    assert await store.read(lambda tx: tx.mailboxes.get("ops")) is None
    for uid in (4, 9):
        await store.write(lambda tx, u=uid: tx.mailboxes.put(box(uid=u)))
    assert await store.read(lambda tx: tx.mailboxes.get("ops")) == box(uid=9)


async def test_a_mail_is_known_under_the_validity_it_was_taken_with_last(store: Store) -> None:
    assert await store.read(lambda tx: tx.mailboxes.seen("ops", "d1")) is None
    for validity in (7, 8):
        await store.write(lambda tx, v=validity: tx.mailboxes.saw("ops", "d1", v))
        assert await store.read(lambda tx: tx.mailboxes.seen("ops", "d1")) == validity
    assert await store.read(lambda tx: tx.mailboxes.seen("other", "d1")) is None


async def test_only_the_newest_mails_of_a_mailbox_stay_known(store: Store) -> None:
    for n in range(5):
        await store.write(lambda tx, n=n: tx.mailboxes.saw("ops", f"d{n}", 7))
    await store.write(lambda tx: tx.mailboxes.saw("other", "d0", 7))
    await store.write(lambda tx: tx.mailboxes.forget("ops", 2))
    known = [await store.read(lambda tx, n=n: tx.mailboxes.seen("ops", f"d{n}")) for n in range(5)]
    assert known == [None, None, None, 7, 7]
    await store.write(lambda tx: tx.mailboxes.forget("ops", 9))
    assert await store.read(lambda tx: tx.mailboxes.seen("ops", "d3")) == 7
    assert await store.read(lambda tx: tx.mailboxes.seen("other", "d0")) == 7


async def test_no_space_sees_anothers_mailboxes(store: Store) -> None:
    await store.write(lambda tx: tx.mailboxes.put(box()))
    await store.write(lambda tx: tx.mailboxes.saw("ops", "d1", 7))
    assert await store.read(lambda tx: tx.mailboxes.get("ops"), space="other") is None
    assert await store.read(lambda tx: tx.mailboxes.seen("ops", "d1"), space="other") is None
    with pytest.raises(NotAllowed):
        await store.write(lambda tx: tx.mailboxes.put(box()), space="other")
