"""Constructs that SQLAlchemy lacks: instants in seconds, the database's clock, rows as JSON."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, Date, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

__all__ = [
    "DayOf",
    "JsonArray",
    "JsonRows",
    "Now",
    "PlansKept",
    "PlansMade",
    "SecondsDown",
    "SecondsUp",
]


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


class Weighed(FunctionElement[int]):
    """A weight in tenths of a gram, as SQLite stores it."""

    type = BigInteger()
    inherit_cache = True
    name = "weighed"


class Now(FunctionElement[Any]):
    """The database's clock at this moment. It can be compared with a stored instant."""

    inherit_cache = True
    name = "now_by_the_database"


class JsonArray(FunctionElement[str]):
    """The arguments as a JSON array."""

    type = Text()
    inherit_cache = True
    name = "json_array_of"


class JsonRows(FunctionElement[str]):
    """The argument of every row, as a JSON array in a text. It is None if there is no row."""

    type = Text()
    inherit_cache = True
    name = "json_rows"


class DayOf(FunctionElement[Any]):
    """The day that a JSON object, the first argument, has for a UUID, the second."""

    type = Date()
    inherit_cache = True
    name = "day_of"


class PlansKept(FunctionElement[str]):
    """Makes PostgreSQL plan a prepared statement once for all values, until the transaction ends.

    PostgreSQL would plan a long statement anew each time, which may take longer than to run it. A
    statement with :class:`PlansMade` ends the effect earlier.
    """

    type = Text()
    inherit_cache = True
    name = "plans_kept"


class PlansMade(FunctionElement[str]):
    """Makes PostgreSQL plan statements as usual again, for the rest of the transaction."""

    type = Text()
    inherit_cache = True
    name = "plans_made"


def _arguments(element: FunctionElement[Any], compiler: SQLCompiler, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


_PATTERNS: Mapping[tuple[type[FunctionElement[Any]], str], str] = {
    # date_part counts in float8, exact to less than a microsecond and far faster than extract.
    (SecondsDown, "postgresql"): "CAST(floor(date_part('epoch', {})) AS BIGINT)",
    (SecondsDown, "sqlite"): "CAST(strftime('%s', {}) AS INTEGER)",
    (SecondsUp, "postgresql"): "CAST(ceil(date_part('epoch', {})) AS BIGINT)",
    # SQLite counts in milliseconds.
    (SecondsUp, "sqlite"): "CAST(strftime('%s', {}, '+0.999 seconds') AS INTEGER)",
    (Weighed, "postgresql"): "CAST({} * 10000 AS BIGINT)",
    (Weighed, "sqlite"): "{}",
    (Now, "postgresql"): "clock_timestamp()",
    (Now, "sqlite"): "strftime('%Y-%m-%d %H:%M:%f', 'now')",
    (PlansKept, "postgresql"): "set_config('plan_cache_mode', 'force_generic_plan', true)",
    (PlansKept, "sqlite"): "'kept'",
    (PlansMade, "postgresql"): "set_config('plan_cache_mode', 'auto', true)",
    (PlansMade, "sqlite"): "'made'",
    (JsonArray, "postgresql"): "json_build_array({})",
    (JsonArray, "sqlite"): "json_array({})",
    (JsonRows, "postgresql"): "CAST(json_agg({}) AS TEXT)",
    (JsonRows, "sqlite"): "json_group_array({})",
}


@compiles(DayOf)
def _(element: DayOf, compiler: SQLCompiler, **options: Any) -> str:
    days, key = (compiler.process(each, **options) for each in element.clauses)
    if compiler.dialect.name == "postgresql":
        return f"CAST(CAST({days} AS JSON) ->> replace(CAST({key} AS TEXT), '-', '') AS DATE)"
    return f"json_extract({days}, '$.' || {key})"


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
