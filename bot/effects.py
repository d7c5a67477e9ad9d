"""Outside changes, written down before they are made. An effect's id is its idempotency key.

A deed is either words in a place (Say) or an action on a system (Run).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal

from bot.actions import Call, Receipt
from bot.charts import Chart
from bot.people import Identity
from bot.values import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """Words that are read beside the chat. `name` is that of the file, and of no other in its place."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Words for everyone in the place. `mark` asks for light Markdown (bold, code, lists) to be rendered;
    links, mentions and anything that pings stay as plain characters. A `chart` goes with them where a chat shows
    pictures; the words do without. A `file` is part of what is said: without it the message is not delivered."""

    kind: Literal["text"] = "text"
    text: str
    mark: bool = False
    chart: Chart | None = None
    file: File | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardOf:
    """The card of a proposal, drawn from the record at the moment it is sent. `reader` is the person who asked
    for the full view: once it is delivered they count as having read this revision."""

    kind: Literal["card"] = "card"
    proposal: str
    revision: int
    full: bool = False
    reader: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question with choices a person can press; `ref` and `revision` come back in the Press (CHOOSE)."""

    kind: Literal["question"] = "question"
    text: str
    ref: str
    revision: int = 0
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Words only for one person: the answer to their press, or a `secret` they asked for in private. Nothing of
    it is in the transcript. `answer_to` is that press's platform id.

    A secret is kept no longer than until it was delivered. `picture` is what a QR code beside it says, for the
    chats that can show one; its words must do without.
    """

    kind: Literal["notice"] = "notice"
    text: str
    to: Identity
    answer_to: str = ""
    secret: bool = False
    picture: str = ""

    def __repr__(self) -> str:
        words = "…" if self.secret else repr(self.text)
        return f"Notice(text={words}, to={self.to.key!r}, answer_to={self.answer_to!r})"

    @property
    def veiled(self) -> "Notice":
        """What may be kept of it once it was delivered."""
        return replace(self, text="", picture="") if self.secret else self


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOf:
    """The card of a batch, drawn from the record at the moment it is sent; `reader` as on the card of one, and
    `revision` the one it then stands for."""

    kind: Literal["batch"] = "batch"
    batch: str
    full: bool = False
    revision: int = 0
    reader: str = ""


Content = Text | CardOf | BatchOf | Question | Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Puts content into a place. Two Says with one `slot` are one message: posted once, then edited.

    `fresh` says that nothing stood in the slot when this was written. `lang` is for what the adapter itself
    adds.
    """

    kind: Literal["say"] = "say"
    slot: str
    content: Content
    fresh: bool = False
    lang: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """What permits a Run: the rule that allowed it, the press that approved exactly this digest, or the `grant`
    (an id, with its text as `said`) that `person` gave for deeds like it."""

    by: Literal["rule", "press", "grant"]
    rule: str
    digest: str
    person: str = ""
    proposal: str = ""
    grant: str = ""
    said: str = ""
    expires: datetime | None = None


Per = Literal["account", "recipient", "mission", "person"]
"""For which of them deeds are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlay:
    """What one deed counts for where a policy counts: written when the deed starts, `at` that moment.

    `account` tells the live account from the test one; `recipients` are folded to small letters.
    """

    effect: str
    action: str
    account: str
    person: str = ""
    mission: str = ""
    recipients: tuple[str, ...] = ()
    amounts: tuple[Money, ...] = ()
    at: datetime

    def subjects(self, per: Per) -> tuple[str, ...]:
        """Whose windows it falls into."""
        match per:
            case "account":
                return (self.account,)
            case "recipient":
                return self.recipients
            case "mission":
                return (self.mission,) if self.mission else ()
            case "person":
                return (self.person,) if self.person else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """What was allowed goes out at `until` unless somebody stops it with the button at `ref`. `tainted` and
    `own_words` are what the decision rested on: what is read meanwhile changes nothing about it."""

    until: datetime
    ref: str
    tainted: bool = False
    own_words: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """An action on a connected system. `version` is the digest of what was shown of its
    target (`Preview.seen`);
    `outlay` is there from the moment it was started, `hold` where it waits before that."""

    kind: Literal["run"] = "run"
    call: Call
    authority: Authority
    version: str = ""
    outlay: Outlay | None = None
    hold: Hold | None = None


Deed = Say | Run


class EffectState(StrEnum):
    """PENDING: nothing left the house. STARTED: it may have. The other three are final,
    but an UNKNOWN one can still be found out by a look-up."""

    PENDING = "pending"
    STARTED = "started"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """`due` is when it may be tried (again). `turn` and `ask` name what in the journal it answers.

    Deeds of one `batch` are made one after the other, and the first that does not succeed stops the rest.
    `check` asks for a look-up before anything else is done about it: it may have happened already.
    """

    id: str
    space: str
    place: str
    deed: Deed
    turn: str = ""
    ask: str = ""
    batch: str = ""
    mission: str = ""
    person: str = ""
    state: EffectState = EffectState.PENDING
    attempts: int = 0
    due: datetime
    check: bool = False
    receipt: Receipt | None = None
    error: str = ""

    def started(self) -> "Effect":
        """On its way out: from here on nobody may assume it did not happen."""
        return replace(self, state=EffectState.STARTED, attempts=self.attempts + 1)

    def confirmed(self, receipt: Receipt) -> "Effect":
        return replace(self, state=EffectState.CONFIRMED, receipt=receipt, error="", check=False)

    def failed(self, why: str) -> "Effect":
        return replace(self, state=EffectState.FAILED, error=why)

    def unknown(self, why: str, *, look_at: datetime | None = None) -> "Effect":
        """Nobody knows. With `look_at`, it can be asked again then."""
        return replace(
            self, state=EffectState.UNKNOWN, error=why, check=look_at is not None, due=look_at or self.due
        )

    def waiting(self, until: datetime, why: str, *, check: bool = False) -> "Effect":
        """To be tried again from `until` on: certainly not done, unless `check` says to find out first."""
        return replace(self, state=EffectState.PENDING, due=until, error=why, check=check)

    @property
    def over(self) -> bool:
        """Nothing more will be done about it without a person or a look-up."""
        return self.state in (EffectState.CONFIRMED, EffectState.FAILED, EffectState.UNKNOWN)
