"""Mailboxes that are watched, on shelves."""

from bot.mailboxes import Mailbox
from memory import codec, spaces
from memory.twin.kept import Kept


class Mailboxes:
    """See `bot.store.Mailboxes`."""

    def __init__(self, kept: Kept, space: str) -> None:
        self._boxes = kept.mailboxes
        self._mails = kept.mails
        self._space = space

    def get(self, name: str) -> Mailbox | None:
        found = self._boxes.get((self._space, name))
        return None if found is None else codec.MAILBOX.copy(found)

    def put(self, mailbox: Mailbox) -> None:
        spaces.check(mailbox, self._space)
        self._boxes.put((self._space, mailbox.name), codec.MAILBOX.copy(mailbox))

    def saw(self, name: str, digest: str, validity: int) -> None:
        self._mails.put((self._space, name, digest), validity)

    def seen(self, name: str, digest: str) -> int | None:
        return self._mails.get((self._space, name, digest))

    def forget(self, name: str, keep: int) -> None:
        known = [key for key, _ in self._mails.rows() if key[:2] == (self._space, name)]
        for key in known[: max(len(known) - max(keep, 0), 0)]:
            self._mails.drop(key)
