"""What every test shares: peers that may be absent, and a promise that may be asked for, that nothing was left out."""

import os
from collections.abc import Generator

import pytest
from hypothesis import Phase, settings

from tests.peers.servers import missing

NOTHING_SKIPS = os.environ.get("VIGIE_TEST_NOTHING_SKIPS") == "1"

# How long an example takes says more of the machine than of the code.
settings.register_profile("vigie", deadline=None)
settings.load_profile("vigie")

# For planted faults: that a test is red is enough, the smallest example does not matter.
settings.register_profile("seeded", deadline=None, phases=[Phase.explicit, Phase.generate])


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("peer"):
        for name in marker.args:
            reason = missing(name)
            if reason:
                pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skipped test proves nothing, so where every peer should be present a skip is a failure."""
    report = yield
    if NOTHING_SKIPS and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
        report.outcome = "failed"
        report.longrepr = f"{reason} (and VIGIE_TEST_NOTHING_SKIPS=1)"
    return report
