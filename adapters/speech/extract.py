"""What is said to people, found in the source and kept in step with the catalogues.

    python -m adapters.speech.extract           bring every catalogue up to date
    python -m adapters.speech.extract --check   list what is untranslated, unused or wrong; exit 1 if any

Where sentences are found is `adapters.speech.sources`. Reads files, runs nothing.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from adapters.speech.languages import CATALOGUES, places
from adapters.speech.sources import ROOT, Sentence, gather


def updated(text: str, locale: str, found: Mapping[Sentence, list[tuple[str, int]]]) -> str:
    """The text of a catalogue with exactly the sentences that are found: old translations and the header
    are kept, so that it changes when a sentence does and at no other time."""
    old, new = read_po(text.splitlines(keepends=True), locale=locale), Catalog(locale=locale)
    for sentence in sorted(found, key=lambda each: (found[each][0], _key(each))):
        before = old.get(_key(sentence))
        same = before is not None and before.pluralizable == isinstance(sentence, tuple)
        new.add(
            sentence,
            before.string if before is not None and same else None,
            locations=[(name, 0) for name in dict.fromkeys(name for name, _ in found[sentence])],
            flags=["fuzzy"] if before is not None and before.fuzzy else (),
            user_comments=before.user_comments if before is not None else (),
        )
    written = BytesIO()
    write_po(written, new, width=100, omit_header=True, include_lineno=False)
    header = text.partition("\n\n")[0]
    return f"{header}\n\n{written.getvalue().decode().strip()}\n"


def faults(catalogue: Catalog, found: Mapping[Sentence, list[tuple[str, int]]]) -> Iterator[str]:
    """What is wrong with a catalogue, one line each."""
    for sentence, spots in found.items():
        where = "{}:{}".format(*spots[0])
        forms = _forms(catalogue.get(_key(sentence)), plural=isinstance(sentence, tuple))
        if not forms or not all(forms):
            yield f"untranslated  {where}  {_key(sentence)!r}"
        elif any(places(form) - places("".join(_members(sentence))) for form in forms):
            yield f"asks for a value the English does not have  {where}  {_key(sentence)!r}"
    known = {_key(sentence) for sentence in found}
    for message in catalogue:
        key = _key(message.id)
        if key and key not in known:
            yield f"unused  {key!r}"


def _forms(message: Message | None, *, plural: bool) -> Sequence[str]:
    if message is None or message.pluralizable != plural or not message.string or message.fuzzy:
        return ()
    return (message.string,) if isinstance(message.string, str) else message.string


def _key(sentence: str | Sequence[str]) -> str:
    return sentence if isinstance(sentence, str) else sentence[0]


def _members(sentence: Sentence) -> tuple[str, ...]:
    return (sentence,) if isinstance(sentence, str) else sentence


def main(arguments: list[str], *, root: Path = ROOT, folder: Path = CATALOGUES) -> int:
    """The command. Returns the exit status."""
    found, wrong = gather(root), 0
    for file in sorted(folder.glob("*.po")):
        text = file.read_text(encoding="utf-8")
        if arguments == ["--check"]:
            for fault in faults(read_po(text.splitlines(keepends=True), locale=file.stem), found):
                sys.stdout.write(f"{file.name}: {fault}\n")
                wrong = 1
        else:
            file.write_text(updated(text, file.stem, found), encoding="utf-8")
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
