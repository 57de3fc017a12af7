"""Reads what SQLAlchemy knows of a statement and has no public name for.

Soft deletion and paging work on statements that others wrote. So they must see all of a statement,
every time and at little cost. Only this module reads or changes what is private there. Each
function says why nothing public serves. A test holds the rest of the package to it.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import FromClause
from sqlalchemy.engine.default import StrCompileDialect
from sqlalchemy.sql.visitors import cloned_traverse, iterate

# ruff: noqa: SLF001 -- it is what this module is for

__all__ = [
    "become",
    "changed",
    "chosen_by",
    "copy_of_join",
    "cuts_of",
    "final_froms",
    "is_bare",
    "is_orm",
    "joins_of",
    "read_from",
    "sources_of",
    "tables_in",
    "values_of",
]

_DIALECT = StrCompileDialect()
"""In which SQLAlchemy shows a statement that has no engine."""


def is_orm(select: Any) -> bool:
    """Return whether the ORM compiles the SELECT.

    ``ORMExecuteState.is_orm_statement`` says it of a whole statement, not of a SELECT within.
    """
    plugin: object = select._propagate_attrs.get("compile_state_plugin")
    return plugin == "orm"


def is_bare(element: Any) -> bool:
    """Return whether a column, table or alias belongs to a plain table and to no entity.

    ``Select.column_descriptions`` tells the entity of what is selected, not of what is joined.
    """
    return "parententity" not in getattr(element, "_annotations", ("parententity",))


def chosen_by(select: Any) -> Sequence[Any]:
    """Return what was handed to ``select()``.

    ``Select.column_descriptions`` makes a dictionary of each, at every statement.
    """
    chosen: Sequence[Any] = select._raw_columns
    return chosen


def joins_of(select: Any) -> Sequence[tuple[Any, Any, Any, Any]]:
    """Return the arguments of ``Select.join()``: target, condition, left side and flags.

    ``Select.get_final_froms()`` has the joins as they are compiled, which costs as much.
    """
    joins: Sequence[tuple[Any, Any, Any, Any]] = select._setup_joins
    return joins


def sources_of(select: Any) -> Sequence[Any]:
    """Return the arguments of ``Select.select_from()``.

    ``Select.get_final_froms()`` adds the other sources.
    """
    sources: Sequence[Any] = select._from_obj
    return sources


def final_froms(select: Any) -> Sequence[Any]:
    """Return what a SELECT reads, as it is compiled.

    ``Select.get_final_froms()`` would compile the whole statement only for this.
    """
    compiler = _DIALECT.statement_compiler(_DIALECT, None)
    froms: Sequence[Any] = select._compile_state_factory(select, compiler)._get_display_froms()
    return froms


def tables_in(expression: Any) -> Sequence[FromClause]:
    """Return the tables and subqueries whose columns an expression reads, as it is correlated.

    A walk through it would also meet what the SELECTs within it read.
    """
    tables: Sequence[FromClause] = getattr(expression, "_from_objects", ())
    return tables


def values_of(statement: Any) -> Iterator[Any]:
    """Return what an UPDATE sets its columns to. No public name gives that."""
    given: Any = getattr(statement, "_values", None) or {}
    yield from given.values()


def cuts_of(select: Any) -> Iterator[str]:
    """Return the clauses that limit a SELECT's rows. No public name gives them."""
    for there, name in (
        (select._distinct, "DISTINCT"),
        (select._group_by_clauses, "GROUP BY"),
        (select._limit_clause is not None, "LIMIT"),
        (select._offset_clause is not None, "OFFSET"),
    ):
        if there:
            yield name


def changed(statement: Any, change: Callable[[Any], None]) -> Any:
    """Return a copy of the statement, each SELECT of which has been changed in place.

    ``replacement_traverse`` does not go into what it replaces, and SELECTs stand within others.
    """
    # Options refuse to be copied.
    options = [each for part in iterate(statement) for each in getattr(part, "_with_options", ())]
    return cloned_traverse(statement, {"stop_on": options}, {"select": change})


def become(clone: Any, other: Any) -> None:
    """Make a SELECT the same as another. Nobody else must have it, as in :func:`changed`."""
    clone.__dict__.update(other.__dict__)


def read_from(clone: Any, sources: Sequence[Any]) -> None:
    """Make a SELECT that nobody else has read these sources; ``select_from`` removes none."""
    clone._from_obj = tuple(sources)
    clone._setup_joins = ()


def copy_of_join(join: Any) -> Any:
    """Return a join whose sides and ``ON`` may be set, of the ORM's kind.

    ``join()`` would make a plain one.
    """
    return join._clone()
