"""The pages of the reference that are written from what the program itself says.

    python -m tests.docs.reference    writes docs/reference/{settings,commands,actions,systems,policy,metrics}.md

Settings come from `vigie.settings` and the words of `.env.example`, commands from the parser, actions from the
systems that ship, the keys of a policy from `bot.rulebook`. `test_docs.py` compares the pages with what would be written now.
"""

import argparse
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from adapters.systems import given
from adapters.systems.catalogue import VENDORS
from adapters.systems.demo.offer import READS, WRITES
from bot import rulebook
from bot.actions import Action, Reversal
from bot.desk.book import ACTIONS
from tests.docs.metrics import metrics_page
from tests.docs.systems import systems_page
from tests.running import ROOT
from vigie.command_line import parser
from vigie.settings import Settings

REFERENCE = ROOT / "docs/reference"
EXAMPLE = ROOT / ".env.example"
_SECTION = re.compile(r"# ── (.+?) ─+")
_SETTING = re.compile(r"#([A-Z][A-Z0-9_]*)=(.*)")


# Settings --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Block:
    """One paragraph of `.env.example` and the settings below it, each with what stands after its `=`.

    `example` is what a line that begins with "e.g." shows.
    """

    section: str
    words: str
    example: str
    settings: Mapping[str, str]


def blocks() -> list[Block]:
    """All of `.env.example`, in its order; a section's own words are a block without settings."""
    found: list[Block] = []
    section, words, named = "", list[str](), dict[str, str]()

    def close() -> None:
        if section and (words or named):
            text, _, example = "\n".join(words).partition("e.g. ")
            found.append(Block(section=section, words=text.strip(), example=example, settings=dict(named)))
        words.clear()
        named.clear()

    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        if title := _SECTION.fullmatch(line):
            close()
            section = title[1]
        elif setting := _SETTING.fullmatch(line):
            named[setting[1]] = setting[2]
        elif line.startswith("#"):
            if named:
                close()
            words.append(line.removeprefix("#").strip())
        else:
            close()
    close()
    return found


def defaults() -> dict[str, str]:
    """Every setting that is read, with its default as one would write it."""
    ours = {str(field.validation_alias): str(field.default) for field in Settings.model_fields.values()}
    return {**dict.fromkeys((name for name, _ in given.settings(VENDORS)), ""), **ours}


def secrets() -> set[str]:
    """The settings whose values are never printed."""
    ours = {str(field.validation_alias) for field in Settings.model_fields.values() if field.repr is False}
    return ours | {name for name, secret in given.settings(VENDORS) if secret}


def settings_page() -> str:
    known, hidden = defaults(), secrets()
    lines = [
        "# Settings",
        "",
        _WRITTEN.format(module="vigie.settings.Settings and .env.example"),
        "",
        "Set in the environment, or in a file named `.env` in the folder the program is started in. The environment wins.",
        "Nothing is required. An unknown `VIGIE_` name, or a value that cannot be read, stops the start with one line that",
        "names it.",
    ]
    section = ""
    for block in blocks():
        if block.section != section:
            section = block.section
            lines += ["", f"## {section[0].upper()}{section[1:]}"]
        lines.append("")
        lines += [block.words, ""] if block.words else []
        lines += [_setting(name, block, known, hidden) for name in block.settings]
        if not block.settings:
            lines.pop()
    return "\n".join(lines) + "\n"


def _setting(name: str, block: Block, known: Mapping[str, str], hidden: set[str]) -> str:
    shown, default = block.settings[name], known.get(name, "")
    default = shown if default in ("", ".vigie") and shown else default
    words = f"default `{default}`" if default else "no default"
    if block.example and not default and name == next(iter(block.settings)):
        words += f", for example `{block.example}`"
    return f"- `{name}`: {words}{', kept secret' if name in hidden else ''}"


# Commands --------------------------------------------------------------------------------------------------


