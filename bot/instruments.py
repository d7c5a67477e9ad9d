"""The port to whoever measures: the parts of the path, as they begin and end. Above it: the flow. Below it: logs,
metrics, traces.

It is told what is under way and the ids it is about, never words, arguments or answers. Whatever it does with that,
it changes nothing: a part runs the same, measured or not.
"""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bot.actions import Call
from bot.world import Context


class Part(StrEnum):
    """The parts of the path that are measured."""

    ACCEPT = "accept"
    """An arrival is kept: until its end the platform waits for an answer."""
    TURN = "turn"
    """An event is handled."""
    THINK = "think"
    """A mind is asked."""
    READ = "read"
    """A system is asked for something."""
    PREVIEW = "preview"
    """A system is asked what a deed would do."""
    DEED = "deed"
    LOOK_UP = "look_up"
    """A system is asked what became of a deed."""
    MESSAGE = "message"
    """Words are delivered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One part under way. `of` is one of a few words: a platform, a system, a mind. `kind` is the event's or the
    action's name. The rest are ids, "" where there is none; a turn has the id of the event that began it."""

    part: Part
    of: str = ""
    kind: str = ""
    event: str = ""
    turn: str = ""
    mission: str = ""
    effect: str = ""
    person: str = ""
    place: str = ""


def call_step(part: Part, call: Call, context: Context) -> Step:
    """The step of a call to a system."""
    return Step(
        part=part,
        of=call.action.partition(".")[0],
        kind=call.action,
        turn=context.turn,
        mission=context.mission,
        effect=context.key,
        person=context.person.id if context.person else "",
        place=context.place.key,
    )


class Under(Protocol):
    """A step under way."""

    def note(self, **numbers: float) -> None:
        """Numbers that are known only now: `tokens_in`, `late` (seconds), and the like."""
        ...


class Instruments(Protocol):
    """What measures."""

    def over(self, step: Step) -> AbstractContextManager[Under]:
        """Around the step. What the step raises is how it ended, and passes through."""
        ...


class _Nothing:
    def note(self, **numbers: float) -> None:
        return


_NOTHING = nullcontext[Under](_Nothing())


class NoInstruments:
    """Nobody measures."""

    def over(self, step: Step) -> AbstractContextManager[Under]:
        return _NOTHING
