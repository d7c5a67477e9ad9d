"""A card cannot lie: it decodes to exactly what will run, and shows what would hide, mislead or push away."""

import re
import unicodedata
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.speech.languages import tongues
from bot import batch_cards, cards, rows
from bot.actions import Account, Action, Call, Change, Field, Kind, Part, Preview, Receipt, Reversal, Risk
from bot.batches import Batch
from bot.cards import Card, Tone
from bot.effects import Authority, Effect, Run
from bot.errors import BadInput
from bot.events import Verb
from bot.proposals import Proposal, Source, SourceKind, State
from bot.speech import Tongue
from bot.values import Json, Money, canonical
from tests.bot.drawing import (
    ENGLISH,
    FRENCH,
    KNOWN,
    LANGUAGES,
    NOW,
    TEXTS,
    call_of,
    proposal,
    proposals,
)

REFUND = next(action for action in KNOWN if action.name == "demo.refund")
LETTER = next(action for action in KNOWN if action.name == "demo.message_customer")
SPEECH = st.sampled_from(LANGUAGES)
PEOPLE = {"per_1": "Ana"}


def draw(waiting: Proposal, action: Action, *, tongue: Tongue = ENGLISH, full: bool = False) -> Card:
    return cards.draw(waiting, action=action, tongue=tongue, zone=waiting.zone, people=PEOPLE, full=full)


def value(card: Card, label: str) -> str:
    [row] = [row for row in card.rows if row.label == label]
    return row.value if row.before is None else f"{row.before} → {row.value}"


def labels(card: Card) -> list[str]:
    return [row.label for row in card.rows]


def verbs(card: Card) -> list[Verb]:
    return [button.verb for button in card.buttons]


def letter(**more: Json) -> Proposal:
    arguments = {"recipient": "ana@example.com", "subject": "Late", "body": "Sorry.", **more}
    return proposal(call_of(LETTER, **arguments))


# --- nothing is lost, and nothing is added -----------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(proposals(), SPEECH)
def test_a_card_decodes_to_the_exact_arguments(made: tuple[Action, Proposal], tongue: Tongue) -> None:
    """SAFETY 46, SAFETY 52: what is shown gives back every argument, known or not, and none besides."""
    action, waiting = made
    decoded = cards.decode(draw(waiting, action, tongue=tongue, full=True), action, tongue=tongue)
    assert canonical(decoded) == canonical(dict(waiting.call.arguments))


@settings(max_examples=150, deadline=None)
@given(proposals(st.sampled_from(KNOWN)), SPEECH)
def test_a_short_card_decodes_too_unless_it_says_that_it_is_cut(
    made: tuple[Action, Proposal], tongue: Tongue
) -> None:
    action, waiting = made
    card = draw(waiting, action, tongue=tongue)
    if any(row.cut for row in card.rows):
        assert Verb.APPROVE not in verbs(card)
    else:
        decoded = cards.decode(card, action, tongue=tongue)
        assert canonical(decoded) == canonical(dict(waiting.call.arguments))


@settings(max_examples=30, deadline=None)
@given(st.lists(proposals(), min_size=2, max_size=3), SPEECH)
def test_a_batch_decodes_to_the_arguments_of_each(
    made: list[tuple[Action, Proposal]], tongue: Tongue
) -> None:
    """SAFETY 46 for a list."""
    members = [(replace(waiting, id=f"pro_{n}"), action, None) for n, (action, waiting) in enumerate(made)]
    batch = Batch(
        id="bat_1",
        space="main",
        place="web//per_1//!",
        turn="t",
        ref="B" * 22,
        members=tuple(waiting.id for waiting, _, _ in members),
        created=NOW,
    )
    card = batch_cards.draw_batch(batch, members, tongue=tongue, full=True)
    decoded = batch_cards.decode_batch(card, [action for action, _ in made], tongue=tongue)
    assert canonical(decoded) == canonical([dict(waiting.call.arguments) for waiting, _, _ in members])


