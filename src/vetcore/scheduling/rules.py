"""The rules of booking. Listing slots and booking use the same rules.

:mod:`vetcore.scheduling.starts` lists the starts of a window; :func:`refusal` judges one. Both
follow the same rules in whole seconds, and a property test holds them together.

An appointment ``[start, end)`` lies within opening hours and hours of work. With its buffers it
occupies ``[start - before, end + after)``, which must be free of other appointments; a buffer may
reach beyond the hours.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from vetcore.errors import BookingRefused, InvalidValue, NotBookable, SlotTaken
from vetcore.scheduling.assisting import lacking
from vetcore.scheduling.errors import (
    OVERRIDABLE,
    BeyondHorizon,
    Blocked,
    ClinicClosed,
    ClinicNotActive,
    DayIsFull,
    InThePast,
    KeptForOthers,
    LicenseNotValid,
    NoEquipment,
    NoRoom,
    NotAcceptingNewPatients,
    NotBookableOnline,
    NotWorkingHere,
    OffDuty,
    OffGrid,
    OutsideServiceHours,
    PetNotBookable,
    ServiceNotOffered,
    ServiceNotPerformed,
    SpeciesNotTreated,
    TooSoon,
)
from vetcore.scheduling.facts import BlockFacts, Busy, PractitionerFacts, RoomFacts
from vetcore.scheduling.world import World
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ClinicStatus
from vetcore.values.intervals import (
    Span,
    clip,
    instant,
    overlaps,
    total,
)
from vetcore.values.walltime import local_day, midnight, require_instant

__all__ = [
    "absence",
    "by_workload",
    "free_room",
    "is_squeezed",
    "is_taken",
    "precluded",
    "refusal",
    "refusals",
    "require_overridable",
    "require_staff_squeezes",
    "require_whole_minute",
    "room_for",
    "rooms_without_block",
]


def precluded(world: World) -> BookingRefused | None:
    """Return why nothing can be booked with anybody at any time, or None if something can."""
    return next(_about_anything(world), None)


def _about_anything(world: World) -> Iterator[BookingRefused]:
    pet = world.pet
    if world.status is not ClinicStatus.ACTIVE:
        yield ClinicNotActive(world.clinic_id, status=world.status)
    if world.offered_instead is not None:
        yield ServiceNotOffered(service=world.offering.service, offered=world.offered_instead)
    if not world.offering.online_bookable and not world.by.is_staff:
        yield NotBookableOnline(service=world.offering.service)
    if pet is not None and not pet.status.bookable:
        yield PetNotBookable(pet.id, status=pet.status)
    if world.species is not None:
        if not world.treats(world.species_treated):
            yield SpeciesNotTreated(species=world.species, by="clinic")
        if not world.offering.is_for(world.species):
            yield SpeciesNotTreated(species=world.species, by="service")
    yield from _about_means(world)
    if not world.accepts_new_patients and pet is not None and not pet.seen_here:
        yield NotAcceptingNewPatients(pet.id, by="clinic")


def _about_means(world: World) -> Iterator[BookingRefused]:
    if world.needs_room and not world.rooms:
        yield NoRoom(kind=world.offering.room_kind or "asked for")
    # Of an appointment that is booked already, its own equipment is asked about elsewhere.
    for kind, pieces in zip(world.offering.equipment, world.equipment, strict=False):
        if not pieces:
            yield NoEquipment(kind=kind)


def refusals(
    world: World, person: PractitionerFacts | None, start: int
) -> Iterator[BookingRefused]:
    """Return every rule that booking ``person`` at ``start`` (seconds since 1970) would break.

    If ``person`` is None, the result has the rules that hold for all practitioners.
    """
    rules: Iterable[BookingRefused | None] = (
        *_about_anything(world),
        *_about_time(world, person, start),
    )
    if person is not None:
        rules = (
            *rules,
            *_about_practitioner(world, person, start),
            *_about_occupancy(world, person, start),
            *(lacking(world, person.id, start) if world.takes_more else ()),
        )
    return (broken for broken in rules if broken is not None)


def refusal(
    world: World, person: PractitionerFacts | None, start: int, *, overrides: Collection[str] = ()
) -> BookingRefused | None:
    """Return why ``person`` cannot be booked at ``start``, or None if they can.

    Args:
        world: a snapshot whose window holds ``start``.
        person: one of its practitioners; None asks whether any could be.
        start: in seconds since 1970.
        overrides: codes of rules that staff set aside; occupancy is none of them.
    """
    broken = (each for each in refusals(world, person, start) if each.code not in overrides)
    return next(broken, None)


def absence(world: World, practitioner_id: UUID, start: int) -> NotBookable:
    """Return why somebody is none of the world's practitioners at ``start``."""
    if practitioner_id in world.others:
        service, roles = world.offering.service, world.offering.performed_by
        return ServiceNotPerformed(practitioner_id, service=service, performed_by=roles)
    return NotWorkingHere(practitioner_id, day=local_day(start, world.calendar.zone))


