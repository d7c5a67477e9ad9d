"""Keeps the bot's token and people's words out of the logs of the libraries underneath.

The Bot API carries the token in the URL, which httpx logs at INFO; python-telegram-bot logs URLs, parameters and
answers at DEBUG, and whole updates when it cannot read them. The filter stands on exactly those loggers while the
door exists and is taken away with it.
"""

import logging
from urllib.parse import quote

_HIDDEN = "<bot token>"
# Filters of a logger do not see what its children log, so each one is named.
_WIRES = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.http2", "httpcore.proxy")
_LIBRARY = ("telegram", "telegram.Bot", "telegram.request.BaseRequest", "telegram.request.HTTPXRequest")


class Redaction(logging.Filter):
    """Lets no record through that holds the token; of the Telegram library, no values either."""

    def __init__(self, token: str) -> None:
        super().__init__()
        secret = token.partition(":")[2] or token
        self._secrets = tuple(dict.fromkeys((token, quote(token, safe=""), quote(token), secret)))

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to log it; what it would say is mended in place."""
        if record.name.partition(".")[0] == "telegram":
            record.args = ()
            record.exc_info = record.exc_text = None
        record.msg = self.hide(record.getMessage())
        record.args = ()
        if (
            record.exc_info
            and record.exc_info[1]
            and self.hide(str(record.exc_info[1])) != str(record.exc_info[1])
        ):
            record.exc_info = record.exc_text = None
        return True

    def hide(self, text: str) -> str:
        """The text with every spelling of the token taken out."""
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        return text

    def install(self) -> None:
        """From now on. Doing it twice is doing it once."""
        for name in (*_WIRES, *_LIBRARY):
            logging.getLogger(name).addFilter(self)

    def remove(self) -> None:
        """No longer."""
        for name in (*_WIRES, *_LIBRARY):
            logging.getLogger(name).removeFilter(self)
