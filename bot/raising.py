"""Asking for more: the one request that raises a reached limit for the rest of its day.

A limit is asked about once. While the card waits, whoever reaches the limit too finds it waiting; answered with
no, or by nobody, the limit is not asked about again that day.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot import entries, ids, sayings, spending
from bot.actions import Action, Call, Change, Preview
from bot.authority import Demand, demanded
from bot.budgets import Account, Holder, Measure, Over
from bot.effects import Effect, EffectState, Run
from bot.house import House
from bot.people import Person
from bot.policy import LIFETIME, RAISE
from bot.proposals import Origin, Proposal, State
from bot.speech import Tongue
from bot.store import Tx
from bot.values import Json, Money

RULE = "budget-reached"
"""What asks: no rule of the policy, but the limit itself."""

WHAT: Mapping[Measure, str] = {
    Measure.TOKENS: "tokens",
    Measure.MODEL_MONEY: "models",
    Measure.MONEY: "money",
    Measure.MESSAGES: "messages",
    Measure.EFFECTS: "effects",
}
"""How each measure is written in the policy and in a request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """For which turn more is asked, and where."""

    turn: str
    place: str
    person: Person | None
    mission: str
    tongue: Tongue
    zone: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The request about a limit: `mine` when its answer takes this turn up again."""

    proposal: Proposal
    mine: bool


def ask(tx: Tx, over: Over, asker: Asker, *, house: House) -> Asked | None:
    """The request to raise this limit, the one that waits or a new one. None when it was answered already."""
    before = _latest(tx, over.account)
    if before is not None and not _may_ask_again(tx, before):
        if not _waits(tx, before, asker.now):
            return None
        return Asked(proposal=before, mine=before.turn == asker.turn)
    action = house.known(RAISE)
    if action is None or asker.person is None:
        return None
    proposal = _propose(tx, over, asker, action, house)
    return Asked(proposal=proposal, mine=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What is to be said at a limit. `proposal` is the request about it, "" when there is none; `mine` when its
    answer takes this turn up again; `told` when people know already."""

    words: str
    proposal: str = ""
    mine: bool = False
    told: bool = False


def at_limit(tx: Tx, over: Over, asker: Asker, *, house: House, what: str) -> Reached:
    """The ledger knows, `status` will; a mission asks for more, and a person hears how to."""
    words = spending.said(tx, over, asker.tongue)
    spending.refused(tx, over)
    body: Mapping[str, Json] = {
        "turn": asker.turn,
        "mission": asker.mission,
        "person": asker.person.id if asker.person else "",
        "action": what,
        "account": over.account.key,
        "most": over.most,
        "used": over.used,
        "wanted": over.wanted,
    }
    tx.ledger.append("over_budget", body, asker.now)
    if not asker.mission:
        hint = asker.tongue(
            "For today, more can be asked for with “{words}”.", words=in_words(tx, over, asker.tongue)
        )
        return Reached(words=f"{words} {hint}")
    asked = ask(tx, over, asker, house=house)
    if asked is None:
        return Reached(words=words, told=True)
    known = asked.proposal.mission == asker.mission
    if asked.mine:
        return Reached(words=words, proposal=asked.proposal.id, mine=True, told=True)
    waits = asker.tongue("More was asked for under code {code}.", code=asked.proposal.code)
    return Reached(words=f"{words} {waits}", proposal=asked.proposal.id, told=known)


