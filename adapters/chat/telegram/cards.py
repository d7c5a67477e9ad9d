"""Cards, texts and questions as Telegram messages: text, entities and keyboards. Pure.

A card comes safe to look at and no character of it is changed; values that Telegram would make clickable are set
in code. A card that does not fit says what was cut, and can
then not be approved here. Knows nothing of sending.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from adapters.chat.telegram import callbacks
from adapters.chat.telegram.callbacks import Token
from adapters.chat.telegram.entities import LIMIT, Page, Run, Style, marked, one_page, pages, width
from bot.cards import Button, Card
from bot.effects import Question, Text
from bot.events import APPROVING, Verb
from bot.speech import Tongue
from bot.visible import original, visible

LONGEST_LABEL = 64
"""Characters on a button; longer ones are cut by the apps without a sign."""
LONGEST_ALERT = 200
"""Characters in the answer to a press (Bot API, answerCallbackQuery)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What to send: pages of one text, and the keyboard under the last of them."""

    pages: tuple[Page, ...]
    keyboard: InlineKeyboardMarkup | None = None


def draw(
    content: Text | Card | Question, *, tongue: Tongue, chat: str, key: bytes, doubtful: bool = False
) -> Post:
    """The message for this content. `doubtful` adds a visible mark: it may be there twice."""
    tail = _tail(tongue) if doubtful else ()
    match content:
        case Text():
            return Post(pages=tuple(pages((*_words(content), *tail))))
        case Question():
            return _question(content, tail, chat=chat, key=key)
        case Card():
            return _card(content, tail, tongue=tongue, chat=chat, key=key)


def caption(content: Text, *, tongue: Tongue, limit: int, doubtful: bool = False) -> Page:
    """The words below a file."""
    return one_page((*_words(content), *(_tail(tongue) if doubtful else ())), limit=limit)


def _words(content: Text) -> tuple[Run, ...]:
    return marked(content.text) if content.mark else (Run(content.text),)


def _tail(tongue: Tongue) -> tuple[Run, ...]:
    return (Run("\n" + tongue("(possibly repeated)"), Style.ITALIC),)


# --- cards -------------------------------------------------------------------------------------------------

# (longest reason, longest value), tried in turn until the card fits.
_LENGTHS = ((LIMIT, LIMIT), (300, LIMIT), (300, 1000), (300, 400), (200, 120), (100, 60))
# What Telegram turns into something to click: names, tags, commands, addresses.
_LIVELY = re.compile(r"[@#/$]|\w\.[^\W\d_]")


def _card(card: Card, tail: Sequence[Run], *, tongue: Tongue, chat: str, key: bytes) -> Post:
    runs, cut = _fitted(card, tail, tongue)
    buttons = card.buttons
    if cut and any(button.verb in APPROVING for button in buttons):
        buttons = tuple(button for button in buttons if button.verb not in APPROVING)
        words = tongue(
            "Too long to be shown here in full, so it cannot be approved here."
            " Write “dashboard” for a link to the page that shows all of it."
        )
        runs = [Run(words, Style.BOLD), Run("\n\n"), *runs]
    page = one_page((*runs, *tail))
    return Post(pages=(page,), keyboard=_keyboard(_card_button(card, each, chat, key) for each in buttons))


def _fitted(card: Card, tail: Sequence[Run], tongue: Tongue) -> tuple[list[Run], bool]:
    """The fullest card that leaves room for a warning, and whether a fact on it was cut."""
    runs: list[Run] = []
    for reason, value in _LENGTHS:
        runs, cut = _lines(card, tongue, longest_reason=reason, longest_value=value)
        if width("".join(run.text for run in (*runs, *tail))) <= LIMIT - 300:
            return runs, cut
    return runs, True


def _lines(card: Card, tongue: Tongue, *, longest_reason: int, longest_value: int) -> tuple[list[Run], bool]:
    """The runs of a card in the order every platform keeps, and whether a fact on it was cut."""
    runs = [Run(card.title, Style.BOLD)]
    cut = False
    for row in card.rows:
        runs.append(Run("\n" + tongue("{label}: {value}", label=row.label, value="")))
        shown = [row.value] if row.before is None else [row.before, row.value]
        for at, value in enumerate(shown):
            short = _elided(value, longest_value, tongue)
            cut = cut or short is not value
            runs += [Run(" → ")] if at else []
            runs.append(_value(short))
    if card.reason:
        reason = _elided(card.reason, longest_reason, tongue)
        runs += [Run("\n"), Run(reason, quoted=True)]
    if card.status:
        runs += [Run("\n"), Run(card.status, Style.BOLD)]
    if card.link and all(card.link != row.value for row in card.rows):
        runs.append(Run(f"\n{card.link}"))
    return runs, cut


def _value(value: str) -> Run:
    return Run(value, Style.CODE if _LIVELY.search(value) else Style.PLAIN)


def _elided(value: str, longest: int, tongue: Tongue) -> str:
    if width(value) <= longest:
        return value
    whole = original(value)
    digest = hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    mark = tongue("… (cut: {n} characters in all, SHA-256 {digest}…)", n=len(whole), digest=digest)
    head = value[: longest // 2]
    # Half a spelled-out character would say something else.
    head = head[: head.rindex("⟦")] if head.rfind("⟦") > head.rfind("⟧") else head
    return f"{head}{mark}"


def _card_button(card: Card, button: Button, chat: str, key: bytes) -> InlineKeyboardButton:
    token = Token(verb=button.verb, ref=card.ref, revision=card.revision, ask=bool(button.confirm))
    style = "danger" if button.danger else "primary" if button.primary else None
    return _button(button.label, token, chat=chat, key=key, style=style)


# --- questions ---------------------------------------------------------------------------------------------


def _question(question: Question, tail: Sequence[Run], *, chat: str, key: bytes) -> Post:
    """A choice whose value is too long for a button is listed in the text instead: it can be typed."""
    buttons: list[InlineKeyboardButton] = []
    typed: list[Run] = []
    for value, label in question.choices:
        token = Token(verb=Verb.CHOOSE, ref=question.ref, revision=question.revision, value=value)
        try:
            buttons.append(_button(label, token, chat=chat, key=key))
        except ValueError:
            typed.append(Run(f"\n• {visible(label)}"))
    return Post(pages=(one_page((Run(question.text), *typed, *tail)),), keyboard=_keyboard(buttons))


# --- keyboards ---------------------------------------------------------------------------------------------


def _button(
    label: str, token: Token, *, chat: str, key: bytes, style: str | None = None
) -> InlineKeyboardButton:
    words = " ".join(label.split()) or "·"
    short = words if len(words) <= LONGEST_LABEL else words[: LONGEST_LABEL - 1] + "…"
    return InlineKeyboardButton(short, callback_data=callbacks.write(token, chat=chat, key=key), style=style)


def _keyboard(buttons: Iterable[InlineKeyboardButton]) -> InlineKeyboardMarkup | None:
    row = tuple(buttons)
    return InlineKeyboardMarkup([row[at : at + 2] for at in range(0, len(row), 2)]) if row else None


def _buttons(markup: InlineKeyboardMarkup) -> list[InlineKeyboardButton]:
    return [button for row in markup.inline_keyboard for button in row]


def ask_first(
    markup: InlineKeyboardMarkup, data: str, token: Token, *, tongue: Tongue, chat: str, key: bytes
) -> InlineKeyboardMarkup | None:
    """The keyboard once a button that wants confirming was pressed: Yes and Back in its place."""
    yes = _button(
        yes_words(token.verb, tongue), replace(token, ask=False), chat=chat, key=key, style="danger"
    )
    back = _button(tongue("Back"), replace(token, ask=False, back=True), chat=chat, key=key)
    return _keyboard(
        each
        for button in _buttons(markup)
        for each in ((yes, back) if button.callback_data == data else (button,))
    )


def take_back(
    markup: InlineKeyboardMarkup, data: str, token: Token, *, tongue: Tongue, chat: str, key: bytes
) -> InlineKeyboardMarkup | None:
    """The keyboard after Back: the button that wants confirming stands where Yes and Back stood."""
    again = replace(token, ask=True, back=False)
    asking = _button(_verb_words(token.verb, tongue), again, chat=chat, key=key, style="primary")
    yes = callbacks.write(replace(again, ask=False), chat=chat, key=key)
    return _keyboard(
        asking if button.callback_data == data else button
        for button in _buttons(markup)
        if button.callback_data != yes
    )


def confirm_words(title: str, token: Token, tongue: Tongue) -> str:
    """The alert after the first press: what is about to happen, and which button does it."""
    short = title if len(title) <= 80 else title[:79] + "…"
    words = tongue(
        "{title}: this cannot be taken back by the assistant. Press “{yes}” to go on.",
        title=short,
        yes=yes_words(token.verb, tongue),
    )
    return alert(words)


def alert(words: str) -> str:
    """Words as the answer to a press: Telegram allows 200 characters."""
    room = LONGEST_ALERT
    return words if width(words) <= room else one_page((Run(words),), limit=room, mark="…").text


def yes_words(verb: Verb, tongue: Tongue) -> str:
    match verb:
        case Verb.APPROVE:
            return tongue("Yes, approve")
        case Verb.UNDO:
            return tongue("Yes, undo")
        case _:
            return tongue("Yes")


def _verb_words(verb: Verb, tongue: Tongue) -> str:
    match verb:
        case Verb.APPROVE:
            return tongue("Approve")
        case Verb.PROVE:
            return tongue("Approve with a code…")
        case Verb.UNDO:
            return tongue("Undo")
        case Verb.DENY:
            return tongue("Deny")
        case Verb.EDIT:
            return tongue("Edit")
        case Verb.DETAILS:
            return tongue("Details")
        case Verb.CHOOSE:
            return tongue("Choose")
        case Verb.SPLIT:
            return tongue("One by one")
        case Verb.REASON:
            return tongue("Deny…")
        case Verb.MYSELF:
            return tongue("I'll do it myself")
        case Verb.ALWAYS:
            return tongue("Always…")
