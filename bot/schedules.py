"""When a mission wakes, in words. Pure. A cron expression that is no everyday one is shown as it is written."""

import re
from collections.abc import Sequence
from datetime import timedelta

from bot import cues, thresholdwords
from bot.missions import (
    Cron,
    Every,
    Missed,
    Once,
    OnDeed,
    OnMail,
    OnPhrase,
    OnSaying,
    OnSignal,
    OnThreshold,
    Rule,
    Timing,
    Trigger,
)
from bot.periods import in_period, period
from bot.speech import Tongue

_EVERYDAY = re.compile(r"([0-9]{1,2}) ([0-9]{1,2}(?:,[0-9]{1,2})*) \* \* (\*|1-5|[0-7](?:,[0-7])*)")


def in_words(trigger: Trigger, tongue: Tongue) -> str:
    """One trigger as a person would say it."""
    match trigger:
        case Cron():
            return _cron(trigger, tongue)
        case Every():
            return _every(timedelta(seconds=trigger.seconds), tongue)
        case Once():
            return tongue("once, {when}", when=tongue.moment(trigger.at, trigger.zone))
        case Rule():
            rule = next(line for line in trigger.text.splitlines() if line.startswith("RRULE:"))
            return tongue(
                "by the rule {expression} ({zone})", expression=rule.removeprefix("RRULE:"), zone=trigger.zone
            )
        case OnSignal():
            webhook = cues.hook(trigger)
            if webhook:
                return tongue("when the webhook {name} is called", name=webhook)
            return tongue("when {signal} arrives", signal=trigger.name)
        case OnMail():
            return _mail(trigger, tongue)
        case OnPhrase():
            return tongue(
                "when somebody mentions “{words}”, at most once in {period}",
                words=trigger.words,
                period=in_period(trigger.cooldown, tongue),
            )
        case OnThreshold():
            return thresholdwords.in_words(trigger.source, trigger.rule, trigger.every, tongue)
        case OnDeed():
            return tongue("when {action} is done", action=trigger.action)
        case OnSaying():
            return tongue("when somebody says “{words}”", words=trigger.words)


def _mail(mail: OnMail, tongue: Tongue) -> str:
    parts = [tongue("when an e-mail arrives")]
    if mail.sender:
        parts.append(tongue("from {sender}", sender=mail.sender))
    if mail.subject:
        parts.append(tongue("with “{words}” in its subject", words=mail.subject))
    if mail.mailbox:
        parts.append(tongue("in {mailbox}", mailbox=mail.mailbox))
    return " ".join(parts)


def policy(timing: Timing, tongue: Tongue) -> str:
    """What becomes of missed times, and how late is late."""
    match timing.missed:
        case Missed.COALESCE:
            said = tongue("one late run stands for all")
        case Missed.SKIP:
            said = tongue("they are skipped")
        case Missed.CATCH_UP:
            said = tongue("the last {n} are made up for", n=timing.most)
    grace = tongue("late after {period}", period=period(timedelta(seconds=timing.grace), tongue))
    spread = [
        tongue("shifted by less than {period}", period=period(timedelta(seconds=timing.spread), tongue))
    ]
    return " · ".join([said, grace, *(spread if timing.spread else [])])


def daylight(tongue: Tongue) -> str:
    """What a clock change does to a time of day."""
    return tongue("a skipped hour: the next minute there is; a doubled hour: once")


def _cron(cron: Cron, tongue: Tongue) -> str:
    if monthly := _MONTHLY.fullmatch(cron.expression):
        return _monthly(monthly, cron.zone, tongue)
    everyday = _EVERYDAY.fullmatch(cron.expression)
    if everyday is None:
        return tongue("by the calendar: {expression} ({zone})", expression=cron.expression, zone=cron.zone)
    minute, hours, days = everyday.groups()
    time = _listed([f"{int(hour):02}:{int(minute):02}" for hour in hours.split(",")], tongue)
    if days == "*":
        return tongue("every day at {time} ({zone})", time=time, zone=cron.zone)
    if days == "1-5":
        return tongue("every weekday at {time} ({zone})", time=time, zone=cron.zone)
    # A week begins on Monday, whatever number cron gives to Sunday.
    numbers = sorted({int(day) % 7 for day in days.split(",")}, key=lambda day: (day - 1) % 7)
    names = [_day(number, tongue) for number in numbers]
    if len(names) > 1:
        return tongue(
            "each {days} at {time} ({zone})", days=_listed(names, tongue), time=time, zone=cron.zone
        )
    return tongue("every {day} at {time} ({zone})", day=names[0], time=time, zone=cron.zone)


def _listed(words: Sequence[str], tongue: Tongue) -> str:
    """`Monday, Tuesday and Friday`."""
    *others, last = words
    return tongue("{these} and {that}", these=tongue(", ").join(others), that=last) if others else last


_MONTHLY = re.compile(
    r"(?P<minute>[0-9]{1,2}) (?P<hour>[0-9]{1,2}) "
    r"(?:(?P<day>[0-9]{1,2}|L) \* \*|\* \* (?P<weekday>[0-7])(?P<which>#[1-4]|L))"
)


def _monthly(found: re.Match[str], zone: str, tongue: Tongue) -> str:
    time = f"{int(found['hour']):02}:{int(found['minute']):02}"
    if found["day"] == "L":
        return tongue("on the last day of each month at {time} ({zone})", time=time, zone=zone)
    if found["day"]:
        day = int(found["day"])
        return tongue("on day {day} of each month at {time} ({zone})", day=day, time=time, zone=zone)
    day, which = _day(int(found["weekday"]) % 7, tongue), _which(found["which"], tongue)
    return tongue(
        "on the {which} {day} of each month at {time} ({zone})", which=which, day=day, time=time, zone=zone
    )


def _which(mark: str, tongue: Tongue) -> str:
    names = {
        "#1": tongue("first"),
        "#2": tongue("second"),
        "#3": tongue("third"),
        "#4": tongue("fourth"),
        "L": tongue("last"),
    }
    return names[mark]


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
