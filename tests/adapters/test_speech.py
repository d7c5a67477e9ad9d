"""What people are told, in their language; and the catalogues kept in step with the source."""

import logging
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.speech.extract import main
from adapters.speech.languages import CATALOGUES, tongues
from adapters.speech.sources import gather, of_policy, of_template, sentences
from bot.speech import Tongue, Tongues
from bot.values import Money

AT = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)

HEADER = """# A test.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"
"""

FRENCH = (
    HEADER
    + """
msgid "Good morning, {name}."
msgstr "Bonjour {name}."

msgid "Good night, {name}."
msgstr "Bonne nuit {nom}."

msgid "{n} order of {who}"
msgid_plural "{n} orders of {who}"
msgstr[0] "{n} commande de {who}"
msgstr[1] "{n} commandes de {who}"

msgid "Untranslated"
msgstr ""

#, fuzzy
msgid "Guessed"
msgstr "Deviné"
"""
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "fr.po").write_text(FRENCH, encoding="utf-8")
    (tmp_path / "secret.po").write_text("not to be read", encoding="utf-8")
    return tmp_path


@pytest.fixture
def speak(folder: Path) -> Tongues:
    return tongues(folder)


@pytest.fixture
def french(speak: Tongues) -> Tongue:
    return speak("fr")


def test_a_sentence_is_said_in_the_language(french: Tongue) -> None:
    assert french("Good morning, {name}.", name="Gigi") == "Bonjour Gigi."
    assert french.lang == "fr"


@pytest.mark.parametrize(
    "message", ["Untranslated", "Guessed", "Never heard of", "", "{", "{}", "{0}", "100 %"]
)
def test_what_has_no_translation_is_said_in_english(french: Tongue, message: str) -> None:
    assert french(message) == message


@pytest.mark.parametrize("lang", ["fr", "FR", "fr-CA", "fr_BE", " fr "])
def test_a_regional_french_is_french(speak: Tongues, lang: str) -> None:
    assert speak(lang).lang == "fr"


@pytest.mark.parametrize(
    "lang", ["", "en", "en-GB", "xx", "../fr", "secret", "fr/../secret", "f", "日本", "\0"]
)
def test_an_unknown_language_is_english(speak: Tongues, lang: str) -> None:
    assert speak(lang).lang == "en"
    assert speak(lang)("Good morning, {name}.", name="Gigi") == "Good morning, Gigi."


def test_a_language_is_read_once(speak: Tongues, folder: Path) -> None:
    first = speak("fr")
    (folder / "fr.po").unlink()
    assert speak("fr-CA") is first


def test_another_language_is_one_more_file(folder: Path) -> None:
    german = HEADER + '\nmsgid "Good morning, {name}."\nmsgstr "Guten Morgen, {name}."\n'
    (folder / "de.po").write_text(german, encoding="utf-8")
    assert tongues(folder)("de-AT")("Good morning, {name}.", name="Gigi") == "Guten Morgen, Gigi."


def test_a_translation_that_asks_for_another_value_gives_way_to_english(
    french: Tongue, caplog: pytest.LogCaptureFixture
) -> None:
    assert french("Good night, {name}.", name="Gigi") == "Good night, Gigi."
    (record,) = caplog.records
    assert (record.levelno, record.__dict__["action"]) == (logging.WARNING, "bad_translation")
    assert "Gigi" not in record.getMessage()


def test_what_stands_in_braces_without_a_value_stays_and_is_no_reason_for_english(french: Tongue) -> None:
    """Such as the example of a recipe, in which somebody is to write it."""
    assert french("Good morning, {name}.") == "Bonjour {name}."


@given(st.text(max_size=30))
def test_values_are_put_in_as_they_are(value: str) -> None:
    english = tongues()("en")
    assert english("<{name}>", name=value) == f"<{value}>"
    assert english.many("{n} {name}", "{n} {name}s", 2, name=value) == f"2 {value}s"


def test_any_message_can_be_said() -> None:
    speak = tongues()

    @given(st.text(max_size=30))
    def can_be_said(message: str) -> None:
        for lang in ("en", "fr"):
            assert isinstance(speak(lang)(message, name="x"), str)

    speak("fr")("read it once, outside what is timed")
    can_be_said()


