"""Access to the driver's own connection, for the few paths where measurements justify it.

A statement that is asked often is compiled once for each tenant and sent through asyncpg, which
prepares it (:func:`rows_of`). Its rows come back as asyncpg made them, without result processing.
So such a statement selects only what needs no processing: numbers, text and UUIDs. On SQLite it
runs as any other.

Everybody who listens to SQLAlchemy's statements also sees what is sent here: a tracer, a log of
slow statements, the translation of errors. They get a true execution context, since they store
things in it. An error takes the way of SQLAlchemy's own errors.
"""

from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Executable
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.util import await_only

from vetcore.database.session import ReadSession
from vetcore.database.translation import translate

if TYPE_CHECKING:
    import asyncpg

__all__ = [
    "asyncpg_connection",
    "asyncpg_dialect",
    "copy_in",
    "fetch",
    "is_postgresql",
    "rows_of",
]

T = TypeVar("T")

Send = Callable[["asyncpg.Connection[Any]", str, Sequence[Any]], Awaitable[T]]
"""Sends a statement and its values; listeners may have changed both."""


def is_postgresql(session: AsyncSession) -> bool:
    """Return whether this session talks to PostgreSQL."""
    return session.get_bind().dialect.name == "postgresql"


@cache
def asyncpg_dialect() -> Any:
    """SQLAlchemy's dialect for asyncpg, to compile with; no engine's own."""
    # A process that talks to SQLite never needs it.
    from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg  # noqa: PLC0415

    return PGDialect_asyncpg()  # type: ignore[no-untyped-call]


@asynccontextmanager
async def asyncpg_connection(session: AsyncSession) -> AsyncGenerator["asyncpg.Connection[Any]"]:
    """Yield asyncpg's connection inside the session's transaction.

    What is done on it is committed or rolled back with the session. Its errors are translated. Its
    statements are not announced to listeners; use :func:`fetch` and :func:`copy_in` for that.
    """
    connection = await session.run_sync(_begun)
    driver: Any = connection.connection.driver_connection
    try:
        yield driver
    except Exception as error:
        ours = translate(error, connection)
        if ours is None:
            raise
        raise ours from error


class _Compiled(NamedTuple):
    sql: str
    names: tuple[str, ...]
    defaults: Mapping[str, Any]


@lru_cache(maxsize=512)
def _compiled(statement: Executable, tenant: str | None) -> _Compiled:
    options: dict[str, Any] = {}
    if tenant is not None:
        options = {"schema_translate_map": {None: tenant}, "render_schema_translate": True}
    element: Any = statement
    compiled = element.compile(dialect=asyncpg_dialect(), **options)
    return _Compiled(str(compiled), tuple(compiled.positiontup or ()), compiled.params)


async def rows_of(
    session: ReadSession, statement: Executable, parameters: Mapping[str, Any]
) -> Sequence[Sequence[Any]]:
    """Return the rows of ``statement``, inside the session's transaction.

    ``statement`` must be made once, at import or behind a cache: it is the key of its compiled
    form. It is not filtered for deleted rows.
    """
    if not isinstance(session, AsyncSession):
        options = {"include_deleted": True}
        result = await session.execute(statement, dict(parameters), execution_options=options)
        return result.all()
    if not is_postgresql(session):
        return await session.run_sync(_executed, statement, dict(parameters))
    compiled = _compiled(statement, session.info.get("tenant"))
    values = [parameters.get(name, compiled.defaults.get(name)) for name in compiled.names]
    return await fetch(session, compiled.sql, values)


async def fetch(
    session: AsyncSession, statement: str, values: Sequence[Any]
) -> Sequence[Sequence[Any]]:
    """Return the rows of a statement that asyncpg prepares, inside the session's transaction."""
    return await session.run_sync(_fetched, statement, tuple(values))


async def copy_in(  # noqa: PLR0913 -- as COPY has them
    session: AsyncSession,
    table: str,
    columns: Sequence[str],
    source: AsyncIterator[bytes],
    *,
    schema: str | None = None,
    null: str = "",
) -> None:
    """Send lines into a table by ``COPY``, inside the session's transaction."""

    def send(driver: "asyncpg.Connection[Any]", _sql: str, _given: Sequence[Any]) -> Awaitable[str]:
        return driver.copy_to_table(
            table, source=source, columns=list(columns), schema_name=schema, null=null
        )

    place = table if schema is None else f"{schema}.{table}"
    await session.run_sync(_sent, f"COPY {place} ({', '.join(columns)}) FROM STDIN", (), send)


def _begun(session: OrmSession) -> Connection:
    """The connection of the session's transaction, which the driver has begun."""
    connection = session.connection()
    driver: Any = connection.connection.driver_connection
    if not driver.is_in_transaction():
        # SQLAlchemy sends BEGIN with its first statement only.
        connection.exec_driver_sql("SELECT 1")
    return connection


def _executed(
    session: OrmSession, statement: Executable, parameters: dict[str, Any]
) -> Sequence[Sequence[Any]]:
    """The rows of a statement, without what a session does to the statements of others."""
    return session.connection().execute(statement, parameters).all()


def _fetched(session: OrmSession, statement: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
    return _sent(session, statement, values, _fetch)


def _fetch(
    driver: "asyncpg.Connection[Any]", sql: str, given: Sequence[Any]
) -> Awaitable[Sequence[Sequence[Any]]]:
    return driver.fetch(sql, *given)


def _sent(session: OrmSession, statement: str, values: Sequence[Any], send: Send[T]) -> T:
    """Send the statement as ``Connection.exec_driver_sql`` does, and leave the rows to the caller."""
    connection: Any = session.connection()
    dialect, raw = connection.dialect, connection.connection
    options = connection.get_execution_options()
    context = dialect.execution_ctx_cls._init_statement(  # noqa: SLF001 -- a tracer keeps things in it
        dialect, connection, raw, options, statement, [values]
    )
    cursor = context.cursor
    for hear in connection.dispatch.before_cursor_execute:
        statement, values = hear(connection, cursor, statement, values, context, False)
    try:
        if not raw.driver_connection.is_in_transaction():
            # SQLAlchemy sends BEGIN with the first statement of its own only.
            await_only(raw.dbapi_connection._start_transaction())  # noqa: SLF001 -- as its own cursor does
        answer = await_only(send(raw.driver_connection, statement, values))
    except BaseException as error:  # a span ends with a cancellation, too
        adapted = _adapted(raw.dbapi_connection, error)
        connection._handle_dbapi_exception(adapted, statement, values, cursor, context)  # noqa: SLF001 -- as its own cursor has it
        raise
    for hear in connection.dispatch.after_cursor_execute:
        hear(connection, cursor, statement, values, context, False)
    cursor.close()
    return answer


def _adapted(connection: Any, error: BaseException) -> BaseException:
    """The error in the class that SQLAlchemy's own cursor raises, so that it is translated alike."""
    if not isinstance(error, Exception):
        return error
    try:
        connection._handle_exception(error)  # noqa: SLF001 -- it alone knows the class
    except Exception as adapted:  # noqa: BLE001 -- handed on
        return adapted
    return error
