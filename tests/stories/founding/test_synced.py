"""“Whenever a customer is updated in Zoho, write its status into Notion”: said once as a procedure and put in force by a press,
in Slack, in Telegram and on the web; with the built-in mind, in English and in French, and with a language model that makes
a procedure of what was said. From then on every confirmed update in Zoho wakes it, without a model.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.values import Json
from tests.contracts.systems import notion as notions
from tests.peers.servers import aimock
from tests.stories.founding.accounts import STATUSES, Accounts
from tests.stories.founding.talks import Talk
from tests.stories.founding.test_founding import call, journal, nothing_came_out, scene
from tests.twins.notion import NotionTwin


@dataclass(frozen=True, kw_only=True)
class Words:
    """What is said, what is pressed and what is heard, in one language."""

    sync: str
    in_force: str
    on_done: str
    update: str
    approve: str
    done: str
    off: str
    is_off: str


ENGLISH = Words(
    sync="procedure {name}: whenever zoho.update_record is done, do zoho.get_record record={{deed.given.record}} as customer;"
    ' then do notion.update_page page="{page}" properties="Status={{customer.Status}}"',
    in_force="Put in force",
    on_done="when zoho.update_record is done",
    update='do zoho.update_record record="Gigi Hamilton" fields="Status={status}"',
    approve="Approve",
    done="✓ Done",
    off="switch off {name}",
    is_off="{name} is off",
)
FRENCH = Words(
    sync="procédure {name} : dès que zoho.update_record est fait, fais zoho.get_record record={{deed.given.record}} comme client ;"
    ' puis fais notion.update_page page="{page}" properties="Status={{client.Status}}"',
    in_force="Mettre en vigueur",
    on_done="quand zoho.update_record est fait",
    update='fais zoho.update_record record="Gigi Hamilton" fields="Status={status}"',
    approve="Approuver",
    done="✓ Fait",
    off="mets hors service {name}",
    is_off="{name} est hors service",
)
MEANT = "From now on, whenever a customer is updated in Zoho, write its status into Notion. Call it {name}."
MOVED = "Gigi Hamilton is now: {status}. Please say so in Zoho, time {n}."
LAST = "The status of {name} is under way."


def written(made: Accounts) -> Json:
    """How the customer's task stands in Notion."""
    return standing(made.notion)


def standing(twin: NotionTwin) -> Json:
    return twin.held(notions.TASK)["Status"]["status"]["name"]


def becoming(before: str) -> str:
    """Another status than what is there, one after the other."""
    return STATUSES[(STATUSES.index(before) + 1) % len(STATUSES)]


@pytest.mark.timeout(180)
@pytest.mark.parametrize("words", [ENGLISH, FRENCH], ids=["en", "fr"])
async def test_a_customer_updated_in_zoho_has_its_status_written_into_notion(
    tmp_path: Path, words: Words
) -> None:
    async with scene(tmp_path, french=words is FRENCH) as there:
        for n, (chat, talk) in enumerate(there.talks.items()):
            name, status = f"sync{n}", becoming(written(there.made))
            asked = words.sync.format(name=name, page=notions.TASK)
            update = words.update.format(status=status)
            await story(
                talk, there.made, words, name=name, asked=asked, update=update, status=status, chat=chat
            )


@pytest.mark.timeout(180)
@pytest.mark.peer("aimock")
async def test_a_language_model_makes_the_procedure_and_takes_no_part_in_it(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("aimock") / "fixtures.json"
    file.write_text(json.dumps(fixtures(standing(notions.twin()))))
    with aimock(file) as model:
        async with scene(tmp_path, model=model.url) as there:
            for n, (chat, talk) in enumerate(there.talks.items()):
                name, status = f"sync{n}", becoming(written(there.made))
                update = MOVED.format(status=status, n=n)
                await story(
                    talk, there.made, ENGLISH,
                    name=name, asked=MEANT.format(name=name), update=update, status=status, chat=chat,
                )  # fmt: skip
            told = await journal(model.journal_url)
            assert "Call Lumen" not in told, "what a procedure does is not a model's doing"
            await nothing_came_out(there, prompts=told)


def fixtures(status: str) -> dict[str, Any]:
    """What the model answers in the three chats, when the task stands so at first."""
    found: list[dict[str, Any]] = [
        {"match": {"userMessage": "one short sentence"}, "response": {"content": "I am there."}}
    ]
    for n in range(3):
        name, status = f"sync{n}", becoming(status)
        recipe = ENGLISH.sync.format(name=name, page=notions.TASK).partition(": ")[2]
        update = {"record": "Gigi Hamilton", "fields": f"Status={status}"}
        found += thought(
            MEANT.format(name=name), call("vigie.put_procedure", {"name": name, "recipe": recipe}), name
        )
        found += thought(MOVED.format(status=status, n=n), call("zoho.update_record", update), name)
    return {"fixtures": found}


def thought(asked: str, deed: Mapping[str, str], name: str) -> list[dict[str, Any]]:
    last = {"content": LAST.format(name=name)}
    return [
        {"match": {"userMessage": asked, "sequenceIndex": 0}, "response": {"toolCalls": [deed]}},
        {"match": {"userMessage": asked, "sequenceIndex": 1}, "response": last},
    ]


async def story(
    talk: Talk, made: Accounts, words: Words, *, name: str, asked: str, update: str, status: str, chat: str
) -> None:
    before = written(made)
    await talk.say(asked)
    assert await talk.card(name, words.on_done, "notion.update_page", yes=words.in_force)
    await talk.approve()
    await talk.becomes(words.done)

    await talk.say(update)
    await talk.card("Gigi Hamilton", status, yes=words.approve)
    await talk.approve()
    await talk.becomes(words.done)
    card = await talk.card("Call Lumen", before, status, yes=words.approve)
    assert written(made) == before, f"{chat}: what a record says is somebody's words, so it asks"
    await talk.approve()
    await talk.becomes(words.done, "Call Lumen")
    assert written(made) == status, card

    await talk.say(words.off.format(name=name))
    await talk.card(name, "off" if words is ENGLISH else "désactivé", yes=words.approve)
    await talk.approve()
    await talk.becomes(words.is_off.format(name=name))
