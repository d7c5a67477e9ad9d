"""A watch over a real Prometheus: beyond its limit it fires, below it clears, and its past is asked for."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.systems.connected import Closing
from adapters.systems.prometheus import VENDOR
from adapters.systems.vendors import Login
from bot.world import Measuring
from tests.peers.services import alerts
from tests.stage import stage
from tests.stories.peers.record import until
from tests.stories.test_incidents import incidents

DEPTH = "max(demo_queue_depth)"


@pytest.mark.peer("prometheus")
async def test_a_query_of_prometheus_fires_and_clears(tmp_path: Path) -> None:
    with alerts("http://127.0.0.1:9/nobody") as peer:
        system = VENDOR.open(Login(name="prometheus", values={"url": peer.prometheus}))
        assert isinstance(system, Measuring)
        assert (await system.check()).well

        async def scraped(value: float) -> bool:
            found = await system.measured(DEPTH, *_around())
            return bool(found) and await system.measure(DEPTH, datetime.now(UTC)) == value

        async def reads(value: float) -> None:
            await until(lambda: scraped(value), f"{value} was not scraped", within=60)

        peer.set(3)
        await reads(3)
        async with stage(tmp_path, systems={"prometheus": system}) as s:
            await s.begin(f"watch prometheus '{DEPTH}' above 100 clear below 50, tell me")
            await s.forward(timedelta(minutes=1))
            assert not incidents(s)
            peer.set(150)
            await reads(150)
            await s.forward(timedelta(minutes=1))
            assert "150 · above 100" in incidents(s)[0]
            peer.set(60)
            await reads(60)
            await s.forward(timedelta(minutes=1))
            assert "firing" in incidents(s)[0], "not below where it clears"
            peer.set(4)
            await reads(4)
            await s.forward(timedelta(minutes=1))
            assert "resolved" in incidents(s)[0]
        assert isinstance(system, Closing)
        await system.close()


def _around() -> tuple[datetime, datetime]:
    now = datetime.now(UTC)
    return now - timedelta(hours=1), now
