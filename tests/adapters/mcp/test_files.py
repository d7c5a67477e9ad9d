"""The two files people write: servers and classes. What is wrong in them is said with file, entry and key, and no secret."""

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.systems.mcp import ClassFile, ServerFile
from adapters.systems.mcp.servers import Http, Stdio, name_of
from bot.actions import Part, Reversal, Risk
from bot.errors import Misconfigured


def servers(folder: Path, told: Any) -> ServerFile:
    (folder / "mcp.json").write_text(told if isinstance(told, str) else json.dumps(told))
    return ServerFile(folder / "mcp.json")


def test_both_ways_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZAPIER_TOKEN", "from-the-environment")
    told = {
        "mcpServers": {
            "Zapier": {
                "type": "http",
                "url": "https://mcp.zapier.com/api/v1/connect",
                "headers": {"Authorization": "Bearer ${ZAPIER_TOKEN}"},
            },
            "files": {"command": "npx", "args": ["-y", "server-files", "."], "env": {"A": "b"}, "timeout": 5},
            "off": {"command": "x", "disabled": True},
        }
    }
    zapier, files = servers(tmp_path, told).read()
    assert isinstance(zapier.way, Http)
    assert zapier.way.headers == {"Authorization": "Bearer from-the-environment"}
    assert zapier.label.startswith("mcp.zapier.com #")
    assert isinstance(files.way, Stdio)
    assert (files.name, files.way.args, files.timeout) == ("files", ("-y", "server-files", "."), 5.0)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("{", "line 1 is not JSON"),
        ({}, "“mcpServers” is expected"),
        ({"mcpServers": {"a": 1}}, "server “a”: an object"),
        ({"mcpServers": {"a": {}}}, "give “url” or “command”"),
        ({"mcpServers": {"a": {"url": "x", "command": "y"}}}, "give “url” or “command”"),
        ({"mcpServers": {"a": {"url": "ftp://x"}}}, "“url” begins with https://"),
        ({"mcpServers": {"a": {"url": "https://x", "type": "sse"}}}, "SSE transport is not spoken"),
        ({"mcpServers": {"a": {"url": "https://x", "header": {}}}}, "“header” is no key"),
        ({"mcpServers": {"a": {"url": "https://x", "headers": {"K": 1}}}}, "“headers” is made of texts"),
        ({"mcpServers": {"a": {"url": "https://x", "headers": {"K": "canary\n"}}}}, "on one line"),
        ({"mcpServers": {"a": {"command": "x", "args": "y"}}}, "“args” is a list"),
        ({"mcpServers": {"a": {"command": "x", "timeout": 0}}}, "“timeout” is a number"),
        ({"mcpServers": {"a": {"url": "https://${VIGIE_NOT_SET}"}}}, "VIGIE_NOT_SET, which is not set"),
        ({"mcpServers": {"A b": {"command": "x"}, "a-b": {"command": "y"}}}, "called “a_b” too"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, told: Any, why: str) -> None:
    with pytest.raises(Misconfigured) as wrong:
        servers(tmp_path, told).read()
    assert why in str(wrong.value)
    assert "mcp.json" in str(wrong.value)
    assert "canary" not in str(wrong.value)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("zapier", "zapier"),
        ("Zapier (work)", "zapier_work"),
        ("7up", "mcp_7up"),
        ("…", "mcp"),
        ("Éric", "ric"),
    ],
)
def test_a_key_becomes_a_name(key: str, name: str) -> None:
    assert name_of(key) == name


def test_long_keys_stay_apart() -> None:
    one, two = (name_of("a" * 40 + end) for end in "xy")
    assert one != two
    assert len(one) <= 24


def test_the_identity_is_the_address_and_the_label_does_not_say_it(tmp_path: Path) -> None:
    def read(url: str, key: str = "a") -> Any:
        return servers(tmp_path, {"mcpServers": {key: {"url": url}}}).read()[0]

    one = read("https://user:pw@mcp.example.com/s/secret-path/mcp?token=t")
    assert "secret" not in one.label + one.identity + repr(one)
    assert "pw" not in one.label
    assert read("https://mcp.example.com/other").identity != one.identity
    assert read("https://mcp.example.com/x", "b").identity == read("https://mcp.example.com/x", "c").identity


def classes(folder: Path, text: str) -> ClassFile:
    (folder / "tools.toml").write_text(text)
    return ClassFile(folder / "tools.toml")


def test_the_first_entry_that_speaks_of_a_tool_decides(tmp_path: Path) -> None:
    file = classes(
        tmp_path,
        """
[[tool]]
server = "zapier"
tool = "gmail_find_*"
risk = "R0"

[[tool]]
server = ["zapier", "post*"]
tool = "gmail_*"
risk = "R2"
title = "Send a mail"
reversal = "compensable"
recipient = ["to", "cc"]
content = "body"
amount = "total"
currency = "EUR"
""",
    )
    found = file.of("zapier", "gmail_find_email")
    assert found is not None
    assert found.risk is Risk.R0
    sends = file.of("post_office", "gmail_send")
    assert sends is not None
    assert (sends.risk, sends.title, sends.reversal) == (Risk.R2, "Send a mail", Reversal.COMPENSABLE)
    assert sends.parts == {
        "to": Part.RECIPIENT,
        "cc": Part.RECIPIENT,
        "body": Part.CONTENT,
        "total": Part.AMOUNT,
    }
    assert file.of("other", "gmail_send") is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[[tools]]", "“tools” is not known"),
        ("tool = 1", "each entry is a [[tool]]"),
        ('[[tool]]\ntool = "x"', "name “server” and “tool”"),
        ('[[tool]]\nserver = "x"\ntool = "y"\nrisk = "low"', "“risk” is R0, R1, R2 or R3"),
        ('[[tool]]\nserver = "x"\ntool = "y"\nrisks = "R0"', "“risks” is no key"),
        ('[[tool]]\nserver = "x"\ntool = "y"\negress = "no"', "“egress” is true or false"),
        ('[[tool]]\nserver = "x"\ntool = "y"\nreversal = "no"', "“reversal” is"),
        ('[[tool]]\nserver = "x"\ntool = "y"\ncurrency = "euro"', "three capital letters"),
        ('[[tool]]\nserver = "x"\ntool = [1]', "a text or a list of texts"),
        ("[[tool", "tools.toml"),
    ],
)
def test_a_class_that_makes_no_sense_is_named(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(Misconfigured, match=r"tools\.toml") as wrong:
        classes(tmp_path, text).read()
    assert why in str(wrong.value)


def test_an_edit_is_in_force_at_once_and_a_broken_one_classifies_nothing(tmp_path: Path) -> None:
    """What cannot be read lowers no risk."""
    file = classes(tmp_path, '[[tool]]\nserver = "*"\ntool = "*"\nrisk = "R0"')
    assert file.of("a", "b") is not None
    classes(tmp_path, "[[tool")
    assert file.of("a", "b") is None
    assert "tools.toml" in file.trouble
    classes(tmp_path, '[[tool]]\nserver = "*"\ntool = "*"\nrisk = "R2"')
    found = file.of("a", "b")
    assert found is not None
    assert found.risk is Risk.R2
    assert file.trouble == ""
