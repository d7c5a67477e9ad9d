"""What minds are briefed with in tests: a person in Paris, a small shop's actions, and the moment it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from adapters.speech.languages import tongues
from bot.actions import Action, Field, Kind, Part, Risk
from bot.events import Signal
from bot.journal import Line
from bot.mind import Briefing
from bot.missions import Mission, Step
from bot.notes import Note
from bot.people import Person, Role
from bot.places import Place
from bot.speech import Tongue
from bot.values import Money

NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
"""A Saturday, half past three in the afternoon in Paris."""
ENGLISH = tongues()("en")
FRENCH = tongues()("fr")
ALICE = Person(id="per_alice", name="Alice", role=Role.OWNER, lang="en", zone="Europe/Paris")
HOME = Place(platform="web", channel="alice", private=True)


@dataclass(frozen=True, slots=True)
class Marked:
    """A language in which everything that was spoken is between brackets."""

    lang: str = "en"

    def __call__(self, message: str, /, **values: object) -> str:
        return f"[{message.format(**values)}]"

    def many(self, one: str, other: str, n: int, /, **values: object) -> str:
        return f"[{(one if n == 1 else other).format(n=n, **values)}]"

    def money(self, amount: Money) -> str:
        return str(amount)

    def number(self, value: Decimal) -> str:
        return f"{value:f}"

    def count(self, n: int) -> str:
        return str(n)

    def date(self, day: date) -> str:
        return day.isoformat()

    def moment(self, at: datetime, zone: str) -> str:
        return f"{at.isoformat()} {zone}"

    def day(self, at: datetime, zone: str) -> str:
        return self.moment(at, zone)


def _own(name: str, risk: Risk, *fields: Field) -> Action:
    return Action(name=f"vigie.{name}", title=name, risk=risk, fields=fields)


def _text(name: str, *, required: bool = True) -> Field:
    return Field(name=name, title=name, required=required)


def _number(name: str) -> Field:
    return Field(name=name, title=name, kind=Kind.INTEGER)


_ACTIONS = (
    _own("quiet", Risk.R1, _text("hours", required=False)),
    _own("pin", Risk.R1, _text("about")),
    _own("unpin", Risk.R1, _text("about")),
    _own("export_memory", Risk.R1),
    _own("briefing", Risk.R0),
    _own("begin_private", Risk.R1),
    _own("end_private", Risk.R1),
    _own("retention", Risk.R3, _number("days")),
    _own("undo_night", Risk.R1),
    _own("help", Risk.R0, _text("topic", required=False)),
    _own("status", Risk.R0),
    _own("missions", Risk.R0),
    _own("runs", Risk.R0, _number("number")),
    _own("mission", Risk.R0, _number("number")),
    _own("templates", Risk.R0),
    _own("procedures", Risk.R0),
    _own("procedure", Risk.R0, _text("name")),
    _own(
        "try_procedure",
        Risk.R0,
        _text("name"),
        Field(name="inputs", title="inputs", kind=Kind.JSON, required=False),
    ),
    _own("put_procedure", Risk.R1, _text("name"), _text("recipe")),
    _own(
        "run_procedure",
        Risk.R1,
        _text("name"),
        Field(name="inputs", title="inputs", kind=Kind.JSON, required=False),
    ),
    _own("continue_procedure", Risk.R1, _text("name"), _text("how", required=False)),
    _own("switch_procedure", Risk.R1, _text("name"), _text("how", required=False)),
    _own("drop_procedure", Risk.R1, _text("name")),
    _own("health", Risk.R0),
    _own("lists", Risk.R0),
    _own("recap", Risk.R0),
    _own("report", Risk.R0),
    _own("unwritten", Risk.R0, _text("name"), _text("to")),
    _own("wrote", Risk.R1, _text("name"), _text("to")),
    Action(name="airtable.add_record", title="Add", risk=Risk.R1, fields=(_text("table"), _text("fields"))),
    _own("show_list", Risk.R0, _text("name"), _text("when", required=False), _text("mine", required=False)),
    _own("list_history", Risk.R0, _text("name")),
    _own("add_to_list", Risk.R1, _text("name"), _text("text")),
    _own("add_to_total", Risk.R1, _text("name"), _text("amount"), _text("text", required=False)),
    _own("count", Risk.R1, _text("name"), _text("by", required=False), _text("to", required=False)),
    _own("edit_item", Risk.R1, _text("name"), _text("item"), _text("text")),
    _own("remove_item", Risk.R1, _text("name"), _text("item")),
    _own("clear_list", Risk.R1, _text("name")),
    _own("undo_list", Risk.R1, _text("name")),
    _own("rename_list", Risk.R1, _text("name"), _text("to")),
    _own("forget_list", Risk.R3, _text("name")),
    _own(
        "edit_mission",
        Risk.R1,
        _number("number"),
        _text("goal", required=False),
        _text("cron", required=False),
    ),
    _own("hand_over", Risk.R1, _number("number"), _text("person")),
    _own("tick", Risk.R1, _number("number"), _number("part")),
    _own("finish_mission", Risk.R1, _number("number"), _text("why", required=False)),
    _own("agenda", Risk.R0, _text("when", required=False)),
    _own("budget", Risk.R0),
    _own(
        "raise_budget",
        Risk.R3,
        _text("whose"),
        _text("who", required=False),
        _text("what"),
        Field(name="number", title="number", kind=Kind.INTEGER, required=False),
        Field(name="amount", title="amount", kind=Kind.MONEY, required=False),
    ),
    _own("actions", Risk.R0, _text("system", required=False)),
    _own(
        "create_mission",
        Risk.R1,
        _text("goal"),
        _text("cron", required=False),
        Field(name="every_seconds", title="every", kind=Kind.INTEGER, required=False),
        Field(name="at", title="at", kind=Kind.MOMENT, required=False),
        _text("signal", required=False),
        _text("zone", required=False),
        Field(name="steps", title="steps", kind=Kind.JSON, required=False),
    ),
    *(_own(f"{verb}_mission", Risk.R1, _number("number")) for verb in ("pause", "resume", "cancel")),
    _own("why", Risk.R0, _text("subject")),
    _own(
        "remember",
        Risk.R1,
        _text("text"),
        Field(name="replaces", title="Instead of", required=False),
        Field(name="since", title="True since", kind=Kind.DATE, required=False),
    ),
    _own("recall", Risk.R0, _text("about"), Field(name="as_of", title="As of", required=False)),
    _own("history", Risk.R0, _text("about")),
    _own("rules", Risk.R0),
    _own(
        "rule",
        Risk.R1,
        *(Field(name=each, title=each, required=False) for each in ("text", "how")),
        Field(name="number", title="Number", kind=Kind.INTEGER, required=False),
    ),
    _own("forget", Risk.R1, _text("about")),
    _own("pending", Risk.R0),
    _own("undo", Risk.R1, _text("subject")),
    _own("freeze", Risk.R1, _text("reason", required=False)),
    _own("unfreeze", Risk.R1),
    _own("deny", Risk.R1, _text("code"), _text("reason", required=False)),
    _own("delegate", Risk.R3, _text("person"), _text("until", required=False), _number("days")),
    _own("undelegate", Risk.R1),
    _own("connections", Risk.R0),
    _own("connect", Risk.R1, _text("system"), _text("name", required=False)),
    _own("test_connection", Risk.R0, _text("name")),
    _own("rename_connection", Risk.R1, _text("name"), _text("label")),
    _own("disconnect", Risk.R3, _text("name")),
    _own("grants", Risk.R0),
    _own("withdraw", Risk.R1, _number("number")),
    _own("hooks", Risk.R0),
    _own("watches", Risk.R0),
    _own("chart", Risk.R0, _number("number")),
    _own("say_number", Risk.R1, _text("name"), _text("value")),
    _own("add_hook", Risk.R1, _text("name"), _text("kind"), _number("window")),
    _own("rotate_hook", Risk.R1, _text("name")),
    _own("remove_hook", Risk.R1, _text("name")),
    _own("escalate", Risk.R1, _text("name"), _text("person", required=False), _number("minutes")),
    _own("incidents", Risk.R0),
    _own("acknowledge", Risk.R1, _number("number")),
    _own("resolve", Risk.R1, _number("number")),
    _own("fields", Risk.R0, _text("action", required=False)),
    _own("set_field", Risk.R1, *(_text(name) for name in ("action", "field", "how"))),
    _own("link", Risk.R1, _text("code", required=False)),
    _own("second_factor", Risk.R1, _text("code", required=False)),
    _own("drop_second_factor", Risk.R1),
    _own("claim", Risk.R1, _text("code")),
    _own("dashboard", Risk.R0),
    _own("name", Risk.R1, _text("name")),
    _own("language", Risk.R1, _text("lang")),
    _own("zone", Risk.R1, _text("zone")),
    Action(name="demo.late_orders", title="Late", risk=Risk.R0, fields=(_number("days"),)),
    Action(name="demo.orders", title="List orders", risk=Risk.R0, fields=(_text("state", required=False),)),
    Action(
        name="demo.refund",
        title="Refund an order",
        risk=Risk.R3,
        fields=(
            Field(name="order", title="Order", kind=Kind.OBJECT, part=Part.OBJECT),
            Field(name="amount", title="Amount", kind=Kind.MONEY, part=Part.AMOUNT, currency="EUR"),
            Field(name="note", title="Note", kind=Kind.LONG_TEXT, required=False),
        ),
    ),
    Action(
        name="demo.ship",
        title="Ship an order",
        risk=Risk.R2,
        fields=(
            Field(name="order", title="Order", kind=Kind.OBJECT),
            Field(name="speed", title="Speed", kind=Kind.CHOICE, choices=("slow", "fast"), required=False),
        ),
    ),
)
ACTIONS: Mapping[str, Action] = {action.name: action for action in _ACTIONS}


def mission(*steps: Step, goal: str = "watch the late orders") -> Mission:
    """A mission of Alice's that may use the shop."""
    return Mission(
        id="mis_1",
        number=3,
        space="s",
        owner=ALICE.id,
        place=HOME.key,
        goal=goal,
        steps=steps,
        may=("demo.refund",),
        zone="Europe/Paris",
        created=NOW,
    )


def briefing(
    text: str = "",
    *,
    tongue: Tongue = ENGLISH,
    now: datetime = NOW,
    zone: str = "Europe/Paris",
    trusted: bool = True,
    mission: Mission | None = None,
    due: datetime | None = None,
    late: bool = False,
    signal: Signal | None = None,
    transcript: tuple[Line, ...] = (),
    notes: tuple[Note, ...] = (),
    actions: Mapping[str, Action] = ACTIONS,
) -> Briefing:
    """What Alice's words, or a mission's wake, come to a mind as."""
    return Briefing(
        turn="evt_1",
        now=now,
        tongue=tongue,
        zone=zone,
        place=HOME,
        person=ALICE,
        text=mission.goal if mission else text,
        trusted=trusted,
        mission=mission,
        due=due,
        late=late,
        signal=signal,
        transcript=transcript,
        notes=notes,
        actions=actions,
    )


async def unheard(words: str) -> None:
    """A stream nobody listens to."""
