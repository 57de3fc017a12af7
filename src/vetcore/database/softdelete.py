"""Rows that are deleted stay, and queries leave them out unless they ask for them.

``select``, ``update`` and ``delete`` through a session see active rows only: ORM entities and
their relationship loads, ``session.get``, and Core statements on tables alike. The execution option
``include_deleted=True`` brings the deleted rows back.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Alias,
    ColumnElement,
    CompoundSelect,
    Delete,
    Join,
    Select,
    Table,
    Update,
    event,
    select,
)
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, mapped_column, with_loader_criteria
from sqlalchemy.sql.util import ClauseAdapter
from sqlalchemy.sql.visitors import cloned_traverse

from vetcore import clock

__all__ = ["INCLUDE_DELETED", "SoftDeletes", "leave_out_deleted"]

INCLUDE_DELETED = "include_deleted"
"""Name of the execution option."""

_COLUMN = "deleted_at"
_SOURCES = (Table, Alias)
_WRITES: tuple[type[Any], ...] = (Update, Delete)
_FILTERED: tuple[type[Any], ...] = (Select, CompoundSelect, *_WRITES)


class SoftDeletes:
    """Mixin: a row that is marked as deleted instead of being removed."""

    deleted_at: Mapped[datetime | None] = mapped_column(default=None, sort_order=94)

    @property
    def is_deleted(self) -> bool:
        """Whether the row is marked as deleted."""
        return self.deleted_at is not None

    def soft_delete(self) -> None:
        """Mark the row as deleted; unique values become free with the next flush."""
        self.deleted_at = self.deleted_at or clock.now()

    def restore(self) -> None:
        """Bring the row back; the next flush raises ``AlreadyExists`` if its place was taken."""
        self.deleted_at = None


def leave_out_deleted(session_class: type[Session]) -> None:
    """Make every statement of this class of session see active rows only."""

    @event.listens_for(session_class, "do_orm_execute")
    def _(state: ORMExecuteState) -> None:
        if (
            state.execution_options.get(INCLUDE_DELETED, False)
            or state.is_column_load
            or state.is_relationship_load
            or not (state.is_select or state.is_update or state.is_delete)
        ):
            return
        if state.is_orm_statement:
            state.statement = state.statement.options(
                with_loader_criteria(
                    SoftDeletes,
                    lambda cls: cls.deleted_at.is_(None),
                    include_aliases=True,
                    track_closure_variables=False,
                )
            )
        else:
            state.statement = _active_only(state.statement)


def _active_only(statement: Any) -> Any:
    """The Core statement, restricted to the active rows of every table that it selects from."""
    if not isinstance(statement, _FILTERED):
        return statement
    filtered: Any = cloned_traverse(statement, {}, {"select": _restrict})
    if isinstance(statement, _WRITES):
        return filtered.where(*_criteria(filtered.table))
    return filtered


def _restrict(clone: Any) -> None:
    """Restrict a SELECT, a nested one perhaps, in place: it is a copy that nobody else has."""
    if clone._propagate_attrs.get("compile_state_plugin") == "orm":  # noqa: SLF001
        return
    restricted: Any = clone
    for source, optional in _sources(clone.get_final_froms()):
        if optional:
            # In WHERE, the criterion would turn an outer join into an inner one.
            active = select(source).where(*_criteria(source)).subquery(source.name)
            restricted = ClauseAdapter(active).traverse(restricted)
        else:
            restricted = restricted.where(*_criteria(source))
    clone.__dict__.update(restricted.__dict__)


def _sources(froms: Iterable[Any]) -> Iterator[tuple[Any, bool]]:
    """The tables that can hold deleted rows, each with whether an outer join may null it."""
    for source in froms:
        if isinstance(source, Join):
            yield from (
                (table, optional or source.full) for table, optional in _sources([source.left])
            )
            outer = source.isouter or source.full
            yield from ((table, optional or outer) for table, optional in _sources([source.right]))
        elif isinstance(source, _SOURCES) and _can_hold_deleted(source):
            yield source, False


def _can_hold_deleted(source: Any) -> bool:
    return _COLUMN in source.c


def _criteria(source: Any) -> Iterator[ColumnElement[bool]]:
    if _can_hold_deleted(source):
        yield source.c[_COLUMN].is_(None)
