"""Watchwords: whether words that a mission waits for are in what arrived, and many signals told as one. Pure.

Compared without case, accents and punctuation, word by word: `stock_low` is `Stock low`, and `invoice 42` is not in
`invoice 421`. No model has a part in it.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from bot.events import Condition, Signal
from bot.missions import Heard, Mission, OnMail, OnSignal, OnThreshold
from bot.thresholds import Side
from bot.values import Json

CROSSED, SILENT = "threshold", "silence"
"""What signals of a watch are about: its number, or that none comes."""
MOST_TOLD = 50
"""So many signals of one wake are told in full; of the rest, how many there were."""
MAIL = "mail:"
"""What the source of a mail begins with. It is ours: no sender of another signal can say so."""
_LABEL = re.compile(r"([\w.-]{1,100})=(\S{1,200})")
_WORDS = re.compile(r"\w+")


def folded(text: str) -> str:
    """The words alone, in small letters and without accents, one space between."""
    plain = unicodedata.normalize("NFKD", text.replace("_", " ")).casefold()
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(_WORDS.findall(plain))


def among(words: str, text: str) -> bool:
    """Whether these words stand in the text, whole and in this order."""
    sought = folded(words)
    return bool(sought) and f" {sought} " in f" {folded(text)} "


def hears(trigger: OnSignal, signal: Signal) -> bool:
    """Whether the trigger waits for this signal. `name=value` words in its name are conditions on the labels; the
    other words are its name, kind or source, or stand in its summary. That something is over wakes only who
    says `status=resolved`."""
    wanted = {key.casefold(): value.casefold() for key, value in _LABEL.findall(trigger.name)}
    has = {key.casefold(): value.casefold() for key, value in _labels(signal).items()}
    if any(has.get(key) != value for key, value in wanted.items()):
        return False
    if signal.condition is Condition.RESOLVED and "status" not in wanted:
        return False
    words = folded(_LABEL.sub(" ", trigger.name))
    if not words:
        return bool(wanted)
    known = (signal.name, signal.what, signal.source, signal.source.partition(":")[2])
    return words in {folded(each) for each in known} or among(words, signal.summary)


def _labels(signal: Signal) -> Mapping[str, str]:
    """Its own, and below them what every signal has. A sender's label cannot pass for its severity or status."""
    status = {"status": signal.condition.value} if signal.condition else {}
    return {
        **signal.labels,
        **({"severity": signal.severity} if signal.severity else {}),
        **status,
        "name": signal.name,
        "kind": signal.what,
        "source": signal.source.partition(":")[2] or signal.source,
    }


def comes(trigger: OnMail, signal: Signal) -> bool:
    """Whether this signal is a mail that the trigger waits for. Who sent it is what the mail says: anybody may write
    anything there."""
    if not signal.source.startswith(MAIL):
        return False
    labels = signal.labels
    address, named = labels.get("from", "").casefold(), labels.get("sender", "")
    return (
        (not trigger.sender or _from(trigger.sender.casefold(), address, named))
        and (not trigger.subject or among(trigger.subject, signal.name))
        and (not trigger.mailbox or signal.source.removeprefix(MAIL) == trigger.mailbox.casefold())
    )


def _from(wanted: str, address: str, named: str) -> bool:
    if "@" not in wanted and "." not in wanted:
        return among(wanted, named)
    user, _, domain = wanted.rpartition("@")
    return address == wanted if user else address.rpartition("@")[2] == domain


def heard(mission: Mission, signal: Signal) -> Heard | None:
    """The first trigger of the mission that waits for this signal. Of its own watch that is the beginning alone, and
    not that no number came, unless that is what it watches."""
    own = signal.source == f"watch:{mission.number}" and signal.condition is Condition.FIRING
    for trigger in mission.triggers:
        match trigger:
            case OnSignal() if hears(trigger, signal):
                return trigger
            case OnMail() if comes(trigger, signal):
                return trigger
            case OnThreshold() if own and (signal.what == CROSSED or trigger.rule.side is Side.ABSENT):
                return trigger
            case _:
                pass
    return None


def joined(signals: Sequence[Signal]) -> Signal | None:
    """What a mind is told of the signals that woke it: of several, a list of them. None of none."""
    if len(signals) < 2:
        return signals[0] if signals else None
    first, told = signals[0], signals[:MOST_TOLD]
    lines = [f"- {each.name}: {each.summary}" for each in told]
    if len(signals) > len(told):
        lines.append(f"- … {len(signals) - len(told)} more")
    body: list[Json] = [
        {"name": each.name, "summary": each.summary, "labels": dict(each.labels), "body": each.body}
        for each in told
    ]
    return Signal(
        source=first.source,
        name=first.name if all(each.name == first.name for each in signals) else "",
        summary="\n".join((f"{len(signals)}:", *lines)),
        body={"signals": body},
        severity=first.severity,
    )
