"""What begins a procedure: how it is written down, in English and French, and what a run knows of it. Pure.

`when signal "stock_low" arrives,` · `when webhook crm arrives,` · `when a mail arrives from "bob@example.com",` · `when
disk above 90 for 10 minutes,` · `when office.send is done,` · `when I say "ring",`. What `written` wrote, `read` gives
back, in either language; and it takes what people type more freely.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot import mailwords, thresholdwords, watchscript
from bot.errors import BadInput
from bot.events import Signal
from bot.missions import Cue, OnDeed, OnMail, OnSaying, OnSignal, OnThreshold
from bot.quotations import MOST_TOLD, SPACE, in_quotes, quoted
from bot.thresholds import Origin
from bot.values import Json, as_list, as_object, is_mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """The fixed words of one language. They are part of the recipe, so no translation may change them."""

    signal: str
    hook: str
    mail: str
    sender: str
    subject: str
    mailbox: str
    watch: str
    phrase: str
    deed: str


_ENGLISH = _Words(
    signal="when signal {} arrives",
    hook="when webhook {} arrives",
    mail="when a mail arrives",
    sender="from",
    subject="with subject",
    mailbox="in",
    watch="when {}",
    phrase="when I say {}",
    deed="when {} is done",
)
_FRENCH = _Words(
    signal="quand le signal {} arrive",
    hook="quand le webhook {} arrive",
    mail="quand un mail arrive",
    sender="de",
    subject="avec pour objet",
    mailbox="dans",
    watch="quand {}",
    phrase="quand je dis {}",
    deed="quand {} est fait",
)

_HOOK = re.compile(r"source=(?P<name>[a-z][a-z0-9_-]{0,39})", re.ASCII)
"""A signal of one hook, whatever else its sender says: `source` is ours."""


# Writing ----------------------------------------------------------------------------------------------------


def written(cue: Cue, lang: str) -> str:
    """The clause that says it, comma included."""
    return f"{_written(cue, lang)},"


def _written(cue: Cue, lang: str) -> str:
    words = _FRENCH if lang == "fr" else _ENGLISH
    match cue:
        case OnSignal(name=name):
            webhook = hook(cue)
            return words.hook.format(webhook) if webhook else words.signal.format(in_quotes(name))
        case OnMail():
            parts = (
                (words.sender, cue.sender),
                (words.subject, cue.subject),
                (words.mailbox, cue.mailbox),
            )
            return " ".join([words.mail, *(f"{word} {in_quotes(said)}" for word, said in parts if said)])
        case OnThreshold():
            return words.watch.format(watchscript.written(cue, lang))
        case OnSaying(words=said):
            return words.phrase.format(in_quotes(said))
        case OnDeed(action=action):
            return words.deed.format(action)


def hook(cue: OnSignal) -> str:
    """The name of the hook at whose address it waits, "" for a signal from anywhere."""
    found = _HOOK.fullmatch(cue.name)
    return found["name"] if found else ""


# Reading ----------------------------------------------------------------------------------------------------

_ARRIVES = r"(?:arrives?|comes?\s+in|is\s+received|is\s+called|receives\s+something|happens|lands|arrivent|survient|est\s+re[çc]ue?|est\s+appelé|re[çc]oit\s+quelque\s+chose)"
_RULES = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "when": r"(?:(?:whenever|when|as\s+soon\s+as|(?:every|each)\s+time|quand|lorsque|d[eè]s\s+que|chaque\s+fois\s+que)\s+"
        r"|(?:lorsqu|d[eè]s\s+qu|chaque\s+fois\s+qu)['’]\s*)",
        "phrase": r"(?:I\s+say|je\s+dis)\s+",
        "deed": r"(?P<action>[a-z][a-z0-9_]*\.\w+)\s+(?:is\s+done|est\s+fait)\s*,",
        "hook": r"(?:(?:the|a|le|un)\s+)?(?:web-?)?hook\s+[«“\"]?\s*(?P<name>[a-z][a-z0-9_-]{0,39})\s*[”»\"]?"
        rf"(?:\s+{_ARRIVES})?\s*,",
        "named": r"(?:(?:the|a|le|un)\s+)?signal\s+",
        "article": r"(?:the|a|le|un)\s+",
        "arrives": rf"\s*{_ARRIVES}?\s*,",
        "mail": rf"(?:an?\s+|any\s+|un\s+|une\s+)?(?:new\s+|nouveau\s+|nouvel\s+)?(?:e-?mail|mail|courriel)(?:\s+{_ARRIVES})?(?=[\s,])",
        "subject": r"(?:with\s+(?:the\s+)?subject|avec\s+pour\s+objet|avec\s+l['’]objet)\s*",
        "sender": r"(?:from|de\s+la\s+part\s+de|de)\s*",
        "mailbox": r"(?:in|to|dans|à)\s*",
        "then": rf"{_ARRIVES}(?=[\s,])",
        "comma": r"\s*,",
        "number": r"(?:(?:the|le)\s+)?(?P<name>[^\W\d_][\w-]{0,39})\s",
        "clause": r"(?P<words>(?:\"[^\"]*\"|“[^”]*”|«[^»]*»|[^,;\"“«])+?)\s*,",
    }.items()
}


def read(text: str, at: int) -> tuple[Cue, int] | None:
    """What begins it, as it stands here, and where that ends; None where nothing does. Raises BadInput for what is
    begun and makes no sense."""
    reader = _Reader(text, at)
    if reader.take("when") is None:
        return None
    cue = reader.cue()
    return cue, reader.at


class _Reader:
    """Goes through the clause once, from left to right."""

    def __init__(self, text: str, at: int) -> None:
        self._text, self.at = text, at

    def cue(self) -> Cue:
        if self.take("phrase"):
            return OnSaying(id="saying", words=self._named())
        if found := self.take("deed"):
            return OnDeed(id="deed", action=found["action"].lower())
        if found := self.take("hook"):
            return OnSignal(id="signal", name=f"source={found['name'].lower()}")
        if self.take("named"):
            return OnSignal(id="signal", name=self._named())
        if (other := self._mail() or self._watch()) is not None:
            return other
        self.take("article")
        return OnSignal(id="signal", name=self._named())

    def _named(self) -> str:
        """What stands in quotation marks, or the words up to the first comma."""
        said = self._quoted()
        if said is not None:
            if self.take("arrives") is None:
                raise self._no_comma()
            return said
        ending = _RULES["arrives"].pattern
        found = re.compile(rf"(?P<words>[^,;]+?){ending}", re.IGNORECASE).match(self._text, self.at)
        if found is None:
            raise self._no_comma()
        self.at = found.end()
        return found["words"].strip(SPACE)

    def _mail(self) -> OnMail | None:
        """A mail: its parts, each in quotation marks, or the words of it up to the first comma."""
        begin = self.at
        if self.take("mail") is None:
            return None
        found: dict[str, str] = {}
        while (part := self._part()) is not None:
            name, said = part
            if name in found:
                raise BadInput("{name} is given twice", name=name)
            found[name] = said
        if self.take("comma"):
            return mailwords.awaited(*(found.get(name, "") for name in ("sender", "subject", "mailbox")))
        self.at = begin
        return self._free_mail()

    def _part(self) -> tuple[str, str] | None:
        self.take("then")
        begin = self.at
        for name in ("subject", "sender", "mailbox"):
            if self.take(name) and (said := self._quoted()) is not None:
                self.take("then")
                return name, said
            self.at = begin
        return None

    def _free_mail(self) -> OnMail | None:
        begin, clause = self.at, self.take("clause")
        told = mailwords.mail(clause["words"]) if clause is not None else None
        if told is None:
            self.at = begin
            return None
        return mailwords.awaited(
            *(str(told.get(name) or "") for name in ("mail_from", "mail_subject", "mailbox"))
        )

    def _watch(self) -> OnThreshold | None:
        """A number that crosses its threshold. One with a name alone is one that people say."""
        rest, named = self._text[self.at :], _RULES["number"].match(self._text, self.at)
        found = thresholdwords.begins(rest)
        if found is None and named is not None:
            head = "number "
            found = thresholdwords.begins(head + self._text[named.start("name") :])
            found = found and (found[0], found[1] - len(head) + named.start("name") - self.at)
        if found is None:
            return None
        told, end = found
        if not rest[:end].rstrip().endswith(","):
            raise self._no_comma()
        self.at += end
        self._skip()
        return OnThreshold(id="threshold", source=told.source, rule=told.rule, every=told.every)

    def take(self, rule: str) -> re.Match[str] | None:
        """Moves past what the rule describes, and the space around it, when it stands here."""
        self._skip()
        found = _RULES[rule].match(self._text, self.at)
        if found is not None:
            self.at = found.end()
            self._skip()
        return found

    def _quoted(self) -> str | None:
        found = quoted(self._text, self.at)
        if found is None:
            return None
        self.at = found[1]
        self._skip()
        return found[0]

    def _skip(self) -> None:
        while self._text[self.at : self.at + 1] in set(SPACE):
            self.at += 1

    def _no_comma(self) -> BadInput:
        text = self._text[self.at : self.at + MOST_TOLD]
        return BadInput("write a comma behind what it waits for: {text}", text=text)


# What a run knows of it -------------------------------------------------------------------------------------


NAMES = frozenset({"signal", "mail", "watch", "deed"})
"""Every name of what begins a run."""


def began_with(cue: Cue | None) -> frozenset[str]:
    """The names of what a run of it is told."""
    match cue:
        case OnSignal():
            return frozenset({"signal"})
        case OnMail():
            return frozenset({"signal", "mail"})
        case OnThreshold():
            return frozenset({"signal", "watch"})
        case OnDeed():
            return frozenset({"deed"})
        case OnSaying() | None:
            return frozenset()


def told(cue: Cue | None, signal: Signal) -> dict[str, Json]:
    """What a signal brings, by those names. All of it is its sender's word."""
    found: dict[str, Json] = {
        "signal": {
            "source": signal.source,
            "name": signal.name,
            "summary": signal.summary,
            "body": signal.body,
        }
    }
    match cue:
        case OnMail():
            found["mail"] = _of_mail(signal)
        case OnThreshold():
            found["watch"] = of_watch(
                cue,
                value=_part(signal.body, "number"),
                judged=_part(signal.body, "judged"),
                name=signal.name,
                state=str(signal.condition or ""),
                at=_part(signal.body, "at"),
            )
        case _:
            pass
    return found


def _of_mail(signal: Signal) -> Mapping[str, Json]:
    labels = signal.labels
    files = as_list(_part(signal.body, "attachments") or [])
    return {
        "sender": labels.get("sender", ""),
        "address": labels.get("from", ""),
        "subject": signal.name,
        "text": _part(signal.body, "text") or "",
        "date": _part(signal.body, "date") or "",
        "mailbox": labels.get("mailbox", ""),
        "attachments": [str(as_object(each).get("name", "")) for each in files],
    }


def of_watch(
    cue: OnThreshold, *, value: Json, judged: Json, name: str, state: str, at: Json
) -> Mapping[str, Json]:
    """A number beyond its threshold. `judged` is what the threshold was held against: the number, or its change."""
    source = cue.source
    return {
        "value": _whole(value),
        "judged": _whole(judged),
        "name": source.name if source.origin is Origin.SAID else name,
        "state": state,
        "severity": cue.rule.severity,
        "limit": _whole(cue.rule.limit),
        "at": at,
    }


def _whole(value: Json) -> Json:
    """A number as people write it: 101, and not 101.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _part(body: Json, name: str) -> Json:
    return body.get(name) if is_mapping(body) else None
