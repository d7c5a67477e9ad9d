"""A language nobody has seen: each of its letters has an accent, so that plain letters betray what did not come through
the catalogue.
"""

import re
from collections.abc import Collection
from pathlib import Path

from babel.messages.pofile import read_po, write_po

from adapters.speech.languages import CATALOGUES, tongues
from bot.speech import Tongues

CODE, NAME = "eo", "Esperanto"
_LETTERS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "áƀćďéƒĝĥíĵķĺḿńóṕɋŕśťúṽŵẋýžÁɃĆĎÉƑĜĤÍĴĶĹḾŃÓṔɊŔŚŤÚṼŴẊÝŽ",
)


def accented(message: str) -> str:
    """The message with every letter accented, but for the names of its places."""
    parts = re.split(r"(\{\w+\})", message)
    return "".join(each if each.startswith("{") else each.translate(_LETTERS) for each in parts)


def catalogue(folder: Path) -> Tongues:
    """English and this one, of which the catalogue is written into the folder."""
    with (CATALOGUES / "fr.po").open("rb") as file:
        found = read_po(file, locale=CODE)
    for message in found:
        if isinstance(message.id, str):
            message.string = accented(message.id) if message.id else message.string
        else:
            message.string = tuple(accented(each) for each in message.id)
    with (folder / f"{CODE}.po").open("wb") as file:
        write_po(file, found)
    return tongues(folder)


def plain(text: str, names: Collection[str] = ()) -> list[str]:
    """The words of a text in plain letters, without those of its `names`: what is data, and was never ours to say."""
    known = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    rest = re.sub(rf"(?<!\w)(?:\w+(?:\.\w+)+{f'|{known}' if known else ''})(?!\w)", "", text)
    return re.findall(r"(?<!\w)[A-Za-z]{3,}(?!\w)", rest)
