"""How a recipe is written down: what is written reads back, in both languages, whatever stands in it."""

import json
import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import cues, recipes, thresholdwords
from bot.actions import Action, Field, Kind, Part, Risk
from bot.desk import book
from bot.errors import BadInput
from bot.missions import OnDeed, OnMail, OnSaying, OnSignal, OnThreshold, Step
from bot.procedures import TYPES, Input, Recipe
from bot.thresholds import SEVERITIES, Origin, Side, Source, Threshold
from bot.watchwords import folded
from tests.twins import office

ACTIONS = {action.name: action for action in (*office.ACTIONS, *book.ACTIONS)}

names = st.text(string.ascii_letters, min_size=1, max_size=6).filter(
    lambda text: text.lower() not in {"signal", "deed", "item", "mail", "watch"}
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
words = texts.map(str.strip)
lines = st.text(st.characters(codec="utf-8", exclude_characters='"'), max_size=20)
lengths = st.sampled_from([60, 90, 600, 3_600, 7_200, 86_400])
limits = st.integers(-1_000, 1_000).map(float) | st.sampled_from([0.5, 90.25, 1e-9, 123_456_789.125])
sources = st.one_of(
    st.builds(
        Source, origin=st.just(Origin.MACHINE), name=st.sampled_from(["cpu", "memory", "swap", "load"])
    ),
    st.builds(Source, origin=st.just(Origin.MACHINE), name=st.just("disk"), query=st.just("/") | lines),
    st.builds(
        Source,
        origin=st.just(Origin.PAGE),
        name=st.just("https://shop.example/a.json?b=1,2"),
        query=st.just("stock.left") | lines.filter(bool),
    ),
    st.just(Source(origin=Origin.PAGE, name="https://shop.example/")),
    st.just(Source(origin=Origin.UP, name="https://shop.example/")),
    st.builds(
        Source,
        origin=st.just(Origin.CERTIFICATE),
        name=st.sampled_from(["shop.example:8443", "de", "of", "localhost"]),
    ),
    st.builds(
        Source,
        origin=st.just(Origin.SYSTEM),
        name=st.sampled_from(["shop", "meter"]),
        query=st.just("heat") | lines,
    ),
    st.builds(Source, origin=st.just(Origin.SAID), name=st.sampled_from(["queue-length", "above", "état"])),
)


@st.composite
def watches(draw: st.DrawFn) -> OnThreshold:
    """A watch as it can be said."""
    source, every = draw(sources), draw(st.sampled_from([60, 300]))
    usual = 0 if source.origin is Origin.SAID else thresholdwords.unheard(every)
    absent = draw(st.just(usual) | lengths)
    sides = [Side.ABOVE, Side.BELOW, Side.ABSENT]
    side = Side.BELOW if source.origin is Origin.UP else draw(st.sampled_from(sides))
    limit = 0.5 if source.origin is Origin.UP else draw(limits)
    over = 0 if source.origin is Origin.UP else draw(st.just(0) | lengths)
    if side is Side.ABSENT:
        limit, over, absent = 0.0, 0, draw(lengths)
    rule = Threshold(
        side=side,
        limit=limit,
        clear=draw(st.none() | st.just(limit)),
        hold=draw(st.just(0) | lengths),
        over=over,
        absent=absent,
        cooldown=draw(st.just(0) | lengths),
        severity=draw(st.sampled_from(SEVERITIES)),
    )
    return OnThreshold(id="threshold", source=source, rule=rule, every=every)


triggers = st.one_of(
    st.none(),
    watches(),
    st.builds(
        OnMail,
        id=st.just("mail"),
        sender=words,
        subject=words.filter(lambda text: not text or bool(folded(text))),
        mailbox=words.filter(lambda text: text != "*"),
    ),
    st.builds(
        OnSignal, id=st.just("signal"), name=st.from_regex(r"source=[a-z][a-z0-9_-]{0,9}", fullmatch=True)
    ),
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
    known = [each.name for each in inputs] + sorted(cues.began_with(trigger))
    steps: list[Step] = []
    for number in range(draw(st.integers(1, 4))):
        each = draw(st.sampled_from(["", *known])) if known else ""
        here = [*known, *(["item"] if each else [])]
        reference = st.sampled_from(["", *(f"{{{name}.part}}" for name in here)])
        if draw(st.booleans()):
            steps.append(Step(text=draw(texts) + draw(reference), each=each))
            continue
        fields = draw(st.lists(names, unique=True, max_size=6))
        told = {name: draw(values | reference) for name in fields[:2]}
        save = f"result{number}" if draw(st.booleans()) else ""
        rest = [(name, draw(st.sampled_from(["by_hand", "picked", "auto"]))) for name in fields[2:]]
        by_hand, picked, auto = (
            tuple(name for name, of in rest if of == mode) for mode in ("by_hand", "picked", "auto")
        )
        steps.append(
            Step(
                action=draw(actions),
                arguments=told,
                each=each,
                save=save,
                by_hand=by_hand,
                picked=picked,
                auto=auto,
            )
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


QUEUE = OnThreshold(
    id="threshold",
    source=Source(origin=Origin.SAID, name="queue-length"),
    rule=Threshold(side=Side.ABOVE, limit=100),
    every=60,
)
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
            "whenever a mail from billing@acme.example arrives, do office.note record=A text=x",
            Recipe(trigger=OnMail(id="mail", sender="billing@acme.example"), steps=(NOTE,)),
        ),
        (
            'when an e-mail arrives from "Bob, of Acme" with subject "late, again", do office.note record=A text=x',
            Recipe(trigger=OnMail(id="mail", sender="Bob, of Acme", subject="late, again"), steps=(NOTE,)),
        ),
        (
            "dès qu’un courriel de @acme.example arrive avec pour objet « facture », fais office.note record=A text=x",
            Recipe(
                trigger=OnMail(id="mail", sender="@acme.example", subject="facture"),
                steps=(NOTE,),
            ),
        ),
        (
            "each time mail arrives, do office.note record=A text=x",
            Recipe(trigger=OnMail(id="mail"), steps=(NOTE,)),
        ),
        (
            "whenever queue-length rises above 100, do office.note record=A text=x",
            Recipe(trigger=QUEUE, steps=(NOTE,)),
        ),
        (
            "dès que le nombre queue-length passe au-dessus de 100, fais office.note record=A text=x",
            Recipe(trigger=QUEUE, steps=(NOTE,)),
        ),
        (
            "when disk /var above 90 for 10 minutes clear below 80, do office.note record=A text=x",
            Recipe(
                trigger=OnThreshold(
                    id="threshold",
                    source=Source(origin=Origin.MACHINE, name="disk", query="/var"),
                    rule=Threshold(side=Side.ABOVE, limit=90, clear=80, hold=600, absent=300),
                    every=60,
                ),
                steps=(NOTE,),
            ),
        ),
        (
            "when the webhook crm receives something, do office.note record=A text=x",
            Recipe(trigger=OnSignal(id="signal", name="source=crm"), steps=(NOTE,)),
        ),
        (
            "when load balancer failed, do office.note record=A text=x",
            Recipe(trigger=OnSignal(id="signal", name="load balancer failed"), steps=(NOTE,)),
        ),
        (
            "when mail gateway down arrives, do office.note record=A text=x",
            Recipe(trigger=OnSignal(id="signal", name="mail gateway down"), steps=(NOTE,)),
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
        (
            "do office.note record=A with text asked for as note",
            Recipe(
                steps=(Step(action="office.note", arguments={"record": "A"}, by_hand=("text",), save="note"),)
            ),
        ),
        (
            "fais office.note avec record choisi et text à remplir; puis dis ok",
            Recipe(steps=(Step(action="office.note", picked=("record",), auto=("text",)), Step(text="ok"))),
        ),
        (
            "do office.note record=A text=come with text asked as you like",
            Recipe(
                steps=(
                    Step(
                        action="office.note",
                        arguments={"record": "A", "text": "come with text asked as you like"},
                    ),
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
        ("do office.note record=A with record asked", "record is given twice"),
        ("do office.note with text asked, text picked", "text is given twice"),
        ('do office.note record="A" with text', "I do not understand"),
        ("with mail: when a mail arrives, do office.note record={mail}", "an input cannot be called mail"),
        ("when a mail arrives, do office.note record={watch.value}", "refers to watch"),
        ("when stock above 5, do office.note record={mail.subject}", "refers to mail"),
        ('when a mail arrives from "a" from "b", say x', "sender is given twice"),
        ('when a mail arrives with subject "?!", say x', "name at least one word"),
        ("when disk above 90 clear below 95, say x", "on the good side"),
        ("when disk above 90 whatever, say x", "I do not understand “whatever” in this watch"),
        ("when disk above 90", "write a comma"),
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


def test_what_the_mind_fills_in_or_a_person_picks_is_not_typed_too() -> None:
    (step,) = shaped("do office.note with record picked, text filled in").steps
    assert (step.by_hand, step.picked, step.auto) == ((), ("record",), ("text",))


def test_values_by_name_are_taken_apart_before_anything_is_filled_in() -> None:
    (_, step) = shaped('do office.read record=A as a; do office.fill record=A values="X={a.x}; Y=2"').steps
    assert step.arguments["values"] == {"X": "{a.x}", "Y": "2"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("do office.fly", "no connected system offers"),
        ("do office.note record=A text=x colour=red", "has no field"),
        ("do office.note record=A with text asked, colour picked", "has no field"),
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


def test_what_a_step_does_not_say_itself_comes_from_what_it_names() -> None:
    steps = recipes.read(
        "with who: when a mail arrives, do office.read record={who} as seen; then for each of seen.names,"
        ' do office.note record={item} text="{mail.subject} of {who}"; then do office.fill record=A values="X={who}"'
    ).steps
    assert recipes.filled(steps, "office.note", {"who"}) == {"record": "office.read", "text": "mail"}
    assert recipes.filled(steps, "office.fill", {"who"}) == {}
