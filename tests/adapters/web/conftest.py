"""An assistant with its web door for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.adapters.web.rig import Rig, rig


@pytest.fixture
async def assistant(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(tmp_path) as running:
        yield running
