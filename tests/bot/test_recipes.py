"""How a recipe is written down: what is written reads back, in both languages, whatever stands in it."""

import json
import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import recipes
from bot.actions import Action, Field, Kind, Part, Risk
from bot.desk import book
from bot.errors import BadInput
from bot.missions import OnDeed, OnSaying, OnSignal, Step
from bot.procedures import TYPES, Input, Recipe
from tests.twins import office

ACTIONS = {action.name: action for action in (*office.ACTIONS, *book.ACTIONS)}

names = st.text(string.ascii_letters, min_size=1, max_size=6).filter(
    lambda text: text.lower() not in {"signal", "deed", "item"}
)
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=30).filter(
    lambda text: not recipes.references(text)
)
actions = st.from_regex(r"[a-z]{1,5}\.[a-z_]{1,5}", fullmatch=True)
values = st.recursive(
    texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
triggers = st.one_of(
    st.none(),
    st.builds(OnSignal, id=st.just("signal"), name=texts),
    st.builds(OnSaying, id=st.just("saying"), words=texts),
    st.builds(OnDeed, id=st.just("deed"), action=actions),
)


@st.composite
def a_recipe(draw: st.DrawFn) -> Recipe:
    """A recipe that makes sense: references lead to what is there."""
    inputs = tuple(
        Input(name=name, kind=draw(st.sampled_from(TYPES)))
        for name in draw(st.lists(names, unique=True, max_size=3))
    )
    trigger = draw(triggers)
    known = [each.name for each in inputs] + sorted(recipes.began_with(trigger))
    steps: list[Step] = []
    for number in range(draw(st.integers(1, 4))):
        each = draw(st.sampled_from(["", *known])) if known else ""
        here = [*known, *(["item"] if each else [])]
        reference = st.sampled_from(["", *(f"{{{name}.part}}" for name in here)])
        if draw(st.booleans()):
            steps.append(Step(text=draw(texts) + draw(reference), each=each))
            continue
        fields = draw(st.lists(names, unique=True, max_size=4))
        told = {name: draw(values | reference) for name in fields[:2]}
        save = f"result{number}" if draw(st.booleans()) else ""
        steps.append(
            Step(action=draw(actions), arguments=told, by_hand=tuple(fields[2:]), each=each, save=save)
        )
        known += [save] if save else []
    return Recipe(trigger=trigger, inputs=inputs, steps=tuple(steps))


@given(a_recipe(), st.sampled_from(["en", "fr"]))
def test_what_is_written_reads_back(recipe: Recipe, lang: str) -> None:
    text = recipes.written(recipe, lang)
    assert recipes.read(text) == recipe
    assert recipes.written(recipes.read(text), lang) == text


@given(a_recipe())
def test_the_parts_of_a_card_one_after_the_other_are_the_recipe(recipe: Recipe) -> None:
    for lang in ("en", "fr"):
        assert recipes.read(" ".join(recipes.parts(recipe, lang))) == recipe
        assert len(recipes.step_parts(recipe, lang)) == len(recipe.steps)


@given(st.text(max_size=200) | st.text('wihdosay when.,;:={}?"as ', max_size=80))
def test_any_text_is_a_recipe_or_a_sentence_about_what_is_wrong(text: str) -> None:
    try:
        recipe = recipes.read(text)
    except BadInput:
        return
    assert recipes.read(recipes.written(recipe, "en")) == recipe


@given(a_recipe(), a_recipe())
def test_two_recipes_are_never_written_alike(one: Recipe, other: Recipe) -> None:
    assert (recipes.written(one, "en") == recipes.written(other, "en")) == (one == other)


NOTE = Step(action="office.note", arguments={"record": "A", "text": "x"})


@pytest.mark.parametrize(
    ("text", "recipe"),
    [
        ("do office.note record=A text=x", Recipe(steps=(NOTE,))),
        ("fais office.note record=« A » text=“x”", Recipe(steps=(NOTE,))),
        ("do office.note record=A text=x;", Recipe(steps=(NOTE,))),
        ("do office.note record=A text=x ; then do office.note record=A text=x", Recipe(steps=(NOTE, NOTE))),
        ("do office.note record=A text=x; puis dis ok", Recipe(steps=(NOTE, Step(text="ok")))),
        (
            "whenever the signal crm update arrives, do office.note record=A text=x",
            Recipe(trigger=OnSignal(id="signal", name="crm update"), steps=(NOTE,)),
        ),
        (
            "dès que crm arrive, fais office.note record=A text=x",
            Recipe(trigger=OnSignal(id="signal", name="crm"), steps=(NOTE,)),
        ),
        (
            "quand je dis « sonne », fais office.note record=A text=x",
            Recipe(trigger=OnSaying(id="saying", words="sonne"), steps=(NOTE,)),
        ),
        (
            "when office.send is done, do office.note record=A text=x",
            Recipe(trigger=OnDeed(id="deed", action="office.send"), steps=(NOTE,)),
        ),
        (
            "avec somme (montant), jour (date) : fais office.note record=A text=x",
            Recipe(
                inputs=(Input(name="somme", kind=Kind.MONEY), Input(name="jour", kind=Kind.DATE)),
                steps=(NOTE,),
            ),
        ),
        (
            "do office.note record=A text=? as note; then say {note.id}",
            Recipe(
                steps=(
                    Step(action="office.note", arguments={"record": "A"}, by_hand=("text",), save="note"),
                    Step(text="{note.id}"),
                )
            ),
        ),
    ],
)
def test_people_write_it_more_freely(text: str, recipe: Recipe) -> None:
    assert recipes.read(text) == recipe


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "a step begins with do"),
        ("please do something", "a step begins with do"),
        ("do office.note record={who}", "refers to who"),
        ("do office.note record={signal.id}", "refers to signal"),
        ("when crm arrives do office.note", "write a comma"),
        ("with a, a: do office.note", "two inputs have the same name"),
        ("with a (colour): do office.note", "an input is one of"),
        ("do office.note as a; then do office.note as a", "the name a is taken"),
        ("do office.note as signal", "the name signal is taken"),
        ("do office.note record=A record=B", "record is given twice"),
        ('do office.note record="A', "a quotation is not closed"),
        ("say x as y; then do office.note record={y}", "refers to y"),
        ("for each of a.b, do office.note record={item}", "refers to a"),
        ("; ".join(["do office.note"] * 21), "from 1 to 20 steps"),
        ("say " + "x" * 6_000, "at most 6000 characters"),
    ],
)
def test_what_makes_no_sense_is_said_before_anybody_presses(text: str, why: str) -> None:
    with pytest.raises(BadInput, match=why.replace("(", r"\(")):
        recipes.read(text)


