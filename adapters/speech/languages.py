"""One language: its catalogue, and how it writes money and moments. A `bot.speech.Tongue` by Babel.

Speaking never fails: a sentence without a translation, or whose translation asks for a value that is not
there, is said in English.
"""

import logging
import re
from collections.abc import Mapping
from copy import copy
from datetime import date, datetime
from decimal import Decimal
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from bot.speech import Tongue, Tongues
from bot.values import Money, exponent

log = logging.getLogger(__name__)

CATALOGUES = Path(__file__).parent / "catalogues"
ENGLISH = "en"

_PLACE = re.compile(r"\{(\w+)\}")
_DAY = "EEE d MMM y"
_MOMENT = f"{_DAY}, HH:mm"


class Speech:
    """A language with its catalogue; English needs none."""

    def __init__(self, lang: str, catalogue: NullTranslations) -> None:
        self._lang = lang
        self._catalogue = catalogue
        self._locale = Locale.parse(lang)

    @property
    def lang(self) -> str:
        """The two-letter code, such as `fr`."""
        return self._lang

    def __call__(self, message: str, /, **values: object) -> str:
        """The sentence in this language; the English one when the catalogue has none."""
        # The catalogue keeps its own header under the empty id.
        translated = self._catalogue.gettext(message) if message else ""
        return self._filled(translated, message, values)

    def many(self, one: str, other: str, n: int, /, **values: object) -> str:
        """The plural form for `n`, which is also available as `{n}`."""
        translated = self._catalogue.ngettext(one, other, n)
        return self._filled(translated, one if n == 1 else other, {"n": n, **values})

    def money(self, amount: Money) -> str:
        """Major units with the currency, as this language writes it. Always all decimals of ISO 4217, where
        Babel would round to those that are in everyday use."""
        pattern = copy(self._locale.currency_formats["standard"])
        pattern.frac_prec = (exponent(amount.currency), exponent(amount.currency))
        return pattern.apply(amount.major, self._locale, currency=amount.currency, currency_digits=False)

    def number(self, value: Decimal) -> str:
        """`1234,5`: the decimal mark of this language, every digit there is."""
        return format_decimal(value, locale=self._locale, decimal_quantization=False, group_separator=False)

    def count(self, n: int) -> str:
        """`1 234 567`: how many, to be read."""
        return format_decimal(n, locale=self._locale)

    def date(self, day: date) -> str:
        """`Thu 24 Dec 2026`."""
        return format_date(day, _DAY, locale=self._locale)

    def moment(self, at: datetime, zone: str) -> str:
        """`Sat 21 Nov 2026, 14:05 Europe/Paris (UTC+1)`."""
        local = at.astimezone(_zone(zone))
        name = str(local.tzinfo)
        return f"{self._written(local)} {name}" + ("" if name == "UTC" else f" ({_offset(local)})")

    def day(self, at: datetime, zone: str) -> str:
        """`Sat 21 Nov 2026, 14:05`: for lists that name the zone once."""
        return self._written(at.astimezone(_zone(zone)))

    def _written(self, local: datetime) -> str:
        return format_datetime(local, _MOMENT, tzinfo=local.tzinfo, locale=self._locale)

    def _filled(self, template: str, english: str, values: Mapping[str, object]) -> str:
        """The template with its places filled. Values are put in as they are, braces of theirs included. What the English
        has in braces and nobody gives a value for is meant as it stands: the way to write a recipe."""
        if not places(template) <= values.keys() | places(english):
            log.warning(
                "translation asks for more values", extra={"action": "bad_translation", "lang": self._lang}
            )
            template = english
        return _PLACE.sub(lambda place: str(values.get(place[1], place[0])), template)


def places(template: str) -> set[str]:
    """The names of the values that a sentence asks for."""
    return {*_PLACE.findall(template)}


class Languages:
    """The languages whose catalogues lie in a folder, and English; each is read when it is first spoken."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._spoken = {ENGLISH: Speech(ENGLISH, NullTranslations())}
        codes = [file.stem for file in sorted(folder.glob("*.po")) if re.fullmatch(r"[a-z]{2,3}", file.stem)]
        self._names: Mapping[str, str] = {}
        self._codes = (ENGLISH, *(code for code in codes if _is_language(code)))

    @property
    def languages(self) -> Mapping[str, str]:
        """By its code, what each language calls itself; English first. All that is known of a language is read to find
        its name (2 MB each), so it is asked for when somebody chooses."""
        if not self._names:
            self._names = {code: _own_name(code) for code in self._codes}
        return self._names

    def __call__(self, lang: str, /) -> Tongue:
        """`fr-CA` is French; what has no catalogue is English."""
        # A platform may send any text as a language: only what is in the list becomes part of a path.
        code = re.split(r"[-_]", lang.strip().lower())[0]
        if code not in self._codes:
            return self._spoken[ENGLISH]
        if code not in self._spoken:
            self._spoken[code] = Speech(code, _catalogue(self._folder / f"{code}.po", code))
        return self._spoken[code]


def tongues(folder: Path = CATALOGUES) -> Tongues:
    """Speaks English and the languages whose catalogues lie in `folder`."""
    return Languages(folder)


def _is_language(code: str) -> bool:
    """Whether Babel can write numbers and dates in it."""
    try:
        Locale.parse(code)
    except UnknownLocaleError:
        log.warning("a catalogue of no known language", extra={"action": "bad_catalogue", "lang": code})
        return False
    return True


def _own_name(code: str) -> str:
    """`Français`; the code of one that has no name of its own."""
    name = Locale.parse(code).get_language_name(code) or code
    return name[0].upper() + name[1:]


def _catalogue(file: Path, code: str) -> NullTranslations:
    with file.open("rb") as text:
        catalogue = read_po(text, locale=code)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        log.warning("unknown time zone", extra={"action": "bad_zone", "zone": name})
        return ZoneInfo("UTC")


def _offset(local: datetime) -> str:
    offset = local.utcoffset()
    minutes = int(offset.total_seconds() // 60) if offset else 0
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")
