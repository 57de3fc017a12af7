"""How long a hold lasts: until its expiry by the database's clock, or until its start."""

from datetime import datetime

from vetcore import clock
from vetcore.errors import HoldExpired
from vetcore.models import Appointment
from vetcore.scheduling.world import World
from vetcore.values.intervals import ceiling, instant

__all__ = ["ends_by_its_start", "has_run_out", "require_live"]


def ends_by_its_start(world: World, expires: datetime, start: int) -> datetime:
    """Return the end of a hold that would run out at ``expires``, but at its start at the latest.

    Where the start has passed by the database's clock and not by ours, the two differ: what is left
    until the start by ours is then what the hold lasts by the database's.
    """
    if world.database_now < start:
        return min(expires, instant(start))
    return min(expires, instant(world.database_now + max(start - world.now, 0)))


def has_run_out(held: Appointment, world: World) -> bool:
    """Whether a hold is over: its expiry by the database's clock, or its start, has passed."""
    expires = held.hold_expires_at
    ran_out = expires is not None and ceiling(expires) <= world.database_now
    return ran_out or held.starts_at < clock.now()


def require_live(held: Appointment, world: World) -> None:
    """Refuse a hold that is over.

    Raises:
        HoldExpired: it is.
    """
    if has_run_out(held, world):
        expires = min(held.hold_expires_at or held.starts_at, held.starts_at)
        raise HoldExpired(appointment_id=held.id, expired_at=expires)
