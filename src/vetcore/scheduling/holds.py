"""Tells how long a hold lasts: until its expiry by the database's clock, or until its start.

:func:`expire_holds` notes it on those that are over.
"""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore import clock
from vetcore.database.statements import Now
from vetcore.errors import HoldExpired
from vetcore.models import Appointment
from vetcore.scheduling.world import World
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.intervals import ceiling, instant

__all__ = ["ends_by_its_start", "expire_holds", "has_run_out", "require_live"]


def ends_by_its_start(world: World, expires: datetime, start: int) -> datetime:
    """Return the end of a hold: ``expires``, or its start if that is earlier.

    The database's clock and ours may differ, so that the start has passed by the database's clock
    only. Then the hold lasts by the database's clock for as long as is left until the start by
    ours.
    """
    if world.database_now < start:
        return min(expires, instant(start))
    return min(expires, instant(world.database_now + max(start - world.now, 0)))


def has_run_out(held: Appointment, world: World) -> bool:
    """Return whether a hold is over: its expiry, or its start, has passed.

    The expiry is judged by the database's clock.
    """
    expires = held.hold_expires_at
    ran_out = expires is not None and ceiling(expires) <= world.database_now
    return ran_out or held.starts_at < clock.now()


def require_live(held: Appointment, world: World) -> None:
    """Refuse a hold that is over.

    Raises:
        HoldExpired: the hold is over.
    """
    if has_run_out(held, world):
        expires = min(held.hold_expires_at or held.starts_at, held.starts_at)
        raise HoldExpired(appointment_id=held.id, expired_at=expires)


async def expire_holds(session: AsyncSession, *, limit: int = 1000) -> int:
    """Mark holds that have run out as expired, and return how many they were.

    Nothing waits for this: a hold that has run out gives way by itself. It keeps lists tidy.
    """
    stale = (
        select(Appointment.id)
        .where(Appointment.status == AppointmentStatus.HELD, Appointment.hold_expires_at <= Now())
        .order_by(Appointment.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = (await session.scalars(stale)).all()
    if found:
        await session.execute(
            update(Appointment)
            .where(Appointment.id.in_(found))
            .values(status=AppointmentStatus.EXPIRED)
        )
    return len(found)
