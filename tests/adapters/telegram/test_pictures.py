"""Charts in Telegram: a picture with its words, and the words alone where it cannot be sent."""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.chat.telegram.connect import TelegramDoor
from bot.charts import Chart
from bot.effects import Text
from tests.adapters.telegram.conftest import sending
from tests.twins.telegram import Twin

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
CHART = Chart(
    title="load", text="load: 2 numbers", points=((NOON, 1.0), (NOON + timedelta(hours=1), 2.0)), limit=4
)


@pytest.fixture(autouse=True)
def _acquainted(twin: Twin) -> None:
    twin.say("hello")


async def test_a_chart_is_a_picture_whose_caption_is_its_words(closed: TelegramDoor, twin: Twin) -> None:
    ref = await closed.chat.send(sending(Text(text="load: 2 numbers", chart=CHART)))
    (message,) = twin.messages()
    assert message["text"] == "load: 2 numbers"
    assert str(message["message_id"]) == ref


async def test_words_too_long_for_a_caption_stand_alone(closed: TelegramDoor, twin: Twin) -> None:
    await closed.chat.send(sending(Text(text="long " * 300, chart=CHART)))
    assert twin.messages()[0]["text"].startswith("long long")
