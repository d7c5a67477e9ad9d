"""When a mission wakes, in words. Pure. A cron expression that is no everyday one is shown as it is written."""

import re
from collections.abc import Sequence
from datetime import date, timedelta

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
            return _rule(trigger, tongue)
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


def _rule(rule: Rule, tongue: Tongue) -> str:
    """`every 2 weeks on Friday`, the way our own sentences come to it; any other rule as it is written."""
    text = next(line for line in rule.text.splitlines() if line.startswith("RRULE:")).removeprefix("RRULE:")
    begin = re.search(r"^DTSTART:(\d{8})T", rule.text, re.MULTILINE)
    found = _SPACED.fullmatch(text)
    if found is None or begin is None or len(rule.text.splitlines()) != 2:
        return tongue("by the rule {expression} ({zone})", expression=text, zone=rule.zone)
    time = _times(found["hours"], found["minute"], tongue)
    if found["place"]:
        which = _which("L" if found["place"] == "-1" else f"#{found['place']}", tongue)
        return tongue(
            "on the {which} working day of each month at {time} ({zone})",
            which=which,
            time=time,
            zone=rule.zone,
        )
    count = int(found["interval"])
    if found["days"]:
        names = [_day(_RULE_DAYS.index(day), tongue) for day in found["days"].split(",")]
        said = tongue.many(
            "every week on {days}", "every {n} weeks on {days}", count, days=_listed(names, tongue)
        )
    elif found["day"]:
        day = found["day"]
        said = tongue.many("every month on day {day}", "every {n} months on day {day}", count, day=day)
    else:
        said = tongue.many("every day", "every {n} days", count)
    first = date.fromisoformat(begin[1])
    return tongue(
        "{often} at {time} ({zone}), from {day}",
        often=said,
        time=time,
        zone=rule.zone,
        day=tongue.date(first),
    )


_RULE_DAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
_SPACED = re.compile(
    r"FREQ=(?:DAILY|WEEKLY|MONTHLY);(?:INTERVAL=(?P<interval>\d+)"
    r"(?:;BYDAY=(?P<days>[A-Z]{2}(?:,[A-Z]{2})*)|;BYMONTHDAY=(?P<day>\d+))?"
    r"|BYDAY=MO,TU,WE,TH,FR;BYSETPOS=(?P<place>-1|[1-4]))"
    r";BYHOUR=(?P<hours>\d+(?:,\d+)*);BYMINUTE=(?P<minute>\d+)"
)


def _times(hours: str, minute: str, tongue: Tongue) -> str:
    return _listed([f"{int(hour):02}:{int(minute):02}" for hour in hours.split(",")], tongue)


def _cron(cron: Cron, tongue: Tongue) -> str:
    if monthly := _MONTHLY.fullmatch(cron.expression):
        return _monthly(monthly, cron.zone, tongue)
    if dated := _DATED.fullmatch(cron.expression):
        return _dated(dated, cron.zone, tongue)
    everyday = _EVERYDAY.fullmatch(cron.expression)
    if everyday is None:
        return tongue("by the calendar: {expression} ({zone})", expression=cron.expression, zone=cron.zone)
    minute, hours, days = everyday.groups()
    time = _times(hours, minute, tongue)
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
    r"(?P<minute>[0-9]{1,2}) (?P<hours>[0-9]{1,2}(?:,[0-9]{1,2})*) "
    r"(?:(?P<day>[0-9]{1,2}(?:,[0-9]{1,2})*|L) \* \*|\* \* (?P<weekday>[0-7])(?P<which>#[1-4]|L))"
)


def _monthly(found: re.Match[str], zone: str, tongue: Tongue) -> str:
    time = _times(found["hours"], found["minute"], tongue)
    if found["day"] == "L":
        return tongue("on the last day of each month at {time} ({zone})", time=time, zone=zone)
    if found["day"]:
        day = _listed([str(int(each)) for each in found["day"].split(",")], tongue)
        if max(int(each) for each in found["day"].split(",")) > 28:
            return tongue(
                "on day {day} of each month that has one, at {time} ({zone})", day=day, time=time, zone=zone
            )
        return tongue("on day {day} of each month at {time} ({zone})", day=day, time=time, zone=zone)
    day, which = _day(int(found["weekday"]) % 7, tongue), _which(found["which"], tongue)
    return tongue(
        "on the {which} {day} of each month at {time} ({zone})", which=which, day=day, time=time, zone=zone
    )


_DATED = re.compile(
    r"(?P<minute>[0-9]{1,2}) (?P<hours>[0-9]{1,2}(?:,[0-9]{1,2})*) (?P<day>[0-9]{1,2}) (?P<months>[0-9]{1,2}(?:,[0-9]{1,2})*) \*"
)


def _dated(found: re.Match[str], zone: str, tongue: Tongue) -> str:
    """A day of one or more months, each year."""
    months = [_month(int(month), tongue) for month in found["months"].split(",")]
    return tongue(
        "each year on day {day} of {months}, at {time} ({zone})",
        day=int(found["day"]),
        months=_listed(months, tongue),
        time=_times(found["hours"], found["minute"], tongue),
        zone=zone,
    )


def _month(number: int, tongue: Tongue) -> str:
    names = (
        tongue("January"),
        tongue("February"),
        tongue("March"),
        tongue("April"),
        tongue("May"),
        tongue("June"),
        tongue("July"),
        tongue("August"),
        tongue("September"),
        tongue("October"),
        tongue("November"),
        tongue("December"),
    )
    return names[(number - 1) % 12]


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
