"""`bot.instruments` over logs, metrics and traces: one stop-watch per step, and everybody told at its end."""

import time
from collections.abc import Mapping
from contextvars import Token
from types import TracebackType
from typing import Protocol

from adapters.telemetry import ids, outcomes
from adapters.telemetry.outcomes import Ended
from bot.instruments import Step, Under


class Telling(Protocol):
    """Who is told of steps."""

    def began(self, step: Step) -> object:
        """Something of its own about this step, for `ended`."""
        ...

    def ended(self, step: Step, kept: object, how: Ended, seconds: float, noted: Mapping[str, float]) -> None:
        """What was kept at its beginning, and what is known at its end."""
        ...


class Measuring:
    """See `bot.instruments.Instruments`."""

    def __init__(self, *told: Telling) -> None:
        self._told = told

    def over(self, step: Step) -> "_Over":
        return _Over(step, self._told)


class _Over:
    """Around one step."""

    __slots__ = ("_began", "_kept", "_noted", "_step", "_token", "_told")

    def __init__(self, step: Step, told: tuple[Telling, ...]) -> None:
        self._step, self._told = step, told
        self._noted: dict[str, float] = {}
        self._kept: list[object] = []
        self._token: Token[Step] | None = None
        self._began = 0.0

    def note(self, **numbers: float) -> None:
        self._noted.update(numbers)

    def __enter__(self) -> Under:
        self._token = ids.enter(self._step)
        self._kept = [each.began(self._step) for each in self._told]
        self._began = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        seconds, how = time.perf_counter() - self._began, outcomes.of(error)
        # The last that began ends first, as nested things do.
        for each, kept in zip(reversed(self._told), reversed(self._kept), strict=True):
            each.ended(self._step, kept, how, seconds, self._noted)
        if self._token is not None:
            ids.leave(self._token)
