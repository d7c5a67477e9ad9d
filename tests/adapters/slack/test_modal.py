"""The edit form: every field, filled in as it stands, and read back as it was saved."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.chat.slack import inbound, modal
from adapters.chat.slack.inbound import Us
from adapters.speech.languages import tongues
from bot.actions import Kind, Option
from bot.events import Form
from bot.forms import Entry, Sheet
from bot.places import Place
from tests.twins import slack_rules
from tests.twins.slack import BOT, TEAM
from tests.twins.slack_events import submitted

ENGLISH = tongues()("en")
PLACE = Place(platform="slack", team=TEAM, channel="C0SHOP", thread="1.1")
ENTRIES = st.builds(
    Entry,
    name=st.text(min_size=1, max_size=40),
    title=st.text(max_size=60) | st.just("t" * 2_500),
    help=st.text(max_size=60) | st.just("h" * 2_500),
    kind=st.sampled_from(list(Kind)),
    value=st.text(max_size=60) | st.just("v" * 3_000),
    choices=st.lists(st.text(max_size=90), max_size=110).map(tuple),
    required=st.booleans(),
)


def entry(name: str, value: str, *, kind: Kind = Kind.TEXT, choices: tuple[str, ...] = ()) -> Entry:
    return Entry(name=name, title=name.title(), help="", kind=kind, value=value, choices=choices)


def sheet(*entries: Entry) -> Sheet:
    return Sheet(ref="R" * 22, revision=3, code="7K2M", title="Refund an order", entries=entries)


@settings(max_examples=150, deadline=None)
@given(st.lists(ENTRIES, min_size=1, max_size=12))
def test_slack_takes_every_form_that_fits(entries: list[Entry]) -> None:
    form = sheet(*entries)
    if modal.fits(form, PLACE):
        assert slack_rules.of_view(modal.view(form, place=PLACE, tongue=ENGLISH)) == []


def test_a_form_that_would_cut_a_value_is_not_shown() -> None:
    assert modal.fits(sheet(entry("note", "x" * 3_000)), PLACE)
    assert not modal.fits(sheet(entry("note", "x" * 3_001)), PLACE)
    assert not modal.fits(sheet(), PLACE)
    assert not modal.fits(sheet(*(entry(f"f{i}", "") for i in range(91))), PLACE)


def test_choices_are_a_menu_on_the_present_value_and_long_text_has_room() -> None:
    form = sheet(
        entry("speed", "FAST", kind=Kind.CHOICE, choices=("slow", "fast")),
        entry("note", "a", kind=Kind.LONG_TEXT),
        entry("order", "1007"),
    )
    blocks = modal.view(form, place=PLACE, tongue=ENGLISH)["blocks"]
    menu, long, short = (block["element"] for block in blocks[1:4])
    assert menu["type"] == "static_select"
    assert menu["initial_option"]["value"] == "fast"
    assert long["multiline"]
    assert not short["multiline"]
    assert short["initial_value"] == "1007"


def test_the_form_says_that_saving_approves_nothing() -> None:
    view = modal.view(sheet(entry("order", "1")), place=PLACE, tongue=ENGLISH)
    assert any("approves nothing" in text for _, text in slack_rules.texts(view["blocks"]))


def test_what_is_saved_comes_back_bound_to_its_card() -> None:
    """SAFETY 19"""
    form = sheet(entry("order", "1007"), entry("note", ""))
    view = {**modal.view(form, place=PLACE, tongue=ENGLISH), "id": "V1", "hash": "h"}
    found = inbound.read(submitted(view, {"order": "1008", "note": ""}), us=Us(team=TEAM, user=BOT))
    assert found is not None
    assert found.arrival.place == PLACE
    assert isinstance(found.arrival.body, Form)
    assert (found.arrival.body.ref, found.arrival.body.revision) == ("R" * 22, 3)
    assert found.arrival.body.values == {"order": "1008", "note": ""}


def test_live_options_are_a_menu_by_the_words_people_know_them_by() -> None:
    options = tuple(Option(value=f"cus_{n}", label=f"Gigi {n}") for n in range(99))
    picked = replace(entry("customer", "cus_7"), options=options)
    view = modal.view(sheet(picked), place=PLACE, tongue=ENGLISH)
    assert slack_rules.of_view(view) == []
    element = view["blocks"][1]["element"]
    assert (element["type"], len(element["options"])) == ("static_select", 99)
    assert element["initial_option"] == {
        "text": {"type": "plain_text", "text": "Gigi 7", "emoji": False},
        "value": "cus_7",
    }


def test_more_options_than_a_menu_holds_are_typed() -> None:
    options = tuple(Option(value=f"cus_{n}", label=f"Gigi {n}") for n in range(101))
    view = modal.view(sheet(replace(entry("customer", ""), options=options)), place=PLACE, tongue=ENGLISH)
    assert view["blocks"][1]["element"]["type"] == "plain_text_input"
