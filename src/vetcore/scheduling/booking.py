"""Booking: the rules are checked first, and the database's constraints make it safe.

The constraints hold whoever else books at this moment. On PostgreSQL the row is inserted with ``ON
CONFLICT DO NOTHING``, because two plain inserts that overlap would wait for each other until one is
ended as a deadlock.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from vetcore.database.acting import acting_of
from vetcore.database.driver import is_postgresql
from vetcore.database.inserting import attached, inserted, inserted_from, new_row
from vetcore.errors import BookingRefused, SlotTaken
from vetcore.models import Appointment
from vetcore.models.appointment import SHARED_BY_A_SQUEEZE
from vetcore.scheduling.bookable import bookable, bookable_in_a_room
from vetcore.scheduling.conflicts import Wanted, clear_stale_holds, conflicting, take_turns_for
from vetcore.scheduling.errors import NobodyAvailable
from vetcore.scheduling.fairness import require_within_limits
from vetcore.scheduling.holds import ends_by_its_start
from vetcore.scheduling.kept import kept
from vetcore.scheduling.loading import facts_of, load_world, window_of, world_of_anybody
from vetcore.scheduling.rules import (
    absence,
    by_workload,
    free_room,
    is_squeezed,
    refusal,
    refusals,
    require_overridable,
    require_staff_squeezes,
    require_whole_minute,
)
from vetcore.scheduling.world import PractitionerFacts, World
from vetcore.schemas import AppointmentCreate, AppointmentHoldCreate
from vetcore.values.animals import Species
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.capacity import Capacity
from vetcore.values.intervals import floor, instant

__all__ = ["book", "hold", "why_not"]

_HELD: Final = AppointmentStatus.HELD
_ATTEMPTS: Final = 3
"""How often one practitioner is tried: a stale hold or somebody's rollback may clear the way."""


async def book(
    session: AsyncSession,
    request: AppointmentCreate,
    *,
    by: Capacity,
    booked_by: UUID | None = None,
    key: UUID | None = None,
) -> Appointment:
    """Book an appointment. No permission is checked, and nobody is notified.

    If the request names nobody to see the pet, the free person with the least to do that day is
    taken. If that person is taken in a race, the next one is. Without a room, the first free room
    of the kind that the service needs is taken.

    Args:
        session: of a transaction (``Database.transaction`` or ``Database.run``); it must begin
            with this call's reads or be READ COMMITTED.
        request: what is wanted. ``overrides`` names rules that staff set aside; those that were
            broken are recorded on the appointment.
        by: in what capacity it is asked for; owners book what is ``online_bookable``.
        booked_by: the person whose wish it was; whoever acts if none is given.
        key: the id of the new appointment; a new one if none is given.

    Raises:
        SlotTaken: practitioner, room or pet is occupied for a part of that time.
        NotBookable: a rule refuses it; each rule is a subclass with its own code.
        NotFound: there is no such clinic or pet.
        InvalidValue: ``starts_at`` is no whole minute, an override names no rule that can be, or
            an owner asks to set one aside.
    """
    wish = _Wish(request, AppointmentStatus.SCHEDULED, by, booked_by, key)
    return await _reserve(session, wish)


async def hold(
    session: AsyncSession,
    request: AppointmentCreate,
    *,
    by: Capacity,
    booked_by: UUID | None = None,
    key: UUID | None = None,
) -> Appointment:
    """Hold a slot until ``hold_expires_at``, while somebody decides or pays.

    The database's clock decides when the hold has run out. Without a time in the request (an
    ``AppointmentHoldCreate`` may have one), the hold lasts for the ``hold_minutes`` of the clinic's
    booking policy. It ends at its start at the latest. From then on anybody may book the slot. No
    permission is checked, and nobody is notified.

    Raises:
        The same as :func:`book`.
    """
    return await _reserve(session, _Wish(request, _HELD, by, booked_by, key))


