"""The order of what was found: how well the words fit, and the shape of the conversation around it. Pure.

A line is worth more when the one before asked, when the one named in the question says it, when its sitting speaks of
the matter as a whole, when it has a date and the question asks when. How much each of these is worth was fitted on
conversations set aside for that (`bench/recall`), and not on any name or topic.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.journal import OURSELVES
from memory.recall.question import Question
from memory.recall.shelf import Doc
from memory.recall.traits import Trait
from memory.recall.weights import WEIGHTS, WITH_MEANING

_DECAY = {1: 0.6, -1: 0.5, 2: 0.35, -2: 0.3, 3: 0.2, -3: 0.2}
"""How much of a neighbour's words a line may borrow: +1 is the line before, -1 the one after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A thing with the score of each concept in it (`own`) and in its neighbours of the same sitting (`near`, by distance).
    `alike` is how near its meaning is to the question's, None where that is not known."""

    shelf: int
    doc: Doc
    own: Mapping[int, float]
    near: Mapping[int, tuple[Doc, Mapping[int, float]]]
    alike: float | None = None


def order(question: Question, candidates: Sequence[Candidate]) -> list[tuple[float, Candidate]]:
    """Every candidate with its score, best first; of equals the newer one."""
    weights = WEIGHTS if all(each.alike is None for each in candidates) else WITH_MEANING
    scored = [
        (sum(weights[name] * value for name, value in features.items()), each)
        for each, features in zip(candidates, featured(question, candidates), strict=True)
    ]
    return sorted(scored, key=lambda pair: (-pair[0], -pair[1].doc.at.timestamp(), -pair[1].doc.doc))


def featured(question: Question, candidates: Sequence[Candidate]) -> list[dict[str, float]]:
    """What the order is made of, for each candidate; all within about 0 to 1. What is about meaning is there when some of
    it is known."""
    own = [sum(each.own.values()) for each in candidates]
    top = max(own, default=0.0) or 1.0
    lent = [borrowed(each) for each in candidates]
    widest = max(lent, default=0.0) or 1.0
    sessions = _sessions(candidates, own)
    fullest = max((covered for _, covered in sessions.values()), default=0.0) or 1.0
    voices = {each.doc.who for each in candidates}
    ranks = _ranks([a / top + 0.8 * b / widest for a, b in zip(own, lent, strict=True)])
    meanings = _meanings(candidates)
    return [
        _features(
            question,
            each,
            own=own[n] / top,
            wide=lent[n] / widest,
            session=sessions[_session(each)][0] / top,
            covered=sessions[_session(each)][1] / fullest,
            rank=ranks[n],
            top=top,
            answered=OURSELVES in voices,
        )
        | meanings[n]
        for n, each in enumerate(candidates)
    ]


def _meanings(candidates: Sequence[Candidate]) -> list[dict[str, float]]:
    """How near each means, between the middle one and the nearest: what is far for one question is near for another. What
    has no vector yet is taken for the middle one."""
    known = sorted(each.alike for each in candidates if each.alike is not None)
    if not known:
        return [{} for _ in candidates]
    middle, nearest = known[len(known) // 2], known[-1]
    above = [each.alike - middle if each.alike is not None else 0.0 for each in candidates]
    sittings: dict[tuple[int, int], float] = {}
    for each, value in zip(candidates, above, strict=True):
        sittings[_session(each)] = max(sittings.get(_session(each), -1.0), value)
    return [
        {
            "alike": value / max(nearest - middle, 0.05),
            "alike_session": sittings[_session(each)],
            "alike_most": float(each.alike == nearest),
        }
        for each, value in zip(candidates, above, strict=True)
    ]


def _ranks(values: Sequence[float]) -> list[int]:
    ranks = [0] * len(values)
    for rank, n in enumerate(sorted(range(len(values)), key=lambda each: -values[each])):
        ranks[n] = rank
    return ranks


def _session(candidate: Candidate) -> tuple[int, int]:
    return candidate.shelf, candidate.doc.session


def borrowed(candidate: Candidate) -> float:
    """The best of each concept in the thing or, for less, around it."""
    best = dict(candidate.own)
    for step, (_, scores) in candidate.near.items():
        for concept, score in scores.items():
            best[concept] = max(best.get(concept, 0.0), _DECAY[-step] * score)
    return sum(best.values())


def _sessions(
    candidates: Sequence[Candidate], own: Sequence[float]
) -> dict[tuple[int, int], tuple[float, float]]:
    """For each sitting: its best thing, and how much of the question all of it holds together."""
    best: dict[tuple[int, int], float] = {}
    covered: dict[tuple[int, int], dict[int, float]] = {}
    for each, score in zip(candidates, own, strict=True):
        key = _session(each)
        best[key] = max(best.get(key, 0.0), score)
        seen = covered.setdefault(key, {})
        for concept, value in each.own.items():
            seen[concept] = max(seen.get(concept, 0.0), value)
    return {key: (score, sum(covered[key].values())) for key, score in best.items()}


def _features(
    question: Question,
    each: Candidate,
    *,
    own: float,
    wide: float,
    session: float,
    covered: float,
    rank: int,
    top: float,
    answered: bool,
) -> dict[str, float]:
    doc = each.doc

    def has(trait: Trait) -> float:
        return float(trait in doc.traits)

    def near(step: int) -> float:
        return sum(each.near[step][1].values()) / top if step in each.near else 0.0

    before = each.near.get(-1)
    asked = float(before is not None and Trait.ASKS in before[0].traits)
    named = float(doc.who in question.named)
    when = float(question.when)
    day = (
        question.day is not None
        and doc.at.month == question.day[0]
        and -1 <= doc.at.day - question.day[1] <= 3
    )
    ours = doc.who == OURSELVES
    said = float(answered and ours == question.ours)
    return {
        "own": own,
        "wide": wide,
        "session": session,
        "covered": covered,
        "share": len(each.own) / max(1, len(question.concepts)),
        "deep": math.log1p(rank) / 5,
        "before": near(-1),
        "before2": near(-2),
        "after": near(1),
        "after2": near(2),
        # What we answer is known everywhere; what a person answers is known from them alone.
        "answers": near(-1) * asked * float(not ours or question.ours),
        "named": named,
        "named_self": named * has(Trait.SPEAKS_OF_SELF),
        "date": when * has(Trait.DATES),
        "date_own": when * has(Trait.DATES) * own,
        "month": float(doc.at.month in question.months),
        "day": float(day),
        "asks": has(Trait.ASKS),
        "long_wide": math.log1p(doc.words) / 4 * wide,
        "names": float(question.name) * has(Trait.NAMES),
        "names_more": has(Trait.NAMES_MORE),
        "counts": float(question.count) * has(Trait.COUNTS),
        "reason_wide": float(question.reason) * has(Trait.GIVES_REASON) * wide,
        "opens": float(doc.pos <= 2),
        "rarest": max(each.own.values(), default=0.0) / top * wide,
        "to_you": has(Trait.SPEAKS_TO_OTHER) * wide,
        "said": said,
        "said_self": said * float(question.own) * has(Trait.SPEAKS_OF_SELF),
        # Who asks about the world says nothing of themselves.
        "said_asks": said * float(question.own) * has(Trait.ASKS) * (1 - has(Trait.SPEAKS_OF_SELF)),
    }
