"""What every entity has: an identity, audit stamps, soft deletion and a version."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    Constraint,
    Enum,
    Index,
    MetaData,
    Table,
    event,
    func,
    inspect,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from uuid_utils.compat import uuid7

from vetcore.database.acting import actor_of, moment_of
from vetcore.database.registry import schema
from vetcore.database.softdelete import SoftDeletes
from vetcore.models.documents import TypedDocument
from vetcore.models.indexes import index
from vetcore.models.types import (
    BoundedText,
    Day,
    ExactDecimal,
    FreeText,
    Identifier,
    NormalText,
    UtcDateTime,
)

__all__ = [
    "Base",
    "Code",
    "Entity",
    "LongText",
    "Money",
    "PrimaryKey",
    "ShortText",
    "document",
    "searchable_document",
    "unique_while_active",
]


def _check_subject(constraint: Constraint | Index, _table: Table) -> str:
    """A CHECK that an enum brings along is named for its column, not for its Python class."""
    columns = list(constraint.columns) if isinstance(constraint, CheckConstraint) else []
    # Nothing public tells that an enum's type brought it.
    if getattr(constraint, "_type_bound", False) and columns:
        return columns[0].name
    return str(constraint.name)


_naming: dict[Any, str | Callable[[Any, Table], str]] = {
    # SQLAlchemy applies the convention to a named CHECK only if "constraint_name" is in it.
    "check_constraint_name": _check_subject,
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(check_constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=_naming)
schema.describe(metadata)

PrimaryKey = Annotated[UUID, mapped_column(primary_key=True, default=uuid7)]
ShortText = Annotated[str, mapped_column(BoundedText(200))]
Code = Annotated[str, mapped_column(BoundedText(64))]
LongText = Annotated[str, mapped_column(FreeText())]
Money = Annotated[Decimal, mapped_column(ExactDecimal(14, 3))]


def _values(members: Sequence[StrEnum]) -> list[str]:
    return [member.value for member in members]


class Base(DeclarativeBase):
    """The declarative base. A service may derive its own tables from it, too."""

    metadata = metadata
    type_annotation_map = {  # noqa: RUF012 -- SQLAlchemy's declaration, not shared state
        datetime: UtcDateTime,
        # Classes, so that each column has a type of its own, which knows its name.
        date: Day,
        UUID: Identifier,
        StrEnum: Enum(
            StrEnum,
            native_enum=False,
            create_constraint=True,
            validate_strings=True,
            length=32,
            values_callable=_values,
        ),
    }


class Entity(SoftDeletes, Base):
    """A row with an identity: it has a UUIDv7 key, audit stamps, soft deletion and a version."""

    __abstract__ = True

    id: Mapped[PrimaryKey] = mapped_column(sort_order=-10)
    created_at: Mapped[datetime] = mapped_column(
        default=moment_of, server_default=func.current_timestamp(), sort_order=90
    )
    # No foreign keys: an audit trail outlives the account, and must cost the writer no look-up.
    created_by_id: Mapped[UUID | None] = mapped_column(default=actor_of, sort_order=91)
    updated_at: Mapped[datetime] = mapped_column(
        default=moment_of,
        onupdate=moment_of,
        server_default=func.current_timestamp(),
        sort_order=92,
    )
    updated_by_id: Mapped[UUID | None] = mapped_column(
        default=actor_of, onupdate=actor_of, sort_order=93
    )

    @declared_attr
    def version(cls) -> Mapped[int]:  # noqa: N805 -- SQLAlchemy hands in the class
        """How often the row has been written."""
        # Of this table: an UPDATE may read others, which have a version, too.
        after: Any = text(f"{cls.__tablename__}.version + 1")
        return mapped_column(default=1, server_default="1", onupdate=after, sort_order=95)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 -- SQLAlchemy hands in the class
        return {"version_id_col": cls.version}

    def __repr__(self) -> str:
        return f"{type(self).__name__}(id={self.__dict__.get('id')})"


def document(shape: Any, *, default: Any = None, nullable: bool = False) -> Any:
    """Return a column that holds a JSON document of that shape.

    ``default`` is an instance of the shape.
    """
    shaped: object = default
    empty = None if shaped is None else "[]" if isinstance(shaped, tuple) else "{}"
    return mapped_column(
        TypedDocument(shape), nullable=nullable, default=default, server_default=empty
    )


def unique_while_active(table: str, *columns: str) -> Index:
    """Return an index that keeps values unique among rows that are not deleted.

    The index is called after the columns that must be unique.
    """
    active = {"where": text("deleted_at IS NULL")}
    name = f"uq_{table}_{'_'.join(columns)}"
    return index(name, *columns, unique=True, postgresql=active, sqlite=active)


def searchable_document(table: str, column: str) -> Index:
    """Return a GIN index for containment queries on a document. SQLite has no such index."""
    options = {"using": "gin", "ops": {column: "jsonb_path_ops"}}
    found = index(f"ix_{table}_{column}", column, postgresql=options)
    return found.ddl_if(dialect="postgresql")


@event.listens_for(Base, "attribute_instrument", propagate=True)
def _keep_in_form(_cls: type[Base], _key: str, attribute: Any) -> None:
    """Coerce a document, or a text, when it is assigned, so that an error points there."""
    column: Any = getattr(attribute.property, "columns", [None])[0]
    kind: object = getattr(column, "type", None)
    if not isinstance(kind, TypedDocument | NormalText):
        return

    @event.listens_for(attribute, "set", retval=True)
    def _(_target: Base, value: Any, _old: Any, _initiator: Any) -> Any:
        # A text may be given as an expression, and what is no text is refused with the statement.
        if value is None or (isinstance(kind, NormalText) and not isinstance(value, str)):
            return value
        return kind.coerce(value)


@event.listens_for(Entity, "init", propagate=True)
def _start_with_defaults(target: Entity, _args: Any, given: dict[str, Any]) -> None:
    """A new object has its plain defaults at once, not only after the first flush."""
    for name, default in _plain_defaults(type(target)):
        given.setdefault(name, default)


@cache
def _plain_defaults(cls: type[Entity]) -> tuple[tuple[str, Any], ...]:
    return tuple(
        (attribute.key, column.default.arg)
        for attribute in inspect(cls).column_attrs
        for column in attribute.columns[:1]
        if isinstance(column, Column)
        and isinstance(column.default, ScalarElementColumnDefault)
        and column.default.arg is not None
        and column.name != "version"
    )