def _at(world: World, seconds: int) -> datetime:
    """The instant in the clinic's wall time, as people there speak of it."""
    return instant(seconds).astimezone(world.calendar.zone)


def _about_time(
    world: World, person: PractitionerFacts | None, start: int
) -> Iterator[BookingRefused | None]:
    at, end = _at(world, start), start + world.duration
    window = world.bookable()
    if start < world.now:
        yield InThePast(at)
    elif start < window.start:
        yield TooSoon(at, earliest=_at(world, window.start))
    elif start >= window.end:
        yield BeyondHorizon(at, latest=world.last_bookable_day)
    if not _within(world.open, start, end):
        yield ClinicClosed(start=at, end=_at(world, end))
    elif not _begins_a_group(world, person, start) and not any(
        begins <= start < ends and (start - begins) % world.step == 0 for begins, ends in world.grid
    ):
        yield OffGrid(at, step_minutes=world.policy.step_minutes)
    if world.service_hours is not None and not _within(world.service_hours, start, end):
        hours = str(world.offering.hours)
        yield OutsideServiceHours(
            service=world.offering.service, hours=hours, start=at, end=_at(world, end)
        )
    for full in world.full_days:
        if full.span.start <= start < full.span.end:
            cap = full.cap
            yield DayIsFull(limit=cap.limit, most=cap.most, count=full.reached, day=full.day)


def _begins_a_group(world: World, person: PractitionerFacts | None, start: int) -> bool:
    """Whether a group visit begins then, so that the grid does not matter any more."""
    if person is None:
        return any(world.group_at(who, at) for who, at in world.groups if at == start)
    return world.group_at(person.id, start) is not None


def _about_practitioner(
    world: World, person: PractitionerFacts, start: int
) -> Iterator[BookingRefused | None]:
    if not world.treats(person.species_treated):
        yield SpeciesNotTreated(species=str(world.species), by="practitioner")
    if world.pet is not None and not world.accepted_by(person):
        yield NotAcceptingNewPatients(world.pet.id, by="practitioner")
    day = local_day(start, world.calendar.zone)
    licensed = world.licensed(person)
    if licensed is None or not licensed.start <= start < licensed.end:
        yield LicenseNotValid(person.id, day=day)
    if not any(membership.holds_on(day) for membership in person.memberships) and not _within(
        world.on_duty(person), start, start + world.duration
    ):
        yield NotWorkingHere(person.id, day=day)
    end = start + world.duration
    if not _within(world.on_duty(person), start, end):
        yield OffDuty(person.id, start=_at(world, start), end=_at(world, end))
    for block, span in _blocks_of(world, person, start):
        yield Blocked(
            label=block.label if world.by.is_staff else None,
            start=_at(world, span.start),
            end=_at(world, span.end),
            practitioner_id=block.practitioner_id,
        )
    if any(span.start <= start < span.end for span in world.kept_with(person)):
        yield KeptForOthers(start=_at(world, start), practitioner_id=person.id)


def _blocks_of(
    world: World, person: PractitionerFacts, start: int
) -> Iterator[tuple[BlockFacts, Span]]:
    """The first block that an appointment with ``person`` at ``start`` would overlap, if any."""
    found = (
        (block, span)
        for block, spans in world.blocked
        if block.is_of(person.id)
        for span in spans
        if overlaps((span,), start, start + world.duration)
    )
    return islice(found, 1)


def _about_occupancy(
    world: World, person: PractitionerFacts, start: int
) -> Iterator[BookingRefused | None]:
    # Whoever joins a group visit takes nothing that is not taken already.
    joins = world.group_at(person.id, start) is not None
    if not (world.squeezing or joins) and is_taken(world, person.busy, start):
        yield _taken(world, "practitioner", person.id, start)
    if world.pet is not None and overlaps(world.pet.busy, start, start + world.duration):
        yield _taken(world, "pet", world.pet.id, start)
    if world.needs_room and not _room_is_left(world, person, start):
        yield _room_taken(world, start)


def _room_is_left(world: World, person: PractitionerFacts, start: int) -> bool:
    """Whether a room is free; for those who join a group visit, that no block is in its room."""
    group = world.group_at(person.id, start)
    if group is not None:
        return any(room.id == group.room_id for room in rooms_without_block(world, start))
    if world.squeezing:
        return bool(rooms_without_block(world, start))
    return free_room(world, start) is not None


def is_taken(world: World, busy: Busy, start: int) -> bool:
    """Return whether an appointment at ``start`` would overlap ``busy`` with its buffers."""
    return overlaps(busy, start - world.before, start + world.duration + world.after)


