"""Fits what each feature of a candidate is worth on a set of annotated conversations, and writes `memory/recall/weights.py`.

    python -m bench.recall.fit BENCH DATA [--write]     BENCH: the scorer's file, bench_recall.py; DATA: its conversations

A softmax over the candidates of each question is to put its weight on the annotated evidence; the weights are held small.
Prints recall on what it was fitted on, and beside it recall on conversations that were left out in turn.
"""

import argparse
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

import numpy as np
import numpy.typing as npt

from bench.recall import plug
from bench.recall.plug import lines_of
from memory.recall import search
from memory.recall.index import Thing
from memory.recall.meaning import Embedder, meant
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


def cases(bench: ModuleType, data: str, embedder: Embedder | None) -> tuple[list[str], list[Case]]:
    """Every question that has evidence, by the very code that ranks."""
    names: list[str] = []
    found: list[Case] = []
    for name, turns, questions in bench.load(data):
        said = lines_of(turns)
        things = [Thing(ref=line.ref, text=line.text, who=line.who, at=line.at) for line in said]
        shelf = BuiltShelf(things, alone=False, embedder=embedder)
        speakers = {f"per_{turn['speaker']}": turn["speaker"] for turn in turns}
        for each in questions:
            if each["category"] == "adversarial":
                continue
            question = asked(each["question"], speakers)
            candidates = search.candidates(question, [shelf], meant(embedder, each["question"]))
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


def fitted(found: Sequence[Case], *, steps: int = 8, small: float = 2e-3) -> Floats:
    """Newton's method over the mean log-likelihood, which has one summit."""
    usable = [case for case in found if case.gold.any()]
    weights = np.zeros(usable[0].features.shape[1])
    for _ in range(steps):
        slope, bend = np.zeros_like(weights), np.zeros((len(weights), len(weights)))
        for case in usable:
            raised = case.features @ weights
            chance = np.exp(raised - raised.max())
            chance /= chance.sum()
            slope += case.features.T @ (case.gold / case.gold.sum() - chance)
            mean = chance @ case.features
            bend += case.features.T @ (chance[:, None] * case.features) - np.outer(mean, mean)
        step = np.linalg.solve(
            bend / len(usable) + small * np.eye(len(weights)), slope / len(usable) - small * weights
        )
        weights += step * min(1.0, 3 / np.abs(step).max())
    return weights


def polished(weights: Floats, found: Sequence[Case], *, tries: int = 1_000, reach: float = 0.1) -> Floats:
    """Small steps in a random direction, kept where what is measured gets better: the likelihood above is only near it.
    Only the first 40 of each question are put into another order."""
    few: list[Case] = []
    for case in found:
        order = np.argsort(-(case.features @ weights), kind="stable")[:40]
        few.append(replace(case, features=case.features[order], gold=case.gold[order]))

    def worth(candidate: Floats) -> float:
        five, ten, first = scores(candidate, few)
        return 0.35 * ten + 0.35 * five + first

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
    parser.add_argument("--said", type=float, default=2.0, help="what a person's words are worth above ours")
    parser.add_argument(
        "--self", type=float, default=2.0, help="and where they speak of themselves, when asked of that"
    )
    parser.add_argument(
        "--asks", type=float, default=-2.0, help="and where they only ask something, when asked of themselves"
    )
    wanted = parser.parse_args()
    for embedder, table in ((None, "WEIGHTS"), (plug.embedder(), "WITH_MEANING")):
        if table == "WITH_MEANING" and embedder is None:
            print("the weights of the extra semantic are not installed: WITH_MEANING stays as it is")
            continue
        print(table)
        names, found = cases(module(wanted.bench), wanted.data, embedder)
        values = fit(names, found)
        # No conversation with an assistant is among those it is fitted on: these are set by hand.
        values |= {"said": wanted.said, "said_self": wanted.self, "said_asks": wanted.asks}
        print(values)
        if wanted.write:
            rows = "".join(f'    "{name}": {value},\n' for name, value in values.items())
            before, _, after = WEIGHTS.read_text().partition(f"{table}: dict[str, float] = {{\n")
            after = after.partition("}\n")[2]
            WEIGHTS.write_text(f"{before}{table}: dict[str, float] = {{\n{rows}}}\n{after}")


def fit(names: Sequence[str], found: Sequence[Case]) -> dict[str, float]:
    """The weights by name, and what they come to."""
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
    return dict(zip(names, (round(float(w), 3) for w in weights), strict=True))


def module(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location("scorer", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
