"""Books the appointments of pets that come together, all of them or none, and finds time for them."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from vetcore.database import ReadSession
from vetcore.errors import BookingRefused, InvalidValue, SlotTaken
from vetcore.models import Appointment
from vetcore.scheduling.booking import rooms_for, why_not, world_for, write
from vetcore.scheduling.day_turns import counted_in_turn
from vetcore.scheduling.facts import PractitionerFacts
from vetcore.scheduling.fairness import require_within_limits
from vetcore.scheduling.groups import seats, take_turn_in_group
from vetcore.scheduling.loading import load_world
from vetcore.scheduling.rules import (
    by_workload,
    precluded,
    refusal,
)
from vetcore.scheduling.savepoints import nothing_left_behind
from vetcore.scheduling.slots import Slot, check_window, listed
from vetcore.scheduling.wishes import Wish, row_of
from vetcore.scheduling.world import World
from vetcore.schemas import AppointmentCreate
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.capacity import Capacity
from vetcore.values.intervals import floor

__all__ = ["book_group_visit", "find_group_slots", "together"]


async def book_group_visit(
    session: AsyncSession,
    request: AppointmentCreate,
    *,
    with_pets: Sequence[UUID],
    by: Capacity,
    key: UUID | None = None,
) -> list[Appointment]:
    """Book one visit for several pets: an appointment each, which share all but the pet.

    It lasts as long as the pets' appointments would one after the other, unless the request says how
    long. If the service has ``places``, they take some of one group visit, and it lasts as long as
    always. No permission is checked, and nobody is notified.

    Args:
        session: as for :func:`vetcore.scheduling.book`.
        request: what is wanted for the first pet.
        with_pets: the pets that come with it.
        by: in what capacity it is asked for.
        key: the id of the first appointment; a new one if none is given.

    Returns:
        The appointments, the first pet's first.

    Raises:
        SlotTaken: practitioner, room or one of the pets is occupied then.
        NotBookable: a rule refuses it for one of the pets.
        NotFound: there is no such clinic, or one of the pets.
        InvalidValue: a pet is named twice, or there are more than the service has places; or as for
            ``book``.
    """
    pets = [request.pet_id, *with_pets]
    _require_different(pets, "with_pets")
    if request.assistant_ids or request.equipment_ids:
        raise InvalidValue(
            field="assistant_ids" if request.assistant_ids else "equipment_ids",
            rule="are not for pets that come together",
            expected="none",
        )
    wishes = [
        Wish(
            request.model_copy(update={"pet_id": pet}),
            AppointmentStatus.SCHEDULED,
            by,
            None,
            key if pet == request.pet_id else None,
        )
        for pet in pets
    ]
    wishes[0].require_well_formed()
    if by is Capacity.OWNER:
        for number, pet in enumerate(pets):
            await require_within_limits(
                session, clinic_id=request.clinic_id, pet_id=pet, beside=pets[:number]
            )
    start = floor(request.starts_at)
    worlds = [await world_for(session, wish) for wish in wishes]
    _require_nothing_more(worlds[0])
    if worlds[0].offering.places > 1:
        await take_turn_in_group(session, request.clinic_id, request.service, start)
        worlds = [await world_for(session, wish) for wish in wishes]
    elif request.duration_minutes is None:
        minutes = sum(world.duration for world in worlds) // 60
        longer = request.model_copy(update={"duration_minutes": minutes})
        wishes = [
            wish._replace(request=longer.model_copy(update={"pet_id": wish.request.pet_id}))
            for wish in wishes
        ]
        worlds = [await world_for(session, wish) for wish in wishes]
    _require_places(worlds, "with_pets")
    worlds = together([await counted_in_turn(session, world) for world in worlds])
    reasons: dict[UUID, BookingRefused] = {}
    for person in by_workload(worlds[0], start):
        reason = _refusal(worlds, person.id, start, request.overrides)
        if reason is None:
            outcome = await _insert(session, worlds, person.id, wishes)
            if not isinstance(outcome, SlotTaken):
                return outcome
            reason = outcome
        reasons[person.id] = reason
    raise why_not(worlds[0], wishes[0].request, reasons)


def _require_different(pets: Sequence[UUID], field: str) -> None:
    if len(set(pets)) < len(pets):
        raise InvalidValue(field=field, rule="names a pet twice", expected="each pet once")


def _require_nothing_more(world: World) -> None:
    if world.takes_more:
        raise InvalidValue(
            field="service",
            rule="takes assistants or equipment, which pets that come together do not share",
            expected="a service without them, or an appointment for each pet",
            value=world.offering.service,
        )


def _require_places(worlds: Sequence[World], field: str) -> None:
    places = worlds[0].offering.places
    if 1 < places < len(worlds):
        raise InvalidValue(
            field=field,
            rule="are more than the service has places",
            expected=f"{places} pets at most",
            value=len(worlds),
        )


def together(worlds: Sequence[World]) -> list[World]:
    """Return the worlds of pets that come together, so that each knows of the others."""
    party = len(worlds)
    new = sum(world.new_patient for world in worlds)
    return [
        replace(
            world,
            party=party,
            caps=tuple(
                replace(cap, wanted=new if cap.service is None else party) for cap in world.caps
            ),
        )
        for world in worlds
    ]


def _refusal(
    worlds: Sequence[World], practitioner_id: UUID, start: int, overrides: Collection[str]
) -> BookingRefused | None:
    """Why one of the pets cannot be seen by somebody then; None if all can."""
    reasons = (
        refusal(world, _person(world, practitioner_id), start, overrides=overrides)
        for world in worlds
    )
    return next((reason for reason in reasons if reason is not None), None)


def _person(world: World, practitioner_id: UUID) -> PractitionerFacts:
    return next(each for each in world.practitioners if each.id == practitioner_id)


async def _insert(
    session: AsyncSession, worlds: Sequence[World], practitioner_id: UUID, wishes: Sequence[Wish]
) -> list[Appointment] | SlotTaken:
    """The appointments, or which resource somebody else has by now."""
    world, start = worlds[0], floor(wishes[0].request.starts_at)
    person = _person(world, practitioner_id)
    seated = seats(world, person, start)
    rows = [
        row_of(session, each, wish, _person(each, practitioner_id)) | seat
        for each, wish, seat in zip(worlds, wishes, seated, strict=True)
    ]
    lost: set[UUID] = set()
    taken = SlotTaken(resource="room", start=rows[0]["starts_at"], end=rows[0]["ends_at"])
    for room_id in rooms_for(world, person, start, lost):
        try:
            return await _insert_all(session, worlds, wishes, rows, room_id)
        except SlotTaken as error:
            taken = error
            if error.details["resource"] != "room" or room_id is None:
                break
            lost.add(room_id)
    return taken


async def _insert_all(
    session: AsyncSession,
    worlds: Sequence[World],
    wishes: Sequence[Wish],
    rows: Sequence[dict[str, Any]],
    room_id: UUID | None,
) -> list[Appointment]:
    booked: list[Appointment] = []
    async with nothing_left_behind(session, booked):
        for world, wish, row in zip(worlds, wishes, rows, strict=True):
            person = _person(world, row["practitioner_id"])
            reason = wish.request.squeeze_reason
            outcome = await write(session, world, person, {**row, "room_id": room_id}, reason)
            if isinstance(outcome, SlotTaken):
                raise outcome
            booked.append(outcome)
    return booked


async def find_group_slots(  # noqa: PLR0913
    session: ReadSession,
    *,
    clinic_id: UUID,
    service: str,
    pet_ids: Sequence[UUID],
    start: datetime,
    end: datetime,
    by: Capacity,
    practitioner_id: UUID | None = None,
    duration: timedelta | None = None,
    limit: int | None = None,
) -> list[Slot]:
    """Return the slots at which several pets can be seen together, as :func:`book_group_visit` books.

    Args:
        session: for reading.
        clinic_id: the clinic.
        service: what is to be done.
        pet_ids: the pets.
        start: from this instant on.
        end: until just before this one.
        by: in what capacity it is asked for.
        practitioner_id: with this person only.
        duration: of the whole visit; the pets' lengths together if none is given.
        limit: as many at most, the earliest.

    Raises:
        NotFound: there is no such clinic, or one of the pets.
        NotBookable: nothing can be booked for one of the pets whenever it is.
        InvalidValue: a pet is named twice, none is, or there are more than the service has places; or
            as for :func:`vetcore.scheduling.find_slots`.
    """
    check_window(start, end)
    if limit is not None and limit < 0:
        raise InvalidValue(field="limit", rule="must not be negative", value=limit)
    if not pet_ids:
        raise InvalidValue(field="pet_ids", rule="must not be empty", expected="one pet or more")
    _require_different(pet_ids, "pet_ids")

    async def worlds_of(length: timedelta | None) -> list[World]:
        return [
            await load_world(
                session,
                clinic_id=clinic_id,
                service=service,
                start=start,
                end=end,
                by=by,
                practitioner_id=practitioner_id,
                pet_id=pet,
                duration=length,
            )
            for pet in pet_ids
        ]

    worlds = await worlds_of(duration)
    _require_nothing_more(worlds[0])
    if duration is None and worlds[0].offering.places == 1:
        worlds = await worlds_of(timedelta(seconds=sum(world.duration for world in worlds)))
    _require_places(worlds, "pet_ids")
    worlds = together(worlds)
    for world in worlds:
        if (reason := precluded(world)) is not None:
            raise reason
    first, *others = [listed(world) for world in worlds]
    common = set(first).intersection(*others)
    return [slot for slot in first if slot in common][:limit]
