"""Slack's way of writing text, read and written. Pure: no payloads, no blocks.

Slack escapes three characters (& < >) and puts everything that is more than text between angle brackets: people,
channels, broadcasts, dates, links (docs.slack.dev, "Formatting message text"). People's words come in that
way; ours go out so that nothing in them can become one of those.
"""

import re

_ENTITY = re.compile(r"<([^<>\n]{1,4000})>")
_MENTION = r"<@{user}(?:\|[^<>\n]*)?>"
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_BARE_SCHEMES = ("http://", "https://", "mailto:", "tel:")


def plain(text: str, *, us: str = "", name: str = "vigie") -> str:
    """What a person typed. A mention of `us` (our user id) at either end is dropped: it only calls us.

    A link whose label differs from its address shows both.
    """
    if us:
        mention = _MENTION.format(user=re.escape(us))
        text = re.sub(rf"\A\s*(?:{mention}\s*[:,]?\s*)+|(?:\s*{mention})+\s*\Z", "", text)
        text = re.sub(mention, f"@{name}", text)
    return clean(_unescaped(_ENTITY.sub(lambda found: _entity(found.group(1)), text)))


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
