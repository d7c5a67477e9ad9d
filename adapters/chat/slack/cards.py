"""What we say, as Block Kit. Pure: content in, blocks out, within Slack's limits whatever the content.

Every value from outside stands in plain_text or rich text, which Slack shows character for character: no
mention pings, no link hides its address. A card comes safe to look at and is not changed; in other words the
characters that hide or mislead are spelled out here. What does not fit is cut with a mark that says how much; a
card that had to be cut cannot be approved here.

The limits are those of docs.slack.dev: "Blocks" (50 in a message), "Header block", "Section block", "Context
block", "Actions block", "Button element", "Text object", "Confirmation dialog object", and chat.update for the
length of the fallback text.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from adapters.chat.slack import inbound, marks, words
from bot.cards import Button, Card, Row, Tone
from bot.effects import Notice, Question, Text
from bot.events import APPROVING, Verb
from bot.speech import Tongue
from bot.values import Json
from bot.visible import visible

LONGEST = 12_000
"""Characters of one message that we show. Slack shows more, but nobody reads it there."""
_FALLBACK = 3_900
_HEADER, _SECTION, _FIELD, _FIELDS = 150, 3_000, 2_000, 10
_BLOCKS, _ROW_BLOCKS = 50, 36
_LABEL, _VALUE, _BUTTONS, _CONFIRM = 75, 2_000, 25, 300
_MARKS = {Tone.CALM: "", Tone.CARE: "◆ ", Tone.DANGER: "▲ ", Tone.GOOD: "✓ ", Tone.BAD: "✗ "}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A message as Slack takes it: blocks, and the text for notifications and screen readers."""

    text: str
    blocks: list[Json]


def drawn(content: Text | Card | Question | Notice, *, tongue: Tongue, doubtful: bool = False) -> Drawn:
    """The message for this content. `doubtful` adds a line that it may be a repetition."""
    match content:
        case Text(text=text):
            message = _words(text, tongue, mark=content.mark)
        case Notice(text=text):
            message = _words(text, tongue)
        case Question():
            message = _question(content, tongue)
        case Card():
            message = _card(content, tongue)
    if not doubtful:
        return message
    return replace(message, blocks=[*message.blocks, context(tongue("(possibly repeated)"))])


def plain_text(text: str, longest: int) -> Json:
    """A text object that shows exactly these characters, cut to the limit."""
    return {"type": "plain_text", "text": fitted(text, longest), "emoji": False}


def context(text: str) -> Json:
    """A small line."""
    return {"type": "context", "elements": [plain_text(text, _SECTION)]}


def section(text: str) -> Json:
    """A paragraph."""
    return {"type": "section", "text": plain_text(text, _SECTION)}


def fitted(text: str, longest: int) -> str:
    """The text in at most so many characters, never empty; a cut says how much is missing."""
    text = text if text.strip() else "—"
    if len(text) <= longest:
        return text
    mark = f"… [+{len(text)}]"
    kept = longest - len(mark)
    return f"{text[:kept]}… [+{len(text) - kept}]"


def fallback(text: str) -> str:
    """For notifications: the one place that Slack reads as its own markup, so that is escaped."""
    whole = words.escaped(text)
    if len(whole) <= _FALLBACK:
        return whole if text.strip() else "—"
    size, kept = 0, 0
    for char in text:
        size += len(words.escaped(char))
        if size > _FALLBACK:
            break
        kept += 1
    return (words.escaped(text[:kept]) if text[:kept].strip() else "—") + "…"


def _words(text: str, tongue: Tongue, *, mark: bool = False) -> Drawn:
    seen = visible(text) if text.strip() else "—"
    shown, left = seen[:LONGEST], len(seen) - LONGEST
    block = marks.rich_text(marks.elements(shown) if mark else [marks.plain_section(shown)])
    blocks = [block]
    if left > 0:
        blocks.append(context(tongue.many("{n} more character", "{n} more characters", left)))
    return Drawn(text=fallback(seen), blocks=blocks)


