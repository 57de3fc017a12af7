"""Booking: the rules are checked first, and the database's constraints make it safe.

The constraints hold whoever else books at this moment. On PostgreSQL the row is inserted with ``ON
CONFLICT DO NOTHING``, because two plain inserts that overlap would wait for each other until one is
ended as a deadlock.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from vetcore.database.driver import is_postgresql
from vetcore.database.inserting import attached, inserted, inserted_from, new_row
from vetcore.database.locking import take_turns
from vetcore.errors import BookingRefused, SlotTaken
from vetcore.models import Appointment
from vetcore.models.appointment import SHAREABLE
from vetcore.scheduling.assisting import beside
from vetcore.scheduling.at_once import OnlyIf, booked_at_once
from vetcore.scheduling.bookable import unless_assisting
from vetcore.scheduling.conflicts import Wanted, clear_stale_holds, conflicting, take_turns_for
from vetcore.scheduling.day_turns import counted_in_turn
from vetcore.scheduling.errors import NobodyAvailable
from vetcore.scheduling.facts import PractitionerFacts
from vetcore.scheduling.fairness import require_within_limits
from vetcore.scheduling.groups import in_turn_in_group
from vetcore.scheduling.loading import load_world
from vetcore.scheduling.occupying import Lost, candidates, occupy_beside
from vetcore.scheduling.rules import (
    absence,
    by_workload,
    free_room,
    is_squeezed,
    refusal,
    rooms_without_block,
)
from vetcore.scheduling.savepoints import nothing_left_behind
from vetcore.scheduling.wishes import Wish, row_of
from vetcore.scheduling.world import World
from vetcore.schemas import AppointmentCreate
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.capacity import Capacity
from vetcore.values.intervals import floor

__all__ = ["book", "book_at_once", "hold", "rooms_for", "why_not", "world_for", "write"]

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
    of the kind that the service needs is taken. So are its assistants and its equipment: of those who
    are free, who has the least to do that day.

    Args:
        session: of a transaction (``Database.transaction`` or ``Database.run``); it must begin
            with this call's reads or be READ COMMITTED.
        request: what is wanted. ``overrides`` names rules that staff set aside; those that were
            broken are recorded on the appointment.
        by: in what capacity it is asked for; owners book what is ``online_bookable``.
        booked_by: the person whose wish it was; whoever acts if none is given.
        key: the id of the new appointment; a new one if none is given.

    Raises:
        SlotTaken: practitioner, room, pet, assistant or equipment is occupied for a part of that time.
        NotBookable: a rule refuses it; each rule is a subclass with its own code.
        NotFound: there is no such clinic or pet.
        InvalidValue: ``starts_at`` is no whole minute, an override names no rule that can be, or
            an owner asks to set one aside.
    """
    wish = Wish(request, AppointmentStatus.SCHEDULED, by, booked_by, key)
    return await _reserve(session, wish)


async def book_at_once(
    session: AsyncSession,
    request: AppointmentCreate,
    *,
    by: Capacity,
    only_if: OnlyIf,
    key: UUID | None = None,
) -> Appointment | None:
    """Book as :func:`book` does, if one statement can, and if a condition holds.

    Returns:
        The appointment. None says nothing of why there is none: whoever asks finds out about the
        condition, and calls :func:`book`.

    Raises:
        InvalidValue: as :func:`book`.
    """
    wish = Wish(request, AppointmentStatus.SCHEDULED, by, None, key)
    wish.require_well_formed()
    return await booked_at_once(session, wish, only_if)


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
    return await _reserve(session, Wish(request, AppointmentStatus.HELD, by, booked_by, key))


async def _reserve(session: AsyncSession, wish: Wish) -> Appointment:
    request = wish.request
    wish.require_well_formed()
    if wish.by is Capacity.OWNER:
        holds = wish.status is AppointmentStatus.HELD
        await require_within_limits(
            session, clinic_id=request.clinic_id, pet_id=request.pet_id, holds=holds
        )
    booked = await booked_at_once(session, wish)
    if booked is not None:
        return booked
    start = floor(request.starts_at)
    world = await in_turn_in_group(session, start, lambda: world_for(session, wish))
    world = await counted_in_turn(session, world)
    reasons: dict[UUID, BookingRefused] = {}
    for person in by_workload(world, start):
        reason = refusal(world, person, start, overrides=request.overrides)
        if reason is None:
            values = row_of(session, world, wish, person)
            insert = _insert_with_more if world.takes_more else _insert
            outcome = await insert(session, world, person, request, values)
            if isinstance(outcome, Appointment):
                return outcome
            reason = outcome
        reasons[person.id] = reason
    raise why_not(world, request, reasons)