@pytest.mark.parametrize(
    ("lang", "n", "said"),
    [
        ("en", 0, "0 orders of Gigi"),
        ("en", 1, "1 order of Gigi"),
        ("en", 2, "2 orders of Gigi"),
        ("fr", 0, "0 commande de Gigi"),
        ("fr", 1, "1 commande de Gigi"),
        ("fr", 2, "2 commandes de Gigi"),
    ],
)
def test_each_language_has_its_own_plural(speak: Tongues, lang: str, n: int, said: str) -> None:
    assert speak(lang).many("{n} order of {who}", "{n} orders of {who}", n, who="Gigi") == said


@pytest.mark.parametrize(
    ("amount", "english", "french_words"),
    [
        (Money(123450, "EUR"), "€1,234.50", "1 234,50 €"),
        (Money(-5, "EUR"), "-€0.05", "-0,05 €"),
        (Money(500, "JPY"), "¥500", "500 JPY"),
        (Money(1250, "KWD"), "KWD 1.250", "1,250 KWD"),
        # Everyday use knows no decimals of these, but amounts of them have some.
        (Money(1250, "IQD"), "IQD 1.250", "1,250 IQD"),
        (Money(150, "HUF"), "HUF 1.50", "1,50 HUF"),
    ],
)
def test_money_is_written_in_full(french: Tongue, amount: Money, english: str, french_words: str) -> None:
    spaces = re.compile(r"\s")
    assert spaces.sub("", tongues()("en").money(amount)) == spaces.sub("", english)
    assert spaces.sub("", french.money(amount)) == spaces.sub("", french_words)


@given(st.integers(-(10**15), 10**15), st.sampled_from(["EUR", "JPY", "KWD", "CLF", "XYZ"]))
def test_every_digit_of_an_amount_is_shown(minor: int, currency: str) -> None:
    """SAFETY 53"""
    for lang in ("en", "fr"):
        shown = tongues()(lang).money(Money(minor, currency)).replace(currency, "")
        assert int(re.sub(r"[^0-9]", "", shown)) == abs(minor)


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("Europe/Paris", "Sat 21 Nov 2026, 14:05 Europe/Paris (UTC+1)"),
        ("Asia/Kathmandu", "Sat 21 Nov 2026, 18:50 Asia/Kathmandu (UTC+5:45)"),
        ("America/St_Johns", "Sat 21 Nov 2026, 09:35 America/St_Johns (UTC-3:30)"),
        ("UTC", "Sat 21 Nov 2026, 13:05 UTC"),
        ("No/Where", "Sat 21 Nov 2026, 13:05 UTC"),
        ("../etc/passwd", "Sat 21 Nov 2026, 13:05 UTC"),
        ("", "Sat 21 Nov 2026, 13:05 UTC"),
    ],
)
def test_a_moment_names_its_zone_and_offset(speak: Tongues, zone: str, said: str) -> None:
    """SAFETY 54"""
    assert speak("en").moment(AT, zone) == said


def test_a_moment_is_french_in_french(french: Tongue) -> None:
    assert french.moment(AT, "Europe/Paris") == "sam. 21 nov. 2026, 14:05 Europe/Paris (UTC+1)"
    assert french.day(AT, "Europe/Paris") == "sam. 21 nov. 2026, 14:05"


SOURCE = """
LATER = "Said later"
OF_ALL = ("one", "two")

TABLE: Mapping[str, str] = {"one": "From a table", "other": "From its other row"}

def own(name, title, *fields, help=""):
    return Action(name=name, title=title, help=help, fields=fields)

class Thing:
    def hear(self, voice: Tongue, house, n):
        voice("From a declared tongue")
        house.tongues("fr")("From a tongue by its language")
        for size, one, other in ((1, "every day", "every {n} days"), (2, "every hour", "every {n} hours")):
            voice.many(one, other, n)
        own("not spoken", "Handed on", help="Handed on by name")
        raise NotAllowed("A refusal") from Stale(TABLE[n])

    def speak(self, context, tongue, t, n):
        tongue("Hello {name}", name=n)
        context.tongue("From an attribute")
        self._tongue("From a private one")
        t("yes") if n else t("no")
        tongue("either" if n else "or")
        tongue.many("{n} order", "{n} orders", n)
        tongue(LATER)
        tongue(n)
        tongue(f"not {n} a literal")
        other("not spoken")
        Action(name="shop.pay", title="Pay", help="Pays " "somebody.")
        Field(name="who", title="Who", help="")
        Change(title="Total", before="not spoken", after="either")
        Preview(subject="not spoken", notes=("A note.",) if n else ())
        Preview(notes=OF_ALL)
"""


