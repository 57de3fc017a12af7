"""Limits of what owners hold and book, so that nobody has a whole day of a clinic.

The clinic's booking policy sets them, by pet and by owner. They bind owners only; what staff booked
for the pet counts all the same.
"""

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, cast, func, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore import clock
from vetcore.database.driver import rows_of
from vetcore.database.locking import take_turns
from vetcore.models import Appointment, Clinic, Pet
from vetcore.models.types import UtcDateTime
from vetcore.scheduling.errors import TooManyBookings
from vetcore.scheduling.taken import occupies_now
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.booking_policy import BookingPolicy

__all__ = ["require_within_limits"]

_COUNTED: Final = ("holds_per_pet", "holds_per_owner", "bookings_per_pet", "bookings_per_owner")
_policy = lru_cache(maxsize=2048)(BookingPolicy.model_validate_json)
_NOBODY: Final = UUID(int=0)
_PET: Final = bindparam("pet", type_=Uuid())
_CLINIC: Final = bindparam("clinic", type_=Uuid())
_clinics: Any = Clinic.__table__.c
_pets: Any = Pet.__table__.c
_row: Any = Appointment.__table__.c


async def require_within_limits(  # noqa: PLR0913
    session: AsyncSession,
    *,
    clinic_id: UUID,
    pet_id: UUID,
    holds: bool = False,
    without: UUID | None = None,
    beside: Sequence[UUID] = (),
) -> None:
    """Refuse an owner one more open booking, or hold, than the clinic's policy allows.

    Whoever calls asks whether it is an owner who books. Owners who book at once take turns until
    their transactions end, so that no two of them have the last place. Where no limit is set,
    nothing is counted.

    Args:
        session: of a transaction that is READ COMMITTED.
        clinic_id: the clinic, whose policy and bookings count.
        pet_id: for which pet. Of its owner, the bookings of all their pets count.
        holds: whether it is a hold.
        without: an appointment that does not count, since it is the one in question.
        beside: other pets for which one more each is booked before it, and not written yet.

    Raises:
        TooManyBookings: a limit is reached.
    """
    found = await rows_of(session, _terms(), {"clinic": clinic_id, "pet": pet_id})
    if not found:
        # There is no such clinic or pet, which the booking says itself.
        return
    owner_id, policy = found[0]
    limits = _limits(_policy(policy), holds=holds)
    if not limits:
        return
    whose = (pet_id,) if owner_id is None else (pet_id, owner_id)
    await take_turns(session, "bookings", *(f"{clinic_id} {each}" for each in whose))
    given = {
        "clinic": clinic_id,
        "pet": pet_id,
        "owner": owner_id or _NOBODY,
        "without": without or _NOBODY,
        "now": clock.now(),
    }
    (counted,) = await rows_of(session, _counts(), given)
    counts: dict[str, int] = dict(zip(_COUNTED, counted, strict=True))
    if beside and owner_id is not None:
        theirs = select(func.count()).where(_pets.id.in_(beside), _pets.owner_id == owner_id)
        counts["bookings_per_owner"] += await session.scalar(theirs) or 0
    for name, most in limits.items():
        if counts[name] >= most:
            raise TooManyBookings(limit=name, most=most, count=counts[name])


def _limits(policy: BookingPolicy, *, holds: bool) -> dict[str, int]:
    """The limits that are set: of open bookings, and of holds where it is one."""
    names = _COUNTED if holds else _COUNTED[2:]
    return {name: most for name in names if (most := getattr(policy, name)) is not None}


@cache
def _terms() -> Any:
    """Whose the pet is, and the clinic's policy."""
    both = Pet.__table__.join(Clinic.__table__, _clinics.id == _CLINIC)
    policy = cast(_clinics.booking_policy, Text)
    return select(_pets.owner_id, policy).select_from(both).where(_pets.id == _PET)


@cache
def _counts() -> Any:
    """How many are open, in the order of :data:`_COUNTED`. Without an owner, the pet is all."""
    of_pet = _row.pet_id == _PET
    held = _row.status == literal_column("'held'")
    theirs = select(_pets.id).where(_pets.owner_id == bindparam("owner", type_=Uuid()))
    return select(
        func.count().filter(of_pet, held),
        func.count().filter(held),
        func.count().filter(of_pet),
        func.count(),
    ).where(
        _row.clinic_id == _CLINIC,
        _row.starts_at > bindparam("now", type_=UtcDateTime()),
        _row.status.in_(
            [literal_column(f"'{each.value}'") for each in AppointmentStatus.to_come()]
        ),
        occupies_now(),
        or_(of_pet, _row.pet_id.in_(theirs)),
        _row.id != bindparam("without", type_=Uuid()),
    )
