"""Appointments keep the wall time that was agreed."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from vetcore.errors import InvalidValue
from vetcore.migrations import op
from vetcore.values.zones import zone_named

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BATCH = 1000

appointments = sa.table(
    "appointments",
    sa.column("id", sa.Uuid()),
    sa.column("clinic_id", sa.Uuid()),
    sa.column("starts_at", sa.DateTime(timezone=True)),
    sa.column("wall_time", sa.String()),
)
clinics = sa.table("clinics", sa.column("id", sa.Uuid()), sa.column("timezone", sa.String()))


def upgrade() -> None:
    """Add the column, and fill it in for the appointments that there are."""
    op.add_column("appointments", sa.Column("wall_time", sa.String(100)))
    fill_in_wall_times(op.get_bind())


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("appointments", "wall_time")


def fill_in_wall_times(connection: sa.Connection) -> None:
    """Keep what each clinic's clock shows at the start of its visits, by the rules of today.

    SQLite knows no time zones, so Python reckons, for both engines, some rows at a time.
    """
    change = (
        appointments.update()
        .where(appointments.c.id == sa.bindparam("key"))
        .values(wall_time=sa.bindparam("text"))
    )
    for rows in _batches(connection):
        texts = [(row.id, _wall_time(row.starts_at, row.timezone)) for row in rows]
        known = [{"key": key, "text": text} for key, text in texts if text is not None]
        if known:
            connection.execute(change, known)


def _batches(connection: sa.Connection) -> Iterator[Sequence[Any]]:
    key = appointments.c.id
    query = (
        sa.select(key, appointments.c.starts_at, clinics.c.timezone)
        .join(clinics, clinics.c.id == appointments.c.clinic_id)
        .order_by(key)
        .limit(BATCH)
    )
    rows = connection.execute(query).all()
    while rows:
        yield rows
        rows = connection.execute(query.where(key > rows[-1].id)).all()


def _wall_time(starts_at: datetime, timezone: str) -> str | None:
    try:
        zone = zone_named(timezone)
    except InvalidValue:
        return None
    moment = starts_at.replace(tzinfo=UTC) if starts_at.tzinfo is None else starts_at
    return f"{moment.astimezone(zone).isoformat()}[{timezone}]"
