"""Booking: asked of the rules, kept by the database.

The rules say whether a slot is free; the database's own constraints make it so, whoever else is
booking at this moment. On PostgreSQL the row is inserted with ``ON CONFLICT DO NOTHING``: of two
plain inserts that overlap, each would wait for the other until one is ended as a deadlock.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, insert, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import make_transient_to_detached
from uuid_utils.compat import uuid7

from vetcore import clock
from vetcore.database.acting import acting_of
from vetcore.database.driver import is_postgresql
from vetcore.database.statements import Now, rows_of
from vetcore.errors import AlreadyExists, SlotTaken
from vetcore.models import Appointment
from vetcore.scheduling.conflicts import Wanted, clear_stale_holds, conflicting
from vetcore.scheduling.errors import NobodyAvailable, NoLongerBooked, NotWorkingHere
from vetcore.scheduling.holds import ends_by_its_start
from vetcore.scheduling.loading import load_world
from vetcore.scheduling.rules import (
    Refusal,
    free_room,
    refusal,
    refusals,
    require_overridable,
    require_whole_minute,
)
from vetcore.scheduling.world import VeterinarianFacts, World
from vetcore.schemas import AppointmentCreate, AppointmentHoldCreate, AppointmentOwnerCreate
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.intervals import clip, floor, instant, total
from vetcore.values.walltime import local_day, midnight

__all__ = ["book", "hold"]

_appointments: Any = Appointment.__table__
_ATTEMPTS: Final = 3
"""How often one veterinarian is tried: a stale hold or somebody's rollback may clear the way."""


async def book(
    session: AsyncSession, request: AppointmentOwnerCreate, *, booked_by: UUID | None = None
) -> Appointment:
    """Book an appointment.

    Without a veterinarian in the request, the one with the least to do that day who is free; where
    one is taken in a race, the next. Without a room, the first free one of the kind that the
    service needs. Booking twice with one idempotency key is booking once: the second call returns
    what the first booked, wherever that was moved since, also when both run at once. What was
    cancelled, missed, deleted or has run out since is told instead; nothing is booked then.

    Args:
        session: of a transaction (``Database.transaction`` or ``Database.run``); it must begin
            with this call's reads or be READ COMMITTED.
        request: what is wanted; an ``AppointmentCreate`` is staff's, and anything else an owner's,
            who may book what is ``online_bookable``. ``overrides`` names rules that staff set
            aside; those that were broken are recorded on the appointment.
        booked_by: the user who asked; the transaction's actor if none is given.

    Raises:
        SlotTaken: veterinarian, room or pet is occupied for a part of that time.
        NotBookable: a rule refuses it; each rule is a subclass with its own code.
        AlreadyExists: the idempotency key was used for another appointment, or for a hold.
        NoLongerBooked: the idempotency key booked what does not stand any more.
        NotFound: there is no such clinic or pet.
        InvalidValue: ``starts_at`` is no whole minute, or an override names no rule that can be.
    """
    return await _reserve(session, request, AppointmentStatus.SCHEDULED, booked_by)


async def hold(
    session: AsyncSession, request: AppointmentOwnerCreate, *, booked_by: UUID | None = None
) -> Appointment:
    """Keep a slot until ``hold_expires_at``, while somebody decides or pays.

    The database's clock decides when it has run out; without a time in the request (an
    ``AppointmentHoldCreate`` may have one), after the ``hold_minutes`` of the clinic's booking
    policy. It ends at its start at the latest. From then on the slot is anybody's.

    Raises:
        The same as :func:`book`.
    """
    return await _reserve(session, request, AppointmentStatus.HELD, booked_by)