@settings(max_examples=100, deadline=None)
@given(proposals(), SPEECH, st.booleans())
def test_every_argument_stands_under_a_name_of_its_own(
    made: tuple[Action, Proposal], tongue: Tongue, full: bool
) -> None:
    """SAFETY 52: no field is called like another one, or like a fact of ours."""
    action, waiting = made
    called = rows.labels(action, waiting.call.arguments, tongue)
    assert len(set(called.values())) == len(called)
    card = draw(waiting, action, tongue=tongue, full=full)
    shown = [row.label for row in card.rows if row.before is None]
    assert {called[name] for name in waiting.call.arguments} <= set(shown)
    assert not {*called.values()} & {tongue("Risk"), tongue("Account"), tongue("Expires"), tongue("Rule")}


@settings(max_examples=100, deadline=None)
@given(proposals(), SPEECH, st.booleans())
def test_nothing_on_a_card_hides_turns_or_pushes(
    made: tuple[Action, Proposal], tongue: Tongue, full: bool
) -> None:
    """SAFETY 46, SAFETY 48: of every text on it, values, labels, title and reason alike."""
    action, waiting = made
    card = draw(waiting, action, tongue=tongue, full=full)
    for text in (card.title, card.reason, card.status, *(part for r in card.rows for part in parts(r))):
        for char in re.sub("\n┊ ", "", text):
            assert unicodedata.category(char) not in ("Cc", "Cs", "Co", "Zl", "Zp")
            assert char not in "\u202e\u2066\u200b\u3164\u2800\U000e0041"
        assert not re.search(r"[ \u00a0\u3000]{3}|\n┊ \n┊ \n", text)
        assert not re.search(r"(?:[\u0300-\u036f\u0489]){4}", text)


def parts(row: rows.Row) -> list[str]:
    return [row.label, row.value, row.before or ""]


def test_an_argument_the_definition_does_not_know_stands_under_its_own_name() -> None:
    """SAFETY 52."""
    call = replace(
        call_of(REFUND, order="1007", amount="5 EUR"), arguments={"bcc": "eve@example.com", "cc": 7}
    )
    card = draw(proposal(call), REFUND)
    assert value(card, "Other field ⟦bcc⟧") == "eve@example.com"
    assert value(card, "Other field ⟦cc⟧") == "⟦JSON⟧ 7"
    assert cards.decode(card, REFUND, tongue=ENGLISH) == {"bcc": "eve@example.com", "cc": 7}


def test_a_default_that_will_be_filled_in_is_announced() -> None:
    """SAFETY 52."""
    action = Action(
        name="mail.send",
        title="Send",
        fields=(
            Field(name="cc", title="Copy to", default="boss@example.com"),
            Field(name="text", title="Text"),
        ),
    )
    call = replace(call_of(action, text="x"), arguments={"text": "x"})
    card = draw(proposal(call), action)
    assert value(card, "Copy to") == "⟦will be set to⟧ boss@example.com"
    assert cards.decode(card, action, tongue=ENGLISH) == {"text": "x"}


# --- order -------------------------------------------------------------------------------------------------


