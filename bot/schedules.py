"""When a mission wakes, in words. Pure. A cron expression that is no everyday one is shown as it is written."""

import re
from datetime import timedelta

from bot.missions import Cron, Every, Once, OnSignal, Trigger
from bot.speech import Tongue

_EVERYDAY = re.compile(r"([0-9]{1,2}) ([0-9]{1,2}) \* \* (\*|1-5|[0-7])")


def in_words(trigger: Trigger, tongue: Tongue) -> str:
    """One trigger as a person would say it."""
    match trigger:
        case Cron():
            return _cron(trigger, tongue)
        case Every():
            return _every(timedelta(seconds=trigger.seconds), tongue)
        case Once():
            return tongue("once, {when}", when=tongue.moment(trigger.at, trigger.zone))
        case OnSignal():
            return tongue("when {signal} arrives", signal=trigger.name)


def _cron(cron: Cron, tongue: Tongue) -> str:
    everyday = _EVERYDAY.fullmatch(cron.expression)
    if everyday is None:
        return tongue("by the calendar: {expression} ({zone})", expression=cron.expression, zone=cron.zone)
    minute, hour, days = everyday.groups()
    time = f"{int(hour):02}:{int(minute):02}"
    if days == "*":
        return tongue("every day at {time} ({zone})", time=time, zone=cron.zone)
    if days == "1-5":
        return tongue("every weekday at {time} ({zone})", time=time, zone=cron.zone)
    return tongue(
        "every {day} at {time} ({zone})", day=_day(int(days) % 7, tongue), time=time, zone=cron.zone
    )


def _day(number: int, tongue: Tongue) -> str:
    """A day of the week by cron's number: 0 is Sunday."""
    names = (
        tongue("Sunday"),
        tongue("Monday"),
        tongue("Tuesday"),
        tongue("Wednesday"),
        tongue("Thursday"),
        tongue("Friday"),
        tongue("Saturday"),
    )
    return names[number]


def _every(period: timedelta, tongue: Tongue) -> str:
    seconds = int(period.total_seconds())
    if seconds % 86_400 == 0:
        return tongue.many("every day", "every {n} days", seconds // 86_400)
    if seconds % 3_600 == 0:
        return tongue.many("every hour", "every {n} hours", seconds // 3_600)
    if seconds % 60 == 0:
        return tongue.many("every minute", "every {n} minutes", seconds // 60)
    return tongue.many("every second", "every {n} seconds", seconds)
