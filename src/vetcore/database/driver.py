"""The one seam to the driver's own connection, for the few paths where a measurement earns it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from vetcore.database.translation import translate

if TYPE_CHECKING:
    import asyncpg

__all__ = ["asyncpg_connection", "both_connections", "is_postgresql"]


def is_postgresql(session: AsyncSession) -> bool:
    """Whether this session talks to PostgreSQL."""
    return session.get_bind().dialect.name == "postgresql"


@asynccontextmanager
async def asyncpg_connection(session: AsyncSession) -> AsyncGenerator["asyncpg.Connection[Any]"]:
    """Asyncpg's connection inside the session's transaction, for COPY and prepared statements.

    What is done on it is committed or rolled back with the session. Its errors are translated.
    """
    async with both_connections(session) as (_, driver):
        yield driver


@asynccontextmanager
async def both_connections(
    session: AsyncSession,
) -> AsyncGenerator[tuple[AsyncConnection, "asyncpg.Connection[Any]"]]:
    """The same, with SQLAlchemy's connection, which knows who listens to statements."""
    connection = await session.connection()
    raw = await connection.get_raw_connection()
    driver: Any = raw.driver_connection
    if not driver.is_in_transaction():
        # SQLAlchemy sends BEGIN with its first statement only.
        await connection.exec_driver_sql("SELECT 1")
    try:
        yield connection, driver
    except Exception as error:
        ours = translate(error, connection.sync_connection)
        if ours is None:
            raise
        raise ours from error
