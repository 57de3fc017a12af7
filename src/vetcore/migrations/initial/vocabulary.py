"""The helpers with which revision 0001 is written."""

from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from vetcore.migrations import op

__all__ = ["DOCUMENT", "INSTANT", "check", "choice", "decimal", "entity", "index", "reference"]

INSTANT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def decimal(precision: int, scale: int) -> sa.types.TypeEngine[Decimal]:
    """Return an exact decimal type. SQLite stores a whole number of the smallest unit."""
    return sa.Numeric(precision, scale).with_variant(sa.BigInteger(), "sqlite")


def choice(
    table: str, name: str, words: str, *, nullable: bool = False, server_default: str | None = None
) -> sa.Column[str]:
    """Return a column that holds one of these words, with a CHECK of the column's name."""
    kind = sa.Enum(
        *words.split(),
        name=op.f(f"ck_{table}_{name}"),
        native_enum=False,
        create_constraint=True,
        length=32,
    )
    return sa.Column(name, kind, nullable=nullable, server_default=server_default)


def entity(name: str, *items: sa.schema.SchemaItem) -> None:
    """Create a table with its own columns and those of every entity."""
    now = sa.func.current_timestamp()
    columns: list[sa.Column[Any]] = [item for item in items if isinstance(item, sa.Column)]
    op.create_table(
        name,
        sa.Column("id", sa.Uuid(), nullable=False),
        *columns,
        sa.Column("created_at", INSTANT, nullable=False, server_default=now),
        sa.Column("created_by_id", sa.Uuid()),
        sa.Column("updated_at", INSTANT, nullable=False, server_default=now),
        sa.Column("updated_by_id", sa.Uuid()),
        sa.Column("deleted_at", INSTANT),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        *(item for item in items if not isinstance(item, sa.Column)),
    )


def check(name: str, rule: str) -> sa.CheckConstraint:
    """Return a CHECK under its full name."""
    return sa.CheckConstraint(rule, name=op.f(name))


def reference(table: str, column: str, parent: str, on_delete: str) -> sa.ForeignKeyConstraint:
    """Return a foreign key to ``parent.id``."""
    return sa.ForeignKeyConstraint(
        [column], [f"{parent}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=on_delete
    )


def index(  # noqa: PLR0913
    name: str,
    table: str,
    columns: str,
    *,
    unique: bool = False,
    active: bool = False,
    where: str | None = None,
) -> None:
    """Create an index over columns. ``active`` limits it to rows that are not deleted."""
    condition = sa.text(where or "deleted_at IS NULL") if where or active else None
    op.create_index(
        name,
        table,
        columns.split(),
        unique=unique,
        postgresql_where=condition,
        sqlite_where=condition,
    )
