"""Tells whether an existing appointment could be booked as it is.

An appointment is checked again before it is confirmed, checked in or reinstated: pets die, licences
end, clinics close. The rules are those of booking, in :mod:`vetcore.scheduling.rules`.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from vetcore import clock
from vetcore.errors import BookingRefused
from vetcore.models import Appointment
from vetcore.scheduling.errors import InThePast
from vetcore.scheduling.facts import AsBooked
from vetcore.scheduling.groups import in_turn_in_group
from vetcore.scheduling.loading import load_world
from vetcore.scheduling.rules import absence, refusals, require_overridable
from vetcore.scheduling.world import World
from vetcore.values.capacity import Capacity
from vetcore.values.intervals import ceiling, floor, instant
from vetcore.values.walltime import local_day, midnight

__all__ = ["ARRIVAL", "CONFIRMATION", "as_it_stands", "require_standing", "require_the_day"]

CONFIRMATION: Final = frozenset(
    {
        "too_soon",
        "beyond_horizon",
        "off_grid",
        "kept_for_others",
        "not_accepting_new_patients",
        "slot_taken",
    }
)
"""Codes of rules that were settled when the time was chosen; the slot is the appointment's."""

ARRIVAL: Final = CONFIRMATION - {"slot_taken"} | {
    "in_the_past",
    "blocked",
    "outside_service_hours",
    "service_not_offered",
    "service_not_performed",
    "species_not_treated",
    "no_room",
    "no_equipment",
    "no_assistant",
    "assistants_off_duty",
}
"""Codes of rules that do not matter once the pet is there: of time, the catalogue, the room and what
else the visit takes."""


async def as_it_stands(session: AsyncSession, appointment: Appointment) -> World:
    """Return the world around an appointment, with the length at which it was booked.

    No caps of the day are counted in it: what is booked has its place.

    Raises:
        NotFound: there is no such clinic or pet any more.
    """
    start, end = floor(appointment.starts_at), ceiling(appointment.ends_at)
    given: dict[str, Any] = {
        "clinic_id": appointment.clinic_id,
        "service": appointment.service,
        "start": appointment.starts_at,
        "end": appointment.starts_at + timedelta(minutes=1),
        "by": Capacity.SYSTEM,  # what was booked online is not asked about again
        "practitioner_id": appointment.practitioner_id,
        "pet_id": appointment.pet_id,
        "room_id": appointment.room_id,
        "without": appointment.id,
        "group_id": appointment.group_id,
        "as_booked": AsBooked(
            duration=-((start - end) // 60),
            before=(start - floor(appointment.occupied_from)) // 60,
            after=(ceiling(appointment.occupied_until) - end) // 60,
            kind=appointment.service_kind,
        ),
        "counting": False,
    }
    if appointment.status.occupies:
        world = await load_world(session, **given)
    else:
        world = await in_turn_in_group(session, start, lambda: load_world(session, **given))
    return replace(world, squeezing=True) if appointment.squeezed_in else world


def require_standing(
    world: World,
    appointment: Appointment,
    *,
    overrides: Collection[str] = (),
    leaving_out: Collection[str] = (),
) -> tuple[str, ...]:
    """Refuse an appointment that could not be booked now as it is.

    Args:
        world: of :func:`as_it_stands`.
        appointment: what is judged.
        overrides: codes of rules that staff set aside now.
        leaving_out: codes of rules that are not asked.

    Returns:
        The codes of the rules that it breaks and that are set aside.

    Raises:
        NotBookable: a rule refuses it.
        SlotTaken: practitioner, room or pet is occupied by others then.
        InvalidValue: an override names no rule that can be set aside.
    """
    require_overridable(overrides)
    broken = [each for each in _broken(world, appointment) if each.code not in leaving_out]
    standing = next((each for each in broken if each.code not in overrides), None)
    if standing is not None:
        raise standing
    return tuple(sorted({each.code for each in broken}))


def _broken(world: World, appointment: Appointment) -> list[BookingRefused]:
    start = floor(appointment.starts_at)
    person = next(iter(world.practitioners), None)
    broken = list(refusals(world, person, start))
    if person is None:
        broken.append(absence(world, appointment.practitioner_id, start))
    return broken


def require_the_day(world: World, appointment: Appointment) -> None:
    """Refuse an appointment whose day at the clinic is over.

    Raises:
        InThePast: the day is over.
    """
    zone = world.hours.zone
    tomorrow = local_day(floor(appointment.starts_at), zone) + timedelta(days=1)
    last: datetime = max(instant(midnight(tomorrow, zone)), appointment.ends_at)
    if clock.now() >= last:
        raise InThePast(appointment.starts_at.astimezone(zone))
