"""The one gate: an action, its circumstances and the policy in; allow, ask or deny out. Pure.

The mind never grants itself anything: nothing it says is an input here, only who asks, what would be done,
what was read before, and the rules of the people who answer for it. Four rules hold whatever a policy says:
nobody acts in a freeze, somebody answers, guests only talk, and a mission takes none but its own actions.
And nothing stands in the way of a freeze.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.actions import Action, Risk
from bot.authority import OWN_PRESS
from bot.people import Role
from bot.rules import OWN, Circumstances, Decision, Policy, Rule, carries_out, risk_of, silent_because, speaks
from bot.speech import Tongue

__all__ = ["Circumstances", "Decision", "Step", "Verdict", "explain", "judge", "stricter"]

FOR_EVERYONE = frozenset(
    {"vigie.help", "vigie.claim", "vigie.link", "vigie.language", "vigie.zone", "vigie.quiet"}
)
"""What even a guest may ask for: it touches nobody else."""

STOP = "vigie.freeze"
"""Any member may stop everything at any time; no rule stands in the way."""

RAISE = "vigie.raise_budget"
"""What any mission may ask for at a limit, and only a press makes so."""

START = "vigie.create_mission"
_RETURNS = frozenset(
    {
        *("cron", "every_seconds", "rule", "signal", "template"),
        *("mail_from", "mail_subject", "mailbox", "phrase", "watch"),
    }
)
"""What makes a mission wake again and again."""

OF_ITSELF = frozenset(
    {RAISE, "vigie.follow_up", "vigie.log", "vigie.tick", "vigie.finish_mission", "vigie.wrote"}
)
"""What any mission may do about itself; the desk keeps it to itself."""

REMEMBERS = frozenset({"vigie.follow_up", "vigie.log", "vigie.wrote"})
"""What of it needs nobody: a line of its log, marked when strangers had a hand in it, one more wake of its own, within
its limits, and what of a list was written, which is read from receipts."""

ALWAYS = FOR_EVERYONE | {STOP, "vigie.unfreeze"}
"""What works even when the policy cannot be read: nobody is locked out, and anybody can stop everything."""

LIFETIME = {Risk.R3: timedelta(hours=4)}
"""How long a card waits before it expires as a no; a day for everything that is not R3."""

_ORDER = {Decision.ALLOW: 0, Decision.ASK: 1, Decision.DENY: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`rule` names what decided, `author` who wrote it; `why` is a sentence for the person and the mind, with
    `values` for its places.

    What an ASK asks for: `approvers` (roles or persons, empty for every owner and approver), how many
    `people`, whether who asked counts (`not_requester`), whether they prove themselves once more (`step_up`), and how long the card waits.
    What an ALLOW lets leave the house waits for `hold` before it goes.
    """

    decision: Decision
    rule: str
    why: str
    lifetime: timedelta = timedelta(0)
    author: str = ""
    approvers: tuple[str, ...] = ()
    people: int = 1
    not_requester: bool = False
    step_up: bool = False
    hold: timedelta | None = None
    values: Mapping[str, str] = field(default_factory=dict[str, str])

    def said(self, tongue: Tongue) -> str:
        """Why, in a language."""
        return tongue(self.why, **self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rule that was looked at, and the condition that kept it silent ("" for the one that decided)."""

    rule: str
    effect: Decision
    silent: str


def judge(action: Action, at: Circumstances, policy: Policy) -> Verdict:
    """Deny before ask before allow; of each, the first rule that speaks decides. Where none does, it asks."""
    floor = _floor(action, at)
    if floor is not None:
        return floor
    if action.name == STOP or (action.name in ALWAYS and policy.trouble):
        return Verdict(decision=Decision.ALLOW, rule="always", why="this works whatever the policy says")
    if at.mission is not None and action.name in REMEMBERS:
        return Verdict(decision=Decision.ALLOW, rule="of-itself", why="a mission keeps its own log")
    at = replace(at, quiet=policy.quiet)
    for effect in (Decision.DENY, Decision.ASK, Decision.ALLOW):
        for rule in policy.of(effect):
            if speaks(rule, action, at):
                return _verdict(rule, action, at)
    return _asked(action, at, "no-rule-allows", policy.trouble or "no rule allows it without asking")


def explain(action: Action, at: Circumstances, policy: Policy) -> tuple[Step, ...]:
    """Every rule that was looked at up to the one that decided, in the order they were."""
    floor = _floor(action, at)
    if floor is not None:
        return (Step(rule=floor.rule, effect=floor.decision, silent=""),)
    at = replace(at, quiet=policy.quiet)
    steps: list[Step] = []
    for effect in (Decision.DENY, Decision.ASK, Decision.ALLOW):
        for rule in policy.of(effect):
            silent = silent_because(rule, action, at)
            steps.append(Step(rule=rule.name, effect=effect, silent=silent))
            if not silent:
                return tuple(steps)
    return tuple(steps)


def stricter(one: Verdict, other: Verdict) -> Verdict:
    """Of a verdict when it was proposed and one now, what binds: the harder one; of two asks, both demands."""
    if one.decision is other.decision is Decision.ASK:
        return replace(
            other,
            people=max(one.people, other.people),
            not_requester=one.not_requester or other.not_requester,
            step_up=one.step_up or other.step_up,
            lifetime=min(one.lifetime, other.lifetime),
        )
    return max(one, other, key=lambda verdict: _ORDER[verdict.decision])


def _floor(action: Action, at: Circumstances) -> Verdict | None:
    """What no policy can loosen."""
    own = action.system == OWN
    acts = risk_of(action, at.inner) > Risk.R0 or carries_out(action, at.inner)
    # The words of control go on; what a mission or a mind would do to the assistant itself does not.
    spared = own and action.risk <= Risk.R1 and at.mission is None
    if at.frozen and acts and not spared:
        return _denied("frozen", "this is frozen: {why}", why=at.frozen)
    if at.person is None:
        return _denied("nobody-answers", "nobody answers for this")
    if at.person.role is Role.GUEST and action.name not in FOR_EVERYONE:
        return _denied("guests-only-talk", "a guest may talk but not use connected systems")
    if at.mission is not None and acts and action.name not in OF_ITSELF and not _listed(action, at):
        return _denied(
            "not-in-mission",
            "mission {n} may not use {action}",
            n=str(at.mission.number),
            action=action.name,
        )
    return None


def _listed(action: Action, at: Circumstances) -> bool:
    """A mission that may call tools by their name may call only those it lists."""
    may = at.mission.may if at.mission else ()
    return action.name in may and (at.inner is None or at.inner.name in may)


def _verdict(rule: Rule, action: Action, at: Circumstances) -> Verdict:
    verdict = _asked(action, at, rule.name, rule.reason or f"rule {rule.name}")
    # Some things only a press makes so, whatever a rule lets through.
    pressed = rule.effect is Decision.ALLOW and action.name in OWN_PRESS and not _starts_at_once(action, at)
    if pressed:
        verdict = Verdict(
            decision=Decision.ASK,
            rule=rule.name,
            why="this takes a press, whatever a rule allows",
            lifetime=verdict.lifetime,
        )
    return replace(
        verdict,
        decision=Decision.ASK if pressed else rule.effect,
        author=rule.author,
        approvers=rule.approvers,
        people=rule.people,
        not_requester=rule.not_requester,
        step_up=rule.step_up,
        lifetime=rule.lifetime or verdict.lifetime,
        hold=rule.hold if risk_of(action, at.inner) >= Risk.R2 and action.system != OWN else None,
    )


def _denied(rule: str, sentence: str, **values: str) -> Verdict:
    return Verdict(decision=Decision.DENY, rule=rule, why=sentence, values=values)


def _starts_at_once(action: Action, at: Circumstances) -> bool:
    """A mission that needs no press to start: one wake in the words of who is there, or what a mission may do anyway.

    Everything that comes back again and again is shown first.
    """
    if action.name != START or at.tainted:
        return False
    if at.mission is not None:
        return True
    if at.call is None:
        return False
    if at.call.arguments.get("report_to"):
        return False
    return "at" in at.call.arguments and not _RETURNS & at.call.arguments.keys()


def _asked(action: Action, at: Circumstances, rule: str, why: str) -> Verdict:
    lifetime = LIFETIME.get(risk_of(action, at.inner), timedelta(hours=24))
    return Verdict(decision=Decision.ASK, rule=rule, why=why, lifetime=lifetime)
