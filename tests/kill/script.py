"""What will be said and pressed in one run, drawn from a seed. Pure."""

import random
from dataclasses import dataclass
from enum import StrEnum

from bot.values import Json
from tests.twins import slack_events
from tests.twins.slack import BOT, TEAM

PEOPLE = tuple(f"U0OWNER{n}" for n in range(8))
"""All of them owners, so that each may approve in their own conversation."""
OWNERS = ",".join(f"slack:{TEAM}:{person}" for person in PEOPLE)
CHANNEL = "C0COUNTER"
SOLD = [str(number) for number in range(1001, 1026) if number not in (1004, 1019)]
NOTED = ("1004", "1019")


class Kind(StrEnum):
    """TALK is answered with its own words, NOTE is done at once, REFUND waits for a press."""

    TALK = "talk"
    NOTE = "note"
    REFUND = "refund"


class Fate(StrEnum):
    """What people do with a card. A LEFT one nobody ever presses."""

    APPROVED = "approve"
    DENIED = "deny"
    LEFT = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """One message. `token` occurs in it and in nothing else; `thread` is "" in a direct conversation."""

    token: str
    kind: Kind
    text: str
    user: str
    channel: str
    ts: str
    fate: Fate = Fate.LEFT

    @property
    def private(self) -> bool:
        return self.channel.startswith("D")

    @property
    def thread(self) -> str:
        return "" if self.private else self.ts

    def payload(self) -> dict[str, Json]:
        """As Slack delivers it."""
        text = self.text if self.private else f"<@{BOT}> {self.text}"
        return slack_events.said(
            text,
            user=self.user,
            channel=self.channel,
            ts=self.ts,
            kind="message" if self.private else "app_mention",
            event_id=f"Ev{self.token}",
        )


def write(*, proposals: int, messages: int, chance: random.Random, now: int) -> list[Saying]:
    """So many proposals and so many other messages, in a random order. `now` is in seconds since 1970."""
    kinds = [Kind.REFUND] * proposals + [Kind.NOTE if n % 4 == 0 else Kind.TALK for n in range(messages)]
    chance.shuffle(kinds)
    fates = [Fate.APPROVED] * 7 + [Fate.DENIED] * 2 + [Fate.LEFT]
    return [
        _saying(n, kind, fates[n % len(fates)], chance=chance, now=now)
        for n, kind in enumerate(kinds, start=1)
    ]


def _saying(n: int, kind: Kind, fate: Fate, *, chance: random.Random, now: int) -> Saying:
    token = f"kt{n:05}x"
    user = chance.choice(PEOPLE)
    # A note's answer does not name it: only the thread it stands in pairs the two.
    alone = kind is not Kind.NOTE and chance.random() < 0.5
    return Saying(
        token=token,
        kind=kind,
        text=_words(kind, token, chance),
        user=user,
        channel=user.replace("U0", "D0") if alone else CHANNEL,
        ts=f"{now - 3600 + n}.{n:06}",
        fate=fate,
    )


def _words(kind: Kind, token: str, chance: random.Random) -> str:
    match kind:
        case Kind.TALK:
            return f"hello {token}"
        case Kind.NOTE:
            return f"do demo.note_order order={chance.choice(NOTED)} note={token}"
        case Kind.REFUND:
            return f"do demo.refund order={chance.choice(SOLD)} amount=0.10 reason={token}"
