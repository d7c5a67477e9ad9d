"""Characters that pass for others: what a person would read wrongly although every character can be seen.

Pure. A value is taken apart into addresses (hosts, e-mail addresses, web addresses) and words. An address is
suspected sooner than a word of running text, because a word in another script is ordinary there. Judged by the
script in a character's Unicode name, by its compatibility form (NFKC), and by a small table of letters that are
drawn like ASCII ones. What is found says the code points and, for a host, the punycode that is really asked for.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

# Letters that common typefaces draw like an ASCII one, each followed by the one it is read as. From their shapes,
# script by script: small and capital Cyrillic, small and capital Greek, Armenian, Cherokee, Lisu, Latin.
_DRAWN_LIKE = {
    pair[0]: pair[1]
    for pair in (
        "аa еe оo рp сc уy хx іi јj ѕs ԁd һh ӏl ԛq ԝw ѵv "
        "АA ВB ЕE КK МM НH ОO РP СC ТT УY ХX ІI ЈJ ЅS ԌG ԚQ ԜW ӀI "
        "αa ιi κk νv οo ρp τt υu ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX "
        "գq յj ոn սu ցg հh օo ՕO ՍU ՏS ԼL ᎪA ᏴB ᏟC ᎬE ᎻH ᎫJ ᏦK ᏞL ᎷM ᏢP ᏚS ᎢT ᏙV ᎳW "
        "ꓐB ꓑP ꓓD ꓔT ꓖG ꓗK ꓙJ ꓚC ꓜZ ꓝF ꓟM ꓠN ꓡL ꓢS ꓣR ꓦV ꓧH ꓪW ꓫX ꓬY ꓮA ꓰE ꓲI ꓳO ꓴU "
        "ıi ɑa ɡg ɩi ʋv ᴄc ᴏo ᴜu ᴠv ᴡw ᴢz ꞮI"
    ).split(" ")
}
# Marks on a letter that are easily missed: above or below, and no larger than a dot or a line.
_MISSED = frozenset("\u0323\u0324\u0325\u0326\u0327\u0328\u032d\u0331\u0335\u0336\u0337\u0338\u0307")
_TOGETHER = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
)
"""Scripts that are written in one word (Unicode Technical Standard 39, "highly restrictive")."""
_SAME_SCRIPT = {
    "KATAKANA-HIRAGANA": "KATAKANA",
    **dict.fromkeys("FULLWIDTH HALFWIDTH MATHEMATICAL MICRO OHM MASCULINE FEMININE".split(), ""),
}
_SUPERSCRIPTS = frozenset("ªº")

_MAIL = re.compile(r"[^\s@<>(),;:\"]+@([^\s@<>(),;:\"/]+\.[^\s@<>(),;:\"/]+)")
_WEB = re.compile(r"https?://(?:[^\s/@]*@)?([^\s/:?#]+)[^\s]*", re.IGNORECASE)
_HOST = re.compile(
    r"(?<![\w@.-])((?:[\w\u0300-\u036f-]{1,63}[.\u3002\uff0e\uff61])+[^\W\d_][\w-]{1,62})(?![\w@-])"
)
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """`text` as it stands in the value; `host` its punycode where it names one; `odd` the characters in it
    that are not what they seem, in their order; `reads` what most people would read."""

    text: str
    host: str
    odd: tuple[str, ...]
    reads: str


def suspects(text: str, *, strict: bool = False) -> tuple[Suspect, ...]:
    """What in this text may be misread. `strict` is for values that name who or what: there every word is
    held to the rules of an address."""
    if text.isascii():
        return tuple(_encoded(text))
    found = [*_encoded(text)]
    taken: list[tuple[int, int]] = []
    for pattern in (_MAIL, _WEB, _HOST):
        for match in pattern.finditer(text):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            taken.append(match.span())
            if (suspect := _address(match[0], match[1])) is not None:
                found.append(suspect)
    for match in _WORD.finditer(text):
        if any(start < match.end() and match.start() < end for start, end in taken):
            continue
        odd = _odd(match[0], strict=strict)
        if odd:
            found.append(Suspect(text=match[0], host="", odd=odd, reads=_read(match[0])))
    return tuple(dict.fromkeys(found))


def named(char: str) -> str:
    """`U+0430 CYRILLIC SMALL LETTER A`."""
    return f"U+{ord(char):04X} {unicodedata.name(char, '')}".rstrip()


def punycode(host: str) -> str:
    """The host as it is asked for on the wire, label by label; what cannot be written so stays as it is."""
    return ".".join(map(_label, re.split(r"[.\u3002\uff0e\uff61]", host)))


def _label(label: str) -> str:
    lower = unicodedata.normalize("NFKC", label).lower()
    return lower if lower.isascii() else f"xn--{lower.encode('punycode').decode('ascii')}"


def _encoded(text: str) -> Iterator[Suspect]:
    """Hosts that come in punycode already: what a browser may show for them, when that could be misread."""
    for match in re.finditer(r"(?<![\w-])xn--[a-z0-9-]+", text, re.IGNORECASE | re.ASCII):
        try:
            label = match[0][4:].encode("ascii").decode("punycode")
        except UnicodeError:
            continue
        if not label.isascii():
            odd = _odd(label, strict=True) or tuple(dict.fromkeys(c for c in label if not c.isascii()))
            yield Suspect(text=match[0], host=match[0].lower(), odd=odd, reads=label)


def _address(text: str, host: str) -> Suspect | None:
    """An address is judged whole, letter by letter."""
    worse = {char for word in _WORD.findall(text) for char in _odd(word, strict=True)}
    odd = tuple(dict.fromkeys(char for char in text if char in worse or _missed(char)))
    dots = tuple(char for char in dict.fromkeys(host) if char in "\u3002\uff0e\uff61")
    if not odd and not dots:
        return None
    return Suspect(text=text, host=punycode(host), odd=(*dots, *odd), reads=_read(text))


def _odd(word: str, *, strict: bool) -> tuple[str, ...]:
    """The characters of a word that are not what they seem; empty for an honest word."""
    if word.isascii():
        return ()
    odd = {char for char in word if _compatible(char)}
    like = {char for char in word if char in _DRAWN_LIKE}
    scripts = {script for char in word if (script := _script(char))}
    if len(scripts) > 1 and not any(scripts <= together for together in _TOGETHER):
        odd |= {char for char in word if not char.isascii() and _script(char)} if strict else like
    if strict:
        odd |= {char for char in word if unicodedata.category(char) == "Nd" and not char.isascii()}
        if "LATIN" not in scripts and _read(word).isascii():
            odd |= like
    return tuple(dict.fromkeys(char for char in word if char in odd))


def _compatible(char: str) -> bool:
    """Drawn as another letter or digit that NFKC would turn it into."""
    if char.isascii() or char in _SUPERSCRIPTS or unicodedata.category(char)[0] not in "LN":
        return False
    if unicodedata.category(char) == "No":
        return False
    plain = unicodedata.normalize("NFKC", char)
    return plain != char and plain.isascii() and plain.isalnum()


def _missed(char: str) -> bool:
    """A Latin letter that is another one but for a dot or a line, and a mark that stands by itself."""
    if unicodedata.combining(char):
        return True
    parts = unicodedata.normalize("NFD", char)
    return any(part in _MISSED for part in parts[1:]) or (_script(char) == "LATIN" and char in _DRAWN_LIKE)


def _script(char: str) -> str:
    """The first word of a letter's name, which is its script; "" for what belongs to none."""
    if unicodedata.category(char)[0] != "L":
        return ""
    first = unicodedata.name(char, "").partition(" ")[0]
    return _SAME_SCRIPT.get(first, first)


def _read(text: str) -> str:
    """What most people would read: the plain letters these are drawn like."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(_DRAWN_LIKE.get(char, char) for char in plain)
