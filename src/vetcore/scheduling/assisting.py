"""Decides who assists at an appointment, and which equipment it takes. Everything here is pure.

An appointment takes one more person for each entry of the service's ``assisted_by``: other than the
practitioner, and other than each other. It takes one piece of each kind of its ``equipment``. They are
occupied with the buffers, as the practitioner is. :func:`attended` lists the starts at which it can
have them, and :func:`lacking` judges one start, by the same rules.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import timedelta
from itertools import chain
from uuid import UUID

from vetcore.errors import BookingRefused, SlotTaken
from vetcore.scheduling.errors import AssistantsOffDuty, NoAssistant
from vetcore.scheduling.facts import NOTHING, Busy, Means, PractitionerFacts
from vetcore.scheduling.world import World
from vetcore.values.intervals import (
    Span,
    clip,
    instant,
    intersect,
    merge,
    overlaps,
    subtract,
    total,
)
from vetcore.values.services import ServiceOffering
from vetcore.values.walltime import local_day, midnight

__all__ = ["assistants_of", "attended", "beside", "equipped", "lacking", "overlapped"]


def overlapped(busy: Busy, before: int, after: int) -> list[Span]:
    """Return the starts of which ``[start - before, start + after)`` overlaps ``busy``."""
    return merge([(start - after + 1, end + before) for start, end in busy])


def assistants_of(
    offering: ServiceOffering, staff: Collection[PractitionerFacts]
) -> tuple[tuple[PractitionerFacts, ...], ...]:
    """Return who of the staff could assist, for each entry of the service's ``assisted_by``."""
    return tuple(
        tuple(who for each in staff if (who := each.assisting(role)) is not None)
        for role in offering.assisted_by
    )


# Listing ------------------------------------------------------------------------------------------


def equipped(world: World, starts: list[Span]) -> list[Span]:
    """Return the starts of some at which a piece of each kind is free."""
    for pieces in world.equipment:
        free = (subtract(starts, _forbidden(world, piece.busy)) for piece in pieces)
        starts = merge(chain.from_iterable(free))
    return starts


def attended(world: World, practitioner_id: UUID, starts: Sequence[Span]) -> list[Span]:
    """Return the starts of some at which others than the practitioner could assist.

    Between two moments at which somebody comes or goes, they are the same people.
    """
    events = sorted(_comings_and_goings(world, practitioner_id, starts))
    present: list[set[UUID]] = [set() for _ in world.assistants]
    known: dict[tuple[frozenset[UUID], ...], bool] = {}
    found: list[Span] = []
    before = 0
    for now, comes, entry, who in events:
        if now > before:
            key = tuple(map(frozenset, present))
            if key not in known:
                known[key] = _can(world, [sorted(each) for each in key])
            if known[key]:
                found.append(Span(before, now))
            before = now
        if comes:
            present[entry].add(who)
        else:
            present[entry].discard(who)
    return merge(found)


def _comings_and_goings(
    world: World, practitioner_id: UUID, starts: Sequence[Span]
) -> Iterator[tuple[int, bool, int, UUID]]:
    """When somebody begins, and ceases, to be able to fill an entry."""
    for entry, people in enumerate(world.assistants):
        for person in people:
            if person.id != practitioner_id:
                for span in intersect(starts, _able(world, person)):
                    yield span.start, True, entry, person.id
                    yield span.end, False, entry, person.id


def _able(world: World, person: PractitionerFacts) -> list[Span]:
    """The starts at which somebody is on duty, may assist, and is not occupied."""
    licensed = world.licensed(person)
    if licensed is None:
        return []
    lasting = [
        Span(span.start, span.end - world.duration + 1)
        for span in world.on_duty(person)
        if span.end - span.start >= world.duration
    ]
    able = subtract(intersect(lasting, [licensed]), _forbidden(world, person.busy))
    if world.blocks:
        able = subtract(able, overlapped(world.kept_free_of(person.id), 0, world.duration))
    return able


def _forbidden(world: World, busy: Busy) -> list[Span]:
    return overlapped(busy, world.before, world.duration + world.after)


def _can(world: World, entries: Sequence[Sequence[UUID]]) -> bool:
    return next(_ways(entries, world.named), None) is not None


def _ways(
    entries: Sequence[Sequence[UUID]], named: frozenset[UUID], taken: tuple[UUID, ...] = ()
) -> Iterator[tuple[UUID, ...]]:
    """The ways to give each entry somebody of its own, with all who are named; the first are best."""
    if len(taken) == len(entries):
        yield taken
        return
    left = named.difference(taken)
    must = len(left) >= len(entries) - len(taken)
    for who in entries[len(taken)]:
        if who not in taken and (not must or who in left):
            yield from _ways(entries, named, (*taken, who))


# Judging ------------------------------------------------------------------------------------------


