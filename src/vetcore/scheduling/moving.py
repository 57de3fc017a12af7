"""Moves an appointment. It keeps its id, and its old time if the new one is taken."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from vetcore.clock import require_aware
from vetcore.database.locking import locked
from vetcore.errors import BookingRefused, InvalidTransition, SlotTaken
from vetcore.models import Appointment
from vetcore.scheduling.conflicts import Wanted, clear_stale_holds, conflicting, take_turns_for
from vetcore.scheduling.day_turns import counted_in_turn
from vetcore.scheduling.errors import NobodyAvailable
from vetcore.scheduling.facts import PractitionerFacts
from vetcore.scheduling.fairness import require_within_limits
from vetcore.scheduling.groups import in_turn_in_group, seats
from vetcore.scheduling.holds import ends_by_its_start, require_live
from vetcore.scheduling.loading import load_world
from vetcore.scheduling.notice import policy_of, require_notice
from vetcore.scheduling.occupying import (
    Exchange,
    Lost,
    exchange,
    occupy_beside,
    vacate,
)
from vetcore.scheduling.rules import (
    absence,
    by_workload,
    is_squeezed,
    refusal,
    refusals,
    require_overridable,
    require_staff_squeezes,
    require_whole_minute,
    room_for,
    rooms_without_block,
)
from vetcore.scheduling.world import World
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.capacity import Capacity
from vetcore.values.intervals import floor, instant

__all__ = [
    "Target",
    "move",
    "occupy",
    "place",
    "relocated",
    "require_movable",
    "take_turn_of",
    "world_to_move_in",
]

_ATTEMPTS: Final = 3
"""How often a change is tried: a stale hold or somebody's rollback may clear the way."""


class Target(NamedTuple):
    """Where an appointment is to go. None means as it is."""

    starts_at: datetime
    clinic_id: UUID | None = None
    service: str | None = None
    practitioner_id: UUID | None = None
    room_id: UUID | None = None
    preferred_room_id: UUID | None = None
    """The room to take where it is free; None means the one that the appointment is in."""
    squeeze_reason: str | None = None
    """Why it may be placed beside what its practitioner or its room is occupied with."""
    party: int = 1
    """How many appointments of its group visit go there together."""


async def move(  # noqa: PLR0913
    session: AsyncSession,
    appointment_id: UUID,
    *,
    starts_at: datetime,
    by: Capacity,
    clinic_id: UUID | None = None,
    service: str | None = None,
    practitioner_id: UUID | None = None,
    room_id: UUID | None = None,
    overrides: Collection[str] = (),
    squeeze_reason: str | None = None,
) -> Appointment:
    """Move an appointment. It keeps its id, and its old time if the new one is taken.

    An owner is bound as in booking and cancelling: by the clinic's notice, and to what owners book
    themselves. No permission is checked, and nobody is notified.

    Its length and buffers become those of the clinic's catalogue now, unless it was booked at a
    length of its own. Another service has the length of the catalogue. At another clinic it is with
    whoever is free there, and part of no series any more; if staff move it there, its owner agrees
    to that clinic by confirming it. A hold stays at its clinic and for its service. What was part of a
    group visit leaves it, and joins the one that it finds at its new time.

    Args:
        session: of a transaction.
        appointment_id: which.
        starts_at: the new start.
        by: in what capacity it is asked for.
        clinic_id: another clinic; the same if none is given.
        service: another service; the same if none is given.
        practitioner_id: another person to see the pet; the same if none is given, at the same clinic.
        room_id: another room; if none is given, the same where it is free, else the first free one.
        overrides: codes of rules that staff set aside; those that were broken are recorded.
        squeeze_reason: why staff may place it beside what its practitioner or its room is occupied
            with; where both are free, nothing is squeezed in.

    Raises:
        SlotTaken: practitioner, room or pet is occupied then.
        NotBookable: a rule refuses the new time; ``TooLateToCancel`` where an owner is too late.
        InvalidTransition: the appointment has begun, or is over; or it is a hold, and the clinic or
            service another one.
        HoldExpired: the appointment is a hold that has run out.
        NotFound: there is no such appointment or clinic.
        InvalidValue: ``starts_at`` is naive or no whole minute, or an override cannot be.
    """
    require_aware(starts_at, field="starts_at")
    require_whole_minute(starts_at)
    require_overridable(overrides, by)
    require_staff_squeezes(squeeze_reason, by)
    appointment = await locked(session, Appointment, appointment_id)
    require_movable(appointment)
    target = Target(
        starts_at,
        clinic_id,
        service,
        practitioner_id,
        room_id,
        squeeze_reason=squeeze_reason,
    )
    world = await world_to_move_in(session, appointment, target, by=by)
    if appointment.status is not AppointmentStatus.HELD:
        await _require_notice(session, appointment, world, by)
    if world.clinic_id != appointment.clinic_id and by is Capacity.OWNER:
        # There it is one more; at its own clinic it counts already.
        await require_within_limits(session, clinic_id=world.clinic_id, pet_id=appointment.pet_id)
    world = await counted_in_turn(session, world, present=appointment)
    changes = relocated(appointment, world, target, overrides=overrides)
    return await occupy(session, appointment, changes)


