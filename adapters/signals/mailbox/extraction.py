"""What a mail says, read in a process of its own: raw mails in on standard input, one JSON line for each out.

Run as a file, apart from the program and its secrets, under limits on memory and on processor time for each mail: a
mail that was made to break or to choke whoever reads it ends this process alone. Standard library only; knows nothing
of the rest. Nothing is unpacked, fetched or run: an archive is told by its name and size.

In: 8 bytes, the length, and so many bytes. Out: an object with sender, address, recipients, subject, date, message,
text, cut, and attachments of name, type, size and, where it is text, text.
"""

import json
import sys
from collections.abc import Callable, Iterator
from email.message import Message
from email.parser import BytesParser
from email.policy import default
from email.utils import getaddresses, parseaddr
from html.parser import HTMLParser
from typing import Any, BinaryIO, cast

try:
    import resource
except ImportError:  # on Windows: the one who started it still ends it when it takes too long
    resource = None

MEMORY = 768 * 1024 * 1024
CPU_SECONDS = 5
"""For one mail."""
LONGEST_TEXT = 20_000
LONGEST_FILE = 10_000
"""Characters of an attached text, of the first few."""
MOST_FILES, MOST_TEXTS, MOST_PARTS = 20, 3, 200
LONGEST_LINE = 300
_SILENT = frozenset({"script", "style", "head", "title", "template", "noscript", "svg"})
_BREAKS = frozenset("p div br li tr h1 h2 h3 h4 h5 h6 table ul ol blockquote hr section article pre".split())
_HIDDEN = ("display:none", "visibility:hidden", "font-size:0", "opacity:0")


def read(raw: bytes) -> dict[str, Any]:
    """What is told of a mail. Never raises for what is in it: what cannot be read is left out."""
    letter = BytesParser(policy=default).parsebytes(raw)
    text, cut = _body(letter)
    return {
        "sender": _header(letter, "From"),
        "address": parseaddr(_header(letter, "From"))[1].casefold()[:LONGEST_LINE],
        "recipients": _recipients(letter),
        "subject": _header(letter, "Subject"),
        "date": _header(letter, "Date"),
        "message": _header(letter, "Message-ID"),
        "automatic": _header(letter, "Auto-Submitted").casefold() not in ("", "no"),
        "text": text,
        "cut": cut,
        "attachments": list(_attachments(letter)),
    }


def _header(letter: Message, name: str) -> str:
    """One line of it. A header that breaks the parser is as good as none."""
    try:
        value = letter.get(name, "")
        return clean(" ".join(str(value).split()))[:LONGEST_LINE]
    except Exception:
        return ""


def _recipients(letter: Message) -> list[str]:
    found = getaddresses([_header(letter, name) for name in ("To", "Cc", "Delivered-To")])
    return list(dict.fromkeys(address.casefold() for _, address in found if "@" in address))[:20]


def clean(text: str) -> str:
    """Text that any store can keep: whole characters, and no NUL."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def _parts(letter: Message) -> Iterator[Message]:
    """The leaves, without climbing into mails that are attached to it."""
    waiting, count = [letter], 0
    while waiting and count < MOST_PARTS:
        part = waiting.pop()
        count += 1
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            below: list[Any] = list(cast("Any", part.get_payload()))
            waiting += [each for each in reversed(below) if isinstance(each, Message)]
        else:
            yield part


def _attached(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or bool(_name(part))


def _name(part: Message) -> str:
    try:
        return clean(" ".join(str(part.get_filename() or "").split()))[:120]
    except Exception:
        return ""


def _body(letter: Message) -> tuple[str, bool]:
    """The words of the mail: its plain text, or what its HTML shows where there is none."""
    found: dict[str, list[str]] = {"text/plain": [], "text/html": []}
    for part in _parts(letter):
        kind = part.get_content_type()
        if kind in found and not _attached(part):
            found[kind].append(_text(part))
    plain = "\n".join(found["text/plain"]).strip()
    text = plain or "\n".join(shown(each) for each in found["text/html"]).strip()
    return text[:LONGEST_TEXT], len(text) > LONGEST_TEXT


def _text(part: Message) -> str:
    """The text of a part, as far as it can be read."""
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        return ""
    raw = raw[: 4 * LONGEST_TEXT * 4]
    for charset in (part.get_content_charset(), "utf-8"):
        try:
            return clean(raw.decode(charset or "utf-8", "replace"))
        except (LookupError, ValueError):
            continue
    return clean(raw.decode("latin-1"))


def _attachments(letter: Message) -> Iterator[dict[str, Any]]:
    told = texts = 0
    for part in _parts(letter):
        kind = part.get_content_type()
        if kind in ("text/plain", "text/html") and not _attached(part):
            continue
        if told == MOST_FILES:
            return
        told += 1
        payload = part.get_payload(decode=True) if not part.is_multipart() else None
        found: dict[str, Any] = {"name": _name(part), "type": kind, "size": len(payload or b"")}
        if part.get_content_maintype() == "text" and texts < MOST_TEXTS:
            texts += 1
            text = _text(part)
            found["text"] = (shown(text) if kind == "text/html" else text)[:LONGEST_FILE]
        yield found


class _Shown(HTMLParser):
    """What a person would see of a page, line by line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        style = "".join((dict(attrs).get("style") or "").lower().split())
        if tag in _BREAKS:
            self.lines.append("\n")
        if tag in _VOID:
            return
        if self._silent or tag in _SILENT or any(each in style for each in _HIDDEN):
            self._silent.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._silent:
            while self._silent.pop() != tag:
                pass
        elif tag in _BREAKS:
            self.lines.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.lines.append(data)


_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())


def shown(html: str) -> str:
    """The text of HTML as it would be seen: no scripts, no styles, nothing hidden by a style of its own."""
    page = _Shown()
    try:
        page.feed(html)
        page.close()
    except (AssertionError, ValueError, RecursionError):  # what was read so far stands
        pass
    lines = (" ".join(line.split()) for line in "".join(page.lines).split("\n"))
    return "\n".join(line for line in lines if line)


def _limit() -> Callable[[], None]:
    """Sets the limits that stand for good. Returns what gives each mail its time."""
    if resource is None:
        return lambda: None
    limits = resource
    limits.setrlimit(limits.RLIMIT_AS, (MEMORY, MEMORY))
    limits.setrlimit(limits.RLIMIT_CORE, (0, 0))
    limits.setrlimit(limits.RLIMIT_FSIZE, (0, 0))
    _, hard = limits.getrlimit(limits.RLIMIT_CPU)

    def again() -> None:
        used = limits.getrusage(limits.RUSAGE_SELF)
        limits.setrlimit(limits.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + CPU_SECONDS, hard))

    return again


def serve(source: BinaryIO, out: BinaryIO) -> None:
    """Mail after mail, until there are no more."""
    again = _limit()
    while len(head := source.read(8)) == 8:
        raw = source.read(int.from_bytes(head, "big"))
        again()
        try:
            told = json.dumps(read(raw), ensure_ascii=True)
        except (Exception, MemoryError):
            told = "null"
        out.write(told.encode("ascii") + b"\n")
        out.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
