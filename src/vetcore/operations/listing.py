"""Lists: what is asked for narrows them, where it is said."""

from typing import Any, TypeVar

from sqlalchemy import Select

__all__ = ["narrowed"]

Q = TypeVar("Q", bound=Select[Any])


def narrowed(query: Q, *wanted: tuple[Any, object]) -> Q:
    """The query, whose columns have these values where a value is given."""
    for column, value in wanted:
        if value is not None:
            query = query.where(column == value)
    return query
