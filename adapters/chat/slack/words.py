"""Slack's way of writing text, read and written. Pure: no payloads, no blocks.

Slack escapes three characters (& < >) and puts everything that is more than text between angle brackets: people,
channels, broadcasts, dates, links (docs.slack.dev, "Formatting message text"). People's words come in that
way; ours go out so that nothing in them can become one of those.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

_ENTITY = re.compile(r"<([^<>\n]{1,4000})>")
_PERSON = re.compile(r"<@([A-Z0-9]{1,32})>")
_CHANNEL = re.compile(r"<#([A-Z0-9]{1,32})(?:\|([^<>\n]{0,100}))?>")
_MENTIONS = 10
_CHANNELS = 3
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_BARE_SCHEMES = ("http://", "https://", "mailto:", "tel:")


def plain(text: str, *, us: str = "", name: str = "vigie") -> str:
    """What a person typed. A mention of `us` (our user id) at either end is dropped: it only calls us.

    A link whose label differs from its address shows both.
    """
    if us:
        around, within = _mentions(us)
        text = within.sub(lambda _: f"@{name}", around.sub("", text))
    return clean(_unescaped(_ENTITY.sub(lambda found: _entity(found.group(1)), text)))


@lru_cache(maxsize=16)
def _mentions(us: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Of us, at either end of a text and anywhere."""
    mention = rf"<@{re.escape(us)}(?:\|[^<>\n]*)?>"
    around = rf"\A\s*(?:{mention}\s*[:,]?\s*)+|(?:\s*{mention})+\s*\Z"
    return re.compile(around), re.compile(mention)


def mentioned(text: str, *, but: str = "") -> tuple[str, ...]:
    """The ids of the people in it whom Slack does not name, without `but`; the first few."""
    found = dict.fromkeys(_PERSON.findall(text))
    return tuple(user for user in found if user != but)[:_MENTIONS]


def channels(text: str) -> dict[str, str]:
    """The first few channels in it: by their id, what `plain` calls them."""
    found = {channel: label.lstrip("#") or channel for channel, label in _CHANNEL.findall(text)}
    return dict([*found.items()][:_CHANNELS])


def named(text: str, names: Mapping[str, str]) -> str:
    """The plain words with the people in them called by name."""
    for user, name in names.items():
        text = re.sub(rf"@{re.escape(user)}(?![A-Z0-9])", lambda _, name=name: f"@{name}", text)
    return text


def escaped(text: str) -> str:
    """The same characters, of which Slack makes nothing else."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def clean(text: str) -> str:
    """Without the two kinds of character that databases refuse: NUL and halves of surrogate pairs."""
    return _UNSTORABLE.sub("�", text)


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _entity(inside: str) -> str:
    target, _, label = inside.partition("|")
    match target[:1]:
        case "@":
            return f"@{label.lstrip('@') or target[1:]}"
        case "#":
            return f"#{label.lstrip('#') or target[1:]}"
        case "!":
            return _special(target[1:], label)
        case _:
            return _link(target, label)


def _special(target: str, label: str) -> str:
    word = target.partition("^")[0]
    if word == "date":
        return label or target
    return f"@{label.lstrip('@') or target.rpartition('^')[2]}"


def _link(address: str, label: str) -> str:
    bare = address
    for scheme in _BARE_SCHEMES:
        bare = bare.removeprefix(scheme)
    if not label or label in (address, bare, bare.rstrip("/")):
        return label or address
    return f"{label} ({address})"
