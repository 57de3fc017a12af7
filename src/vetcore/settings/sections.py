"""The sections of the settings but for the database, with the limits and defaults of each setting."""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, SecretStr

from vetcore.settings.database import SECTION, Seconds
from vetcore.settings.signing import parts_of

__all__ = [
    "ENVIRONMENT_DEFAULTS",
    "ClerkSettings",
    "Environment",
    "FlagsSettings",
    "LoggingSettings",
    "Lower",
    "OidcSettings",
    "RecordsSettings",
    "RetentionSettings",
]


class Environment(StrEnum):
    """Where this process runs. Defaults depend on it, and what must be set explicitly."""

    DEVELOPMENT = "development"
    TEST = "test"
    STAGING = "staging"
    PRODUCTION = "production"

    @property
    def is_deployed(self) -> bool:
        """Whether others depend on this process, so that important settings must be explicit."""
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


def _signing_key(secret: SecretStr) -> SecretStr:
    parts_of(secret.get_secret_value())
    return secret


Days = Annotated[int, Field(ge=0, le=36_500)]
_List = _changed(lambda text: [part for part in re.split(r"[\s,]+", text) if part])
_Https = Annotated[str, AfterValidator(_https)]
Lower = _changed(lambda text: text.strip().lower())
_Upper = _changed(lambda text: text.strip().upper())


# The sections -------------------------------------------------------------------------------------


class RetentionSettings(BaseModel):
    """For how many days rows are kept that ``vetcore db clean`` removes. None means for ever.

    Each counts from the moment from which the row is of no more use.
    """

    model_config = SECTION

    deleted_days: Days | None = None
    """Rows since they were deleted. What is signed, and what others refer to, stays."""
    holds_days: Days | None = 7
    """Holds that nobody confirmed, since they expired."""
    waitlist_days: Days | None = 30
    """Wishes for a slot, since the last moment that they would have taken."""
    deliveries_days: Days | None = 30
    """The ledger of webhook deliveries, since they came in; senders retry for about a day."""
    keys_days: Days | None = 30
    """Keys of commands, since the command was carried out."""
    sessions_days: Days | None = 90
    """Sessions, links and API keys of accounts, since they ended or expired."""
    reminders_days: Days | None = 365
    """Reminders, since they were sent."""


class LoggingSettings(BaseModel):
    """How much is logged, and in which form: for programs, or for people."""

    model_config = SECTION

    level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], _Upper] = "INFO"
    """The least that is logged. WARNING in tests."""
    format: Annotated[Literal["json", "console"], Lower] = "console"
    """For programs, or for people. JSON in staging and production."""


class FlagsSettings(BaseModel):
    """Where feature flags are defined. ``vetcore.flags`` explains the file.

    ``disabled`` goes before ``enabled``, and both go before the file. The file is looked at again
    when ``reload_interval`` seconds have passed.
    """

    model_config = SECTION

    file: Path | None = None
    """The JSON file that defines flags."""
    enabled: Annotated[frozenset[str], _List] = frozenset()
    """Flags that are on for all."""
    disabled: Annotated[frozenset[str], _List] = frozenset()
    """Flags that are off for all."""
    reload_interval: Seconds = 1
    """How often the file is looked at again."""


class ClerkSettings(BaseModel):
    """Whose session tokens and webhooks are accepted. Lists are separated by commas.

    ``webhook_secrets`` are several while a secret is being rotated. ``jwks_url`` is, by default,
    where Clerk publishes the keys of ``issuer``.
    """

    model_config = SECTION

    issuer: _Https | None = None
    """Whose session tokens are believed: the instance, as ``https://…``."""
    audience: str | None = None
    """For whom a session token must be meant; without it, one that names anybody is refused."""
    authorized_parties: Annotated[tuple[str, ...], _List] = ()
    """The origins that may have asked for a session token."""
    jwks_url: _Https | None = None
    """Where the signing keys are, if not where Clerk publishes those of the issuer."""
    webhook_secrets: Annotated[
        tuple[Annotated[SecretStr, AfterValidator(_signing_secret)], ...], _List
    ] = ()
    """Signing secrets (``whsec_…``); several while one is rotated."""


class OidcSettings(BaseModel):
    """Whose tokens are accepted, of an OpenID Connect provider."""

    model_config = SECTION

    issuer: _Https | None = None
    """Whose tokens are believed: the provider, as ``https://…``, with no slash at its end."""
    audience: str | None = None
    """For whom a token must be meant: the id under which the provider knows the service."""


class RecordsSettings(BaseModel):
    """The keys that sign medical records; lists are separated by commas.

    A key is ``ID:ALGORITHM:BASE64``. The algorithm is ``hmac-sha256`` (32 random bytes or more),
    ``ed25519`` (the 32 bytes of a private key), or ``ed25519-public``, which only verifies. Keep a
    key as long as there are records that it signed: to rotate, add one and make it ``active``.
    """

    model_config = SECTION

    keys: Annotated[tuple[Annotated[SecretStr, AfterValidator(_signing_key)], ...], _List] = ()
    """The keys, each as ``ID:ALGORITHM:BASE64``; without one, nothing can be signed."""
    active: str | None = None
    """The id of the key that signs; needed where there are several that can."""


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
