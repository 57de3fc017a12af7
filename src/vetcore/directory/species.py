"""The condition that somebody treats a species, in SQL."""

from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB

from vetcore.values.animals import Species

__all__ = ["treats"]


def treats(column: Any, species: Species, dialect: str) -> ColumnElement[bool]:
    """Return whether a list of species names this one. An empty list names them all."""
    if dialect == "postgresql":
        listed = type_coerce(column, JSONB)
        return or_(func.jsonb_array_length(listed) == 0, listed.contains([species.value]))
    entry = func.json_each(column).table_valued("value")
    named = exists(select(1).select_from(entry).where(entry.c.value == species.value))
    return or_(func.json_array_length(column) == 0, named)
