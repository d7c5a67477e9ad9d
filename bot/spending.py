"""Reserving before the call and settling after it, inside the transactions that start and end it."""

from collections.abc import Collection, Iterable
from datetime import UTC

from bot import budgets
from bot.budgets import Account, Amounts, Holder, Measure, Over, Payers, Reservation
from bot.effects import Effect, EffectState, Run
from bot.house import House
from bot.journal import Cost
from bot.speech import Tongue
from bot.store import Tx
from bot.values import Json, Money


def reserve(tx: Tx, id: str, amounts: Amounts, payers: Payers, *, house: House, run: str = "") -> Over | None:
    """Holds the amounts back for `id`. The limit that would be passed, and then nothing is held."""
    if not amounts:
        return None
    limits = house.budgets
    charges = budgets.charged(amounts, payers, now=house.clock.now(), budgets=limits)
    held = {account.key: amount for account, amount in charges.items()}
    if not held or not tx.spending.reserve(Reservation(id=id, run=run, amounts=held)):
        return None
    # Added before it is looked at: whoever adds to the same account meanwhile waits for this transaction.
    keys = [key for account in charges for key in (account.key, account.extra)]
    used = tx.spending.used(keys)
    before = {key: amount - held.get(key, 0) for key, amount in used.items()}
    over = budgets.over(charges, before, limits)
    if over is not None:
        tx.spending.settle(id, {})
    return over


def for_deed(tx: Tx, effect: Effect, *, house: House) -> Over | None:
    """Before a deed starts."""
    assert isinstance(effect.deed, Run)
    call = effect.deed.call
    payers = Payers(person=effect.person, mission=effect.mission)
    return reserve(tx, effect.id, budgets.of_call(house.known(call.action), call), payers, house=house)


def for_thought(
    tx: Tx, id: str, payers: Payers, *, house: House, before: Cost | None = None, answers: int = 0
) -> Over | None:
    """Before a model is asked. `before` is what the thought before it in this turn cost, `answers` how many came
    in since."""
    cost = budgets.expected(house.budgets.thought, before, answers)
    return reserve(tx, id, budgets.of_cost(cost), payers, house=house, run=house.run)


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
    spent = {measure: amount for (measure, _), amount in budgets.of_cost(cost).items()}
    amounts = {key: spent.get(budgets.Account.parse(key).measure, 0) for key in held.amounts}
    tx.spending.settle(id, amounts)


def after_no_thought(tx: Tx, *, id: str, spent: bool) -> None:
    """The model gave no thought: given back, unless it may have worked all the same."""
    tx.spending.settle(id, None if spent else {})


def recover(tx: Tx, *, run: str) -> int:
    """After a start: what thoughts of dead processes may have cost counts as spent. Returns how many."""
    dead = [each for each in tx.spending.reserved() if each.run and each.run != run]
    for each in dead:
        tx.spending.settle(each.id, None)
    return len(dead)


def accounts(holder: Holder, id: str, used: Iterable[str], *, house: House) -> list[Account]:
    """Today's accounts of this holder: one for each measure that is limited; money in each currency that was `used`
    (keys of accounts) or is named."""
    day = today(house)
    found: dict[str, Account] = {}
    for limit in house.budgets.limits:
        if limit.holder is holder and (limit.measure is not Measure.MONEY or limit.currency):
            each = Account(holder=holder, id=id, measure=limit.measure, day=day, currency=limit.currency)
            found[each.key] = each
    for each in map(Account.parse, used):
        if (each.holder, each.id) == (holder, id) and house.budgets.of(each) is not None:
            found[each.key] = each
    return list(found.values())


def bare_words(account: Account, amount: int, tongue: Tongue) -> str:
    """An amount of an account without its unit, where that stands beside it."""
    match account.measure:
        case Measure.MODEL_MONEY:
            return tongue.money(Money(-(-amount // 10_000), "USD"))
        case Measure.MONEY:
            return tongue.money(Money(amount, account.currency))
        case Measure.TOKENS | Measure.MESSAGES | Measure.EFFECTS:
            return tongue.count(amount)


def settle_runs(tx: Tx, dead: Collection[str]) -> int:
    """The same for processes that ended while others go on."""
    found = [each for each in tx.spending.reserved() if each.run in dead]
    for each in found:
        tx.spending.settle(each.id, None)
    return len(found)


def reached(tx: Tx, *, house: House) -> tuple[Over, ...]:
    """The limits of today at which something was or would be refused, those of the space first."""
    limits = house.budgets
    found: list[Over] = []
    used = tx.spending.of_day(today(house))
    for key, amount in used.items():
        account = Account.parse(key)
        limit = limits.of(account)
        if limit is None:
            continue
        most = limit + tx.spending.used([account.extra]).get(account.extra, 0)
        mark: Json = tx.marks.get(_refused(account))
        wanted = max(int(mark["wanted"]) if mark else 0, 1)
        if amount + wanted > most:
            found.append(Over(account=account, most=most, used=amount, wanted=wanted))
    order = list(Holder)
    return tuple(sorted(found, key=lambda over: (order.index(over.account.holder), over.account.key)))


def refused(tx: Tx, over: Over) -> None:
    """Something was held back by this limit: `status` names it from now on."""
    tx.marks.put(_refused(over.account), {"wanted": over.wanted})


def _refused(account: Account) -> str:
    return f"over:{account.key}"


def today(house: House) -> str:
    """The day that is counted now."""
    return house.clock.now().astimezone(UTC).date().isoformat()


def said(tx: Tx, over: Over, tongue: Tongue) -> str:
    """A limit that is reached, in one plain sentence."""
    account = over.account
    return tongue(
        "the limit of {most} a day for {whom} is reached ({used} used or held back, {wanted} more wanted).",
        most=amount_words(account.measure, account.currency, over.most, tongue),
        whom=holder_words(tx, account, tongue),
        used=amount_words(account.measure, account.currency, over.used, tongue),
        wanted=amount_words(account.measure, account.currency, over.wanted, tongue),
    )


def amount_words(measure: Measure, currency: str, amount: int, tongue: Tongue) -> str:
    """An amount with its unit."""
    match measure:
        case Measure.TOKENS:
            return tongue("{n} tokens", n=tongue.count(amount))
        case Measure.MODEL_MONEY:
            return tongue("{money} for models", money=tongue.money(Money(-(-amount // 10_000), "USD")))
        case Measure.MONEY:
            return tongue.money(Money(amount, currency))
        case Measure.MESSAGES:
            return tongue.many("{n} outgoing deed", "{n} outgoing deeds", amount)
        case Measure.EFFECTS:
            return tongue.many("{n} deed", "{n} deeds", amount)


def holder_words(tx: Tx, account: Account, tongue: Tongue) -> str:
    """For whom an account counts, for the middle of a sentence."""
    match account.holder:
        case Holder.SPACE:
            return tongue("everyone together")
        case Holder.PERSON:
            person = tx.people.get(account.id)
            return person.name if person else tongue("someone")
        case Holder.MISSION:
            mission = tx.missions.get(account.id)
            return tongue("mission {n}", n=mission.number if mission else "?")
