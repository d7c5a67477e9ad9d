"""One run: people talk, machines die, everything comes to rest, the books are audited."""

import asyncio
import random
import re
import time
from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles

import aiohttp

from adapters.systems.demo import DemoShop
from bench.chaos import disk, script, verdict
from bench.chaos.nodes import Fleet, Node, skewed
from bench.chaos.people import People
from bench.chaos.script import OWNERS, Kind, Saying
from bench.chaos.sights import Sights, SlackSeen, TelegramSeen
from bench.chaos.storm import Storm
from bench.chaos.watching import Takeovers
from bot import rulebook
from bot.people import HOME
from bot.store import Tx
from memory.postgres import PostgresStore
from memory.sqlite import SqliteStore
from tests.kill.audit import entries_of
from tests.kill.script import PEOPLE
from tests.peers.servers import Cluster, cluster
from tests.running import Program, vigie
from tests.twins import telegram as telegrams
from tests.twins.slack import BOT_TOKEN, SECRET

KEYS = "a-key-that-every-machine-has-1"
DRAINS_WITHIN = 300.0
"""Seconds that everything gets to come to rest: more than the longest that anything is left to itself."""
SLOW = 60.0
"""Seconds after which what people wait for is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The size of a run. `sqlite` is one process on a file, and `outages` are then moments of a full disk; `skew` is how
    far clocks may differ, `longest` how long the database is away and `ahead` how far reminders are, in seconds."""

    home: Path
    seed: int
    seconds: float
    every: float = 4.0
    webs: int = 2
    workers: int = 3
    outages: int = 2
    longest: float = 25.0
    ahead: int = 40
    rate: float = 3.0
    skew: float = 0.0
    sqlite: bool = False

    @property
    def data(self) -> Path:
        return self.home / "data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was done, how long things took, and what does not hold."""

    rows: Mapping[str, object]
    slow: Sequence[str]
    wrongs: Sequence[str]

    def table(self) -> str:
        """For people."""
        lines = [f"  {name:36}{value!s:>32}" for name, value in self.rows.items()]
        lines += [f"  slow: {each}" for each in self.slow]
        return "\n".join([*lines, *(f"  WRONG: {each}" for each in self.wrongs)])


@dataclass(kw_only=True)
class Scene:
    """Everybody who takes part."""

    wanted: Wanted
    said: Sequence[Saying]
    sights: Sights
    fleet: Fleet
    people: People
    storm: Storm
    own: Cluster | None

    async def play(self) -> tuple[float, Sequence[float]]:
        """All of it. Returns the seconds it took to come to rest, and those of each takeover."""
        await self.fleet.start()
        takeovers = Takeovers(url=self.own.url, died=self.storm.died) if self.own is not None else None
        async with (
            takeovers.watched() if takeovers is not None else _nothing(),
            self.people.living(),
            self.fleet.kept_up(self.storm.chance),
        ):
            await self.storm.blow()
            await self._until(self.people.all_said.is_set)
            drained = await self._drain()
        await self.fleet.stop()
        return drained, takeovers.took if takeovers is not None else ()

    async def _drain(self) -> float:
        began = time.monotonic()
        await self._until(
            lambda: all(verdict.finished(each, self.sights.of(each.token)) for each in self.said)
        )
        while not await self.fleet.resting() and time.monotonic() - began < DRAINS_WITHIN:  # noqa: ASYNC110 (what it looks at tells nobody)
            await asyncio.sleep(0.3)
        return time.monotonic() - began

    async def _until(self, true: Callable[[], bool]) -> None:
        """At most for so long: the verdict says what is missing."""
        ends = time.monotonic() + DRAINS_WITHIN
        while not true() and time.monotonic() < ends:  # noqa: ASYNC110 (what it looks at tells nobody)
            await asyncio.sleep(0.3)