def require_movable(appointment: Appointment) -> None:
    """Refuse to move what has begun, or is over.

    Raises:
        InvalidTransition: it cannot be moved.
    """
    if appointment.status not in AppointmentStatus.to_come():
        raise InvalidTransition(
            entity="appointment",
            current=appointment.status,
            requested="moved",
            allowed=appointment.status.successors,
        )


async def _require_notice(
    session: AsyncSession, appointment: Appointment, world: World, by: Capacity
) -> None:
    policy = world.policy
    if world.clinic_id != appointment.clinic_id and not by.is_staff:
        policy = await policy_of(session, appointment.clinic_id)
    require_notice(appointment, policy, by)


async def world_to_move_in(
    session: AsyncSession, appointment: Appointment, target: Target, *, by: Capacity
) -> World:
    """Return the world at the target, in which the appointment itself occupies nothing.

    No caps of the day are counted in it.

    Raises:
        InvalidTransition: the appointment is a hold, and the clinic or the service another one.
        NotFound: there is no such clinic or pet.
        ServiceNotOffered: the clinic does not have the service in its catalogue.
    """
    clinic_id = target.clinic_id or appointment.clinic_id
    service = target.service or appointment.service
    same_service = service == appointment.service
    stays = clinic_id == appointment.clinic_id
    if appointment.status is AppointmentStatus.HELD and not (stays and same_service):
        raise InvalidTransition(
            entity="appointment",
            current=appointment.status,
            requested="moved to another clinic or service",
            allowed=appointment.status.successors,
        )
    who = target.practitioner_id
    if who is None and stays:
        who = appointment.practitioner_id
    given: dict[str, Any] = {
        "clinic_id": clinic_id,
        "service": service,
        "start": target.starts_at,
        "end": target.starts_at + timedelta(minutes=1),
        "by": by,
        "practitioner_id": who,
        "pet_id": appointment.pet_id,
        "room_id": target.room_id,
        "duration": _own_length(appointment, target) if same_service else None,
        "without": appointment.id,
        "new_patient": appointment.new_patient if stays else None,
        "counting": False,
    }
    world = await in_turn_in_group(
        session, floor(target.starts_at), lambda: load_world(session, **given)
    )
    return replace(world, squeezing=target.squeeze_reason is not None, party=target.party)


