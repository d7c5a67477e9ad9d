"""A mailbox that is watched: how far it was read, by the server's own count. Pure.

A server numbers the mails of a folder upwards, and says under which `validity` it counts (RFC 3501, 2.3.1.1). A
folder that was made again, or came back from a backup, counts anew under another one.
"""

from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """Everything up to the number `uid` was taken. `since` is when it was first looked at: what was there before is
    no news. Up to the number `old`, mails were there when the mailbox was made again: of those, only what came in
    since then is news."""

    space: str
    name: str
    validity: int
    uid: int
    since: datetime
    old: int = 0

    @property
    def source(self) -> str:
        """What its signals say they come from."""
        return f"mail:{self.name}"

    def at(self, uid: int) -> "Mailbox":
        """Read up to there."""
        return replace(self, uid=max(uid, self.uid))

    def again(self, validity: int, newest: int) -> "Mailbox":
        """Made again by its server: everything in it is to be looked at."""
        return replace(self, validity=validity, uid=0, old=newest)
