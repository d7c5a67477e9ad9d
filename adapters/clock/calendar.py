"""Cron expressions on a naive wall clock, by cronsim, and recurrence rules beside them. What daylight saving does
to a wall time is `bot.triggers`' business: cronsim leaves naive times alone.
"""

from collections.abc import Iterator
from datetime import datetime

from cronsim import CronSim, CronSimError

from adapters.clock import rules
from bot.errors import BadInput

_FIELDS = 5
_LONGEST = 200


class CronCalendar:
    """The five classic fields: minute, hour, day of month, month, day of week.

    Names (`MON`, `JAN`), lists, ranges, steps, `L` (last day, `5L` last Friday), `LW` and `2#1` (first
    Tuesday) are understood; 0 and 7 are both Sunday. As in Debian's cron, a day has to match both day
    fields when one of them starts with a star, and either of them otherwise.
    """

    def walls(self, expression: str, after: datetime) -> Iterator[datetime]:
        """Matching wall times later than `after`, in order. It ends when fifty years hold none.

        Raises BadInput for an expression it cannot read, at once and not at the first step.
        """
        if len(expression) > _LONGEST or len(expression.split()) != _FIELDS:
            raise BadInput(
                "{text} is not five cron fields, such as 0 9 * * 1-5", text=repr(expression[:_LONGEST])
            )
        try:
            return iter(CronSim(expression, after.replace(tzinfo=None)))
        except CronSimError as error:
            raise BadInput(
                "{text} cannot be read as a schedule: {why}", text=repr(expression), why=error
            ) from error

    def occurrences(self, rule: str, after: datetime) -> Iterator[datetime]:
        """Wall times of a recurrence rule later than `after`, in order, to its end."""
        return rules.occurrences(rule, after.replace(tzinfo=None))

    def written(self, rule: str, *, zone: str, now: datetime) -> str:
        """A rule as people hand it in, in the form that is kept. Raises BadInput."""
        return rules.written(rule, zone=zone, now=now)
