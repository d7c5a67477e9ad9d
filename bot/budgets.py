"""Budgets: how much may be used up in a day, by whom, and by what. Pure: amounts in, a refusal or none out.
The file they are written in is read by `rulebook`.

Everything is counted twice over: reserved before the call, settled after it. A limit is held against what is
reserved and spent together, so that no number of workers can pass it, and a crash leaves too much counted rather
than too little. Days are UTC days: a limit must not depend on who looks.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from bot.actions import Action, Call, Part, Risk
from bot.errors import BadInput
from bot.journal import Cost
from bot.values import Money, exponent

OWN = "vigie"

THOUGHT = Cost(calls=1, tokens_in=50_000, tokens_out=10_000, micro_usd=500_000)
"""What one thought may cost at most, unless an installation says otherwise."""


ANSWER = 4_000
"""Tokens that one answer may add to a conversation."""


class Measure(StrEnum):
    """What is counted."""

    TOKENS = "tokens"
    MODEL_MONEY = "model money"
    """Millionths of a US dollar."""
    MONEY = "money"
    """Minor units of one currency, moved by actions."""
    MESSAGES = "messages"
    """Deeds that leave the perimeter: R2 and above."""
    EFFECTS = "effects"


class Holder(StrEnum):
    """For whom it is counted."""

    SPACE = "space"
    PERSON = "person"
    MISSION = "mission"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most `most` of `measure` a day for each holder of this kind. For MONEY, `currency` and minor units;
    with no currency it holds for each currency by itself, and `most` is in major units."""

    holder: Holder
    measure: Measure
    most: int
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Where amounts are added up: one holder, one measure, one day. `id` is "" for the space."""

    holder: Holder
    id: str
    measure: Measure
    day: str
    currency: str = ""

    @property
    def key(self) -> str:
        return f"{self.day}|{self.holder}|{self.id}|{self.measure}|{self.currency}"

    @property
    def extra(self) -> str:
        """The key under which a raise of the limit is kept."""
        return f"+|{self.key}"

    @staticmethod
    def parse(key: str) -> "Account":
        """The inverse of `key`. Raises BadInput."""
        try:
            day, holder, id_, measure, currency = key.split("|")
            return Account(
                holder=Holder(holder), id=id_, measure=Measure(measure), day=day, currency=currency
            )
        except ValueError as error:
            raise BadInput("“{key}” names no budget", key=key) from error


def _defaults() -> tuple[Limit, ...]:
    space, person, mission = Holder.SPACE, Holder.PERSON, Holder.MISSION
    numbers = {
        Measure.TOKENS: (2_000_000, 1_000_000, 500_000),
        Measure.MODEL_MONEY: (20_000_000, 10_000_000, 5_000_000),
        Measure.MONEY: (10_000, 10_000, 5_000),
        Measure.MESSAGES: (200, 100, 60),
        Measure.EFFECTS: (200, 150, 100),
    }
    return tuple(
        Limit(holder=holder, measure=measure, most=most)
        for place, holder in enumerate((space, person, mission))
        for measure, three in numbers.items()
        for most in [three[place]]
    )


DEFAULTS = _defaults()
"""The limits of an installation whose policy says nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgets:
    """Every limit of a space. `thought` is what is held back for one thought; `author` answers for them.

    `wake_depth` bounds how many wakes may follow from one another, `chain_wakes` how many in an hour may follow
    from one cause; `wakes` and `clock_wakes` how often in an hour one mission may be woken by what happens, and
    by its own schedule; `bot_answers` how often in an hour other bots are answered in one place.
    """

    limits: tuple[Limit, ...] = field(default_factory=lambda: DEFAULTS)
    thought: Cost = THOUGHT
    wake_depth: int = 3
    chain_wakes: int = 20
    wakes: int = 30
    clock_wakes: int = 120
    bot_answers: int = 10
    author: str = ""

    def of(self, account: Account) -> int | None:
        """What the account may hold, None when nothing limits it. A limit in the account's own currency goes
        before one for every currency; of two alike the stricter counts."""
        found = [limit for limit in self.limits if _speaks(limit, account)]
        named = [limit for limit in found if limit.currency] or found
        return min((_most(limit, account) for limit in named), default=None)


