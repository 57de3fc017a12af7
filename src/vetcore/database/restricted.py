"""The connections of restricted sessions: what one of them has left never meets the next."""

import re
from collections.abc import Awaitable
from typing import Any, Final

from pydantic import SecretStr
from sqlalchemy import Connection, event
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import ConnectionPoolEntry, PoolResetState

from vetcore.database.asking import RESTRICTED
from vetcore.database.engine import make_engine, reading_engine
from vetcore.database.locking import RELEASE_ALL
from vetcore.database.session import ends_a_transaction, refuse_the_end
from vetcore.database.slow import log_slow_statements
from vetcore.database.translation import translate_errors
from vetcore.database.urls import async_url
from vetcore.errors import ConfigurationError
from vetcore.settings import DatabaseSettings
from vetcore.settings.signing import Parts, parts_of

__all__ = ["KEY_SETTING", "URL_SETTING", "Restriction"]

URL_SETTING: Final = "VETCORE_DATABASE_RESTRICTED_URL"
KEY_SETTING: Final = "VETCORE_DATABASE_RESTRICTED_KEY"

_NEEDS_POSTGRESQL: Final = (
    "Restricted sessions need PostgreSQL; on SQLite, filter with access.visible()"
)


class Restriction:
    """Where restricted sessions connect, and the key that tells the database who asks.

    Raises:
        ConfigurationError: the URL or the key cannot be used.
    """

    def __init__(
        self, settings: DatabaseSettings, url: str | URL | None, key: str | None, dialect: str
    ) -> None:
        chosen = _plain(settings.restricted_url) if url is None else url
        signing = _plain(settings.restricted_key) if key is None else key
        self.dialect = dialect
        self.url = None if chosen is None else async_url(chosen)
        """Of the login that sees views only."""
        self.key = None if signing is None else _key(signing)
        """It signs who asks."""
        self.engine: AsyncEngine | None = None
        """With a pool of its own."""
        if self.url is None:
            return
        if "sqlite" in {dialect, self.url.get_backend_name()}:
            raise ConfigurationError(_NEEDS_POSTGRESQL, setting=URL_SETTING)
        self.engine = _engine(self.url, settings)

    def required(self) -> tuple[AsyncEngine, Parts]:
        """Return the engine of restricted sessions, and the key.

        Raises:
            ConfigurationError: one of them is missing.
        """
        if self.engine is None:
            message = _NEEDS_POSTGRESQL
            if self.dialect == "postgresql":
                message = (
                    f"Restricted sessions need a login of their own: set {URL_SETTING}, and call "
                    "enable_row_level_security(db) with the tables' owner, which makes it"
                )
            raise ConfigurationError(message, setting=URL_SETTING)
        return self.engine, self.required_key()

    def required_key(self) -> Parts:
        """Return the key.

        Raises:
            ConfigurationError: it is missing.
        """
        if self.key is None:
            message = (
                f"Nothing tells restricted sessions who asks: set {KEY_SETTING} to "
                'ID:hmac-sha256:BASE64, such as "r1:hmac-sha256:$(openssl rand -base64 32)"'
            )
            raise ConfigurationError(message, setting=KEY_SETTING)
        return self.key


def _plain(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


def _key(text: str) -> Parts:
    try:
        key = parts_of(text)
        if key.algorithm == "hmac-sha256":
            return key
        reason = "should be of hmac-sha256"
    except ValueError as error:
        reason = str(error)
    message = f"The key of restricted sessions {reason}"
    raise ConfigurationError(message, setting=KEY_SETTING)


# The engine ---------------------------------------------------------------------------------------

_MEDDLED: Final = "vetcore_meddled"
"""Key, in a connection's ``info``, of whether it may hold more than :data:`_RESET` takes away."""

_ONLY_ASKS: Final = re.compile(
    r"(?:\s|--[^\n]*+\n|/\*(?s:.*?)\*/|\()*+(?:select|with|values|table|explain|show)\b",
    re.IGNORECASE,
)
_RESET: Final = f"CLOSE ALL; UNLISTEN *; RESET ALL; {RELEASE_ALL}"
"""Takes away what a SELECT can leave. The driver's prepared statements stay, for they are costly."""


def _engine(url: URL, settings: DatabaseSettings) -> AsyncEngine:
    """An engine whose transactions only read, and whose connections are reset when they come back.

    A connection on which anything but a question was asked (``SET``, ``PREPARE``, ``LISTEN``,
    ``DO``) is used by nobody again.
    """
    engine = make_engine(url, settings)
    made = engine.sync_engine
    translate_errors(made)
    log_slow_statements(made, settings.slow_statement)

    @event.listens_for(made, "before_cursor_execute")
    def _(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if ends_a_transaction(statement):
            refuse_the_end()
        if not _ONLY_ASKS.match(statement):
            connection.info[_MEDDLED] = True

    @event.listens_for(made, "reset")
    def _(connection: Any, record: ConnectionPoolEntry, state: PoolResetState) -> None:
        if state.terminate_only:
            return
        connection.rollback()
        meddled = record.info.pop(_MEDDLED, False)

        def clean(driver: Any) -> Awaitable[str]:
            sent: Awaitable[str] = driver.execute("DISCARD ALL" if meddled else _RESET)
            return sent

        connection.run_async(clean)
        if meddled:
            record.invalidate(soft=True)

    return reading_engine(engine, settings).execution_options(**{RESTRICTED: True})
