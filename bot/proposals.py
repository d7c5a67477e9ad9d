"""Proposals: actions that wait for a press. Pure: a press and a clock in, a new proposal or a refusal out.

Settled once. Bound by digest to exactly what will run. The reference on a button is only a locator;
authority is always checked on the record.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from bot import authority, ids
from bot.actions import Call, Preview
from bot.authority import Approval, Demand
from bot.errors import NotAllowed, Stale
from bot.people import Person

FILL_IN_FIRST = "a person has to fill in what is missing first: press “Fill in”"
LONGEST_REASON = 300
"""Characters of a reason that are kept."""


class State(StrEnum):
    """Only PENDING can change, and only once."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


def quotable(words: str) -> str:
    """A person's reason on one line and without what would end the quotation it stands in."""
    line = " ".join(words.split()).translate({ord(mark): "'" for mark in '“”„«»"'})
    return line if len(line) <= LONGEST_REASON else f"{line[: LONGEST_REASON - 1]}…"


_SETTLED = {
    State.APPROVED: "this request was already settled: it was approved",
    State.DENIED: "this request was already settled: it was denied",
    State.EXPIRED: "this request was already settled: it expired",
    State.CANCELLED: "this request was already settled: it was cancelled",
}


class Origin(StrEnum):
    """Who set a field of the call."""

    MIND = "mind"
    PERSON = "person"
    MISSION = "mission"
    DEFAULT = "default"
    FIXED = "fixed"


