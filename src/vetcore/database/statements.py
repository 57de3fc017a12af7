"""Statements compiled once and sent on the driver's own connection, where a measurement earns it.

The same SQLAlchemy statement runs on SQLite as it is. On PostgreSQL it is compiled once for each
tenant and sent through asyncpg, which prepares it: rows come back as asyncpg made them, without
result processing. So a statement for this path selects what needs none: numbers, text, UUIDs.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Executable, Text
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from vetcore.database import ReadSession
from vetcore.database.driver import fetch, is_postgresql

__all__ = ["JsonArray", "JsonRows", "Now", "SecondsDown", "SecondsUp", "rows_of"]


class SecondsDown(FunctionElement[int]):
    """An instant in whole seconds since 1970, rounded down."""

    type = BigInteger()
    inherit_cache = True
    name = "seconds_down"


class SecondsUp(FunctionElement[int]):
    """An instant in whole seconds since 1970, rounded up."""

    type = BigInteger()
    inherit_cache = True
    name = "seconds_up"


class Now(FunctionElement[Any]):
    """The database's clock at this very moment, comparable with a stored instant."""

    inherit_cache = True
    name = "now_by_the_database"


class JsonArray(FunctionElement[str]):
    """The arguments as one JSON array."""

    type = Text()
    inherit_cache = True
    name = "json_array_of"


class JsonRows(FunctionElement[str]):
    """The argument of every row, as one JSON array in a text; None where there is no row."""

    type = Text()
    inherit_cache = True
    name = "json_rows"


def _arguments(element: FunctionElement[Any], compiler: SQLCompiler, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


_PATTERNS: Mapping[tuple[type[FunctionElement[Any]], str], str] = {
    # date_part counts in float8, exact to less than a microsecond and far faster than extract.
    (SecondsDown, "postgresql"): "CAST(floor(date_part('epoch', {})) AS BIGINT)",
    (SecondsDown, "sqlite"): "CAST(strftime('%s', {}) AS INTEGER)",
    (SecondsUp, "postgresql"): "CAST(ceil(date_part('epoch', {})) AS BIGINT)",
    # SQLite counts in milliseconds.
    (SecondsUp, "sqlite"): "CAST(strftime('%s', {}, '+0.999 seconds') AS INTEGER)",
    (Now, "postgresql"): "clock_timestamp()",
    (Now, "sqlite"): "strftime('%Y-%m-%d %H:%M:%f', 'now')",
    (JsonArray, "postgresql"): "json_build_array({})",
    (JsonArray, "sqlite"): "json_array({})",
    (JsonRows, "postgresql"): "CAST(json_agg({}) AS TEXT)",
    (JsonRows, "sqlite"): "json_group_array({})",
}


def _teach(kind: type[FunctionElement[Any]], dialect: str, pattern: str) -> None:
    @compiles(kind, dialect)
    def _(element: Any, compiler: Any, **options: Any) -> str:
        return pattern.format(_arguments(element, compiler, **options))


def _spell(kind: type[FunctionElement[Any]]) -> None:
    """How it reads where no database is asked: in an error, or in a log."""

    @compiles(kind)
    def _(element: Any, compiler: Any, **options: Any) -> str:
        return f"{element.name}({_arguments(element, compiler, **options)})"


for (_kind, _dialect), _pattern in _PATTERNS.items():
    _teach(_kind, _dialect, _pattern)
for _kind in {_kind for _kind, _ in _PATTERNS}:
    _spell(_kind)


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
    dialect: Any = PGDialect_asyncpg()  # type: ignore[no-untyped-call]
    compiled = element.compile(dialect=dialect, **options)
    return _Compiled(str(compiled), tuple(compiled.positiontup or ()), compiled.params)


async def rows_of(
    session: ReadSession, statement: Executable, parameters: Mapping[str, Any]
) -> Sequence[Sequence[Any]]:
    """The rows of ``statement``, inside the session's transaction.

    ``statement`` must be made once, at import or behind a cache: it is the key of its compiled
    form. It is not filtered for deleted rows.
    """
    if not isinstance(session, AsyncSession) or not is_postgresql(session):
        options = {"include_deleted": True}
        result = await session.execute(statement, dict(parameters), execution_options=options)
        return result.all()
    compiled = _compiled(statement, session.info.get("tenant"))
    values = [parameters.get(name, compiled.defaults.get(name)) for name in compiled.names]
    return await fetch(session, compiled.sql, values)
