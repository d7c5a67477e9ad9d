"""Every setting, and what is read beside them from the data folder. Knows the environment; plugs nothing."""

import io
import os
import secrets
import stat
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from dotenv.parser import parse_stream
from pydantic import AfterValidator, Field, ValidationError
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from adapters.systems.given import is_address
from adapters.telemetry.logs import Form as LogForm
from bot import (
    rulebook,
)
from bot.errors import Misconfigured
from bot.people import Identity
from bot.rulebook import PolicyFile
from memory.anchorbook import AnchorFile
from memory.brake import StopFile

VERSION = "0.1.0"


def _at_home(path: Path) -> Path:
    """A file named .env knows no shell that would say what `~` means."""
    try:
        return path.expanduser()
    except RuntimeError:
        raise PydanticCustomError("home", "nobody says where ~ is") from None


def _place(text: str) -> str:
    return str(_at_home(Path(text))) if text.startswith("~") else text


def _page(text: str) -> str:
    """Where people reach the page: a host, and no path."""
    if text and not (is_address(text) and urlsplit(text).path in ("", "/") and not set(text) & set("?#@")):
        raise PydanticCustomError("page", "it reads like https://vigie.example.com, without a path behind it")
    return text


def _base(text: str) -> str:
    if not is_address(text):
        raise PydanticCustomError("base", "it begins with https:// and names a host")
    return text


def _base_with_slash(text: str) -> str:
    return _base(text).rstrip("/") + "/"


Name = Annotated[str, AfterValidator(_place)]
"""The name of a file or folder."""


class Settings(BaseSettings):
    """Every setting of `.env.example`, from the environment, where `settings` puts what a file named .env says."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore")

    home: Annotated[Path, AfterValidator(_at_home)] = Field(Path(".vigie"), validation_alias="VIGIE_HOME")
    database_url: str = Field("", validation_alias="DATABASE_URL")
    host: str = Field("127.0.0.1", validation_alias="HOST")
    port: int = Field(8080, ge=1, le=65535, validation_alias="PORT")
    health_port: int = Field(0, ge=0, le=65535, validation_alias="VIGIE_HEALTH_PORT")
    public_url: Annotated[str, AfterValidator(_page)] = Field("", validation_alias="VIGIE_URL")
    slack_bot_token: str = Field("", validation_alias="SLACK_BOT_TOKEN", repr=False)
    slack_signing_secret: str = Field("", validation_alias="SLACK_SIGNING_SECRET", repr=False)
    slack_app_token: str = Field("", validation_alias="SLACK_APP_TOKEN", repr=False)
    slack_api_url: Annotated[str, AfterValidator(_base_with_slash)] = Field(
        "https://slack.com/api/", validation_alias="SLACK_API_URL"
    )
    telegram_bot_token: str = Field("", validation_alias="TELEGRAM_BOT_TOKEN", repr=False)
    telegram_webhook_url: str = Field("", validation_alias="TELEGRAM_WEBHOOK_URL")
    telegram_webhook_secret: str = Field("", validation_alias="TELEGRAM_WEBHOOK_SECRET", repr=False)
    telegram_api_url: Annotated[str, AfterValidator(_base)] = Field(
        "https://api.telegram.org/bot", validation_alias="TELEGRAM_API_URL"
    )
    model: str = Field("builtin", validation_alias="VIGIE_MODEL")
    secret_keys: str = Field("", validation_alias="VIGIE_SECRET_KEYS", repr=False)
    backup_passphrase: str = Field("", validation_alias="VIGIE_BACKUP_PASSPHRASE", repr=False)
    owners: str = Field("", validation_alias="VIGIE_OWNERS")
    policy: Name = Field("", validation_alias="VIGIE_POLICY")
    watch_hosts: str = Field("", validation_alias="VIGIE_WATCH_HOSTS")
    mcp_servers: Name = Field("", validation_alias="VIGIE_MCP_SERVERS")
    mcp_tools: Name = Field("", validation_alias="VIGIE_MCP_TOOLS")
    log: LogForm = Field(LogForm.AUTO, validation_alias="VIGIE_LOG")
    log_level: Literal["", "debug", "info", "warning", "error"] = Field(
        "", validation_alias="VIGIE_LOG_LEVEL"
    )

    @property
    def database(self) -> str:
        """The database's URL, the embedded one when none is set."""
        return self.database_url or f"sqlite:///{self.home.resolve() / 'vigie.db'}"

    @property
    def url(self) -> str:
        """Where the web page answers: as people reach it, else as one on this machine would type it."""
        if self.public_url:
            return self.public_url.rstrip("/")
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104 (read, not bound)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


def settings() -> Settings:
    """Reads them. Raises Misconfigured with one line that names what is wrong."""
    _take(Path(".env"))
    known = {str(field.validation_alias) for field in Settings.model_fields.values()}
    unknown = sorted(name for name in os.environ if name.startswith("VIGIE_") and name not in known | _OURS)
    if unknown:
        raise Misconfigured(f"unknown setting {unknown[0]}; see .env.example for those there are")
    try:
        return Settings()  # pyright: ignore[reportCallIssue] (filled from the environment)
    except ValidationError as error:
        first = error.errors()[0]
        # Never the value itself: it may be a token in the wrong variable.
        raise Misconfigured(f"setting {first['loc'][0]}: {first['msg']}") from None


