"""Where sentences are found: the syntax trees of the Python modules and of the page templates, and the rules
that ship. Runs nothing.

A sentence is a literal that is given to

- a tongue: `tongue(…)`, `t(…)`, a parameter declared a `Tongue`, `say = tongue or …`, `tongues(lang)(…)`, `.many(…)`;
- one of our errors, which are spoken to whoever is refused;
- what is spoken later: titles and helps of an Action, Field, Need or Change, title and help of a Vendor, notes of a Preview,
  why of a Verdict, text of a Logged line;
- a function of the same module that hands it on to one of these;

or the reason of a rule in a policy file.
"""

import ast
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from jinja2 import Environment, nodes

Sentence: TypeAlias = str | tuple[str, str]
"""A message id, or its singular and plural."""

ROOT = Path(__file__).parents[2]
_SPEAKERS = frozenset({"tongue", "t"})
_SPOKEN_LATER: Mapping[str, tuple[str | int, ...]] = {
    "Action": ("title", "help"),
    "Field": ("title", "help", "titles"),
    "Change": ("title",),
    "Preview": ("notes",),
    "Plan": ("notes",),
    "Verdict": ("why",),
    "Need": ("title", "help"),
    "Vendor": ("title", "help"),
    "Logged": ("text",),
    **dict.fromkeys(
        (
            *("Refused", "BadInput", "NotAllowed", "Stale", "Unreachable"),
            *("Failed", "OutcomeUnknown", "Unknowable"),
            *("Declined", "KeyRefused"),
        ),
        (0,),
    ),
}
"""By the name that is called: keywords, and positions, whose literals are spoken."""


@dataclass(frozen=True, kw_only=True)
class _Module:
    """What the names of one module mean to us."""

    constants: Mapping[str, ast.expr]
    speakers: frozenset[str]
    later: Mapping[str, tuple[str | int, ...]] = field(default_factory=lambda: _SPOKEN_LATER)


def gather(root: Path = ROOT) -> dict[Sentence, list[tuple[str, int]]]:
    """Every sentence of the product and the places it is said in."""
    found: dict[Sentence, list[tuple[str, int]]] = {}
    for file in _files(root):
        name = file.relative_to(root).as_posix()
        for sentence, line in _READERS[file.suffix](file.read_text(encoding="utf-8")):
            found.setdefault(sentence, []).append((name, line))
    return found


def _files(root: Path) -> Iterable[Path]:
    for room in ("bot", "memory", "adapters", "vigie"):
        yield from sorted((root / room).rglob("*.py"))
        yield from sorted((root / room).rglob("*.html"))
        yield from sorted((root / room).rglob("policy.toml"))


# Policies --------------------------------------------------------------------------------------------------


def of_policy(source: str) -> Iterator[tuple[Sentence, int]]:
    """Every reason of a rule, with its line."""
    for rule in tomllib.loads(source).get("rule", []):
        if reason := rule.get("reason"):
            yield reason, source[: source.index(reason)].count("\n") + 1


# Templates -------------------------------------------------------------------------------------------------


def of_template(source: str) -> Iterator[tuple[Sentence, int]]:
    """Every sentence in a page template, with its line."""
    for call in Environment(autoescape=True).parse(source).find_all(nodes.Call):
        match call.node:
            case nodes.Name(name="tongue") | nodes.Getattr(attr="tongue"):
                yield from ((each, call.lineno) for each in _constant(call.args))
            case nodes.Getattr(attr="many"):
                one, other, *_ = _constant(call.args)
                yield (one, other), call.lineno
            case _:
                pass


def _constant(given: Iterable[nodes.Expr]) -> list[str]:
    return [each.value for each in given if isinstance(each, nodes.Const) and isinstance(each.value, str)]


# Modules ---------------------------------------------------------------------------------------------------


def sentences(source: str) -> Iterator[tuple[Sentence, int]]:
    """Every sentence in the source of a module, with its line."""
    tree = ast.parse(source)
    module = _Module(constants=dict(_constants(tree)), speakers=_SPEAKERS | {*_tongues(tree)})
    module = _Module(
        constants=module.constants,
        speakers=module.speakers,
        later={**_SPOKEN_LATER, **dict(_handing_on(tree, module))},
    )
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from ((sentence, node.lineno) for sentence in _said(node, module))


