"""Keeps secrets out of everything this process logs: those of the settings, and whatever looks like one.

It stands where records are made, so that it holds for every logger and every handler, whoever installed them, and
for the text of exceptions. It knows no setting by name, only values.
"""

import logging
import re
import traceback
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from urllib.parse import quote, quote_plus, unquote, urlsplit

HIDDEN = "<hidden>"
SHORTEST = 8
"""Values shorter than this are words that occur by themselves; hiding them would tear up the log."""
_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL", re.IGNORECASE)
_LOOKS_SECRET = re.compile(
    r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"  # user:password@ in an address
    r"|(?<=/bot)\d{5,}:[\w-]{20,}"  # a Telegram bot's token in an address
    r"|\bxox[a-z]-[\w-]{10,}|\bxapp-[\w-]{10,}"  # Slack
    r"|\b(?:sk|rk|whsec|pat|shpat|secret|ntn)_?[-_](?:live_|test_)?[\w-]{16,}"
    r"|(?<=[?&]token=)[\w-]{12,}|(?<=[?&]secret=)[\w-]{12,}"  # sign-in links, authenticators
    r"|(?<=[Bb]earer )[\w.~+/=-]{8,}"
)

_HINTS = (
    *("://", "/bot", "xox", "xapp-", "sk_", "sk-", "rk_", "rk-", "pat_", "pat-", "ntn_", "ntn-"),
    *("whsec", "secret", "token=", "earer "),
)
"""Something of each way to look secret: hardly any line has one of them, and they are found ten times as fast."""


def values_of(environment: Mapping[str, str], settings: Iterable[str] = ()) -> frozenset[str]:
    """The values that must not be seen: of every variable whose name says so, and of the settings handed in."""
    found = [value for name, value in environment.items() if _SECRET_NAME.search(name)]
    found += [password for value in environment.values() if "://" in value for password in _passwords(value)]
    parts = [part.strip() for value in (*found, *settings) for part in (value, *value.split(","))]
    # A Telegram token is as good without the bot's number before it.
    parts += [part.partition(":")[2] for part in parts if part.partition(":")[0].isdecimal()]
    return frozenset(part for part in parts if len(part) >= SHORTEST)


def _passwords(value: str) -> Iterable[str]:
    """Those of an address, or of several behind commas, as they are written and as they are sent."""
    for part in value.split(","):
        try:
            password = urlsplit(part.strip()).password or ""
        except ValueError:
            # No address after all; what looks like one in it is hidden by its looks.
            continue
        yield from (password, unquote(password))


class Redaction:
    """`install` it once the settings are read; `remove` puts back what made records before."""

    def __init__(self, secrets: Iterable[str]) -> None:
        spelled = {
            form for secret in secrets for form in (secret, quote(secret, safe=""), quote_plus(secret))
        }
        # The longest first: a value that holds another goes as a whole.
        longest = sorted((each for each in spelled if len(each) >= SHORTEST), key=len, reverse=True)
        self._values = re.compile("|".join(map(re.escape, longest))) if longest else None
        self._before: Callable[..., logging.LogRecord] | None = None

    def __repr__(self) -> str:
        return "Redaction(…)"

    def hide(self, text: str) -> str:
        """The text without any of them."""
        text = self._values.sub(HIDDEN, text) if self._values else text
        return _LOOKS_SECRET.sub(HIDDEN, text) if any(map(text.__contains__, _HINTS)) else text

    def install(self) -> None:
        before = logging.getLogRecordFactory()
        self._before = before

        def make(*args: object, **kwargs: object) -> logging.LogRecord:
            return self._mended(before(*args, **kwargs))

        logging.setLogRecordFactory(make)

    def remove(self) -> None:
        if self._before is not None:
            logging.setLogRecordFactory(self._before)
            self._before = None

    def _mended(self, record: logging.LogRecord) -> logging.LogRecord:
        try:
            said = record.getMessage()
        except (TypeError, ValueError):
            return record  # the handler reports it, as it would have without us
        hidden = self.hide(said)
        if hidden != said:
            record.msg, record.args = hidden, ()
        if record.exc_info and record.exc_info[0] is not None:
            # Every handler takes the text that is there before it makes its own.
            record.exc_text = self.hide("".join(traceback.format_exception(*record.exc_info)).rstrip("\n"))
        if record.stack_info:
            record.stack_info = self.hide(record.stack_info)
        return record

    def told(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> str:
        """What may be printed of an error that nobody caught."""
        return self.hide("".join(traceback.format_exception(kind, error, trace)))
