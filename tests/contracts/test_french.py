"""What every system shows in French: no English word of ours, and numbers, amounts and days as a French reader writes them;
on the card, in Slack's blocks, and on the page. What people and vendors wrote stays as they wrote it.
"""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from adapters.chat.slack import cards as slack
from adapters.speech.languages import CATALOGUES
from bot import cards
from bot.actions import Action, Risk
from bot.cards import Card
from bot.proposals import Source, SourceKind
from bot.world import System
from tests.adapters.test_same_card import page_of
from tests.bot.drawing import FRENCH, proposal
from tests.contracts.systems import SAMPLES
from tests.contracts.systems.sample import NOW
from tests.contracts.test_system import call_of, context
from tests.twins import slack_rules

_ENGLISH = re.compile(
    r"[“”]|\b\d+\.\d+\b(?!\.)|\b(?:yes|no|true|false|the words of|Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b"
)
_AS_SENT = re.compile(r" = \S.*$", re.DOTALL)
"""What follows is what is really sent, and is shown beside it as it is."""


def _foreign() -> frozenset[str]:
    """Every sentence of ours that is another one in French."""
    with (CATALOGUES / "fr.po").open("rb") as file:
        found = [each for each in read_po(file, locale="fr") if isinstance(each.id, str) and each.id]
    return frozenset(str(each.id) for each in found if each.string != each.id)


async def _cards(system: System, name: str) -> list[tuple[Action, Card]]:
    said = replace(context(), tongue=FRENCH)
    drawn: list[tuple[Action, Card]] = []
    for action in system.actions():
        if action.risk is Risk.R0:
            continue
        call = call_of(system, action, SAMPLES[name].deeds[action.name])
        preview = await system.preview(call, said)
        kinds = (SourceKind.WORDS, SourceKind.DEFAULT, SourceKind.RESULT)
        sources = {
            field: Source(kind=kinds[at % len(kinds)], detail="outside.read", at=NOW)
            for at, field in enumerate(call.arguments)
        }
        waiting = replace(proposal(call, preview=preview, sources=sources, zone="Europe/Paris"))
        card = cards.draw(waiting, action=action, tongue=FRENCH, zone=waiting.zone, full=True, always=True)
        drawn.append((action, card))
    return drawn


@pytest.mark.parametrize("name", SAMPLES)
async def test_no_word_of_ours_is_english_on_a_french_card(name: str, tmp_path: Path) -> None:
    foreign = _foreign()
    for action, card in await _cards(SAMPLES[name].make(tmp_path), name):
        given = {str(each) for each in SAMPLES[name].deeds[action.name].values()}
        arguments = {FRENCH(field.title) for field in action.fields}
        changed = [row for row in card.rows if row.before is not None]
        for row in card.rows:
            text = _AS_SENT.sub("", row.value)
            assert row.label not in foreign or row in changed, (action.name, row)
            if row.label in arguments and row.before is None:
                continue
            assert text not in foreign - given or row in changed, (action.name, row)
            if row not in changed or not any(text in each for each in given):
                assert not _ENGLISH.search(text.split("https://")[0]), (action.name, row)
        assert not any(button.label in foreign for button in card.buttons)
        assert card.title not in foreign
        assert not _ENGLISH.search(card.title), card.title


@pytest.mark.parametrize("name", SAMPLES)
async def test_slack_and_the_page_add_no_english_to_it(name: str, tmp_path: Path) -> None:
    foreign = _foreign()
    for action, card in await _cards(SAMPLES[name].make(tmp_path), name):
        ours = {row.label for row in card.rows} | {row.value for row in card.rows} | {card.title}
        blocks = slack.drawn(card, tongue=FRENCH).blocks
        texts = {part for _, text in slack_rules.texts(blocks) for part in (text, text.partition("\n")[0])}
        facts = page_of(card, FRENCH)
        page = {text.strip() for row in facts.rows for text in row} | {each.strip() for each in facts.head}
        assert (texts | page) & foreign - ours == set(), action.name
