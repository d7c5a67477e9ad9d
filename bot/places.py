"""Where talk happens: platform, team, channel or chat, thread or topic."""

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote

from bot.speech import Tongue


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One conversation. Its `key` is the unit of locking: one Turn at a time per Place.

    `private` tells a conversation with one person from one that others read.
    """

    platform: str
    team: str = ""
    channel: str
    thread: str = ""
    private: bool = False

    @property
    def key(self) -> str:
        """Reversible text: `slack/T1/C1/1700.1`, a trailing `/!` marks a private place."""
        return _written(self)

    @staticmethod
    def parse(key: str) -> "Place":
        """The inverse of `key`. Raises ValueError on anything else."""
        return _read(key)


# Every message asks a few times, and people talk in the same places.
@lru_cache(maxsize=4096)
def _written(place: Place) -> str:
    parts = (place.platform, place.team, place.channel, place.thread)
    return "/".join(quote(part, safe="") for part in parts) + ("/!" if place.private else "")


@lru_cache(maxsize=4096)
def _read(key: str) -> Place:
    parts = key.split("/")
    private = len(parts) == 5 and parts[4] == "!"
    if len(parts) != 4 and not private:
        raise ValueError(f"not a place key: {key!r}")
    platform, team, channel, thread = (unquote(part) for part in parts[:4])
    return Place(platform=platform, team=team, channel=channel, thread=thread, private=private)


def called(platform: str, tongue: Tongue) -> str:
    """What people call where a conversation is; what is none of ours stays as it is."""
    names = {
        "slack": "Slack",
        "telegram": "Telegram",
        "web": tongue("the page"),
        "terminal": tongue("the terminal"),
    }
    return names.get(platform, platform)
