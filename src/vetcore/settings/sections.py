"""The sections of the settings: which there are, what they may be, what they are by default."""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

__all__ = [
    "ENVIRONMENT_DEFAULTS",
    "ClerkSettings",
    "DatabaseSettings",
    "Environment",
    "FlagsSettings",
    "LoggingSettings",
    "Lower",
]


class Environment(StrEnum):
    """Where this process runs; it decides defaults, and what may be left to a default."""

    DEVELOPMENT = "development"
    TEST = "test"
    STAGING = "staging"
    PRODUCTION = "production"

    @property
    def is_deployed(self) -> bool:
        """Whether others depend on it, so that nothing important may be left to a default."""
        return self in {Environment.STAGING, Environment.PRODUCTION}


def _changed(change: Callable[[str], object]) -> BeforeValidator:
    def apply(value: object) -> object:
        return change(value) if isinstance(value, str) else value

    return BeforeValidator(apply)


def _https(url: str) -> str:
    if not re.match(r"https://[^/\s]+|http://(localhost|127\.0\.0\.1)(?=[:/]|$)", url):
        message = "should be an address that begins with https://"
        raise ValueError(message)
    return url.rstrip("/")


def _signing_secret(secret: SecretStr) -> SecretStr:
    if not secret.get_secret_value().startswith("whsec_"):
        message = "should begin with whsec_, as Clerk's dashboard shows it"
        raise ValueError(message)
    return secret


Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
_List = _changed(lambda text: [part for part in re.split(r"[\s,]+", text) if part])
_Https = Annotated[str, AfterValidator(_https)]
Lower = _changed(lambda text: text.strip().lower())
_Upper = _changed(lambda text: text.strip().upper())


# The sections -------------------------------------------------------------------------------------


class DatabaseSettings(BaseModel):
    """How to reach the database, and how long to wait for it; times are in seconds.

    ``slow_statement`` is the time from which a statement is logged; None logs none.
    ``row_security_role`` is the PostgreSQL role to which every session is restricted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: SecretStr = SecretStr("sqlite+aiosqlite:///vetcore.db")
    tenant: Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]{0,62}$")] | None = None
    row_security_role: Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]{0,50}$")] | None = None
    pool_size: Annotated[int, Field(ge=1, le=1000)] = 10
    max_overflow: Annotated[int, Field(ge=0, le=1000)] = 5
    pool_timeout: Seconds = 10
    pool_recycle: Seconds = 1800
    pre_ping: bool = True
    connect_timeout: Seconds = 5
    connect_wait: Seconds = 30
    statement_timeout: Seconds = 30
    lock_timeout: Seconds = 5
    idle_in_transaction_timeout: Seconds = 60
    echo: bool = False
    slow_statement: Seconds | None = None


class LoggingSettings(BaseModel):
    """How much is logged, and in which form: for programs, or for people."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], _Upper] = "INFO"
    format: Annotated[Literal["json", "console"], Lower] = "console"


class FlagsSettings(BaseModel):
    """Where feature flags are defined; ``vetcore.flags`` explains the file.

    ``disabled`` goes before ``enabled``, and both go before the file. The file is looked at again
    when ``reload_interval`` seconds have passed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: Path | None = None
    enabled: Annotated[frozenset[str], _List] = frozenset()
    disabled: Annotated[frozenset[str], _List] = frozenset()
    reload_interval: Seconds = 1


class ClerkSettings(BaseModel):
    """Whose session tokens and webhooks are believed; lists are separated by commas.

    ``webhook_secrets`` are several while a secret is being rotated. ``jwks_url`` is, by default,
    where Clerk publishes the keys of ``issuer``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: _Https | None = None
    audience: str | None = None
    authorized_parties: Annotated[tuple[str, ...], _List] = ()
    jwks_url: _Https | None = None
    webhook_secrets: Annotated[
        tuple[Annotated[SecretStr, AfterValidator(_signing_secret)], ...], _List
    ] = ()


ENVIRONMENT_DEFAULTS: Final[Mapping[Environment, Mapping[str, object]]] = {
    Environment.DEVELOPMENT: {"VETCORE_DATABASE_POOL_SIZE": 5},
    Environment.TEST: {
        "VETCORE_DATABASE_POOL_SIZE": 2,
        "VETCORE_DATABASE_MAX_OVERFLOW": 3,
        "VETCORE_LOGGING_LEVEL": "WARNING",
    },
    # The pool stays at 10 and 5: six processes of it fit in PostgreSQL's usual 100 connections.
    Environment.STAGING: {
        "VETCORE_DATABASE_SLOW_STATEMENT": 0.5,
        "VETCORE_LOGGING_FORMAT": "json",
    },
    Environment.PRODUCTION: {
        "VETCORE_DATABASE_SLOW_STATEMENT": 0.5,
        "VETCORE_LOGGING_FORMAT": "json",
    },
}
