"""Leaves deleted rows out of queries, unless a query asks for them.

Every statement through a session sees active rows only: ORM entities and their relationship loads,
``session.get``, Core statements on tables, and what an ``INSERT``, ``UPDATE`` or ``DELETE`` reads of
other tables. The execution option ``include_deleted=True`` brings the deleted rows back: of the whole
statement, or of a subquery on tables that has it itself.

A statement answers as if the deleted rows were not there, whatever way its tables are joined. A
criterion in ``WHERE`` alone cannot say that of an outer join, where it would drop the other side's
row, too. So the criterion of a table that a join may leave empty stands in that join's ``ON``.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Delete, Insert, Select, Update, and_, event
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, mapped_column, with_loader_criteria
from sqlalchemy.sql.visitors import iterate

from vetcore import clock
from vetcore.database.anatomy import (
    become,
    changed,
    chosen_by,
    copy_of_join,
    final_froms,
    is_bare,
    is_orm,
    joins_of,
    read_from,
    sources_of,
    tables_in,
    values_of,
)

__all__ = ["INCLUDE_DELETED", "SoftDeletes", "leave_out_deleted"]

INCLUDE_DELETED = "include_deleted"
"""Name of the execution option."""

_COLUMN = "deleted_at"
_LEAVES = frozenset({"bindparam", "column", "table"})
_OF_TABLES = frozenset({"column", "table", "alias"})
_ALIASES = frozenset({"alias", "tablesample"})
_WRITES: tuple[type[Any], ...] = (Update, Delete)
_FILTERED: tuple[type[Any], ...] = (Select, CompoundSelect, Insert, *_WRITES)


class SoftDeletes:
    """A mixin for rows that are marked as deleted instead of being removed."""

    deleted_at: Mapped[datetime | None] = mapped_column(default=None, sort_order=94)

    @property
    def is_deleted(self) -> bool:
        """Whether the row is marked as deleted."""
        return self.deleted_at is not None

    def soft_delete(self) -> None:
        """Mark the row as deleted. Its unique values are free from the next flush on."""
        self.deleted_at = self.deleted_at or clock.now()

    def restore(self) -> None:
        """Bring the row back. The next flush raises ``AlreadyExists`` if its place was taken."""
        self.deleted_at = None


def leave_out_deleted(session_class: type[Session]) -> None:
    """Make every statement of this class of session see active rows only."""

    @event.listens_for(session_class, "do_orm_execute")
    def _(state: ORMExecuteState) -> None:
        if (
            state.execution_options.get(INCLUDE_DELETED, False)
            or state.is_column_load
            or state.is_relationship_load
            or not (state.is_select or state.is_update or state.is_delete or state.is_insert)
        ):
            return
        statement: Any = state.statement
        if state.is_insert:
            state.statement = _active_sources(statement)
        elif not state.is_orm_statement:
            state.statement = _active_only(statement)
        else:
            if isinstance(statement, _WRITES):
                statement = _among_active(_active_sources(statement))
            elif _needs_more_than_criteria(statement):
                statement = changed(statement, _restrict_where_needed)
            state.statement = statement.options(_active_entities())


def _active_entities() -> Any:
    return with_loader_criteria(
        SoftDeletes,
        lambda cls: cls.deleted_at.is_(None),
        include_aliases=True,
        track_closure_variables=False,
    )


def _includes_deleted(select: Any) -> bool:
    return bool(select.get_execution_options().get(INCLUDE_DELETED, False))


def _needs_more_than_criteria(statement: Any) -> bool:
    """Whether the loader criteria of an ORM statement miss one of its tables; asked of every one.

    They know entities, and the joins of ``Select.join``. They miss tables, joins that are handed in
    whole, and the preserved side of a FULL JOIN.
    """
    within = [statement]
    while within:
        element = within.pop()
        kind = element.__visit_name__
        if kind == "select":
            if not is_orm(element):
                if not _includes_deleted(element):
                    return True
                continue
            if _joins_by_hand(element):
                return True
        if kind not in _LEAVES:
            within.extend(element.get_children())
    return False


def _joins_by_hand(select: Any) -> bool:
    """Whether an ORM select joins or reads what the loader criteria do not reach."""
    return (
        any(flags["full"] or is_bare(target) for target, _, _, flags in joins_of(select))
        or any(each.__visit_name__ != "table" or is_bare(each) for each in sources_of(select))
        or any(map(_reads_a_table, chosen_by(select)))
    )


def _reads_a_table(chosen: Any) -> bool:
    return any(is_bare(each) for each in iterate(chosen) if each.__visit_name__ in _OF_TABLES)


def _active_only(statement: Any) -> Any:
    """The Core statement, restricted to the active rows of every table that it selects from."""
    if not isinstance(statement, _FILTERED):
        return statement
    filtered = changed(statement, _restrict_each)
    if isinstance(filtered, _WRITES):
        return _among_active(filtered).where(*_criteria(filtered.table))
    return filtered


def _active_sources(statement: Any) -> Any:
    """A statement that writes, of whose SELECTs each reads active rows only."""
    if any(element.__visit_name__ == "select" for element in iterate(statement)):
        return changed(statement, _restrict_each)
    return statement


def _among_active(statement: Any) -> Any:
    """The UPDATE or DELETE, restricted to the active rows of the other tables that it reads."""
    written = statement.table
    expressions = [statement.whereclause, *values_of(statement)]
    sources = chain.from_iterable(map(tables_in, expressions))
    others = dict.fromkeys(each for each in sources if not written.is_derived_from(each))
    return statement.where(*(each for source in others for each in _active(source)))


def _restrict_each(clone: Any) -> None:
    """Restrict a SELECT within a statement on tables, where loader criteria do not reach entities."""
    _restrict(clone)
    if is_orm(clone):
        become(clone, clone.options(_active_entities()))


def _restrict_where_needed(clone: Any) -> None:
    """Restrict a SELECT within a statement of entities, which has loader criteria as a whole."""
    if not is_orm(clone) or _joins_by_hand(clone):
        _restrict(clone)


def _restrict(clone: Any) -> None:
    """Restrict a SELECT in place: it is a copy that nobody else has."""
    if _includes_deleted(clone):
        return
    froms = final_froms(clone)
    if any(source.__visit_name__ in {"join", "grouping"} for source in froms):
        froms = [_own(source) for source in froms]
        read_from(clone, froms)
    become(clone, clone.where(*(each for source in froms for each in _active(source))))


def _own(source: Any) -> Any:
    """The joins within ``source``, copied, so that their ``ON`` may be changed."""
    if source.__visit_name__ == "grouping":
        return _own(source.element)
    if source.__visit_name__ != "join":
        return source
    copied = copy_of_join(source)
    copied.left, copied.right = _own(source.left), _own(source.right).self_group()
    return copied


def _active(source: Any) -> list[ColumnElement[bool]]:
    """What must hold of the rows of ``source`` after every join in it has been restricted.

    Each criterion is true of a row that an outer join filled with NULL, so it may also stand above
    that join; only the ``ON`` of the join must have it, too.
    """
    if source.__visit_name__ == "grouping":
        return _active(source.element)
    if source.__visit_name__ != "join":
        return list(_criteria(source))
    left, right = _active(source.left), _active(source.right)
    if source.full:
        source.onclause = and_(source.onclause, *left, *right)
        return [*left, *right]
    if source.isouter:
        source.onclause = and_(source.onclause, *right)
        return left
    return [*left, *right]


def _criteria(source: Any) -> Iterator[ColumnElement[bool]]:
    """That a table, or an alias of one, has no deleted row; what a subquery has, it has seen to."""
    element = source
    while element.__visit_name__ in _ALIASES:
        element = element.element
    if element.__visit_name__ == "table" and _COLUMN in source.c:
        yield source.c[_COLUMN].is_(None)
