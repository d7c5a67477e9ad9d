"""The policy as people write it: TOML text in, rules out; and the file it stands in, read again when edited.

A key or value nobody knows refuses the whole file: a mistyped limit must not be a missing one. A file that
cannot be read while the assistant runs is replaced by asking about everything, and that is said.
"""

import hashlib
import logging
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import time, timedelta
from functools import cache
from importlib import resources
from pathlib import Path
from typing import cast, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.actions import Risk
from bot.budgets import DEFAULTS, Budgets, Holder, Measure
from bot.budgets import Limit as DayLimit
from bot.effects import Per
from bot.errors import BadInput, Misconfigured
from bot.journal import Cost
from bot.people import Role
from bot.rules import Decision, Earning, FieldTest, Hours, Limit, Policy, Rule, Test, When
from bot.values import Json, Money

log = logging.getLogger(__name__)

RULE_KEYS: Mapping[str, str] = {
    "name": "what cards and the ledger call it; unique in the file",
    "effect": '"deny", "ask" or "allow"',
    "reason": "the sentence people and the assistant are told when it decides",
    "author": "who answers for it",
    "approvers": 'who may press: roles ("owner", "approver") or person ids; without it, every owner and approver',
    "people": "how many different people must press, 1 or 2; with 2, who asked does not count",
    "not_requester": "true: who asked may not approve it themselves",
    "step_up": "true: who presses proves themselves once more",
    "lifetime": "how long a card waits before it expires as a no; 4h for R3 and 24h otherwise",
    "hold": "how long what it allows to leave the house (R2, R3) waits before it goes, with a button that stops it",
    "unless": "a table of conditions; where all of them hold the rule is silent",
}
"""Keys of a `[[rule]]` beside its conditions."""

WHEN_KEYS: Mapping[str, str] = {
    "action": 'name or pattern, or a list of them: "demo.refund", "stripe.*"',
    "system": 'the part before the dot: "demo"',
    "account": "the label of the connected account, or a pattern",
    "live": "true for live accounts, false for test modes",
    "risk": '"R0" to "R3": exactly this class',
    "min_risk": "this class or a higher one",
    "max_risk": "this class or a lower one",
    "role": '"owner", "approver" or "member" (of whoever it is done for), or a list',
    "person": 'a person id or identity ("slack:T0123:U0456"), or a list',
    "mission": "true: any mission; false: only conversation; or mission numbers",
    "tainted": "true once the turn has read content a stranger could have written",
    "own_words": "true when who and what are literally the person's own words",
    "egress": "true for reads that carry something out, such as opening a web address",
    "quiet": "true during the quiet hours",
    "hours": 'a part of the day, "22:00-07:00"',
    "days": 'week days, "mon-fri" or ["sat", "sun"]; the day on which the hours start',
    "zone": "the wall clock for hours and days; without it that of whoever asks",
    "fields": "a table of fields, each with one or more tests",
    "limit": "a table: counts what was done in a rolling window",
}
"""Keys that are conditions, in a `[[rule]]` and in its `unless`."""

TEST_KEYS: Mapping[str, str] = {
    "equals": "exactly this value",
    "in": "one of these values",
    "matches": "a pattern, or one of a list; case does not count",
    "less": 'below this number, or this amount with its currency: "200 EUR"',
    "more": "above it",
}
"""Tests of one field."""

LIMIT_KEYS: Mapping[str, str] = {
    "per": '"account", "recipient", "mission" or "person": for which of them it is counted',
    "within": 'the length of the window that ends now: "24h", "7d"',
    "amount": 'at most this much money in it: "10000 EUR"',
    "count": "at most this many deeds in it",
}
"""Keys of a `limit`."""

EARNING_KEYS: Mapping[str, str] = {
    "after": "after so many approvals alike one is offered, 3 without it; 0: never, and none counts any more",
    "uses": "how often one may be used at most, 20 without it",
    "days": "for how many days at most, 30 without it",
    "hold": "how long what is sent under one waits before it goes, with a button that stops it",
}
"""Keys of `[grants]`: standing permissions."""

