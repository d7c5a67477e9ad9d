"""Any posted form becomes an arrival or a problem, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.chat.web import inbound
from adapters.chat.web.guard import Problem, check_token, form_token
from bot.events import Message, Press
from tests.adapters.web.rig import OLIVIA

FIELDS = st.dictionaries(
    st.sampled_from(["text", "nonce", "zone", "ref", "revision", "verb", "value", "message", "csrf"]),
    st.one_of(
        st.text(), st.sampled_from(["approve", "1", "n" * 16, "Europe/Paris", "../../etc/passwd", "²"])
    ),
)


@given(FIELDS)
def test_any_fields_are_a_message_or_a_problem(fields: dict[str, str]) -> None:
    try:
        arrival = inbound.message(fields, OLIVIA)
    except Problem:
        return
    assert arrival is None or isinstance(arrival.body, Message)


@given(FIELDS)
def test_any_fields_are_a_press_or_a_problem(fields: dict[str, str]) -> None:
    try:
        arrival = inbound.press(fields, OLIVIA, "session")
    except Problem:
        return
    assert isinstance(arrival.body, Press)
    assert arrival.body.who.user == OLIVIA.id


@given(st.text(), st.text())
def test_a_token_is_good_for_its_own_session_only(session: str, other: str) -> None:
    check_token({"csrf": form_token(session)}, session)
    try:
        check_token({"csrf": form_token(other)}, session)
    except Problem:
        assert session != other
    else:
        assert session == other


def test_the_browsers_time_zone_is_taken_when_it_is_one() -> None:
    def zone(name: str) -> str:
        arrival = inbound.message({"text": "hello", "nonce": "n" * 16, "zone": name}, OLIVIA)
        assert arrival is not None
        assert isinstance(arrival.body, Message)
        return arrival.body.zone

    assert zone("Asia/Kathmandu") == "Asia/Kathmandu"
    assert zone("Middle/Earth") == zone("../../etc/passwd") == zone("") == ""