async def world_for(session: AsyncSession, wish: Wish) -> World:
    """Return the world in which a wish is judged, but for the caps of the day."""
    request = wish.request
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
        counting=False,
        named=wish.named,
    )
    return world if request.squeeze_reason is None else replace(world, squeezing=True)


async def _insert_with_more(
    session: AsyncSession,
    world: World,
    person: PractitionerFacts,
    request: AppointmentCreate,
    values: dict[str, Any],
) -> Appointment | SlotTaken:
    """The appointment with its assistants and equipment, or what somebody else has by now.

    Who is lost is left out, and the next ones are tried; between two tries, nothing is written.
    """
    start = floor(request.starts_at)
    rooms = [each.id for each in world.rooms] if world.needs_room else []
    taken = SlotTaken(resource="assistant", start=values["starts_at"], end=values["ends_at"])
    lost: set[UUID] = set()
    turns = {person.id, values["pet_id"], *rooms, *candidates(world)}
    await take_turns(session, "resource", *turns)
    while (wanted := beside(world, person.id, start, without=lost)) is not None:
        fresh: list[Appointment] = []
        try:
            async with nothing_left_behind(session, fresh):
                outcome = await _insert(session, world, person, request, values)
                if isinstance(outcome, SlotTaken):
                    return outcome
                fresh.append(outcome)
                await occupy_beside(session, vars(outcome), wanted)
                return outcome
        except Lost as gone:
            lost.add(gone.key)
            taken = gone.taken
    return taken


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
    for room_id in rooms_for(world, person, start, lost):
        row = {**values, "room_id": room_id}
        outcome = await write(session, world, person, row, request.squeeze_reason)
        if isinstance(outcome, Appointment):
            return outcome
        if outcome.details["resource"] != "room" or room_id is None:
            return outcome
        lost.add(room_id)
    return SlotTaken(resource="room", start=values["starts_at"], end=values["ends_at"])


async def write(
    session: AsyncSession,
    world: World,
    person: PractitionerFacts,
    row: dict[str, Any],
    squeeze_reason: str | None,
) -> Appointment | SlotTaken:
    """Write a row that :func:`~vetcore.scheduling.wishes.row_of` made, with its room.

    It is squeezed in where something is in the way, if the world lets it.

    Returns:
        The appointment, or which resource somebody else has by now.
    """
    squeezed = is_squeezed(world, person, row["room_id"], floor(row["starts_at"]))
    outcome = await _write(session, row, squeeze_reason if squeezed else None)
    if world.squeezing and not squeezed and _may_be_shared(outcome):
        outcome = await _write(session, row, squeeze_reason)
    return outcome


def _may_be_shared(outcome: Appointment | SlotTaken) -> bool:
    return isinstance(outcome, SlotTaken) and outcome.details["resource"] in SHAREABLE


async def _write(
    session: AsyncSession, values: dict[str, Any], squeeze_reason: str | None
) -> Appointment | SlotTaken:
    squeeze = {"squeezed_in": squeeze_reason is not None, "squeeze_reason": squeeze_reason}
    row = new_row(session, Appointment, values | squeeze)
    if await _inserted(session, row):
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


async def _inserted(session: AsyncSession, row: dict[str, Any]) -> bool:
    """Whether the row could be written: its constraints let it, and its practitioner assists nowhere."""
    if row["squeezed_in"] or not is_postgresql(session):
        return await inserted(session, Appointment, row)
    given = {
        "person": row["practitioner_id"],
        "since": row["occupied_from"],
        "until": row["occupied_until"],
    }
    return await inserted_from(session, Appointment, row, unless_assisting, given)


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
            if await _inserted(session, row):
                return
            taken = await conflicting(session, wanted)
            if taken is not None:
                raise taken
        raise SlotTaken(resource="practitioner", resource_id=wanted.practitioner_id)


def rooms_for(
    world: World, person: PractitionerFacts, start: int, lost: set[UUID]
) -> Iterator[UUID | None]:
    """Return the free rooms, one after the other; None where none is needed.

    Args:
        world: a snapshot.
        person: who sees the pet.
        start: in seconds since 1970.
        lost: the rooms that turn out to be taken; whoever asks enters them.
    """
    if (group := world.group_at(person.id, start)) is not None:
        yield group.room_id
        return
    if not world.needs_room:
        yield None
        return
    while (room := free_room(world, start, without=lost)) is not None:
        yield room.id
        if room.id not in lost:
            return
    for room in rooms_without_block(world, start) if world.squeezing else ():
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
