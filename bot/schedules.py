"""When a mission wakes, in words. Pure. A cron expression that is no everyday one is shown as it is written."""

import re
from datetime import timedelta

from bot import thresholdwords
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
        case Rule():
            rule = next(line for line in trigger.text.splitlines() if line.startswith("RRULE:"))
            return tongue(
                "by the rule {expression} ({zone})", expression=rule.removeprefix("RRULE:"), zone=trigger.zone
            )
        case OnSignal():
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
