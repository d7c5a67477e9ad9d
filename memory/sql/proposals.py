"""Proposals."""

from sqlalchemy import Executable, bindparam, select, text, update

from bot.proposals import Proposal
from memory import codec, spaces
from memory.moments import micros
from memory.sql.hands import Hands
from memory.sql.statements import PerDialect, added, values
from memory.tables import proposals as t

_IN_SPACE = t.c.space == bindparam("in_space")
_ADD = PerDialect(
    lambda insert: (
        insert(t).values(values(t, leave=("seq",))).on_conflict_do_nothing(index_elements=[t.c.space, t.c.id])
    )
)
_SWAP = (
    update(t)
    .where(
        _IN_SPACE,
        t.c.id == bindparam("this"),
        t.c.state == bindparam("old_state"),
        t.c.revision == bindparam("old_revision"),
    )
    .values(values(t, leave=("seq", "space", "id")))
)
_GET = select(t.c.body).where(_IN_SPACE, t.c.id == bindparam("this"))
_BY_REF = select(t.c.body).where(_IN_SPACE, t.c.ref == bindparam("this"))
_OF_ASK = (
    select(t.c.body)
    .where(_IN_SPACE, t.c.turn == bindparam("turn"), t.c.ask == bindparam("ask"))
    .order_by(t.c.seq.desc())
    .limit(1)
)
_PENDING = select(t.c.body).where(_IN_SPACE, t.c.state == text("'pending'")).order_by(t.c.seq)


class Proposals:
    """See `bot.store.Proposals`. Oldest means: added first."""

    def __init__(self, hands: Hands, space: str) -> None:
        self._hands = hands
        self._space = space

    def add(self, proposal: Proposal) -> bool:
        row = {"space": self._space, "id": proposal.id, **self._row(proposal)}
        return added(self._hands, _ADD, row)

    def get(self, proposal: str) -> Proposal | None:
        return self._one(_GET, {"in_space": self._space, "this": proposal})

    def by_ref(self, ref: str) -> Proposal | None:
        return self._one(_BY_REF, {"in_space": self._space, "this": ref})

    def of_ask(self, turn: str, ask: str) -> Proposal | None:
        return self._one(_OF_ASK, {"in_space": self._space, "turn": turn, "ask": ask})

    def swap(self, before: Proposal, after: Proposal) -> bool:
        row = {
            "in_space": self._space,
            "this": before.id,
            "old_state": before.state.value,
            "old_revision": before.revision,
            **self._row(after),
        }
        return self._hands.changes(_SWAP, row)

    def pending(self) -> tuple[Proposal, ...]:
        found = self._hands.execute(_PENDING, {"in_space": self._space}).scalars()
        return tuple(codec.PROPOSAL.load(body) for body in found)

    def _row(self, proposal: Proposal) -> dict[str, object]:
        spaces.check(proposal, self._space)
        return {
            "ref": proposal.ref,
            "turn": proposal.turn,
            "ask": proposal.ask,
            "state": proposal.state.value,
            "revision": proposal.revision,
            "expires": micros(proposal.expires),
            "body": codec.PROPOSAL.dump(proposal),
        }

    def _one(self, statement: Executable, row: dict[str, object]) -> Proposal | None:
        body = self._hands.execute(statement, row).scalar_one_or_none()
        return None if body is None else codec.PROPOSAL.load(body)