async def _reserve(
    session: AsyncSession,
    wish: AppointmentOwnerCreate,
    status: AppointmentStatus,
    booked_by: UUID | None,
) -> Appointment:
    request = (
        wish if isinstance(wish, AppointmentCreate) else AppointmentCreate(**wish.model_dump())
    )
    require_whole_minute(request.starts_at)
    require_overridable(request.overrides)
    if request.idempotency_key is not None:
        earlier = await _booked_before(session, request, status)
        if earlier is not None:
            return earlier
    minutes = request.duration_minutes
    world = await load_world(
        session,
        clinic_id=request.clinic_id,
        service=request.service,
        start=request.starts_at,
        end=request.starts_at + timedelta(minutes=1),
        veterinarian_id=request.veterinarian_id,
        pet_id=request.pet_id,
        room_id=request.room_id,
        duration=None if minutes is None else timedelta(minutes=minutes),
        online=request is not wish,
    )
    start = floor(request.starts_at)
    reasons: dict[UUID, Refusal] = {}
    for vet in _by_workload(world, start):
        reason = refusal(world, vet, start, overrides=request.overrides)
        if reason is None:
            values = _values(world, request, vet, status, booked_by or acting_of(session).actor)
            outcome = await _insert(session, world, request, values)
            if isinstance(outcome, Appointment):
                return outcome
            reason = outcome
        reasons[vet.id] = reason
    if request.idempotency_key is not None:
        # What is in the way may be this very booking, made by a call at the same moment.
        earlier = await _booked_before(session, request, status)
        if earlier is not None:
            return earlier
    raise _summary(world, request, reasons)


async def _booked_before(
    session: AsyncSession, request: AppointmentCreate, wanted: AppointmentStatus
) -> Appointment | None:
    row = await session.execute(
        select(Appointment, Appointment.hold_expires_at <= Now()).where(
            Appointment.idempotency_key == request.idempotency_key
        ),
        execution_options={"populate_existing": True, "include_deleted": True},
    )
    found, ran_out = row.one_or_none() or (None, None)
    if found is None:
        return None
    asked = (request.clinic_id, request.pet_id, request.service)
    same = asked == (found.clinic_id, found.pet_id, found.service)
    # A reschedule since then moved the first; the caller still means that one.
    moved = found.sequence > 0
    held = found.status is AppointmentStatus.HELD
    if not same or not (moved or found.starts_at == request.starts_at):
        raise _key_of_another()
    if found.is_deleted:
        raise NoLongerBooked(found.id, status="deleted")
    if not found.status.occupies:
        raise NoLongerBooked(found.id, status=found.status)
    if held and ran_out:
        raise NoLongerBooked(found.id, status=AppointmentStatus.EXPIRED)
    if held and wanted is not AppointmentStatus.HELD:
        # It would be no answer to who wants it booked: a hold runs out.
        raise _key_of_another()
    return found


def _key_of_another() -> AlreadyExists:
    return AlreadyExists(
        table="appointments",
        fields=["idempotency_key"],
        constraint="uq_appointments_idempotency_key",
    )


def _by_workload(world: World, start: int) -> list[VeterinarianFacts]:
    """The veterinarian with the least to do that day first."""
    zone = world.hours.zone
    day = local_day(start, zone)
    begin, end = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    return sorted(world.veterinarians, key=lambda vet: (total(clip(vet.busy, begin, end)), vet.id))


def _values(
    world: World,
    request: AppointmentCreate,
    vet: VeterinarianFacts,
    status: AppointmentStatus,
    booked_by: UUID | None,
) -> dict[str, Any]:
    """The whole row, but for the room."""
    start = floor(request.starts_at)
    now = clock.now()
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
            "idempotency_key",
        )
    }
    broken: set[str] = set()
    if request.overrides:
        broken = {each.code for each in refusals(world, vet, start)}
    return dict.fromkeys(column.name for column in _appointments.c) | {
        **given,
        "id": uuid7(),
        "veterinarian_id": vet.id,
        "booked_by_id": booked_by,
        "status": status,
        "starts_at": instant(start),
        "ends_at": instant(start + world.duration),
        "wall_time": world.wall_time(start),
        "occupied_from": instant(start - world.before),
        "occupied_until": instant(start + world.duration + world.after),
        "hold_expires_at": _expiry(world, request, status),
        "overrides": tuple(code for code in request.overrides if code in broken),
        "sequence": 0,
        "created_at": now,
        "updated_at": now,
        "created_by_id": booked_by,
        "updated_by_id": booked_by,
        "version": 1,
    }