def _question(question: Question, tongue: Tongue) -> Drawn:
    message = _words(question.text, tongue)
    made = [
        _element(
            f"{inbound.ACTION}:{Verb.CHOOSE}:{at}",
            label,
            inbound.value_of(question.ref, question.revision, value),
        )
        for at, (value, label) in enumerate(question.choices)
    ]
    fit = [element for element in made if element is not None][: 4 * _BUTTONS]
    rows = [_actions(fit[at : at + _BUTTONS]) for at in range(0, len(fit), _BUTTONS)]
    left = len(question.choices) - len(fit)
    if left:
        more = tongue.many("{n} more choice: write it", "{n} more choices: write one", left)
        rows.append(context(more))
    return replace(message, blocks=[*message.blocks, *rows])


def _card(card: Card, tongue: Tongue) -> Drawn:
    rows, cut = _rows(card.rows, tongue)
    cut = cut or len(_MARKS[card.tone] + card.title) > _HEADER
    blocks: list[Json] = [
        {"type": "header", "text": plain_text(_MARKS[card.tone] + card.title, _HEADER)},
        *rows,
    ]
    if card.reason:
        quoted = fitted(card.reason, _SECTION)
        blocks += [
            context(tongue("The assistant's reason, in its own words:")),
            marks.rich_text([marks.quotation(quoted)]),
        ]
    if card.status:
        blocks.append(section(card.status))
    if card.link and all(card.link != row.value for row in card.rows):
        blocks.append(context(card.link))
    if cut and any(button.verb in APPROVING for button in card.buttons):
        blocks.append(
            section(
                tongue("Not everything fits here, so this cannot be approved here. Open it on the web page.")
            )
        )
    if buttons := _buttons(card, cut=cut):
        blocks.append(_actions(buttons))
    return Drawn(text=fallback(card.told(tongue)), blocks=blocks)


def _rows(rows: Sequence[Row], tongue: Tongue) -> tuple[list[Json], bool]:
    """The rows in their order, and whether any of it had to be cut."""
    blocks: list[Json] = []
    fields: list[Json] = []
    spent, shown = 0, 0
    for row in rows:
        text = _row(row)
        spent += len(text)
        needs = len(blocks) + 1 + (len(text) // _SECTION + 1 if len(text) > _FIELD else 0)
        if spent > LONGEST or needs > _ROW_BLOCKS:
            break
        shown += 1
        if len(text) <= _FIELD:
            fields.append(plain_text(text, _FIELD))
        if fields and (len(fields) == _FIELDS or len(text) > _FIELD):
            blocks.append({"type": "section", "fields": fields})
            fields = []
        if len(text) > _FIELD:
            blocks += [section(text[at : at + _SECTION]) for at in range(0, len(text), _SECTION)]
    if fields:
        blocks.append({"type": "section", "fields": fields})
    if shown == len(rows):
        return blocks, False
    first = _row(rows[shown])
    if len(blocks) < _ROW_BLOCKS:
        blocks.append(section(first))
    left = len(rows) - shown
    blocks.append(
        context(tongue.many("{n} field is cut or left out", "{n} fields are cut or left out", left))
    )
    return blocks, True


def _row(row: Row) -> str:
    value = row.value if row.before is None else f"{row.before} → {row.value}"
    return f"{row.label}\n{value}"


def _buttons(card: Card, *, cut: bool) -> list[Json]:
    made: list[Json] = []
    for at, button in enumerate(card.buttons[:_BUTTONS]):
        if cut and button.verb in APPROVING:
            continue
        again = any(other.verb is button.verb for other in card.buttons[:at])
        action = f"{inbound.ACTION}:{button.verb}" + (f":{at}" if again else "")
        element = _element(action, button.label, inbound.value_of(card.ref, card.revision), button)
        if element is not None:
            made.append(element)
    return made


def _element(action: str, label: str, value: str, button: Button | None = None) -> dict[str, Json] | None:
    """A button, or None when what it must carry does not fit: half a value would be another one."""
    if len(value) > _VALUE or value != words.clean(value):
        return None
    element: dict[str, Json] = {
        "type": "button",
        "action_id": action,
        "text": plain_text(visible(label), _LABEL),
        "value": value,
    }
    if button is not None and (button.primary or button.danger):
        element["style"] = "danger" if button.danger else "primary"
    if button is not None and button.confirm:
        element["confirm"] = {
            "title": plain_text(visible(label), 100),
            "text": plain_text(button.confirm, _CONFIRM),
            "confirm": plain_text(visible(label), 30),
            "deny": plain_text("✗", 30),
        }
    return element


def _actions(elements: Sequence[Json]) -> Json:
    return {"type": "actions", "elements": list(elements)}