def test_the_order_is_the_same_for_every_card() -> None:
    action = Action(
        name="pay.send",
        title="Pay",
        risk=Risk.R3,
        fields=(
            Field(name="text", title="Text", part=Part.CONTENT),
            Field(name="to", title="To", kind=Kind.EMAIL, part=Part.RECIPIENT),
            Field(name="sum", title="Sum", kind=Kind.MONEY, part=Part.AMOUNT),
            Field(name="invoice", title="Invoice", kind=Kind.OBJECT, part=Part.OBJECT),
        ),
    )
    preview = Preview(
        subject="Invoice 7",
        link="https://pay.example/7",
        recipient="Ana <ana@example.com>",
        changes=(Change(title="Paid", before=False, after=True),),
        notes=("Overdue.",),
    )
    call = call_of(action, text="x", to="ana@example.com", sum="5 EUR", invoice="7")
    waiting = proposal(
        call, preview=preview, reason="Because.", sources={"to": Source(kind=SourceKind.WORDS, at=NOW)}
    )
    assert labels(draw(waiting, action)) == [
        *("Risk", "Account", "About", "Link", "Invoice", "Paid", "Sum", "To", "Receives", "Text", "Note"),
        *("Comes from", "Afterwards", "Rule", "Asked by", "Expires", "Code"),
    ]
    assert draw(waiting, action).plain.endswith("“Because.”")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (Source(kind=SourceKind.WORDS, at=NOW), "the words of Ana, Sat 21 Nov 2026, 09:30"),
        (Source(kind=SourceKind.RESULT, detail="mail.read"), "what mail.read returned, not a person"),
        (Source(kind=SourceKind.UNKNOWN), "the assistant's own choice"),
    ],
)
def test_a_card_says_where_what_decides_came_from(source: Source, words: str) -> None:
    waiting = replace(letter(), sources={"recipient": source, "body": source})
    assert value(draw(waiting, LETTER), "Comes from") == f"Recipient: {words}"
    assert value(draw(waiting, LETTER, full=True), "Comes from").startswith(f"Recipient, Text: {words}")


def test_the_account_and_whether_it_is_a_real_one_are_on_the_card_and_in_the_digest() -> None:
    """SAFETY 59."""
    call = call_of(REFUND, order="1007", amount="5 EUR")
    live = replace(call, account=replace(call.account, live=True))
    other = replace(call, account=Account(system="demo", label="Second shop"))
    assert value(draw(proposal(call), REFUND), "Account") == "Test account (test, no real money)"
    assert value(draw(proposal(live), REFUND), "Account") == "Test account (live)"
    assert len({call.digest, live.digest, other.digest}) == 3


def test_title_and_risk_are_the_registrys_whatever_the_mind_says() -> None:
    """SAFETY 55, SAFETY 60: the mind's words stand in its quoted reason and nowhere else."""
    lie = "R0 · only reads. Approved by Ana. Amount: €0.01"
    card = draw(proposal(call_of(REFUND, order="1007", amount="5 EUR"), reason=lie), REFUND)
    assert card.title == "Refund an order"
    assert value(card, "Risk") == "R3 · money, access or deletion"
    assert card.reason == lie
    assert lie not in card.plain.replace(f"“{lie}”", "")


# --- amounts and moments -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minor", "currency", "english", "french"),
    [
        (4990, "EUR", "€49.90 = 4990 × 0.01 EUR", "49,90\u00a0€ = 4990 × 0,01 EUR"),
        (500, "JPY", "¥500 = 500 × 1 JPY", "500\u00a0JPY = 500 × 1 JPY"),
        (1005, "KWD", "KWD1.005 = 1005 × 0.001 KWD", "1,005\u00a0KWD = 1005 × 0,001 KWD"),
        (10**15, "USD", "$10,000,000,000,000.00 = 1000000000000000 × 0.01 USD", ""),
    ],
)
def test_an_amount_shows_major_units_and_what_is_really_sent(
    minor: int, currency: str, english: str, french: str
) -> None:
    """SAFETY 53."""
    for tongue, expected in ((ENGLISH, english), (FRENCH, french)):
        waiting = proposal(call_of(REFUND, order="1007", amount={"minor": minor, "currency": currency}))
        shown = value(draw(waiting, REFUND, tongue=tongue), tongue("Amount"))
        assert shown.replace("\u202f", "\u00a0") == expected or not expected
        assert shown.endswith(f"= {minor} × {tongue.number(Money(1, currency).major)} {currency}")


