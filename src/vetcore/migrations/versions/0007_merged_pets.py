"""Let a duplicate of a pet say where it went, and a signed record for which pet it was signed."""

import sqlalchemy as sa

from vetcore.migrations import op
from vetcore.migrations.steps import execute, is_postgresql, rebuild

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_COLUMNS = (
    ("pets", "merged_into_id", "SET NULL"),
    ("medical_records", "signed_pet_id", "RESTRICT"),
)


def upgrade() -> None:
    """Add the columns. Nothing was merged before."""
    for table, column, action in _COLUMNS:
        key = _key(table, column, action)
        if is_postgresql():
            execute(
                f"ALTER TABLE {table} ADD COLUMN {column} uuid", f"ALTER TABLE {table} ADD {key}"
            )
        else:
            first = f"CONSTRAINT pk_{table} "
            rebuild(table, _created(table).replace(first, f"{column} CHAR(32), {key}, {first}", 1))
        execute(f"CREATE INDEX ix_{table}_{column} ON {table} ({column})")


def downgrade() -> None:
    """Drop the columns, and with them where duplicates went."""
    for table, column, action in reversed(_COLUMNS):
        execute(f"DROP INDEX ix_{table}_{column}")
        if is_postgresql():
            execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        else:
            added = f"{column} CHAR(32), {_key(table, column, action)}, "
            rebuild(table, _created(table).replace(added, "", 1))


def _key(table: str, column: str, action: str) -> str:
    return (
        f"CONSTRAINT fk_{table}_{column} FOREIGN KEY({column})"
        f" REFERENCES pets (id) ON DELETE {action}"
    )


def _created(table: str) -> str:
    """The statement that made a table of SQLite's."""
    query = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :table")
    return str(op.get_bind().execute(query, {"table": table}).scalar_one())