def relocated(
    appointment: Appointment, world: World, target: Target, *, overrides: Collection[str]
) -> dict[str, Any]:
    """Return the columns of an appointment at its new time and place, if the rules allow it.

    With them comes, as ``beside``, whom and what it takes anew, and whom it lets go.

    Raises:
        SlotTaken: practitioner, room or pet is occupied then.
        NotBookable: a rule refuses it.
        HoldExpired: it is a hold that has run out.
    """
    start, expires = floor(target.starts_at), appointment.hold_expires_at
    if appointment.status is AppointmentStatus.HELD:
        require_live(appointment, world)
        expires = expires and ends_by_its_start(world, expires, start)
    person = _somebody(appointment, world, target, overrides)
    broken = {each.code for each in refusals(world, person, start)}
    room_id = _room(world, person, start, target.preferred_room_id or appointment.room_id)
    squeezed = is_squeezed(world, person, room_id, start)
    changes: dict[str, Any] = {
        "practitioner_id": person.id,
        "room_id": room_id,
        "squeezed_in": squeezed,
        "squeeze_reason": target.squeeze_reason if squeezed else None,
        "starts_at": instant(start),
        "ends_at": instant(start + world.duration),
        "wall_time": world.wall_time(start),
        "patient_until": _patient_until(appointment, world, start),
        "occupied_from": instant(start - world.before),
        "occupied_until": instant(start + world.duration + world.after),
        "hold_expires_at": expires,
        "overrides": tuple(sorted(broken & set(overrides))),
        "sequence": appointment.sequence + 1,
        **seats(world, person, start)[0],
    }
    if appointment.group_id is not None and target.party == 1:
        changes["duration_minutes"] = None
    if world.offering.service != appointment.service:
        offering = world.offering
        changes |= {
            "service": offering.service,
            "service_kind": offering.kind,
            "duration_minutes": None,
        }
    if world.takes_more or world.kept.ids:
        changes["beside"] = exchange(world, person.id, start)
    if world.clinic_id != appointment.clinic_id:
        changes |= {
            "clinic_id": world.clinic_id,
            "series_id": None,
            "new_patient": world.new_patient,
        }
    return changes


def _somebody(
    appointment: Appointment, world: World, target: Target, overrides: Collection[str]
) -> PractitionerFacts:
    """The first who can see the pet then; of several, those with the least to do that day first."""
    start = floor(target.starts_at)
    reasons: dict[UUID, BookingRefused] = {}
    for person in by_workload(world, start):
        reason = refusal(world, person, start, overrides=overrides)
        if reason is None:
            return person
        reasons[person.id] = reason
    if not reasons:
        reason = refusal(world, None, start, overrides=overrides)
        if reason is not None:
            raise reason
        raise absence(world, target.practitioner_id or appointment.practitioner_id, start)
    if len({each.code for each in reasons.values()}) == 1:
        raise next(iter(reasons.values()))
    raise NobodyAvailable(
        start=target.starts_at, reasons={key: each.code for key, each in reasons.items()}
    )


def _patient_until(appointment: Appointment, world: World, start: int) -> datetime | None:
    """Until when the visit makes a patient: staff that move it gain nothing by that."""
    ends_at = world.day_ends_at(start)
    if world.by is Capacity.OWNER:
        return ends_at
    if world.clinic_id != appointment.clinic_id:
        return None
    if world.by is not Capacity.STAFF:
        return ends_at
    before = appointment.patient_until
    return None if before is None else min(before, ends_at)


def _own_length(appointment: Appointment, target: Target) -> timedelta | None:
    """Its own length, if it has one; that of a group visit stays with the group visit."""
    minutes = appointment.duration_minutes
    leaves = appointment.group_id is not None and target.party == 1
    return None if minutes is None or leaves else timedelta(minutes=minutes)


def _room(
    world: World, person: PractitionerFacts, start: int, preferred: UUID | None
) -> UUID | None:
    """The room to take; if none is free, one that a squeeze may share."""
    room = room_for(world, person, start, preferred)
    if room is None and world.needs_room and world.squeezing:
        shared = rooms_without_block(world, start)
        room = next((each for each in shared if each.id == preferred), shared[0])
    return room.id if room is not None else None


async def occupy(
    session: AsyncSession, appointment: Appointment, changes: dict[str, Any]
) -> Appointment:
    """Write an appointment that occupies other times or resources, after others have finished."""
    wanted = Wanted.by(appointment, changes)
    more: Exchange = changes.get("beside", Exchange())
    others = (appointment.practitioner_id, appointment.room_id, *more.ids)
    await take_turns_for(session, wanted, *others)
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
    columns = changes.copy()
    more: Exchange = columns.pop("beside", Exchange())
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            async with session.begin_nested():
                # Whom it lets go must not be refused where it goes.
                await vacate(session, appointment.id, more.gone.ids)
                for name, value in columns.items():
                    setattr(appointment, name, value)
                await session.flush()
                await occupy_beside(session, vars(appointment), more.fresh)
        except Lost as gone:
            await session.refresh(appointment)
            raise gone.taken from gone
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
