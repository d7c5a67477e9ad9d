"""What is asked: the concepts that are looked for, who is named in it, and what kind of answer it wants. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from memory.recall import terms
from memory.recall.traits import MONTHS

MOST_CONCEPTS = 24
"""Words of a question that are looked for; a pasted page is not a question about each of its words."""

_WHEN = re.compile(
    r"\b(when|how long|how recent|how often|(which|what) (year|month|day|week|date|time)|quand|depuis quand|combien de temps"
    r"|quel(le)? (jour|mois|annee|semaine|date|heure))\b"
)
_NAME = re.compile(
    r"\b(who|whose|where|(which|what) (is|was|are|were )?(the )?(name|title|city|country|state|place|book|movie|song|band|game"
    r"|company|team|tool)|qui|ou|quel(le)?s? (est |sont )?(le |la |les )?(nom|titre|ville|pays|lieu|livre|film|entreprise|outil))\b"
)
_COUNT = re.compile(r"\b(how (many|much|old|long)|combien|quel age)\b")
_REASON = re.compile(r"\b(why|reason|motivat\w*|inspir\w*|pourquoi|raison)\b")
_DAY = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th|er)?(?: of)? (MONTH)\b|\b(MONTH) (\d{1,2})\b".replace(
        "MONTH", "|".join(name for pair in MONTHS for name in pair)
    )
)
_MONTH_OF = {name: number for number, pair in enumerate(MONTHS, 1) for name in pair}


_TOLD = "said|told|suggested|recommended|mentioned|gave|given|wrote|written|listed|provided|proposed|advised|explained|shared"
_TELL = "say|tell|suggest|recommend|mention|give|write|list|provide|propose|advise|explain|share|name|offer|show|describe"
_DIT = "dit|conseille|recommande|propose|suggere|donne|ecrit|cite|liste|explique|montre|parle"
_OF_US = re.compile(
    rf"\b(did you (ever |already |just )?({_TELL})"
    rf"|(have|had) you (ever |already |just )?({_TOLD})|you (had |have |ve |d |just |also )*({_TOLD})"
    rf"|(tu|vous) (m |nous |me |lui )?(as|avais|avez|aviez) (deja |aussi )?({_DIT})\w*"
    rf"|(m |nous )?(as|avais|avez|aviez) (tu|vous) ({_DIT})\w*)\b"
)


_OF_SELF = re.compile(r"\b(i|my|mine|me|we|our|us|je|j|mon|ma|mes|moi|nous|notre|nos)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`concepts` are the words looked for, each by the terms it may stand under. `named` are the speakers it is about. `ours`
    says that it asks for what we said ourselves, `own` that it asks about whoever asks.
    `months` and `day` are dates it names; the rest says what kind of answer it wants."""

    concepts: tuple[tuple[str, ...], ...] = ()
    named: frozenset[str] = frozenset()
    ours: bool = False
    own: bool = False
    when: bool = False
    name: bool = False
    count: bool = False
    reason: bool = False
    months: frozenset[int] = frozenset()
    day: tuple[int, int] | None = None


_JOINS = frozenset({"and", "et", "s"})
"""What may stand between two names that make one subject (`s` is what is left of a possessive)."""


def asked(text: str, speakers: Mapping[str, str]) -> Question:
    """Reads a question. `speakers` are the people heard in what is searched, with their names."""
    plain = terms.fold(" ".join(terms.words(text)))
    spoken = [*terms.words(text)]
    words = [*dict.fromkeys(spoken)]
    called = {
        term: who
        for who, name in speakers.items()
        for word in terms.words(name)
        if len(word) > 1
        for term in terms.stems(word)
    }
    french = terms.french(text)
    common = terms.common(in_french=french)
    telling = [word for word in words if terms.fold(word) not in common]
    named = _subject((word for word in spoken if word in _JOINS or terms.fold(word) not in common), called)
    about = [word for word in telling if not any(term in called for term in terms.stems(word))]
    ours = _OF_US.search(plain)
    asks = {*ours[0].split(), "remind", "rappelle"} if ours else set[str]()
    about = [word for word in about if terms.fold(word) not in asks] or about
    day = _DAY.search(plain)
    return Question(
        concepts=tuple(
            terms.stems(word)[: 2 if french else 1] for word in (about or telling or words)[:MOST_CONCEPTS]
        ),
        # Somebody is singled out only where others are heard too.
        named=named if len(named) < len(speakers) else frozenset(),
        ours=ours is not None,
        own=ours is None and bool(_OF_SELF.search(plain)),
        when=bool(_WHEN.search(plain)),
        name=bool(_NAME.search(plain)),
        count=bool(_COUNT.search(plain)),
        reason=bool(_REASON.search(plain)),
        months=frozenset(number for name, number in _MONTH_OF.items() if re.search(rf"\b{name}\b", plain)),
        day=(_MONTH_OF[day[2] or day[3]], int(day[1] or day[4])) if day else None,
    )


def _subject(words: Iterable[str], called: Mapping[str, str]) -> frozenset[str]:
    """Whom a question is about: the first one named, with those who are joined to them. What Ann told Bob is something
    that Ann said."""
    subject: list[str] = []
    for word in words:
        who = next((called[term] for term in terms.stems(word) if term in called), None)
        if who is not None:
            subject.append(who)
        elif subject and word not in _JOINS:
            break
    return frozenset(subject)
