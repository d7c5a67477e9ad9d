"""Lines that are written together: none is lost, none overtakes another, and nobody waits for them."""

import io
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator

import pytest

from adapters.telemetry.aside import Aside
from tests.running import ROOT


class Slow(io.StringIO):
    """A stream that takes its time, and says how often it was written to."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[str] = []
        self.open = threading.Event()
        self.open.set()

    def write(self, text: str) -> int:
        self.open.wait(5)
        if text:
            self.writes.append(text)
        return super().write(text)


@pytest.fixture
def out() -> Slow:
    return Slow()


@pytest.fixture
def say(out: Slow) -> Generator[logging.Logger]:
    logger, handler = logging.getLogger("vigie.aside"), Aside(out)
    logger.propagate = False
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    yield logger
    out.open.set()
    logger.removeHandler(handler)
    handler.close()


def until(there: Callable[[], bool]) -> None:
    for _ in range(500):
        if there():
            return
        time.sleep(0.01)
    raise AssertionError("it never came")


def test_what_is_said_is_written_soon_and_together(out: Slow, say: logging.Logger) -> None:
    for n in range(50):
        say.info("line %s", n)
    until(lambda: out.getvalue().count("\n") == 50)
    assert out.getvalue().splitlines() == [f"line {n}" for n in range(50)]
    assert len(out.writes) < 10, "not one by one"


def test_a_warning_is_written_at_once_behind_all_that_was_said_before(out: Slow, say: logging.Logger) -> None:
    say.info("before")
    say.warning("it breaks")
    assert out.getvalue() == "before\nit breaks\n"


def test_whoever_says_something_does_not_wait_for_a_stream_that_takes_nothing(
    out: Slow, say: logging.Logger
) -> None:
    say.info("first")
    until(lambda: out.getvalue() == "first\n")
    out.open.clear()
    said = threading.Thread(target=lambda: [say.info("line") for _ in range(100)])
    said.start()
    said.join(2)
    assert not said.is_alive()
    out.open.set()
    until(lambda: out.getvalue().count("\n") == 101)


def test_no_more_lines_wait_than_may(out: Slow, say: logging.Logger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.telemetry.aside.MOST", 3)
    monkeypatch.setattr("adapters.telemetry.aside.LINGER", 60.0)
    for n in range(4):
        say.info("line %s", n)
    assert out.getvalue().count("\n") == 4


def test_a_stream_that_is_gone_stops_nothing(out: Slow, say: logging.Logger) -> None:
    out.close()
    say.warning("into the void")
    say.info("and again")


def test_a_process_that_ends_has_written_everything() -> None:
    program = (
        "import logging, sys\n"
        "from adapters.telemetry import logs\n"
        "logs.install(logs.Form.JSON, level='INFO', hide=lambda text: text, aside=True)\n"
        "for n in range(200): logging.getLogger('vigie').info('line', extra={'n': n})\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stderr.count('"what": "line"') == 200


def test_a_process_that_is_killed_after_an_error_has_written_it_and_all_before() -> None:
    program = (
        "import logging, os, signal\n"
        "from adapters.telemetry import logs\n"
        "logs.install(logs.Form.JSON, level='INFO', hide=lambda text: text, aside=True)\n"
        "say = logging.getLogger('vigie')\n"
        "say.info('before')\n"
        "say.error('it breaks')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert [each in run.stderr for each in ("before", "it breaks")] == [True, True]
