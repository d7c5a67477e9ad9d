"""Everything that can go wrong, as one tree. A refusal is a sentence a person can act on.

VigieError
├── Refused            the request is understood and will not be done; the text says why
│   ├── BadInput       an argument is missing, unknown or malformed; names the field
│   └── NotAllowed     the person, place or policy does not permit it
├── Stale              what was shown is no longer what is (revision, precondition)
├── Unreachable        certainly not done; try again later (connect failure, 429, 503)
│   └── StoreAway      our own store: nothing of it was kept
├── Failed             certainly not done, and trying again will not help (4xx)
│   └── StoreDamaged   our own store: its file is not whole any more
├── OutcomeUnknown     may or may not have been done (timeout after sending)
│   ├── Unknowable     ... and the system offers no way to find out
│   └── StoreUnknown   our own store: it may be kept or not
└── Misconfigured      a setting or file is wrong; stops the start with one line
    └── SchemaTooNew   the database was written by a newer Vigie
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

_PLACE = re.compile(r"\{(\w+)\}")


class Choices:
    """Values to choose from, each with the English words it goes by ("" where it has none of its own). The value stands first:
    it is understood in every language."""

    def __init__(self, called: Iterable[tuple[str, str]]) -> None:
        self._called = tuple(called)

    def __str__(self) -> str:
        return self.said(str)

    def said(self, tongue: Callable[[str], str]) -> str:
        """By a Tongue."""
        return ", ".join(
            f"{value} ({tongue(words)})" if words and words.casefold() != value.casefold() else value
            for value, words in self._called
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """What an error says, as it is kept: in English, and in no language but the reader's once it is told."""

    message: str
    values: Mapping[str, "str | Sentence"] = field(default_factory=dict[str, "str | Sentence"])

    def __str__(self) -> str:
        return filled(self.message, self.values)

    def said(self, tongue: Callable[..., str]) -> str:
        """By a Tongue."""
        values = {
            name: value.said(tongue) if isinstance(value, Sentence) else value
            for name, value in self.values.items()
        }
        return tongue(self.message, **values)


class VigieError(Exception):
    """Root of our own errors. `str(error)` is fit for a person's eyes and holds no secret.

    `message` is an English sentence whose `{name}` places are filled with `values`, so that `said` can say it
    in another language. A value may be an error, which is then said in that language too. `spent` says that it
    may have cost something all the same: a model that was asked and did not answer in time.
    """

    spent = False

    def __init__(self, message: str = "", /, **values: object) -> None:
        super().__init__(filled(message, values))
        self.message = message
        self.values = values

    def said(self, tongue: Callable[..., str]) -> str:
        """The sentence by a Tongue."""
        values = {
            name: value.said(tongue) if isinstance(value, VigieError | Choices) else value
            for name, value in self.values.items()
        }
        return tongue(self.message, **values)

    def kept(self) -> Sentence:
        """What to keep of it, for readers of any language."""
        values = {
            name: value.kept() if isinstance(value, VigieError) else str(value)
            for name, value in self.values.items()
        }
        return Sentence(message=self.message, values=values)


def filled(message: str, values: Mapping[str, object]) -> str:
    """An English sentence with its places filled."""
    return _PLACE.sub(lambda place: str(values.get(place[1], place[0])), message)


class Refused(VigieError):
    """Understood, and will not be done."""


class BadInput(Refused):
    """An argument is missing, unknown or malformed. `field` names it where one is at fault."""

    def __init__(self, message: str, /, *, field: str | None = None, **values: object) -> None:
        super().__init__(message, **values)
        self.field = field


class NotAllowed(Refused):
    """This person, place or policy does not permit it."""


class Stale(VigieError):
    """What was shown is no longer what is: a revision moved on or a precondition changed."""


class Unreachable(VigieError):
    """Certainly not done; worth trying again. `retry_after` is in seconds when the other side named it."""

    def __init__(self, message: str, /, *, retry_after: float | None = None, **values: object) -> None:
        super().__init__(message, **values)
        self.retry_after = retry_after


class StoreAway(Unreachable):
    """Our own store cannot be reached, is locked or full. It says nothing about a deed on any system."""


class Failed(VigieError):
    """Certainly not done, and the same call would fail again."""


class StoreDamaged(Failed):
    """Our own store has pages that cannot be read. It says nothing about a deed on any system."""


class OutcomeUnknown(VigieError):
    """The deed was sent and no answer came back: it may or may not have happened."""


class Unknowable(OutcomeUnknown):
    """Nobody can find out: the system keeps no key and offers no look-up."""


class StoreUnknown(OutcomeUnknown):
    """Our own store went away while it kept something. It says nothing about a deed on any system."""


class Misconfigured(VigieError):
    """A setting or a file is wrong. Stops the start with one line that names it."""


class SchemaTooNew(Misconfigured):
    """The database was written by a newer Vigie than this one."""