def _expiry(world: World, request: AppointmentCreate, status: AppointmentStatus) -> datetime | None:
    if status is not AppointmentStatus.HELD:
        return None
    asked = request.hold_expires_at if isinstance(request, AppointmentHoldCreate) else None
    if asked is not None:
        return min(asked, instant(floor(request.starts_at)))
    until = instant(world.database_now + world.policy.hold_minutes * 60)
    return ends_by_its_start(world, until, floor(request.starts_at))


async def _insert(
    session: AsyncSession, world: World, request: AppointmentCreate, values: dict[str, Any]
) -> Appointment | SlotTaken:
    """The appointment, or which resource somebody else has by now."""
    start = floor(request.starts_at)
    lost: set[UUID] = set()
    for room_id in _rooms(world, start, lost):
        values["room_id"] = room_id
        wanted = Wanted.of(values)
        taken: SlotTaken | None = None
        for _attempt in range(_ATTEMPTS):
            if await _inserted(session, values):
                return _attached(session, values)
            if request.idempotency_key is not None:
                earlier = await _booked_before(session, request, values["status"])
                if earlier is not None:
                    return earlier
            taken = await conflicting(session, wanted)
            if taken is not None:
                break
            await clear_stale_holds(session, wanted)
        if taken is None or taken.details["resource"] != "room" or room_id is None:
            return taken or SlotTaken(
                resource="veterinarian", resource_id=values["veterinarian_id"]
            )
        lost.add(room_id)
    return SlotTaken(resource="room", start=values["starts_at"], end=values["ends_at"])


def _rooms(world: World, start: int, lost: set[UUID]) -> Iterator[UUID | None]:
    """The free rooms, one after the other; None where none is needed."""
    if not world.needs_room:
        yield None
        return
    while (room := free_room(world, start, without=lost)) is not None:
        yield room.id
        if room.id not in lost:
            return


@cache
def _insertion() -> Any:
    columns = {each.name: bindparam(each.name, type_=each.type) for each in _appointments.c}
    statement = postgresql.insert(_appointments).values(columns)
    return statement.on_conflict_do_nothing().returning(_appointments.c.id)


async def _inserted(session: AsyncSession, values: Mapping[str, Any]) -> bool:
    if is_postgresql(session):
        row = {**values, "overrides": json.dumps(values["overrides"])}
        return bool(await rows_of(session, _insertion(), row))
    try:
        await session.execute(insert(_appointments), dict(values))
    except (SlotTaken, AlreadyExists):
        return False
    return True


def _attached(session: AsyncSession, values: Mapping[str, Any]) -> Appointment:
    """The row as the session would have loaded it, without asking the database for it."""
    appointment = Appointment(**values)
    make_transient_to_detached(appointment)
    session.add(appointment)
    return appointment


def _summary(world: World, request: AppointmentCreate, reasons: Mapping[UUID, Refusal]) -> Refusal:
    """The one error to raise, after every veterinarian that could be asked."""
    if not reasons:
        start = floor(request.starts_at)
        reason = refusal(world, None, start, overrides=request.overrides)
        if reason is not None:
            return reason
        if request.veterinarian_id is not None:
            day = local_day(start, world.hours.zone)
            return NotWorkingHere(request.veterinarian_id, day=day)
    taken = [reason for reason in reasons.values() if isinstance(reason, SlotTaken)]
    if taken:
        # A room or the pet stands in the way of veterinarians who are free.
        return min(taken, key=lambda reason: reason.details["resource"] == "veterinarian")
    codes = {reason.code for reason in reasons.values()}
    if len(codes) == 1:
        return next(iter(reasons.values()))
    return NobodyAvailable(
        start=request.starts_at, reasons={vet: reason.code for vet, reason in reasons.items()}
    )
