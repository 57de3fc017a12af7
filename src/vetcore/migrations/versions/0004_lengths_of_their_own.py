"""Keep appointments' own lengths, and end holds at their start."""

import json
from typing import Any

import sqlalchemy as sa

from vetcore.migrations import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_COLUMN = "duration_minutes INTEGER"
_CHECK = "CONSTRAINT ck_appointments_duration_minutes CHECK (duration_minutes > 0)"

_MINUTES = {
    "postgresql": "CAST(date_part('epoch', ends_at - starts_at) / 60 AS INTEGER)",
    "sqlite": "CAST(round((julianday(ends_at) - julianday(starts_at)) * 1440) AS INTEGER)",
}
_LATER = {
    "postgresql": "hold_expires_at > starts_at",
    "sqlite": "julianday(hold_expires_at) > julianday(starts_at)",
}


def upgrade() -> None:
    """Add the column and fill it, and end holds at their start."""
    # In one piece, so that SQLite keeps the table, and the triggers on it.
    op.execute(f"ALTER TABLE appointments ADD COLUMN {_COLUMN} {_CHECK}")
    remember_lengths()
    end_holds_at_their_start()


def remember_lengths() -> None:
    """Store a length that differs from the catalogue's, or has none there, as the appointment's."""
    bind = op.get_bind()
    minutes = _MINUTES[bind.dialect.name]
    own = sa.text(
        f"UPDATE appointments SET duration_minutes = {minutes}"  # noqa: S608 -- our own words
        f" WHERE {minutes} > 0 AND clinic_id = :clinic AND service = :service"
        f" AND {minutes} <> :usual"
    )
    catalogs = bind.execute(sa.text("SELECT id, CAST(services AS TEXT) FROM clinics")).all()
    services = {clinic: json.loads(catalog) for clinic, catalog in catalogs}
    booked = bind.execute(sa.text("SELECT DISTINCT clinic_id, service FROM appointments")).all()
    for clinic, service in booked:
        usual = _usual(services[clinic], service)
        bind.execute(own, {"clinic": clinic, "service": service, "usual": usual})


def _usual(catalog: dict[str, Any], service: str) -> int:
    """The minutes of the catalogue; 0, which no appointment lasts, where it lacks the service."""
    offerings = catalog.get("offerings", [])
    lengths = (each["duration_minutes"] for each in offerings if each["service"] == service)
    return next(lengths, 0)


def end_holds_at_their_start() -> None:
    """End each hold at the start of its appointment at the latest."""
    later = _LATER[op.get_bind().dialect.name]
    op.execute(
        f"UPDATE appointments SET hold_expires_at = starts_at WHERE status = 'held' AND {later}"  # noqa: S608 -- our own words
    )


def downgrade() -> None:
    """Forget the lengths."""
    op.execute("ALTER TABLE appointments DROP COLUMN duration_minutes")
