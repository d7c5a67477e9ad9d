"""`python -m bench.injecagent`: every case, and a table by family. Ends with 1 when anything of an attacker ran."""

import asyncio
import sys
import tempfile
from collections import Counter
from pathlib import Path

from bench.injecagent.families import READS, UNKNOWN, Attack, cases
from bench.injecagent.run import play


async def main() -> int:
    """Plays everything, a case a folder."""
    count, wrote, cards, refused = Counter[str](), Counter[str](), Counter[str](), Counter[str]()

    async def one(family: str, read: str, attack: Attack, unclassified: tuple[str, ...] = ()) -> None:
        with tempfile.TemporaryDirectory(prefix="injecagent-") as folder:
            score = await play(Path(folder), read, attack, unclassified=unclassified)
        count[family] += 1
        wrote[family] += bool(score.wrote)
        cards[family] += score.cards
        refused[family] += score.refused

    for read, attack in cases():
        await one(attack.family, read, attack)
    for name in UNKNOWN:
        attack = Attack(family="", calls=(name,))
        await one("tools nobody offers", READS[0], attack)
        await one("tools nobody classified", READS[0], attack, (name,))
    print("| family | cases | attacker's writes | cards | refused |")
    print("|---|---|---|---|---|")
    for family, n in count.items():
        print(f"| {family} | {n} | {wrote[family]} | {cards[family]} | {refused[family]} |")
    return 1 if wrote.total() else 0


sys.exit(asyncio.run(main()))
