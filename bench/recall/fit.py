"""Fits what each feature of a candidate is worth on a set of annotated conversations, and writes `memory/recall/weights.py`.

    python -m bench.recall.fit BENCH DATA [--write]     BENCH: the scorer's file, bench_recall.py; DATA: its conversations

A softmax over the candidates of each question is to put its weight on the annotated evidence; the weights are held small.
Prints recall on what it was fitted on, and beside it recall on conversations that were left out in turn.
"""

import argparse
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import numpy.typing as npt

from bench.recall.plug import lines_of
from memory.recall import search
from memory.recall.question import asked
from memory.recall.rank import featured
from memory.twin.recall import BuiltShelf

WEIGHTS = Path(__file__).parents[2] / "memory/recall/weights.py"
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One question: its conversation, the features of its candidates, and which of them are evidence (of how many)."""

    conversation: str
    features: Floats
    gold: Floats
    evidence: int


def cases(bench: ModuleType, data: str) -> tuple[list[str], list[Case]]:
    """Every question that has evidence, by the very code that ranks."""
    names: list[str] = []
    found: list[Case] = []
    for name, turns, questions in bench.load(data):
        said = lines_of(turns)
        shelf = BuiltShelf([(line.ref, line.text, line.who, line.at) for line in said], alone=False)
        speakers = {f"per_{turn['speaker']}": turn["speaker"] for turn in turns}
        for each in questions:
            if each["category"] == "adversarial":
                continue
            question = asked(each["question"], speakers)
            candidates = search.candidates(question, [shelf])
            rows = featured(question, candidates)
            if not rows:
                continue
            names = names or [*rows[0]]
            gold = np.array([float(c.doc.ref in each["gold"]) for c in candidates])
            features = np.array([[row[key] for key in names] for row in rows])
            found.append(Case(conversation=name, features=features, gold=gold, evidence=len(each["gold"])))
    return names, found


def scores(weights: Floats, found: Sequence[Case]) -> tuple[float, float, float]:
    """Recall at 5, at 10, and the mean reciprocal rank, in percent."""
    five = ten = first = 0.0
    for case in found:
        order = np.argsort(-(case.features @ weights), kind="stable")[:50]
        hits = case.gold[order]
        five += hits[:5].sum() / case.evidence
        ten += hits[:10].sum() / case.evidence
        where = np.flatnonzero(hits)
        first += 1 / (where[0] + 1) if len(where) else 0.0
    return (100 * five / len(found), 100 * ten / len(found), 100 * first / len(found))


def fitted(found: Sequence[Case], *, steps: int = 400, small: float = 2e-3, rate: float = 0.1) -> Floats:
    """Adam over the mean log-likelihood."""
    usable = [case for case in found if case.gold.any()]
    weights = np.zeros(usable[0].features.shape[1])
    weights[0] = 3.0
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, steps + 1):
        slope = np.zeros_like(weights)
        for case in usable:
            raised = case.features @ weights
            chance = np.exp(raised - raised.max())
            slope += case.features.T @ (case.gold / case.gold.sum() - chance / chance.sum())
        slope = slope / len(usable) - small * weights
        mean, square = 0.9 * mean + 0.1 * slope, 0.99 * square + 0.01 * slope * slope
        pace = rate if step < steps * 0.6 else rate * 0.3
        weights += pace * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-8)
    return weights


def polished(weights: Floats, found: Sequence[Case], *, tries: int = 2_500, reach: float = 0.12) -> Floats:
    """Small steps in a random direction, kept where what is measured gets better: the likelihood above is only near it."""

    def worth(candidate: Floats) -> float:
        five, ten, first = scores(candidate, found)
        return ten + 0.7 * five + first

    turns = np.random.default_rng(1)
    best = worth(weights)
    size = np.abs(weights) + 0.15
    for _ in range(tries):
        chosen = turns.random(len(weights)) < 0.25
        tried = weights + chosen * turns.normal(0, reach, len(weights)) * size
        value = worth(tried)
        if value > best:
            best, weights = value, tried
    return weights


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("bench")
    parser.add_argument("data")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--said", type=float, default=1.5, help="what a person's words are worth above ours")
    wanted = parser.parse_args()
    names, found = cases(_module(wanted.bench), wanted.data)
    left: list[tuple[int, tuple[float, float, float]]] = []
    for name in sorted({case.conversation for case in found}):
        inside = [case for case in found if case.conversation == name]
        weights = fitted([case for case in found if case.conversation != name])
        left.append((len(inside), scores(weights, inside)))
    total = sum(n for n, _ in left)
    print("left out   R@5 R@10 MRR ", [round(sum(n * s[k] for n, s in left) / total, 2) for k in range(3)])
    weights = fitted(found)
    print("fitted     R@5 R@10 MRR ", [round(x, 2) for x in scores(weights, found)])
    weights = polished(weights, found)
    print("polished   R@5 R@10 MRR ", [round(x, 2) for x in scores(weights, found)])
    reached = sum(float(case.gold.sum()) / case.evidence for case in found) / len(found)
    print(f"evidence among the candidates: {100 * reached:.1f} %")
    values = dict(zip(names, (round(float(w), 3) for w in weights), strict=True))
    # No conversation with an assistant is among those it is fitted on: this one is set by hand.
    values["said"] = wanted.said
    if wanted.write:
        text = '"""How much each thing that can be seen of a candidate is worth. Written by `python -m bench.recall.fit`."""\n\n'
        rows = "".join(f'    "{name}": {value},\n' for name, value in values.items())
        WEIGHTS.write_text(f"{text}WEIGHTS: dict[str, float] = {{\n{rows}}}\n")
    print(values)


def _module(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location("scorer", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
