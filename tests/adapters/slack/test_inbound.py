"""What Slack delivers becomes what happened, or nothing."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chat.slack import inbound, words
from adapters.chat.slack.inbound import Profile, Us
from bot.events import Form, Message, Press, Verb
from bot.people import Identity, Standing
from bot.places import Place
from bot.values import Json
from tests.twins.slack import BOT, BOT_ID, TEAM
from tests.twins.slack_events import commanded, event, pressed, said, submitted

US = Us(team=TEAM, user=BOT, bot=BOT_ID, name="vigie")
ALICE = Identity(platform="slack", team=TEAM, user="U0ALICE")


def message(payload: Mapping[str, Json]) -> Message:
    found = inbound.read(payload, us=US)
    assert found is not None
    assert isinstance(found.arrival.body, Message)
    return found.arrival.body


def place(payload: Mapping[str, Json]) -> Place:
    found = inbound.read(payload, us=US)
    assert found is not None
    return found.arrival.place


def test_a_direct_message_is_private_and_has_no_thread() -> None:
    assert place(said("hello")) == Place(platform="slack", team=TEAM, channel="D0ALICE", private=True)
    body = message(said("hello"))
    assert (body.who, body.text, body.ref, body.trusted) == (ALICE, "hello", "1700000000.000100", True)


def test_a_thread_in_a_direct_message_is_a_place_of_its_own() -> None:
    assert place(said("hello", thread_ts="1600000000.1")).thread == "1600000000.1"


def test_a_mention_in_a_channel_starts_a_thread_there() -> None:
    payload = said(f"<@{BOT}> refund 1007", channel="C0SHOP", kind="app_mention")
    assert place(payload) == Place(platform="slack", team=TEAM, channel="C0SHOP", thread="1700000000.000100")
    assert message(payload).text == "refund 1007"


def test_a_mention_delivered_twice_under_two_event_ids_is_one_arrival() -> None:
    text = f"hey <@{BOT}> look"
    mention = inbound.read(said(text, channel="C0SHOP", kind="app_mention", event_id="Ev1"), us=US)
    plain = inbound.read(said(text, channel="C0SHOP", kind="message", event_id="Ev2"), us=US)
    assert mention == plain
    assert mention is not None
    assert mention.arrival.key == f"slack:{TEAM}:C0SHOP:1700000000.000100"


def test_a_redelivery_has_the_key_of_the_first() -> None:
    """SAFETY 6"""
    first, again = inbound.read(said("hi"), us=US), inbound.read(said("hi"), us=US)
    assert first == again


def test_talk_in_a_channel_that_is_not_with_us_is_nothing() -> None:
    assert inbound.read(said("lunch?", channel="C0SHOP"), us=US) is None


def test_what_people_say_to_one_another_is_overheard_where_others_read_it() -> None:
    found = inbound.overheard(said("lunch &lt;3?", channel="C0SHOP", ts="1700000000.000300"), us=US)
    assert found is not None
    assert (found.text, found.who, found.place) == (
        "lunch <3?",
        ALICE,
        Place(platform="slack", team=TEAM, channel="C0SHOP"),
    )
    mentioned = said("lunch?", channel="C0SHOP", ts="1700000000.000300", kind="app_mention", event_id="Ev02")
    again = inbound.overheard(mentioned, us=US)
    assert again is not None
    assert again.key == found.key, "a mention is delivered twice and overheard once"


@pytest.mark.parametrize(
    "payload",
    [
        said("hi"),
        said("hi", channel="C0SHOP", user=BOT),
        said("hi", channel="C0SHOP", bot_id="B0OTHER"),
        said("hi", channel="C0SHOP", subtype="message_changed"),
        said("hi", channel="G0GROUP", channel_type="mpim"),
        {},
    ],
)
def test_private_talk_programs_and_edits_are_not_overheard(payload: Mapping[str, Json]) -> None:
    assert inbound.overheard(payload, us=US) is None


def test_a_reply_in_a_thread_waits_to_know_whether_we_take_part() -> None:
    found = inbound.read(said("and now?", channel="C0SHOP", thread_ts="1600000000.1"), us=US)
    assert found is not None
    assert not found.addressed
    assert found.arrival.place.thread == "1600000000.1"


def test_a_reply_under_our_own_message_is_for_us() -> None:
    payload = said("and now?", channel="C0SHOP", thread_ts="1600000000.1", parent_user_id=BOT)
    found = inbound.read(payload, us=US)
    assert found is not None
    assert found.addressed


def test_a_mention_in_a_thread_stays_in_the_thread() -> None:
    payload = said(f"<@{BOT}> x", channel="C0SHOP", kind="app_mention", thread_ts="1600000000.1")
    assert place(payload).thread == "1600000000.1"


@pytest.mark.parametrize(
    "own",
    [
        said("I said so", user=BOT),
        said("I said so", user=BOT, bot_id=BOT_ID),
        said(f"<@{BOT}>", user=BOT, channel="C0SHOP", kind="app_mention"),
        event({"type": "message", "subtype": "bot_message", "bot_id": BOT_ID, "channel": "D0A", "ts": "1.1"}),
    ],
)
def test_our_own_messages_never_wake_us(own: Mapping[str, Json]) -> None:
    """SAFETY 9, 93"""
    assert inbound.read(own, us=US) is None


@pytest.mark.parametrize(
    "subtype",
    [
        "message_changed",
        "message_deleted",
        "channel_join",
        "message_replied",
        "tombstone",
        "assistant_app_thread",
    ],
)
def test_edits_deletions_and_notices_are_nothing(subtype: str) -> None:
    """SAFETY 10"""
    assert inbound.read(said("approve it", subtype=subtype), us=US) is None


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast", "me_message"])
def test_words_with_a_file_or_a_broadcast_are_words(subtype: str) -> None:
    assert message(said("see this", subtype=subtype)).text == "see this"


@pytest.mark.parametrize(
    "machine", [{"bot_id": "B0OTHER"}, {"bot_id": "B0OTHER", "subtype": "bot_message"}, {"bot_profile": {}}]
)
def test_another_bot_or_a_workflow_is_heard_only_when_it_mentions_us_and_is_never_trusted(
    machine: dict[str, Json],
) -> None:
    """SAFETY 9, 93"""
    assert inbound.read(said("run", channel="C0SHOP", thread_ts="1600000000.1", **machine), us=US) is None
    found = inbound.read(said(f"<@{BOT}> run", channel="C0SHOP", **machine), us=US)
    assert found is not None
    assert found.machine
    assert isinstance(found.arrival.body, Message)
    assert not found.arrival.body.trusted


def test_a_person_from_another_team_keeps_that_team_and_is_not_trusted() -> None:
    """SAFETY 9, 13"""
    body = message(said(f"<@{BOT}> pay", channel="C0SHARED", user_team="T0OTHER", team="T0OTHER"))
    assert body.who.team == "T0OTHER"
    assert not body.trusted


def test_the_team_of_the_place_is_where_we_are_installed() -> None:
    payload = said("hi") | {"team_id": "T0OTHER"}
    assert place(payload).team == TEAM


def test_a_command_is_a_message_of_its_own() -> None:
    found = inbound.read(commanded("status", trigger="7.8.x"), us=US)
    assert found is not None
    assert found.arrival.key == "slack:cmd:7.8.x"
    assert found.arrival.place == Place(platform="slack", team=TEAM, channel="D0ALICE", private=True)
    assert message(commanded("status")).text == "status"
    assert not place(commanded("x", channel="C0SHOP")).private


def test_a_command_without_words_asks_for_help() -> None:
    assert message(commanded("  ")).text == "help"


@pytest.mark.parametrize("verb", list(Verb))
def test_a_press_names_its_verb_its_record_and_its_revision(verb: Verb) -> None:
    found = inbound.read(pressed(f"vigie:{verb}", "abc_-DEF:3"), us=US)
    assert found is not None
    assert found.arrival.body == Press(
        who=ALICE, ref="abc_-DEF", revision=3, verb=verb, message="1700000000.000200"
    )


def test_the_key_of_a_press_tells_presses_apart_and_redeliveries_not() -> None:
    """SAFETY 5"""

    def key(**more: str) -> str:
        found = inbound.read(pressed("vigie:approve", "r:1", **more), us=US)
        assert found is not None
        return found.arrival.key

    assert key() == f"slack:press:{TEAM}:U0ALICE:1700000001.1:vigie:approve:1700000000.000200"
    assert len({key(), key(user="U0BOB"), key(action_ts="2.2"), key(ts="3.3"), key(team="T0OTHER")}) == 5


def test_a_press_belongs_to_the_thread_its_card_stands_in() -> None:
    assert place(pressed("vigie:deny", "r:1", thread="1600000000.1")).thread == "1600000000.1"
    # The first message of a thread carries its own id as the thread's.
    assert place(pressed("vigie:deny", "r:1", thread="1700000000.000200")).thread == ""


def test_a_choice_comes_back_whole_whatever_is_in_it() -> None:
    value = inbound.value_of("r", 2, "a:b|c é")
    found = inbound.read(pressed("vigie:choose:4", value), us=US)
    assert found is not None
    assert isinstance(found.arrival.body, Press)
    assert (found.arrival.body.verb, found.arrival.body.value) == (Verb.CHOOSE, "a:b|c é")


@given(st.text(min_size=1, max_size=60), st.integers(0, 10**6), st.none() | st.text(max_size=60))
def test_what_a_button_carries_is_read_back(ref: str, revision: int, choice: str | None) -> None:
    ref = words.clean(ref)
    found = inbound.read(pressed("vigie:choose", inbound.value_of(ref, revision, choice)), us=US)
    if len(ref.encode()) * 3 > 200:
        return
    assert found is not None
    assert isinstance(found.arrival.body, Press)
    assert (found.arrival.body.ref, found.arrival.body.revision) == (ref, revision)
    assert found.arrival.body.value == words.clean(choice or "")


@pytest.mark.parametrize(
    ("action", "value"),
    [
        ("approve", "r:1"),
        ("other:approve", "r:1"),
        ("vigie:explode", "r:1"),
        ("vigie:approve", "r"),
        ("vigie:approve", ""),
        ("vigie:approve", "r:one"),
        ("vigie:approve", "r:٣"),
        ("vigie:approve", "r:1" + "0" * 20),
    ],
)
def test_a_press_that_is_not_of_ours_is_nothing(action: str, value: str) -> None:
    assert inbound.read(pressed(action, value), us=US) is None


def test_a_form_brings_its_values_to_the_place_of_its_card() -> None:
    card_place = Place(platform="slack", team=TEAM, channel="C0SHOP", thread="1.1")
    view: dict[str, Json] = {
        "id": "V1",
        "hash": "1.abc",
        "callback_id": "vigie:edit",
        "private_metadata": inbound.binding("ref", 4, card_place),
    }
    found = inbound.read(submitted(view, {"amount": "12.50 EUR", "note": ""}), us=US)
    assert found is not None
    assert found.arrival.key == "slack:form:V1:1.abc"
    assert found.arrival.place == card_place
    assert found.arrival.body == Form(
        who=ALICE, ref="ref", revision=4, values={"amount": "12.50 EUR", "note": ""}
    )


@pytest.mark.parametrize(
    "metadata",
    [
        "",
        "{",
        "[]",
        '{"ref":"r","revision":"1","place":"slack/T/C/"}',
        '{"ref":"r","revision":1,"place":"x"}',
        '{"ref":"r","revision":1,"place":"telegram//5/"}',
        '{"ref":"r","revision":1,"place":"slack/T0OTHER/C/"}',
    ],
)
def test_a_form_bound_to_nothing_of_ours_is_nothing(metadata: str) -> None:
    view = {"id": "V1", "hash": "h", "callback_id": "vigie:edit", "private_metadata": metadata}
    assert inbound.read(submitted(view, {}), us=US) is None


def test_a_profile_completes_the_arrival_and_changes_nothing_else() -> None:
    found = inbound.read(said("hi"), us=US)
    assert found is not None
    profile = Profile(name="Alice", lang="fr", zone="Europe/Paris", standing=Standing.MEMBER)
    body = found.told(profile).body
    assert isinstance(body, Message)
    assert (body.name, body.lang, body.zone, body.standing) == (
        "Alice",
        "fr",
        "Europe/Paris",
        Standing.MEMBER,
    )
    assert (body.text, body.who) == ("hi", ALICE)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (f"<@{BOT}> hello", "hello"),
        (f"<@{BOT}|vigie>: hello", "hello"),
        (f"hello <@{BOT}>", "hello"),
        (f"<@{BOT}>", ""),
        (f"tell <@{BOT}> now", "tell @vigie now"),
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        ("ask <@U0BOB>", "ask @U0BOB"),
        ("ask <@U0BOB|bob>", "ask @bob"),
        ("in <#C1|general> or <#C2>", "in #general or #C2"),
        ("<!here> <!subteam^S1|@ops> <!subteam^S2>", "@here @ops @S2"),
        ("at <!date^1700000000^{date}|14 Nov>", "at 14 Nov"),
        ("<https://example.com/a?b=1&amp;c=2>", "https://example.com/a?b=1&c=2"),
        ("<http://example.com|example.com>", "example.com"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("<https://evil.example|https://good.example>", "https://good.example (https://evil.example)"),
        ("1 < 2", "1 < 2"),
        ("nul\x00 and half \ud800", "nul� and half �"),
    ],
)
def test_slacks_writing_is_read_as_what_was_typed(typed: str, read: str) -> None:
    assert words.plain(typed, us=BOT) == read


@given(st.text())
def test_escaped_words_are_read_back(text: str) -> None:
    assert words.plain(words.escaped(text)) == words.clean(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@given(st.data())
def test_nothing_that_arrives_makes_it_raise(data: st.DataObject) -> None:
    """Fuzz: real deliveries with some of their values replaced by anything at all. SAFETY 19"""
    sample = data.draw(
        st.sampled_from(
            [
                said(f"<@{BOT}> hi", channel="C0SHOP", thread_ts="1.1"),
                pressed("vigie:approve", "r:1", thread="1.1"),
                submitted({"id": "V1", "callback_id": "vigie:edit", "private_metadata": "{}"}, {"a": "b"}),
                commanded("help"),
            ]
        )
    )
    found = inbound.read(_muddled(sample, data), us=US)
    if found is not None:
        body = found.told(Profile()).body
        assert Place.parse(found.arrival.place.key) == found.arrival.place
        assert isinstance(body, Message | Press | Form)
        f"{found.arrival}".encode()


def _muddled(value: Json, data: st.DataObject) -> Json:
    match data.draw(st.integers(0, 9)):
        case 0:
            return data.draw(JSON)
        case _:
            pass
    match value:
        case dict():
            return {key: _muddled(value[key], data) for key in value}  # pyright: ignore[reportUnknownVariableType]
        case list():
            return [_muddled(each, data) for each in value]  # pyright: ignore[reportUnknownVariableType]
        case _:
            return value
