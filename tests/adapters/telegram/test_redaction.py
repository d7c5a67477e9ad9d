"""The token shows nowhere: not in logs at any level, not in errors, not in representations."""

import gc
import io
import logging
import traceback
from collections.abc import Generator
from dataclasses import replace

import pytest

from adapters.chat.telegram.connect import TelegramDoor
from adapters.chat.telegram.redaction import Redaction
from adapters.speech.languages import tongues
from bot.effects import Notice, Text
from bot.errors import Misconfigured, Unreachable, VigieError
from bot.people import Identity
from bot.world import Sending
from tests.adapters.telegram.conftest import Inbox, door, sending, settings
from tests.adapters.telegram.samples import card
from tests.adapters.telegram.test_door import opened, trouble
from tests.clocks import SetClock
from tests.twins.telegram import FaultKind, Twin, running

FAULTS: tuple[FaultKind, ...] = ("500", "drop")
CANARY = "CanarySecretOfTheBotToken"
WORDS = "a very private word"


@pytest.fixture
def logged() -> Generator[io.StringIO, None, None]:
    """Everything any logger says, at every level, with tracebacks."""
    kept = io.StringIO()
    handler = logging.StreamHandler(kept)
    handler.setFormatter(logging.Formatter("%(name)s %(message)s %(args)s"))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield kept
    root.setLevel(before)
    root.removeHandler(handler)


async def test_a_day_of_good_and_bad_luck_never_shows_the_token(logged: io.StringIO, inbox: Inbox) -> None:
    """SAFETY 31, 45"""
    said: list[str] = []
    async with running(Twin(token=f"4242:{CANARY}")) as twin:
        made = door(twin, inbox)
        said.append(repr(settings(twin)) + str(settings(twin)))
        async with opened(made):
            twin.say(WORDS)
            await twin.until(lambda: inbox.kept and not twin.waiting)
            for kind in FAULTS:
                twin.fail("sendMessage", kind)
                said.append(await _error(made, sending(Text(text=WORDS))))
                twin.fail("getUpdates", kind)
                twin.say(WORDS)
                await twin.until(lambda: trouble(made))
            said.append(await _error(made, sending(Text(text=WORDS), chat=404)))
            said.append(await _error(made, sending(card(), chat=404)))
            late = Notice(text=WORDS, to=Identity(platform="telegram", user="404"), answer_to="gone")
            said.append(await _error(made, sending(late, chat=-1)))
            twin.push({"message": WORDS})
            twin.token = "4242:revoked"
            said.append(await _error(made, sending(Text(text=WORDS), ref="1")))
            said += [(await made.check()).text, repr(made), repr(made.chat), str(vars(made.chat).keys())]
    with pytest.raises(Unreachable):
        await made.chat.send(sending(Text(text=WORDS)))
    assert CANARY not in logged.getvalue()
    assert CANARY not in "".join(said)
    assert WORDS not in logged.getvalue()


async def _error(made: TelegramDoor, what: Sending) -> str:
    """The whole traceback of what goes wrong, as a log would print it."""
    with pytest.raises(VigieError) as found:
        await made.chat.send(what)
    # What Telegram's library raised is not ours to vouch for: no log may follow the chain to it.
    assert found.value.__suppress_context__
    assert found.value.__cause__ is None
    return "".join(traceback.format_exception(found.value)) + repr(found.value)


async def test_a_refused_token_is_not_repeated(twin: Twin, inbox: Inbox, logged: io.StringIO) -> None:
    """SAFETY 45"""
    made = TelegramDoor(
        replace(settings(twin), token=f"4242:{CANARY}"),
        accept=inbox.accept,
        tongues=tongues(),
        clock=SetClock(),
    )
    with pytest.raises(Misconfigured) as found:
        await made.open()
    assert CANARY not in "".join(traceback.format_exception(found.value))
    assert CANARY not in logged.getvalue()


def test_every_spelling_is_hidden() -> None:
    """SAFETY 45"""
    redaction = Redaction(f"4242:{CANARY}")
    for spelling in (f"/bot4242:{CANARY}/getMe", f"4242%3A{CANARY}", CANARY):
        assert CANARY not in redaction.hide(f"GET {spelling} 200")


async def test_a_door_that_is_gone_leaves_no_filter(twin: Twin, inbox: Inbox) -> None:
    gc.collect()
    before = list(logging.getLogger("httpx").filters)
    made = door(twin, inbox)
    assert logging.getLogger("httpx").filters != before
    await made.close()
    del made
    gc.collect()
    assert logging.getLogger("httpx").filters == before
