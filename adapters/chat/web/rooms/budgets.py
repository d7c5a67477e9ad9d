"""The room of the budgets: what may be used up in a day, what is, and who set it. Each sees everybody's together and
their own; who approves, everybody's and every mission's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from adapters.chat.web import drawn
from adapters.chat.web.rooms.now import visible_missions
from adapters.chat.web.rooms.room import MEMBERS, Asking, Room, View
from bot import raising, spending
from bot.budgets import Account, Holder, Measure
from bot.desk.budgets import raises
from bot.speech import Tongue
from bot.store import Tx

FULL = 100
LOW = 80
"""Percent of a limit from which it is said that little is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """One limit of a day. `percent` is how much of it is used, at most 100."""

    title: str
    used: str
    most: str
    left: str
    percent: int
    words: str
    low: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Everything that one holder may use."""

    title: str
    meters: tuple[Meter, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgets(View):
    holdings: tuple[Holding, ...] = ()
    author: str = ""
    source: str = ""
    raised: tuple[str, ...] = ()


def look(tx: Tx, asking: Asking) -> Budgets:
    house = asking.house
    used = tx.spending.of_day(spending.today(house))
    holdings = [
        holding
        for holder, id_, title in _holders(tx, used, asking)
        if (holding := _holding(tx, holder, id_, title, used, asking)).meters
    ]
    return Budgets(
        frame=drawn.frame(tx, asking.viewer, house=house),
        holdings=tuple(holdings),
        author=house.budgets.author,
        source=house.policy().source if asking.person.may_approve else "",
        raised=tuple(_raised(tx, asking)),
    )


def _holders(tx: Tx, spent: Iterable[str], asking: Asking) -> Iterable[tuple[Holder, str, str]]:
    """Whose budgets the viewer sees: those that nobody used today are left out, but for their own."""
    tongue = asking.tongue
    used = {Account.parse(key).id for key in spent}
    yield Holder.SPACE, "", tongue("Everyone together")
    yield Holder.PERSON, asking.person.id, tongue("You")
    if asking.person.may_approve:
        for person in tx.people.all():
            if person.id in used and person.id != asking.person.id:
                yield Holder.PERSON, person.id, person.name
    for mission in visible_missions(tx, asking):
        if mission.id in used:
            yield (
                Holder.MISSION,
                mission.id,
                tongue("Mission {n}: {goal}", n=mission.number, goal=mission.goal),
            )


def _holding(
    tx: Tx, holder: Holder, id_: str, title: str, spent: Mapping[str, int], asking: Asking
) -> Holding:
    accounts = spending.accounts(holder, id_, spent, house=asking.house)
    return Holding(
        title=title, meters=tuple(_meter(tx, each, spent.get(each.key, 0), asking) for each in accounts)
    )


def _meter(tx: Tx, account: Account, used: int, asking: Asking) -> Meter:
    tongue = asking.tongue
    most = raising.most(tx, account, house=asking.house) or 0
    percent = min(FULL, used * 100 // most) if most else FULL
    left = max(most - used, 0)
    words = ""
    if not left:
        words = tongue("nothing left today")
    elif percent >= LOW:
        words = tongue("little left today")
    return Meter(
        title=_title(account, tongue),
        used=spending.bare_words(account, used, tongue),
        most=spending.bare_words(account, most, tongue),
        left=spending.bare_words(account, left, tongue),
        percent=percent,
        words=words,
        low=bool(words),
    )


def _title(account: Account, tongue: Tongue) -> str:
    match account.measure:
        case Measure.TOKENS:
            return tongue("Tokens of models")
        case Measure.MODEL_MONEY:
            return tongue("Money for models")
        case Measure.MONEY:
            return tongue("Money moved, in {currency}", currency=account.currency)
        case Measure.MESSAGES:
            return tongue("Deeds that others see")
        case Measure.EFFECTS:
            return tongue("Deeds of any kind")


def _raised(tx: Tx, asking: Asking) -> Iterable[str]:
    """Limits raised today. Of others only for who approves."""
    tongue = asking.tongue
    for kept in raises(tx, spending.today(asking.house)):
        account = Account.parse(kept["account"])
        if not (asking.person.may_approve or account.id in ("", asking.person.id)):
            continue
        person = tx.people.get(kept["approver"])
        yield tongue(
            "Raised for {whom} by {by}, approved by {who}.",
            whom=spending.holder_words(tx, account, tongue),
            by=spending.amount_words(account.measure, account.currency, kept["by"], tongue),
            who=person.name if person else tongue("someone"),
        )


BUDGETS = Room(
    name="budgets",
    title=lambda tongue: tongue("Budgets"),
    lead=lambda tongue: tongue("How much may be used up in a day (a UTC day), and how much is."),
    look=look,
    roles=MEMBERS,
    group=2,
)
