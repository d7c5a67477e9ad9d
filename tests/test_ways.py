"""What an installation says it still needs: exactly which line goes where, and what a platform refuses."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.routing import BaseRoute

from adapters.chat.slack.manifest import EVENTS, SCOPES
from adapters.speech.languages import tongues
from bot import trying
from bot.people import Person, Role
from bot.places import Place
from bot.speech import Tongue
from bot.ways import Mark, Step, Way
from bot.world import Chat, Health
from memory.twin.store import MemoryStore
from tests.twins.chat import TwinChat
from vigie.settings import Settings
from vigie.ways import Installation

OLIVIA = Person(id="per_olivia", name="Olivia", role=Role.OWNER)
ENGLISH = tongues()("en")


@dataclass
class TwinDoor:
    """A door that says what it is told to say."""

    health: Health
    asked: int = 0

    @property
    def chat(self) -> Chat:
        return TwinChat()

    def routes(self) -> Sequence[BaseRoute]:
        return ()

    @property
    def calls_out(self) -> bool:
        return False

    async def open(self, *, hears: bool = True) -> None: ...
    def hear(self) -> None: ...
    async def deafen(self) -> None: ...
    async def close(self) -> None: ...

    async def examine(self) -> Health:
        return self.health

    async def check(self, tongue: Tongue | None = None) -> Health:
        self.asked += 1
        return self.health


def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **given: str) -> Settings:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("SLACK_", "TELEGRAM_", "VIGIE_"))]:
        monkeypatch.delenv(name)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return Settings()  # pyright: ignore[reportCallIssue] (filled from the environment)


async def ways(installation: Installation, store: MemoryStore) -> dict[str, Way]:
    await installation.refresh(ENGLISH)
    return {way.name: way for way in await store.read(lambda tx: installation.shown(tx, OLIVIA, ENGLISH))}


def todo(way: Way) -> list[Step]:
    return [step for step in way.steps if step.mark is Mark.TODO]


async def test_slack_is_one_link_with_everything_in_it_and_two_lines(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = await ways(Installation(config=settings(monkeypatch, tmp_path), doors={}), MemoryStore())
    make, give, *_ = found["slack"].steps
    address = urlsplit(make.link)
    assert (address.scheme, address.netloc) == ("https", "api.slack.com")
    assert len(make.link) < 8_000
    manifest = json.loads(parse_qs(address.query)["manifest_json"][0])
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == set(SCOPES)
    assert manifest["settings"]["event_subscriptions"]["bot_events"] == list(EVENTS)
    assert manifest["settings"]["interactivity"]["is_enabled"]
    assert give.lines == ("SLACK_BOT_TOKEN=xoxb-…", "SLACK_APP_TOKEN=xapp-…")
    assert str(tmp_path / ".env") in give.says
    assert not found["slack"].done


async def test_only_the_line_that_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = settings(monkeypatch, tmp_path, SLACK_BOT_TOKEN="xoxb-1")
    found = await ways(Installation(config=config, doors={}), MemoryStore())
    assert [step.lines for step in todo(found["slack"]) if step.lines] == [("SLACK_APP_TOKEN=xapp-…",)]


async def test_a_step_turns_green_by_what_happened_and_red_by_what_was_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = {"TELEGRAM_BOT_TOKEN": "123456:" + "A" * 35}
    door = TwinDoor(Health(well=False, text="Telegram does not accept the token"))
    store = MemoryStore()
    installation = Installation(config=settings(monkeypatch, tmp_path, **given), doors={"telegram": door})
    way = (await ways(installation, store))["telegram"]
    [wrong] = [step for step in way.steps if step.mark is Mark.WRONG]
    assert wrong.says == "Telegram does not accept the token"
    assert way.wrong
    await ways(installation, store)
    assert door.asked == 1

    door = TwinDoor(Health(well=True, text="Connected as @vigie"))
    installation = Installation(config=installation.config, doors={"telegram": door})
    way = (await ways(installation, store))["telegram"]
    assert [step.mark for step in way.steps] == [Mark.DONE, Mark.DONE, Mark.DONE, Mark.TODO, Mark.TODO]
    assert way.steps[3].words == "link"
    place = Place(platform="telegram", channel="789", private=True)
    await store.write(lambda tx: tx.marks.put("private:per_olivia:telegram", place.key))
    way = (await ways(installation, store))["telegram"]
    assert way.steps[4].words == "do vigie.try_chat platform=telegram"
    await store.write(lambda tx: tx.marks.put("tried:telegram:per_olivia", "2026-11-21"))
    assert (await ways(installation, store))["telegram"].done


async def test_requests_that_do_not_fit_the_secret_turn_hearing_red_and_name_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s", "VIGIE_URL": "https://vigie.test"}
    store, door = MemoryStore(), TwinDoor(Health(well=True, text="@vigie in team T"))
    installation = Installation(config=settings(monkeypatch, tmp_path, **given), doors={"slack": door})
    place = Place(platform="slack", team="T", channel="D1", private=True)
    await store.write(lambda tx: tx.marks.put("private:per_olivia:slack", place.key))
    assert (await ways(installation, store))["slack"].steps[3].mark is Mark.DONE
    await store.write(lambda tx: trying.doubt(tx, "slack", datetime(2026, 11, 21, tzinfo=UTC)))
    step = (await ways(installation, store))["slack"].steps[3]
    assert step.mark is Mark.WRONG
    assert "SLACK_SIGNING_SECRET" in step.says
    await store.write(lambda tx: trying.doubt(tx, "slack", None))
    assert (await ways(installation, store))["slack"].steps[3].mark is Mark.DONE


async def test_each_event_that_never_came_is_named_until_it_comes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
    store, door = MemoryStore(), TwinDoor(Health(well=True, text="@vigie in team T"))
    installation = Installation(config=settings(monkeypatch, tmp_path, **given), doors={"slack": door})
    at = datetime(2026, 11, 21, 9, tzinfo=UTC)
    for event in ("message.channels", "app_mention"):
        await store.write(lambda tx, e=event: trying.miss(tx, "slack", e, at, others=True))
    step = (await ways(installation, store))["slack"].steps[3]
    assert step.mark is Mark.WRONG
    assert "not subscribed to app_mention" in step.says
    assert "not subscribed to message.channels, so it hears there only what names it" in step.says
    await store.write(lambda tx: trying.come(tx, "slack", "app_mention", at))
    says = (await ways(installation, store))["slack"].steps[3].says
    assert "message.channels" in says
    assert "app_mention" not in says
    # What one process heard, another does not miss; nor does that count for ever.
    for hours in (1, 25):
        late = at + timedelta(hours=hours)
        await store.write(lambda tx, t=late: trying.miss(tx, "slack", "app_mention", t, others=True))
        says = (await ways(installation, store))["slack"].steps[3].says
        assert ("app_mention" in says) is (hours == 25)


@pytest.mark.parametrize("app_token", ["xapp-1", ""])
async def test_a_press_that_never_came_names_interactivity(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, app_token: str
) -> None:
    given = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s", "VIGIE_URL": "https://vigie.test"}
    given |= {"SLACK_APP_TOKEN": app_token} if app_token else {}
    store, door = MemoryStore(), TwinDoor(Health(well=True, text="@vigie in team T"))
    installation = Installation(config=settings(monkeypatch, tmp_path, **given), doors={"slack": door})
    place = Place(platform="slack", team="T", channel="D1", private=True)
    await store.write(lambda tx: tx.marks.put("private:per_olivia:slack", place.key))
    await store.write(lambda tx: tx.marks.put("lost:slack:per_olivia", "2026-11-21T09:00:00+00:00"))
    step = (await ways(installation, store))["slack"].steps[4]
    assert step.mark is Mark.WRONG
    assert "Interactivity is off. In the app's settings, under Interactivity & Shortcuts" in step.says
    assert ("https://vigie.test/slack/events" in step.says) is not app_token
    await store.write(lambda tx: trying.arrived(tx, OLIVIA, "slack", datetime(2026, 11, 21, tzinfo=UTC)))
    assert (await ways(installation, store))["slack"].steps[4].mark is Mark.DONE


async def test_a_model_that_does_not_answer_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = settings(monkeypatch, tmp_path, VIGIE_MODEL="builtin", OPENAI_API_KEY="sk-before")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    installation = Installation(config=config, doors={})
    for name in ("openai:gpt-5-mini", "nobody:knows", "gibberish", ""):
        trial = await installation.try_model(name, "sk-typed-in", ENGLISH)
        assert not trial.well
        assert trial.lines == ()
        assert "sk-typed-in" not in trial.says
    assert os.environ["OPENAI_API_KEY"] == "sk-before"
    assert config.model == "builtin"
