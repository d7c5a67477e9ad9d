"""The file of MCP servers in the usual `mcpServers` form, read into one description each. Raises Misconfigured with a
line that names file and server, and never says a header, a variable or the rest of an address.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bot.errors import Misconfigured
from bot.values import Json, digest, is_mapping, is_sequence

LONGEST_NAME = 24
PATIENCE = 45.0
"""Seconds one call may take when the file does not say."""
_VARIABLE = re.compile(r"\$\{(?:env:)?(\w+)\}")
_KEYS = {"url", "headers", "command", "args", "env", "cwd", "timeout", "type", "transport", "disabled"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Http:
    """A server at an address. The address may hold a secret, so neither it nor the headers are in the repr."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)

    @property
    def label(self) -> str:
        return urlsplit(self.url).netloc.rpartition("@")[2]

    @property
    def told(self) -> Json:
        """What makes it this server and no other."""
        return ["url", self.url]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stdio:
    """A server that is started here. Arguments and variables may be secrets, so they are not in the repr."""

    command: str
    args: tuple[str, ...] = field(default=(), repr=False)
    env: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    cwd: str | None = None

    @property
    def label(self) -> str:
        return Path(self.command).name

    @property
    def told(self) -> Json:
        return ["command", self.command, *self.args]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One server of the file. `name` is its key as the name of a system, `timeout` in seconds for one call."""

    key: str
    name: str
    way: Http | Stdio
    timeout: float = PATIENCE

    @property
    def identity(self) -> str:
        """Tells one server from another without saying its address: another address is another server."""
        return digest(self.way.told)[:16]

    @property
    def label(self) -> str:
        """The account as people see it."""
        return f"{self.way.label} #{self.identity[:6]}"


@dataclass(frozen=True, slots=True)
class ServerFile:
    """The file itself, so that a key that was changed in it is found without a restart."""

    path: Path

    def read(self) -> tuple[Entry, ...]:
        """Every server that is not disabled. Raises Misconfigured."""
        try:
            told: Json = json.loads(self.path.read_text(encoding="utf-8"))
        except OSError as error:
            raise Misconfigured(f"VIGIE_MCP_SERVERS {self.path}: {error.strerror}") from error
        except ValueError as error:
            raise Misconfigured(f"VIGIE_MCP_SERVERS {self.path}: {_where(error)}") from None
        servers = told.get("mcpServers") if is_mapping(told) else None
        if not is_mapping(servers):
            raise Misconfigured(f"VIGIE_MCP_SERVERS {self.path}: an object with “mcpServers” is expected")
        found = [self._entry(key, each) for key, each in servers.items() if not _disabled(each)]
        names = [entry.name for entry in found]
        for entry in found:
            if names.count(entry.name) > 1:
                raise self._wrong(entry.key, f"another one is called “{entry.name}” too; rename its key")
        return tuple(found)

    def headers(self, key: str) -> Mapping[str, str]:
        """The headers of one server as the file has them now, none where it cannot be read."""
        try:
            ways = [entry.way for entry in self.read() if entry.key == key]
        except Misconfigured:
            return {}
        return ways[0].headers if ways and isinstance(ways[0], Http) else {}

    def _entry(self, key: str, told: Json) -> Entry:
        if not is_mapping(told):
            raise self._wrong(key, "an object with “url” or “command” is expected")
        if unknown := sorted(set(told) - _KEYS):
            raise self._wrong(key, f"“{unknown[0]}” is no key of a server")
        if told.get("type") == "sse" or told.get("transport") == "sse":
            raise self._wrong(key, "the old SSE transport is not spoken; give its streamable HTTP address")
        if ("url" in told) == ("command" in told):
            raise self._wrong(key, "give “url” or “command”")
        timeout = told.get("timeout", PATIENCE)
        if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 1 <= timeout <= 600:
            raise self._wrong(key, "“timeout” is a number of seconds, 1 to 600")
        way = self._http(key, told) if "url" in told else self._stdio(key, told)
        return Entry(key=key, name=name_of(key), way=way, timeout=float(timeout))

    def _http(self, key: str, told: Mapping[str, Json]) -> Http:
        url = self._text(key, "url", told["url"])
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise self._wrong(key, "“url” begins with https://")
        return Http(url=url, headers=self._texts(key, "headers", told.get("headers", {})))

    def _stdio(self, key: str, told: Mapping[str, Json]) -> Stdio:
        args = told.get("args", [])
        if not is_sequence(args):
            raise self._wrong(key, "“args” is a list of texts")
        return Stdio(
            command=self._text(key, "command", told["command"]),
            args=tuple(self._text(key, "args", each) for each in args),
            env=self._texts(key, "env", told.get("env", {})),
            cwd=self._text(key, "cwd", told["cwd"]) if told.get("cwd") else None,
        )

    def _texts(self, key: str, where: str, told: Json) -> Mapping[str, str]:
        if not is_mapping(told):
            raise self._wrong(key, f"“{where}” is an object of texts")
        return {name: self._text(key, where, value) for name, value in told.items()}

    def _text(self, key: str, where: str, told: Json) -> str:
        """A text, with `${NAME}` taken from the environment, so that the file need hold no secret."""
        if not isinstance(told, str) or "\x00" in told or "\n" in told:
            raise self._wrong(key, f"“{where}” is made of texts on one line")
        for name in _VARIABLE.findall(told):
            if name not in os.environ:
                raise self._wrong(key, f"“{where}” asks for the variable {name}, which is not set")
        return _VARIABLE.sub(lambda found: os.environ[found[1]], told)

    def _wrong(self, key: str, why: str) -> Misconfigured:
        return Misconfigured(f"VIGIE_MCP_SERVERS {self.path}: server “{key}”: {why}")


def name_of(key: str) -> str:
    """The key as the name of a system: `Zapier (work)` is `zapier_work`."""
    name = re.sub(r"[^a-z0-9]+", "_", key.lower()).strip("_")
    name = name if name[:1].isalpha() else f"mcp_{name}".rstrip("_")
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 5]}_{digest(key)[:4]}"


def _disabled(told: Json) -> bool:
    return is_mapping(told) and told.get("disabled") is True


def _where(error: ValueError) -> str:
    """Where the JSON breaks off, without a word of what stands there."""
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno} is not JSON ({error.msg})"
    return "this is not UTF-8 text"
