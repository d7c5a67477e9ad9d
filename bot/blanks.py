"""Blanks: the fields that a recipe leaves open, in plain words: what a person is asked for when the run comes to a step,
and what the mind fills in. Pure.
"""

from collections.abc import Mapping, Sequence

from bot.actions import Action
from bot.missions import Step
from bot.procedures import Recipe
from bot.speech import Tongue
from bot.values import Json

Actions = Mapping[str, Action]


def asked(recipe: Recipe, actions: Actions, tongue: Tongue) -> str:
    """What a person types or picks, step by step; "" for nothing."""
    return _by_step(recipe, [_asked(step, actions, tongue) for step in recipe.steps], tongue)


def filled(recipe: Recipe, actions: Actions, tongue: Tongue) -> str:
    """What the mind fills in, step by step; "" for nothing."""
    return _by_step(recipe, [titles(step, step.auto, actions, tongue) for step in recipe.steps], tongue)


def told(recipe: Recipe, owner: str, actions: Actions, tongue: Tongue) -> list[str]:
    """Both, as it is said of a procedure that `owner` answers for."""
    typed, minds = asked(recipe, actions, tongue), filled(recipe, actions, tongue)
    lines = [tongue("{who} is asked for: {what}", who=owner, what=typed)] if typed else []
    if minds:
        lines.append(tongue("I fill in, or without a model {who} does: {what}", who=owner, what=minds))
    return lines


def titles(step: Step, names: Sequence[str], actions: Actions, tongue: Tongue) -> str:
    """These fields of a step as people know them."""
    return ", ".join(_titles(step, names, actions, tongue))


def as_data(recipe: Recipe) -> list[Json]:
    """Each step's action, with the names of its fields by who fills them in."""
    return [
        {
            "action": step.action,
            "asked": list(step.by_hand),
            "picked": list(step.picked),
            "auto": list(step.auto),
        }
        for step in recipe.steps
    ]


def _asked(step: Step, actions: Actions, tongue: Tongue) -> str:
    typed = _titles(step, step.by_hand, actions, tongue)
    picked = [
        tongue("{field} (picked from what there is then)", field=each)
        for each in _titles(step, step.picked, actions, tongue)
    ]
    return ", ".join((*typed, *picked))


def _titles(step: Step, names: Sequence[str], actions: Actions, tongue: Tongue) -> list[str]:
    action = actions.get(step.action)
    known = {field.name: tongue(field.title) for field in action.fields} if action else {}
    return [known.get(name, name) for name in names]


def _by_step(recipe: Recipe, told: Sequence[str], tongue: Tongue) -> str:
    """Which step it is goes without saying where there is but one."""
    if len(recipe.steps) == 1:
        return told[0]
    return "; ".join(
        tongue("step {n}: {what}", n=number, what=each) for number, each in enumerate(told, start=1) if each
    )
