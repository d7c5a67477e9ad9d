"""Who is measured: how each is started, through which chat, and with what in its environment."""

import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STARTERS = Path(__file__).resolve().parent / "starters"
SECRET = "bench-signing-secret"
MODEL = "instant"
"""What the model that answers at once is called; the mock does not care."""


CHATS = 200
"""How many people talk to it in Telegram, each in a chat of their own."""
OWNERS = ",".join(f"telegram:{100000 + number}" for number in range(CHATS))
"""Who is at home from the start: the driver's people. Strangers in Telegram get no answer."""


class Chat(Enum):
    """The way a bot hears of a message."""

    SLACK = "Slack, HTTP"
    SOCKET = "Slack, Socket Mode"
    TELEGRAM = "Telegram, polling"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Of one run, all free when it began: the bot's own, the chat's, and the model's (0: none)."""

    bot: int
    chat: int
    model: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    """`environment` names the folder of a peer's virtual environment, "" for the one Vigie runs in.
    `path` is where its HTTP door hears events. `thinks` says that it asks a model for every answer.
    """

    name: str
    chat: Chat
    argv: tuple[str, ...]
    environment: str = ""
    path: str = "/slack/events"
    thinks: bool = False
    flat: bool = True
    """False where it keeps to its chat's limits, so that flat out would only measure these: Telegram takes one
    message a second in a chat and about thirty in all (https://core.telegram.org/bots/faq).
    """

    @property
    def ours(self) -> bool:
        return self.argv[0] == "-m"

    def python(self, environments: Path | None) -> Path | None:
        """Its interpreter; None when its environment is not there. Ours may have one too, with what is installed to run
        it and nothing more: what tests need besides takes memory where a library finds it."""
        named = self.environment or ("vigie" if self.ours else "")
        found = (environments / named / "bin" / "python") if environments and named else None
        if found is not None and found.exists():
            return found.absolute()
        return None if self.environment else Path(sys.executable)

    def command(self, python: Path) -> str:
        return shlex.join([str(python), *self.argv])

    def settings(self, ports: Ports, home: Path) -> Mapping[str, str]:
        """What it finds in its environment, beside PATH and the like."""
        found = {"PORT": str(ports.bot)}
        if self.chat is Chat.TELEGRAM:
            found |= {
                "TELEGRAM_BOT_TOKEN": "123456:bench-token",
                "TELEGRAM_API_URL": f"http://127.0.0.1:{ports.chat}/bot",
            }
        else:
            found |= {
                "SLACK_BOT_TOKEN": "xoxb-bench",
                "SLACK_SIGNING_SECRET": SECRET,
                "SLACK_API_URL": f"http://127.0.0.1:{ports.chat}/api/",
            }
        if self.chat is Chat.SOCKET:
            found["SLACK_APP_TOKEN"] = "xapp-bench"
        if self.thinks:
            found |= {
                "OPENAI_API_KEY": "bench",
                "OPENAI_BASE_URL": f"http://127.0.0.1:{ports.model}/v1",
                "BENCH_MODEL": MODEL,
            }
        if self.ours:
            found |= {"VIGIE_HOME": str(home), "PYTHONPATH": str(ROOT), "VIGIE_OWNERS": OWNERS}
            if self.thinks:
                found["VIGIE_MODEL"] = f"openai-chat:{MODEL}"
        return found


def _starter(name: str, *more: str) -> tuple[str, ...]:
    return (str(STARTERS / f"{name}.py"), *more)


UP = ("-m", "vigie", "up")
VIGIE = Bot(name="vigie", chat=Chat.SLACK, argv=UP)
VIGIE_SOCKET = Bot(name="vigie, socket", chat=Chat.SOCKET, argv=UP)
VIGIE_TELEGRAM = Bot(name="vigie, telegram", chat=Chat.TELEGRAM, argv=UP, flat=False)
VIGIE_MODEL = Bot(name="vigie, model", chat=Chat.SLACK, argv=UP, thinks=True)
BOLT = Bot(name="bolt echo", chat=Chat.SLACK, argv=_starter("echo_bolt"))
TUNED = Bot(name="bolt echo, tuned", chat=Chat.SLACK, argv=_starter("echo_bolt", "--tuned"))
TELEGRAM = Bot(name="ptb echo", chat=Chat.TELEGRAM, argv=_starter("echo_telegram"))
OPSDROID = Bot(
    name="opsdroid",
    chat=Chat.SLACK,
    argv=_starter("opsdroid_slack"),
    environment="opsdroid",
    path="/connector/slack",
)
ERRBOT = Bot(name="errbot", chat=Chat.TELEGRAM, argv=_starter("errbot_telegram"), environment="errbot")
NANOBOT = Bot(
    name="nanobot, model",
    chat=Chat.SOCKET,
    argv=_starter("nanobot_slack"),
    environment="nanobot",
    thinks=True,
)
BOTS = (
    VIGIE,
    VIGIE_SOCKET,
    VIGIE_TELEGRAM,
    VIGIE_MODEL,
    BOLT,
    TUNED,
    TELEGRAM,
    OPSDROID,
    ERRBOT,
    NANOBOT,
)
