"""errbot over Telegram, with one plugin that says back what it hears. Run by the Python of its environment.

It has no setting for the address of the Bot API, so its library's is given here.
"""
# pyright: basic, reportMissingImports=false

import functools
import os
import sys
from pathlib import Path

PLUGIN = """
from errbot import BotPlugin


class Echo(BotPlugin):
    def callback_message(self, message):
        if message.frm != self.bot_identifier:
            self.send(message.frm, message.body)
"""
ABOUT = """
[Core]
Name = Echo
Module = echo

[Python]
Version = 3
"""
CONFIGURATION = """
import logging
BACKEND = "Telegram"
BOT_IDENTITY = {{"token": {token!r}}}
BOT_DATA_DIR = {data!r}
BOT_EXTRA_PLUGIN_DIR = {plugins!r}
BOT_LOG_FILE = None
BOT_LOG_LEVEL = logging.WARNING
BOT_ADMINS = ("100000",)
CORE_PLUGINS = ()
SUPPRESS_CMD_NOT_FOUND = True
"""


def main():
    here = Path.cwd()
    plugins, data = here / "plugins" / "echo", here / "data"
    plugins.mkdir(parents=True)
    data.mkdir()
    (plugins / "echo.py").write_text(PLUGIN)
    (plugins / "echo.plug").write_text(ABOUT)
    (here / "config.py").write_text(
        CONFIGURATION.format(
            token=os.environ["TELEGRAM_BOT_TOKEN"], data=str(data), plugins=str(plugins.parent)
        )
    )
    import telegram  # noqa: PLC0415 (after its configuration is written)

    telegram.Bot = functools.partial(telegram.Bot, base_url=os.environ["TELEGRAM_API_URL"])
    from errbot.cli import main as start  # noqa: PLC0415

    sys.argv = ["errbot", "-c", str(here / "config.py")]
    start()


if __name__ == "__main__":
    main()
