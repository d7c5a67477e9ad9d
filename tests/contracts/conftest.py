"""What contract tests ask for by name."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot.store import Store
from tests.contracts.stores import KINDS, STORES


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Store]:
    """An empty store, of each kind in turn."""
    opened = STORES[request.param](tmp_path)
    yield opened
    await opened.close()
