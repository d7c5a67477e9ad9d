"""`vigie connect`: asks for what a system takes, tries it, and only then keeps it; for the chats, what is still missing
where, found out by real calls.
"""

import asyncio
import getpass
import sys
from collections.abc import Sequence

from adapters.speech.languages import tongues
from bot import (
    sealing,
)
from bot.doors import owner
from bot.errors import Misconfigured
from bot.freezes import COMMAND_LINE
from bot.plugs import Offer
from bot.ways import Mark, Step
from vigie.plugging import plug
from vigie.settings import Settings
from vigie.ways import NOBODY, Installation

_MANIFEST = (
    "Paste the manifest above at https://api.slack.com/apps: Create New App, From a manifest; then Install App. Where the"
    " app is made already: under App Manifest, and install it again."
)
_THEN = {
    "slack": """Then start Vigie: vigie up. On the page it prints, Connections shows the same steps and proves each. Without the
page: write to the app, in a direct message, claim CODE, with the code at the end of the sign-in link that the start printed.
This command, and vigie doctor, say what is still missing.""",
    "telegram": """Then start Vigie: vigie up. No public address is needed. On the page it prints, Connections shows the same steps and
proves each: scan its code with your phone and press Start there. Without the page: write to the bot, in a private chat,
claim CODE, with the code at the end of the sign-in link that the start printed. This command, and vigie doctor, say what is
still missing.""",
}
_MARKS = {Mark.DONE: "[x]", Mark.TODO: "[ ]", Mark.WRONG: "[!]"}


async def connect(config: Settings, system: str, name: str) -> int:
    """Connects a system: asks for what it takes, tries it, and only then keeps it. For a chat it says what is done and
    what is missing; for Slack it prints the app manifest first. 1 when something is wrong."""
    if system in ("slack", "telegram"):
        return await _chat(config, system)
    plugged = plug(config, demo=False)
    try:
        await sealing.ready(house=plugged.house)
        await plugged.board.reread()
        offer = next((each for each in plugged.board.offers() if each.name == system), None)
        if offer is None:
            known = ", ".join(["slack", "telegram", *(each.name for each in plugged.board.offers())])
            raise Misconfigured(f"I cannot connect {system!r}; I know: {known}")
        values = await asyncio.to_thread(_asked, offer)
        row = await plugged.board.connect(system, name, values, person=COMMAND_LINE)
    finally:
        await plugged.board.close()
        await plugged.store.close()
    mode = "live" if row.live else "test"
    print(f"{offer.title} is connected as {row.name}: {row.account} ({mode}).")
    return 0


async def _chat(config: Settings, system: str) -> int:
    if system == "slack":
        # Imported here: who does not use Slack does not pay for it.
        from adapters.chat.slack.manifest import text

        by_http = config.public_url or config.slack_signing_secret
        # Alone on the standard output, so that it can be kept in a file as it is.
        print(text(config.url if by_http and not config.slack_app_token else None), flush=True)
    found = await _steps(config, system)
    print(_checklist(found, system, config), file=sys.stderr if system == "slack" else sys.stdout)
    return 1 if any(step.mark is Mark.WRONG for step in found) else 0


async def _steps(config: Settings, system: str) -> tuple[Step, ...]:
    """What is done and what is missing. Where a setting is missing nothing is opened, nor made."""
    speech = tongues()
    tongue = speech("en")
    if any(
        step.mark is not Mark.DONE for step in Installation(config=config, doors={}).given(system, tongue)
    ):
        return Installation(config=config, doors={}).given(system, tongue)
    plugged = plug(config, demo=False)
    try:
        installation = Installation(config=config, doors={system: plugged.doors[system]}, beside=True)
        await installation.refresh(tongue)
        return await plugged.store.read(
            lambda tx: installation.steps(system, tx, owner(tx) or NOBODY, tongue)
        )
    finally:
        await plugged.release()


def _checklist(found: Sequence[Step], system: str, config: Settings) -> str:
    """Every step with its mark; under one that is not done, what is missing and where."""
    lines: list[str] = []
    for at, step in enumerate(found, 1):
        lines.append(f"{_MARKS[step.mark]} {at}. {step.title}")
        if at == 1 and system == "slack":
            lines.append(f"       {_MANIFEST}")
        elif step.says:
            lines.append(f"       {step.says}")
        if step.mark is not Mark.DONE:
            lines += [f"           {line}" for line in step.lines]
            lines += [f"       {step.link}"] if step.link and system != "slack" else []
            lines += [f"       On the page, {config.url}/connections: “{step.label}”"] if step.words else []
    then = [] if all(step.mark is Mark.DONE for step in found) else ["", _THEN[system]]
    return "\n".join([*lines, *then, "", f"More: docs/how-to/connect-{system}.md"])


def _asked(offer: Offer) -> dict[str, str]:
    """What a person types, secrets unseen; from a pipe, one value per line in the order they are asked."""
    seen = sys.stdin.isatty()
    if seen:
        print(offer.help)
    values: dict[str, str] = {}
    for each in offer.asks:
        said = f"{each.title}{'' if each.required else ' (optional)'}: "
        if not seen:
            values[each.name] = sys.stdin.readline().strip()
        elif each.secret:
            values[each.name] = getpass.getpass(said).strip()
        else:
            values[each.name] = input(said).strip()
    return values
