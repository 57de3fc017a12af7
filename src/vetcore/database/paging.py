"""Pages of any list, by keyset: the next page begins after the last row of this one.

Rows that are added or removed elsewhere neither repeat nor hide others. The thousandth page costs
as much as the first if an index has the order.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeVar, cast, overload

from pydantic import BaseModel
from sqlalchemy import (
    ColumnElement,
    FromClause,
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

from vetcore.database.anatomy import cuts_of, final_froms, joins_of, sources_of, tables_in
from vetcore.database.cursors import Page, cursor_after, position_of, refuse_cursor, require_limit
from vetcore.database.listing import as_shape
from vetcore.database.session import ReadSession
from vetcore.errors import InvalidValue

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
            # So SQLAlchemy says it of a type without one.
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


def _key(given: Any, optional: AbstractSet[Any]) -> _Key:
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
    if not isinstance(expression, ColumnElement):
        _refuse("order_by", "has something that is no column", "columns and expressions", given)
    column = cast("Any", expression)
    nullable = (
        nulls_last is not None
        or bool(getattr(column, "nullable", True))
        # A column that is never null is null in a row to which an outer join found no partner.
        or not optional.isdisjoint(tables_in(column))
    )
    return _Key(column, descending, nullable, nulls_last is not False)


def _refuse(field: str, rule: str, expected: str, value: object = None) -> NoReturn:
    raise InvalidValue(field=field, rule=rule, expected=expected, value=value)


@dataclass(slots=True)
class _Sources:
    """What a statement lists: the sources whose keys tell its rows apart, and which may be absent."""

    telling: list[FromClause] = field(default_factory=list[FromClause])
    optional: set[Any] = field(default_factory=set[Any])


def _sources(statement: Select[Any]) -> _Sources:
    """The tables that a row of the statement comes from.

    A join by the whole primary key of its right side adds at most one partner to a row, so that the
    key of the left side alone tells the rows apart.
    """
    entity: Any = statement.column_descriptions[0].get("entity")
    if entity is not None and _is_plain(statement):
        inspected: Any = inspect(entity)
        return _Sources([inspected.selectable])
    found = _Sources()
    for source in final_froms(statement):
        _look_at(source, found, optional=False, telling=True)
    return found


def _is_plain(statement: Any) -> bool:
    """Whether it reads one entity and nothing else, as most pages do."""
    if joins_of(statement) or sources_of(statement):
        return False
    return len(final_froms(statement)) == 1


def _joined(source: Any) -> bool:
    return source.__visit_name__ in {"join", "grouping"}


def _look_at(source: Any, found: _Sources, *, optional: bool, telling: bool) -> None:
    if source.__visit_name__ == "grouping":
        _look_at(source.element, found, optional=optional, telling=telling)
        return
    if source.__visit_name__ != "join":
        if telling:
            found.telling.append(source)
        if optional:
            found.optional.add(source)
        return
    _look_at(source.left, found, optional=optional or source.full, telling=telling)
    adds_rows = source.full or not _is_by_key(source)
    outer = source.isouter or source.full
    _look_at(source.right, found, optional=optional or outer, telling=telling and adds_rows)


def _is_by_key(join: Any) -> bool:
    """Whether the ``ON`` of a join fixes every column of the right side's primary key."""
    right: Any = join.right
    if _joined(right):
        return False
    wanted = set(right.primary_key)
    fixed: set[Any] = set()
    conditions = [join.onclause]
    while conditions:
        condition = conditions.pop()
        operator = getattr(condition, "operator", None)
        if operator is operators.and_:
            conditions.extend(condition.clauses)
        elif operator is operators.eq:
            sides = (condition.left, condition.right)
            for this, other in (sides, sides[::-1]):
                if this in wanted and right not in tables_in(other):
                    fixed.add(this)
    return bool(wanted) and len(fixed) == len(wanted)


def _keys(statement: Select[Any], order_by: Sequence[Any]) -> list[_Key]:
    sources = _sources(statement)
    keys = [_key(given, sources.optional) for given in order_by]
    named = {hash(key.column) for key in keys}
    last_way = keys[-1].descending if keys else False
    for source in sources.telling:
        identity = list(source.primary_key)
        if not identity:
            _refuse(
                "statement",
                f"lists {source}, which has no primary key by which ties could be broken",
                "entities, or tables with a primary key",
            )
        keys += [
            _Key(column, last_way, nullable=source in sources.optional, nulls_last=True)
            for column in identity
            if hash(column) not in named
        ]
    return keys


def _require_list(statement: Any) -> None:
    """Refuse a statement that cannot be paged, since its rows have no key of their own."""
    if not isinstance(statement, Select):
        _refuse("statement", "is no SELECT", "select(…), of a subquery where it is a union")
    for name in cuts_of(statement):
        _refuse("statement", f"has {name}", "the list alone: page() cuts it into pages")


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
    _require_list(statement)
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
    """Return a page of what ``statement`` selects.

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
            last, unless ``.nulls_first()`` is said. A row to which an outer join found no partner
            misses every value of that partner. Ties are broken by the primary keys of what is listed, in the direction of the
            last criterion.
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
    """Return a page of ``statement``, which ``select_for`` began, with each row as ``shape``.

    It is like :func:`page`, but makes no entities.

    Raises:
        InvalidValue: ``after`` is no cursor of this order of this list, or ``limit`` is not
            positive.
    """
    rows, cursor = await _rows(session, statement, order_by, limit=limit, after=after, field=field)
    width = len(shape.model_fields)
    return Page(as_shape(shape, [row[:width] for row in rows]), cursor)
