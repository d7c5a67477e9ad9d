"""The assistant's own actions, as a list. What each does is in `desk`."""

from dataclasses import replace
from functools import cache

from bot.actions import Action, Field, Kind, Mode, Part, Reversal, Risk
from bot.grants import GIVE
from bot.recipes import LONGEST

_NUMBER = Field(
    name="number", title="Mission number", kind=Kind.INTEGER, help="the number in the list", part=Part.OBJECT
)
_PERSON = Field(
    name="person", title="Person", help="a name, or an id where two share it", part=Part.RECIPIENT
)
_HOOK = Field(name="name", title="Hook", help="its name, which is the end of its address", part=Part.OBJECT)
_INCIDENT = Field(
    name="number", title="Incident number", kind=Kind.INTEGER, help="the number in the list", part=Part.OBJECT
)

_LIST = Field(
    name="name",
    title="List",
    help="its name, for example features",
    longest=60,
    part=Part.OBJECT,
    forgettable=True,
)
_ITEM = Field(
    name="item",
    title="Item",
    help="its number, or words of it",
    longest=500,
    part=Part.OBJECT,
    forgettable=True,
)
_WHERE = Field(name="to", title="Where to", help="for example airtable Deals", longest=200, part=Part.OTHER)
_NOTE = Field(
    name="about",
    title="Which note",
    help="its code, or words that only this note holds",
    part=Part.OBJECT,
    forgettable=True,
)

_CONNECTION = Field(
    name="name", title="Connection", help="its name in the list, for example stripe", part=Part.OBJECT
)


def _read(name: str, title: str, *fields: Field, help: str = "") -> Action:
    return Action(
        name=f"vigie.{name}",
        title=title,
        help=help,
        risk=Risk.R0,
        reversal=Reversal.REVERSIBLE,
        fields=fields,
    )


def _own(name: str, title: str, *fields: Field, help: str = "") -> Action:
    return Action(
        name=f"vigie.{name}",
        title=title,
        help=help,
        risk=Risk.R1,
        reversal=Reversal.REVERSIBLE,
        fields=fields,
        keyed=True,
    )


_FOR_GOOD = "for good; asks first unless a person says it in the exact words"


def _final(name: str, title: str, *fields: Field) -> Action:
    """One that nothing brings back: a mind that chooses it asks first."""
    return Action(
        name=f"vigie.{name}",
        title=title,
        help=_FOR_GOOD,
        risk=Risk.R1,
        reversal=Reversal.IRREVERSIBLE,
        fields=fields,
        keyed=True,
    )