# As the actions take it -------------------------------------------------------------------------------------


def shaped(text: str) -> Recipe:
    return recipes.shaped(recipes.read(text), ACTIONS)


def test_what_is_required_and_not_said_is_for_a_person_each_time() -> None:
    assert shaped("do office.note record=A").steps[0].by_hand == ("text",)


def test_values_by_name_are_taken_apart_before_anything_is_filled_in() -> None:
    (_, step) = shaped('do office.read record=A as a; do office.fill record=A values="X={a.x}; Y=2"').steps
    assert step.arguments["values"] == {"X": "{a.x}", "Y": "2"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("do office.fly", "no connected system offers"),
        ("do office.note record=A text=x colour=red", "has no field"),
        ("do vigie.set_role person=eve role=owner", "is no step of a procedure"),
        ("do vigie.put_procedure name=a recipe=b", "is no step of a procedure"),
        ("do office.fill record=A values=nonsense", "is not Name=value"),
    ],
)
def test_what_no_action_takes_is_refused(text: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        shaped(text)


def test_json_takes_references_as_whole_texts_alone() -> None:
    free = Action(
        name="any.call",
        title="Call",
        risk=Risk.R1,
        fields=(Field(name="data", title="Data", kind=Kind.JSON, part=Part.OTHER),),
    )
    good = recipes.read('with a: do any.call data={"x": "{a}"}')
    assert recipes.shaped(good, {"any.call": free}) == good
    with pytest.raises(BadInput, match="JSON whose texts"):
        recipes.shaped(recipes.read('with a: do any.call data="[{a}]"'), {"any.call": free})


# What is fixed ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "given", "fixed"),
    [
        (NOTE, {}, True),
        (replace(NOTE, arguments={"record": "{who}", "text": "x"}), {"who": "A"}, True),
        (replace(NOTE, arguments={"record": "{who}", "text": "x"}), {}, False),
        (replace(NOTE, arguments={"record": "{seen.id}", "text": "x"}), {"who": "A"}, False),
        (replace(NOTE, each="who"), {"who": "A"}, False),
        (replace(NOTE, text="because of {seen.id}"), {"who": "A"}, False),
    ],
)
def test_only_what_a_person_put_in_force_word_for_word_is_fixed(
    step: Step, given: dict[str, str], fixed: bool
) -> None:
    call = {"record": "A", "text": "x"}
    assert recipes.fixed(Recipe(steps=(step,)), "office.note", call, given) is fixed


@given(st.dictionaries(names, texts, max_size=3))
def test_a_call_that_says_anything_else_is_never_fixed(call: dict[str, str]) -> None:
    recipe = Recipe(steps=(NOTE,))
    same = json.dumps(call, sort_keys=True) == json.dumps(dict(NOTE.arguments), sort_keys=True)
    assert recipes.fixed(recipe, "office.note", call, {}) is same
