"""What is said at the end of a procedure's run: where it stopped, what was done and what was not, and how it goes on.

Words alone; where a run stands is `steps`' business.
"""

from dataclasses import dataclass

from adapters.minds.builtin.text import quoted
from bot import recipes
from bot.journal import Thought
from bot.mind import Briefing


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A run that stands still at `step`. `state` is what it goes on from, `told` what earlier steps had to say."""

    state: str
    step: int
    why: str
    unknown: bool = False
    told: tuple[str, ...] = ()


def stopped(stop: Stop, briefing: Briefing) -> Thought:
    """The report of a run that did not come to its end. Its state is kept, so that it can go on there."""
    tongue, procedure = briefing.tongue, briefing.procedure
    assert procedure is not None
    parts = recipes.step_parts(procedure.recipe, tongue.lang)
    lines = [
        tongue(
            "Procedure {name}, version {version}, stopped at step {n} of {steps}.",
            name=procedure.name,
            version=procedure.version,
            n=stop.step + 1,
            steps=len(parts),
        ),
        *stop.told,
    ]
    lines += [tongue("done: {step}", step=quoted(each)) for each in parts[: stop.step]]
    here = quoted(parts[stop.step])
    if stop.unknown:
        lines.append(tongue("nobody knows whether it was done: {step} — {why}", step=here, why=stop.why))
    else:
        lines.append(tongue("not done: {step} — {why}", step=here, why=stop.why))
    lines += [tongue("not begun: {step}", step=quoted(each)) for each in parts[stop.step + 1 :]]
    if stop.unknown:
        lines.append(
            tongue(
                "Look there first. If it was done, “continue {name} done” goes on behind it; if it was not,"
                " “continue {name} again” does it.",
                name=procedure.name,
            )
        )
    else:
        lines.append(tongue("“continue {name}” goes on from that step.", name=procedure.name))
    return Thought(text="\n".join(lines), state=stop.state)


def done(briefing: Briefing) -> Thought:
    """The end of a run whose steps had nothing to say."""
    procedure = briefing.procedure
    assert procedure is not None
    words = briefing.tongue(
        "Procedure {name}, version {version}, is done.", name=procedure.name, version=procedure.version
    )
    return Thought(text=words)
