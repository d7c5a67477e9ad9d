"""Every setting, and what is read beside them from the data folder. Knows the environment; plugs nothing."""

import os
import secrets
import stat
from pathlib import Path
from typing import Literal

from dotenv import load_dotenv
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

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


class Settings(BaseSettings):
    """Every setting of `.env.example`, from the environment or a file named .env."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore")

    home: Path = Field(Path(".vigie"), validation_alias="VIGIE_HOME")
    database_url: str = Field("", validation_alias="DATABASE_URL")
    host: str = Field("127.0.0.1", validation_alias="HOST")
    port: int = Field(8080, ge=1, le=65535, validation_alias="PORT")
    public_url: str = Field("", validation_alias="VIGIE_URL", pattern=r"^(https?://[^/\s]+)?/?$")
    slack_bot_token: str = Field("", validation_alias="SLACK_BOT_TOKEN", repr=False)
    slack_signing_secret: str = Field("", validation_alias="SLACK_SIGNING_SECRET", repr=False)
    slack_app_token: str = Field("", validation_alias="SLACK_APP_TOKEN", repr=False)
    slack_api_url: str = Field("https://slack.com/api/", validation_alias="SLACK_API_URL")
    telegram_bot_token: str = Field("", validation_alias="TELEGRAM_BOT_TOKEN", repr=False)
    telegram_webhook_url: str = Field("", validation_alias="TELEGRAM_WEBHOOK_URL")
    telegram_webhook_secret: str = Field("", validation_alias="TELEGRAM_WEBHOOK_SECRET", repr=False)
    telegram_api_url: str = Field("https://api.telegram.org/bot", validation_alias="TELEGRAM_API_URL")
    model: str = Field("builtin", validation_alias="VIGIE_MODEL")
    secret_keys: str = Field("", validation_alias="VIGIE_SECRET_KEYS", repr=False)
    backup_passphrase: str = Field("", validation_alias="VIGIE_BACKUP_PASSPHRASE", repr=False)
    owners: str = Field("", validation_alias="VIGIE_OWNERS")
    policy: str = Field("", validation_alias="VIGIE_POLICY")
    watch_hosts: str = Field("", validation_alias="VIGIE_WATCH_HOSTS")
    mcp_servers: str = Field("", validation_alias="VIGIE_MCP_SERVERS")
    mcp_tools: str = Field("", validation_alias="VIGIE_MCP_TOOLS")
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
    # Model providers read the environment themselves, so what .env says must be in it.
    load_dotenv(".env")
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


_OURS = {"VIGIE_PEERS", "VIGIE_TEST_NOTHING_SKIPS"}
"""Names our own tests use; they set nothing in the program."""


def folder(home: Path) -> Path:
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Misconfigured(f"VIGIE_HOME {home}: {error.strerror}") from error
    return home


def secret_keys(config: Settings) -> tuple[bytes, ...]:
    """The installation's keys, newest first; made, and kept with mode 0600, when there are none."""
    text = config.secret_keys
    kept = folder(config.home) / "secret_keys"
    if not text and kept.is_file():
        if kept.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            kept.chmod(0o600)
        text = kept.read_text().strip()
    if not text:
        text = secrets.token_urlsafe(32)
        descriptor = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text + "\n")
    return read_keys(text)


def read_keys(text: str) -> tuple[bytes, ...]:
    """Comma-separated keys, newest first. Raises Misconfigured."""
    keys = tuple(part.strip().encode() for part in text.split(",") if part.strip())
    if any(len(key) < 16 for key in keys):
        raise Misconfigured("setting VIGIE_SECRET_KEYS: each key has at least 16 characters")
    return keys


def kept_keys(config: Settings) -> str:
    """The keys as they are set or kept, "" when none were made yet."""
    kept = config.home / "secret_keys"
    return config.secret_keys or (kept.read_text().strip() if kept.is_file() else "")


def policy_file(config: Settings) -> PolicyFile:
    """The policy's file, checked; where the usual one is missing, the shipped one is put there to be edited.
    Raises Misconfigured naming file, rule and key."""
    usual = config.home / "policy.toml"
    if not config.policy and not usual.exists():
        (folder(config.home) / "policy.toml").write_text(rulebook.shipped_text(), encoding="utf-8")
    found = PolicyFile(Path(config.policy) if config.policy else usual)
    found.read()
    return found


def owners(config: Settings) -> tuple[Identity, ...]:
    try:
        return tuple(Identity.parse(part.strip()) for part in config.owners.split(",") if part.strip())
    except ValueError as error:
        raise Misconfigured(f"setting VIGIE_OWNERS: {error}") from None


def listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def stop_file(config: Settings) -> StopFile:
    return StopFile(config.home / "FREEZE")


def anchor_file(config: Settings) -> AnchorFile:
    return AnchorFile(config.home / "ledger-anchors.jsonl")