class _Wish(NamedTuple):
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
    def until(self) -> datetime:
        """The end of the window in which it starts."""
        return self.request.starts_at + timedelta(minutes=1)

    @property
    def hold_expires_at(self) -> datetime | None:
        """When a hold is to run out, where that is chosen."""
        asked = self.request
        return asked.hold_expires_at if isinstance(asked, AppointmentHoldCreate) else None


async def _reserve(session: AsyncSession, wish: _Wish) -> Appointment:
    request = wish.request
    require_whole_minute(request.starts_at)
    require_overridable(request.overrides, wish.by)
    require_staff_squeezes(request.squeeze_reason, wish.by)
    if wish.by is Capacity.OWNER:
        holds = wish.status is _HELD
        await require_within_limits(
            session, clinic_id=request.clinic_id, pet_id=request.pet_id, holds=holds
        )
    booked = await _booked_at_once(session, wish)
    if booked is not None:
        return booked
    world = await load_world(
        session,
        clinic_id=request.clinic_id,
        service=request.service,
        start=request.starts_at,
        end=wish.until,
        by=wish.by,
        practitioner_id=request.practitioner_id,
        pet_id=request.pet_id,
        room_id=request.room_id,
        duration=wish.duration,
    )
    if request.squeeze_reason is not None:
        world = replace(world, squeezing=True)
    start = floor(request.starts_at)
    reasons: dict[UUID, BookingRefused] = {}
    for person in by_workload(world, start):
        reason = refusal(world, person, start, overrides=request.overrides)
        if reason is None:
            values = _values(session, world, wish, person)
            outcome = await _insert(session, world, person, request, values)
            if isinstance(outcome, Appointment):
                return outcome
            reason = outcome
        reasons[person.id] = reason
    raise why_not(world, request, reasons)


async def _booked_at_once(session: AsyncSession, wish: _Wish) -> Appointment | None:
    """The appointment, where what is kept of the clinic lets one statement verify and insert it.

    None says nothing of why it could not: whoever asks goes the longer way then, which finds out.
    """
    if not is_postgresql(session) or (wish.status is _HELD and wish.hold_expires_at is None):
        return None
    request, window = wish.request, window_of(wish.request.starts_at, wish.until)
    timetable = kept(session, request.clinic_id, window[0])
    if timetable is None or request.practitioner_id is None or request.overrides:
        return None
    facts = facts_of(timetable, *window, request.practitioner_id)
    world = world_of_anybody(
        facts,
        service=request.service,
        start=request.starts_at,
        end=wish.until,
        by=wish.by,
        room_id=request.room_id,
        duration=wish.duration,
    )
    start = floor(request.starts_at)
    if world is None or not world.practitioners:
        return None
    (person,) = world.practitioners
    if not (world.accepts_new_patients and person.accepts_new_patients):
        return None
    if refusal(world, person, start) is not None:
        return None
    values = _values(session, world, wish, person)
    row = new_row(session, Appointment, values)
    given = {
        **timetable.stands_under(person.id),
        "person": person.id,
        "pet": request.pet_id,
        "species": _species(world.species_treated, world.offering.species, person.species_treated),
        "rooms": [room.id for room in world.rooms],
        "since": row["occupied_from"],
        "until": row["occupied_until"],
        "reach": row["occupied_from"] - timedelta(days=1),
    }
    source = bookable_in_a_room if world.needs_room else bookable
    if not await inserted_from(session, Appointment, row, source, given):
        return None
    return attached(session, Appointment, row)


@lru_cache(maxsize=1024)
def _species(*lists: tuple[Species, ...]) -> Sequence[str] | None:
    """The species that are in each of the lists, of which an empty one has all; None is all."""
    if not any(lists):
        return None
    return [each.value for each in Species if all(not some or each in some for some in lists)]


def _values(
    session: AsyncSession, world: World, wish: _Wish, person: PractitionerFacts
) -> dict[str, Any]:
    """What is booked, but for the room."""
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
    }


def _expiry(world: World, wish: _Wish) -> datetime | None:
    if wish.status is not _HELD:
        return None
    start = floor(wish.request.starts_at)
    if wish.hold_expires_at is not None:
        return min(wish.hold_expires_at, instant(start))
    until = instant(world.database_now + world.policy.hold_minutes * 60)
    return ends_by_its_start(world, until, start)