def _take(file: Path) -> None:
    """What the file says goes into the environment, where that says nothing: model providers read it themselves. Raises
    Misconfigured, and never repeats a line: it may hold a key."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return
    except UnicodeDecodeError:
        raise Misconfigured(f"{file} is not UTF-8 text") from None
    except OSError as error:
        raise Misconfigured(f"{file}: {error.strerror}") from None
    for line in parse_stream(io.StringIO(text)):
        if line.error or "\0" in line.original.string:
            raise Misconfigured(f"{file}, line {line.original.line}: this is not NAME=value")
    for name, value in dotenv_values(stream=io.StringIO(text)).items():
        if value and not os.environ.get(name):
            os.environ[name] = value


_OURS = {"VIGIE_PEERS", "VIGIE_TEST_NOTHING_SKIPS"}
"""Names our own tests use; they set nothing in the program."""


def folder(home: Path) -> Path:
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        why = "there is a file of that name" if home.is_file() else error.strerror
        raise Misconfigured(
            f"VIGIE_HOME {home} is no folder and cannot be made one ({why}); nothing was changed. Name another"
        ) from error
    return home


def secret_keys(config: Settings) -> tuple[bytes, ...]:
    """The installation's keys, newest first; made, and kept with mode 0600, when there are none."""
    kept = folder(config.home) / "secret_keys"
    text = kept_keys(config)
    if not config.secret_keys and text and kept.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        kept.chmod(0o600)
    if not text:
        _put(kept, secrets.token_urlsafe(32) + "\n")
        # What stands there now: another process that starts at this moment may have been quicker.
        text = kept_keys(config)
    return read_keys(text)


def _put(path: Path, text: str) -> None:
    """A new file that nobody else reads or writes, whatever the umask is; whole, or not at all: half of one would be taken
    for all of it at the next start. One that is there by then stays. Raises Misconfigured."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            # A link, not a renaming: that would take the place of what another start has put there meanwhile.
            try:
                os.link(part, path)
            except FileExistsError:
                if not (path.is_file() and path.stat().st_size):
                    raise
        finally:
            part.unlink()
    except OSError as error:
        raise Misconfigured(f"{path} cannot be written ({error.strerror}); nothing was changed") from error


def read_keys(text: str) -> tuple[bytes, ...]:
    """Comma-separated keys, newest first. Raises Misconfigured."""
    keys = tuple(part.strip().encode() for part in text.split(",") if part.strip())
    if any(len(key) < 16 for key in keys):
        raise Misconfigured("setting VIGIE_SECRET_KEYS: each key has at least 16 characters")
    return keys


def kept_keys(config: Settings) -> str:
    """The keys as they are set or kept, "" when none were made yet. Raises Misconfigured."""
    kept = config.home / "secret_keys"
    try:
        return config.secret_keys or (kept.read_text(encoding="utf-8").strip() if kept.is_file() else "")
    except UnicodeDecodeError:
        raise Misconfigured(f"{kept} is no text, so it holds no keys of Vigie") from None
    except OSError as error:
        raise Misconfigured(f"{kept}: {error.strerror}") from error


def policy_file(config: Settings) -> PolicyFile:
    """The policy's file, checked; where the usual one is missing, the shipped one is put there to be edited.
    Raises Misconfigured naming file, rule and key."""
    usual = config.home / "policy.toml"
    if not config.policy and not usual.exists():
        _put(folder(config.home) / "policy.toml", rulebook.shipped_text())
    found = PolicyFile(Path(config.policy) if config.policy else usual)
    try:
        found.read()
    except Misconfigured as error:
        raise Misconfigured(f"setting VIGIE_POLICY: {error}" if config.policy else str(error)) from error
    return found


def owners(config: Settings) -> tuple[Identity, ...]:
    """Raises Misconfigured for what nobody could ever be."""
    return tuple(_owner(part) for part in listed(config.owners))


def _owner(text: str) -> Identity:
    try:
        who = Identity.parse(text)
    except ValueError as error:
        raise Misconfigured(f"setting VIGIE_OWNERS: {error}") from None
    match who:
        case Identity(platform="slack", team=team) if team:
            return who
        case Identity(platform="telegram", team="", user=user) if user.isascii() and user.isdecimal():
            return who
        case _:
            raise Misconfigured(
                f"setting VIGIE_OWNERS: {text!r} is nobody; write slack:TEAM:USER or telegram:NUMBER"
            )


def listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


STOP = "FREEZE"
"""The name of the stop file, in the data folder."""


def stop_file(config: Settings) -> StopFile:
    return StopFile(config.home / STOP)


def anchor_file(config: Settings) -> AnchorFile:
    return AnchorFile(config.home / "ledger-anchors.jsonl")