@pytest.mark.parametrize(
    "amount",
    [
        *("NaN", "inf", "-5 EUR", "0 EUR", "-0 EUR", "1,000", "1.000", "1e308", "9" * 30, "5"),
        *(
            float("nan"),
            float("inf"),
            1e308,
            {"minor": 1.5, "currency": "EUR"},
            {"minor": True, "currency": "EUR"},
        ),
        *({"minor": 10**16, "currency": "EUR"}, {"minor": 5}, {"minor": 5, "currency": "€"}),
    ],
)
def test_an_amount_that_means_two_sums_or_none_is_refused_before_there_is_a_card(amount: Json) -> None:
    """SAFETY 53."""
    field = replace(REFUND.field("amount"), currency="")
    with pytest.raises(BadInput):
        field.read(amount)


MEETING = Action(name="cal.move", title="Move", fields=(Field(name="at", title="When", kind=Kind.MOMENT),))


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        ("2026-07-01T09:00+02:00", "Wed 1 Jul 2026, 09:00 Europe/Paris (UTC+2) = 2026-07-01T09:00:00+02:00"),
        ("2026-10-25T02:30+02:00", "Sun 25 Oct 2026, 02:30 Europe/Paris (UTC+2) = 2026-10-25T02:30:00+02:00"),
        ("2026-10-25T02:30+01:00", "Sun 25 Oct 2026, 02:30 Europe/Paris (UTC+1) = 2026-10-25T02:30:00+01:00"),
        ("2026-07-01T00:30Z", "Wed 1 Jul 2026, 02:30 Europe/Paris (UTC+2) = 2026-07-01T00:30:00+00:00"),
    ],
)
def test_a_moment_is_absolute_with_its_zone_and_offset(at: str, shown: str) -> None:
    """SAFETY 54: the hour that comes twice is told apart by its offset."""
    waiting = proposal(call_of(MEETING, at=at), zone="Europe/Paris")
    assert value(draw(waiting, MEETING), "When") == shown


@pytest.mark.parametrize("at", ["2026-07-01T09:00", "2026-07-01", "09:00", "tomorrow", "2026-13-01T00:00Z"])
def test_a_moment_without_an_offset_is_refused(at: str) -> None:
    """SAFETY 54."""
    with pytest.raises(BadInput):
        MEETING.read({"at": at})


def test_the_expiry_names_zone_and_offset() -> None:
    """SAFETY 54."""
    shown = value(draw(proposal(letter().call, zone="Europe/Paris"), LETTER), "Expires")
    assert shown == "Sat 21 Nov 2026, 14:30 Europe/Paris (UTC+1)"


# --- what may be misread, and what does not fit ------------------------------------------------------------


def test_a_lookalike_is_pointed_out_and_takes_the_one_press_approval_away() -> None:
    """SAFETY 47."""
    waiting = letter(recipient="ana@ex\u0430mple.com")
    card = draw(waiting, LETTER)
    [warning] = [row.value for row in card.rows if row.warns]
    assert "xn--exmple-4nf.com" in warning
    assert "U+0430 CYRILLIC SMALL LETTER A" in warning
    assert verbs(card) == [Verb.DENY, Verb.EDIT, Verb.DETAILS]
    assert "Open Details first" in value(card, "To approve")
    opened = [Verb.APPROVE, Verb.DENY, Verb.EDIT, Verb.REASON, Verb.MYSELF, Verb.DETAILS]
    assert verbs(draw(waiting, LETTER, full=True)) == opened


def test_a_lookalike_on_what_costs_money_is_confirmed_besides() -> None:
    """SAFETY 47."""
    action = replace(REFUND, reversal=Reversal.REVERSIBLE)
    waiting = proposal(call_of(action, order="1007", amount="5 EUR", reason="p\u0430ypal.com"))
    [approve] = [b for b in draw(waiting, action, full=True).buttons if b.verb is Verb.APPROVE]
    assert "misread" in approve.confirm
    plain = proposal(call_of(action, order="1007", amount="5 EUR"))
    assert [b.confirm for b in draw(plain, action).buttons if b.verb is Verb.APPROVE] == [""]


def test_a_link_that_is_not_what_it_seems_is_never_clickable() -> None:
    for link in (
        "https://p\u0430ypal.com",
        "javascript:alert(1)",
        "https://a b",
        "https://good@evil.example",
    ):
        assert draw(proposal(letter().call, preview=Preview(link=link)), LETTER).link == ""
    assert draw(proposal(letter().call, preview=Preview(link="https://a.example/1")), LETTER).link


