"""Moves an appointment. It keeps its id, and its old time if the new one is taken."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from vetcore.clock import require_aware
from vetcore.database.locking import locked
from vetcore.errors import InvalidTransition, SlotTaken
from vetcore.models import Appointment
from vetcore.scheduling.conflicts import Wanted, clear_stale_holds, conflicting, take_turns_for
from vetcore.scheduling.holds import ends_by_its_start, require_live
from vetcore.scheduling.loading import load_world
from vetcore.scheduling.notice import require_notice
from vetcore.scheduling.rules import (
    absence,
    free_room,
    refusal,
    refusals,
    require_overridable,
    require_whole_minute,
)
from vetcore.scheduling.world import World
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.capacity import Capacity
from vetcore.values.intervals import floor, instant

__all__ = ["move", "occupy", "place", "take_turn_of"]

_MOVABLE = (AppointmentStatus.HELD, AppointmentStatus.SCHEDULED, AppointmentStatus.CONFIRMED)
_ATTEMPTS: Final = 3
"""How often a change is tried: a stale hold or somebody's rollback may clear the way."""


async def move(  # noqa: PLR0913
    session: AsyncSession,
    appointment_id: UUID,
    *,
    starts_at: datetime,
    by: Capacity,
    practitioner_id: UUID | None = None,
    room_id: UUID | None = None,
    overrides: Collection[str] = (),
) -> Appointment:
    """Move an appointment. It keeps its id, and its old time if the new one is taken.

    An owner is bound as in booking and cancelling: by the clinic's notice, and to what owners book
    themselves. No permission is checked, and nobody is notified.

    Its length and buffers become those of the clinic's catalogue now, unless it was booked at a
    length of its own.

    Args:
        session: of a transaction.
        appointment_id: which.
        starts_at: the new start.
        by: in what capacity it is asked for.
        practitioner_id: another person to see the pet; the same if none is given.
        room_id: another room; if none is given, the same where it is free, else the first free one.
        overrides: codes of rules that staff set aside; those that were broken are recorded.

    Raises:
        SlotTaken: practitioner, room or pet is occupied then.
        NotBookable: a rule refuses the new time; ``TooLateToCancel`` where an owner is too late.
        InvalidTransition: the appointment has begun, or is over.
        HoldExpired: the appointment is a hold that has run out.
        NotFound: there is no such appointment.
        InvalidValue: ``starts_at`` is naive or no whole minute, or an override cannot be.
    """
    require_aware(starts_at, field="starts_at")
    require_whole_minute(starts_at)
    require_overridable(overrides, by)
    appointment = await locked(session, Appointment, appointment_id)
    if appointment.status not in _MOVABLE:
        raise InvalidTransition(
            entity="appointment",
            current=appointment.status,
            requested="moved",
            allowed=appointment.status.successors,
        )
    world = await load_world(
        session,
        clinic_id=appointment.clinic_id,
        service=appointment.service,
        start=starts_at,
        end=starts_at + timedelta(minutes=1),
        by=by,
        practitioner_id=practitioner_id or appointment.practitioner_id,
        pet_id=appointment.pet_id,
        room_id=room_id,
        duration=_own_length(appointment),
        without=appointment.id,
    )
    start, expires = floor(starts_at), appointment.hold_expires_at
    if appointment.status is AppointmentStatus.HELD:
        require_live(appointment, world)
        expires = expires and ends_by_its_start(world, expires, start)
    else:
        require_notice(appointment, world.policy, by)
    person = next(iter(world.practitioners), None)
    reason = refusal(world, person, start, overrides=overrides)
    if reason is not None:
        raise reason
    if person is None:
        raise absence(world, practitioner_id or appointment.practitioner_id, start)
    broken = {each.code for each in refusals(world, person, start)}
    return await occupy(
        session,
        appointment,
        {
            "practitioner_id": person.id,
            "room_id": _room(world, start, appointment.room_id),
            "starts_at": instant(start),
            "ends_at": instant(start + world.duration),
            "wall_time": world.wall_time(start),
            "patient_until": _patient_until(appointment, world, start, by),
            "occupied_from": instant(start - world.before),
            "occupied_until": instant(start + world.duration + world.after),
            "hold_expires_at": expires,
            "overrides": tuple(sorted(broken & set(overrides))),
            "sequence": appointment.sequence + 1,
        },
    )


def _patient_until(
    appointment: Appointment, world: World, start: int, by: Capacity
) -> datetime | None:
    """Until when the visit makes a patient: staff that move it gain nothing by that."""
    ends_at = world.day_ends_at(start)
    if by is not Capacity.STAFF:
        return ends_at
    before = appointment.patient_until
    return None if before is None else min(before, ends_at)


def _own_length(appointment: Appointment) -> timedelta | None:
    minutes = appointment.duration_minutes
    return None if minutes is None else timedelta(minutes=minutes)


def _room(world: World, start: int, present: UUID | None) -> UUID | None:
    """The room that it is in, where that is free, or the first that is."""
    if not world.needs_room:
        return None
    others = {room.id for room in world.rooms if room.id != present}
    room = free_room(world, start, without=others) or free_room(world, start)
    return room.id if room is not None else None


async def occupy(
    session: AsyncSession, appointment: Appointment, changes: dict[str, Any]
) -> Appointment:
    """Write an appointment that occupies other times or resources, after others have finished."""
    wanted = Wanted.by(appointment, changes)
    await take_turns_for(session, wanted, appointment.practitioner_id, appointment.room_id)
    return await place(session, appointment, changes)


async def place(
    session: AsyncSession, appointment: Appointment, changes: dict[str, Any]
) -> Appointment:
    """Write the changes if the times and resources are free. The caller holds the locks.

    The database decides whether they are free. Only after a refusal is it asked what stands in the
    way, because usually nothing does.

    Raises:
        SlotTaken: something is not free; the appointment is as it was.
    """
    wanted = Wanted.by(appointment, changes)
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            async with session.begin_nested():
                for name, value in changes.items():
                    setattr(appointment, name, value)
                await session.flush()
        except SlotTaken as error:
            # The savepoint took the change back, and the session must know the row as it is.
            await session.refresh(appointment)
            taken = await conflicting(session, wanted)
            if taken is not None or attempt == _ATTEMPTS:
                raise taken or error from error
            await clear_stale_holds(session, wanted)
        else:
            break
    return appointment


async def take_turn_of(session: AsyncSession, appointment: Appointment) -> None:
    """Let an appointment that keeps its time be written before or after moves of its resources.

    Its status is part of what the constraints look at, so they check the row again. A move onto its
    time would find it half written, and it the move: each would wait for the other.
    """
    await take_turns_for(session, Wanted.by(appointment, {}))
