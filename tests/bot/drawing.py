"""Actions, canonical arguments and proposals of every kind, and the cards drawn of them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import strategies as st

from adapters.speech.languages import tongues
from adapters.systems.demo.offer import READS, WRITES
from bot.actions import Account, Action, Call, Change, Field, Kind, Part, Preview, Reversal, Risk
from bot.desk.book import ACTIONS
from bot.proposals import Origin, Proposal, Source, SourceKind
from bot.values import Json

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
LANGUAGES = [tongues()(lang) for lang in ("en", "fr")]
ENGLISH, FRENCH = LANGUAGES
KNOWN = (*READS, *WRITES, *ACTIONS)

# Everything a text field takes: no half characters, no NUL. Weighted towards what hides, stacks and pads.
NASTY = st.sampled_from(
    [
        *(
            "\u202e",
            "\u2066",
            "\u200b",
            "\u200d",
            "\ufe0f",
            "\u3164",
            "\u2800",
            "\U000e0041",
            "\u0301",
            "\u0489",
        ),
        *(
            "⟦",
            "⟧",
            "⟦U+202E⟧",
            "⟦JSON⟧ 1",
            "⟦empty⟧",
            "┊",
            "\n",
            "\n\n\n",
            " " * 40,
            "\t",
            "\u00a0",
            "\r",
            "\x1b",
        ),
        *(
            "<!channel>",
            "<@U1>",
            "*b*",
            "`c`",
            "&lt;",
            "@ana",
            "https://a.example|b",
            " = 1 × 0.01 EUR",
            "→",
            " · ",
        ),
        *("yes", "oui", "null", "{", '"', "a\u0430", "xn--pypal-4ve.com", "p\u0430ypal.com", "\U0001d40f"),
    ]
)
CHARACTERS = st.characters(codec="utf-8", exclude_characters="\x00")
TEXTS = st.lists(st.text(CHARACTERS, max_size=12) | NASTY, max_size=8).map("".join)
VISIBLE = st.text(CHARACTERS, min_size=1, max_size=60).filter(
    lambda text: text.strip().isprintable() and bool(text.strip())
)
JSONS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=8,
)
MOMENTS = st.datetimes(
    timezones=st.integers(-14 * 60 + 1, 14 * 60 - 1).map(lambda minutes: timezone(timedelta(minutes=minutes)))
)
PROPERTIES = st.dictionaries(
    VISIBLE | st.sampled_from(["minor", "currency", "{", '"a"', "a=b", "a; b", "[x]"]),
    TEXTS
    | st.lists(TEXTS, max_size=3)
    | st.sampled_from(['"', "[", '["a"]', "[x] y", "a; b=c", '"a" b', "=", "{}"]),
    min_size=1,
    max_size=4,
).filter(lambda values: len({name.strip() for name in values}) == len(values))
CURRENCIES = st.sampled_from(["EUR", "USD", "JPY", "KWD", "CLF", "CAD", "XTS"])


def _amount(minor: int, currency: str) -> Json:
    return {"minor": minor, "currency": currency}


_BOUNDS = st.integers(0, 10**15) | st.builds(_amount, st.integers(0, 10**15), CURRENCIES)
_WHOLE = JSONS.filter(lambda value: value is not None)
_TESTS: st.SearchStrategy[tuple[str, Json]] = st.one_of(
    st.tuples(st.just("is"), _WHOLE | TEXTS | st.builds(_amount, st.integers(-(10**15), 10**15), CURRENCIES)),
    st.tuples(st.just("most"), _BOUNDS),
    st.tuples(st.just("one_of"), st.lists(_WHOLE, min_size=1, max_size=3)),
    st.tuples(st.sampled_from(["any", "missing"]), st.none()),
)
_NAMES = st.sampled_from(["to", "amount", "a b", 'x: exactly "1"', "\\", '"']) | TEXTS.filter(bool)
TERMS: st.SearchStrategy[Json] = st.lists(
    st.tuples(_NAMES, _TESTS).map(lambda each: [each[0], *each[1]]),
    max_size=4,
    unique_by=lambda each: each[0],
)
"""Conditions of a standing permission, as JSON."""


def values(field: Field) -> st.SearchStrategy[Json]:
    """What somebody may hand in for a field of this kind."""
    match field.kind:
        case Kind.MONEY:
            most = st.integers(1 if field.part is Part.AMOUNT else -(10**15), 10**15)
            return st.builds(_amount, most, CURRENCIES)
        case Kind.INTEGER:
            return st.integers(-(10**15), 10**15)
        case Kind.BOOLEAN:
            return st.booleans()
        case Kind.CHOICE:
            return st.sampled_from(field.choices)
        case Kind.DATE:
            return st.dates().map(date.isoformat)
        case Kind.MOMENT:
            return MOMENTS.map(datetime.isoformat)
        case Kind.FIELDS:
            return PROPERTIES
        case Kind.TERMS:
            return JSONS.filter(lambda value: value is not None) | TERMS
        case Kind.JSON:
            return JSONS.filter(lambda value: value is not None)
        case Kind.EMAIL:
            return st.sampled_from(["ana@example.com", "ana@ex\u0430mple.com", "josé+x@münchen.example"])
        case Kind.URL:
            return st.sampled_from(
                ["https://a.example/x?y=1", "https://раураl.example/", "http://xn--pypal-4ve.com"]
            )
        case Kind.OBJECT:
            return VISIBLE.map(lambda text: text[: field.longest])
        case Kind.TEXT | Kind.LONG_TEXT:
            return TEXTS.map(lambda text: text[: field.longest])


FIELDS = st.builds(
    Field,
    name=st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True),
    title=st.sampled_from(["Amount", "Risk", "Code", "Order", "Other field", "Look closely"]) | TEXTS,
    kind=st.sampled_from(list(Kind)),
    part=st.sampled_from(list(Part)),
    required=st.just(False),
    choices=st.just(("one", "two", "⟦3⟧")),
    titles=st.sampled_from([(), ("first", "second", "third"), ("open", "open", "two"), ("⟦3⟧", "one", "")]),
    default=st.none(),
)
ACTIONS_OF_ANY_KIND = st.builds(
    Action,
    name=st.just("some.thing"),
    title=TEXTS,
    risk=st.sampled_from(list(Risk)),
    reversal=st.sampled_from(list(Reversal)),
    fields=st.lists(FIELDS, max_size=6, unique_by=lambda field: field.name).map(tuple),
)
PREVIEWS = st.builds(
    Preview,
    subject=TEXTS,
    link=st.sampled_from(["", "https://shop.example/1", "javascript:alert(1)", "https://shop\u0430.example"])
    | TEXTS,
    recipient=TEXTS,
    changes=st.lists(st.builds(Change, title=TEXTS, before=JSONS, after=JSONS), max_size=3).map(tuple),
    version=st.just("1"),
    notes=st.lists(TEXTS, max_size=2).map(tuple),
)


@st.composite
def calls(draw: st.DrawFn, actions: st.SearchStrategy[Action] = ACTIONS_OF_ANY_KIND) -> tuple[Action, Call]:
    """An action and one canonical call of it, now and then with arguments its definition does not know."""
    action = draw(actions)
    given: dict[str, Json] = {
        field.name: field.read(draw(values(field)))
        for field in action.fields
        if field.required or draw(st.booleans())
    }
    strange: Mapping[str, Json] = draw(st.dictionaries(TEXTS, JSONS, max_size=2))
    account = Account(system=action.system, label=draw(TEXTS), live=draw(st.booleans()))
    fingerprint = action.fingerprint
    return action, Call(
        action=action.name, fingerprint=fingerprint, account=account, arguments={**strange, **given}
    )


@st.composite
def proposals(
    draw: st.DrawFn,
    actions: st.SearchStrategy[Action] = ACTIONS_OF_ANY_KIND,
    reason: st.SearchStrategy[str] = TEXTS,
) -> tuple[Action, Proposal]:
    """A call that waits for a press."""
    action, call = draw(calls(actions))
    number = draw(st.integers(0, 10**6))
    return action, proposal(
        call,
        id=f"pro_{number}",
        preview=draw(PREVIEWS),
        reason=draw(reason),
        zone=draw(st.sampled_from(["Europe/Paris", "UTC", "Asia/Kathmandu"])),
        origins={name: draw(st.sampled_from(list(Origin))) for name in call.arguments},
        sources={
            name: Source(kind=draw(st.sampled_from(list(SourceKind))), detail=draw(TEXTS), at=NOW)
            for name in call.arguments
            if draw(st.booleans())
        },
    )


def proposal(
    call: Call,
    *,
    id: str = "pro_1",
    preview: Preview | None = None,
    reason: str = "",
    zone: str = "UTC",
    origins: Mapping[str, Origin] | None = None,
    sources: Mapping[str, Source] | None = None,
) -> Proposal:
    """One that waits since NOW."""
    return Proposal(
        id=id,
        space="main",
        place="web//per_1//!",
        turn="trn_1",
        ask="a1",
        ref="A" * 22,
        call=call,
        preview=preview or Preview(),
        rule="R3-always-asks",
        requester="per_1",
        reason=reason,
        zone=zone,
        origins=origins or {},
        sources=sources or {},
        created=NOW,
        expires=NOW + timedelta(hours=4),
    )


def call_of(action: Action, **arguments: Json) -> Call:
    """A canonical call on a test account."""
    account = Account(system=action.system, label="Test account")
    return Call(
        action=action.name, fingerprint=action.fingerprint, account=account, arguments=action.read(arguments)
    )
