"""Keep of an appointment whether its pet was new to the clinic when it was booked."""

from vetcore.migrations.steps import execute, is_postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column. Of what was booked before it is not known, so none of it counts as new."""
    execute(
        "ALTER TABLE appointments ADD COLUMN new_patient BOOLEAN DEFAULT "
        f"{'false' if is_postgresql() else '0'} NOT NULL"
    )


def downgrade() -> None:
    """Drop the column."""
    execute("ALTER TABLE appointments DROP COLUMN new_patient")
