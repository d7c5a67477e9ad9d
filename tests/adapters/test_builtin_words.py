"""The built-in mind's words: what each asks for, and what happens to everything else."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.minds.builtin import deeds, guide
from adapters.minds.builtin.mind import BuiltinMind, understands
from adapters.minds.builtin.vocabulary import WORDS
from adapters.minds.builtin.word import Word
from adapters.minds.chooser import Choice
from bot.actions import Action, Field, Kind
from bot.journal import Answer, Ask, Outcome, Thought
from bot.mind import Briefing
from bot.missions import Step
from bot.speech import Tongue
from bot.values import Json
from tests.adapters.briefings import ACTIONS, ENGLISH, FRENCH, Marked, briefing, mission, unheard

ROOT = Path(__file__).parents[2]


async def hear(text: str, tongue: Tongue = ENGLISH) -> Thought:
    return await BuiltinMind().think(briefing(text, tongue=tongue), state="", answers=(), stream=unheard)


async def asked(text: str) -> tuple[str, dict[str, Json]]:
    (ask,) = (await hear(text)).asks
    return ask.action, dict(ask.arguments)


@pytest.mark.parametrize(
    ("text", "action", "arguments"),
    [
        ("help", "vigie.help", {}),
        ("Aide", "vigie.help", {}),
        ("?", "vigie.help", {}),
        ("/start", "vigie.help", {}),
        ("/vigie", "vigie.help", {}),
        ("STATUS !", "vigie.status", {}),
        ("état", "vigie.status", {}),
        ("etat ?", "vigie.status", {}),
        ("/vigie status", "vigie.status", {}),
        ("@vigie status", "vigie.status", {}),
        ("Vigie, status", "vigie.status", {}),
        ("/missions@vigie_bot", "vigie.missions", {}),
        ("actions", "vigie.actions", {}),
        ("actions shopify", "vigie.actions", {"system": "shopify"}),
        ("pause 3", "vigie.pause_mission", {"number": 3}),
        ("Pause mission #3.", "vigie.pause_mission", {"number": 3}),
        ("/pause 3", "vigie.pause_mission", {"number": 3}),
        ("mets en pause la mission 3", "vigie.pause_mission", {"number": 3}),
        ("resume 3", "vigie.resume_mission", {"number": 3}),
        ("reprends n°3", "vigie.resume_mission", {"number": 3}),
        ("cancel 12", "vigie.cancel_mission", {"number": 12}),
        ("budgets", "vigie.budget", {}),
        ("le budget", "vigie.budget", {}),
        (
            "raise mission 3 tokens by 100 000",
            "vigie.raise_budget",
            {"whose": "mission", "who": "3", "what": "tokens", "number": 100_000},
        ),
        (
            "relève tout le monde argent de 12,50 €",
            "vigie.raise_budget",
            {"whose": "space", "what": "money", "amount": "12,50 €"},
        ),
        (
            "raise Gigi Blue models by 5 USD",
            "vigie.raise_budget",
            {"whose": "person", "who": "Gigi Blue", "what": "models", "amount": "5 USD"},
        ),
        ("raise me deeds by 5.", "vigie.raise_budget", {"whose": "person", "what": "effects", "number": 5}),
        ("annule 12", "vigie.cancel_mission", {"number": 12}),
        ("annule K7Q2", "vigie.undo", {"subject": "K7Q2"}),
        ("undo k7q2", "vigie.undo", {"subject": "K7Q2"}),
        ("défais 4711", "vigie.undo", {"subject": "4711"}),
        ("why 3?", "vigie.why", {"subject": "3"}),
        ("pourquoi la mission 3 ?", "vigie.why", {"subject": "3"}),
        ("why eff_06F3AB", "vigie.why", {"subject": "eff_06F3AB"}),
        ("pending", "vigie.pending", {}),
        ("en attente", "vigie.pending", {}),
        ("freeze", "vigie.freeze", {}),
        ("gèle, on nous vole", "vigie.freeze", {"reason": "on nous vole"}),
        ("STOP", "vigie.freeze", {}),
        ("dégèle", "vigie.unfreeze", {}),
        ("link", "vigie.link", {}),
        ("relier ABCD-EFGH", "vigie.link", {"code": "ABCD-EFGH"}),
        ("/start ABCDEFGH", "vigie.link", {"code": "ABCDEFGH"}),
        ("claim 7HK2-99QX", "vigie.claim", {"code": "7HK2-99QX"}),
        ("dashboard", "vigie.dashboard", {}),
        ("tableau de bord", "vigie.dashboard", {}),
        ("language fr", "vigie.language", {"lang": "fr"}),
        ("langue anglais", "vigie.language", {"lang": "en"}),
        ("time zone Europe/Paris", "vigie.zone", {"zone": "Europe/Paris"}),
        ("fuseau horaire America/New York", "vigie.zone", {"zone": "America/New_York"}),
        ("remember that Bob’s  name is Robert.", "vigie.remember", {"text": "Bob’s  name is Robert."}),
        ("souviens-toi que l'été est chaud", "vigie.remember", {"text": "l'été est chaud"}),
        ("retiens qu’il pleut", "vigie.remember", {"text": "il pleut"}),
        ("what do you know about Bob?", "vigie.recall", {"about": "Bob"}),
        ("Que sais-tu d'Alice ?", "vigie.recall", {"about": "Alice"}),
        ("qu'est-ce que tu sais de Bob", "vigie.recall", {"about": "Bob"}),
        (
            "what do you know about Bob as of 2026-03-31?",
            "vigie.recall",
            {"about": "Bob", "as_of": "2026-03-31"},
        ),
        ("que sais-tu de Bob au 2026-03-31 ?", "vigie.recall", {"about": "Bob", "as_of": "2026-03-31"}),
        ("history of my address", "vigie.history", {"about": "my address"}),
        (
            "correct my address to 5 Elm St",
            "vigie.remember",
            {"text": "my address: 5 Elm St", "replaces": "my address"},
        ),
        ("corrige K7Q2 en il pleut", "vigie.remember", {"text": "il pleut", "replaces": "K7Q2"}),
        (
            "my address changed to 5 Elm St",
            "vigie.remember",
            {"text": "address: 5 Elm St", "replaces": "my address"},
        ),
        (
            "mon adresse a changé pour 5 rue X",
            "vigie.remember",
            {"text": "adresse : 5 rue X", "replaces": "mon adresse"},
        ),
        (
            "my address changed to 5 Elm St on 2026-03-01",
            "vigie.remember",
            {"text": "address: 5 Elm St", "replaces": "my address", "since": "2026-03-01"},
        ),
        (
            "mon adresse a changé pour 5 rue X depuis le 2026-03-01.",
            "vigie.remember",
            {"text": "adresse : 5 rue X", "replaces": "mon adresse", "since": "2026-03-01"},
        ),
        (
            "correct K7Q2 to it rains since 2026-03-01",
            "vigie.remember",
            {"text": "it rains", "replaces": "K7Q2", "since": "2026-03-01"},
        ),
        ("retention 30", "vigie.retention", {"days": 30}),
        ("what is my address?", "vigie.recall", {"about": "address"}),
        ("What's our address", "vigie.recall", {"about": "address"}),
        ("quelle est mon adresse ?", "vigie.recall", {"about": "adresse"}),
        ("number visitors 120", "vigie.say_number", {"name": "visitors", "value": "120"}),
        ("nombre visiteurs: 1 200,5", "vigie.say_number", {"name": "visiteurs", "value": "1 200,5"}),
        ("watches", "vigie.watches", {}),
        ("rules", "vigie.rules", {}),
        ("rule: always answer in French", "vigie.rule", {"text": "always answer in French"}),
        ("rule 2 off", "vigie.rule", {"number": 2, "how": "off"}),
        ("consigne 2 première", "vigie.rule", {"number": 2, "how": "first"}),
        ("procedures", "vigie.procedures", {}),
        ("Mes procédures", "vigie.procedures", {}),
        ("la procédure retards", "vigie.procedure", {"name": "retards"}),
        ("run late days=3", "vigie.run_procedure", {"name": "late", "inputs": {"days": "3"}}),
        (
            "lance retards jours=3 qui=« Gigi H »",
            "vigie.run_procedure",
            {"name": "retards", "inputs": {"jours": "3", "qui": "Gigi H"}},
        ),
        ("try late", "vigie.try_procedure", {"name": "late"}),
        ("continue late done", "vigie.continue_procedure", {"name": "late", "how": "done"}),
        ("poursuis retards encore", "vigie.continue_procedure", {"name": "retards", "how": "again"}),
        ("switch off late", "vigie.switch_procedure", {"name": "late", "how": "off"}),
        ("mets en service la procédure retards", "vigie.switch_procedure", {"name": "retards", "how": "on"}),
        ("delete procedure late", "vigie.drop_procedure", {"name": "late"}),
        (
            "procedure late: do demo.orders",
            "vigie.put_procedure",
            {"name": "late", "recipe": "do demo.orders"},
        ),
        (
            "procédure retards avec jours (nombre) : fais demo.late_orders days={jours}",
            "vigie.put_procedure",
            {"name": "retards", "recipe": 'with jours (number): do demo.late_orders days="{jours}"'},
        ),
        ("forget Bob", "vigie.forget", {"about": "Bob"}),
        ("oublie l'entrepôt", "vigie.forget", {"about": "l'entrepôt"}),
    ],
)
async def test_each_word_asks_for_its_action(text: str, action: str, arguments: dict[str, Json]) -> None:
    assert await asked(text) == (action, arguments)
    ACTIONS[action].read(arguments)


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.name)
async def test_every_example_of_the_reference_is_understood(word: Word) -> None:
    for example in (word.example, word.exemple):
        thought = await hear(example)
        assert [ask.action for ask in thought.asks] == [word.action] * bool(word.action)


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "Bonjour !",
        "thanks",
        "hello there, Bob 4711",
        "help me write a letter",
        "status of order 7",
        "pause",
        "pause three",
        "undo",
        "why not",
        "language klingon",
        "stop doing that",
        "every dog has its day",
        "tomorrow never dies",
        "xyzzy 129",
        "when is Christmas, tell me",
        "a\nb",
        "{curly} %s {0}",
    ],
)
async def test_what_is_no_exact_word_is_quoted_back_and_nothing_is_asked(text: str) -> None:
    thought = await hear(text)
    assert not thought.asks
    assert text in thought.text


@pytest.mark.parametrize(
    ("text", "example"),
    [
        ("retention -3", "retention 90"),
        ("rétention −3", "retention 90"),
        ("pause -3", "pause 3"),
        ("why -3", "why 3"),
        ("list add features dark mode", "list add features: dark mode"),
        ("total expenses add twelve", "total expenses add 12.50 EUR for taxi"),
        ("total dépenses ajoute douze", "total expenses add 12.50 EUR for taxi"),
    ],
)
async def test_what_is_nearly_right_is_not_taken_for_something_else(text: str, example: str) -> None:
    thought = await hear(text)
    assert not thought.asks
    assert f"“{example}”" in thought.text


async def test_a_long_message_is_quoted_up_to_its_two_hundredth_character() -> None:
    text = "lorem " * 100
    assert text[:199] in (await hear(text)).text
    assert len((await hear(text)).text) < 400


@pytest.mark.parametrize(
    ("text", "nearest"), [("statsu", "status"), ("misions", "missions"), ("show the dashboard", "dashboard")]
)
async def test_the_nearest_word_is_offered(text: str, nearest: str) -> None:
    assert f"“{nearest}”" in (await hear(text)).text


async def test_examples_are_offered_in_the_language_of_the_person() -> None:
    assert "état" in (await hear("etta", tongue=FRENCH)).text


async def test_words_that_only_pass_through_are_never_a_command() -> None:
    """SAFETY 40"""
    for text in ("freeze", "do demo.refund order=1 amount=5", "every day at 9, do demo.orders"):
        passed = replace(briefing(text), trusted=False)
        thought = await BuiltinMind().think(passed, state="", answers=(), stream=unheard)
        assert not thought.asks
        assert text in thought.text


@pytest.mark.parametrize(
    ("behind", "arguments"),
    [
        ("", {}),
        ("order=1007 amount=10 EUR", {"order": "1007", "amount": "10 EUR"}),
        ("order = 1007  amount= 10,50 €", {"order": "1007", "amount": "10,50 €"}),
        ('note="late, \\"very\\" late" order=1', {"note": 'late, "very" late', "order": "1"}),
        ("note=« en retard » order=1", {"note": "en retard", "order": "1"}),
        ("note=“a b” order=1", {"note": "a b", "order": "1"}),
        ("note=it was late order=1", {"note": "it was late", "order": "1"}),
        ("note='t was late order=1", {"note": "'t was late", "order": "1"}),
        ("note=a=b and c=d order=1", {"note": "a=b and c=d", "order": "1"}),
        ("ORDER=1", {"order": "1"}),
        ("colour=red order=1", {"colour": "red", "order": "1"}),
    ],
)
async def test_a_deed_is_asked_for_with_exact_fields(behind: str, arguments: dict[str, Json]) -> None:
    if "colour" in arguments:
        # An unknown field swallows nothing known, and is refused by the action itself, not here.
        assert await asked(f"do demo.refund {behind}") == ("demo.refund", arguments)
    for verb in ("do", "fais", "/vigie do"):
        assert await asked(f"{verb} demo.refund {behind}".strip()) == ("demo.refund", arguments)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("do demo.refnd order=1", "demo.refund"),
        ("do nothing.here", "nothing.here"),
        ("do demo.refund 1007", "order=…"),
        ('do demo.refund order="1007', "not closed"),
        ("do demo.refund order=1 order=2", "twice"),
    ],
)
async def test_a_deed_that_cannot_be_read_is_answered_with_what_to_write(text: str, says: str) -> None:
    thought = await hear(text)
    assert not thought.asks
    assert text in thought.text
    assert says in thought.text


async def test_the_reason_on_the_card_is_what_the_person_wrote() -> None:
    (ask,) = (await hear("do demo.refund order=1007 amount=10")).asks
    assert ask.reason == "Alice wrote: do demo.refund order=1007 amount=10"


@pytest.mark.parametrize("outcome", Outcome)
async def test_only_done_is_told_as_done(outcome: Outcome) -> None:
    first = await hear("remember this")
    answer = Answer(ask=first.asks[0].id, outcome=outcome, text="the shop is closed")
    told = await BuiltinMind().think(briefing(), state=first.state, answers=(answer,), stream=unheard)
    assert "the shop is closed" in told.text
    assert (told.text == "the shop is closed") == (outcome in (Outcome.DONE, Outcome.WAITING))


async def test_what_stands_on_a_card_is_not_said_again() -> None:
    first = await hear("do demo.refund order=1 amount=5")
    done = Answer(ask="a1", outcome=Outcome.DONE, text="Refunded.", shown=True)
    assert not (
        await BuiltinMind().think(briefing(), state=first.state, answers=(done,), stream=unheard)
    ).text
    waits = Answer(ask="a1", outcome=Outcome.WAITING, text="It waits under K7Q2.", shown=True)
    told = await BuiltinMind().think(briefing(), state=first.state, answers=(waits,), stream=unheard)
    assert told.text == "It waits under K7Q2."


@pytest.mark.parametrize(
    "text",
    [
        "help",
        "état",
        "pause 3",
        "undo K7Q2",
        "do demo.orders",
        "do no.such",
        "freeze",
        "claim X",
        "/vigie status",
        "actions",
    ],
)
def test_exact_words_of_control_are_understood_without_a_model(text: str) -> None:
    assert understands(text)


@pytest.mark.parametrize(
    "text",
    [
        "remember this",
        "hello",
        "every day at 9, x",
        "help me write",
        "pause for a moment",
        "why not",
        "do it",
        "forget it",
    ],
)
def test_everything_else_is_left_to_the_model(text: str) -> None:
    assert not understands(text)


class Costly(BuiltinMind):
    """Stands where a model would."""

    name = "costly"
    costly = True


def test_the_chooser_sends_control_and_steps_to_the_built_in_mind_and_the_rest_to_the_model() -> None:
    builtin, model = BuiltinMind(), Costly()
    both = Choice(builtin=builtin, understands=understands, model=model)
    alone = Choice(builtin=builtin, understands=understands)
    assert both.costly
    assert not alone.costly
    cases: list[tuple[Briefing, bool]] = [
        (briefing("status"), True),
        (briefing("what is the weather?"), False),
        (replace(briefing("freeze"), trusted=False), False),
        (briefing(mission=mission(Step(action="demo.orders"))), True),
        (briefing(mission=mission()), False),
    ]
    for brief, exact in cases:
        assert both.pick(brief) is (builtin if exact else model)
        assert alone.pick(brief) is builtin


async def test_every_sentence_is_spoken_in_the_language_of_the_person() -> None:
    for text in (
        "xyzzy",
        "hello",
        "pause",
        "do no.such",
        "every 0 minutes, x",
        "tomorrow at 25:00, x",
    ):
        said = (await hear(text, tongue=Marked())).text
        assert "[" in said, text


async def test_an_action_that_nobody_offers_is_not_asked_for() -> None:
    none: dict[str, Action] = {}
    thought = await BuiltinMind().think(
        briefing("status", actions=none), state="", answers=(), stream=unheard
    )
    assert not thought.asks
    assert "status" in thought.text


async def test_a_turn_begun_by_another_mind_is_ended_truthfully() -> None:
    failed = Answer(ask="m1.1", outcome=Outcome.FAILED, text="no such order")
    for mine in (None, mission(), mission(Step(action="demo.orders"))):
        told = await BuiltinMind().think(
            briefing("x", mission=mine), state='{"llm": 1}', answers=(failed,), stream=unheard
        )
        assert told.text == "Not done: no such order"


def test_simple_words_load_neither_a_date_parser_nor_a_model_library() -> None:
    program = """