async def chaos(wanted: Wanted) -> Report:
    """Runs it over the folder `home`, where it leaves every process's log."""
    began = time.monotonic()
    if wanted.data.exists():
        raise FileExistsError(
            f"{wanted.data} is there already: what another run left would be taken for this one's"
        )
    async with _scene(wanted) as scene:
        drained, takeovers = await scene.play()
        wrongs, refunds, rows = await _wrongs(scene)
        storm, people = scene.storm, scene.people
        waits = _waits(scene)
        late = [seconds for kind, seconds, _ in waits if kind is Kind.REMINDER]
        replies = [seconds for kind, seconds, _ in waits if kind is not Kind.REMINDER]
        marked = sum(each.marked for each in scene.sights.by_key.values())
        found: dict[str, object] = {
            "seed": wanted.seed,
            "processes": "1, SQLite"
            if wanted.sqlite
            else f"{wanted.webs} web, {wanted.workers} workers, PostgreSQL",
            "minutes of traffic": round(wanted.seconds / 60, 1),
            **{kind: sum(each.kind is kind for each in scene.said) for kind in Kind},
            "presses": people.presses,
            "Slack deliveries repeated": people.redelivered,
            **dict(sorted(storm.did.items())),
            "starts of processes": sum(each.starts for each in scene.fleet.nodes),
            "messages standing": len(scene.sights.by_key),
            "marked as possibly repeated": marked,
            "refunds made": refunds,
            "rows of the ledger": rows,
            "answer after, p50 / p99 / most": _spread(replies),
            "reminder late by, p50 / p99 / most": _spread(late),
            "place taken over in, p50 / p99 / most": _spread(takeovers),
            "at rest after": f"{drained:.1f} s",
            "lost": sum(each.startswith("LOST") for each in wrongs),
            "twice": sum(each.startswith("TWICE") for each in wrongs),
            "the whole run took": f"{time.monotonic() - began:.0f} s",
        }
        slow = [f"{saying.text!r} of {saying.user} after {s:.0f} s" for _, s, saying in waits if s > SLOW]
        return Report(rows=found, slow=slow, wrongs=wrongs)


@asynccontextmanager
async def _scene(wanted: Wanted) -> AsyncGenerator[Scene]:
    said = script.write(
        seconds=wanted.seconds,
        rate=wanted.rate,
        seed=wanted.seed,
        now=int(time.time()),
        ahead=wanted.ahead,
    )
    chance = random.Random(f"storm {wanted.seed}")
    sights = Sights()
    slack, telegram = SlackSeen(sights=sights), telegrams_seen(sights)
    slack.people.update({person: {"locale": "en-US"} for person in PEOPLE})
    async with slack.serving(), telegrams.running(telegram), aiohttp.ClientSession() as session:
        with (
            _database(wanted) as own,
            disk.small(wanted.data) if wanted.sqlite else _disk(wanted) as full,
        ):
            (wanted.data / "policy.toml").write_text(generous(), encoding="utf-8")
            nodes = _nodes(wanted, _settings(slack, telegram, own), chance)
            fleet = Fleet(nodes=nodes, session=session)
            people = People(
                script=said,
                slack=slack,
                telegram=telegram,
                session=session,
                urls=[f"{each.program.url}/slack/events" for each in fleet.web],
                chance=chance,
            )
            storm = Storm(
                fleet=fleet,
                slack=slack,
                telegram=telegram,
                chance=chance,
                every=wanted.every,
                seconds=wanted.seconds,
                outages=wanted.outages,
                longest=wanted.longest,
                cluster=own,
                full_disk=full,
            )
            try:
                yield Scene(
                    wanted=wanted,
                    said=said,
                    sights=sights,
                    fleet=fleet,
                    people=people,
                    storm=storm,
                    own=own,
                )
            finally:
                await fleet.kill()


def telegrams_seen(sights: Sights) -> TelegramSeen:
    """A private chat is there from the start, for each of the people."""
    twin = TelegramSeen(sights=sights)
    twin.standing.update({user: {} for user in script.TELEGRAM_PEOPLE})
    return twin


@contextmanager
def _database(wanted: Wanted) -> Generator[Cluster | None]:
    if wanted.sqlite:
        yield None
    else:
        with cluster() as own:
            yield own


def generous() -> str:
    """The shipped policy, with no limit on how much is done in a day: half an hour asks for more than it allows."""
    return re.sub(
        r"^(tokens|messages|effects) = \S+", r'\1 = "unlimited"', rulebook.shipped_text(), flags=re.MULTILINE
    )


