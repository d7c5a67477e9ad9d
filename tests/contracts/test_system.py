"""What every connected system promises (`bot.world.System`). A new system joins by one more Sample."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.speech.languages import tongues
from bot import forms
from bot.actions import Action, Call, Kind, Mode, Receipt, Reversal, Risk
from bot.errors import BadInput, Refused, Unknowable
from bot.places import Place
from bot.values import Json, canonical
from bot.world import Context, System
from tests.contracts.systems import SAMPLES
from tests.contracts.systems.sample import NOW, Recovery, Sample


@pytest.fixture(params=SAMPLES)
def sample(request: pytest.FixtureRequest) -> Sample:
    return SAMPLES[request.param]


@pytest.fixture
def system(sample: Sample, tmp_path: Path) -> System:
    return sample.make(tmp_path)


def context(key: str = "eff_1") -> Context:
    return Context(
        key=key,
        space="home",
        place=Place(platform="web", channel="c1"),
        person=None,
        zone="Europe/Paris",
        now=NOW,
        tongue=tongues()("en"),
    )


def call_of(system: System, action: Action, arguments: Mapping[str, Json]) -> Call:
    return Call(
        action=action.name,
        fingerprint=action.fingerprint,
        account=system.account(),
        arguments=action.read(arguments),
    )


def calls(system: System, sample: Sample, *, writes: bool) -> list[tuple[Action, Call]]:
    return [
        (action, call_of(system, action, sample.deeds[action.name]))
        for action in system.actions()
        if (action.risk > Risk.R0) is writes
    ]


def named(system: System, name: str) -> Action:
    return next(action for action in system.actions() if action.name == name)


def test_every_action_has_a_sample(system: System, sample: Sample) -> None:
    assert {action.name for action in system.actions()} == set(sample.deeds)


def test_names_are_unique_and_begin_with_the_systems(system: System) -> None:
    names = [action.name for action in system.actions()]
    assert len(set(names)) == len(names)
    assert {action.system for action in system.actions()} == {system.name} == {system.account().system}
    for action in system.actions():
        fields = [field.name for field in action.fields]
        assert len(set(fields)) == len(fields)


def test_actions_and_fields_say_what_they_are(system: System) -> None:
    for action in system.actions():
        assert action.title
        assert action.help
        assert all(field.title for field in action.fields)
        assert all(field.choices for field in action.fields if field.kind is Kind.CHOICE)


def test_fingerprints_tell_actions_apart_and_stay_the_same(sample: Sample, tmp_path: Path) -> None:
    once, again = (
        {action.name: action.fingerprint for action in sample.make(tmp_path / side).actions()}
        for side in ("a", "b")
    )
    assert once == again
    assert len(set(once.values())) == len(once)


def test_what_a_form_shows_reads_back_as_the_same_value(system: System, sample: Sample) -> None:
    for action in system.actions():
        arguments = action.read(sample.deeds[action.name])
        typed = {name: forms.typed(value) for name, value in arguments.items()}
        assert canonical(action.read(typed)) == canonical(arguments)
        assert canonical(action.read(arguments)) == canonical(arguments)


async def test_reads_change_nothing(system: System, sample: Sample) -> None:
    before = sample.state(system)
    for _, call in calls(system, sample, writes=False):
        receipt = await system.run(call, context())
        assert receipt.text
        assert receipt.undo is None
        canonical(receipt.data)
    assert sample.state(system) == before


async def test_a_preview_changes_nothing_and_says_the_same_again(system: System, sample: Sample) -> None:
    before = sample.state(system)
    for _, call in calls(system, sample, writes=True):
        preview = await system.preview(call, context())
        assert preview.version
        assert await system.preview(call, context("eff_2")) == preview
    assert sample.state(system) == before


async def test_a_deed_is_done_as_its_preview_said(sample: Sample, tmp_path: Path) -> None:
    for number, name in enumerate(sample.deeds):
        system = sample.make(tmp_path / str(number))
        action = named(system, name)
        if action.risk is Risk.R0:
            continue
        call, before = call_of(system, action, sample.deeds[name]), sample.state(system)
        preview = await system.preview(call, context())
        receipt = await system.run(call, context())
        assert receipt.changes == preview.changes
        assert receipt.text
        assert sample.state(system) != before, name


async def test_a_deed_done_twice_under_one_key_is_done_once(sample: Sample, tmp_path: Path) -> None:
    for number, name in enumerate(sample.deeds):
        system = sample.make(tmp_path / str(number))
        action = named(system, name)
        if action.risk is Risk.R0:
            continue
        call = call_of(system, action, sample.deeds[name])
        first = await system.run(call, context())
        once = sample.state(system)
        assert replace(await system.run(call, context()), repeated=False) == first
        assert sample.state(system) == once, name


async def test_a_deed_asked_for_at_the_same_time_under_one_key_is_done_once(
    system: System, sample: Sample, tmp_path: Path
) -> None:
    other = sample.make(tmp_path)
    for action, call in calls(system, sample, writes=True)[:3]:
        at = context(action.name)
        sides = (system, other) if sample.recovery(action.name) is Recovery.WHOLE else (system, system)
        receipts = await asyncio.gather(*(side.run(call, at) for side in sides * 4))
        assert {replace(receipt, repeated=False).text for receipt in receipts} == {receipts[0].text}
        after = sample.state(system)
        await system.run(call, at)
        assert sample.state(system) == after


async def test_a_look_up_finds_what_was_done_and_nothing_else(sample: Sample, tmp_path: Path) -> None:
    """In another process, too: what was done is known over there, or it is not known."""
    for number, name in enumerate(sample.deeds):
        folder = tmp_path / str(number)
        system, recovery = sample.make(folder), sample.recovery(name)
        action = named(system, name)
        if action.risk is Risk.R0:
            continue
        call = call_of(system, action, sample.deeds[name])
        assert await found(system, call, recovery) is None
        receipt = await system.run(call, context())
        for side in (system, sample.make(folder)):
            again = await found(side, call, recovery)
            if recovery is Recovery.WHOLE:
                assert again is not None
                assert replace(again, repeated=False) == receipt
            elif recovery in (Recovery.OBJECT, Recovery.STATE):
                assert again is not None
                assert (again.id, again.link) == (receipt.id, receipt.link)
                assert again.text
            if recovery is not Recovery.STATE:
                assert await found(side, call, recovery, "eff_other") is None


async def found(system: System, call: Call, recovery: Recovery, key: str = "eff_1") -> Receipt | None:
    """What a look-up finds; where nobody can know, it must say so, unless this process did it itself."""
    if recovery is not Recovery.NOTHING:
        return await system.look_up(call, context(key))
    try:
        known = await system.look_up(call, context(key))
    except Unknowable:
        return None
    assert known is not None, "nothing certain is known"
    return known


async def test_an_undo_returns_things_to_what_they_were(sample: Sample, tmp_path: Path) -> None:
    for number, name in enumerate(sample.deeds):
        system = sample.make(tmp_path / str(number))
        action = named(system, name)
        call, before = call_of(system, action, sample.deeds[name]), sample.state(system)
        receipt = await system.run(call, context())
        if receipt.undo is None:
            assert action.reversal is not Reversal.REVERSIBLE or action.risk is Risk.R0, name
            continue
        assert action.reversal is not Reversal.IRREVERSIBLE
        back = call_of(system, named(system, receipt.undo.action), receipt.undo.arguments)
        await system.run(back, context("eff_undo"))
        assert sample.state(system) == before, name


async def test_a_target_that_is_not_there_is_bad_input(system: System, sample: Sample) -> None:
    before = sample.state(system)
    for name, arguments in sample.unknown.items():
        call = call_of(system, named(system, name), arguments)
        with pytest.raises(BadInput) as refusal:
            await system.preview(call, context())
        assert refusal.value.field in arguments
        with pytest.raises(Refused):
            await system.run(call, context())
    assert sample.state(system) == before


async def test_the_version_changes_with_the_target(system: System, sample: Sample) -> None:
    for action, call in calls(system, sample, writes=True):
        if action.reversal is Reversal.IRREVERSIBLE:
            continue
        before = await system.preview(call, context())
        receipt = await system.run(call, context(action.name))
        if receipt.undo is None:
            continue
        back = call_of(system, named(system, receipt.undo.action), receipt.undo.arguments)
        after = await system.preview(back, context())
        assert after.version != before.version, action.name
        await system.run(back, context(f"{action.name} back"))


async def test_selectors_offer_what_the_action_can_use(system: System) -> None:
    for action in system.actions():
        for field in action.fields:
            if field.kind is Kind.OBJECT or field.mode is Mode.SELECTOR:
                options = await system.options(action, field.name, "", context())
                assert options, f"{action.name} {field.name}"
                assert all(option.label for option in options)
                assert [field.read(option.value) for option in options] == [o.value for o in options]


async def test_it_says_whether_it_is_well(system: System) -> None:
    health = await system.check()
    assert health.well
    assert health.text
