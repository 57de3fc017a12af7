"""Settings: read from the environment when they are built, never at import.

Every name begins with ``VETCORE_``; the section comes next: ``VETCORE_DATABASE_POOL_SIZE``.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

__all__ = ["DatabaseSettings", "Settings"]

Seconds = Annotated[float, Field(ge=0)]


class DatabaseSettings(BaseModel):
    """How to reach the database, and how long to wait for it; times are in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: SecretStr = SecretStr("sqlite+aiosqlite:///vetcore.db")
    tenant: Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]{0,62}$")] | None = None
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
    slow_statement: Annotated[float, Field(ge=0)] | None = None


class Settings(BaseSettings):
    """All of vetcore's settings, a section each."""

    model_config = SettingsConfigDict(
        env_prefix="VETCORE_",
        env_nested_delimiter="_",
        env_nested_max_split=1,
        env_file=".env",
        extra="ignore",
        frozen=True,
    )

    database: DatabaseSettings = DatabaseSettings()