@contextmanager
def _disk(wanted: Wanted) -> Generator[None]:
    wanted.data.mkdir(parents=True, exist_ok=True)
    yield


@asynccontextmanager
async def _nothing() -> AsyncGenerator[None]:
    yield


def _settings(slack: SlackSeen, telegram: TelegramSeen, own: Cluster | None) -> dict[str, str]:
    found = {
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": slack.api_url,
        "TELEGRAM_BOT_TOKEN": telegrams.TOKEN,
        "TELEGRAM_API_URL": telegram.api_url,
        "VIGIE_OWNERS": OWNERS,
        "VIGIE_SECRET_KEYS": KEYS,
    }
    return found | ({"DATABASE_URL": own.url} if own is not None else {})


def _nodes(wanted: Wanted, settings: Mapping[str, str], chance: random.Random) -> list[Node]:
    """The workers are `vigie demo`, which is everything in one process, because they need the shop."""
    names = [f"web{n + 1}" for n in range(wanted.webs)] + [f"worker{n + 1}" for n in range(wanted.workers)]
    found: list[Node] = []
    for name in ["all"] if wanted.sqlite else names:
        off = 0.0 if wanted.sqlite else chance.uniform(-wanted.skew, wanted.skew)
        program = Program(
            home=wanted.data,
            command="web" if name.startswith("web") else "demo",
            settings={**settings, **skewed(off, wanted.home)},
        )
        found.append(Node(name=name, program=program, log=wanted.home / f"{name}.log", skew=off))
    return found


async def _wrongs(scene: Scene) -> tuple[list[str], int, int]:
    wanted, said = scene.wanted, scene.said
    refunds = DemoShop(wanted.data / "demo-shop.db", today=datetime.now(UTC).date()).refunds()
    settings = {"VIGIE_SECRET_KEYS": KEYS} | (
        {"DATABASE_URL": scene.own.url} if scene.own is not None else {}
    )
    (code, verified), (_, exported) = await asyncio.gather(
        vigie(wanted.data, "ledger", "verify", settings=settings),
        vigie(wanted.data, "ledger", "export", settings=settings),
    )
    (wanted.home / "ledger.jsonl").write_text(exported)
    entries = entries_of(exported)
    store = (
        PostgresStore.open(scene.own.url)
        if scene.own is not None
        else SqliteStore.open(wanted.data / "vigie.db")
    )

    def look(tx: Tx) -> list[str]:
        return [*verdict.of_wakes(tx, said), *verdict.of_store(tx, said)]

    try:
        kept = await store.read(look, space=HOME)
    finally:
        await store.close()
    wrongs = [
        *verdict.of_sights(scene.sights, said),
        *kept,
        *verdict.of_refunds(refunds, said),
        *verdict.of_ledger(entries, said),
        *([] if code == 0 else [f"the ledger does not verify: {verified}"]),
        *(each for node in scene.fleet.nodes for each in verdict.of_output(node.name, node.program.printed)),
    ]
    return wrongs, len(refunds), len(entries)


def _waits(scene: Scene) -> list[tuple[Kind, float, Saying]]:
    """How long people waited for what they said to be answered, and how much later than asked a reminder came."""
    found: list[tuple[Kind, float, Saying]] = []
    for saying in scene.said:
        seen, at = scene.sights.of(saying.token), scene.people.said.get(saying.token)
        if not seen or at is None:
            continue
        found.append((Kind.TALK, seen[0].first - at, saying))
        wakes = verdict.wake_of(saying, seen) if saying.kind is Kind.REMINDER else []
        if wakes:
            asked = float(saying.text.split()[1])
            found.append((Kind.REMINDER, wakes[0].first - seen[0].first - asked, saying))
    return found


def _spread(seconds: Sequence[float]) -> str:
    if len(seconds) < 2:
        return "—"
    cuts = quantiles(seconds, n=100, method="inclusive")
    return f"{cuts[49]:.2f} / {cuts[98]:.2f} / {max(seconds):.2f} s of {len(seconds)}"