def test_a_long_value_is_cut_by_itself_with_its_length_and_hash_and_the_others_stand() -> None:
    """SAFETY 51."""
    body = "".join(f"{n} " for n in range(1000)).strip()
    card = draw(letter(body=body), LETTER)
    shown = value(card, "Text")
    assert shown.startswith("0 1 2 3")
    assert shown.endswith("998 999")
    assert f"{len(body)} characters in all, SHA-256 " in shown
    assert "Details shows all" in shown
    assert len(shown) < 700
    assert value(card, "Recipient") == "ana@example.com"
    assert Verb.APPROVE not in verbs(card)
    assert value(draw(letter(body=body), LETTER, full=True), "Text") == body


@settings(max_examples=150, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=60).map("x".join), SPEECH)
def test_no_value_takes_more_room_than_a_card_has_and_no_cut_splits_what_is_spelled_out(
    body: str, tongue: Tongue
) -> None:
    """SAFETY 48, SAFETY 51."""
    action = replace(LETTER, fields=(replace(LETTER.field("body"), longest=20_000, required=False),))
    for text in (body, body * 30, "\n.".join(body)):
        waiting = proposal(replace(call_of(action), arguments={"body": text[:20_000]}))
        row = next(r for r in draw(waiting, action, tongue=tongue).rows if r.label == tongue("Text"))
        assert len(row.value) <= rows.LONGEST + 120
        assert row.value.count("\n") <= rows.MOST_LINES
        assert row.value.count("⟦") == row.value.count("⟧")
        assert row.cut == ("SHA-256" in row.value and "⟦…" in row.value)


@given(st.text(max_size=5_000))
def test_the_reason_never_pushes_a_fact_out_of_sight(reason: str) -> None:
    card = draw(replace(letter(), reason=reason * 5), LETTER)
    assert len(card.reason) <= rows.LONGEST_ASIDE + 60
    assert card.reason.count("\n") <= 2 * rows.MOST_LINES
    assert Verb.APPROVE in verbs(card), "a reason is no part of what is approved"


def test_a_card_whose_action_changed_meanwhile_cannot_be_approved() -> None:
    changed = replace(LETTER, risk=Risk.R1)
    card = draw(letter(), changed, full=True)
    assert Verb.APPROVE not in verbs(card)
    assert "no longer what it was" in value(card, "To approve")


def test_what_came_back_is_made_safe_too() -> None:
    waiting = letter()
    approved = replace(waiting, state=State.APPROVED, settled_at=NOW, settled_by="per_1")
    effect = Effect(
        id="eff_1",
        space="main",
        place=waiting.place,
        deed=Run(call=waiting.call, authority=Authority(by="press", rule="r", digest=waiting.call.digest)),
        due=NOW + timedelta(0),
    ).confirmed(Receipt(id="M\u202e1", text="sent\u200b"))
    card = cards.draw(approved, action=LETTER, tongue=ENGLISH, zone="UTC", effect=effect)
    assert "sent⟦U+200B⟧ [M⟦U+202E⟧1]" in card.status


def test_a_call_with_no_arguments_is_a_card_too() -> None:
    action = Action(name="door.open", title="Open")
    call = Call(
        action=action.name, fingerprint=action.fingerprint, account=Account(system="door", label="Front")
    )
    assert cards.decode(draw(proposal(call), action), action, tongue=ENGLISH) == {}


def test_the_whole_card_as_text_has_the_marks_of_its_language() -> None:
    risk = rows.Row(label="Risque", value="R0")
    card = Card(ref="p", revision=1, code="7K2M", title="T", tone=Tone.CALM, rows=(risk,), reason="car")
    assert card.told(tongues()("fr")) == "T\nRisque\u00a0: R0\n«\u00a0car\u00a0»"
