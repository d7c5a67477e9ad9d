"""What is logged, as JSON for programs or as lines for people. One handler on standard error, for every logger there is.

A line says what happened by name, with fields; to those the ids of the step under way are added. Of an error its kinds and
where it was raised are told, not its words: they may quote what somebody wrote. Third parties' loggers speak from
WARNING on, for below they tell of requests and their addresses.
"""

import logging
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from pathlib import PurePath
from typing import Any, TextIO, cast

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from adapters.telemetry import ids
from adapters.telemetry.aside import Aside
from bot.errors import VigieError

OURS = ("vigie", "bot", "memory", "adapters")
"""The loggers whose lines below WARNING are ours to judge."""
LONGEST = 500
"""Characters of one value."""

Hide = Callable[[str], str]


class Form(StrEnum):
    AUTO = "auto"
    """For people at a terminal, JSON elsewhere."""
    JSON = "json"
    TEXT = "text"


def install(
    form: Form, *, level: str, hide: Hide, stream: TextIO | None = None, aside: bool = False
) -> logging.Handler:
    """From now on every record goes out in this form, without what `hide` takes out of it. With `aside` what is for programs
    is written a moment later, but for warnings and worse (see `Aside`). Returns the handler."""
    out: TextIO = sys.stderr if stream is None else stream
    people = form is Form.TEXT or (form is Form.AUTO and out.isatty())
    handler = Aside(out) if aside and not people else logging.StreamHandler(out)
    handler.setFormatter(_formatter(people=people, colours=people and out.isatty(), hide=hide))
    root = logging.getLogger()
    for before in root.handlers[:]:
        root.removeHandler(before)
    root.addHandler(handler)
    # No line says which one of the code wrote it, by which thread: to look for that is half of what a record costs
    # (https://docs.python.org/3/howto/logging.html#optimization).
    logging._srcfile = None  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    root.setLevel(logging.WARNING)
    wanted = level.upper() or ("WARNING" if people else "INFO")
    for name in OURS:
        logging.getLogger(name).setLevel(wanted)
    return handler


def _formatter(*, people: bool, colours: bool, hide: Hide) -> logging.Formatter:
    def hidden(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        plain = {name: _bounded(value) for name, value in event.items()}
        # One look at all of them, because nearly always there is nothing to hide in any.
        said = "\n".join(_texts(plain.values()))
        return plain if hide(said) == said else {name: _hidden(value, hide) for name, value in plain.items()}

    last: Processor = (
        structlog.dev.ConsoleRenderer(colors=colours, timestamp_key="time", event_key="what")
        if people
        else structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    )
    return _Lines(
        [
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            _without_record,
            _with_ids,
            _without_words,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            hidden,
            last,
        ]
    )


class _Lines(logging.Formatter):
    """Makes a record a line with processors of structlog. Its own formatter makes every record twice, so that processors
    may change it; these do not."""

    def __init__(self, processors: Sequence[Processor]) -> None:
        super().__init__()
        self._processors = processors

    def format(self, record: logging.LogRecord) -> str:
        event: Any = {"what": record.getMessage(), "_record": record}
        if record.exc_info:
            event["exc_info"] = record.exc_info
        level = record.levelname.lower()
        for processor in self._processors:
            event = processor(None, level, event)
        return event


def _without_record(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    del event["_record"]
    return event


def _with_ids(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """What the line says itself goes before."""
    return {**ids.now(), **event}


def _without_words(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """An error as its kinds, the innermost last, and the place that raised it."""
    found = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    error: object = cast("tuple[object, ...]", found)[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        chain = list(_chain(error))
        event["error"] = " < ".join(_kind(each) for each in chain)
        event["raised"] = _raised(chain[0])
    return event


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """It, and what it was raised from."""
    for _ in range(10):
        if error is None:
            return
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _kind(error: BaseException) -> str:
    """Our own errors say the sentence without its values, the system's the number's meaning."""
    name = type(error).__qualname__
    if isinstance(error, VigieError) and error.message and error.values:
        return f"{name}: {error.message}"
    if isinstance(error, OSError) and error.strerror:
        return f"{name}: {error.strerror}"
    return name


def _raised(error: BaseException) -> list[str]:
    """The innermost frames, the last first."""
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in reversed(frames)]


def _short(path: str) -> str:
    parts = PurePath(path).parts
    if "site-packages" in parts:
        return "/".join(parts[parts.index("site-packages") + 1 :])
    return "/".join(parts[-3:])


def _bounded(value: object) -> object:
    """As it goes out: numbers as they are, everything else as words, and not too many of them."""
    match value:
        case str():
            return value[:LONGEST]
        case bool() | int() | float() | None:
            return value
        case list() | tuple():
            return [_bounded(each) for each in cast("Sequence[object]", value)]
        case _:
            return str(value)[:LONGEST]


def _texts(values: Iterable[object]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from _texts(cast("list[object]", value))


def _hidden(value: object, hide: Hide) -> object:
    match value:
        case str():
            return hide(value)
        case list():
            return [_hidden(each, hide) for each in cast("list[object]", value)]
        case _:
            return value
