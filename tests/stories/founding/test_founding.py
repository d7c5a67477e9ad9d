"""The sentences of the founding texts, each in Slack, in Telegram and on the web, with the built-in mind and with a language
model: the running program, connected by its settings alone to seven vendors over HTTP. Then everything that came out of the
run is searched for the keys it held.
"""

import itertools
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.systems.catalogue import VENDORS
from tests.peers.servers import aimock
from tests.running import Program, free_port, running, vigie
from tests.stories.founding.accounts import SECRETS, SLIP, SLIPPED, Accounts, accounts
from tests.stories.founding.sentences import SENTENCES, Sentence
from tests.stories.founding.talks import ALICE, OnSlack, OnTelegram, OnTheWeb, Talk
from tests.stories.peers.record import everything, until
from tests.twins import telegram
from tests.twins.slack import BOT_TOKEN, SECRET, TEAM, SlackTwin
from tests.twins.telegram import FRENCH, TOKEN

PEOPLE = range(801, 830)
MODEL_KEY = "sk-canary-of-the-founding"
KEYS = (*SECRETS, MODEL_KEY, BOT_TOKEN, SECRET, TOKEN)


@dataclass(kw_only=True)
class Scene:
    """The program, its accounts, and somebody in each chat."""

    program: Program
    made: Accounts
    talks: Mapping[str, Talk]

    @property
    def web(self) -> OnTheWeb:
        page = self.talks["web"]
        assert isinstance(page, OnTheWeb)
        return page


@asynccontextmanager
async def scene(home: Path, *, model: str = "", french: bool = False) -> AsyncGenerator[Scene]:
    """`french` is what everybody there reads."""
    port = free_port()
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(accounts(home))
        slack = await stack.enter_async_context(
            SlackTwin(people={ALICE: {"locale": "fr-FR" if french else "en-GB"}}).serving()
        )
        chats = await stack.enter_async_context(telegram.running())
        settings = {
            **made.settings,
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": slack.api_url,
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_API_URL": chats.api_url,
            "VIGIE_OWNERS": ",".join(
                (f"slack:{TEAM}:{ALICE}", *(f"telegram:{each}" for each in (*PEOPLE, *FRENCH)))
            ),
        }
        if model:
            settings |= {
                "VIGIE_MODEL": "openai-chat:gpt-4o-mini",
                "OPENAI_API_KEY": MODEL_KEY,
                "OPENAI_BASE_URL": f"{model}/v1",
            }
        module = "tests.stories.founding.program"
        program = await stack.enter_async_context(running(home, settings=settings, port=port, module=module))
        client = httpx.AsyncClient(base_url=program.url, timeout=20)
        http = await stack.enter_async_context(client)
        page = OnTheWeb(program, http)
        await page.enter()
        if french:
            await page.say("language fr")
        talks = {
            "slack": OnSlack(program, slack, http),
            "telegram": OnTelegram(chats, iter(FRENCH if french else PEOPLE)),
            "web": page,
        }
        await _tools_are_there(page)
        yield Scene(program=program, made=made, talks=talks)


async def _tools_are_there(page: OnTheWeb) -> None:
    """Zapier's tools are fetched in the background."""

    async def look() -> bool:
        await page.say("actions zapier")
        return "gmail_send_email" in await page.hears("zapier")

    await until(look, "Zapier's tools did not come")


async def story(scene: Scene, chat: str, sentence: Sentence, n: str, *, said: str, last: str) -> None:
    """From the sentence to the receipt, and one thing at the vendor. `last` is what a model says in the end."""
    talk, made = scene.talks[chat], scene.made
    if sentence.ready is not None:
        sentence.ready(made, n)
    shown = sentence.shown(made, n)
    if sentence.look and not last:
        await talk.say(sentence.look)
        await talk.hears("Gigi Hamilton", shown[-1])
    await talk.say(said)
    if sentence.there is None:
        await talk.hears(*((last,) if last else shown))
        return
    card = await talk.card(*shown)
    assert card
    assert sentence.there(made, n) == 0, "nothing before the press"
    await talk.approve()
    await talk.becomes("✓ Done")
    assert sentence.there(made, n) == 1
    if last:
        await talk.hears(last)
    assert sentence.there(made, n) == 1


SLIPS = {
    "stripe.find_customers": "query",
    "hubspot.find_contacts": "query",
    "notion.search": "query",
    "airtable.find_records": "table=Deals query",
    "zoho.find_records": "query",
    "shopify.find_orders": "query",
    "zapier.gmail_send_email": "to=gigi@example.com body",
}
"""What makes each vendor tell the key it was shown."""
QUIET = {
    "do http.request url=https://api.example.com/new body=lamps": "refused it: 400 Bad Request",
    "do http.get url=https://api.example.com/old": "api.example.com answered 200 OK",
    f"do email.send to={SLIPPED} subject=hello body=hello": "550 no good",
    "do email.find query=lamp": "does not accept the name and password",
    "do zoho.get_record record=hamilton": "Zoho gave no token",
}
"""What does it without that word, and what is told of it."""


