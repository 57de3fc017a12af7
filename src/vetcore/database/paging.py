"""Pages of any list, by keyset: the next page begins after the last row, wherever that is by then.

Rows that are added or removed elsewhere neither repeat nor hide others, and the thousandth page
costs what the first does, where an index has the order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast, overload

from pydantic import BaseModel
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Join,
    Select,
    TypeDecorator,
    and_,
    false,
    inspect,
    literal,
    or_,
    tuple_,
)
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import UnaryExpression

from vetcore.database.cursors import Page, cursor_after, position_of, refuse_cursor, require_limit
from vetcore.database.listing import as_shape
from vetcore.database.session import ReadSession

__all__ = ["Page", "page", "read_page"]

T = TypeVar("T")
T2 = TypeVar("T2")
Shape = TypeVar("Shape", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class _Key:
    """One thing by which a list is ordered."""

    column: ColumnElement[Any]
    descending: bool
    nullable: bool
    nulls_last: bool

    @property
    def order(self) -> ColumnElement[Any]:
        way: ColumnElement[Any] = self.column.desc() if self.descending else self.column.asc()
        if not self.nullable:
            return way
        return way.nulls_last() if self.nulls_last else way.nulls_first()

    @property
    def name(self) -> str:
        nulls = ("first", "last")[self.nulls_last] if self.nullable else "none"
        return f"{self.column} {'desc' if self.descending else 'asc'} {nulls}"

    @property
    def kind(self) -> Any:
        stored = self.column.type
        if isinstance(stored, TypeDecorator):
            stored = stored.impl_instance
        try:
            return stored.python_type
        except NotImplementedError:
            return None

    def bound(self, value: object) -> ColumnElement[Any]:
        return literal(value, self.column.type)

    def is_at(self, value: object) -> ColumnElement[bool]:
        return self.column.is_(None) if value is None else self.column == self.bound(value)

    def is_after(self, value: object) -> ColumnElement[bool]:
        if value is None:
            return false() if self.nulls_last else self.column.is_not(None)
        bound = self.bound(value)
        later = self.column < bound if self.descending else self.column > bound
        return or_(later, self.column.is_(None)) if self.nullable and self.nulls_last else later


def _key(given: Any) -> _Key:
    expression: object = (
        given.__clause_element__() if hasattr(given, "__clause_element__") else given
    )
    descending = False
    nulls_last: bool | None = None
    while isinstance(expression, UnaryExpression):
        modifier = expression.modifier
        if modifier is operators.desc_op:
            descending = True
        elif modifier is operators.nulls_last_op:
            nulls_last = True
        elif modifier is operators.nulls_first_op:
            nulls_last = False
        elif modifier is not operators.asc_op:
            break
        expression = cast("Any", expression.element)
    column = cast("Any", expression)
    nullable = nulls_last is not None or bool(getattr(column, "nullable", True))
    return _Key(column, descending, nullable, nulls_last is not False)


def _identity(statement: Select[Any]) -> Sequence[ColumnElement[Any]]:
    """The primary key of what is listed: no two rows tie beyond it."""
    entity: Any = statement.column_descriptions[0].get("entity")
    if entity is not None:
        inspected: Any = inspect(entity)
        source: FromClause = inspected.selectable
    else:
        source = statement.get_final_froms()[0]
        while isinstance(source, Join):
            source = source.left
    return list(source.primary_key)


def _keys(statement: Select[Any], order_by: Sequence[Any]) -> list[_Key]:
    keys = [_key(given) for given in order_by]
    named = {str(key.column) for key in keys}
    last_way = keys[-1].descending if keys else False
    keys += [
        _Key(column, descending=last_way, nullable=False, nulls_last=True)
        for column in _identity(statement)
        if str(column) not in named
    ]
    return keys


def _beyond(keys: Sequence[_Key], position: Sequence[object]) -> ColumnElement[bool]:
    """Whether a row comes after the position."""
    if not any(key.nullable for key in keys) and len({key.descending for key in keys}) == 1:
        # One comparison of rows, which an index answers.
        row = tuple_(*(key.column for key in keys))
        last = tuple_(*(key.bound(value) for key, value in zip(keys, position, strict=True)))
        return row < last if keys[0].descending else row > last
    pairs = list(zip(keys, position, strict=True))
    ways = (
        and_(*(before.is_at(at) for before, at in pairs[:place]), key.is_after(value))
        for place, (key, value) in enumerate(pairs)
    )
    return or_(*ways)


async def _rows(  # noqa: PLR0913
    session: ReadSession,
    statement: Select[Any],
    order_by: Sequence[Any],
    *,
    limit: int,
    after: str | None,
    field: str,
) -> tuple[list[Any], str | None]:
    """The rows of a page, each with the keys of the order at its end, and the next cursor."""
    require_limit(limit)
    keys = _keys(statement, order_by)
    name = ", ".join(key.name for key in keys)
    if after is not None:
        kinds = [key.kind for key in keys]
        position = position_of(name, after, kinds=kinds, field=field)
        if any(at is None and not key.nullable for key, at in zip(keys, position, strict=True)):
            refuse_cursor(field)
        statement = statement.where(_beyond(keys, position))
    columns = (key.column.label(f"cursor_{place}") for place, key in enumerate(keys))
    asked: Any = statement.add_columns(*columns).order_by(None)
    result = await session.execute(asked.order_by(*(key.order for key in keys)).limit(limit + 1))
    rows = list(result.all())
    more = len(rows) > limit
    del rows[limit:]
    return rows, cursor_after(name, rows[-1][-len(keys) :]) if more else None


@overload
async def page(
    session: ReadSession,
    statement: Select[T],
    *,
    order_by: Sequence[Any],
    limit: int = ...,
    after: str | None = ...,
    field: str = ...,
) -> Page[T]: ...
@overload
async def page(
    session: ReadSession,
    statement: Select[*tuple[Any, ...]],
    *,
    order_by: Sequence[Any],
    limit: int = ...,
    after: str | None = ...,
    field: str = ...,
) -> Page[tuple[Any, ...]]: ...
async def page(  # noqa: PLR0913
    session: ReadSession,
    statement: Select[*tuple[Any, ...]],
    *,
    order_by: Sequence[Any],
    limit: int = 50,
    after: str | None = None,
    field: str = "after",
) -> Page[Any]:
    """A page of what ``statement`` selects.

    ::

        found = await page(
            session,
            select(Pet).where(visible(Pet, actor)),
            order_by=[Pet.species, Pet.born_on.desc()],
            limit=20,
            after=cursor,
        )

    Args:
        session: any session.
        statement: selects an entity, or columns; not ``DISTINCT`` and not grouped. Filters may
            differ from page to page.
        order_by: columns or expressions, each ``.desc()`` or not. Where a value is missing it comes
            last, unless ``.nulls_first()`` is said. An expression that may be NULL although its
            column may not (of an outer join) wants ``.nulls_last()``. Ties are broken by the
            primary key of the first entity, in the direction of the last criterion.
        limit: the length of the page.
        after: the ``next_cursor`` of the page before; None for the first.
        field: the name that an error gives to ``after``.

    Returns:
        The entities, or the tuples where several columns are selected.

    Raises:
        InvalidValue: ``after`` is no cursor of this order of this list, or ``limit`` is not
            positive.
    """
    rows, cursor = await _rows(session, statement, order_by, limit=limit, after=after, field=field)
    width = len(statement.column_descriptions)
    items: list[Any] = [row[0] if width == 1 else tuple(row[:width]) for row in rows]
    return Page(items, cursor)


async def read_page(  # noqa: PLR0913
    session: ReadSession,
    shape: type[Shape],
    statement: Select[*tuple[Any, ...]],
    *,
    order_by: Sequence[Any],
    limit: int = 50,
    after: str | None = None,
    field: str = "after",
) -> Page[Shape]:
    """A page of ``statement``, which :func:`vetcore.database.listing.select_for` began, as ``shape``.

    As :func:`page` otherwise, and without the price of entities.

    Raises:
        InvalidValue: ``after`` is no cursor of this order of this list, or ``limit`` is not
            positive.
    """
    rows, cursor = await _rows(session, statement, order_by, limit=limit, after=after, field=field)
    width = len(shape.model_fields)
    return Page(as_shape(shape, [row[:width] for row in rows]), cursor)
