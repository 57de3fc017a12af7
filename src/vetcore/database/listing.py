"""Reads lists without entities: rows go straight into a Pydantic model, or into JSON.

::

    statement = select_for(Pet, PetSummary).where(Pet.owner_id == owner_id).order_by(Pet.name)
    pets = await read_list(session, PetSummary, statement)
    body = await read_json(session, PetSummary, statement)

Enumerations and documents come as the driver gives them and are made into their types once, by the
model, instead of by SQLAlchemy and then again by the model.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter
from sqlalchemy import JSON, Enum, Select, String, TypeDecorator, select, type_coerce
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql.elements import ColumnElement

from vetcore.database.session import ReadSession

__all__ = ["as_shape", "read_json", "read_list", "select_for"]

Shape = TypeVar("Shape", bound=BaseModel)


def select_for(entity: type[DeclarativeBase], shape: type[BaseModel]) -> Select[*tuple[Any, ...]]:
    """Return a query of just the columns that ``shape`` has fields for, in their order.

    Deleted rows are left out, as everywhere; narrow it and order it as any other query.

    Raises:
        AttributeError: ``entity`` has no column of that name.
    """
    return select(*_columns(entity, shape))


async def read_list(
    session: ReadSession, shape: type[Shape], statement: Select[*tuple[Any, ...]]
) -> list[Shape]:
    """Return the rows of ``statement``, which :func:`select_for` began, as ``shape``."""
    result = await session.execute(statement)
    return as_shape(shape, result.all())


def as_shape(shape: type[Shape], rows: Iterable[Sequence[Any]]) -> list[Shape]:
    """Return rows, which have a value for each field of ``shape`` in order, as ``shape``."""
    names = tuple(shape.model_fields)
    named = [dict(zip(names, row, strict=True)) for row in rows]
    return _adapter(shape).validate_python(named)


async def read_json(
    session: ReadSession, shape: type[BaseModel], statement: Select[*tuple[Any, ...]]
) -> bytes:
    """Return the rows of ``statement`` as a JSON array of ``shape``, in UTF-8."""
    return _adapter(shape).dump_json(await read_list(session, shape, statement))


@cache
def _columns(
    entity: type[DeclarativeBase], shape: type[BaseModel]
) -> tuple[ColumnElement[Any], ...]:
    return tuple(_as_driven(getattr(entity, name)).label(name) for name in shape.model_fields)


def _as_driven(column: Any) -> ColumnElement[Any]:
    kind: object = column.type
    if isinstance(kind, Enum):
        return type_coerce(column, String())
    if isinstance(kind, TypeDecorator) and issubclass(kind.impl_instance.__class__, JSON):
        return type_coerce(column, JSON())
    return column  # type: ignore[no-any-return]


@cache
def _adapter(shape: type[Shape]) -> TypeAdapter[list[Shape]]:
    return TypeAdapter(list[shape])  # type: ignore[valid-type]