async def _insert(
    session: AsyncSession,
    world: World,
    person: PractitionerFacts,
    request: AppointmentCreate,
    values: dict[str, Any],
) -> Appointment | SlotTaken:
    """The appointment, or which resource somebody else has by now."""
    start = floor(request.starts_at)
    lost: set[UUID] = set()
    for room_id in _rooms(world, start, lost):
        squeezed = is_squeezed(world, person, room_id, start)
        row = {**values, "room_id": room_id}
        outcome = await _write(session, row, request.squeeze_reason if squeezed else None)
        if world.squeezing and not squeezed and _may_be_shared(outcome):
            outcome = await _write(session, row, request.squeeze_reason)
        if isinstance(outcome, Appointment):
            return outcome
        if outcome.details["resource"] != "room" or room_id is None:
            return outcome
        lost.add(room_id)
    return SlotTaken(resource="room", start=values["starts_at"], end=values["ends_at"])


def _may_be_shared(outcome: Appointment | SlotTaken) -> bool:
    return isinstance(outcome, SlotTaken) and outcome.details["resource"] in SHARED_BY_A_SQUEEZE


async def _write(
    session: AsyncSession, values: dict[str, Any], squeeze_reason: str | None
) -> Appointment | SlotTaken:
    squeeze = {"squeezed_in": squeeze_reason is not None, "squeeze_reason": squeeze_reason}
    row = new_row(session, Appointment, values | squeeze)
    if await inserted(session, Appointment, row):
        return attached(session, Appointment, row)
    wanted = Wanted.of(row)
    taken = await conflicting(session, wanted)
    if taken is not None:
        return taken
    try:
        await _insert_in_turn(session, wanted, row)
    except SlotTaken as error:
        return error
    return attached(session, Appointment, row)


async def _insert_in_turn(session: AsyncSession, wanted: Wanted, row: dict[str, Any]) -> None:
    """Insert the appointment where a hold that has run out, or somebody's rollback, was in the way.

    Who clears holds away goes before or after moves of the same resources, and lets go of all where it
    does not come to an appointment: whoever waits for them would otherwise be waited for.

    Raises:
        SlotTaken: somebody else has the slot by now.
    """
    async with session.begin_nested():
        await take_turns_for(session, wanted)
        for _attempt in range(_ATTEMPTS):
            await clear_stale_holds(session, wanted)
            if await inserted(session, Appointment, row):
                return
            taken = await conflicting(session, wanted)
            if taken is not None:
                raise taken
        raise SlotTaken(resource="practitioner", resource_id=wanted.practitioner_id)


def _rooms(world: World, start: int, lost: set[UUID]) -> Iterator[UUID | None]:
    """The free rooms, one after the other; None where none is needed."""
    if not world.needs_room:
        yield None
        return
    while (room := free_room(world, start, without=lost)) is not None:
        yield room.id
        if room.id not in lost:
            return
    for room in world.rooms if world.squeezing else ():
        if room.id not in lost:
            yield room.id
        if room.id not in lost:
            return


def why_not(
    world: World, request: AppointmentCreate, reasons: Mapping[UUID, BookingRefused]
) -> BookingRefused:
    """Return the one error to raise, after everybody that could be asked."""
    if not reasons:
        start = floor(request.starts_at)
        reason = refusal(world, None, start, overrides=request.overrides)
        if reason is not None:
            return reason
        if request.practitioner_id is not None:
            return absence(world, request.practitioner_id, start)
    taken = [reason for reason in reasons.values() if isinstance(reason, SlotTaken)]
    if taken:
        # A room or the pet stands in the way of practitioners who are free.
        return min(taken, key=lambda reason: reason.details["resource"] == "practitioner")
    codes = {reason.code for reason in reasons.values()}
    if len(codes) == 1:
        return next(iter(reasons.values()))
    return NobodyAvailable(
        start=request.starts_at, reasons={person: reason.code for person, reason in reasons.items()}
    )
