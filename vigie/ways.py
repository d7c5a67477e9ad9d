"""What this installation's chats and its model still need: the settings, the doors and the record, told as steps. Knows
where settings are read from; keeps none.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bot import trying, whereabouts
from bot.errors import VigieError
from bot.people import Person, Role
from bot.speech import Tongue
from bot.store import Tx
from bot.ways import Mark, Step, Trial, Way
from bot.world import Health
from vigie.settings import Settings

if TYPE_CHECKING:
    from vigie.plugging import Door

FRESH = 15.0
"""Seconds for which what a platform said of itself is shown before it is asked again."""
PATIENCE = 4.0
FATHER = "https://t.me/BotFather"
_EVENTS = ("message.im", "app_mention", "message.channels", "message.groups")
"""Events of Slack's whose absence can be told, the more important first."""
_OVERHEARD = frozenset({"message.channels", "message.groups"})
"""Those that bring what is said where it is, and not to it."""
NOBODY = Person(id="", name="", role=Role.GUEST)
"""Who asks where there is no owner yet."""


@dataclass(kw_only=True)
class Installation:
    """See `bot.ways.Ways`."""

    config: Settings
    doors: "Mapping[str, Door]"
    beside: bool = False
    """Whether this is not the process that has the doors open."""
    _said: dict[tuple[str, str], tuple[float, Health]] = field(
        default_factory=dict[tuple[str, str], tuple[float, Health]]
    )

    async def refresh(self, tongue: Tongue) -> None:
        now = time.monotonic()
        old = [
            name
            for name in self.doors
            if now - self._said.get((name, tongue.lang), (-FRESH, Health(well=True, text="")))[0] >= FRESH
        ]
        await asyncio.gather(*(self._ask(name, tongue) for name in old))

    async def _ask(self, name: str, tongue: Tongue) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                door = self.doors[name]
                found = await (door.examine() if self.beside else door.check(tongue))
        except TimeoutError:
            found = Health(well=False, text=tongue("it does not answer"))
        except VigieError as error:
            found = Health(well=False, text=error.said(tongue))
        self._said[name, tongue.lang] = (time.monotonic(), found)

    def shown(self, tx: Tx, person: Person, tongue: Tongue) -> tuple[Way, ...]:
        return (
            Way(name="telegram", title="Telegram", steps=self.steps("telegram", tx, person, tongue)),
            Way(name="slack", title="Slack", steps=self.steps("slack", tx, person, tongue)),
            Way(name="model", title=tongue("Model"), steps=(self._model(tongue),), model=True),
        )

    async def try_model(self, name: str, key: str, tongue: Tongue) -> Trial:
        # Imported here: who uses no model does not pay for the library.
        from adapters.minds.llm import trial

        try:
            said = await trial.complete(name, key, tongue)
        except VigieError as error:
            return Trial(well=False, says=error.said(tongue))
        setting = trial.key_name(name)
        kept = (f"{setting}=…",) if key and setting else ()
        return Trial(well=True, says=said or "…", lines=(f"VIGIE_MODEL={name}", *kept))

    # Steps -----------------------------------------------------------------------------------------------

    def steps(self, name: str, tx: Tx, person: Person, tongue: Tongue) -> tuple[Step, ...]:
        """All of a chat."""
        return (*self.given(name, tongue), *self._proven(name, tx, person, tongue))

    def given(self, name: str, tongue: Tongue) -> tuple[Step, ...]:
        """Those of a chat that settings decide."""
        return tuple(self._slack(tongue) if name == "slack" else self._telegram(tongue))

    def _telegram(self, tongue: Tongue) -> Iterable[Step]:
        made = bool(self.config.telegram_bot_token)
        yield Step(
            title=tongue("Make the bot"),
            mark=Mark.DONE if made else Mark.TODO,
            says=""
            if made
            else tongue("Write /newbot to @BotFather and choose a name. It gives you a token."),
            link="" if made else FATHER,
            label=tongue("Open @BotFather"),
        )
        yield self._settings(("TELEGRAM_BOT_TOKEN=123456:ABC…",) if not made else (), "", tongue)

    def _slack(self, tongue: Tongue) -> Iterable[Step]:
        # Imported here: who does not use Slack does not pay for it.
        from adapters.chat.slack.manifest import link

        config = self.config
        by_http = bool(config.slack_signing_secret) and not config.slack_app_token
        yield Step(
            title=tongue("Make the app"),
            mark=Mark.DONE if config.slack_bot_token else Mark.TODO,
            says=tongue(
                "The link brings the whole manifest along: permissions, events, the command, buttons. Choose your"
                " workspace, press Create, then Install."
            ),
            link=link(config.url if by_http else None),
            label=tongue("Make it in Slack") if not config.slack_bot_token else tongue("The manifest again"),
        )
        missing = [] if config.slack_bot_token else ["SLACK_BOT_TOKEN=xoxb-…"]
        if not (config.slack_app_token or config.slack_signing_secret):
            missing.append("SLACK_APP_TOKEN=xapp-…")
        where = tongue(
            "The first stands in Slack under OAuth & Permissions, the second is made under Basic Information,"
            " App-Level Tokens, with the scope connections:write."
        )
        if by_http and not config.public_url:
            missing.append("VIGIE_URL=https://vigie.example.com")
            where = tongue("Without SLACK_APP_TOKEN Slack calls a public address: say which is yours.")
        yield self._settings(missing, where, tongue)

    def _settings(self, lines: Iterable[str], where: str, tongue: Tongue) -> Step:
        lines = tuple(lines)
        if not lines:
            return Step(title=tongue("Give it its token"), mark=Mark.DONE)
        file = str(Path(".env").resolve())
        says = tongue("Put this into {file}, and start Vigie again.", file=file)
        return Step(title=tongue("Give it its token"), says=f"{where} {says}" if where else says, lines=lines)

    def _proven(self, name: str, tx: Tx, person: Person, tongue: Tongue) -> Iterable[Step]:
        """What only a round trip shows: it is let in, it hears, it is heard."""
        door = self.doors.get(name)
        _, health = self._said.get((name, tongue.lang), (0.0, None))
        yield Step(
            title=tongue("It is let in"),
            mark=Mark.TODO if door is None or health is None else Mark.DONE if health.well else Mark.WRONG,
            says=health.text if door is not None and health is not None else "",
        )
        heard = whereabouts.last_on(tx, person.id, name) is not None
        wrong = self._unheard(name, tx, person, tongue) if door is not None else ""
        yield Step(
            title=tongue("It hears you, and knows that it is you"),
            mark=Mark.WRONG if wrong else Mark.DONE if heard else Mark.TODO,
            says=wrong or ("" if heard or door is None else self._how_to_be_heard(name, tongue)),
            words="link" if door is not None and not heard else "",
            label=tongue("Show the code"),
        )
        sent, pressed = trying.sent(tx, person.id, name), trying.pressed(tx, person.id, name)
        lost = trying.lost(tx, person.id, name)
        waits = bool(sent) and not pressed and lost is None
        yield Step(
            title=tongue("It writes to you, and your press arrives"),
            mark=Mark.WRONG
            if lost or (sent is False and not pressed)
            else Mark.DONE
            if pressed
            else Mark.TODO,
            says=self._lost(name, tongue.moment(lost, person.zone), tongue)
            if lost
            else _trip(sent, pressed=pressed, tongue=tongue),
            words=f"do vigie.try_chat platform={name}" if heard else "",
            label=tongue("Try it") if sent is None and not pressed else tongue("Try it again"),
            otherwise=(
                f"do vigie.try_chat platform={name} lost=yes",
                tongue("I pressed, and nothing came of it"),
            )
            if heard and waits
            else None,
        )

    def _unheard(self, name: str, tx: Tx, person: Person, tongue: Tongue) -> str:
        """Why what people say there does not come, where that is known."""
        if trying.doubted(tx, name) is not None:
            return _unsigned(tongue)
        found = [
            self._unsubscribed(event, tongue.moment(missed[0], person.zone), tongue, others=missed[1])
            for event in _EVENTS
            if (missed := trying.missed(tx, name, event)) is not None
        ]
        return " ".join(found)

    def _lost(self, name: str, when: str, tongue: Tongue) -> str:
        """Why a press that was made did not come, though what is written does."""
        if name != "slack":
            return tongue(
                "You pressed, and no press came ({when}). Have another button sent, and press that.",
                when=when,
            )
        said = tongue(
            "You pressed, and no press came ({when}), while what you write does: Interactivity is off. In the app's settings,"
            " under Interactivity & Shortcuts, turn it on and save.",
            when=when,
        )
        return said if self.config.slack_app_token else f"{said} {self._address(tongue)}"

    def _unsubscribed(self, event: str, when: str, tongue: Tongue, *, others: bool) -> str:
        if others and event in _OVERHEARD:
            return tongue(
                "What somebody said in a channel that it is in ({when}) never came here, while other events come: the app is not"
                " subscribed to {event}, so it hears there only what names it, and no replies. Add it in the app's settings under"
                " Event Subscriptions, Subscribe to bot events, save, and install the app again when Slack asks for it.",
                when=when,
                event=event,
            )
        if others:
            return tongue(
                "What somebody wrote to it in Slack ({when}) never came here, while other events come: the app is not"
                " subscribed to {event}. Add it in the app's settings under Event Subscriptions, Subscribe to bot"
                " events, save, and install the app again when Slack asks for it.",
                when=when,
                event=event,
            )
        said = tongue(
            "What somebody wrote to it in Slack ({when}) never came here, and no other event has come: in the app's"
            " settings under Event Subscriptions, Enable Events must be on, and {event} among the bot events.",
            when=when,
            event=event,
        )
        return said if self.config.slack_app_token else f"{said} {self._address(tongue)}"

    def _address(self, tongue: Tongue) -> str:
        address = f"{self.config.url}/slack/events"
        return tongue("The Request URL there must be {url}, and say Verified.", url=address)

    def _how_to_be_heard(self, name: str, tongue: Tongue) -> str:
        if name == "telegram":
            return tongue(
                "Show the code and scan it with your phone, or open its link: Telegram hands it in."
            )
        said = tongue(
            "Show the code and write it to the app in a direct message. If nothing comes back, the app hears"
            " nothing: under Event Subscriptions, message.im must be among the bot events."
        )
        if self.config.slack_app_token:
            return f"{said} {tongue('Socket Mode must be on in the app, too.')}"
        return f"{said} {self._address(tongue)}"

    def _model(self, tongue: Tongue) -> Step:
        if self.config.model == "builtin":
            return Step(
                title=tongue("The built-in mind"),
                mark=Mark.DONE,
                says=tongue("It understands the words of the list, and asks nobody outside."),
            )
        return Step(title=self.config.model, mark=Mark.DONE, says=tongue("by the settings"))


def _unsigned(tongue: Tongue) -> str:
    return tongue(
        "Slack's requests arrive, and their signature does not fit SLACK_SIGNING_SECRET. Copy the Signing Secret again, in"
        " the app's settings under Basic Information, App Credentials, and start Vigie again."
    )


def _trip(sent: bool | None, *, pressed: bool, tongue: Tongue) -> str:
    if pressed or sent is None:
        return ""
    if not sent:
        return tongue("The message did not get out yet.")
    return tongue("The message is there. Press its button.")