def _taken(
    world: World, resource: str, resource_id: UUID | None, start: int, label: str | None = None
) -> SlotTaken:
    return SlotTaken(
        resource=resource,
        resource_id=resource_id,
        start=_at(world, start),
        end=_at(world, start + world.duration),
        label=label,
    )


def _room_taken(world: World, start: int) -> SlotTaken:
    """That no room is free; with a block's label, if a room would be free without it."""
    labels = (
        block.label
        for room in world.rooms
        if not is_taken(world, room.busy, start)
        for block, spans in world.blocked
        if block.room_id == room.id and is_taken(world, spans, start)
    )
    label = next(labels, None) if world.by.is_staff else None
    return _taken(world, "room", None, start, label)


def is_squeezed(world: World, person: PractitionerFacts, room_id: UUID | None, start: int) -> bool:
    """Return whether an appointment with ``person`` in that room would stand beside another one."""
    if not world.squeezing or world.group_at(person.id, start) is not None:
        return False
    room = next((each for each in world.rooms if each.id == room_id), None)
    return is_taken(world, person.busy, start) or (
        room is not None and is_taken(world, room.busy, start)
    )


def rooms_without_block(world: World, start: int) -> Sequence[RoomFacts]:
    """Return the rooms that no block keeps free, whether somebody is in them or not."""
    if not world.blocks:
        return world.rooms
    return [room for room in world.rooms if not is_taken(world, world.kept_free_in(room.id), start)]


def free_room(world: World, start: int, *, without: Collection[UUID] = ()) -> RoomFacts | None:
    """Return the first room that is free for an appointment at ``start``."""
    free = (
        room
        for room in rooms_without_block(world, start)
        if room.id not in without and not is_taken(world, room.busy, start)
    )
    return next(free, None)


def room_for(
    world: World, person: PractitionerFacts, start: int, preferred: UUID | None
) -> RoomFacts | None:
    """Return the preferred room where it is free at ``start``, else the first that is.

    It is None where none is needed. Of a group visit to join, it is the room.
    """
    if not world.needs_room:
        return None
    if (group := world.group_at(person.id, start)) is not None:
        return next(room for room in world.rooms if room.id == group.room_id)
    others = {room.id for room in world.rooms if room.id != preferred}
    return free_room(world, start, without=others) or free_room(world, start)


def by_workload(world: World, start: int) -> list[PractitionerFacts]:
    """Return the practitioners, the one with the least to do on the day of ``start`` first.

    Before them come those with a group visit to join, and those beside whose visits nothing need be
    squeezed in.
    """
    zone = world.hours.zone
    day = local_day(start, zone)
    begin, end = midnight(day, zone), midnight(day + timedelta(days=1), zone)

    def work(person: PractitionerFacts) -> tuple[bool, bool, int, UUID]:
        alone = world.group_at(person.id, start) is None
        beside = world.squeezing and is_taken(world, person.busy, start)
        return alone, beside, total(clip(person.busy, begin, end)), person.id

    return sorted(world.practitioners, key=work)


def _within(spans: Sequence[Span], start: int, end: int) -> bool:
    return any(span.start <= start and end <= span.end for span in spans)


def require_whole_minute(starts_at: datetime) -> None:
    """Refuse a start between two minutes, or outside the platform's bounds.

    Raises:
        InvalidValue: the start has seconds, is naive, or is out of range.
    """
    require_instant(starts_at, field="starts_at")
    if starts_at.second or starts_at.microsecond:
        raise InvalidValue(
            field="starts_at", rule="is not a whole minute", value=starts_at.isoformat()
        )


def require_staff_squeezes(squeeze_reason: str | None, by: Capacity) -> None:
    """Refuse an owner who asks to be squeezed in.

    Raises:
        InvalidValue: an owner gives a reason.
    """
    if squeeze_reason is not None and not by.is_staff:
        raise InvalidValue(
            field="squeeze_reason", rule="is for the clinic's staff", expected="none"
        )


def require_overridable(overrides: Collection[str], by: Capacity = Capacity.STAFF) -> None:
    """Refuse to set aside what cannot be set aside.

    Raises:
        InvalidValue: an override is no code of a rule that staff may override, or an owner asks.
    """
    if overrides and not by.is_staff:
        raise InvalidValue(
            field="overrides",
            rule="are for the clinic's staff",
            expected="none",
            value=", ".join(sorted(overrides)),
        )
    unknown = sorted(set(overrides) - OVERRIDABLE)
    if unknown:
        raise InvalidValue(
            field="overrides",
            rule="names what cannot be set aside",
            expected=f"some of {', '.join(sorted(OVERRIDABLE))}",
            value=", ".join(unknown),
        )
