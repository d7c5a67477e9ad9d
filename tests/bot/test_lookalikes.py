"""What may be misread is named; what is only written in another script is left in peace."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lookalikes import named, punycode, suspects


@pytest.mark.parametrize(
    ("text", "host", "reads"),
    [
        ("p\u0430ypal.com", "xn--pypal-4ve.com", "paypal.com"),
        ("ana@\u0435\u0445ample.com", "xn--ample-ywe6i.com", "ana@example.com"),
        ("https://\u0430\u0440\u0440\u04cf\u0435.com/x", "xn--80ak6aa92e.com", "https://apple.com/x"),
        ("\uff50\uff41\uff59pal.com", "paypal.com", "paypal.com"),
        ("\U0001d429aypal.com", "paypal.com", "paypal.com"),
        ("paypal\u3002com", "paypal.com", "paypal\u3002com"),
        ("\u1ea1pple.com", "xn--pple-4q5a.com", "\u1ea1pple.com"),
        ("a\u0323pple.com", "xn--pple-4q5a.com", "\u1ea1pple.com"),
        ("https://g\u00f8\u00f8gle.com", "", ""),
        ("xn--pypal-4ve.com", "xn--pypal-4ve", "p\u0430ypal"),
    ],
)
def test_an_address_is_not_what_it_seems(text: str, host: str, reads: str) -> None:
    """SAFETY 47."""
    found = suspects(f"please pay {text} now")
    assert [(each.host, each.reads) for each in found] == ([(host, reads)] if host else [])


@pytest.mark.parametrize(
    ("text", "strict"),
    [
        ("Pàypal, déjà vu: l'été « garçon », 1½ m², Nº 5 … ™", True),
        ("Привет, мир: письмо на сайт.рф для maria@пример.рф", False),
        ("日本語のiPhoneケース, 한국어 ABC, 中文 test", True),
        ("kapı Işık, Łódź, Đặng Thị Hạnh", True),
        ("5µm, kΩ, Δt, α-blocker", False),
        ("müller.de, josé@münchen.example, שלום Ana", True),
        ("paypal.com https://example.com/a?b=c ana@example.com", True),
    ],
)
def test_ordinary_writing_is_left_in_peace(text: str, strict: bool) -> None:
    assert suspects(text, strict=strict) == ()


@pytest.mark.parametrize(
    "text", ["P\u0430ypal", "\U0001d40f\U0001d41a\U0001d432", "\uff21\uff2e\uff21", "\ufb01nance"]
)
def test_a_word_of_borrowed_letters_is_named_everywhere(text: str) -> None:
    """SAFETY 47."""
    [found] = suspects(f"from {text} today")
    assert found.text == text
    assert found.reads.isascii()


@pytest.mark.parametrize("text", ["\u0441\u043e\u0441\u043e", "\u0661\u0662", "\u0391\u039d\u0391"])
def test_a_name_wholly_of_borrowed_letters_is_named_where_names_decide(text: str) -> None:
    assert suspects(text, strict=True)
    assert not suspects(text)


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"])))
def test_plain_letters_are_never_suspected(text: str) -> None:
    assert all("xn--" in each.text.lower() for each in suspects(text, strict=True))


@given(st.text(), st.booleans())
def test_any_text_can_be_judged_and_only_its_own_characters_are_blamed(text: str, strict: bool) -> None:
    for each in suspects(text, strict=strict):
        assert each.text in text
        assert each.odd
        assert all(char in each.text or char in each.reads for char in each.odd)
        assert each.host.isascii()


def test_a_character_is_named_by_its_number_and_name() -> None:
    assert named("\u0430") == "U+0430 CYRILLIC SMALL LETTER A"
    assert named("\u0001") == "U+0001"


def test_punycode_is_what_is_asked_for_on_the_wire() -> None:
    assert punycode("München.example") == "xn--mnchen-3ya.example"