async def slips(scene: Scene) -> None:
    """Each vendor repeats the key in an error, and the error is told without it."""
    for chat, (action, field) in zip(itertools.cycle(scene.talks), SLIPS.items(), strict=False):
        talk, before = scene.talks[chat], len(scene.made.slips)
        await talk.say(f"do {action} {field}={SLIP}")
        if action.startswith("zapier."):
            await talk.card(SLIP)
            await talk.approve()
            await talk.becomes("no good")
        else:
            vendor = action.partition(".")[0]
            # Stripe, whose search refuses, is asked for its list instead.
            await talk.hears(
                "0 customers found" if vendor == "stripe" else VENDORS[vendor].title.split()[0], "no good"
            )
        assert len(scene.made.slips) > before, action
    for chat, (command, told) in zip(itertools.cycle(scene.talks), QUIET.items(), strict=False):
        talk, before = scene.talks[chat], _slipped(scene.made)
        scene.made.ended = "zoho" in command
        await talk.say(command)
        if "email.send" in command or "http.request" in command:
            await talk.card("hello" if "email" in command else "lamps")
            await talk.approve()
            await talk.becomes(told)
        else:
            await talk.hears(told)
        assert _slipped(scene.made) > before, f"{chat}: {command}"


def _slipped(made: Accounts) -> int:
    return len(made.slips) + made.post.asked.count(SLIPPED)


async def two_match(scene: Scene) -> None:
    """Two customers of one name: it asks which, and sends nothing."""
    for chat, talk in scene.talks.items():
        sent = len(scene.made.stripe.sends)
        await talk.say('do stripe.send_invoice customer="Ana Lima" amount="5 EUR" description=lamps')
        await talk.hears("2 customers match", "ana@example.com", "lima@example.com", "Say which")
        assert len(scene.made.stripe.sends) == sent, chat


async def nothing_came_out(scene: Scene, *, prompts: str = "") -> None:
    """No key in anything that a person, a mind, an operator or an auditor may read."""
    home, settings = scene.program.home, dict(scene.program.settings)
    pages = [
        scene.web.http.get(path)
        for path in ("/chat", "/pending", "/missions", "/fields", "/metrics", "/readyz")
    ]
    found = {
        "log": "\n".join(scene.program.printed),
        "prompts": prompts,
        "pages": "\n".join([(await each).text for each in pages]),
        "rows": everything(home),
        **{chat: await talk.seen() for chat, talk in scene.talks.items()},
    }
    commands = (
        ("doctor",),
        ("ledger", "export"),
        ("ledger", "export", "--format", "csv"),
        ("ledger", "verify"),
    )
    for command in commands:
        status, told = await vigie(home, *command, settings=settings)
        found[" ".join(command)] = told
        # The mailbox lets nobody in, and the doctor says so.
        assert status == (1 if command == ("doctor",) else 0), told
    for where, text in found.items():
        assert [secret for secret in KEYS if secret in text] == [], where
    kept = b"".join(file.read_bytes() for file in home.rglob("*") if file.is_file())
    assert [secret for secret in KEYS if secret.encode() in kept] == []


async def journal(url: str) -> str:
    """Every request that the model got."""
    async with httpx.AsyncClient() as http:
        told = (await http.get(url)).json()
    return json.dumps([each.get("body", each) for each in told], ensure_ascii=False)


def number(mind: int, chat: int) -> str:
    return f"{mind}{chat}7"


@pytest.mark.timeout(360)
async def test_every_sentence_in_every_chat_with_the_built_in_mind(tmp_path: Path) -> None:
    """Then every vendor repeats its key in an error, and no key is in anything that came out. SAFETY 89"""
    async with scene(tmp_path) as there:
        for at, chat in enumerate(there.talks):
            for sentence in SENTENCES.values():
                n = number(2, at)
                await story(there, chat, sentence, n, said=sentence.command(n), last="")
        await two_match(there)
        await slips(there)
        await nothing_came_out(there)


def fixtures() -> dict[str, Any]:
    """What the model answers: the deed for each sentence, and its last words once there is an answer."""
    found: list[dict[str, Any]] = []
    # The doctor asks for one, too.
    found.append({"match": {"userMessage": "one short sentence"}, "response": {"content": "I am there."}})
    for sentence in SENTENCES.values():
        for at in range(3):
            n = number(3, at)
            deed = call(sentence.action, sentence.filled(n))
            asked = {"userMessage": sentence.words(n)}
            calls = [call(*sentence.first), deed] if sentence.first else [deed]
            for step, each in enumerate(calls):
                found.append({"match": {**asked, "sequenceIndex": step}, "response": {"toolCalls": [each]}})
            words = {"content": last(sentence, n)}
            found.append({"match": {**asked, "sequenceIndex": len(calls)}, "response": words})
    return {"fixtures": found}


def call(action: str, arguments: Mapping[str, str]) -> dict[str, str]:
    """A deed as a model calls it."""
    return {"name": action.replace(".", "__"), "arguments": json.dumps(arguments)}


def last(sentence: Sentence, n: str) -> str:
    return f"So it is: {sentence.action.partition('.')[2].replace('_', ' ')} {n}."


@pytest.mark.timeout(360)
@pytest.mark.peer("aimock")
async def test_every_sentence_in_every_chat_with_a_language_model(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("aimock") / "fixtures.json"
    file.write_text(json.dumps(fixtures()))
    with aimock(file) as model:
        async with scene(tmp_path, model=model.url) as there:
            for at, chat in enumerate(there.talks):
                for sentence in SENTENCES.values():
                    n = number(3, at)
                    await story(there, chat, sentence, n, said=sentence.words(n), last=last(sentence, n))
            await nothing_came_out(there, prompts=await journal(model.journal_url))
