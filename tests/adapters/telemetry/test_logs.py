"""What a log line holds: what happened, ids, fields; nobody's words, no secret. JSON or lines, as it was set."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from adapters.redaction import Redaction
from adapters.telemetry import logs
from adapters.telemetry.measuring import Measuring
from bot.errors import BadInput
from bot.instruments import Part, Step

SECRET = "canary-5f1e9b7c-tweet"
WORDS = "my sister is getting married"
STEP = Step(part=Part.DEED, of="demo", turn="evt_1", mission="mis_1", effect="eff_1", person="per_1")

Installed = Callable[[logs.Form, str], io.StringIO]


@pytest.fixture
def install() -> Iterator[Installed]:
    """Puts everything back as it was before."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in logs.OURS}

    def now(form: logs.Form, level: str = "") -> io.StringIO:
        out = io.StringIO()
        logs.install(form, level=level, hide=Redaction({SECRET}).hide, stream=out)
        return out

    try:
        yield now
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        for name, before in levels.items():
            logging.getLogger(name).setLevel(before)


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_line_carries_the_ids_of_the_step_under_way_and_not_after(install: Installed) -> None:
    out = install(logs.Form.JSON, "")
    log = logging.getLogger("bot.outbox")
    with Measuring().over(STEP):
        log.info("effect_recorded", extra={"state": "confirmed"})
    log.info("effect_recorded", extra={"effect": "eff_2", "event": "evt_2"})
    first, second = lines(out)
    assert {name: first[name] for name in ("what", "level", "logger", "state")} == {
        "what": "effect_recorded",
        "level": "info",
        "logger": "bot.outbox",
        "state": "confirmed",
    }
    assert [first[name] for name in ("turn", "mission", "effect", "person")] == [
        "evt_1",
        "mis_1",
        "eff_1",
        "per_1",
    ]
    assert first["time"].endswith("Z")
    assert second["effect"] == "eff_2"
    assert second["event"] == "evt_2"
    assert "turn" not in second


def test_no_secret_is_in_a_field_whatever_it_is_called_or_holds(install: Installed) -> None:
    """SAFETY 45"""
    out = install(logs.Form.JSON, "")
    shown = [f"key={SECRET}", {"inside": SECRET}, (SECRET, "b"), RuntimeError(SECRET)]
    for each in shown:
        logging.getLogger("some.library").warning("refused %s", SECRET, extra={"why": each})
    assert len(lines(out)) == len(shown)
    assert SECRET not in out.getvalue()


def test_of_an_error_its_kinds_and_place_are_told_and_not_its_words(install: Installed) -> None:
    """SAFETY 45"""
    out = install(logs.Form.JSON, "")

    def call() -> None:
        try:
            int(WORDS)
        except ValueError as error:
            raise BadInput("“{key}” names no budget", key=WORDS) from error

    try:
        call()
    except BadInput:
        logging.getLogger("bot.dispatch").exception("event_broke", extra={"event": "evt_1"})
    (line,) = lines(out)
    assert line["error"] == "BadInput: “{key}” names no budget < ValueError"
    assert line["raised"][0].endswith("call")
    assert "test_logs.py:" in line["raised"][0]
    assert WORDS not in out.getvalue()


def test_people_read_lines_and_programs_read_json(install: Installed) -> None:
    out = install(logs.Form.TEXT, "info")
    logging.getLogger("vigie").warning("door_closed", extra={"door": "slack"})
    assert "door_closed" in out.getvalue()
    assert "door=slack" in out.getvalue()
    assert not out.getvalue().startswith("{")
    out = install(logs.Form.AUTO, "")
    logging.getLogger("vigie").warning("door_closed", extra={"door": "slack"})
    assert lines(out)[0]["door"] == "slack", "what is not a terminal is a program"


def test_what_third_parties_say_of_every_request_is_left_out(install: Installed) -> None:
    out = install(logs.Form.JSON, "debug")
    logging.getLogger("httpx").info("HTTP Request: POST https://api.example/bot12/x")
    logging.getLogger("adapters.systems.client").debug("vendor_called", extra={"vendor": "Stripe"})
    assert [line["what"] for line in lines(out)] == ["vendor_called"]