def in_words(tx: Tx, over: Over, tongue: Tongue) -> str:
    """How a person asks for more, word by word."""
    account = over.account
    match account.measure:
        case Measure.MONEY:
            by = str(Money(over.by, account.currency))
        case Measure.MODEL_MONEY:
            by = str(Money(-(-over.by // 10_000), "USD"))
        case Measure.TOKENS | Measure.MESSAGES | Measure.EFFECTS:
            by = str(over.by)
    match account.holder:
        case Holder.SPACE:
            whose = tongue("everyone")
        case Holder.PERSON:
            person = tx.people.get(account.id)
            whose = person.name if person else account.id
        case Holder.MISSION:
            whose = spending.holder_words(tx, account, tongue)
    return tongue("raise {whose} {what} by {by}", whose=whose, what=_what(account.measure, tongue), by=by)


def _what(measure: Measure, tongue: Tongue) -> str:
    match measure:
        case Measure.TOKENS:
            return tongue("tokens")
        case Measure.MODEL_MONEY:
            return tongue("models")
        case Measure.MONEY:
            return tongue("money")
        case Measure.MESSAGES:
            return tongue("messages")
        case Measure.EFFECTS:
            return tongue("deeds")


def _latest(tx: Tx, account: Account) -> Proposal | None:
    kept: Json = tx.marks.get(f"raise:{account.key}")
    return tx.proposals.get(kept["proposal"]) if kept else None


def _waits(tx: Tx, proposal: Proposal, now: datetime) -> bool:
    """Whether the answer, or what an approval leads to, is still to come."""
    if proposal.state is State.APPROVED:
        effect = tx.effects.get(proposal.effect)
        return effect is None or not effect.over
    return proposal.open_at(now)


def _may_ask_again(tx: Tx, before: Proposal) -> bool:
    """What was raised is used up too, or the request went with a mission or a freeze: that was no answer."""
    if before.state is State.APPROVED:
        effect = tx.effects.get(before.effect)
        return effect is not None and effect.state is EffectState.CONFIRMED
    return before.state is State.CANCELLED


def is_open(tx: Tx, proposal: str, now: datetime) -> bool:
    """Whether this request still waits for its answer."""
    found = tx.proposals.get(proposal)
    return found is not None and _waits(tx, found, now)


def _propose(tx: Tx, over: Over, asker: Asker, action: Action, house: House) -> Proposal:
    assert asker.person is not None
    kept: Json = tx.marks.get(f"raise:{over.account.key}")
    times = int(kept["times"]) + 1 if kept else 1
    arguments = action.read(_arguments(tx, over))
    call = Call(
        action=action.name,
        fingerprint=action.fingerprint,
        account=house.system(action.name).account(),
        arguments=arguments,
    )
    name = f"raise:{over.account.key}:{times}"
    proposal = Proposal(
        id=ids.derived("pro", asker.turn, name),
        space=tx.space,
        place=asker.place,
        turn=asker.turn,
        ask=name,
        ref=ids.reference(),
        call=call,
        preview=preview(tx, over.account, over.by, asker.tongue, house=house),
        rule=RULE,
        demand=demanded(RAISE, Demand(), asker.person.id),
        requester=asker.person.id,
        mission=asker.mission,
        reason=spending.said(tx, over, asker.tongue),
        origins=dict.fromkeys(arguments, Origin.DEFAULT),
        lang=asker.tongue.lang,
        zone=asker.zone,
        created=asker.now,
        expires=asker.now + LIFETIME[action.risk],
    )
    tx.proposals.add(proposal)
    tx.marks.put(f"code:{proposal.code}", {"proposal": proposal.id})
    tx.marks.put(f"raise:{over.account.key}", {"proposal": proposal.id, "times": times})
    author = house.budgets.author
    tx.ledger.append("proposed", entries.proposed(proposal, action, author=author), asker.now)
    return proposal


def _arguments(tx: Tx, over: Over) -> dict[str, Json]:
    account = over.account
    who = account.id
    if account.holder is Holder.MISSION and (mission := tx.missions.get(account.id)):
        who = str(mission.number)
    found: dict[str, Json] = {
        "whose": account.holder.value,
        "what": WHAT[account.measure],
        "day": account.day,
        **({"who": who} if who else {}),
    }
    match account.measure:
        case Measure.MONEY:
            return {**found, "amount": Money(over.by, account.currency).as_json()}
        case Measure.MODEL_MONEY:
            return {**found, "amount": Money(-(-over.by // 10_000), "USD").as_json()}
        case Measure.TOKENS | Measure.MESSAGES | Measure.EFFECTS:
            return {**found, "number": over.by}


def preview(tx: Tx, account: Account, by: int, tongue: Tongue, *, house: House) -> Preview:
    """Whose limit it is, and what it is now and would be."""
    now = most(tx, account, house=house) or 0
    return Preview(
        subject=spending.holder_words(tx, account, tongue),
        changes=(change(account, now, now + by, tongue),),
        version=f"{account.key}:{now}",
    )


def change(account: Account, before: int, after: int, tongue: Tongue) -> Change:
    """The limit, before → after."""
    measure, currency = account.measure, account.currency
    return Change(
        title="Limit of the day",
        before=spending.amount_words(measure, currency, before, tongue),
        after=spending.amount_words(measure, currency, after, tongue),
    )


def approver_of(effect: Effect | None) -> str:
    """Whose press it was."""
    return effect.deed.authority.person if effect is not None and isinstance(effect.deed, Run) else ""


def most(tx: Tx, account: Account, *, house: House) -> int | None:
    """The limit as it stands, raises included; None when nothing limits it."""
    limit = house.budgets.of(account)
    return None if limit is None else limit + tx.spending.used([account.extra]).get(account.extra, 0)


def hold(tx: Tx, effect: Effect, reached: Reached, until: datetime) -> Effect:
    """An approved deed that waits for more, instead of failing at the limit."""
    tx.marks.put(_held(effect.id), {"proposal": reached.proposal})
    return replace(effect, due=until, error=reached.words)


def let_go(tx: Tx, effect: Effect, now: datetime) -> None:
    """A deed that waited for more is tried now, once there is an answer: it is done, or says that it is not."""
    kept: Json = tx.marks.get(_held(effect.id))
    if not kept or effect.state is not EffectState.PENDING or is_open(tx, kept["proposal"], now):
        return
    if tx.effects.swap(effect, replace(effect, due=now)):
        tx.marks.put(_held(effect.id), None)
        tx.ring(effect.place)


def _held(effect: str) -> str:
    return f"held:{effect}"


def show(tx: Tx, request: str, now: datetime) -> None:
    """The card of a request, where it stands on none yet."""
    proposal = tx.proposals.get(request)
    if proposal is not None and not tx.lines.of_slot(proposal.slot):
        sayings.show(tx, proposal, now=now)