def test_every_sentence_in_the_source_is_found() -> None:
    assert {sentence for sentence, _ in sentences(SOURCE)} == {
        "Hello {name}",
        "From an attribute",
        "From a private one",
        "yes",
        "no",
        "either",
        "or",
        ("{n} order", "{n} orders"),
        "Said later",
        "Pay",
        "Pays somebody.",
        "Who",
        "Total",
        "A note.",
        "one",
        "two",
        "From a table",
        "From its other row",
        "From a declared tongue",
        "From a tongue by its language",
        ("every day", "every {n} days"),
        ("every hour", "every {n} hours"),
        "Handed on",
        "Handed on by name",
        "A refusal",
    }


PAGE = """
{% extends "base.html" %}
<p class="{{ tongue("From a page") }}">{{ desk.tongue("From a desk") }} {{ other("not spoken") }}</p>
{{ tongue.many("{n} card", "{n} cards", n) }} {% for each in (tongue("From a row"), tongue(name)) %}{% endfor %}
"""


def test_every_sentence_of_a_page_is_found() -> None:
    assert set(of_template(PAGE)) == {
        ("From a page", 3),
        ("From a desk", 3),
        (("{n} card", "{n} cards"), 4),
        ("From a row", 4),
    }


def test_every_reason_of_a_policy_is_found() -> None:
    policy = '[[rule]]\nname = "one"\nreason = "it only reads"\n\n[[rule]]\nname = "no reason"\n'
    assert list(of_policy(policy)) == [("it only reads", 3)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A source tree with two sentences."""
    root = tmp_path / "root"
    (root / "bot").mkdir(parents=True)
    (root / "bot" / "words.py").write_text('tongue("Good morning, {name}.")\ntongue("New")\n')
    (root / "vigie").mkdir()
    (root / "vigie" / "checking.py").write_text(
        'tongue.many("{n} order of {who}", "{n} orders of {who}", 2)\n'
    )
    return root


def test_an_update_keeps_translations_adds_what_is_new_and_drops_the_rest(root: Path, folder: Path) -> None:
    (folder / "secret.po").unlink()
    assert main([], root=root, folder=folder) == 0
    text = (folder / "fr.po").read_text(encoding="utf-8")
    assert text.startswith(HEADER)
    assert 'msgid "New"\nmsgstr ""' in text
    assert 'msgstr "Bonjour {name}."' in text
    assert 'msgstr[1] "{n} commandes de {who}"' in text
    assert "Guessed" not in text
    assert main([], root=root, folder=folder) == 0
    assert (folder / "fr.po").read_text(encoding="utf-8") == text


def test_a_check_names_what_is_missing_unused_or_wrong(
    root: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "secret.po").unlink()
    words = root / "bot" / "words.py"
    words.write_text(words.read_text() + 'tongue("Good night, {name}.")\n')
    before = (folder / "fr.po").read_text(encoding="utf-8")
    assert main(["--check"], root=root, folder=folder) == 1
    assert (folder / "fr.po").read_text(encoding="utf-8") == before
    assert capsys.readouterr().out.splitlines() == [
        "fr.po: untranslated  bot/words.py:2  'New'",
        "fr.po: asks for a value the English does not have  bot/words.py:3  'Good night, {name}.'",
        "fr.po: unused  'Untranslated'",
        "fr.po: unused  'Guessed'",
    ]


def test_a_guessed_translation_stays_a_guess(
    root: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "secret.po").unlink()
    (root / "bot" / "words.py").write_text('tongue("Guessed")\n')
    main([], root=root, folder=folder)
    assert main(["--check"], root=root, folder=folder) == 1
    assert "untranslated  bot/words.py:1  'Guessed'" in capsys.readouterr().out


def test_a_check_of_a_complete_catalogue_is_silent(
    root: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "secret.po").unlink()
    main([], root=root, folder=folder)
    catalogue = folder / "fr.po"
    catalogue.write_text(
        catalogue.read_text().replace('msgid "New"\nmsgstr ""', 'msgid "New"\nmsgstr "Nouveau"')
    )
    assert main(["--check"], root=root, folder=folder) == 0
    assert capsys.readouterr().out == ""


def test_the_product_speaks() -> None:
    found = gather()
    assert "Approve" in found
    assert "Refund an order" in found
    assert all(re.match(r"(bot|memory|adapters|vigie)/", places[0][0]) for places in found.values())


def test_every_catalogue_that_ships_can_be_spoken() -> None:
    speak = tongues()
    for file in CATALOGUES.glob("*.po"):
        assert speak(file.stem).lang == file.stem
        assert speak(file.stem).moment(AT, "Europe/Paris")
    assert speak("fr")("Approve") == "Approuver"
