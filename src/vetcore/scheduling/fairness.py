"""Limits of what owners hold and book, so that nobody has a whole day of a clinic.

The clinic's booking policy sets them, by pet and by owner. They bind owners only; what staff booked
for the pet counts all the same.
"""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore import clock
from vetcore.database.locking import take_turns
from vetcore.models import Appointment, Pet
from vetcore.scheduling.errors import TooManyBookings
from vetcore.scheduling.queries import occupies_now
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.capacity import Capacity
from vetcore.values.services import BookingPolicy

__all__ = ["require_within_limits"]

_OPEN: Final = (
    AppointmentStatus.HELD,
    AppointmentStatus.SCHEDULED,
    AppointmentStatus.CONFIRMED,
)


async def require_within_limits(  # noqa: PLR0913
    session: AsyncSession,
    policy: BookingPolicy,
    *,
    clinic_id: UUID,
    pet_id: UUID,
    by: Capacity,
    holds: bool = False,
    without: UUID | None = None,
) -> None:
    """Refuse an owner one more open booking, or hold, than the clinic's policy allows.

    Owners who book at once take turns until their transactions end, so that no two of them have the
    last place. Where no limit is set, or staff book, nothing is asked.

    Args:
        session: of a transaction that is READ COMMITTED.
        policy: the clinic's.
        clinic_id: the clinic, whose bookings count.
        pet_id: for which pet. Of its owner, the bookings of all their pets count.
        by: in what capacity it is asked for.
        holds: whether it is a hold.
        without: an appointment that does not count, since it is the one in question.

    Raises:
        TooManyBookings: a limit is reached.
    """
    limits = _limits(policy, holds=holds)
    if by.is_staff or not limits:
        return
    owner_id = await session.scalar(select(Pet.owner_id).where(Pet.id == pet_id))
    whose = (pet_id,) if owner_id is None else (pet_id, owner_id)
    await take_turns(session, "bookings", *(f"{clinic_id} {each}" for each in whose))
    counted = await session.execute(_counts(clinic_id, pet_id, owner_id, without))
    counts: dict[str, int] = dict(counted.mappings().one())
    for name, most in limits.items():
        if counts[name] >= most:
            raise TooManyBookings(limit=name, most=most, count=counts[name])


def _limits(policy: BookingPolicy, *, holds: bool) -> dict[str, int]:
    """The limits that are set: of open bookings, and of holds where it is one."""
    names = ["bookings_per_pet", "bookings_per_owner"]
    if holds:
        names = ["holds_per_pet", "holds_per_owner", *names]
    return {name: most for name in names if (most := getattr(policy, name)) is not None}


def _counts(clinic_id: UUID, pet_id: UUID, owner_id: UUID | None, without: UUID | None) -> Any:
    """How many are open, each under the name of its limit. Without an owner, the pet is all."""
    row = Appointment
    of_pet, held = row.pet_id == pet_id, row.status == AppointmentStatus.HELD
    query: Any = select(
        func.count().filter(of_pet, held).label("holds_per_pet"),
        func.count().filter(held).label("holds_per_owner"),
        func.count().filter(of_pet).label("bookings_per_pet"),
        func.count().label("bookings_per_owner"),
    ).where(
        row.clinic_id == clinic_id,
        row.starts_at > clock.now(),
        row.status.in_(_OPEN),
        occupies_now(),
    )
    theirs = select(Pet.id).where(Pet.owner_id == owner_id)
    query = query.where(of_pet if owner_id is None else row.pet_id.in_(theirs))
    return query if without is None else query.where(row.id != without)
