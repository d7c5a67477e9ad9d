"""What people say of numbers, read as watches, in both languages; and said back."""

import pytest

from adapters.speech.languages import tongues
from bot import thresholdwords
from bot.errors import BadInput
from bot.thresholds import Origin, Side, Source, Threshold

DISK = Source(origin=Origin.MACHINE, name="disk", query="/")


@pytest.mark.parametrize(
    ("text", "source", "rule", "every", "rest"),
    [
        (
            "disk above 90 for 10 minutes clear below 80, tell me",
            DISK,
            Threshold(side=Side.ABOVE, limit=90, clear=80, hold=600, absent=300),
            60,
            "tell me",
        ),
        (
            "le disque /var au-dessus de 90,5 % pendant une heure rétabli sous 80 gravité critique, préviens-moi",
            Source(origin=Origin.MACHINE, name="disk", query="/var"),
            Threshold(side=Side.ABOVE, limit=90.5, clear=80, hold=3600, absent=300, severity="critical"),
            60,
            "préviens-moi",
        ),
        (
            "https://shop.example/health.json?a=1,2 path stock.left below 10 every 5 minutes, count, then refill",
            Source(origin=Origin.PAGE, name="https://shop.example/health.json?a=1,2", query="stock.left"),
            Threshold(side=Side.BELOW, limit=10, absent=1500),
            300,
            "count, then refill",
        ),
        (
            "prometheus 'sum(rate(errors{code=\"500\"}[5m])) by (job), 2' above 5 for 2m",
            Source(
                origin=Origin.SYSTEM, name="prometheus", query='sum(rate(errors{code="500"}[5m])) by (job), 2'
            ),
            Threshold(side=Side.ABOVE, limit=5, hold=120, absent=300),
            60,
            "",
        ),
        (
            "shopdb « select count(*) from orders where late > 3 » above 1e0"[:-2],
            Source(origin=Origin.SYSTEM, name="shopdb", query="select count(*) from orders where late > 3"),
            Threshold(side=Side.ABOVE, limit=1, absent=300),
            60,
            "",
        ),
        (
            "number visitors rises by 20 in 10 minutes cooldown 1 hour",
            Source(origin=Origin.SAID, name="visitors"),
            Threshold(side=Side.ABOVE, limit=20, over=600, cooldown=3600),
            60,
            "",
        ),
        (
            "nombre Visiteurs baisse de 5 en 1 heure",
            Source(origin=Origin.SAID, name="visiteurs"),
            Threshold(side=Side.BELOW, limit=-5, over=3600),
            60,
            "",
        ),
        (
            "number visitors silent for 2 days, ask them",
            Source(origin=Origin.SAID, name="visitors"),
            Threshold(side=Side.ABSENT, absent=172_800),
            60,
            "ask them",
        ),
        (
            "https://shop.example/ is down for 2 minutes",
            Source(origin=Origin.UP, name="https://shop.example/"),
            Threshold(side=Side.BELOW, limit=0.5, hold=120, absent=300, severity="critical"),
            60,
            "",
        ),
        (
            "certificate of shop.example:8443 below 14 days every 6 hours",
            Source(origin=Origin.CERTIFICATE, name="shop.example:8443"),
            Threshold(side=Side.BELOW, limit=14, absent=108_000),
            21_600,
            "",
        ),
        (
            "demo.late_orders > 3",
            Source(origin=Origin.SYSTEM, name="demo", query="late_orders"),
            Threshold(side=Side.ABOVE, limit=3, absent=300),
            60,
            "",
        ),
    ],
)
def test_a_watch_is_read(text: str, source: Source, rule: Threshold, every: int, rest: str) -> None:
    told = thresholdwords.read(text)
    assert told is not None
    assert (told.source, told.rule, told.every, told.rest) == (source, rule, every, rest)


@pytest.mark.parametrize("text", ["", "the news", "out for the dog", "what happens", "'disk' above 9"])
def test_what_names_no_number_is_something_else(text: str) -> None:
    assert thresholdwords.read(text) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("disk", "say when it is bad"),
        ("disk above much", "say when it is bad"),
        ("disk above 9 for ever", "say how long"),
        ("disk above 9 clear below some", "at which number it clears"),
        ("cpu rises by 9", "by how much and in what time"),
        ("number 12 above 9", "a number has a name"),
        ("certificate https://x/y below 3", "a certificate is of a machine"),
        ("disk above 9 please", "I do not understand “please”"),
    ],
)
def test_what_is_meant_and_makes_no_sense_is_refused_with_what_to_write(text: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        thresholdwords.read(text)


def test_a_watch_is_said_back_in_both_languages() -> None:
    told = thresholdwords.read("disk above 90 for 10 minutes clear below 80 cooldown 1 hour")
    assert told is not None
    english = thresholdwords.in_words(told.source, told.rule, told.every, tongues()("en"))
    assert english == (
        "disk / (%) above 90 for 10 minutes, clears at 80, at most once in 1 hour, read every 1 minute,"
        " told when no number comes for 5 minutes"
    )
    french = thresholdwords.in_words(told.source, told.rule, told.every, tongues()("fr"))
    assert french.startswith("disque / (%) au-dessus de 90 pendant 10 minutes")


def test_that_nobody_says_a_number_is_said_as_a_sentence() -> None:
    told = thresholdwords.read("number sales silent for 1 day")
    assert told is not None
    words = thresholdwords.in_words(told.source, told.rule, told.every, tongues()("en"))
    assert words == "the number sales: no number for 1 day"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12.0, "12"),
        (12.5, "12.5"),
        (0.1 + 0.2, "0.3"),
        (0.000123, "0.000123"),
        (1234567.0, "1234567"),
        (1234567.8, "1234568"),
        (-3.0, "-3"),
        (-0.0, "0"),
        (1e-9, "1e-09"),
        (1e20, "1e+20"),
    ],
)
def test_numbers_are_written_as_people_write_them(value: float, text: str) -> None:
    assert thresholdwords.amount(value, tongues()("en")) == text


@pytest.mark.parametrize(
    ("words", "value", "text"),
    [
        ("https://shop.example/ is down", 0.0, "does not answer"),
        ("https://shop.example/ is down", 1.0, "answers"),
        ("certificate of shop.example below 14", 8.99958, "8.9"),
        ("certificate of shop.example below 14", -0.02, "-0.1"),
        ("disk above 90", 32.123456789, "32.1235"),
    ],
)
def test_what_was_read_is_said_in_the_words_of_what_it_is(words: str, value: float, text: str) -> None:
    told = thresholdwords.read(words)
    assert told is not None
    assert thresholdwords.reading(told.source, value, tongues()("en")) == text


def test_the_decimal_mark_is_that_of_the_reader() -> None:
    french = tongues()("fr")
    told = thresholdwords.read("charge au-dessus de 2,5 rétabli sous 1,5")
    assert told is not None
    assert thresholdwords.amount(25.8, french) == "25,8"
    words = thresholdwords.in_words(told.source, told.rule, told.every, french)
    assert "au-dessus de 2,5" in words
    assert "1,5" in words
