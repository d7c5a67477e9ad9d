"""The one gate: an action and its circumstances in; allow, ask or deny out. Pure.

The mind never grants itself anything: nothing it says is an input here, only who asks, what would be
done, what was read before, and what the people who answer for it have set.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.actions import Action, Risk
from bot.missions import Mission
from bot.people import Person, Role

OWN = "vigie"
"""The system of the assistant's own actions."""

FOR_EVERYONE = frozenset({"vigie.help", "vigie.claim", "vigie.link", "vigie.language", "vigie.zone"})
"""What even a guest may ask for: it touches nobody else."""

LIFETIME = {Risk.R3: timedelta(hours=4)}
"""How long a card waits before it expires as a no; a day for everything that is not R3."""


class Decision(StrEnum):
    """What the gate says."""

    ALLOW = "allow"
    ASK = "ask"
    DENY = "deny"


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a decision depends on besides the action itself.

    `tainted` is True once the turn has read anything a stranger could have written. `frozen` is the
    reason of the freeze, "" when there is none.
    """

    person: Person | None
    mission: Mission | None = None
    tainted: bool = False
    frozen: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`rule` names what decided; `why` is a sentence for the person and the mind."""

    decision: Decision
    rule: str
    why: str
    lifetime: timedelta = timedelta(0)


def judge(action: Action, circumstances: Circumstances) -> Verdict:
    """Deny before ask before allow; the first rule that speaks decides."""
    return _deny(action, circumstances) or _ask(action, circumstances) or _allow(action)


def _deny(action: Action, at: Circumstances) -> Verdict | None:
    own = action.system == OWN
    if at.frozen and not own and action.risk > Risk.R0:
        return _denied("frozen", f"everything that acts is frozen: {at.frozen}")
    if at.person is None:
        return _denied("nobody-answers", "nobody answers for this")
    if at.person.role is Role.GUEST and action.name not in FOR_EVERYONE:
        return _denied("guests-only-talk", "a guest may talk but not use connected systems")
    if at.mission is not None and action.risk > Risk.R0 and action.name not in at.mission.may:
        return _denied("not-in-mission", f"mission {at.mission.number} may not use {action.name}")
    return None


def _ask(action: Action, at: Circumstances) -> Verdict | None:
    if action.risk is Risk.R3:
        return _asked(action, "R3-always-asks", "money, credentials, access and deletion always ask")
    if action.risk is Risk.R2:
        return _asked(action, "R2-asks", "what leaves the perimeter asks")
    if action.risk is Risk.R1 and at.tainted and action.system != OWN:
        return _asked(action, "tainted-writes-ask", "content from outside was read before this")
    return None


def _allow(action: Action) -> Verdict:
    if action.risk is Risk.R0:
        return Verdict(decision=Decision.ALLOW, rule="reads", why="it only reads")
    return Verdict(decision=Decision.ALLOW, rule="R1-reversible", why="it is reversible and private")


def _denied(rule: str, why: str) -> Verdict:
    return Verdict(decision=Decision.DENY, rule=rule, why=why)


def _asked(action: Action, rule: str, why: str) -> Verdict:
    lifetime = LIFETIME.get(action.risk, timedelta(hours=24))
    return Verdict(decision=Decision.ASK, rule=rule, why=why, lifetime=lifetime)
