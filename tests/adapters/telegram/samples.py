"""Updates as Telegram sends them, and cards as the core draws them."""

from telegram import Update, User

from adapters.chat.telegram import inbound
from adapters.chat.telegram.inbound import Heard
from adapters.speech.languages import tongues
from bot.cards import Button, Card, Row, Tone
from bot.events import Verb
from bot.ids import reference
from bot.inbox import Arrival
from bot.values import Json
from tests.twins.telegram import NOW, person, place

KEY = b"a key for tests"
ME = User(4242, "Vigie", is_bot=True, username="vigie_bot")
REF = "AbCdEfGhIjKlMnOpQrSt_-"
ENGLISH = tongues()("en")


def message(text: str | None = "hello", *, chat: int = 789, user: int = 789, **more: Json) -> Json:
    found: dict[str, Json] = {"message_id": 7, "date": NOW, "chat": place(chat), "from": person(user)}
    return {**found, **({} if text is None else {"text": text}), **more}


def mention(name: str, offset: int) -> Json:
    return {"type": "mention", "offset": offset, "length": len(name)}


def command(length: int) -> Json:
    return {"type": "bot_command", "offset": 0, "length": length}


def heard(update_id: int = 1, **parts: Json) -> Heard:
    update = Update.de_json({"update_id": update_id, **parts}, None)
    return inbound.read(update, me=ME, key=KEY)


def arrival(**parts: Json) -> Arrival:
    found = heard(**parts)
    assert isinstance(found, Arrival)
    return found


def card(*rows: Row, reason: str = "", status: str = "", confirm: str = "", revision: int = 1) -> Card:
    """A refund, waiting for a press."""
    return Card(
        ref=reference(),
        revision=revision,
        code="7QK2",
        title="Refund an order",
        tone=Tone.DANGER,
        rows=rows or (Row(label="Amount", value="49.90 EUR"),),
        reason=reason,
        status=status,
        buttons=(
            Button(verb=Verb.APPROVE, label="Approve", primary=True, confirm=confirm),
            Button(verb=Verb.DENY, label="Deny", danger=True),
            Button(verb=Verb.EDIT, label="Edit"),
            Button(verb=Verb.DETAILS, label="Details"),
        ),
    )
