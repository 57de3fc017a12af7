"""Let an appointment occupy further people and equipment, and let nobody occupy those twice."""

import sqlalchemy as sa

from vetcore.migrations import op
from vetcore.migrations.occupations import on_postgresql, on_sqlite
from vetcore.migrations.steps import execute, is_postgresql
from vetcore.migrations.timetables import unwatch, watch

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_WATCHED = ("clinic_id", "name", "kind", "deleted_at")


def upgrade() -> None:
    """Make the tables. No appointment occupied more before than it does in its own row."""
    (on_postgresql if is_postgresql() else on_sqlite).make_tables()
    watch("equipment", _WATCHED)


def downgrade() -> None:
    """Drop the tables. What appointments to come occupy has no place in the earlier model."""
    count = op.get_bind().scalar(
        sa.text(
            "SELECT count(*) FROM occupations WHERE occupying"
            " AND occupied_until > CURRENT_TIMESTAMP"
        )
    )
    if count:
        message = (
            f"{count} assistants and pieces of equipment are occupied by appointments to come, and "
            "the earlier model has no place for them: cancel those appointments first"
        )
        raise RuntimeError(message)
    if is_postgresql():
        execute(
            "DROP TRIGGER occupations_follow_update ON appointments",
            "DROP TRIGGER practitioner_assists_insert ON appointments",
            "DROP TRIGGER practitioner_assists_update ON appointments",
        )
    else:
        execute(
            "DROP TRIGGER occupations_follow",
            "DROP TRIGGER ex_appointments_assists_insert",
            "DROP TRIGGER ex_appointments_assists_update",
        )
    unwatch("equipment")
    execute("DROP TABLE occupations", "DROP TABLE equipment")
    if is_postgresql():
        execute(
            "DROP FUNCTION occupation_times()",
            "DROP FUNCTION occupations_follow()",
            "DROP FUNCTION practitioner_assists()",
        )
