"""What the lists of operations share: each given value narrows the list."""

from collections.abc import Collection
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, or_

__all__ = ["has_id_like", "narrowed", "of_ids"]

Q = TypeVar("Q", bound=Select[Any])

_DIGITS: Final = 32


def narrowed(query: Q, *wanted: tuple[Any, object]) -> Q:
    """Return the query for rows whose columns have the given values. None narrows nothing."""
    for column, value in wanted:
        if value is not None:
            query = query.where(column == value)
    return query


def of_ids(query: Q, column: Any, keys: Collection[UUID] | None) -> Q:
    """Return the query, narrowed to the rows of these ids, or unchanged if none are given."""
    return query if keys is None else query.where(column.in_(list(keys)))


def has_id_like(column: Any, piece: str) -> ColumnElement[bool]:
    """Return whether an id begins or ends with a piece of one, as people read it from a screen."""
    digits = piece.replace("-", "")
    first, last = (UUID(hex=digits.ljust(_DIGITS, filler)) for filler in "0f")
    begins = and_(column >= first, column <= last)
    return or_(begins, func.replace(cast(column, String), "-", "").endswith(digits))
