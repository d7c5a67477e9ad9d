"""The console script: words of the shell in, an exit status out."""

import argparse
import asyncio
import errno
import io
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol

try:
    import uvloop
except ImportError:  # on Windows, and beside CPython
    uvloop = None

from adapters.engine.stopping import Stopping
from adapters.redaction import Redaction, values_of
from adapters.telemetry import logs
from bot.errors import Misconfigured, VigieError
from bot.freezes import Scope
from bot.people import Role
from vigie.backups import backup, restore
from vigie.checking import doctor
from vigie.connecting import connect
from vigie.keys import hook_secret, rotate_keys
from vigie.moving import move
from vigie.policies import policy_check, policy_explain
from vigie.records import export_ledger, verify_ledger
from vigie.serving import up, work
from vigie.settings import VERSION, Settings, kept_keys, settings
from vigie.stops import freeze, resume
from vigie.storing import distributed, open_store
from vigie.terminal import chat

_SWITCH = 0.0005
"""Seconds after which a thread that works lets another one go on."""


class _Commands(Protocol):
    def add_parser(self, name: str, *, help: str, description: str) -> argparse.ArgumentParser: ...


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vigie", description="An assistant that keeps watch, and asks before it acts."
    )
    parser.add_argument("--version", action="version", version=f"vigie {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add(commands, "up", "everything in one process; prints a sign-in link")
    _add(commands, "demo", "up, with a demo shop and a mission that wakes within seconds")
    _add(commands, "chat", "talk to it here, in the terminal")
    _add(commands, "doctor", "check tokens, database and connections; exit 1 says what to do")
    connecting = _add(
        commands,
        "connect",
        "connect a system: asks for its key, tries it, then keeps it (slack: the app manifest)",
    )
    connecting.add_argument(
        "system", help="slack, telegram, stripe, notion and so on; any other word lists them"
    )
    connecting.add_argument("--name", default="", help="of the connection, for a second account: stripe_eu")
    scope_help = "all (default), 'mission 3', a system such as demo, or an action such as demo.refund"
    stopping = _add(commands, "freeze", "stop everything that acts, or a part of it, now")
    stopping.add_argument("scope", nargs="*", help=scope_help)
    stopping.add_argument("--reason", default="", help="kept in the ledger and told to everybody")
    resuming = _add(commands, "resume", "lift the freeze")
    resuming.add_argument("scope", nargs="*", help=scope_help)
    book = _add(commands, "ledger", "the record of what happened and why").add_subparsers(
        dest="what", required=True
    )
    verifying = _add(book, "verify", "walk the hash chain, against the anchors that are kept")
    verifying.add_argument(
        "--anchor", default="", metavar="ROW:HASH", help="from a daily message in your chat"
    )
    exporting = _add(book, "export", "print it")
    exporting.add_argument("--format", choices=("jsonl", "csv"), default="jsonl")
    exporting.add_argument(
        "--since", default="", metavar="DATE", help="2026-03-31, or a moment with its offset"
    )
    exporting.add_argument("--mission", type=_count, default=None, metavar="N")
    rules = _add(commands, "policy", "what may run, what asks, what never runs").add_subparsers(
        dest="what", required=True
    )
    checking = _add(rules, "check", "read the policy, and show each rule as a sentence")
    checking.add_argument("path", nargs="?", default="", help="another file than the one in force")
    explaining = _add(rules, "explain", "which rule decides about one call, and why")
    explaining.add_argument("action")
    explaining.add_argument("fields", nargs="*", metavar="field=value")
    explaining.add_argument("--role", choices=[role.value for role in Role], default="member")
    explaining.add_argument("--tainted", action="store_true", help="as if content from outside had been read")
    explaining.add_argument(
        "--own-words", action="store_true", help="as if who and what were the person's words"
    )
    hook = _add(commands, "hook", "bring the secret that Stripe or Sentry made for a hook")
    hook.add_argument("name", help="as it was made in the chat: hook add NAME stripe")
    _add(commands, "rotate-keys", "seal every kept secret with the newest key")
    saving = _add(commands, "backup", "the whole installation as one file, while it runs")
    saving.add_argument("file", type=Path)
    saving.add_argument(
        "--encrypt", action="store_true", help="seal it with a passphrase; then the keys are in it too"
    )
    bringing = _add(commands, "restore", "bring a backup back, into an empty data folder")
    bringing.add_argument("file", type=Path)
    bringing.add_argument("--into", type=Path, metavar="FOLDER", help="another folder than VIGIE_HOME")
    _add(commands, "migrate", "bring the database to this version's schema")
    moving = _add(commands, "move", "copy everything from SQLite into PostgreSQL, and prove the copy")
    moving.add_argument("source", metavar="FROM", help="sqlite:///path/to/vigie.db")
    moving.add_argument("target", metavar="TO", help="postgresql://user:password@host/name, empty")
    _add(commands, "web", "the role that answers HTTP, over PostgreSQL and beside workers")
    _add(commands, "worker", "the role that takes turns, wakes missions and does deeds, over PostgreSQL")
    return parser


def _add(commands: _Commands, name: str, words: str) -> argparse.ArgumentParser:
    """A command with its line in the list, and the same above its own help."""
    return commands.add_parser(name, help=words, description=f"{words[0].upper()}{words[1:]}.")


def _count(text: str) -> int:
    """A number that something may be counted by."""
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of one")
    return int(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """The console script. Returns the exit status."""
    for stream in (sys.stdin, sys.stdout):
        # A terminal that knows fewer letters than we do, or sends others, is no reason to break off.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    wanted = parser().parse_args(arguments)
    try:
        status = _done(wanted)
        sys.stdout.flush()
    except BrokenPipeError:
        # Nobody listens any more, as with `| head`; Python would say so once more when it ends.
        _silence()
        return 0
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EIO, errno.EFBIG):
            raise
        _silence()
        print(f"vigie: {error.filename or 'standard output'}: {error.strerror}", file=sys.stderr)
        return 2
    return status


def _silence() -> None:
    """What is still to be printed goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _done(wanted: argparse.Namespace) -> int:
    # Until the event loop listens itself, a stop is like Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        config = settings()
        _log(config)
        with asyncio.Runner(loop_factory=_loop) as runner:
            return runner.run(_command(wanted, config))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 130
    except VigieError as error:
        print(f"vigie: {error}", file=sys.stderr)
        return 2


def _log(config: Settings) -> None:
    """From here on no secret of the settings, nor what looks like one, is in a log or in an error nobody caught."""
    redaction = Redaction(values_of(os.environ, (kept_keys(config),)))
    redaction.install()
    logs.install(config.log, level=config.log_level, hide=redaction.hide, aside=True)

    def told(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        print(redaction.told(kind, error, trace), end="", file=sys.stderr)

    sys.excepthook = told


def _loop() -> asyncio.AbstractEventLoop:
    # The event loop and the store's threads hand short work to each other. With the interpreter's own 5 ms each of a
    # transaction's statements may wait that long for its turn behind the loop. So a busy process answers
    # a tenth more on a quiet machine and twice as much beside other work (bench/README.md).
    sys.setswitchinterval(_SWITCH)
    return asyncio.new_event_loop() if uvloop is None else uvloop.new_event_loop()


async def _command(wanted: argparse.Namespace, config: Settings) -> int:
    stopping = Stopping()
    stopping.install()
    match wanted.command:
        case "up" | "demo":
            return await up(config, demo=wanted.command == "demo", stopping=stopping)
        case "chat":
            return await chat(config)
        case "doctor":
            return await doctor(config)
        case "connect":
            return await connect(config, wanted.system, wanted.name)
        case "freeze":
            return await freeze(config, words=" ".join(wanted.scope), reason=wanted.reason)
        case "resume":
            return await resume(config, scope=Scope.parse(" ".join(wanted.scope)))
        case "ledger" if wanted.what == "verify":
            return await verify_ledger(config, anchor=wanted.anchor)
        case "ledger":
            return await export_ledger(
                config, format=wanted.format, since=wanted.since, mission=wanted.mission
            )
        case "policy":
            if wanted.what == "explain":
                return await policy_explain(config, wanted)
            return await policy_check(config, wanted.path)
        case "hook":
            return await hook_secret(config, wanted.name)
        case "rotate-keys":
            return await rotate_keys(config)
        case "backup":
            return await backup(config, wanted.file, encrypt=wanted.encrypt)
        case "restore":
            return await restore(config, wanted.file, into=wanted.into)
        case "migrate":
            await open_store(config).close()
            print("The schema is up to date.")
            return 0
        case "move":
            return await move(config, wanted.source, wanted.target)
        case "web" | "worker" if distributed(config.database):
            if wanted.command == "worker":
                return await work(config, stopping=stopping)
            return await up(config, demo=False, stopping=stopping, part="web")
        case _:
            raise Misconfigured(
                f"`vigie {wanted.command}` needs PostgreSQL; `vigie up` runs everything in one process"
            )
