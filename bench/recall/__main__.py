"""Prints how well recall finds the evidence of questions, by category, beside plain FTS5 in the same run.

    python -m bench.recall BENCH DATA      BENCH: the scorer's file, bench_recall.py; DATA: its conversations

Over SQLite, over PostgreSQL where VIGIE_BENCH_DATABASE names an empty database, and both again with the extra `semantic` where
its weights are installed; with those also mem0, where it is installed.
"""

import argparse
import os
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from bench.recall import plug
from bench.recall.fit import module

MEASURES = ("R@5", "R@10", "MRR")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("bench")
    parser.add_argument("data")
    wanted = parser.parse_args()
    bench = module(wanted.bench)
    conversations = bench.load(wanted.data)
    columns: dict[str, Mapping[str, Mapping[str, float]]] = {}
    for name, make in retrievers(bench.fts5).items():
        rows, timing = bench.evaluate(make, conversations)
        columns[name] = bench.summarise(rows)
        print(f"{name}: {timing['p50_ms']:.1f} ms at the median, {timing['p95_ms']:.1f} at 95 %", flush=True)
    print(f"\n| {' / '.join(MEASURES)} | questions | {' | '.join(columns)} |\n|{'---|' * (2 + len(columns))}")
    for category, first in next(iter(columns.values())).items():
        cells = [
            " / ".join(f"{100 * of[category][each]:.1f}" for each in MEASURES) for of in columns.values()
        ]
        print(f"| {category} | {first['n']} | {' | '.join(cells)} |")


def retrievers(fts5: Callable[..., Any]) -> Mapping[str, Callable[..., Any]]:
    """What is compared: as much of it as is there."""
    found: dict[str, Callable[..., Any]] = {"FTS5": fts5, "SQLite": plug.make}
    database, model = os.environ.get("VIGIE_BENCH_DATABASE"), plug.embedder()
    if database:
        found["PostgreSQL"] = plug.make_postgresql
    if model is not None:
        found["SQLite, semantic"] = plug.make_semantic
    if database and model is not None:
        found["PostgreSQL, semantic"] = plug.make_postgresql_semantic
    if model is not None and find_spec("mem0"):
        found["mem0"] = import_module("bench.recall.mem0").make
    return found


if __name__ == "__main__":
    main()