class SourceKind(StrEnum):
    """Where the value of a field came from."""

    WORDS = "words"
    """Literally the requester's own words."""
    MISSION = "mission"
    """The mission's declared step."""
    RESULT = "result"
    """What an action returned, or a signal brought."""
    DEFAULT = "default"
    APPROVED = "approved"
    """What was approved before has it in common."""
    EDITED = "edited"
    """A person typed it into the card's form."""
    FIXED = "fixed"
    """An administrator fixed it."""
    UNKNOWN = "unknown"
    """The mind's own choice of words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where one value came from. `detail` is the name of the action that returned it or the source of the signal, `at` when the person
    said it."""

    kind: SourceKind
    detail: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An action waiting for a press. `revision` grows with every edit; `origins` says who set which field,
    `sources` where its value came from.

    `batch` is the id of the batch it stands in, "" for a card of its own. `ref` is the unguessable locator on its buttons; `rule` the rule that asked; `settled_by` the person
    whose press settled it, `note` the reason they gave, and `by_hand` says that they do it themselves. `waits`
    names the fields that a person has to fill in before anybody can approve, `picked` those that a procedure lets be picked
    from live options.
    """

    id: str
    space: str
    place: str
    turn: str
    ask: str
    ref: str
    call: Call
    preview: Preview
    waits: tuple[str, ...] = ()
    picked: tuple[str, ...] = ()
    rule: str
    demand: Demand = field(default_factory=Demand)
    requester: str
    mission: str = ""
    batch: str = ""
    reason: str = ""
    origins: Mapping[str, Origin] = field(default_factory=dict[str, Origin])
    sources: Mapping[str, Source] = field(default_factory=dict[str, Source])
    lang: str = "en"
    zone: str = "UTC"
    revision: int = 1
    state: State = State.PENDING
    created: datetime
    expires: datetime
    settled_at: datetime | None = None
    settled_by: str = ""
    note: str = ""
    by_hand: bool = False
    approvals: tuple[Approval, ...] = ()

    @property
    def code(self) -> str:
        """Four characters that pair the card with its row in `pending`."""
        return ids.short_code(self.id)

    @property
    def effect(self) -> str:
        """The id of the one effect this proposal can cause: its idempotency key from the first minute."""
        return ids.derived("eff", self.id)

    @property
    def slot(self) -> str:
        """The message that shows this revision."""
        return f"card:{self.id}:{self.revision}"

    def open_at(self, now: datetime) -> bool:
        """Pending and before its deadline; at the deadline it is over."""
        return self.state is State.PENDING and now < self.expires

    def approve(
        self,
        person: Person,
        *,
        revision: int,
        now: datetime,
        people: Iterable[Person] = (),
        proven: bool = False,
    ) -> "Proposal":
        """One more yes, by this person, seeing this revision; approved once enough have said so. `people` are
        those who may have delegated to them; `proven` that a code of their second factor came with the press.
        Raises NotAllowed or Stale."""
        self._open(revision=revision, now=now)
        if self.waits:
            raise NotAllowed(FILL_IN_FIRST)
        seat = authority.seat(self.demand, person, requester=self.requester, people=people, now=now)
        given = authority.approved(self.approvals, person, seat=seat, now=now, proven=proven)
        authority.proven(self.demand, proof=proven)
        if authority.missing(self.demand, given):
            return replace(self, approvals=given)
        return replace(self, state=State.APPROVED, approvals=given, settled_at=now, settled_by=person.id)

    def deny(
        self,
        person: Person,
        *,
        revision: int,
        now: datetime,
        note: str = "",
        by_hand: bool = False,
        people: Iterable[Person] = (),
    ) -> "Proposal":
        """Denied by this person: one no ends it, whatever was said before. Raises NotAllowed or Stale. Who
        asked may always withdraw."""
        self._open(revision=revision, now=now)
        if person.id != self.requester:
            authority.seat(self.demand, person, requester=self.requester, people=people, now=now)
        return replace(
            self,
            state=State.DENIED,
            settled_at=now,
            settled_by=person.id,
            note=quotable(note),
            by_hand=by_hand,
        )

    def expire(self, now: datetime) -> "Proposal":
        """Nobody pressed in time: that is a no. Raises Stale when it is not due or already settled."""
        if self.state is not State.PENDING or now < self.expires:
            raise Stale("this proposal is not due to expire")
        return replace(self, state=State.EXPIRED, settled_at=now)

    def cancel(self, person: str, *, now: datetime, note: str) -> "Proposal":
        """Withdrawn with its mission or by a freeze. Raises Stale when already settled."""
        if self.state is not State.PENDING:
            raise Stale(_SETTLED[self.state])
        return replace(self, state=State.CANCELLED, settled_at=now, settled_by=person, note=note)

    def revise(
        self,
        person: Person,
        *,
        revision: int,
        now: datetime,
        call: Call,
        preview: Preview,
        edited: tuple[str, ...],
        people: Iterable[Person] = (),
    ) -> "Proposal":
        """The next revision with other arguments. Never approves, and a yes to the old one counts for nothing.
        An approver who asked may correct what they asked for, and whoever asked may fill in what the card waits
        for. Raises NotAllowed or Stale."""
        self._open(revision=revision, now=now)
        fills = set(edited) <= set(self.waits) and bool(self.waits)
        if not (person.id == self.requester and (person.may_approve or fills)):
            authority.seat(self.demand, person, requester=self.requester, people=people, now=now)
        origins = {**self.origins, **dict.fromkeys(edited, Origin.PERSON)}
        sources = {**self.sources, **dict.fromkeys(edited, Source(kind=SourceKind.EDITED, at=now))}
        return replace(
            self,
            call=call,
            preview=preview,
            waits=tuple(name for name in self.waits if name not in call.arguments),
            revision=self.revision + 1,
            origins=origins,
            sources=sources,
            approvals=(),
        )

    def successor(self, preview: Preview, *, now: datetime) -> "Proposal":
        """The same call over what is there now: the target changed, so it is asked again, as a new proposal."""
        return replace(
            self,
            id=ids.derived("pro", self.id, preview.seen, str(self.revision)),
            ref=ids.reference(),
            preview=preview,
            revision=1,
            batch="",
            state=State.PENDING,
            created=now,
            expires=now + (self.expires - self.created),
            settled_at=None,
            settled_by="",
            approvals=(),
        )

    def _open(self, *, revision: int, now: datetime) -> None:
        if self.state is not State.PENDING:
            raise Stale(_SETTLED[self.state])
        if now >= self.expires:
            raise Stale("this request expired; nothing was done")
        if revision != self.revision:
            raise Stale("this card is out of date; the current one follows")
