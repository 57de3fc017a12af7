"""Lock what is signed in the database, chain it, and give addenda a table of their own.

Of the records that one appointment has, a signed one, or else the oldest, keeps it; the others stay,
and no longer name the appointment.
"""

import re

from vetcore.migrations.signing import functions, postgresql, rows, sqlite, triggers
from vetcore.migrations.steps import execute, is_postgresql, rebuild

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TABLES = (
    "record_addenda",
    "record_releases",
    "record_seals",
    "released_rows",
    "record_release_ends",
)


def upgrade() -> None:
    """Make the tables, move the rows, and lock them."""
    if is_postgresql():
        execute(*postgresql.TABLES, *functions.FUNCTIONS)
        _move_rows()
        rows.name_signers()
        execute(*postgresql.TRIGGERS)
    else:
        execute(*sqlite.TABLES)
        # The person who signed, and the whole signature, need the new table.
        rebuild("medical_records", _with_addenda(sqlite.RECORDS))
        _move_rows()
        rows.name_signers()
        rebuild("medical_records", sqlite.RECORDS)
        execute(*sqlite.INDEXES, *triggers.TRIGGERS)


def _move_rows() -> None:
    rows.detach_duplicates()
    rows.bring_back()
    rows.seal_earlier()


def _with_addenda(create: str) -> str:
    return create.replace(
        "    signed_at DATETIME,",
        "    addenda JSON DEFAULT '[]' NOT NULL,\n    signed_at DATETIME,",
        1,
    )


def downgrade() -> None:
    """Unlock what is signed; what the tables of before cannot hold is put away until it comes back."""
    made = postgresql.TRIGGERS if is_postgresql() else triggers.TRIGGERS
    for statement in made:
        if match := re.match(r"CREATE TRIGGER (\w+) BEFORE .+? ON (\w+)", statement):
            name, table = match.groups()
            execute(f"DROP TRIGGER {name}" + (f" ON {table}" if is_postgresql() else ""))
    rows.put_away()
    if is_postgresql():
        execute("ALTER TABLE medical_records ADD COLUMN addenda jsonb DEFAULT '[]'::jsonb NOT NULL")
    else:
        execute(
            "DROP INDEX uq_medical_records_appointment_id",
            "DROP INDEX ix_medical_records_signed_by_user_id",
        )
        rebuild("medical_records", sqlite.RECORDS_BEFORE)
    rows.write_addenda_back()
    execute(*(f"DROP TABLE {table}" for table in _TABLES))
    if is_postgresql():
        execute(
            "DROP FUNCTION record_books()",
            "DROP FUNCTION record_lock()",
            "DROP FUNCTION record_truncate()",
            "DROP FUNCTION record_addendum_lock()",
            "DROP INDEX uq_medical_records_appointment_id",
            "ALTER TABLE medical_records DROP COLUMN signed_by_user_id",
            "ALTER TABLE medical_records ALTER COLUMN signature TYPE character varying(64)"
            " USING substr(signature, 1, 64)",
        )