TOP_KEYS: Mapping[str, str] = {
    "private_cards": "true: cards asked for where others read along go to those who are asked, in private; false:"
    " they stand where they were asked for. Without it, that is the custom of the platform: private in Telegram's"
    " groups, open in Slack's channels",
    "quiet_hours": "a table with hours, days and zone, for the condition `quiet`",
    "budgets": "a table: how much may be used up in a day",
    "grants": "a table: how standing permissions are earned",
    "rule": "the rules, in order",
}
"""Keys at the top of the file."""

BUDGET_KEYS: Mapping[str, str] = {
    "author": "who answers for the limits",
    "space": "a table of limits for everybody and every mission together",
    "person": "a table of limits for each person, the missions they own included",
    "mission": "a table of limits for each mission",
    "thought": "a table: what is held back for one thought of a model, until its real cost is known",
    "wake_depth": "how many wakes may follow from one another without a person in between",
    "chain_wakes": "how many wakes in an hour may follow from one cause",
    "wakes": "how often in an hour one mission may be woken by what happens",
    "clock_wakes": "how often in an hour one mission may be woken by its own schedule",
    "bot_answers": "how often in an hour other bots are answered in one place",
}
"""Keys of `[budgets]`."""

DAY_KEYS: Mapping[str, str] = {
    "tokens": "tokens of models, in and out",
    "models": 'money for models, in US dollars: "20 USD"',
    "money": "money moved by actions: a number for each currency by itself, or an amount or a list of them; "
    "then a currency that is not named has none",
    "messages": "deeds that leave the perimeter (R2 and R3)",
    "effects": "deeds of any class but reads",
}
"""Keys of `[budgets.space]`, `[budgets.person]` and `[budgets.mission]`: at most this much in a day."""

THOUGHT_KEYS: Mapping[str, str] = {
    "tokens_in": "tokens of the question",
    "tokens_out": "tokens of the answer",
    "models": 'money: "0.50 USD"',
}
"""Keys of `[budgets.thought]`."""

UNLIMITED = "unlimited"
"""Instead of a number or an amount: nothing limits it."""

MEASURES: Mapping[str, Measure] = {
    "tokens": Measure.TOKENS,
    "models": Measure.MODEL_MONEY,
    "money": Measure.MONEY,
    "messages": Measure.MESSAGES,
    "effects": Measure.EFFECTS,
}
"""What people write for each measure."""

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_TIMES = ("hours", "days", "zone")


