"""Plans where visits go that cannot stay, and moves them all at once.

A plan is a value: somebody looks at it, changes it perhaps, and sends it back to be carried out.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from vetcore import clock
from vetcore.database import ReadSession
from vetcore.database.locking import locked
from vetcore.errors import (
    BookingRefused,
    ConcurrentUpdate,
    Conflict,
    InvalidTransition,
    NotBookable,
    NotFound,
    VetcoreError,
)
from vetcore.models import Appointment
from vetcore.scheduling.assisting import beside
from vetcore.scheduling.caps import counted
from vetcore.scheduling.conflicts import Wanted, take_turns_for
from vetcore.scheduling.day_turns import days_of_moves, take_turns_of_days
from vetcore.scheduling.facts import GroupFacts
from vetcore.scheduling.groups import Groups
from vetcore.scheduling.loading import load_clinic, load_world
from vetcore.scheduling.moving import move, require_movable
from vetcore.scheduling.rules import by_workload, room_for, rooms_without_block
from vetcore.scheduling.starts import starts
from vetcore.scheduling.supposing import Supposed, as_supposed
from vetcore.scheduling.world import World
from vetcore.schemas import MovePlan, PlannedMove
from vetcore.values.appointments import AppointmentPriority
from vetcore.values.capacity import Capacity
from vetcore.values.intervals import floor, instant

__all__ = ["PlanConflict", "apply_moves", "plan_moves"]

_WEEK: Final = timedelta(days=7)
_URGENCY: Final = {AppointmentPriority.EMERGENCY: 0, AppointmentPriority.URGENT: 1}


class PlanConflict(Conflict, BookingRefused):
    """Not every move of a plan can be made, so none is."""

    code = "plan_conflict"
    title = "The plan cannot be carried out as a whole"

    def __init__(self, reasons: Sequence[tuple[UUID, VetcoreError]], *, of: int) -> None:
        conflicts = [
            {"appointment_id": key, "code": error.code, "detail": str(error)}
            for key, error in reasons
        ]
        super().__init__(
            f"{len(conflicts)} of the {of} appointments cannot be moved", conflicts=conflicts
        )


class _Place(NamedTuple):
    """What a planned move will occupy, in seconds since 1970."""

    start: int
    practitioner_id: UUID
    room_id: UUID | None
    pet_id: UUID
    clinic_id: UUID
    service: str
    new_patient: bool
    occupied: tuple[int, int]
    """With the buffers, which are the practitioner's and the room's."""
    lasting: tuple[int, int]
    """Without them, for the pet."""
    more: frozenset[UUID] = frozenset()
    """The assistants and the equipment, which have the buffers, too."""

    @property
    def resources(self) -> frozenset[UUID | None]:
        """Whom and what it occupies with the buffers."""
        return self.more | {self.practitioner_id, self.room_id}


async def plan_moves(
    session: ReadSession,
    appointments: Iterable[Appointment],
    *,
    within: timedelta = timedelta(days=30),
    supposed: Supposed | None = None,
) -> MovePlan:
    """Return where each appointment could go: the next free slot, no two onto one. Nothing is written.

    The most urgent come first, and then those that start first. Each keeps its clinic, service and
    length. It goes to the same practitioner if they are free in the first week in which anybody is,
    and else to whoever is free first. Its own start comes into question with somebody else, or where
    its room is kept free or gone. The same question of the same timetable has the same answer. No
    permission is checked.

    Args:
        session: for reading.
        appointments: what is to be moved.
        within: how far from its own start, or from now, a slot is looked for.
        supposed: a change of the timetable that is not made yet; the slots are free after it.

    Raises:
        InvalidTransition: one of them has begun, or is over.
    """
    wanted = sorted(appointments, key=_rank)
    for each in wanted:
        require_movable(each)
    begin = clock.now()
    planned: list[_Place] = []
    moves: list[PlannedMove] = []
    unplaced: list[UUID] = []
    for each in wanted:
        place = await _next_place(
            session, each, max(begin, each.starts_at), within, supposed, planned
        )
        if place is None:
            unplaced.append(each.id)
            continue
        planned.append(place)
        moves.append(
            PlannedMove(
                id=each.id,
                version=each.version,
                starts_at=instant(place.start),
                practitioner_id=place.practitioner_id,
                room_id=place.room_id,
            )
        )
    return MovePlan(moves=tuple(moves), unplaced=tuple(unplaced))


def _rank(each: Appointment) -> tuple[int, datetime, UUID]:
    return _URGENCY.get(each.priority, 2), each.starts_at, each.id


async def _next_place(  # noqa: PLR0913, PLR0917
    session: ReadSession,
    appointment: Appointment,
    begin: datetime,
    within: timedelta,
    supposed: Supposed | None,
    planned: Sequence[_Place],
) -> _Place | None:
    last = begin + within
    while begin < last:
        end = min(begin + _WEEK, last)
        try:
            world = await _world(session, appointment, begin, end, supposed)
        except (NotBookable, NotFound):
            # It cannot be booked anew: its service is not offered any more, its pet is deleted.
            return None
        if world is None:
            return None
        place = _first_place(_with_planned(world, planned), appointment)
        if place is not None:
            return place
        begin = end
    return None


async def _world(
    session: ReadSession,
    appointment: Appointment,
    begin: datetime,
    end: datetime,
    supposed: Supposed | None,
) -> World | None:
    minutes = appointment.duration_minutes
    clinic_id = appointment.clinic_id
    world = await load_world(
        session,
        clinic_id=clinic_id,
        service=appointment.service,
        start=begin,
        end=end,
        by=Capacity.STAFF,
        pet_id=appointment.pet_id,
        duration=None if minutes is None else timedelta(minutes=minutes),
        without=appointment.id,
        new_patient=appointment.new_patient,
        counting=supposed is None,
    )
    if supposed is None:
        return world
    facts = await load_clinic(session, clinic_id=clinic_id, start=begin, end=end)
    then = as_supposed(world, supposed(facts), own_length=minutes is not None)
    return None if then is None else await counted(session, then, without=appointment.id)


def _with_planned(world: World, planned: Sequence[_Place]) -> World:
    """The world in which what was planned before is taken."""
    if not planned:
        return world

    def taken(key: UUID) -> Sequence[tuple[int, int]]:
        return [it.occupied for it in planned if key in it.resources]

    pet = world.pet
    if pet is not None:
        theirs = [it.lasting for it in planned if it.pet_id == pet.id]
        pet = replace(pet, busy=[*pet.busy, *theirs])
    here = [it for it in planned if it.clinic_id == world.clinic_id]
    caps = tuple(
        replace(
            cap,
            starts=[
                *cap.starts,
                *(it.start for it in here if cap.counts(it.service, new_patient=it.new_patient)),
            ],
        )
        for cap in world.caps
    )
    return replace(
        world,
        practitioners=_occupied(world.practitioners, taken),
        assistants=tuple(_occupied(some, taken) for some in world.assistants),
        equipment=tuple(_occupied(some, taken) for some in world.equipment),
        rooms=_occupied(world.rooms, taken),
        pet=pet,
        caps=caps,
        groups=_joined(world, here),
    )


def _occupied(
    several: Iterable[Any], taken: Callable[[UUID], Sequence[tuple[int, int]]]
) -> tuple[Any, ...]:
    """People, rooms or equipment, which are busy at more times."""
    return tuple(replace(each, busy=[*each.busy, *taken(each.id)]) for each in several)


def _joined(world: World, planned: Sequence[_Place]) -> Groups:
    """The group visits with those who were planned to join them, or to begin them."""
    groups = dict(world.groups)
    service = world.offering.service if world.offering.places > 1 else None
    for it in (it for it in planned if it.service == service):
        key = it.practitioner_id, it.start
        known = groups.get(key)
        if known is None:
            # A placeholder: whoever is moved there begins it.
            known = GroupFacts(
                it.pet_id,
                it.room_id,
                it.lasting[1],
                it.occupied,
                world.offering.places,
                frozenset(),
            )
        if known.free:
            groups[key] = replace(known, taken=known.taken | {known.free[0]})
    return groups


def _first_place(world: World, appointment: Appointment) -> _Place | None:
    """The first start with the same practitioner, or with whoever has one first."""
    own = floor(appointment.starts_at)
    stays = _needs_another_room(world, appointment)
    found = {
        key: free[0]
        for key, every in starts(world)
        if (
            free := [at for at in every if (key, at) != (appointment.practitioner_id, own) or stays]
        )
    }
    if not found:
        return None
    who = appointment.practitioner_id
    if who not in found:
        first = min(found.values())
        who = next(each.id for each in by_workload(world, first) if found.get(each.id) == first)
    start = found[who]
    occupied = start - world.before, start + world.duration + world.after
    person = next(each for each in world.practitioners if each.id == who)
    room = room_for(world, person, start, appointment.room_id)
    room_id = None if room is None else room.id
    lasting = start, start + world.duration
    row = appointment
    kind = row.clinic_id, row.service, row.new_patient
    more = beside(world, who, start)
    taken = frozenset[UUID]() if more is None else more.ids
    return _Place(start, who, room_id, row.pet_id, *kind, occupied, lasting, taken)


def _needs_another_room(world: World, appointment: Appointment) -> bool:
    """Whether a block keeps its room free at its own start, or the room is gone."""
    if appointment.room_id is None or not world.needs_room:
        return False
    rooms = rooms_without_block(world, floor(appointment.starts_at))
    return appointment.room_id not in {each.id for each in rooms}


async def apply_moves(session: AsyncSession, plan: MovePlan) -> list[Appointment]:
    """Move the appointments of a plan, all of them or none. It is for staff.

    Each is judged as a move of its own. No permission is checked, and nobody is notified.

    Args:
        session: of a transaction.
        plan: the moves, in the order in which they are made.

    Returns:
        The appointments, in the order of the plan.

    Raises:
        PlanConflict: some cannot be moved; it says which, and why.
        NotFound: there is no such appointment.
    """
    rows = {
        key: await locked(session, Appointment, key)
        for key in sorted(each.id for each in plan.moves)
    }
    await _take_turns(session, plan, rows)
    reasons: list[tuple[UUID, VetcoreError]] = []
    try:
        async with session.begin_nested():
            for each in plan.moves:
                try:
                    await _moved(session, rows[each.id], each)
                except (BookingRefused, InvalidTransition, ConcurrentUpdate) as error:
                    reasons.append((each.id, error))
            if reasons:
                raise PlanConflict(reasons, of=len(plan.moves))
    except VetcoreError:
        # The savepoint took all back, and the session must know the rows as they are.
        for row in rows.values():
            await session.refresh(row)
        raise
    return [rows[each.id] for each in plan.moves]


async def _take_turns(
    session: AsyncSession, plan: MovePlan, rows: Mapping[UUID, Appointment]
) -> None:
    """Go before or after all who write about these resources: taken one by one, they could cross."""
    wanted = [Wanted.by(row, {}) for row in rows.values()]
    if not wanted:
        return
    moves = [(rows[each.id], each.starts_at) for each in plan.moves]
    await take_turns_of_days(session, await days_of_moves(session, moves))
    resources = {key for each in wanted for key in each[:3]}
    resources |= {key for each in plan.moves for key in (each.practitioner_id, each.room_id)}
    await take_turns_for(session, wanted[0], *resources)


async def _moved(session: AsyncSession, row: Appointment, planned: PlannedMove) -> None:
    if planned.version is not None and planned.version != row.version:
        message = f"appointment {row.id} is at version {row.version}; it was planned for another"
        raise ConcurrentUpdate(message, table=Appointment.__tablename__)
    await move(
        session,
        row.id,
        starts_at=planned.starts_at,
        by=Capacity.STAFF,
        practitioner_id=planned.practitioner_id,
        room_id=planned.room_id,
    )
