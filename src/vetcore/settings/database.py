"""The settings of the database, which every process has; the other sections load when asked for."""

from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from vetcore.settings.signing import parts_of

__all__ = ["SECTION", "DatabaseSettings", "Seconds"]

SECTION: Final = ConfigDict(frozen=True, extra="forbid", defer_build=True)
"""The configuration of each section."""
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


def _restricted_key(secret: SecretStr) -> SecretStr:
    if parts_of(secret.get_secret_value()).algorithm != "hmac-sha256":
        message = "should be of hmac-sha256"
        raise ValueError(message)
    return secret


class DatabaseSettings(BaseModel):
    """How to reach the database, and how long to wait for it. Times are in seconds.

    ``slow_statement`` is the time from which a statement is logged; None logs none.
    ``restricted_url`` and ``restricted_key`` are for sessions that see what their actor may see.
    """

    model_config = SECTION

    url: SecretStr = SecretStr("sqlite+aiosqlite:///vetcore.db")
    """``postgresql://user:password@host/database`` or ``sqlite:///file.db``; needed in staging and
    production."""
    tenant: Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]{0,62}$")] | None = None
    """The PostgreSQL schema that holds the tables."""
    restricted_url: SecretStr | None = None
    """Where restricted sessions connect, ``postgresql://vetcore_reader:password@host/database``."""
    restricted_key: Annotated[SecretStr, AfterValidator(_restricted_key)] | None = None
    """What tells the database who asks in a restricted session, ``ID:hmac-sha256:BASE64``."""
    pool_size: Annotated[int, Field(ge=1, le=1000)] = 10
    """Connections that are kept open; of a SQLite file, those that read, beside the one that
    writes. 5 in development, 2 in tests."""
    max_overflow: Annotated[int, Field(ge=0, le=1000)] = 5
    """Connections beyond those, while all are in use. 3 in tests."""
    pool_timeout: Seconds = 10
    """How long a session waits for a connection."""
    pool_recycle: Seconds = 1800
    """The age at which a connection is replaced."""
    pre_ping: bool = True
    """Whether a connection that has rested for a second is tried before it is handed out. One that
    was closed is never handed out."""
    connect_timeout: Seconds = 5
    """How long one attempt to connect may take."""
    connect_wait: Seconds = 60
    """How long start-up goes on trying."""
    failover_wait: Seconds = 45
    """How long work goes on being replayed after its connection was lost; 0 is not at all."""
    statement_timeout: Seconds = 30
    """How long a statement may run; 0 is without end."""
    lock_timeout: Seconds = 5
    """How long a statement waits for another transaction; 0 is without end."""
    idle_in_transaction_timeout: Seconds = 60
    """How long a transaction may do nothing before PostgreSQL ends it; 0 is without end."""
    echo: bool = False
    """Whether every statement is logged with its values; refused in production."""
    slow_statement: Seconds | None = None
    """The time from which a statement is logged. 0.5 in staging and production."""