def commands() -> Iterator[tuple[str, str]]:
    """Each command as it is typed, with what it does."""
    yield from _commands(parser(), "vigie")


def _commands(parser: argparse.ArgumentParser, typed: str) -> Iterator[tuple[str, str]]:
    nested = False
    for action in cast("list[argparse.Action]", vars(parser)["_actions"]):
        if isinstance(action, argparse._SubParsersAction):  # pyright: ignore[reportPrivateUsage]
            nested = True
            choices = cast("Mapping[str, argparse.ArgumentParser]", vars(action)["choices"])
            helps = {each.dest: each.help or "" for each in _choices(vars(action))}
            for name, below in choices.items():
                found = list(_commands(below, f"{typed} {name}"))
                if len(found) == 1 and not found[0][1]:
                    yield found[0][0], helps[name]
                else:
                    yield from found
    if not nested:
        yield f"{typed}{''.join(_arguments(parser))}", ""


def _choices(inside: Mapping[str, object]) -> list[argparse.Action]:
    return cast("list[argparse.Action]", inside["_choices_actions"])


def _arguments(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in cast("list[argparse.Action]", vars(parser)["_actions"]):
        if action.dest == "help":
            continue
        called = _called(action)
        name = action.option_strings[0] if action.option_strings else called
        value = f" {called}" if action.option_strings and action.nargs != 0 else ""
        optional = action.nargs in ("*", "?") or (bool(action.option_strings) and not action.required)
        yield f" [{name}{value}]" if optional else f" {name}{value}"


def _called(action: argparse.Action) -> str:
    """What stands for the value, as in the command's own help."""
    if action.choices is not None:
        return "{" + ",".join(str(each) for each in action.choices) + "}"
    return str(action.metavar or action.dest.upper())


def commands_page() -> str:
    rows = [f"| `{typed}` | {words} |" for typed, words in commands()]
    return "\n".join(
        [
            "# Commands",
            "",
            _WRITTEN.format(module="the parser of vigie/command_line.py"),
            "",
            "Installed as `vigie`, also `python -m vigie`. Every command reads the same [settings](settings.md).",
            "",
            "| command | does |",
            "|---|---|",
            *rows,
            "",
            "Exit status: 0 done; 1 checked and not well (`doctor`, `ledger verify`) or not possible (`connect`);",
            "2 a setting is wrong or the command cannot run here, with one line on standard error; 130 ended by Ctrl-C.",
            "",
        ]
    )


# Actions ---------------------------------------------------------------------------------------------------


_AFTERWARDS = {
    Reversal.REVERSIBLE: "can be undone",
    Reversal.COMPENSABLE: "another action makes it good",
    Reversal.IRREVERSIBLE: "cannot be undone",
}


def actions_page() -> str:
    return "\n".join(
        [
            "# Actions",
            "",
            _WRITTEN.format(module="the systems that ship"),
            "",
            "Asked for with `do SYSTEM.ACTION field=value`, by a mission, or by a model. Optional fields are in",
            "brackets. R0 reads; R1 is reversible and private; R2 is seen by others; R3 is money, access or deletion.",
            "What asks first is decided by the policy: see [safety](../explanation/safety.md).",
            "",
            "## vigie: the assistant's own",
            "",
            *_table(ACTIONS),
            "",
            "## demo: the demo shop (`vigie demo`)",
            "",
            *_table((*READS, *WRITES)),
            "",
        ]
    )


def _table(actions: Iterable[Action]) -> Iterator[str]:
    yield "| action | fields | risk | afterwards | does |"
    yield "|---|---|---|---|---|"
    for action in actions:
        fields = " ".join(
            f"`{each.name}`" if each.required and each.default is None else f"[`{each.name}`]"
            for each in action.fields
        )
        words = f"{action.title}. {action.help[:1].upper()}{action.help[1:]}".strip()
        words = words if words.endswith(".") else f"{words}."
        afterwards = "" if not action.risk else _AFTERWARDS[action.reversal]
        yield f"| `{action.name}` | {fields} | R{int(action.risk)} | {afterwards} | {words} |"


# Policy ----------------------------------------------------------------------------------------------------


def policy_page() -> str:
    return "\n".join(
        [
            "# Policy",
            "",
            _WRITTEN.format(module="bot.rulebook"),
            "",
            "One TOML file, `VIGIE_POLICY`, read again when it was edited. How to write one:",
            "[write a policy](../how-to/write-a-policy.md).",
            "",
            "Deny goes before ask, ask before allow; of each, the first rule in the file that matches decides. Where no",
            "rule matches, the assistant asks. A rule matches when all its conditions hold and not all of its `unless`",
            "do. Four rules hold whatever the file says: nothing acts during a freeze; somebody answers for every action;",
            "guests only talk; a mission takes none but the actions it lists. And nothing stands in the way of a freeze.",
            "",
            "An unknown key or a value that cannot be read stops the start, naming file, rule and key. A file that goes",
            "missing or wrong later is replaced by asking about everything, reads of other systems included, until it can",
            "be read again, under the budgets that were in force before; `status` and `vigie doctor` say so. The ledger notes",
            "under which policy everything was decided.",
            "",
            "A `deny` or `ask` rule takes what it cannot compare (another currency, a text where a number is bounded) as",
            "met, and of a list of values one is enough; an `allow` rule takes it as not met, and every value must fit.",
            "`unless` turns that round.",
            "",
            *_keys("## At the top", rulebook.TOP_KEYS),
            *_keys("## In a `[[rule]]`", rulebook.RULE_KEYS),
            *_keys("## Conditions, in a rule and in its `unless`", rulebook.WHEN_KEYS),
            *_keys('## Tests of a field: `fields = { amount = { more = "200 EUR" } }`', rulebook.TEST_KEYS),
            *_keys("## A `limit`", rulebook.LIMIT_KEYS),
            "A limit counts every deed that was started in the window for the same account, recipient, mission or person",
            "and that the rule's `action` and `system` select; failed ones do not count, unknown ones do. An `ask` or `deny`",
            "rule matches once this call would break the limit; an `allow` rule while it would not. An amount in another",
            "currency breaks it. It is counted in the transaction that starts the deed, so presses at the same moment",
            "cannot pass together.",
            "",
            *_keys("## In `[budgets]`", rulebook.BUDGET_KEYS),
            *_keys(
                "## In `[budgets.space]`, `[budgets.person]` and `[budgets.mission]`: in a day",
                rulebook.DAY_KEYS,
            ),
            *_keys("## In `[budgets.thought]`", rulebook.THOUGHT_KEYS),
            f'`"{rulebook.UNLIMITED}"` instead of a number or an amount sets no limit; what is left out has the value of',
            "the file that ships. A day is a day in UTC. The smallest limit that applies counts. More in",
            "[set a budget](../how-to/set-a-budget.md).",
            "",
            *_keys("## In `[grants]`: standing permissions", rulebook.EARNING_KEYS),
            "What they are and how one is earned: [earned autonomy](../how-to/earned-autonomy.md).",
            "",
            "## The policy that ships",
            "",
            "```toml",
            rulebook.shipped_text().rstrip(),
            "```",
            "",
        ]
    )


def _keys(title: str, keys: Mapping[str, str]) -> Iterator[str]:
    yield from (title, "", "| key | meaning |", "|---|---|")
    yield from (f"| `{name}` | {words} |" for name, words in keys.items())
    yield ""


_WRITTEN = "<!-- Written by python -m tests.docs.reference from {module}; a test compares it. -->"

PAGES: Mapping[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "commands.md": commands_page,
    "actions.md": actions_page,
    "systems.md": lambda: systems_page(_WRITTEN, _AFTERWARDS),
    "policy.md": policy_page,
    "metrics.md": lambda: metrics_page(_WRITTEN),
}


def write(folder: Path = REFERENCE) -> None:
    """Writes the pages."""
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    write()
