"""The second factor: what is kept of a person's authenticator, and when a code of it counts. Pure.

A code is good for thirty seconds and once: what is kept is the step of the last one that was taken, so that
neither it nor an older one is taken again. Too many wrong ones close the door for a while. How codes are
reckoned and how the secret is sealed are the port's affair; nothing here ever holds an open secret.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.errors import NotAllowed, Refused
from bot.values import Json

FIELD = "second_factor"
"""The one field of the form that asks for a code. No action has a field of this name."""
ENROL = timedelta(minutes=10)
"""How long a secret that was shown waits for its first code."""
MOST_WRONG = 5
WINDOW = timedelta(minutes=15)
"""After so many wrong codes within so long, none is taken until the window has passed."""

NEEDED = "this asks for your second factor; say “second factor” to me in a private conversation first"
WRONG = "that is not the code your authenticator shows now"
SPENT = "this code was used already; wait for the next one"
CLOSED = "too many wrong codes; try again in {n} minutes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A new secret: `sealed` is what may be kept, `secret` and `uri` (otpauth, as authenticators read it from a
    picture) are shown to the person once."""

    sealed: str
    secret: str
    uri: str

    def __repr__(self) -> str:
        return "Begun(…)"


class Factors(Protocol):
    """Authenticators: makes secrets, seals them, and reckons codes. Knows no person's record and no time."""

    def begin(self, person: str, name: str) -> Begun:
        """A new secret for this person, sealed so that it opens for them alone."""
        ...

    def step(self, sealed: str, person: str, code: str, now: datetime) -> int | None:
        """The thirty-second step this code belongs to, at most one away from now; None for a wrong code.

        Raises Refused when what was kept cannot be opened: it is another person's, or its key is gone.
        """
        ...

    def renewed(self, sealed: str, person: str) -> str:
        """The same secret under the newest key; unchanged when it is already, or cannot be opened."""
        ...


class NoFactors:
    """An installation without authenticators: nobody can enrol, so nobody can prove themselves."""

    def begin(self, person: str, name: str) -> Begun:
        raise Refused("there are no second factors in this installation")

    def step(self, sealed: str, person: str, code: str, now: datetime) -> int | None:
        raise Refused("there are no second factors in this installation")

    def renewed(self, sealed: str, person: str) -> str:
        return sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One person's. `since` is when its first code confirmed it, `last` the step of the newest code taken,
    `wrong` when wrong ones were sent lately."""

    sealed: str
    made: datetime
    since: datetime | None = None
    last: int = -1
    wrong: tuple[datetime, ...] = ()

    def __repr__(self) -> str:
        return f"Factor(since={self.since})"

    def waits(self, now: datetime) -> bool:
        """Shown, and its first code may still come."""
        return self.since is None and now < self.made + ENROL

    def open_at(self, now: datetime) -> None:
        """Raises NotAllowed while too many wrong codes came lately."""
        recent = [at for at in self.wrong if now < at + WINDOW]
        if len(recent) >= MOST_WRONG:
            left = recent[-MOST_WRONG] + WINDOW - now
            raise NotAllowed(CLOSED, n=max(1, -(-int(left.total_seconds()) // 60)))

    def taken(self, step: int, now: datetime) -> "Factor":
        """A right code, used up; the first one confirms. Raises NotAllowed for one that was used, or is older."""
        if step <= self.last:
            raise NotAllowed(SPENT)
        return replace(self, last=step, since=self.since or now, wrong=())

    def missed(self, now: datetime) -> "Factor":
        """A wrong code more."""
        return replace(self, wrong=(*(at for at in self.wrong if now < at + WINDOW), now))

    def under(self, sealed: str) -> "Factor":
        """The same secret, sealed again."""
        return replace(self, sealed=sealed)

    def as_json(self) -> Json:
        return {
            "sealed": self.sealed,
            "made": self.made.isoformat(),
            "since": self.since.isoformat() if self.since else "",
            "last": self.last,
            "wrong": [at.isoformat() for at in self.wrong],
        }

    @staticmethod
    def of(kept: Mapping[str, Json]) -> "Factor":
        """The inverse of `as_json`."""
        return Factor(
            sealed=kept["sealed"],
            made=datetime.fromisoformat(kept["made"]),
            since=datetime.fromisoformat(kept["since"]) if kept["since"] else None,
            last=kept["last"],
            wrong=tuple(datetime.fromisoformat(at) for at in kept["wrong"]),
        )


def needed() -> NotAllowed:
    """For somebody who has no second factor in force."""
    return NotAllowed(NEEDED)


def wrong() -> NotAllowed:
    return NotAllowed(WRONG)


def digits(text: str) -> str:
    """A code as it was meant: authenticators show it in two groups. "" when it is none."""
    code = "".join(text.split())
    return code if len(code) == 6 and code.isascii() and code.isdecimal() else ""
