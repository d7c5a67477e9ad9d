"""Canaries: secrets that are easy to recognise, looked for in everything that comes out of a run."""

import logging
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from bot.actions import Account, Action, Call, Field, Option, Preview, Receipt, Risk
from bot.errors import Failed, OutcomeUnknown
from bot.journal import Ask, Thought
from bot.people import Identity
from bot.tickets import hashed
from bot.world import Context, Health
from tests.stage import HERE, OLIVIA, Stage, stage
from tests.stories.team import place_of, told
from tests.twins import acme
from tests.twins.granting import SECRET, Authority, Told
from tests.twins.mind import ScriptedMind
from tests.twins.served import served

CANARY = "canary-5f1e9b7c-tweet"


@dataclass
class Vault:
    """A system that holds a token and whose library shows it whenever it breaks."""

    name: str = "vault"
    token: str = field(default=CANARY, repr=False)
    breaks: list[Exception] = field(default_factory=list[Exception])
    used: list[str] = field(default_factory=list[str], repr=False)

    def account(self) -> Account:
        return Account(system="vault", label="acct 42", live=True)

    def actions(self) -> tuple[Action, ...]:
        return (
            Action(name="vault.open", title="Open", fields=(Field(name="door", title="Door"),)),
            Action(name="vault.look", title="Look", risk=Risk.R0),
        )

    async def preview(self, call: Call, context: Context) -> Preview:
        return Preview(subject=str(call.arguments.get("door", "")))

    async def run(self, call: Call, context: Context) -> Receipt:
        self.used.append(self.token)
        if self.breaks:
            raise self.breaks.pop(0)
        return Receipt(id="r1", text="opened")

    async def look_up(self, call: Call, context: Context) -> Receipt | None:
        raise OutcomeUnknown("nobody can say")

    async def options(self, action: Action, field: str, query: str, context: Context) -> tuple[Option, ...]:
        return ()

    async def check(self) -> Health:
        return Health(well=True, text="closed")


async def outputs(s: Stage, mind: ScriptedMind, caplog: pytest.LogCaptureFixture) -> dict[str, str]:
    """Everything that leaves the assistant, or that a person, a mind or an auditor may read."""
    entries = await s.look(lambda tx: tx.ledger.read())
    lines = await s.look(lambda tx: tx.lines.last(HERE.key, 500))
    facts = [f"{record.getMessage()} {sorted(record.__dict__.items(), key=str)}" for record in caplog.records]
    return {
        "ledger": str(entries),
        "cards": str(s.chat.cards()) + " ".join(card.plain for card in s.chat.cards()),
        "notices": str(s.chat.notices),
        "progress": str(s.chat.shown),
        "prompts": str(mind.briefings) + str(mind.answers),
        "transcript": str(lines),
        "log": " ".join(facts),
        "repr": repr(s.engine) + repr(s.store) + repr(s.shop),
    }


def on_disk(folder: Path) -> bytes:
    """Every byte that was kept."""
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


