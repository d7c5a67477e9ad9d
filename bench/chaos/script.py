"""What people say in one run, and what must come of it, drawn from a seed. Pure."""

import random
import re
from dataclasses import dataclass
from enum import StrEnum

from bot.values import Json
from tests.kill.script import CHANNEL, NOTED, PEOPLE, SOLD, Fate
from tests.twins import slack_events
from tests.twins.slack import BOT, TEAM

TELEGRAM_PEOPLE = tuple(range(801, 809))
OWNERS = ",".join(
    [*(f"slack:{TEAM}:{user}" for user in PEOPLE), *(f"telegram:{user}" for user in TELEGRAM_PEOPLE)]
)
"""All of them owners, so that each may approve in their own conversation."""
TOKEN = re.compile(r"kt\d{6}x")


class Kind(StrEnum):
    """TALK is answered with its own words, NOTE is done at once, REFUND waits for a press, REMINDER comes later."""

    TALK = "talk"
    NOTE = "note"
    REFUND = "refund"
    REMINDER = "reminder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """One message, said `at` seconds after the begin. `token` occurs in it and in nothing else; `ts` is Slack's name for
    it, `thread` is "" in a direct conversation."""

    token: str
    kind: Kind
    text: str
    at: float
    user: str
    slack: bool = True
    thread: str = ""
    ts: str = ""
    fate: Fate = Fate.LEFT

    @property
    def channel(self) -> str:
        if not self.slack:
            return self.user
        return CHANNEL if self.thread else self.user.replace("U0", "D0")

    @property
    def decided(self) -> bool:
        """A card that somebody presses."""
        return self.kind is Kind.REFUND and self.fate is not Fate.LEFT

    def payload(self) -> dict[str, Json]:
        """As Slack delivers it."""
        return slack_events.said(
            f"<@{BOT}> {self.text}" if self.thread else self.text,
            user=self.user,
            channel=self.channel,
            ts=self.ts,
            kind="app_mention" if self.thread else "message",
            event_id=f"Ev{self.token}",
        )


def write(*, seconds: float, rate: float, seed: int, now: int, ahead: int = 40) -> list[Saying]:
    """About `rate` sayings a second for so long, in their order: one of each kind first, so that a small run has them all,
    and its refund is pressed. `now` is in seconds since 1970; reminders are for at most `ahead` seconds later."""
    chance = random.Random(f"said {seed}")
    many = max(1, round(seconds * rate))
    moments = sorted(chance.uniform(0, seconds) for _ in range(many))
    return [_saying(n, at, chance, now, ahead) for n, at in enumerate(moments, start=1)]


def _saying(n: int, at: float, chance: random.Random, now: int, ahead: int) -> Saying:
    token = f"kt{n:06}x"
    slack = chance.random() < 0.6
    kinds, weights = list(Kind), (10, 1, 4, 5) if slack else (10, 0, 4, 5)
    kind = chance.choices(kinds, weights)[0]
    if first := n <= len(kinds):
        kind = kinds[n - 1]
        slack = slack or kind is Kind.NOTE
    ts = f"{now - 3600 + n}.{n:06}"
    # A note's answer does not name it: only the thread it stands in pairs the two.
    threaded = slack and (kind is Kind.NOTE or (kind in (Kind.TALK, Kind.REFUND) and chance.random() < 0.5))
    return Saying(
        token=token,
        kind=kind,
        text=_words(kind, token, chance, ahead),
        at=at,
        user=chance.choice(PEOPLE) if slack else str(chance.choice(TELEGRAM_PEOPLE)),
        slack=slack,
        thread=ts if threaded else "",
        ts=ts,
        fate=Fate.APPROVED if first else chance.choices(list(Fate), (7, 2, 1))[0],
    )


def _words(kind: Kind, token: str, chance: random.Random, ahead: int) -> str:
    match kind:
        case Kind.TALK:
            return f"hello {token}"
        case Kind.NOTE:
            return f"do demo.note_order order={chance.choice(NOTED)} note={token}"
        case Kind.REFUND:
            return f"do demo.refund order={chance.choice(SOLD)} amount=0.01 reason={token}"
        case Kind.REMINDER:
            return f"in {chance.randint(3, ahead)} seconds, call {token}"
