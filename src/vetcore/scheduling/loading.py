"""Reads a world with one statement, where the clinic's timetable is kept, or with two."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from vetcore.database import ReadSession
from vetcore.errors import InvalidValue, NotFound
from vetcore.scheduling.assisting import assistants_of
from vetcore.scheduling.caps import counted
from vetcore.scheduling.clinic_facts import ClinicFacts, facts_of, window_of
from vetcore.scheduling.errors import ServiceNotOffered
from vetcore.scheduling.facts import (
    NOTHING,
    AsBooked,
    Means,
    Named,
    PetFacts,
    PractitionerFacts,
    RoomFacts,
)
from vetcore.scheduling.groups import Groups, groups_of
from vetcore.scheduling.kept import forget, kept, read
from vetcore.scheduling.moments import Moment, in_one_row, moment_of
from vetcore.scheduling.world import World
from vetcore.values.animals import PetStatus, Species
from vetcore.values.capacity import Capacity
from vetcore.values.intervals import ceiling
from vetcore.values.services import PERFORMING, ServiceOffering

__all__ = ["load_clinic", "load_world", "parameters", "world_of", "world_of_anybody"]

_NOBODY: Final = UUID(int=0)
_LONGEST: Final = timedelta(days=1)
"""A CHECK keeps every appointment this short, so an index on its start finds what overlaps."""

_FEW_HOURS: Final = timedelta(hours=6)
"""In so short a window, one statement for all costs less than two for what is free and what is not."""

_MINUTE: Final = timedelta(minutes=1)
_SHORTEST: Final = 5
"""The shortest length that a catalogue may have, in minutes."""

_ATTEMPTS: Final = 3
"""How often a timetable is read again that somebody changes at this moment."""


async def load_clinic(
    session: ReadSession, *, clinic_id: UUID, start: datetime, end: datetime
) -> ClinicFacts:
    """Return the facts of a clinic that matter to starts in ``[start, end)``.

    Raises:
        NotFound: there is no such clinic.
        InvalidValue: ``start`` or ``end`` is naive or out of range.
    """
    window = window_of(start, end)
    timetable = kept(session, clinic_id, window[0])
    if timetable is not None:
        given = timetable.stands_under() | parameters(start, end)
        if not (await moment_of(session, given)).unchanged:
            timetable = None
    if timetable is None:
        timetable, _ = await read(session, clinic_id, window[0])
    return facts_of(timetable, *window)


def parameters(
    start: datetime, end: datetime, pet_id: UUID | None = None, without: UUID | None = None
) -> dict[str, Any]:
    """Return what the statements are told of a window, of a pet and of an appointment to leave out."""
    since, until = start - _LONGEST, end + 2 * _LONGEST
    return {
        "pet": pet_id or _NOBODY,
        "except_for": without or _NOBODY,
        "people": [],
        "rooms": [],
        "equipment": [],
        "since": since,
        "until": until,
        "reach": since - _LONGEST,
    }


async def load_world(  # noqa: PLR0913
    session: ReadSession,
    *,
    clinic_id: UUID,
    service: str,
    start: datetime,
    end: datetime,
    by: Capacity,
    practitioner_id: UUID | None = None,
    pet_id: UUID | None = None,
    species: Species | None = None,
    room_id: UUID | None = None,
    duration: timedelta | None = None,
    without: UUID | None = None,
    as_booked: AsBooked | None = None,
    new_patient: bool | None = None,
    counting: bool = True,
    group_id: UUID | None = None,
    named: Named | None = None,
) -> World:
    """Return all that matters to starts in ``[start, end)``.

    Args:
        session: for reading.
        clinic_id: the clinic.
        service: what is to be done.
        start: the first start that matters.
        end: the first that does not.
        by: in what capacity it is asked for: owners book what is ``online_bookable``.
        practitioner_id: leave out all but this person.
        pet_id: the pet to be seen; its own appointments count.
        species: of a pet that is not known yet.
        room_id: in this room of the clinic, whether the service needs one or not.
        duration: in place of the one in the clinic's catalogue.
        without: an appointment that does not count, since it is the one to be moved. Whom and what it
            has beside its practitioner are kept where they are free.
        as_booked: its length and buffers, in place of the catalogue's, of what is booked already;
            ``room_id`` is then the room that it has, or None if it has none, and it takes whom and
            what it has beside, in place of what the catalogue says.
        new_patient: whether it counts as one of a new patient, in place of whether the pet is one.
        counting: read what the caps of a day count. Whoever writes counts in their turn.
        group_id: a group visit that it may come back to.
        named: the assistants and the equipment that are wished for.

    Raises:
        NotFound: there is no such clinic or pet.
        ServiceNotOffered: the clinic does not have the service in its catalogue; of what is booked
            already, the world says so.
        InvalidValue: the duration is no whole number of minutes, or more than a day with buffers;
            or a datetime is naive or out of range.
    """
    window = window_of(start, end)
    given = parameters(start, end, pet_id, without)
    attempts, had = _ATTEMPTS, NOTHING
    while True:
        attempts -= 1
        timetable, told = kept(session, clinic_id, window[0]), None
        is_read = timetable is None
        if timetable is None:
            asked = given | {"practitioner": practitioner_id} if end - start <= _FEW_HOURS else None
            timetable, told = await read(session, clinic_id, window[0], at_the_moment=asked)
        facts = facts_of(timetable, *window, practitioner_id)
        offering = _offering(facts, service, as_booked, had)
        only = practitioner_id
        if offering is not None and offering.needs_more:
            # Others matter, too, and equipment: they were not asked for in the same statement.
            facts, only, told = facts_of(timetable, *window), None, None
        wanted = _rooms(facts, offering, room_id, as_booked)
        if told:
            now = in_one_row(*told)
        else:
            given |= {"people": list(facts.people), "rooms": wanted}
            if offering is not None:
                given |= {"equipment": facts.equipment_for(offering)}
            now = await moment_of(session, given | timetable.stands_under(only))
        if as_booked is not None and now.had != had:
            # When those are busy was not asked for.
            attempts, had = attempts + 1, now.had
            continue
        # What was read just now may be taken for true, should somebody change it again and again.
        if now.unchanged or (is_read and attempts <= 0):
            break
        forget(session, clinic_id)
    if offering is None:
        raise ServiceNotOffered(service=service, offered=facts.services)
    groups: Groups | None = None
    if offering.places > 1 or group_id is not None:
        several = await groups_of(
            session,
            [clinic_id],
            service=service if offering.places > 1 else None,
            start=start,
            end=end,
            without=without,
            group_id=group_id,
        )
        groups = several[clinic_id]
    world = world_of(
        facts,
        now,
        offering=offering,
        start=start,
        end=end,
        by=by,
        rooms=wanted,
        needs_room=room_id is not None or (as_booked is None and offering.room_kind is not None),
        pet_id=pet_id,
        species=species,
        duration=duration,
        new_patient=new_patient,
        groups=groups,
        only=practitioner_id,
        named=named,
    )
    return await counted(session, world, without=without) if counting else world


def _rooms(
    facts: ClinicFacts,
    offering: ServiceOffering | None,
    room_id: UUID | None,
    as_booked: AsBooked | None,
) -> list[UUID]:
    """The rooms in question."""
    if as_booked is not None:
        # In the room that it has, whatever kind the catalogue asks for by now.
        return [room for room, _ in facts.rooms if room == room_id]
    return [] if offering is None else facts.rooms_for(offering, room_id)


def world_of(  # noqa: PLR0913
    facts: ClinicFacts,
    now: Moment,
    *,
    offering: ServiceOffering,
    start: datetime,
    end: datetime,
    by: Capacity,
    rooms: Sequence[UUID],
    needs_room: bool,
    pet_id: UUID | None = None,
    species: Species | None = None,
    duration: timedelta | None = None,
    new_patient: bool | None = None,
    groups: Groups | None = None,
    only: UUID | None = None,
    named: Named | None = None,
) -> World:
    """Return the world of a clinic at a moment, with all practitioners or ``only`` one.

    No caps are counted in it.

    Raises:
        NotFound: there is no such pet.
        InvalidValue: the duration is no whole number of minutes, or more than a day with buffers.
    """
    pet = _pet(pet_id, facts.clinic_id, now)
    usual = offering.minutes_for(pet.species if pet else species, pet.weight_kg if pet else None)
    staff = [
        replace(person, busy=now.busy.get(("practitioner", key), ()))
        for key, person in facts.people.items()
    ]
    asked = [each for each in staff if only is None or each.id == only]
    practitioners = [who for each in asked if (who := each.performing(offering)) is not None]
    more: dict[str, Any] = {"kept": now.had}
    if offering.needs_more or named is not None:
        more |= _beside(facts, now, offering, staff, named or Named())
    return facts.world(
        start=ceiling(start),
        end=ceiling(end),
        database_now=now.database_now,
        offering=offering,
        offered_instead=None if offering.service in facts.catalog else facts.services,
        duration=_minutes(offering, duration, usual) * 60,
        practitioners=tuple(practitioners),
        others=frozenset(each.id for each in asked).difference(who.id for who in practitioners),
        rooms=tuple(RoomFacts(room, now.busy.get(("room", room), ())) for room in rooms),
        pet=pet,
        species=pet.species if pet else species,
        needs_room=needs_room,
        by=by,
        new_patient=pet is not None and not pet.seen_here if new_patient is None else new_patient,
        groups=groups or {},
        **more,
    )


def _beside(
    facts: ClinicFacts,
    now: Moment,
    offering: ServiceOffering,
    staff: Sequence[PractitionerFacts],
    named: Named,
) -> dict[str, Any]:
    """Who could assist for each entry, and the pieces of each kind; of a kind with one named, that."""
    if len(named.assistants) > len(offering.assisted_by):
        raise InvalidValue(
            field="assistant_ids",
            rule="names more people than the service takes",
            expected=f"{len(offering.assisted_by)} at most",
            value=len(named.assistants),
        )
    in_use = {key: busy for (resource, key), busy in now.busy.items() if resource == "equipment"}
    pieces = facts.pieces_for(offering, in_use)
    chosen = named.equipment
    known = [[each.id for each in some if each.id in chosen] for some in pieces]
    if any(len(some) > 1 for some in known) or len(chosen) > sum(map(len, known)):
        raise InvalidValue(
            field="equipment_ids",
            rule="names equipment that the service does not take at this clinic, or two of a kind",
            expected=", ".join(offering.equipment) or "none",
        )
    return {
        "assistants": assistants_of(offering, staff),
        "equipment": tuple(
            tuple(each for each in some if each.id in chosen) or some for some in pieces
        ),
        "named": named.assistants,
    }


def world_of_anybody(  # noqa: PLR0913
    facts: ClinicFacts,
    *,
    service: str,
    start: datetime,
    end: datetime,
    by: Capacity,
    room_id: UUID | None = None,
    duration: timedelta | None = None,
) -> World | None:
    """Return the world of a pet of which nothing is known, and in which nobody is busy.

    It is None where the length depends on the pet, where it is none that can be, for what several pets
    may join, where the service takes assistants or equipment, and where the catalogue has no such
    service.
    """
    offering = facts.catalog.get(service)
    if offering is None or offering.places > 1 or offering.needs_more:
        return None
    if offering.durations and duration is None:
        return None
    try:
        minutes = _minutes(offering, duration, offering.duration_minutes)
    except InvalidValue:
        return None
    performing = (person.performing(offering) for person in facts.people.values())
    return facts.world(
        start=ceiling(start),
        end=ceiling(end),
        offering=offering,
        duration=minutes * 60,
        practitioners=tuple(each for each in performing if each is not None),
        rooms=tuple(RoomFacts(room) for room in facts.rooms_for(offering, room_id)),
        needs_room=room_id is not None or offering.room_kind is not None,
        by=by,
    )


def _offering(
    facts: ClinicFacts, service: str, as_booked: AsBooked | None, had: Means
) -> ServiceOffering | None:
    """The service as the catalogue has it, or as it was booked."""
    found = facts.catalog.get(service)
    if as_booked is None:
        return found
    if found is None:
        found = ServiceOffering(
            service=service,
            kind=as_booked.kind,
            duration_minutes=_SHORTEST,
            performed_by=tuple(PERFORMING),
        )
    return found.model_copy(
        update={
            "duration_minutes": as_booked.duration,
            "durations": (),
            "buffer_before_minutes": as_booked.before,
            "buffer_after_minutes": as_booked.after,
            **had.needs,
        }
    )


def _pet(pet_id: UUID | None, clinic_id: UUID, now: Moment) -> PetFacts | None:
    if pet_id is None:
        return None
    if not now.pets:
        raise NotFound(entity="pet", key=pet_id)
    its_species, state, weight = now.pets[0]
    return PetFacts(
        pet_id,
        Species(its_species),
        PetStatus(state),
        now.busy.get(("pet", pet_id), ()),
        weight_kg=None if weight is None else Decimal(weight).scaleb(-4),
        seen_here=any(UUID(place) == clinic_id for place, _ in now.known),
        seen_by=frozenset(UUID(person) for _, person in now.known),
    )


def _minutes(offering: ServiceOffering, duration: timedelta | None, usual: int) -> int:
    chosen = usual * _MINUTE if duration is None else duration
    longest = _LONGEST - offering.buffer_before - offering.buffer_after
    if chosen % _MINUTE or not timedelta() < chosen <= longest:
        raise InvalidValue(
            field="duration",
            rule="must be whole minutes, and a day at most with its buffers",
            expected=f"between 1 and {longest // _MINUTE} minutes",
            value=chosen,
        )
    return chosen // _MINUTE
