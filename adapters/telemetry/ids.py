"""The ids of the step under way, for every log line that is written during it. Each task has its own."""

from contextvars import ContextVar, Token

from bot.instruments import Part, Step

_NOTHING = Step(part=Part.TURN)
_under_way: ContextVar[Step] = ContextVar("vigie_step", default=_NOTHING)

NAMES = ("event", "turn", "mission", "effect", "person", "place")


def of(step: Step) -> dict[str, str]:
    """The ids that the step has."""
    return {name: value for name in NAMES if (value := getattr(step, name))}


def enter(step: Step) -> Token[Step]:
    """From now on, until `leave`."""
    return _under_way.set(step)


def leave(token: Token[Step]) -> None:
    _under_way.reset(token)


def now() -> dict[str, str]:
    """Those of the innermost step of this task."""
    return of(_under_way.get())
