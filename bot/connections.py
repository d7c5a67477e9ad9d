"""A connection: an account on a system, as it is kept. Its secret is sealed text; nothing here can open it."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from bot.errors import BadInput, Sentence, VigieError
from bot.speech import Tongue

_NAME = re.compile(r"[a-z][a-z0-9_]{0,29}", re.ASCII)
RESERVED = frozenset({"vigie", "demo", "system", "mission", "all"})
"""Names that mean something else where a system is named."""


class How(StrEnum):
    """What speaks for us on the other side."""

    SETTINGS = "settings"
    """Keys in the environment. Nothing of it is kept."""
    KEY = "key"
    OAUTH = "oauth"


class Condition(StrEnum):
    """Whether it works, as far as we know. A dead one needs a person; one in trouble may come back by itself."""

    WELL = "well"
    TROUBLED = "troubled"
    DEAD = "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """`name` is the prefix of its actions and never changes; `label` is what people call it, "" for the account's
    own name. `trouble` is what is wrong in English, `cause` the same for readers of any language. `renewing` is until when somebody renews its token. `account` and `live` are what the other side said at the last check. `revision` moves with every
    change: whoever replaces it names the one they saw."""

    id: str
    space: str
    name: str
    vendor: str
    how: How
    sealed: str = field(repr=False)
    label: str = ""
    account: str = ""
    live: bool = False
    scopes: tuple[str, ...] = ()
    condition: Condition = Condition.WELL
    trouble: str = ""
    cause: Sentence | None = None
    by: str = ""
    since: datetime
    checked: datetime | None = None
    used: datetime | None = None
    renewing: datetime | None = None
    revision: int = 1

    def checked_at(
        self, now: datetime, *, account: str, live: bool, scopes: tuple[str, ...] = ()
    ) -> "Connection":
        """The other side answered."""
        return replace(
            self,
            account=account or self.account,
            live=live,
            scopes=scopes or self.scopes,
            condition=Condition.WELL,
            trouble="",
            cause=None,
            checked=now,
            revision=self.revision + 1,
        )

    def failed_at(self, now: datetime, why: VigieError, *, dead: bool) -> "Connection":
        """It did not; `dead` when only connecting again helps."""
        return replace(
            self,
            condition=Condition.DEAD if dead else Condition.TROUBLED,
            trouble=str(why),
            cause=why.kept(),
            checked=now,
            revision=self.revision + 1,
        )

    def why(self, tongue: Tongue) -> str:
        """What is wrong, to a reader."""
        return self.cause.said(tongue) if self.cause is not None else self.trouble

    def resealed(self, sealed: str) -> "Connection":
        """The same with another sealed text."""
        return replace(self, sealed=sealed, revision=self.revision + 1)

    def renamed(self, label: str) -> "Connection":
        """Raises BadInput for a label that cannot be told apart from markup or nothing."""
        label = " ".join(label.split())
        if not label or len(label) > 60 or not label.isprintable():
            raise BadInput("a connection is called something of 1 to 60 characters", field="label")
        return replace(self, label=label, revision=self.revision + 1)

    def claimed(self, until: datetime | None) -> "Connection":
        """Somebody renews its token until then; None ends that."""
        return replace(self, renewing=until, revision=self.revision + 1)

    def used_at(self, now: datetime) -> "Connection":
        return replace(self, used=now, revision=self.revision + 1)


def checked_name(name: str) -> str:
    """A name that can stand before the dot of an action. Raises BadInput."""
    if not _NAME.fullmatch(name) or name in RESERVED:
        raise BadInput(
            "“{name}” cannot name a connection: small letters, digits and _, at most 30, and no word that means "
            "something else",
            name=name[:60],
            field="name",
        )
    return name
