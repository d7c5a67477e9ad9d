"""A report that is too long for a chat: its beginning stands there, all of it goes along as a file. Pure."""

from bot.effects import File, Text
from bot.speech import Tongue
from bot.visible import visible

LONG = 3_000
"""Characters of a report that a chat still shows whole: no platform cuts a message of that length in two."""
BEGINNING = 600
"""Characters of a longer one that stand in the chat: below a file there is room for a thousand."""


def said(text: str, *, name: str, tongue: Tongue, mark: bool = False) -> Text:
    """The report as it is said. `name` is what its file is called, without an ending."""
    if len(text) <= LONG:
        return Text(text=text, mark=mark)
    return filed(beginning(text), text, name=name, tongue=tongue, mark=mark)


def filed(words: str, whole: str, *, name: str, tongue: Tongue, mark: bool = False) -> Text:
    """These words, with all of it in a file."""
    ending = "md" if mark else "txt"
    tail = tongue("All of it is in the file ({n} characters).", n=len(whole))
    return Text(text=f"{words}\n{tail}", mark=mark, file=File(name=f"{name}.{ending}", text=visible(whole)))


def beginning(text: str, most: int = BEGINNING) -> str:
    """The first lines, whole ones where that is half of what there is room for."""
    if len(text) <= most:
        return text
    cut = text[: most - 2]
    for edge in ("\n", " "):
        head, _, _ = cut.rpartition(edge)
        if len(head) >= most // 2:
            cut = head
            break
    return f"{cut.rstrip()} …"