import asyncio, sys
from tests.adapters.test_builtin_words import hear
import adapters.minds.llm
for text in ("status", "hello", "every weekday at 9, x", "do demo.orders", "tomorrow at 9, x"):
    asyncio.run(hear(text))
loaded = {"dateparser", "pydantic_ai", "openai", "anthropic"} & set(sys.modules)
assert not loaded, loaded
"""
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, timeout=60)


def test_the_reference_of_words_is_current() -> None:
    written = (ROOT / "docs/reference/words.md").read_text(encoding="utf-8")
    assert written == guide.page(), "python -m adapters.minds.builtin.guide writes it"


async def test_asks_of_one_thought_are_told_apart() -> None:
    thought = await hear("do demo.refund order=1 amount=5")
    assert thought.asks == (
        Ask(
            id="a1",
            action="demo.refund",
            arguments={"order": "1", "amount": "5"},
            reason="Alice wrote: do demo.refund order=1 amount=5",
        ),
    )


@pytest.mark.parametrize(
    ("typed", "values", "limit"),
    [
        ("properties=Status=In progress; title=X limit=3", {"Status": "In progress", "title": "X"}, "3"),
        (
            'properties="Status=Done; Note=said \\"yes\\"" limit=3',
            {"Status": "Done", "Note": 'said "yes"'},
            "3",
        ),
        ('properties="Deal stage"=won; Note=', {"Deal stage": "won", "Note": ""}, None),
        ('title=A properties={"Tags": ["a", "b"]}', {"Tags": ["a", "b"]}, None),
    ],
)
def test_values_by_name_may_be_called_like_a_field(
    typed: str, values: dict[str, Json], limit: str | None
) -> None:
    properties = Field(name="properties", title="Properties", kind=Kind.FIELDS)
    more = [Field(name=name, title=name, required=False) for name in ("title", "limit")]
    action = Action(name="notes.update", title="Update", fields=(properties, *more))
    deed = deeds.read(f"do notes.update {typed}", actions={action.name: action}, tongue=ENGLISH)
    read = action.read(deed.arguments)
    assert (read["properties"], read.get("limit")) == (values, limit)
