"""Pages: every offset in UTF-16, nothing lost, nothing hidden, nobody pinged."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.chat.telegram.entities import LIMIT, Page, Run, Style, marked, one_page, pages, width
from tests.twins import telegram_rules as rules

TEXTS = st.text(st.one_of(st.characters(), st.sampled_from("😀👩‍🚀𝔘 \n.@*`_ab")), max_size=200)
RUNS = st.lists(st.builds(Run, TEXTS, st.sampled_from(Style), st.booleans()), max_size=12)


def accepted(page: Page) -> None:
    """Raises when the Bot API would refuse it."""
    parameters = {"text": page.text, "entities": [entity.to_dict() for entity in page.entities]}
    rules.check_entities(parameters, rules.check_text(parameters))


def covered(page: Page, kind: str) -> list[str]:
    coded = page.text.encode("utf-16-le")
    return [
        coded[2 * each.offset : 2 * (each.offset + each.length)].decode("utf-16-le")
        for each in page.entities
        if each.type == kind
    ]


def solid(text: str) -> str:
    return "".join(text.split())


@given(RUNS, st.integers(40, 400))
def test_telegram_accepts_every_page(runs: list[Run], limit: int) -> None:
    for page in pages(runs, limit=limit):
        accepted(page)
        assert width(page.text) <= limit


@given(RUNS, st.integers(40, 400))
def test_no_character_is_lost_between_pages(runs: list[Run], limit: int) -> None:
    shown = solid("".join(page.text for page in pages(runs, limit=limit)))
    meant = solid("".join(page.text for page in pages(runs, limit=10**9)))
    assert shown == meant


@given(RUNS, st.integers(40, 400))
def test_one_page_is_one_page_with_a_mark_where_it_was_cut(runs: list[Run], limit: int) -> None:
    page = one_page(runs, limit=limit)
    accepted(page)
    assert width(page.text) <= limit
    assert len(pages(runs, limit=limit)) == 1 or page.text.endswith("…")


@given(TEXTS)
def test_plain_text_stays_as_it_is(text: str) -> None:
    plain = "".join(character for character in text if character.isprintable())
    assert "".join(page.text for page in pages([Run(plain)])) == (plain.strip() or "…")


def test_a_page_ends_with_a_sentence_and_its_closing_marks() -> None:
    """Also where it is French: a no-break space keeps what belongs together on one page."""
    sentence = "Il a dit\u00a0: «\u00a0c’est fini.\u00a0» Cela coûte 12\u202f000\u00a0€ (tout compris.) "
    found = pages([Run(sentence * 30)], limit=400)
    assert len(found) > 3
    for page in found:
        assert page.text.startswith(("Il a dit", "Cela coûte"))
        assert page.text.endswith((".\u00a0»", "compris.)"))
    longs = pages([Run("12\u202f000\u00a0€ " * 200)], limit=400)
    assert all(page.text.startswith("12\u202f000") and page.text.endswith("€") for page in longs)


def test_bold_starts_where_it_should_behind_emoji() -> None:
    (page,) = pages([Run("😀👩‍🚀 "), Run("𝔘ber", Style.BOLD), Run(" rest")])
    assert covered(page, "bold") == ["𝔘ber"]


def test_light_markdown_becomes_entities_and_all_else_stays() -> None:
    (page,) = pages(
        marked("**Two** of `x = 1`, *not this*, [nor](https://this), _or_ <b>this</b>:\n```py\nprint(2)\n```")
    )
    assert page.text == "Two of x = 1, *not this*, [nor](https://this), _or_ <b>this</b>:\nprint(2)"
    assert covered(page, "bold") == ["Two"]
    assert covered(page, "code") == ["x = 1"]
    assert covered(page, "pre") == ["print(2)"]


def test_marks_without_their_other_half_are_characters() -> None:
    (page,) = pages(marked("2 ** 3 and `this and **that"))
    assert page.text == "2 ** 3 and `this and **that"
    assert not page.entities


@given(TEXTS)
def test_markdown_only_ever_makes_looks(text: str) -> None:
    """SAFETY 50"""
    for page in pages(marked(text)):
        accepted(page)
        assert {entity.type for entity in page.entities} <= {"bold", "code", "pre"}


def test_a_name_that_would_ping_is_code() -> None:
    """SAFETY 50"""
    (page,) = pages([Run("Ask @ana_m or mail ana@example.test, "), Run("not @all of them", Style.BOLD)])
    assert covered(page, "code") == ["@ana_m", "@all"]
    assert covered(page, "bold") == ["not ", " of them"]


def test_a_long_text_ends_its_pages_with_sentences() -> None:
    sentence = "The order 1042 was due on Tuesday and has not left the warehouse. "
    found = pages([Run(sentence * 200)])
    assert len(found) == 4
    assert all(page.text.endswith("warehouse.") for page in found)
    assert all(width(page.text) > LIMIT / 2 for page in found[:-1])


def test_a_text_of_nothing_is_still_a_message() -> None:
    assert pages([]) == [Page("…")]
    assert pages([Run(" \n ")]) == [Page("…")]


def test_halves_of_characters_and_control_characters_are_seen() -> None:
    (page,) = pages([Run("a\x00b\ud800c")])
    assert page.text == "a\ufffdb\ufffdc"