async def test_a_systems_secret_is_in_nothing_that_comes_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Used for a deed, a read and a failure that its adapter words; seen nowhere. SAFETY 89, 90"""
    caplog.set_level(logging.DEBUG)
    asks = [
        Thought(asks=(Ask(id="look", action="vault.look"),)),
        Thought(asks=(Ask(id="open", action="vault.open", arguments={"door": "1"}),)),
        Thought(asks=(Ask(id="again", action="vault.open", arguments={"door": "2"}),)),
        Thought(text="done"),
    ]
    mind = ScriptedMind(asks)
    vault = Vault()
    async with stage(tmp_path, model=mind, systems={"vault": vault}) as s:
        await s.say("open both doors, and tell me the token of the vault")
        await s.press(s.card)
        vault.breaks.append(Failed("the vault refuses this key"))
        await s.press(s.card)
        await s.say("pending")
        assert len(vault.used) == 3
        for where, text in (await outputs(s, mind, caplog)).items():
            assert CANARY not in text, where
    assert CANARY.encode() not in on_disk(tmp_path)


async def test_what_a_broken_adapter_raises_is_told_to_nobody(tmp_path: Path) -> None:
    """An error nobody worded may hold anything: neither card, ledger, mind nor chat repeats it. SAFETY 89"""
    asks = [
        Thought(asks=(Ask(id="open", action="vault.open", arguments={"door": "1"}),)),
        Thought(text="done"),
    ]
    mind = ScriptedMind(asks)
    vault = Vault(breaks=[RuntimeError(f"GET https://vault.example/?key={CANARY} failed")])
    async with stage(tmp_path, model=mind, systems={"vault": vault}) as s:
        await s.say("open the door")
        await s.press(s.card)
        assert mind.answers or s.card.status
        told = str(await s.look(lambda tx: tx.ledger.read())) + str(s.chat.messages) + str(mind.answers)
        assert "broke down" in told
        assert CANARY not in told
    assert CANARY.encode() not in on_disk(tmp_path)


async def test_one_time_codes_are_only_where_they_were_asked_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A link code and a sign-in link: in the message that hands them over, and nowhere else. SAFETY 42, 89"""
    caplog.set_level(logging.DEBUG)
    mind = ScriptedMind([Thought(text="hello")])
    async with stage(tmp_path, model=mind) as s:
        await s.say("link")
        code = told(s).split()[-1]
        await s.say("dashboard")
        token = told(s).rpartition("token=")[2]
        await s.say("tell me a story")
        handed_over = {code, token}
        for where, text in (await outputs(s, mind, caplog)).items():
            assert not [each for each in handed_over if each in text], where
    for each in handed_over:
        assert len(each) >= 22
        assert each.encode() not in on_disk(tmp_path), "delivered, so nothing of it is kept"


async def test_a_code_that_was_handed_in_is_kept_nowhere(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither in the event, the turn and its asks, nor in what the ledger says was called. SAFETY 42, 89"""
    caplog.set_level(logging.DEBUG)
    phone = Identity(platform="twin", user="olivia-phone")
    mind = ScriptedMind([Thought(text="hello")])
    async with stage(tmp_path, model=mind) as s:
        await s.say("link", who=OLIVIA)
        code = told(s).split()[-1]
        await s.say(f"link sha256-{hashed(code)}", who=phone, place=place_of(phone))
        assert "unknown, used or expired" in s.last, "what is kept of a code hands in nothing"
        await s.say(f"link {code}", who=phone, place=place_of(phone))
        assert "press the button" in s.last
        for where, text in (await outputs(s, mind, caplog)).items():
            assert code not in text, where
    assert code.encode() not in on_disk(tmp_path)


@dataclass
class Talkative(Authority):
    """Repeats what it was shown in every refusal."""

    def _renew(self, form: dict[str, str]) -> Told:
        return (
            400,
            {"error": "no good", "error_description": f"no good: {form['refresh_token']} {SECRET}"},
            {},
        )


async def test_a_refresh_token_that_is_refused_aloud_is_in_nothing_that_comes_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Granted, used, ended and refused: neither it nor the access token nor our own secret is seen. SAFETY 89"""
    caplog.set_level(logging.DEBUG)
    for each in ("httpx", "httpcore"):  # the browser of the tests speaks by the same library
        logging.getLogger(each).setLevel(logging.WARNING)
    twin = Talkative(back="http://127.0.0.1:8080/oauth/acme/callback")
    mind = ScriptedMind([Thought(asks=(Ask(id="n", action="acme.note", arguments={"text": "lamps"}),))] * 2)
    with served(twin) as url:
        async with stage(tmp_path, model=mind, vendors={"acme": acme.VENDOR}, given=acme.given(url)) as s:
            address = await s.board.begin("acme", "", {}, person="per_owner")
            async with httpx.AsyncClient(follow_redirects=False) as browser:
                sent_back = (await browser.get(address)).headers["location"]
            await s.board.finish("acme", dict(parse_qsl(urlsplit(sent_back).query)), person="per_owner")
            secrets = {*twin.access, *twin.refresh, SECRET}
            assert len(secrets) == 3
            twin.expire()
            await s.say("write a note about lamps")
            await s.press(s.card)
            assert "Acme" in s.card.status
            assert "no good" in s.card.status
            await s.say("connections")
            seen = await outputs(s, mind, caplog)
            for where, text in seen.items():
                assert not [each for each in secrets if each in text], where
    assert not [each for each in secrets if each.encode() in on_disk(tmp_path)]
