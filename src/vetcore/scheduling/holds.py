"""Tells how long a hold lasts: until its expiry by the database's clock, or until its start."""

from datetime import datetime

from vetcore import clock
from vetcore.errors import HoldExpired
from vetcore.models import Appointment
from vetcore.scheduling.world import World
from vetcore.values.intervals import ceiling, instant

__all__ = ["ends_by_its_start", "has_run_out", "require_live"]


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