_NUMBER_OF_OWN = Field(
    name="number",
    title="Mission number",
    kind=Kind.INTEGER,
    required=False,
    help="nothing for the mission that is awake",
    part=Part.OBJECT,
)
_PLAN = (
    Field(
        name="cron",
        title="Cron fields",
        required=False,
        help="minute hour day month weekday, on the wall clock of the zone; several with semicolons between",
    ),
    Field(name="every_seconds", title="Interval in seconds", kind=Kind.INTEGER, required=False),
    Field(
        name="at",
        title="Moment",
        kind=Kind.MOMENT,
        required=False,
        help="once, for example 2026-03-31T09:00+02:00",
    ),
    Field(name="signal", title="Signal", required=False, help="the name of the signal that wakes it"),
    Field(
        name="mail_from",
        title="Mail from",
        required=False,
        help="an address, a domain such as @example.com, or words of a name",
    ),
    Field(name="mail_subject", title="Mail about", required=False, help="words of the subject"),
    Field(
        name="phrase",
        title="Phrase",
        required=False,
        help="words that somebody mentions where the owner can read them",
    ),
    Field(
        name="cooldown_seconds",
        title="Rest between two wakes, in seconds",
        kind=Kind.INTEGER,
        required=False,
        help="for a phrase; 60 when nothing is said",
    ),
    Field(name="mailbox", title="Mailbox", required=False, help="where the mail comes in; * for any"),
    Field(
        name="watch",
        title="Watches",
        required=False,
        longest=1_000,
        help="a number and its limit, for example disk above 90 for 10 minutes clear below 80",
    ),
    Field(name="zone", title="Time zone", required=False, help="an IANA name such as Europe/Paris"),
    Field(
        name="report_to",
        title="Reports to",
        required=False,
        longest=100,
        part=Part.RECIPIENT,
        help="the channel that hears its reports, as a person named it, for example #ops; here for where it is",
    ),
    Field(
        name="rule",
        title="Recurrence rule",
        kind=Kind.LONG_TEXT,
        required=False,
        help="iCalendar lines such as RRULE:FREQ=MONTHLY;BYDAY=1MO",
    ),
    Field(
        name="missed",
        title="If it was missed",
        kind=Kind.CHOICE,
        choices=("coalesce", "skip", "catch up"),
        titles=("one run for all", "leave them out", "make up for each"),
        required=False,
        help="one late run stands for all, none, or each is made up for",
    ),
    Field(
        name="grace_seconds",
        title="Grace in seconds",
        kind=Kind.INTEGER,
        required=False,
        help="how late still counts as in time",
    ),
    Field(
        name="catch_up",
        title="Catch up at most",
        kind=Kind.INTEGER,
        required=False,
    ),
    Field(
        name="spread_seconds",
        title="Spread over seconds",
        kind=Kind.INTEGER,
        required=False,
        help="shifts its wakes, so that not everything wakes in the same second",
    ),
    Field(
        name="steps",
        title="Steps",
        kind=Kind.JSON,
        required=False,
        help="declared steps, run without a model: a list of objects with action and arguments (or text alone, which is"
        " posted); each (a saved list; its values are {item.name}), save, told (report it though it is saved), proposed"
        " (asks in any case), by_hand (fields a person fills in), wait (seconds before it), aside",
    ),
    Field(name="may", title="Actions it may take", kind=Kind.JSON, required=False, help="names of actions"),
    Field(
        name="until", title="Until (included)", kind=Kind.DATE, required=False, help="the last day it wakes"
    ),
    Field(
        name="runs", title="Number of runs", kind=Kind.INTEGER, required=False, help="it stops after so many"
    ),
    Field(
        name="done_when",
        title="Done when",
        required=False,
        longest=500,
        help="the mission says itself when this holds",
    ),
    Field(name="goals", title="Parts of the goal", kind=Kind.JSON, required=False, help="a list of texts"),
)
"""What a mission’s times, limits and end are made of."""


_PROCEDURE = Field(
    name="name",
    title="Procedure",
    help="its name in the list",
    part=Part.OBJECT,
    longest=60,
    forgettable=True,
)
_INPUTS = Field(
    name="inputs",
    title="Inputs",
    kind=Kind.JSON,
    required=False,
    help="each input by its name",
    forgettable=True,
)

LANGUAGE = "vigie.language"