def lacking(world: World, practitioner_id: UUID | None, start: int) -> Iterator[BookingRefused]:
    """Return the rules that an appointment at ``start`` breaks for want of assistants or equipment."""
    if world.assistants:
        yield from _lacking_assistants(world, practitioner_id, start)
    for pieces in world.equipment:
        if pieces and all(_is_taken(world, piece.busy, start) for piece in pieces):
            only = pieces[0].id if len(pieces) == 1 else None
            yield _taken(world, "equipment", start, only)


def _lacking_assistants(
    world: World, practitioner_id: UUID | None, start: int
) -> Iterator[BookingRefused]:
    roles = tuple(world.offering.assisted_by)
    zone = world.calendar.zone
    working = _entries(world, practitioner_id, start, _works)
    on_duty = _entries(world, practitioner_id, start, _on_duty)
    if not _suffice(world, working):
        yield NoAssistant(roles=roles, day=local_day(start, zone))
        return
    if not _suffice(world, on_duty):
        at = instant(start).astimezone(zone)
        yield AssistantsOffDuty(roles=roles, start=at, end=at + timedelta(seconds=world.duration))
        if not _suffice(world, _free(world, working, start)):
            yield _taken(world, "assistant", start)
    elif not _suffice(world, _free(world, on_duty, start)):
        yield _taken(world, "assistant", start)


_Entries = list[list[PractitionerFacts]]
_Able = Callable[[World, PractitionerFacts, int], bool]


def _entries(world: World, practitioner_id: UUID | None, start: int, able: _Able) -> _Entries:
    return [
        [each for each in people if each.id != practitioner_id and able(world, each, start)]
        for people in world.assistants
    ]


def _free(world: World, entries: _Entries, start: int) -> _Entries:
    return [
        [each for each in people if not _is_taken(world, each.busy, start)] for people in entries
    ]


def _suffice(world: World, entries: _Entries) -> bool:
    return _can(world, [[each.id for each in people] for people in entries])


def _works(world: World, person: PractitionerFacts, start: int) -> bool:
    day = local_day(start, world.calendar.zone)
    held = any(membership.holds_on(day) for membership in person.memberships)
    return _may(world, person, start) and (held or _on_duty(world, person, start))


def _on_duty(world: World, person: PractitionerFacts, start: int) -> bool:
    end = start + world.duration
    within = any(span.start <= start and end <= span.end for span in world.on_duty(person))
    # What a block keeps free is no time on duty.
    kept_free = bool(world.blocks) and overlaps(world.kept_free_of(person.id), start, end)
    return within and not kept_free and _may(world, person, start)


def _may(world: World, person: PractitionerFacts, start: int) -> bool:
    licensed = world.licensed(person)
    return licensed is not None and licensed.start <= start < licensed.end


def _is_taken(world: World, busy: Busy, start: int) -> bool:
    return overlaps(busy, start - world.before, start + world.duration + world.after)


def _taken(world: World, resource: str, start: int, key: UUID | None = None) -> SlotTaken:
    at = instant(start).astimezone(world.calendar.zone)
    return SlotTaken(
        resource=resource,
        resource_id=key,
        start=at,
        end=at + timedelta(seconds=world.duration),
    )


# Choosing -----------------------------------------------------------------------------------------


def beside(
    world: World, practitioner_id: UUID, start: int, *, without: Collection[UUID] = ()
) -> Means | None:
    """Return whom and what to take at ``start``, or None where somebody or something is missing.

    Those that the appointment has are kept where they are free. Else it is who has the least to do
    that day, and of several the first by id. Who is off duty is taken only where that was set aside,
    and nobody else is left.
    """
    if not world.assistants and not world.equipment:
        return NOTHING
    pieces: list[tuple[UUID, str]] = []
    for kind, several in zip(world.offering.equipment, world.equipment, strict=False):
        free = [
            each
            for each in several
            if each.id not in without and not _is_taken(world, each.busy, start)
        ]
        if not free:
            return None
        first = min(free, key=lambda each: _rank(world, each.id, each.busy, start))
        pieces.append((first.id, kind))
    people = _people(world, practitioner_id, start, without)
    if people is None:
        return None
    return Means(tuple(zip(people, world.offering.assisted_by, strict=False)), tuple(pieces))


def _people(
    world: World, practitioner_id: UUID, start: int, without: Collection[UUID]
) -> tuple[UUID, ...] | None:
    for able in (_on_duty, _works):
        entries = _free(world, _entries(world, practitioner_id, start, able), start)
        keys = [
            [
                each.id
                for each in sorted(people, key=lambda each: _rank(world, each.id, each.busy, start))
                if each.id not in without
            ]
            for people in entries
        ]
        if (found := next(_ways(keys, world.named), None)) is not None:
            return found
    return None


def _rank(world: World, key: UUID, busy: Busy, start: int) -> tuple[bool, int, UUID]:
    zone = world.calendar.zone
    day = local_day(start, zone)
    begin, end = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    return key not in world.kept.ids, total(clip(busy, begin, end)), key
