"""Reserving before the call and settling after it, inside the transactions that start and end it."""

from bot import budgets
from bot.budgets import Amounts, Measure, Over, Payers, Reservation
from bot.effects import Effect, EffectState, Run
from bot.house import House
from bot.journal import Cost
from bot.speech import Tongue
from bot.store import Tx
from bot.values import Money


def reserve(tx: Tx, id: str, amounts: Amounts, payers: Payers, *, house: House, run: str = "") -> Over | None:
    """Holds the amounts back for `id`. The limit that would be passed, and then nothing is held."""
    if not amounts:
        return None
    charges = budgets.charged(amounts, payers, now=house.clock.now(), budgets=house.budgets)
    keys = [key for account in charges for key in (account.key, account.extra)]
    over = budgets.over(charges, tx.spending.used(keys), house.budgets)
    if over is None and charges:
        held = {account.key: amount for account, amount in charges.items()}
        tx.spending.reserve(Reservation(id=id, run=run, amounts=held))
    return over


def for_deed(tx: Tx, effect: Effect, *, house: House) -> Over | None:
    """Before a deed starts."""
    assert isinstance(effect.deed, Run)
    call = effect.deed.call
    payers = Payers(person=effect.person, mission=effect.mission)
    return reserve(tx, effect.id, budgets.of_call(house.known(call.action), call), payers, house=house)


def after_deed(tx: Tx, effect: Effect) -> None:
    """What was held back for it: spent when it happened, given back when it certainly did not, and held while
    nobody knows."""
    match effect.state:
        case EffectState.CONFIRMED:
            tx.spending.settle(effect.id, None)
        case EffectState.FAILED | EffectState.PENDING:
            tx.spending.settle(effect.id, {})
        case EffectState.STARTED | EffectState.UNKNOWN:
            pass


def after_thought(tx: Tx, id: str, cost: Cost) -> None:
    """What a thought did cost, on the accounts that were charged for it."""
    held = tx.spending.get(id)
    if held is None:
        return
    spent = {at[0]: amount for at, amount in budgets.of_cost(cost).items()}
    amounts = {key: spent.get(budgets.Account.parse(key).measure, 0) for key in held.amounts}
    tx.spending.settle(id, amounts)


def recover(tx: Tx, *, run: str) -> int:
    """After a start: what thoughts of dead processes may have cost counts as spent. Returns how many."""
    dead = [each for each in tx.spending.reserved() if each.run and each.run != run]
    for each in dead:
        tx.spending.settle(each.id, None)
    return len(dead)


def said(over: Over, tongue: Tongue) -> str:
    """A limit that is reached, in one plain sentence."""
    account = over.account
    return tongue(
        "the limit of {most} a day for {whom} is reached ({used} used or held back, {wanted} more wanted).",
        most=amount_words(account.measure, account.currency, over.most, tongue),
        whom=holder_words(account, tongue),
        used=amount_words(account.measure, account.currency, over.used, tongue),
        wanted=amount_words(account.measure, account.currency, over.wanted, tongue),
    )


def amount_words(measure: Measure, currency: str, amount: int, tongue: Tongue) -> str:
    """An amount with its unit."""
    match measure:
        case Measure.TOKENS:
            return tongue("{n} tokens", n=amount)
        case Measure.MODEL_MONEY:
            return tongue("{money} for models", money=tongue.money(Money(-(-amount // 10_000), "USD")))
        case Measure.MONEY:
            return tongue.money(Money(amount, currency))
        case Measure.MESSAGES:
            return tongue.many("{n} outgoing deed", "{n} outgoing deeds", amount)
        case Measure.EFFECTS:
            return tongue.many("{n} deed", "{n} deeds", amount)


def holder_words(account: budgets.Account, tongue: Tongue) -> str:
    """For whom an account counts, for the middle of a sentence."""
    match account.holder:
        case budgets.Holder.SPACE:
            return tongue("everyone together")
        case budgets.Holder.PERSON:
            return tongue("one person")
        case budgets.Holder.MISSION:
            return tongue("one mission")
