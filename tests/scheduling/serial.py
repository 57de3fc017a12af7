"""Series to move and to cancel, and what became of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from tests.scheduling.practice import Practice
from vetcore.database import Database
from vetcore.models import Appointment, AppointmentSeries
from vetcore.scheduling import (
    SeriesReport,
    book_series,
    move_series,
)
from vetcore.values.appointments import SeriesScope
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.capacity import Capacity
from vetcore.values.recurrence import Recurrence

__all__ = [
    "ALL",
    "DAY",
    "FOLLOWING",
    "LONG",
    "MINUTE",
    "NEW_YORK",
    "THIS",
    "WEEK",
    "WEEKLY",
    "agreed_rules",
    "everything",
    "moved_to",
    "series_of",
    "starts_of",
]

NEW_YORK = ZoneInfo("America/New_York")
DAY, WEEK, MINUTE = timedelta(days=1), timedelta(weeks=1), timedelta(minutes=1)
LONG = BookingPolicy(minimum_notice_minutes=0, horizon_days=365, step_minutes=15)
THIS, FOLLOWING, ALL = SeriesScope.THIS, SeriesScope.FOLLOWING, SeriesScope.ALL
WEEKLY = "FREQ=WEEKLY;COUNT=4"


async def series_of(
    db: Database, made: Practice, rule: str = WEEKLY, **given: Any
) -> list[Appointment]:
    given = {"practitioner_id": made.vets[0].user_id} | given
    async with db.transaction() as session:
        report = await book_series(
            session, made.request(**given), rule=Recurrence.parse(rule), by=Capacity.STAFF
        )
    return report.booked


async def moved_to(
    db: Database, one: Appointment, to: datetime, scope: SeriesScope, **given: Any
) -> SeriesReport:
    given = {"by": Capacity.STAFF} | given
    async with db.transaction() as session:
        return await move_series(session, one.id, starts_at=to, scope=scope, **given)


async def starts_of(db: Database, of: Sequence[Appointment]) -> list[datetime]:
    """Where they start by now, in their order."""
    async with db.session() as session:
        keys = [each.id for each in of]
        rows = await session.scalars(select(Appointment).where(Appointment.id.in_(keys)))
        now = {row.id: row.starts_at for row in rows}
    return [now[key] for key in keys]


async def everything(db: Database) -> list[tuple[Any, ...]]:
    """Every appointment and series, with all of its columns."""
    async with db.session() as session:
        found: list[tuple[Any, ...]] = []
        for entity in (Appointment, AppointmentSeries):
            table = entity.__table__
            rows = await session.execute(select(*table.c).order_by(table.c.id))
            found += [tuple(row) for row in rows]
    return found


async def agreed_rules(db: Database) -> list[tuple[str | None, str | None]]:
    """What is agreed, the earliest first."""
    async with db.session() as session:
        rows = await session.scalars(select(AppointmentSeries))
        series = sorted(rows.all(), key=lambda row: row.first_wall_time or "")
    return [(row.rule, (row.first_wall_time or "")[:16]) for row in series]