def _speaks(limit: Limit, account: Account) -> bool:
    same = limit.holder is account.holder and limit.measure is account.measure
    return same and limit.currency in ("", account.currency)


def _most(limit: Limit, account: Account) -> int:
    if limit.measure is Measure.MONEY and not limit.currency:
        return limit.most * 10 ** exponent(account.currency)
    return limit.most


Amounts = Mapping[tuple[Measure, str], int]
"""(measure, currency) to how much."""


def of_call(action: Action | None, call: Call) -> dict[tuple[Measure, str], int]:
    """What a deed uses up; nothing for the assistant's own small ones, so that words of control always work.

    Money is what stands in fields that mean an amount; for an action whose definition is gone, all money in it.
    """
    if call.action.partition(".")[0] == OWN:
        return {}
    used: dict[tuple[Measure, str], int] = {(Measure.EFFECTS, ""): 1}
    if action is None or action.risk >= Risk.R2:
        used[Measure.MESSAGES, ""] = 1
    for money in _moved(action, call):
        at = (Measure.MONEY, money.currency)
        used[at] = used.get(at, 0) + abs(money.minor)
    return used


def _moved(action: Action | None, call: Call) -> Iterable[Money]:
    if action is None:
        return call.money()
    named = [each.name for each in action.fields if each.part is Part.AMOUNT]
    found = {name: call.arguments[name] for name in named if name in call.arguments}
    return Call(action=call.action, fingerprint="", account=call.account, arguments=found).money()


def expected(thought: Cost, before: Cost | None, answers: int) -> Cost:
    """What the next thought may cost: the conversation grows, so at least what the one before it cost, with what
    was said in it and what `answers` it got since."""
    if before is None:
        return thought
    grown = before.tokens_in + before.tokens_out + answers * ANSWER
    return Cost(
        calls=thought.calls,
        tokens_in=max(thought.tokens_in, grown),
        tokens_out=max(thought.tokens_out, before.tokens_out),
        micro_usd=max(thought.micro_usd, 2 * before.micro_usd),
    )


def of_cost(cost: Cost) -> dict[tuple[Measure, str], int]:
    """What a thought uses up."""
    used = {
        (Measure.TOKENS, ""): cost.tokens_in + cost.tokens_out,
        (Measure.MODEL_MONEY, ""): cost.micro_usd,
    }
    return {at: amount for at, amount in used.items() if amount}


@dataclass(frozen=True, slots=True, kw_only=True)
class Payers:
    """Whose budgets a deed or a thought is charged to."""

    person: str = ""
    mission: str = ""


def charged(amounts: Amounts, payers: Payers, *, now: datetime, budgets: Budgets) -> dict[Account, int]:
    """The accounts that are limited and what each is charged."""
    day = now.astimezone(UTC).date().isoformat()
    holders = [(Holder.SPACE, ""), (Holder.PERSON, payers.person), (Holder.MISSION, payers.mission)]
    found = {
        Account(holder=holder, id=id_, measure=measure, day=day, currency=currency): amount
        for (measure, currency), amount in amounts.items()
        for holder, id_ in holders
        if holder is Holder.SPACE or id_
    }
    return {account: amount for account, amount in found.items() if budgets.of(account) is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """A limit that would be passed: what it is, what is used, and what was wanted on top."""

    account: Account
    most: int
    used: int
    wanted: int

    @property
    def by(self) -> int:
        """How much more would do for the rest of the day: half of the limit again, and at least what is lacking."""
        return max(self.most // 2, self.used + self.wanted - self.most)


def over(charges: Mapping[Account, int], used: Mapping[str, int], budgets: Budgets) -> Over | None:
    """The first limit that these charges would pass, given what is reserved and spent already."""
    for account, wanted in charges.items():
        limit = budgets.of(account)
        if limit is None:
            continue
        most = limit + used.get(account.extra, 0)
        if used.get(account.key, 0) + wanted > most:
            return Over(account=account, most=most, used=used.get(account.key, 0), wanted=wanted)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Raise:
    """More for one account on its day, because somebody asked and somebody pressed."""

    id: str
    account: Account
    by: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """Amounts by account key that are held back until the outcome is known. `run` is the process that thinks,
    "" where the record itself (an effect) says what became of it."""

    id: str
    run: str = ""
    amounts: Mapping[str, int]
