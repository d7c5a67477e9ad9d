"""A person's home as a Slack view. Pure: a Home in, a view out, within Slack's limits whatever is on it.

The cards on it are the same as in a conversation, drawn by `cards`. The limits: docs.slack.dev, "View object" (100
blocks), "Home tab".
"""

from adapters.chat.slack import cards, inbound
from bot.homes import Home
from bot.speech import Tongue
from bot.values import Json
from bot.visible import visible

_BLOCKS = 100
_REST = 20
"""Blocks that what stands around the cards needs at most."""
_LINES = 2_900
_CONFIRM = 300


def view(home: Home, *, tongue: Tongue) -> dict[str, Json]:
    """What views.publish takes."""
    return {"type": "home", "blocks": _known(home, tongue) if home.known else _unknown(tongue)}


def _unknown(tongue: Tongue) -> list[Json]:
    return [
        _header(tongue("Vigie keeps watch here")),
        cards.section(
            tongue(
                "Write to me under Messages, and this page shows what waits for you, what is on watch and what was done."
            )
        ),
    ]


def _known(home: Home, tongue: Tongue) -> list[Json]:
    blocks: list[Json] = []
    if home.frozen:
        blocks += [_header("▲ " + tongue("It stands still")), *_lines(home.frozen)]
    shown, left = _cards(home, tongue)
    blocks.append(_header(tongue("Waits for you")))
    blocks += shown or [cards.context(tongue("Nothing waits for a press."))]
    if left:
        more = tongue.many("{n} more: write “pending”.", "{n} more: write “pending”.", left)
        blocks.append(cards.context(more))
    blocks.append(_header(tongue("On watch")))
    blocks += _lines(home.watch) or [cards.context(tongue("No mission is on watch."))]
    if home.others:
        more = tongue.many("{n} more: write “missions”.", "{n} more: write “missions”.", home.others)
        blocks.append(cards.context(more))
    blocks.append(_header(tongue("Done today")))
    blocks += _lines(home.done) or [cards.context(tongue("Nothing yet."))]
    blocks += [{"type": "divider"}, {"type": "actions", "elements": _buttons(home, tongue)}]
    return blocks


def _cards(home: Home, tongue: Tongue) -> tuple[list[Json], int]:
    """The cards that find room, whole, and how many do not."""
    blocks: list[Json] = []
    for at, card in enumerate(home.cards):
        drawn = cards.drawn(card, tongue=tongue).blocks
        if len(blocks) + len(drawn) + 1 > _BLOCKS - _REST:
            return blocks, len(home.cards) - at + home.more
        blocks += [*drawn, {"type": "divider"}]
    return blocks, home.more


def _lines(lines: tuple[str, ...]) -> list[Json]:
    text = "\n".join(f"• {' '.join(visible(line).split())}" for line in lines)
    return [cards.section(cards.fitted(text, _LINES))] if lines else []


def _buttons(home: Home, tongue: Tongue) -> list[Json]:
    made = [
        _says("pending", tongue("The cards, in Messages")),
        _says("missions", tongue("The missions")),
        _says("dashboard", tongue("A link to the page")),
    ]
    if home.stopped and home.may_lift:
        made.append(
            _says(
                "unfreeze", tongue("Let it act again"), tongue("Everything may act again."), tongue("Cancel")
            )
        )
    elif home.may_freeze and not home.stopped:
        warns = tongue("Nothing acts any more, and what waits is cancelled. Only an owner lets it act again.")
        made.append(
            {**_says("freeze", tongue("Stop everything"), warns, tongue("Cancel")), "style": "danger"}
        )
    return made


def _says(word: str, label: str, confirm: str = "", no: str = "") -> dict[str, Json]:
    button: dict[str, Json] = {
        "type": "button",
        "action_id": f"{inbound.SAYING}:{word}",
        "text": cards.plain_text(label, 75),
        "value": word,
    }
    if confirm:
        button["confirm"] = {
            "title": cards.plain_text(label, 100),
            "text": cards.plain_text(confirm, _CONFIRM),
            "confirm": cards.plain_text(label, 30),
            "deny": cards.plain_text(no, 30),
        }
    return button


def _header(text: str) -> Json:
    return {"type": "header", "text": cards.plain_text(text, 150)}
