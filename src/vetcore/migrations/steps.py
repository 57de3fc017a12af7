"""Helpers of the revisions: they send statements unchanged, and rebuild SQLite tables.

Alembic would read ``:name`` in a statement as a parameter and ``%`` as a mark; :func:`execute` sends
it to the driver unchanged. SQLite cannot change a constraint or the type of a column in place;
:func:`rebuild` makes the table again and keeps its rows, its indexes and its triggers.
"""

from sqlalchemy import Connection, text

from vetcore.migrations import op

__all__ = ["execute", "is_postgresql", "rebuild"]


def is_postgresql() -> bool:
    """Return whether the revision runs on PostgreSQL. If not, it runs on SQLite."""
    return op.get_bind().dialect.name == "postgresql"


def execute(*statements: str) -> None:
    """Run the statements one after the other."""
    connection = op.get_bind()
    for statement in statements:
        connection.exec_driver_sql(statement)


def rebuild(table: str, create: str) -> None:
    """Make a SQLite table again as ``create`` says, with the rows that it has.

    A column keeps its values where the new table has one of its name. The indexes and triggers of
    the table are made again as they were. Foreign keys are off while revisions run, as
    ``Database.migrate`` sees to: to drop the old table deletes nothing elsewhere.

    Args:
        table: its name.
        create: the CREATE TABLE statement of the new table, under the same name.
    """
    connection = op.get_bind()
    if connection.exec_driver_sql("PRAGMA foreign_keys").scalar():
        message = f"Foreign keys are on: to make {table} again would change other tables"
        raise RuntimeError(message)
    attached = connection.execute(
        text(
            "SELECT sql FROM sqlite_master WHERE tbl_name = :table AND sql IS NOT NULL "
            "AND type IN ('index', 'trigger') ORDER BY type, rowid"
        ),
        {"table": table},
    ).scalars()
    kept = list(attached)
    before = _columns(connection, table)
    # By its old rules, a renaming leaves the triggers of other tables alone, which name this one.
    execute("PRAGMA legacy_alter_table = ON", f'ALTER TABLE "{table}" RENAME TO "{table}_before"')
    execute(create)
    common = ", ".join(f'"{name}"' for name in _columns(connection, table) if name in before)
    execute(
        f'INSERT INTO "{table}" ({common}) SELECT {common} FROM "{table}_before"',  # noqa: S608 -- names of columns
        f'DROP TABLE "{table}_before"',
        "PRAGMA legacy_alter_table = OFF",
        *kept,
    )


def _columns(connection: Connection, table: str) -> list[str]:
    rows = connection.exec_driver_sql(f'PRAGMA table_info("{table}")')
    return [name for _, name, *_ in rows]
