"""What somebody wishes to book, and the row that comes of it."""

from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from vetcore.database.acting import acting_of
from vetcore.scheduling.facts import Named, PractitionerFacts
from vetcore.scheduling.groups import seats
from vetcore.scheduling.holds import ends_by_its_start
from vetcore.scheduling.rules import (
    refusals,
    require_overridable,
    require_staff_squeezes,
    require_whole_minute,
)
from vetcore.scheduling.world import World
from vetcore.schemas import AppointmentCreate, AppointmentHoldCreate
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.capacity import Capacity
from vetcore.values.intervals import floor, instant

__all__ = ["Wish", "named_in", "row_of"]

_HELD: Final = AppointmentStatus.HELD


class Wish(NamedTuple):
    """What is asked for, by whom, and for whom."""

    request: AppointmentCreate
    status: AppointmentStatus
    by: Capacity
    booked_by: UUID | None
    key: UUID | None

    @property
    def duration(self) -> timedelta | None:
        """How long it is to last, where that is chosen."""
        minutes = self.request.duration_minutes
        return None if minutes is None else timedelta(minutes=minutes)

    @property
    def named(self) -> Named | None:
        """Whom and what it is to take beside, where that is chosen."""
        return named_in(self.request)

    @property
    def until(self) -> datetime:
        """The end of the window in which it starts."""
        return self.request.starts_at + timedelta(minutes=1)

    @property
    def hold_expires_at(self) -> datetime | None:
        """When a hold is to run out, where that is chosen."""
        asked = self.request
        return asked.hold_expires_at if isinstance(asked, AppointmentHoldCreate) else None

    @property
    def is_clear(self) -> bool:
        """Whether it can be judged without the database's clock: no hold, or one with its end."""
        return self.status is not _HELD or self.hold_expires_at is not None

    def require_well_formed(self) -> None:
        """Refuse what can be seen to be wrong without a look at the clinic.

        Raises:
            InvalidValue: the start is no whole minute, an override names no rule that can be, or an
                owner asks to set one aside.
        """
        require_whole_minute(self.request.starts_at)
        require_overridable(self.request.overrides, self.by)
        require_staff_squeezes(self.request.squeeze_reason, self.by)


def named_in(request: AppointmentCreate) -> Named | None:
    """Return whom and what a request names to be taken beside; None where it names nothing."""
    people, pieces = request.assistant_ids, request.equipment_ids
    return Named(frozenset(people), frozenset(pieces)) if people or pieces else None


def row_of(
    session: AsyncSession, world: World, wish: Wish, person: PractitionerFacts
) -> dict[str, Any]:
    """Return the columns of what is booked, but for the room and what has a default."""
    request, status = wish.request, wish.status
    start = floor(request.starts_at)
    given = {
        name: getattr(request, name)
        for name in (
            "clinic_id",
            "pet_id",
            "service",
            "duration_minutes",
            "priority",
            "reason",
            "notes",
            "internal_notes",
            "estimated_cost",
            "currency",
            "follow_up_of_id",
        )
    }
    broken: set[str] = set()
    if request.overrides:
        broken = {each.code for each in refusals(world, person, start)}
    if wish.key is not None:
        given["id"] = wish.key
    return {
        **given,
        "booked_by_id": wish.booked_by or acting_of(session).actor,
        # Whoever books for their own pet agrees that the clinic sees to it.
        "patient_until": None if wish.by is Capacity.STAFF else world.day_ends_at(start),
        "new_patient": world.new_patient,
        "practitioner_id": person.id,
        "service_kind": world.offering.kind,
        "status": status,
        "starts_at": instant(start),
        "ends_at": instant(start + world.duration),
        "wall_time": world.wall_time(start),
        "occupied_from": instant(start - world.before),
        "occupied_until": instant(start + world.duration + world.after),
        "hold_expires_at": _expiry(world, wish),
        "overrides": tuple(code for code in request.overrides if code in broken),
        **seats(world, person, start)[0],
    }


def _expiry(world: World, wish: Wish) -> datetime | None:
    if wish.status is not _HELD:
        return None
    start = floor(wish.request.starts_at)
    if wish.hold_expires_at is not None:
        return min(wish.hold_expires_at, instant(start))
    until = instant(world.database_now + world.policy.hold_minutes * 60)
    return ends_by_its_start(world, until, start)
