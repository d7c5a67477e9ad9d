"""With a stopwatch: from a fresh clone and `make run` to the first deed that somebody approved, and its undo; then two
connections with a mistake in each, and what was said.

    python -m bench.first_minute [--python python3.11]

The clone is of the commit that is checked out, without any environment; packages come from wherever pip gets them, from its cache when
it has one. A browser does what a person would: opens the printed link, reads, presses. Nothing here decides whether a test passes.
"""

import argparse
import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from playwright.async_api import async_playwright

from adapters.chat.slack.manifest import SCOPES
from tests.adapters.web.tour import opened, story
from tests.peers.servers import CHROMIUM_FLAGS, chromium_path
from tests.running import ROOT, free_port, vigie
from tests.twins import telegram
from tests.twins.slack import BOT_TOKEN, SECRET, SlackTwin

_LINK = re.compile(r"http://\S+/sign-in\?token=\S+")
_TOLD = {
    "start-2-asks": "the card is there",
    "start-3-receipt": "approved, done, and its receipt",
    "start-3-undo": "a second deed, reversible",
    "start-4-told": "undone, and told",
}


def _bare() -> dict[str, str]:
    """This environment without anything that sets Vigie up."""
    ours = ("VIGIE_", "SLACK_", "TELEGRAM_", "DATABASE_URL", "PYTHONPATH", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


class Watch:
    """Prints how many seconds it has been."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def say(self, what: str) -> None:
        print(f"  {time.monotonic() - self._began:7.1f} s  {what}", flush=True)


async def first_minute(clone: Path, python: str) -> None:
    watch = Watch()
    watch.say(f"make run ({python})")
    made = await asyncio.create_subprocess_exec(
        *("make", "run", f"PYTHON={python}"),
        cwd=clone,
        env={**_bare(), "PORT": str(free_port())},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        link = await _link(made)
        watch.say("the link is printed")
        await _pressed(link, watch)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(made.pid, signal.SIGTERM)
        await made.wait()


async def _link(made: asyncio.subprocess.Process) -> str:
    assert made.stdout is not None
    printed = ""
    async for line in made.stdout:
        printed += line.decode()
        if found := _LINK.search(printed):
            return found[0]
    raise SystemExit(f"it ended before it was ready:\n{printed}")


async def _pressed(link: str, watch: Watch) -> None:
    url = link.partition("/sign-in")[0]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=list(CHROMIUM_FLAGS))
        page = await opened(browser, lang="en", scheme="light", width=1200, height=850)
        await page.goto(link)
        await page.wait_for_url(f"{url}/")
        watch.say("the page stands")
        async for stop in story(page, url):
            if stop.name in _TOLD:
                watch.say(_TOLD[stop.name])
        await browser.close()


async def mistakes(folder: Path) -> None:
    """One of each kind that people make, and what `vigie doctor` says of it, as they would read it."""
    async with SlackTwin(scopes=",".join(set(SCOPES) - {"chat:write"})).serving() as slack:
        found: dict[str, str] = {
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": slack.api_url,
        }
        await _doctor(folder / "scope", "Slack, with a scope missing (chat:write)", found)
    async with telegram.running() as twin:
        found = {
            "TELEGRAM_BOT_TOKEN": "123456789:AAwrongAAwrongAAwrongAAwrongAAwrong",
            "TELEGRAM_API_URL": twin.api_url,
        }
        await _doctor(folder / "token", "Telegram, with a wrong token", found)


async def _doctor(home: Path, what: str, settings: Mapping[str, str]) -> None:
    watch = Watch()
    code, said = await vigie(home, "doctor", settings=settings)
    watch.say(f"{what}: exit {code}")
    print("\n".join(f"             {line}" for line in said.splitlines() if "ok" not in line[:6]))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--python", default=sys.executable, help="the interpreter that make is given")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vigie-first-") as folder:
        clone = Path(folder, "vigie")
        subprocess.run(["git", "clone", "-q", "--no-local", str(ROOT), str(clone)], check=True)
        asyncio.run(first_minute(clone, wanted.python))
        for name in ("scope", "token"):
            Path(folder, name).mkdir()
        asyncio.run(mistakes(Path(folder)))


if __name__ == "__main__":
    main()
