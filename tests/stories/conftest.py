"""In every story, no statement over a file reads what grows from end to end."""

from collections.abc import Generator
from typing import Any

import pytest
from sqlalchemy import create_engine

from tests import plans


@pytest.fixture(autouse=True)
def by_its_keys(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    def explained(url: Any, *, connect_args: dict[str, Any], **more: Any) -> Any:
        return create_engine(url, connect_args={**connect_args, "factory": plans.Explained}, **more)

    monkeypatch.setattr("memory.files.create_engine", explained)
    yield
    found = dict(plans.walked)
    plans.walked.clear()
    assert not found