def _constants(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """What the names at the top of a module stand for, and those that a loop takes from literal rows."""
    for node in ast.walk(tree):
        match node:
            case ast.For(target=ast.Tuple(elts=names), iter=ast.Tuple(elts=rows)):
                yield from _columns(names, rows)
            case _:
                pass
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value
            case _:
                pass


def _columns(names: Iterable[ast.expr], rows: Iterable[ast.expr]) -> Iterator[tuple[str, ast.expr]]:
    cells = [row.elts for row in rows if isinstance(row, ast.Tuple)]
    for name, column in zip(names, zip(*cells, strict=False), strict=False):
        if isinstance(name, ast.Name):
            yield name.id, ast.Tuple(elts=list(column))


def _tongues(tree: ast.Module) -> Iterator[str]:
    """Names that stand for a tongue, whatever they are: parameters declared one, and `say = tongue or …`."""
    for node in ast.walk(tree):
        match node:
            case ast.arg(arg=name, annotation=ast.expr() as declared) if "Tongue" in _words(declared):
                yield name
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.BoolOp(values=[first, *_])):
                if _name(first) in _SPEAKERS:
                    yield name
            case _:
                pass


def _words(annotation: ast.expr) -> list[str]:
    return re.findall(r"\w+", ast.unparse(annotation))


def _handing_on(tree: ast.Module, module: _Module) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """Functions that hand a parameter on to be spoken: whoever calls them speaks."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        parameters = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
        parameters = parameters[1:] if parameters[:1] in (["self"], ["cls"]) else parameters
        named = {*parameters, *(each.arg for each in function.args.kwonlyargs)}
        spoken = {
            given.id
            for node in ast.walk(function)
            if isinstance(node, ast.Call)
            for given in _spoken(node, module)
            if isinstance(given, ast.Name) and given.id in named
        }
        if spoken:
            positions = [at for at, name in enumerate(parameters) if name in spoken]
            yield function.name.lstrip("_"), (*sorted(spoken), *positions)


def _spoken(call: ast.Call, module: _Module) -> Iterator[ast.expr]:
    """The expressions among the arguments of a call that are spoken as they are."""
    if _speaks(call.func, module):
        yield from call.args[:1]
        return
    wanted = module.later.get(_name(call.func), ())
    yield from (given for at, given in enumerate(call.args) if at in wanted)
    yield from (given.value for given in call.keywords if given.arg in wanted)


def _said(call: ast.Call, module: _Module) -> Iterator[Sentence]:
    match call.func, call.args:
        case ast.Attribute(value=speaker, attr="many"), [one, other, *_] if _speaks(speaker, module):
            yield from zip(_literals(one, module), _literals(other, module), strict=False)
        case _:
            for given in _spoken(call, module):
                yield from _literals(given, module)


def _speaks(node: ast.expr, module: _Module) -> bool:
    match node:
        case ast.Call(func=func):
            return _name(func) == "tongues"
        case ast.Name():
            return _name(node) in module.speakers
        case _:
            return _name(node) in _SPEAKERS


def _name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.lstrip("_")
        case _:
            return ""


def _literals(node: ast.expr, module: _Module, *, deep: bool = True) -> Iterator[str]:
    """The texts an expression can be: a literal, either arm of a choice, the members of a list, the values of
    a table, and what a constant of the module stands for."""
    match node:
        case ast.Name(id=name) if deep and name in module.constants:
            yield from _literals(module.constants[name], module, deep=False)
        case ast.Constant(value=str(text)) if text:
            yield text
        case ast.IfExp(body=one, orelse=other):
            yield from _literals(one, module, deep=deep)
            yield from _literals(other, module, deep=deep)
        case ast.BoolOp(values=members) | ast.Tuple(elts=members) | ast.List(elts=members):
            for member in members:
                yield from _literals(member, module, deep=deep)
        case ast.Dict(values=values):
            for value in values:
                yield from _literals(value, module, deep=deep)
        case ast.Subscript(value=ast.Name() as table):
            yield from _literals(table, module, deep=deep)
        case _:
            pass


_READERS: Mapping[str, Callable[[str], Iterator[tuple[Sentence, int]]]] = {
    ".py": sentences,
    ".html": of_template,
    ".toml": of_policy,
}
