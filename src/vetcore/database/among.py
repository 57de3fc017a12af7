"""The condition ``column = ANY (ARRAY (SELECT …))``, for sets that are small in any table."""

from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, Select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from typing_extensions import override

__all__ = ["among"]


class _Among(FunctionElement[bool]):
    """PostgreSQL computes the array once, before the rows are looked at, and finds them by an index.

    A subselect after IN it would look up for each row of the table, as soon as the condition is one
    of several that OR connects.
    """

    type = Boolean()
    inherit_cache = True

    @override
    def self_group(self, against: Any = None) -> Any:
        """As it is: compared with 1, for SQLite has no booleans, it would be found by no index."""
        del against
        return self


@compiles(_Among)
def _in(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, query = element.clauses
    return f"{compiler.process(column, **options)} IN {compiler.process(query, **options)}"


@compiles(_Among, "postgresql")
def _any(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, query = element.clauses
    return (
        f"{compiler.process(column, **options)} = ANY (ARRAY{compiler.process(query, **options)})"
    )


def among(column: ColumnElement[Any], query: Select[UUID]) -> ColumnElement[bool]:
    """Return whether ``column`` has one of the few values that ``query`` finds."""
    return _Among(column, query.scalar_subquery())
