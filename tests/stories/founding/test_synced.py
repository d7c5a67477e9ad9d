"""“Whenever a customer is updated in Zoho, write its status into Notion”: said once as a procedure and put in force by a press,
in Slack, in Telegram and on the web, with the built-in mind alone. From then on every confirmed update in Zoho wakes it.
"""

from pathlib import Path

import pytest

from bot.values import Json
from tests.contracts.systems import notion as notions
from tests.stories.founding.accounts import STATUSES, Accounts
from tests.stories.founding.talks import Talk
from tests.stories.founding.test_founding import scene

SYNC = (
    "procedure {name}: whenever zoho.update_record is done, do zoho.get_record record={{deed.given.record}} as customer;"
    ' then do notion.update_page page="{page}" properties="Status={{customer.Status}}"'
)


def written(made: Accounts) -> Json:
    """How the customer's task stands in Notion."""
    return made.notion.held(notions.TASK)["Status"]["status"]["name"]


@pytest.mark.timeout(120)
async def test_a_customer_updated_in_zoho_has_its_status_written_into_notion(tmp_path: Path) -> None:
    async with scene(tmp_path) as there:
        for n, (chat, talk) in enumerate(there.talks.items()):
            # What it is to become differs from what is there, and from one chat to the next.
            status = STATUSES[(STATUSES.index(written(there.made)) + 1) % len(STATUSES)]
            await story(talk, there.made, name=f"sync{n}", status=status, chat=chat)


async def story(talk: Talk, made: Accounts, *, name: str, status: str, chat: str) -> None:
    before = written(made)
    await talk.say(SYNC.format(name=name, page=notions.TASK))
    assert await talk.card(name, "zoho.update_record is done", "notion.update_page", yes="Put in force")
    await talk.approve()
    await talk.becomes("✓ Done")

    await talk.say(f'do zoho.update_record record="Gigi Hamilton" fields="Status={status}"')
    await talk.card("Gigi Hamilton", status)
    await talk.approve()
    await talk.becomes("✓ Done")
    card = await talk.card("Call Lumen", before, status)
    assert written(made) == before, f"{chat}: what a record says is somebody's words, so it asks"
    await talk.approve()
    await talk.becomes("✓ Done", "Call Lumen")
    assert written(made) == status, card

    await talk.say(f"switch off {name}")
    await talk.card(name, "off")
    await talk.approve()
    await talk.becomes(f"{name} is off")
