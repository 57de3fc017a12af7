"""Rows that are deleted stay, and queries leave them out unless they ask for them.

``select``, ``update`` and ``delete`` through a session see active rows only: ORM entities and
their relationship loads, ``session.get``, and Core statements on tables alike. The execution option
``include_deleted=True`` brings the deleted rows back: of the whole statement, or of a subquery on
tables that has it itself.
"""

from collections.abc import Callable, Iterable, Iterator
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
from sqlalchemy.sql.visitors import cloned_traverse, iterate

from vetcore import clock

__all__ = ["INCLUDE_DELETED", "SoftDeletes", "leave_out_deleted"]

INCLUDE_DELETED = "include_deleted"
"""Name of the execution option."""

_COLUMN = "deleted_at"
_SOURCES = (Table, Alias)
_LEAVES = frozenset({"bindparam", "column", "table"})
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
        if not state.is_orm_statement:
            state.statement = _active_only(state.statement)
            return
        statement: Any = state.statement
        if _has_core_part(statement):
            statement = _changed(statement, _restrict)
        state.statement = statement.options(_active_entities())


def _active_entities() -> Any:
    return with_loader_criteria(
        SoftDeletes,
        lambda cls: cls.deleted_at.is_(None),
        include_aliases=True,
        track_closure_variables=False,
    )


def _is_orm(select: Any) -> bool:
    plugin: object = select._propagate_attrs.get("compile_state_plugin")  # noqa: SLF001
    return plugin == "orm"


def _includes_deleted(select: Any) -> bool:
    return bool(select.get_execution_options().get(INCLUDE_DELETED, False))


def _has_core_part(statement: Any) -> bool:
    """Whether a SELECT on tables is somewhere in the ORM statement; asked of every one of them."""
    within = [statement]
    while within:
        element = within.pop()
        kind = element.__visit_name__
        if kind == "select" and not _is_orm(element):
            if not _includes_deleted(element):
                return True
        elif kind not in _LEAVES:
            within.extend(element.get_children())
    return False


def _changed(statement: Any, change: Callable[[Any], None]) -> Any:
    """A copy of the statement, each SELECT of which has been changed."""
    options = [
        option for element in iterate(statement) for option in getattr(element, "_with_options", ())
    ]  # which refuse to be copied
    return cloned_traverse(statement, {"stop_on": options}, {"select": change})


def _active_only(statement: Any) -> Any:
    """The Core statement, restricted to the active rows of every table that it selects from."""
    if not isinstance(statement, _FILTERED):
        return statement
    filtered = _changed(statement, _restrict_each)
    if isinstance(statement, _WRITES):
        return filtered.where(*_criteria(filtered.table))
    return filtered


def _restrict_each(clone: Any) -> None:
    """Restrict a SELECT in a statement on tables; one part of a union may yet be of entities."""
    if _is_orm(clone):
        clone._with_options += (_active_entities(),)  # noqa: SLF001
    else:
        _restrict(clone)


def _restrict(clone: Any) -> None:
    """Restrict a SELECT on tables in place: it is a copy that nobody else has."""
    if _is_orm(clone) or _includes_deleted(clone):
        return  # the whole statement's criteria are for entities
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
