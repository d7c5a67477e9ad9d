"""What is said to people, found in the source and kept in step with the catalogues.

    python -m adapters.speech.extract           bring every catalogue up to date
    python -m adapters.speech.extract --check   list what is untranslated, unused or wrong; exit 1 if any

Sentences are the literals given to `tongue(…)`, `t(…)` and their `.many(…)`, and those that are spoken later:
titles and helps of Action, Field and Change, and notes of a Preview. Reads the syntax tree, runs nothing.
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import TypeAlias

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from adapters.speech.languages import CATALOGUES

Sentence: TypeAlias = str | tuple[str, str]
"""A message id, or its singular and plural."""

ROOT = Path(__file__).parents[2]
_SPEAKERS = {"tongue", "t"}
_SPOKEN_LATER = {
    "Action": ("title", "help"),
    "Field": ("title", "help"),
    "Change": ("title",),
    "Preview": ("notes",),
}


def sentences(source: str) -> Iterator[tuple[Sentence, int]]:
    """Every sentence in the source of a module, with its line."""
    tree = ast.parse(source)
    constants = dict(_constants(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from ((sentence, node.lineno) for sentence in _said(node, constants))


def _constants(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """What the names at the top of a module stand for."""
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, value
            case _:
                pass


def _said(call: ast.Call, constants: Mapping[str, ast.expr]) -> Iterator[Sentence]:
    match call.func, call.args:
        case ast.Attribute(value=speaker, attr="many"), [one, other, *_] if _name(speaker) in _SPEAKERS:
            yield from zip(_literals(one, constants), _literals(other, constants), strict=False)
        case speaker, [message, *_] if _name(speaker) in _SPEAKERS:
            yield from _literals(message, constants)
        case _:
            pass
    later = _SPOKEN_LATER.get(_name(call.func), ())
    for keyword in call.keywords:
        if keyword.arg in later:
            yield from _literals(keyword.value, constants)


def _name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.lstrip("_")
        case _:
            return ""


def _literals(node: ast.expr, constants: Mapping[str, ast.expr]) -> Iterator[str]:
    """The texts an expression can be: a literal, either arm of a choice, the members of a list, and what a
    constant of the module stands for."""
    match node:
        case ast.Name(id=name) if name in constants:
            yield from _literals(constants[name], {})
        case ast.Constant(value=str(text)) if text:
            yield text
        case ast.IfExp(body=one, orelse=other):
            yield from _literals(one, constants)
            yield from _literals(other, constants)
        case ast.Tuple(elts=members) | ast.List(elts=members):
            for member in members:
                yield from _literals(member, constants)
        case _:
            pass


def gather(root: Path = ROOT) -> dict[Sentence, list[tuple[str, int]]]:
    """Every sentence of the product and the places it is said in."""
    found: dict[Sentence, list[tuple[str, int]]] = {}
    for file in _sources(root):
        name = file.relative_to(root).as_posix()
        for sentence, line in sentences(file.read_text(encoding="utf-8")):
            found.setdefault(sentence, []).append((name, line))
    return found


def _sources(root: Path) -> Iterable[Path]:
    rooms = [file for room in ("bot", "memory", "adapters") for file in sorted((root / room).rglob("*.py"))]
    return [*rooms, *root.glob("vigie.py")]


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
    for sentence, places in found.items():
        where = "{}:{}".format(*places[0])
        forms = _forms(catalogue.get(_key(sentence)), plural=isinstance(sentence, tuple))
        if not forms or not all(forms):
            yield f"untranslated  {where}  {_key(sentence)!r}"
        elif any(_places(form) - _places("".join(_members(sentence))) for form in forms):
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


def _places(text: str) -> set[str]:
    return {*re.findall(r"\{\w+\}", text)}


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