def parse(text: str, *, source: str) -> Policy:
    """The policy that the text says. Raises Misconfigured naming the file, the rule and the key."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"{source}: {error}") from error
    reader = _Reader(source=source, where="")
    reader.only(found, TOP_KEYS)
    entries = reader.tables(found.get("rule", []))
    rules = tuple(
        _Reader(source=source, where=f"rule {_called(entry, n)}").rule(entry)
        for n, entry in enumerate(entries, start=1)
    )
    names = [rule.name for rule in rules]
    for name in names:
        if names.count(name) > 1:
            raise Misconfigured(f"{source}: rule {name!r}: there are two of that name")
    quiet = found.get("quiet_hours")
    grants = found.get("grants")
    return Policy(
        rules=rules,
        private_cards=reader.flags(found, "private_cards"),
        earning=_Reader(source=source, where="grants").earning(grants) if grants is not None else Earning(),
        quiet=_Reader(source=source, where="quiet_hours").quiet(quiet) if quiet is not None else None,
        budgets=_Reader(source=source, where="budgets").budgets(found.get("budgets", {})),
        source=source,
        digest=hashlib.sha256(text.encode()).hexdigest(),
    )


def _called(entry: Mapping[str, Json], n: int) -> str:
    name = entry.get("name")
    return repr(name) if isinstance(name, str) and name else f"number {n}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """Reads tables, and knows where it is for what it has to say."""

    source: str
    where: str

    def wrong(self, key: str, what: str) -> Misconfigured:
        place = ": ".join(part for part in (self.source, self.where, key) if part)
        return Misconfigured(f"{place}: {what}")

    def only(self, table: Mapping[str, Json], known: Mapping[str, str]) -> None:
        for key in table:
            if key not in known:
                raise self.wrong(key, f"there is no such key; known are {', '.join(known)}")

    def tables(self, value: Json) -> list[dict[str, Json]]:
        if isinstance(value, list) and all(isinstance(each, dict) for each in cast("list[Json]", value)):
            return cast("list[dict[str, Json]]", value)
        raise self.wrong("rule", "rules are written [[rule]]")

    def table(self, key: str, value: Json, known: Mapping[str, str] | None = None) -> dict[str, Json]:
        if not isinstance(value, dict):
            raise self.wrong(key, "a table is expected")
        table = cast("dict[str, Json]", value)
        if known is not None:
            where = ": ".join(part for part in (self.where, key) if part)
            _Reader(source=self.source, where=where).only(table, known)
        return table

    def rule(self, table: Mapping[str, Json]) -> Rule:
        self.only(table, {**RULE_KEYS, **WHEN_KEYS})
        effect = self.one_of("effect", table.get("effect"), tuple(Decision))
        name = self.text("name", table.get("name"))
        people = self.number("people", table.get("people", 1))
        if people not in (1, 2):
            raise self.wrong("people", "1 or 2")
        asking = [
            key for key in ("approvers", "people", "not_requester", "step_up", "lifetime") if key in table
        ]
        if asking and effect != Decision.ASK:
            raise self.wrong(asking[0], "only a rule with the effect ask asks somebody")
        if "hold" in table and effect != Decision.ALLOW:
            raise self.wrong("hold", "only a rule with the effect allow holds back what it allows")
        unless = table.get("unless")
        return Rule(
            name=name,
            effect=Decision(effect),
            when=self.when({key: value for key, value in table.items() if key in WHEN_KEYS}),
            unless=None
            if unless is None
            else self.when(self.table("unless", unless, WHEN_KEYS), empty=False),
            reason=self.text("reason", table["reason"]) if "reason" in table else "",
            author=self.text("author", table["author"]) if "author" in table else "",
            approvers=self.texts("approvers", table["approvers"]) if "approvers" in table else (),
            people=people,
            not_requester=self.flag("not_requester", table.get("not_requester", False)),
            step_up=self.flag("step_up", table.get("step_up", False)),
            lifetime=self.span("lifetime", table["lifetime"]) if "lifetime" in table else None,
            hold=self.hold(table),
        )

    def when(self, table: Mapping[str, Json], *, empty: bool = True) -> When:
        if not table and not empty:
            raise self.wrong("unless", "an empty table would silence the rule for ever")
        risk = self.risk("risk", table["risk"]) if "risk" in table else None
        if risk is not None and ("min_risk" in table or "max_risk" in table):
            raise self.wrong("risk", "either risk, or min_risk and max_risk")
        return When(
            action=self.optional(table, "action"),
            system=self.optional(table, "system"),
            account=self.optional(table, "account"),
            live=self.flags(table, "live"),
            min_risk=self.risk("min_risk", table["min_risk"]) if "min_risk" in table else risk,
            max_risk=self.risk("max_risk", table["max_risk"]) if "max_risk" in table else risk,
            role=tuple(Role(self.one_of("role", each, tuple(Role))) for each in self.optional(table, "role")),
            person=self.optional(table, "person"),
            mission=self.mission(table["mission"]) if "mission" in table else None,
            tainted=self.flags(table, "tainted"),
            own_words=self.flags(table, "own_words"),
            egress=self.flags(table, "egress"),
            quiet=self.flags(table, "quiet"),
            hours=self.hours(table) if any(key in table for key in _TIMES) else None,
            fields=self.fields(table["fields"]) if "fields" in table else (),
            limit=self.limit(table["limit"]) if "limit" in table else None,
        )

    def earning(self, value: Json) -> Earning:
        table = self.table("", value, EARNING_KEYS)
        usual = Earning()
        return Earning(
            after=self.within("after", table.get("after", usual.after), 0, 100),
            uses=self.within("uses", table.get("uses", usual.uses), 1, 1000),
            days=self.within("days", table.get("days", usual.days), 1, 366),
            hold=self.hold(table),
        )

    def hold(self, table: Mapping[str, Json]) -> timedelta | None:
        hold = self.span("hold", table["hold"]) if "hold" in table else None
        if hold is not None and hold > timedelta(hours=1):
            raise self.wrong("hold", "at most 1h")
        return hold

    def within(self, key: str, value: Json, low: int, high: int) -> int:
        number = self.number(key, value)
        if not low <= number <= high:
            raise self.wrong(key, f"a number from {low} to {high}")
        return number

    def quiet(self, value: Json) -> Hours:
        return self.hours(self.table("", value, {key: WHEN_KEYS[key] for key in _TIMES}))

    def fields(self, value: Json) -> tuple[FieldTest, ...]:
        found: list[FieldTest] = []
        for name, tests in self.table("fields", value).items():
            table = self.table(f"fields.{name}", tests, TEST_KEYS)
            if not table:
                raise self.wrong(f"fields.{name}", f"name a test: {', '.join(TEST_KEYS)}")
            found += [self.test(name, key, wanted) for key, wanted in table.items()]
        return tuple(found)

    def test(self, name: str, key: str, wanted: Json) -> FieldTest:
        where = f"fields.{name}.{key}"
        values = cast("list[Json]", wanted) if isinstance(wanted, list) else [wanted]
        if isinstance(wanted, list) and key in ("equals", "less", "more"):
            raise self.wrong(where, "one value, not a list")
        if not values or any(isinstance(each, dict | list) for each in values):
            raise self.wrong(where, "texts or numbers")
        texts = tuple(_plain(each) for each in values)
        if key in ("less", "more") and not _is_bound(texts[0]):
            raise self.wrong(where, f"{texts[0]!r} is neither a number nor an amount such as 200 EUR")
        return FieldTest(field=name, test=cast("Test", key), wanted=texts)

    def limit(self, value: Json) -> Limit:
        table = self.table("limit", value, LIMIT_KEYS)
        if "amount" not in table and "count" not in table:
            raise self.wrong("limit", "name an amount or a count")
        count = self.number("limit.count", table["count"]) if "count" in table else None
        if count is not None and count < 0:
            raise self.wrong("limit.count", "a number from 0 on")
        return Limit(
            per=cast("Per", self.one_of("limit.per", table.get("per"), get_args(Per))),
            within=self.span("limit.within", table.get("within")),
            amount=self.amount("limit.amount", table["amount"]) if "amount" in table else None,
            count=count,
        )

    def budgets(self, value: Json) -> Budgets:
        """What is not named keeps its default."""
        table, default = self.table("", value, BUDGET_KEYS), Budgets()
        limits = tuple(
            limit
            for holder in Holder
            for limit in self.day(holder, self.table(holder, table.get(holder, {}), DAY_KEYS))
        )
        counts = {
            key: self.count(key, table[key])
            for key in ("wake_depth", "chain_wakes", "wakes", "clock_wakes", "bot_answers")
            if key in table
        }
        return replace(
            default,
            limits=limits,
            thought=self.thought(self.table("thought", table.get("thought", {}), THOUGHT_KEYS)),
            author=self.text("author", table["author"]) if "author" in table else "",
            **counts,
        )

    def day(self, holder: Holder, table: Mapping[str, Json]) -> tuple[DayLimit, ...]:
        found: list[DayLimit] = []
        for key, measure in MEASURES.items():
            if key not in table:
                found += [each for each in DEFAULTS if (each.holder, each.measure) == (holder, measure)]
            elif table[key] != UNLIMITED:
                found += self.most(holder, measure, f"{holder}.{key}", table[key])
        return tuple(found)

    def most(self, holder: Holder, measure: Measure, key: str, value: Json) -> tuple[DayLimit, ...]:
        match measure:
            case Measure.MODEL_MONEY:
                return (DayLimit(holder=holder, measure=measure, most=self.dollars(key, value)),)
            case Measure.MONEY if isinstance(value, str | list):
                return self.sums(holder, key, self.texts(key, value))
            case _:
                return (DayLimit(holder=holder, measure=measure, most=self.count(key, value)),)

    def sums(self, holder: Holder, key: str, written: Sequence[str]) -> tuple[DayLimit, ...]:
        named = [self.amount(key, each) for each in written]
        if len({each.currency for each in named}) < len(named) or any(each.minor < 0 for each in named):
            raise self.wrong(key, "one amount from 0 on for each currency")
        rest = DayLimit(holder=holder, measure=Measure.MONEY, most=0)
        return (rest, *(replace(rest, most=each.minor, currency=each.currency) for each in named))

    def dollars(self, key: str, value: Json) -> int:
        """Millionths of a US dollar, the unit in which models are counted."""
        amount = self.amount(key, value)
        if amount.currency != "USD" or amount.minor < 0:
            raise self.wrong(key, "models are paid in US dollars: write for example 20 USD")
        return amount.minor * 10_000

    def thought(self, table: Mapping[str, Json]) -> Cost:
        default = Budgets().thought
        return replace(
            default,
            tokens_in=self.count("thought.tokens_in", table.get("tokens_in", default.tokens_in)),
            tokens_out=self.count("thought.tokens_out", table.get("tokens_out", default.tokens_out)),
            micro_usd=self.dollars("thought.models", table["models"])
            if "models" in table
            else default.micro_usd,
        )

    def count(self, key: str, value: Json) -> int:
        number = self.number(key, value)
        if number < 0:
            raise self.wrong(key, "a number from 0 on")
        return number

    def hours(self, table: Mapping[str, Json]) -> Hours:
        start, end = self.clock(table["hours"]) if "hours" in table else (time(0), time(0))
        zone = self.text("zone", table["zone"]) if "zone" in table else ""
        try:
            ZoneInfo(zone or "UTC")
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise self.wrong("zone", f"{zone!r} is no time zone; write for example Europe/Paris") from error
        days = self.days(table["days"]) if "days" in table else frozenset(range(7))
        return Hours(start=start, end=end, days=days, zone=zone)

    def clock(self, value: Json) -> tuple[time, time]:
        found = re.fullmatch(r"(\d\d:\d\d)-(\d\d:\d\d)", self.text("hours", value))
        try:
            if found:
                return time.fromisoformat(found[1]), time.fromisoformat(found[2])
        except ValueError:
            pass
        raise self.wrong("hours", f"{value!r} does not read like 22:00-07:00")

    def days(self, value: Json) -> frozenset[int]:
        days: set[int] = set()
        for part in self.texts("days", value):
            first, _, last = part.casefold().partition("-")
            if first not in _DAYS or (last or first) not in _DAYS:
                raise self.wrong(
                    "days", f"{part!r} is not one of {', '.join(_DAYS)} or a span such as mon-fri"
                )
            start, end = _DAYS.index(first), _DAYS.index(last or first)
            days |= {(start + step) % 7 for step in range((end - start) % 7 + 1)}
        return frozenset(days)

    def mission(self, value: Json) -> tuple[int, ...] | bool:
        if isinstance(value, bool):
            return value
        numbers = cast("list[Json]", value) if isinstance(value, list) else [value]
        return tuple(self.number("mission", each) for each in numbers)

    def risk(self, key: str, value: Json) -> Risk:
        return Risk[self.one_of(key, value, tuple(risk.name for risk in Risk))]

    def span(self, key: str, value: Json) -> timedelta:
        found = re.fullmatch(r"([1-9]\d{0,5})([smhdw])", value) if isinstance(value, str) else None
        if found is None:
            raise self.wrong(key, f"{value!r} does not read like 30m, 24h or 7d")
        return timedelta(seconds=int(found[1]) * _UNITS[found[2]])

    def amount(self, key: str, value: Json) -> Money:
        try:
            return Money.parse(self.text(key, value))
        except BadInput as error:
            raise self.wrong(key, str(error)) from error

    def optional(self, table: Mapping[str, Json], key: str) -> tuple[str, ...]:
        return self.texts(key, table[key]) if key in table else ()

    def flags(self, table: Mapping[str, Json], key: str) -> bool | None:
        return self.flag(key, table[key]) if key in table else None

    def flag(self, key: str, value: Json) -> bool:
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return value

    def number(self, key: str, value: Json) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.wrong(key, "a whole number is expected")
        return value

    def text(self, key: str, value: Json) -> str:
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, "a text is expected")
        return value.strip()

    def texts(self, key: str, value: Json) -> tuple[str, ...]:
        values = cast("list[Json]", value) if isinstance(value, list) else [value]
        if not values:
            raise self.wrong(key, "an empty list would never match")
        return tuple(self.text(key, each) for each in values)

    def one_of(self, key: str, value: Json, known: Sequence[str]) -> str:
        if not isinstance(value, str) or value not in known:
            raise self.wrong(key, f"one of {', '.join(known)}")
        return value


def _plain(value: Json) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)


def _is_bound(text: str) -> bool:
    if re.fullmatch(r"[+-]?\d+(\.\d+)?", text):
        return True
    try:
        Money.parse(text)
    except BadInput:
        return False
    return True


# What is in force ------------------------------------------------------------------------------------------

InForce = Callable[[], Policy]
"""The policy of this moment. Cheap: asked before every deed."""

SHIPPED = "policy.toml"
"""The file beside this module: the policy an installation starts with."""


def shipped_text() -> str:
    """The commented default, as it is put where people edit it."""
    return resources.files("bot").joinpath(SHIPPED).read_text(encoding="utf-8")


@cache
def shipped() -> Policy:
    """The default policy."""
    return parse(shipped_text(), source=SHIPPED)


def asking_everything(trouble: str, *, source: str = "", budgets: Budgets | None = None) -> Policy:
    """What is in force while the policy cannot be read: the assistant's own reads, and a card for all else; and
    the `budgets` that were in force before."""
    reads = Rule(
        name="own-reads",
        effect=Decision.ALLOW,
        when=When(system=("vigie",), max_risk=Risk.R0),
        reason="it only reads",
    )
    digest = hashlib.sha256(f"asks everything: {trouble}".encode()).hexdigest()
    return Policy(rules=(reads,), budgets=budgets or Budgets(), source=source, digest=digest, trouble=trouble)


class PolicyFile:
    """A policy file that may be edited at any time; read again when its stamp changes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stamp: tuple[int, ...] = ()
        self._policy: Policy | None = None

    def __call__(self) -> Policy:
        """The file's policy, or asking everything while it is missing or wrong. Never raises."""
        try:
            status = self.path.stat()
            stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
            if self._policy is None or stamp != self._stamp:
                self._policy, self._stamp = self.read(), stamp
        except (OSError, Misconfigured) as error:
            why = f"{self.path.name}: {error.strerror}" if isinstance(error, OSError) else str(error)
            if self._policy is None or self._policy.trouble != why:
                log.warning("policy_unreadable", extra={"action": "policy", "path": str(self.path)})
            budgets = self._policy.budgets if self._policy is not None else None
            self._policy = asking_everything(why, source=str(self.path), budgets=budgets)
            self._stamp = self._stamp_now()
        return self._policy

    def read(self) -> Policy:
        """The file as it stands. Raises Misconfigured."""
        try:
            text = self.path.read_text(encoding="utf-8")
        except OSError as error:
            raise Misconfigured(f"{self.path}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise Misconfigured(f"{self.path}: this is not UTF-8 text") from error
        return parse(text, source=str(self.path))

    def _stamp_now(self) -> tuple[int, ...]:
        try:
            status = self.path.stat()
        except OSError:
            return ()
        return (status.st_mtime_ns, status.st_size, status.st_ino)
