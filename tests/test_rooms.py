"""What import-linter cannot say: the assistant imports the standard library and itself, and nothing else at all."""

import ast
import sys
from pathlib import Path

BOT = Path(__file__).parent.parent / "bot"


def imported(file: Path) -> set[str]:
    """The top-level names of everything a file imports, wherever in the file it does."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        match node:
            case ast.Import():
                names.update(alias.name for alias in node.names)
            case ast.ImportFrom():
                names.add(node.module or "")
            case _:
                pass
    return {name.partition(".")[0] for name in names}


def test_the_assistant_needs_only_the_standard_library() -> None:
    strangers = {
        f"{file.relative_to(BOT.parent)} imports {name}"
        for file in BOT.rglob("*.py")
        for name in imported(file) - sys.stdlib_module_names - {"bot"}
    }
    assert not strangers