ACTIONS: tuple[Action, ...] = (
    _read("procedures", "List the procedures"),
    _read("procedure", "Show a procedure", _PROCEDURE, help="its recipe, its versions and its last runs"),
    _read(
        "try_procedure",
        "Say what a procedure would do",
        _PROCEDURE,
        _INPUTS,
        help="step by step, and what asks first; nothing is done",
    ),
    _own(
        "put_procedure",
        "Put a procedure in force",
        _PROCEDURE,
        Field(
            name="recipe",
            title="Recipe",
            kind=Kind.LONG_TEXT,
            part=Part.CONTENT,
            longest=LONGEST,
            forgettable=True,
            help="for example: with days (number): do demo.late_orders days={days} as late; then for each of late, do"
            " demo.note_order order={item.order} note=late; then say done. Behind a step’s values,"
            " “with text asked, status picked, note filled in” leaves those to a person who types, a person who picks, and the mind."
            " What begins it stands before the steps: when a"
            ' mail arrives from "bob@example.com" with subject "invoice", … (gives {mail.sender}, {mail.address},'
            " {mail.subject}, {mail.text}, {mail.attachments}); when disk above 90 for 10 minutes, … ({watch.value},"
            " {watch.name}, {watch.state}, {watch.severity}); when webhook crm arrives, … and when signal stock_low"
            " arrives, … ({signal.body.a.path}, {signal.name}, {signal.summary}); when zoho.update_record is done, …"
            ' ({deed.given.record}, {deed.got.id}); when I say "ring", …',
        ),
        help="whenever this, do that, in steps; shown first, and in force only once who asked presses",
    ),
    _own("run_procedure", "Run a procedure", _PROCEDURE, _INPUTS),
    _own(
        "continue_procedure",
        "Go on with a procedure that stopped",
        _PROCEDURE,
        Field(
            name="how",
            title="The step nobody knew about",
            kind=Kind.CHOICE,
            choices=("done", "again"),
            titles=("it was done", "do it again"),
            required=False,
            help="done, or to be done again",
        ),
    ),
    _own(
        "switch_procedure",
        "Switch a procedure on or off",
        _PROCEDURE,
        Field(name="how", title="On or off", kind=Kind.CHOICE, choices=("on", "off"), titles=("on", "off")),
    ),
    _own("drop_procedure", "Delete a procedure", _PROCEDURE),
    _read("help", "Say what I can do", Field(name="topic", title="Topic", required=False)),
    _read("status", "Say how things stand"),
    _read("missions", "List the missions"),
    _read("runs", "Say how a mission’s runs went", _NUMBER, help="and whether each report arrived"),
    _read(
        "agenda",
        "Say what I will do",
        Field(
            name="when",
            title="When",
            kind=Kind.CHOICE,
            choices=("today", "tomorrow", "this week", "next week", "7 days"),
            titles=("today", "tomorrow", "this week", "next week", "the next 7 days"),
            required=False,
        ),
    ),
    _read("health", "Say how I am"),
    _read("budget", "Say what is used and left of the budgets"),
    _read("pending", "List what waits for a press", help="and put the cards here again"),
    _read("connections", "List the connections", help="account, live or test, health, last use, scopes"),
    _read("test_connection", "Test a connection", _CONNECTION, help="asks the other side now"),
    _own(
        "connect",
        "Connect an account",
        Field(name="system", title="System", help="for example stripe", part=Part.OBJECT),
        Field(name="name", title="Name", required=False, help="for a second account, for example stripe_eu"),
        help="gives an owner or an approver a one-time link; a key never goes through a chat",
    ),
    _own(
        "rename_connection",
        "Call a connection something else",
        _CONNECTION,
        Field(name="label", title="Label", longest=60),
    ),
    Action(
        name="vigie.disconnect",
        title="Disconnect an account",
        help="and delete its key here; only an owner's press makes it so",
        risk=Risk.R3,
        reversal=Reversal.IRREVERSIBLE,
        fields=(_CONNECTION,),
        keyed=True,
    ),
    _read(
        "actions",
        "List what the connected systems can do",
        Field(name="system", title="System", required=False),
    ),
    _read(
        "why",
        "Say why something happened",
        Field(
            name="subject", title="Subject", help="a mission number or the code on a card", part=Part.OBJECT
        ),
    ),
    _read(
        "recall",
        "Say what is remembered",
        Field(name="about", title="About", required=False),
        Field(
            name="as_of",
            title="As of",
            kind=Kind.DATE,
            required=False,
            help="what was so at the end of that day",
        ),
    ),
    _read(
        "history",
        "Say how what is remembered changed",
        Field(name="about", title="About"),
    ),
    _read("mission", "Show a mission", _NUMBER, help="what it is, how it stands, and its log"),
    _read("templates", "List ready-made missions"),
    _own(
        "create_mission",
        "Start a mission",
        Field(
            name="goal",
            title="Goal",
            kind=Kind.LONG_TEXT,
            required=False,
            help="what is to be done, in plain words",
        ),
        *_PLAN,
        Field(name="template", title="Template", required=False, help="a ready-made mission, by its name"),
        help="a goal that wakes by itself: give cron, every_seconds, at, rule, signal, watch, a mail or a phrase; shown before it starts",
    ),
    _own(
        "edit_mission",
        "Change a mission",
        _NUMBER,
        Field(name="goal", title="Goal", kind=Kind.LONG_TEXT, required=False),
        *_PLAN,
    ),
    _own("hand_over", "Hand a mission over", _NUMBER, _PERSON, help="who is to answer for it presses"),
    _own(
        "follow_up",
        "Look later at what came of it",
        _NUMBER_OF_OWN,
        Field(name="in_seconds", title="In seconds", kind=Kind.INTEGER),
        Field(name="look", title="What to look at", required=False, longest=500),
        Field(name="step", title="Step", kind=Kind.INTEGER, required=False),
        Field(name="saved", title="What was saved", kind=Kind.JSON, required=False),
        help="the mission wakes once more for it",
    ),
    _own(
        "log",
        "Write into the mission’s log",
        _NUMBER_OF_OWN,
        Field(name="text", title="Text", longest=280, help="what was learned, for its next wakes"),
    ),
    _own(
        "tick",
        "Tick a part of the goal off",
        _NUMBER,
        Field(name="part", title="Part", kind=Kind.INTEGER, help="which one, from 1"),
    ),
    _own(
        "finish_mission",
        "Say that a mission reached its goal",
        _NUMBER,
        Field(name="why", title="Why", required=False, longest=280),
    ),
    _own("pause_mission", "Pause a mission", _NUMBER),
    _own("resume_mission", "Resume a mission", _NUMBER),
    _final("cancel_mission", "Cancel a mission", _NUMBER),
    _own(
        "remember",
        "Remember something",
        Field(name="text", title="Text", kind=Kind.LONG_TEXT, part=Part.CONTENT, forgettable=True),
        Field(
            name="replaces",
            title="Instead of",
            required=False,
            help="words of the one note this makes untrue, or its code; the old one stays as history",
            part=Part.OBJECT,
            forgettable=True,
        ),
        Field(
            name="kind",
            title="Kind",
            kind=Kind.CHOICE,
            choices=("fact", "decision", "episode", "summary"),
            titles=("fact", "decision", "episode", "summary"),
            required=False,
            help="a fact where nothing is said",
        ),
        Field(
            name="until",
            title="Until (included)",
            kind=Kind.DATE,
            required=False,
            help="after that day it is history, for example 2026-12-24",
        ),
        Field(
            name="since",
            title="True since",
            kind=Kind.DATE,
            required=False,
            help="where a day was said that is not today: what held before held until then",
        ),
        Field(
            name="quote",
            title="Quote",
            required=False,
            longest=500,
            help="the person's exact words that this comes from",
            forgettable=True,
        ),
        help="what a person said, decided or asked to be kept; what I did is remembered from the ledger by itself",
    ),
    _own("pin", "Keep a note for good", _NOTE, help="no tidying takes it away, and it is told first"),
    _own("unpin", "Let go of a pinned note", _NOTE),
    _own("export_memory", "Say where all I remember can be taken away from"),
    _read(
        "briefing", "Say what the last answer here was made from", help="what was recalled, and from where"
    ),
    _own("begin_private", "Begin a private conversation", help="nothing of it is remembered or recalled"),
    _own("end_private", "End a private conversation", help="what was said in it is forgotten"),
    _own("undo_night", "Take back the last tidying of the memory"),
    Action(
        name="vigie.retention",
        title="Say how long conversations are kept",
        help="older ones are forgotten every night; 0 keeps them; only an owner's press makes it so",
        risk=Risk.R3,
        reversal=Reversal.IRREVERSIBLE,
        fields=(Field(name="days", title="Days", kind=Kind.INTEGER, part=Part.AMOUNT),),
        keyed=True,
    ),
    _read("recap", "Say where this conversation stood", help="decisions, open questions and numbers"),
    _read("lists", "List the lists, counters and totals", help="of this conversation, with their figures"),
    _read(
        "show_list",
        "Show a list, counter or total",
        _LIST,
        Field(
            name="when",
            title="When",
            kind=Kind.CHOICE,
            choices=("today", "yesterday", "this week", "this month"),
            titles=("today", "yesterday", "this week", "this month"),
            required=False,
            help="when it was added; nothing for all",
        ),
        Field(name="mine", title="Only mine", kind=Kind.BOOLEAN, required=False),
        help="its items and its sums, computed here: never count or add up yourself",
    ),
    _read(
        "unwritten",
        "Say what of a list is not written elsewhere yet",
        _LIST,
        _WHERE,
        help="then write it there with that system's own actions, and say vigie.wrote",
    ),
    _own(
        "wrote", "Note what of a list was written", _LIST, _WHERE, help="read from the receipts of this turn"
    ),
    _read(
        "report",
        "Make a report of what is kept here",
        help="user stories by priority, leads, notes, totals, decisions and open questions, computed from the rows",
    ),
    _read("list_history", "Say how a list changed", _LIST),
    _own(
        "add_to_list",
        "Add to a list",
        _LIST,
        Field(
            name="text",
            title="Items",
            kind=Kind.LONG_TEXT,
            part=Part.CONTENT,
            forgettable=True,
            help="one item per line; a list begins with its first item",
        ),
    ),
    _own(
        "add_to_total",
        "Add to a total",
        _LIST,
        Field(
            name="amount",
            title="Amount",
            longest=40,
            part=Part.CONTENT,
            help="for example 12.50 EUR, or -2 h",
        ),
        Field(
            name="text", title="What for", required=False, longest=500, part=Part.CONTENT, forgettable=True
        ),
    ),
    _own(
        "count",
        "Count",
        _LIST,
        Field(
            name="by", title="By", kind=Kind.INTEGER, required=False, part=Part.CONTENT, help="one if empty"
        ),
        Field(name="to", title="To", kind=Kind.INTEGER, required=False, part=Part.CONTENT),
    ),
    _own(
        "edit_item",
        "Change an item of a list or total",
        _LIST,
        _ITEM,
        Field(name="text", title="Text", required=False, longest=500, part=Part.CONTENT, forgettable=True),
        Field(name="amount", title="Amount", required=False, longest=40, part=Part.CONTENT),
    ),
    _own("remove_item", "Remove an item of a list or total", _LIST, _ITEM),
    _own(
        "clear_list", "Clear a list, counter or total", _LIST, help="its history stays, and it can be undone"
    ),
    _own(
        "undo_list",
        "Take a change of a list back",
        _LIST,
        Field(name="deed", title="Change", required=False, longest=60, help="nothing for the last one"),
    ),
    _own(
        "rename_list",
        "Rename a list, counter or total",
        _LIST,
        Field(name="to", title="New name", longest=60, part=Part.CONTENT, forgettable=True),
    ),
    Action(
        name="vigie.forget_list",
        title="Forget a list, counter or total",
        help="with its history, for good; only a press makes it so",
        risk=Risk.R3,
        reversal=Reversal.IRREVERSIBLE,
        fields=(_LIST,),
        keyed=True,
    ),
    _read("rules", "List the standing rules"),
    _own(
        "rule",
        "Give or change a standing rule",
        Field(name="text", title="Text", longest=300, required=False, part=Part.CONTENT, forgettable=True),
        Field(name="number", title="Rule number", kind=Kind.INTEGER, required=False, part=Part.OBJECT),
        Field(
            name="how",
            title="How",
            kind=Kind.CHOICE,
            choices=("on", "off", "first", "drop"),
            titles=("switch it on", "switch it off", "put it first", "delete it"),
            required=False,
        ),
        help="only in a person's exact words: a text, or a number and what becomes of that rule",
    ),
    _final(
        "forget",
        "Forget something",
        Field(name="about", title="About", part=Part.OBJECT, forgettable=True),
    ),
    _own(
        "undo",
        "Take something back",
        Field(name="subject", title="Code", help="the code of what was done", part=Part.OBJECT),
    ),
    _own(
        "deny",
        "Deny a request",
        Field(name="code", title="Code", help="the code on its card", part=Part.OBJECT),
        Field(name="reason", title="Reason", required=False, longest=2_000),
    ),
    _own(
        "freeze",
        "Freeze what acts",
        Field(
            name="scope",
            title="Scope",
            required=False,
            help="mission 3, a system, or an action such as demo.refund; nothing freezes everything",
        ),
        Field(name="reason", title="Reason", required=False),
    ),
    _read("hooks", "List the hooks", help="the addresses at which signals come in"),
    _own(
        "add_hook",
        "Add a hook",
        _HOOK,
        Field(
            name="kind",
            title="Sender",
            kind=Kind.CHOICE,
            choices=("hmac", "bearer", "github", "stripe", "alertmanager", "grafana", "sentry"),
        ),
        Field(
            name="window",
            title="Gathered for (seconds)",
            kind=Kind.INTEGER,
            required=False,
            help="what arrives within it is one wake; 5 where nothing is said",
        ),
        help="an address at which a sender of signals is heard; shows its secret once, to an owner in private",
    ),
    _own("rotate_hook", "Give a hook a new secret", _HOOK, help="the one before it is good for a day"),
    _final("remove_hook", "Remove a hook", _HOOK),
    _own(
        "escalate",
        "Say who hears of incidents next",
        Field(
            name="name",
            title="Hook or mission",
            longest=40,
            part=Part.OBJECT,
            help="the name of a hook, or the number of a mission that watches a number",
        ),
        Field(
            name="person",
            title="Person",
            required=False,
            help="a name, or an id where two share it; nothing for nobody",
            part=Part.RECIPIENT,
        ),
        Field(name="minutes", title="After (minutes)", kind=Kind.INTEGER, required=False),
        help="when nobody acknowledges an incident of it in time",
    ),
    _read("watches", "List what is watched", help="each number as it was read last, and how it stands"),
    _read("chart", "Draw what was watched", _NUMBER, help="the numbers of a mission’s watch, with its limit"),
    _own(
        "say_number",
        "Say what a number is",
        Field(name="name", title="Number", longest=40, part=Part.OBJECT),
        Field(name="value", title="Value", longest=30, part=Part.CONTENT),
        help="a number that people know and no machine; a mission may watch it",
    ),
    _read("incidents", "List the incidents", help="and put the messages of those that go on here again"),
    _own("acknowledge", "Look after an incident", _INCIDENT),
    _own("resolve", "Say that an incident is over", _INCIDENT),
    _own("unfreeze", "Lift the freeze", Field(name="scope", title="Scope", required=False)),
    _read(
        "grants", "List the standing permissions", help="what is done without asking, for whom and how long"
    ),
    _own(
        "withdraw",
        "Withdraw a standing permission",
        Field(
            name="number",
            title="Permission number",
            kind=Kind.INTEGER,
            help="the number in the list",
            part=Part.OBJECT,
        ),
    ),
    Action(
        name=GIVE,
        title="Allow in advance",
        help="a standing permission; offered by the assistant alone after approvals alike, in force by a press",
        risk=Risk.R3,
        reversal=Reversal.REVERSIBLE,
        fields=(
            Field(name="action", title="Allows", kind=Kind.OBJECT, part=Part.OBJECT, mode=Mode.FIXED),
            Field(name="terms", title="Only with", kind=Kind.TERMS, part=Part.RECIPIENT, mode=Mode.FIXED),
            Field(name="receives", title="Receiver", required=False, part=Part.RECIPIENT, mode=Mode.FIXED),
            Field(name="account", title="On the account", part=Part.OBJECT, mode=Mode.FIXED),
            Field(name="live", title="Live account", kind=Kind.BOOLEAN, mode=Mode.FIXED),
            Field(
                name="requester", title="Asked for by", kind=Kind.OBJECT, part=Part.OBJECT, mode=Mode.FIXED
            ),
            Field(name="mission", title="Mission number", kind=Kind.INTEGER, required=False, mode=Mode.FIXED),
            Field(name="rule", title="Instead of the rule's card", mode=Mode.FIXED),
            Field(name="uses", title="Times", kind=Kind.INTEGER, help="how often at most", part=Part.AMOUNT),
            Field(
                name="total",
                title="Amount in all",
                kind=Kind.MONEY,
                help="how much all of it together may come to",
                part=Part.AMOUNT,
                required=False,
            ),
            Field(
                name="until",
                title="Until",
                kind=Kind.MOMENT,
                help="its end, for example 2026-03-31T09:00+02:00",
                part=Part.AMOUNT,
            ),
            Field(name="definition", title="Definition of the action", mode=Mode.FIXED),
        ),
        keyed=True,
    ),
    Action(
        name="vigie.set_role",
        title="Change a person's role",
        help="who may ask, who may approve, who owns; only an owner's press makes it so",
        risk=Risk.R3,
        reversal=Reversal.REVERSIBLE,
        fields=(
            _PERSON,
            Field(
                name="role",
                title="Role",
                kind=Kind.CHOICE,
                choices=("owner", "approver", "member", "guest"),
                titles=("owner", "approver", "member", "guest"),
                part=Part.CONTENT,
            ),
        ),
        keyed=True,
    ),
    Action(
        name="vigie.delegate",
        title="Let somebody approve in your place",
        help="until a day (included) or for a number of days; your own press makes it so",
        risk=Risk.R3,
        reversal=Reversal.REVERSIBLE,
        fields=(
            _PERSON,
            Field(
                name="until",
                title="Until (included)",
                kind=Kind.DATE,
                required=False,
                help="a date, for example 2026-03-31",
            ),
            Field(name="days", title="Days", kind=Kind.INTEGER, required=False),
        ),
        keyed=True,
    ),
    Action(
        name="vigie.raise_budget",
        title="Raise a limit for today",
        help="until the end of the day in UTC; only an owner’s or approver’s press makes it so",
        risk=Risk.R3,
        reversal=Reversal.IRREVERSIBLE,
        fields=(
            Field(
                name="whose",
                title="Whose limit",
                kind=Kind.CHOICE,
                choices=("space", "person", "mission"),
                titles=("everybody together", "one person", "one mission"),
                part=Part.OBJECT,
            ),
            Field(
                name="who",
                title="Which one",
                required=False,
                help="a mission’s number, or a person’s name or id; nothing for the space",
                part=Part.OBJECT,
            ),
            Field(
                name="what",
                title="Of what",
                kind=Kind.CHOICE,
                choices=("tokens", "models", "money", "messages", "effects"),
                titles=("tokens", "cost of the model", "money", "messages", "deeds"),
                part=Part.CONTENT,
            ),
            Field(
                name="number",
                title="By how many",
                kind=Kind.INTEGER,
                required=False,
                help="of tokens, messages or effects",
                part=Part.AMOUNT,
            ),
            Field(
                name="amount",
                title="By how much",
                kind=Kind.MONEY,
                required=False,
                help="of money, or of money for models in USD",
                part=Part.AMOUNT,
            ),
            Field(name="day", title="Day (UTC)", kind=Kind.DATE, required=False, help="today"),
        ),
        keyed=True,
    ),
    _own("undelegate", "Approve yourself again"),
    _read(
        "fields",
        "Say who fills the fields of an action",
        Field(name="action", title="Action", required=False, help="for example demo.refund"),
    ),
    _own(
        "set_field",
        "Say who fills a field",
        Field(name="action", title="Action", help="for example demo.refund", part=Part.OBJECT),
        Field(name="field", title="Field", part=Part.OBJECT),
        Field(
            name="how",
            title="How",
            kind=Kind.CHOICE,
            choices=("auto", "manual", "selector", "fixed", "default"),
            titles=(
                "the mind fills it",
                "a person types it",
                "a person picks it",
                "always this value",
                "this value when nobody says",
            ),
            help="the mind, a person who types, a person who picks, always this, or this when nobody says",
        ),
        Field(name="value", title="Value", required=False, help="for fixed and default"),
        help="only an owner may",
    ),
    _own(
        "second_factor",
        "Set up a second factor",
        Field(name="code", title="Code", required=False, help="the first one your authenticator shows"),
    ),
    _own(
        "drop_second_factor",
        "Remove your second factor",
        Field(name="code", title="Code", help="the one your authenticator shows now"),
    ),
    Action(
        name="vigie.reset_second_factor",
        title="Take somebody's second factor away",
        help="for who lost it; only an owner's press makes it so",
        risk=Risk.R3,
        reversal=Reversal.IRREVERSIBLE,
        fields=(_PERSON,),
        keyed=True,
    ),
    Action(
        name="vigie.accept_tool",
        title="Turn a changed tool on again",
        help="its server defines it differently than before; only an owner's press makes that so",
        risk=Risk.R3,
        reversal=Reversal.COMPENSABLE,
        fields=(
            Field(name="system", title="Server", longest=100, part=Part.OBJECT),
            Field(name="tool", title="Tool", help="its name as the server has it", longest=200),
            Field(name="definition", title="Definition", required=False, longest=64),
        ),
        keyed=True,
    ),
    _own(
        "try_chat",
        "Try a chat both ways",
        Field(name="platform", title="Platform", help="for example slack", part=Part.OBJECT),
        Field(
            name="lost",
            title="I pressed, and nothing came of it",
            kind=Kind.BOOLEAN,
            required=False,
            help="finds out what is off, instead of sending another",
        ),
        help="sends you a button there; your press proves that messages come and go",
    ),
    _own("link", "Join another account to yours", Field(name="code", title="Code", required=False)),
    _own("claim", "Become the owner with the first code", Field(name="code", title="Code")),
    _own("dashboard", "Give a sign-in link"),
    _own("name", "Say what you are called", Field(name="name", title="Name")),
    _own(
        "language",
        "Change the language",
        Field(
            name="lang",
            title="Language",
            kind=Kind.CHOICE,
            choices=("en",),
            titles=("English",),
        ),
    ),
    _own(
        "zone",
        "Change the time zone",
        Field(name="zone", title="Time zone", help="an IANA name such as Europe/Paris"),
    ),
    _own(
        "quiet",
        "Set your quiet hours",
        Field(name="hours", title="Quiet hours", required=False, help="such as 22:00-7:00, or off"),
    ),
)
"""As they are where English only is spoken."""


@cache
def actions(languages: tuple[tuple[str, str], ...]) -> tuple[Action, ...]:
    """As they are where these languages are spoken: each its code and what it calls itself."""
    codes, names = zip(*languages, strict=True)
    return tuple(_told(action, codes, names) if action.name == LANGUAGE else action for action in ACTIONS)


def _told(action: Action, codes: tuple[str, ...], names: tuple[str, ...]) -> Action:
    return replace(action, fields=tuple(replace(each, choices=codes, titles=names) for each in action.fields))
