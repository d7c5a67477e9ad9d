"""The desk's budgets: what is used and left today, who set it, and raising a limit for the rest of a day. Nothing
is raised without the press that `authority` asks for.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot import raising, spending
from bot.actions import Preview, Receipt
from bot.budgets import Account, Holder, Measure, Reservation
from bot.desk.means import Means, somebody
from bot.desk.roles import named
from bot.errors import BadInput
from bot.house import House
from bot.store import Tx
from bot.values import Json, Money
from bot.world import Context

MOST_MISSIONS = 20
"""How many missions the list names."""


# What is used ----------------------------------------------------------------------------------------------


def budget(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """Everybody's together, the asker's own, and every mission that used anything today."""
    house, tongue = means.house(), context.tongue
    person = somebody(context)
    used = tx.spending.of_day(spending.today(house))
    found = [Account.parse(key) for key in used]
    missions = dict.fromkeys(each.id for each in found if each.holder is Holder.MISSION)
    holders = [(Holder.SPACE, ""), (Holder.PERSON, person.id)]
    holders += [(Holder.MISSION, each) for each in [*missions][:MOST_MISSIONS]]
    lines = [tongue("Used today of the day’s limits (days are UTC days):")]
    for holder, id_ in holders:
        accounts = spending.accounts(holder, id_, used, house=house)
        told = " · ".join(
            _used(tx, account, used.get(account.key, 0), context, house) for account in accounts
        )
        if accounts:
            lines.append(f"• {spending.holder_words(tx, accounts[0], tongue)}: {told}")
    author = house.budgets.author
    lines.append(tongue("Set by {who}, in {where}.", who=author or "—", where=house.policy().source))
    lines += [_raised(tx, each, context) for each in raises(tx, spending.today(house))]
    lines += [
        tongue("Reached: {why}", why=spending.said(tx, each, tongue))
        for each in spending.reached(tx, house=house)
    ]
    lines.append(
        tongue("More for today: “raise mission 3 tokens by 100000”, and an owner or approver presses.")
    )
    return Receipt(text="\n".join(lines), data=dict(used))


def _used(tx: Tx, account: Account, used: int, context: Context, house: House) -> str:
    most = raising.most(tx, account, house=house) or 0
    return context.tongue(
        "{used} of {most}, {left} left",
        used=spending.bare_words(account, used, context.tongue),
        left=spending.bare_words(account, max(most - used, 0), context.tongue),
        most=spending.amount_words(account.measure, account.currency, most, context.tongue),
    )


def raises(tx: Tx, day: str) -> list[Json]:
    return tx.marks.get(f"raises:{day}") or []


def _raised(tx: Tx, kept: Json, context: Context) -> str:
    account = Account.parse(kept["account"])
    person = tx.people.get(kept["approver"])
    return context.tongue(
        "Raised for {whom} by {by}, approved by {who}.",
        whom=spending.holder_words(tx, account, context.tongue),
        by=spending.amount_words(account.measure, account.currency, kept["by"], context.tongue),
        who=person.name if person else context.tongue("someone"),
    )


# Raising ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """Which account, and how much more."""

    account: Account
    by: int


def raise_budget(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """More of one account on its day. Under the same key once."""
    house, tongue = means.house(), context.tongue
    wish = _wish(tx, arguments, context, house)
    account = wish.account
    before = raising.most(tx, account, house=house)
    mark = f"raised:{context.key}"
    if tx.marks.get(mark) is None and before is not None:
        effect = tx.effects.get(context.key)
        approver = raising.approver_of(effect)
        tx.marks.put(mark, account.key)
        tx.spending.reserve(Reservation(id=mark, amounts={account.extra: wish.by}))
        tx.spending.settle(mark, None)
        kept = {"account": account.key, "by": wish.by, "approver": approver}
        tx.marks.put(f"raises:{account.day}", [*raises(tx, account.day), kept])
        body: Mapping[str, Json] = {
            **kept,
            "before": before,
            "most": before + wish.by,
            "mission": account.id if account.holder is Holder.MISSION else context.mission,
            "person": context.person.id if context.person else "",
            "turn": context.turn,
        }
        tx.ledger.append("budget_raised", body, context.now)
    now = raising.most(tx, account, house=house) or 0
    most = spending.amount_words(account.measure, account.currency, now, tongue)
    whom = spending.holder_words(tx, account, tongue)
    changes = raising.change(account, now - wish.by, now, tongue)
    text = tongue(
        "Until the end of {day} (UTC), the limit for {whom} is {most}.", day=account.day, whom=whom, most=most
    )
    return Receipt(id=account.key, text=text, changes=(changes,))


def preview(tx: Tx, arguments: Mapping[str, Json], context: Context, house: House) -> Preview:
    wish = _wish(tx, arguments, context, house)
    return raising.preview(tx, wish.account, wish.by, context.tongue, house=house)


def _wish(tx: Tx, arguments: Mapping[str, Json], context: Context, house: House) -> _Wish:
    """Raises BadInput."""
    tongue = context.tongue
    measure = {word: measure for measure, word in raising.WHAT.items()}[arguments["what"]]
    holder = Holder(arguments["whose"])
    day = arguments.get("day") or spending.today(house)
    if day != spending.today(house):
        raise BadInput(tongue("only the limit of today can be raised"), field="day")
    amount, currency = _amount(arguments, measure, context)
    id_ = _holder_id(tx, holder, str(arguments.get("who") or ""), context)
    account = Account(holder=holder, id=id_, measure=measure, day=day, currency=currency)
    if house.budgets.of(account) is None:
        raise BadInput(tongue("nothing limits this"), field="what")
    return _Wish(account=account, by=amount)


def _holder_id(tx: Tx, holder: Holder, who: str, context: Context) -> str:
    tongue = context.tongue
    match holder:
        case Holder.SPACE:
            return ""
        case Holder.PERSON:
            return (named(tx, who, tongue) if who else somebody(context)).id
        case Holder.MISSION:
            mission = tx.missions.by_number(int(who)) if who.isdecimal() and len(who) < 10 else None
            if mission is None:
                raise BadInput(
                    tongue("there is no mission {n}; say “missions” for the list", n=who or "?"), field="who"
                )
            return mission.id


def _amount(arguments: Mapping[str, Json], measure: Measure, context: Context) -> tuple[int, str]:
    tongue = context.tongue
    match measure:
        case Measure.MONEY | Measure.MODEL_MONEY:
            if arguments.get("amount") is None:
                raise BadInput(tongue("say by which amount, for example 100 EUR"), field="amount")
            money = Money.of(arguments["amount"])
            if measure is Measure.MONEY:
                return money.minor, money.currency
            if money.currency != "USD":
                raise BadInput(tongue("models are paid in US dollars"), field="amount")
            return money.minor * 10_000, ""
        case Measure.TOKENS | Measure.MESSAGES | Measure.EFFECTS:
            number = arguments.get("number")
            if not isinstance(number, int) or not 0 < number < 10**12:
                raise BadInput(tongue("say by how many, from 1 on"), field="number")
            return number, ""
