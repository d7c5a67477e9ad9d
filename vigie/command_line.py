"""The console script: words of the shell in, an exit status out."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

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
from vigie.settings import VERSION, Settings, settings
from vigie.stops import freeze, meant, resume
from vigie.storing import distributed, open_store
from vigie.terminal import chat


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vigie", description="An assistant that keeps watch, and asks before it acts."
    )
    parser.add_argument("--version", action="version", version=f"vigie {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("up", help="everything in one process; prints a sign-in link")
    commands.add_parser("demo", help="up, with a demo shop and a mission that wakes within seconds")
    commands.add_parser("chat", help="talk to it here, in the terminal")
    commands.add_parser("doctor", help="check tokens, database and connections; exit 1 says what to do")
    connecting = commands.add_parser(
        "connect",
        help="connect a system: asks for its key, tries it, then keeps it (slack: the app manifest)",
    )
    connecting.add_argument("system")
    connecting.add_argument("--name", default="", help="of the connection, for a second account: stripe_eu")
    scope_help = "all (default), 'mission 3', a system such as demo, or an action such as demo.refund"
    stopping = commands.add_parser("freeze", help="stop everything that acts, or a part of it, now")
    stopping.add_argument("scope", nargs="*", help=scope_help)
    stopping.add_argument("--reason", default="", help="kept in the ledger and told to everybody")
    resuming = commands.add_parser("resume", help="lift the freeze")
    resuming.add_argument("scope", nargs="*", help=scope_help)
    book = commands.add_parser("ledger", help="the record of what happened and why").add_subparsers(
        dest="what", required=True
    )
    verifying = book.add_parser("verify", help="walk the hash chain, against the anchors that are kept")
    verifying.add_argument(
        "--anchor", default="", metavar="ROW:HASH", help="from a daily message in your chat"
    )
    exporting = book.add_parser("export", help="print it")
    exporting.add_argument("--format", choices=("jsonl", "csv"), default="jsonl")
    exporting.add_argument(
        "--since", default="", metavar="DATE", help="2026-03-31, or a moment with its offset"
    )
    exporting.add_argument("--mission", type=int, default=0, metavar="N")
    rules = commands.add_parser("policy", help="what may run, what asks, what never runs").add_subparsers(
        dest="what", required=True
    )
    checking = rules.add_parser("check", help="read the policy, and show each rule as a sentence")
    checking.add_argument("path", nargs="?", default="", help="another file than the one in force")
    explaining = rules.add_parser("explain", help="which rule decides about one call, and why")
    explaining.add_argument("action")
    explaining.add_argument("fields", nargs="*", metavar="field=value")
    explaining.add_argument("--role", choices=[role.value for role in Role], default="member")
    explaining.add_argument("--tainted", action="store_true", help="as if content from outside had been read")
    explaining.add_argument(
        "--own-words", action="store_true", help="as if who and what were the person's words"
    )
    hook = commands.add_parser("hook", help="bring the secret that Stripe or Sentry made for a hook")
    hook.add_argument("name", help="as it was made in the chat: hook add NAME stripe")
    commands.add_parser("rotate-keys", help="seal every kept secret with the newest key")
    saving = commands.add_parser("backup", help="the whole installation as one file, while it runs")
    saving.add_argument("file", type=Path)
    saving.add_argument(
        "--encrypt", action="store_true", help="seal it with a passphrase; then the keys are in it too"
    )
    bringing = commands.add_parser("restore", help="bring a backup back, into an empty data folder")
    bringing.add_argument("file", type=Path)
    bringing.add_argument("--into", type=Path, metavar="FOLDER", help="another folder than VIGIE_HOME")
    commands.add_parser("migrate", help="bring the database to this version's schema")
    moving = commands.add_parser(
        "move", help="copy everything from SQLite into PostgreSQL, and prove the copy"
    )
    moving.add_argument("source", metavar="FROM", help="sqlite:///path/to/vigie.db")
    moving.add_argument("target", metavar="TO", help="postgresql://user:password@host/name, empty")
    for role in ("web", "worker"):
        commands.add_parser(role, help="a role of the Procfile, over PostgreSQL")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """The console script. Returns the exit status."""
    wanted = parser().parse_args(arguments)
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
    kept = config.home / "secret_keys"
    keys = kept.read_text() if kept.is_file() else ""
    redaction = Redaction(values_of(os.environ, (keys.strip(), config.secret_keys)))
    redaction.install()
    logs.install(config.log, level=config.log_level, hide=redaction.hide)

    def told(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        print(redaction.told(kind, error, trace), end="", file=sys.stderr)

    sys.excepthook = told


def _loop() -> asyncio.AbstractEventLoop:
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
            scope, reason = meant(" ".join(wanted.scope))
            return await freeze(
                config, scope=scope, reason=wanted.reason or reason or "from the command line"
            )
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
            return await move(wanted.source, wanted.target)
        case "web" | "worker" if distributed(config.database):
            if wanted.command == "worker":
                return await work(config, stopping=stopping)
            return await up(config, demo=False, stopping=stopping, part="web")
        case _:
            raise Misconfigured(
                f"`vigie {wanted.command}` needs PostgreSQL; `vigie up` runs everything in one process"
            )
