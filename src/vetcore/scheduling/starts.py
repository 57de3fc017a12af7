"""Lists the free starts of a window, by the rules that :mod:`vetcore.scheduling.rules` judges by."""

from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Final
from uuid import UUID

from vetcore.scheduling.assisting import attended, equipped, overlapped
from vetcore.scheduling.facts import Busy, PractitionerFacts
from vetcore.scheduling.rules import precluded, refusal
from vetcore.scheduling.world import World
from vetcore.values.intervals import Span, intersect, merge, subtract

__all__ = ["starts"]

_FIRST: Final = itemgetter(0)


def starts(world: World) -> Iterator[tuple[UUID, list[int]]]:
    """Return each practitioner with their free starts, in seconds since 1970, ascending."""
    if precluded(world) is not None:
        return
    anywhere = _free_of_rooms_and_pet(world)
    if world.service_hours is not None:
        anywhere = intersect(anywhere, _lasting(world, world.service_hours))
    if world.equipment:
        anywhere = equipped(world, anywhere)
    for person in world.practitioners:
        licensed = world.licensed(person)
        if (
            licensed is None
            or not world.treats(person.species_treated)
            or not world.accepted_by(person)
        ):
            continue
        allowed = anywhere if licensed.end == world.end else intersect(anywhere, [licensed])
        allowed = _left_to(world, person, allowed)
        possible = _possible(world, world.on_duty(person), allowed)
        found = _on_grid(world, _left(world, possible, sorted(person.busy, key=_FIRST)))
        if world.groups:
            found = sorted({*found, *_with_others(world, person)})
        if found:
            yield person.id, found


def _left_to(world: World, person: PractitionerFacts, allowed: list[Span]) -> list[Span]:
    """The starts that are kept free with nobody and for nobody else, and at which others assist."""
    if world.blocks:
        blocked = world.kept_free_of(person.id)
        allowed = subtract(allowed, overlapped(blocked, 0, world.duration))
    if world.policy.reserves:
        allowed = subtract(allowed, world.kept_with(person))
    if world.assistants:
        allowed = attended(world, person.id, allowed)
    return allowed


def _with_others(world: World, person: PractitionerFacts) -> Iterator[int]:
    """The starts of group visits that can be joined. There are few, so each is judged as one."""
    for who, start in world.groups:
        if (
            who == person.id
            and world.start <= start < world.end
            and world.group_at(who, start) is not None
            and refusal(world, person, start) is None
        ):
            yield start


def _lasting(world: World, spans: Iterable[Span]) -> list[Span]:
    """The starts from which an appointment stays within one of the spans."""
    return [
        Span(span.start, span.end - world.duration + 1)
        for span in spans
        if span.end - span.start >= world.duration
    ]


def _free_of_rooms_and_pet(world: World) -> list[Span]:
    """The starts at which a room is free and the pet is."""
    window = world.bookable()
    if window.start >= window.end:
        return []
    free = [window]
    if world.caps:
        free = subtract(free, merge(full.span for full in world.full_days))
    if world.needs_room:
        free = merge(
            span
            for room in world.rooms
            for span in subtract(
                free, _forbidden(world, [*room.busy, *world.kept_free_in(room.id)])
            )
        )
    if world.pet is not None:
        # Buffers are not the pet's: it may go on to the next room.
        free = subtract(free, overlapped(world.pet.busy, 0, world.duration))
    return free


def _forbidden(world: World, busy: Busy) -> list[Span]:
    """The starts whose occupied time would overlap ``busy``."""
    return overlapped(busy, world.before, world.duration + world.after)


# A search goes through thousands of stretches: these make no object of any.


def _possible(
    world: World, duty: Sequence[Span], allowed: Sequence[Span]
) -> Iterator[tuple[int, int]]:
    """The starts from which somebody is on duty for long enough, within what is ``allowed``."""
    short, first, count = world.duration - 1, 0, len(allowed)
    for begins, ends in duty:
        last = ends - short
        while first < count and allowed[first][1] <= begins:
            first += 1
        index = first
        while index < count and allowed[index][0] < last:
            low, high = allowed[index]
            low, high = max(low, begins), min(high, last)
            if low < high:
                yield low, high
            index += 1


def _left(
    world: World, possible: Iterable[tuple[int, int]], busy: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """The possible starts whose occupied time overlaps nothing of ``busy``, sorted by start."""
    reach, before = world.duration + world.after - 1, world.before
    index, count = 0, len(busy)
    for low, high in possible:
        # What lies before the index ends before here: else the stretch before had ended there.
        at = low
        while index < count:
            begins, ends = busy[index]
            begins -= reach
            if begins >= high:
                break
            if begins > at:
                yield at, begins
            ends += before
            if ends > at:
                at = ends
                if at >= high:
                    break
            index += 1
        if at < high:
            yield at, high


def _on_grid(world: World, possible: Iterable[tuple[int, int]]) -> list[int]:
    """The starts in ``possible`` that are on the clinic's grid."""
    step, grid = world.step, world.grid
    found: list[int] = []
    first, count = 0, len(grid)
    for low, high in possible:
        while first < count and grid[first][1] <= low:
            first += 1
        index = first
        while index < count:
            begins, ends = grid[index]
            if begins >= high:
                break
            start = begins if low <= begins else begins + -(-(low - begins) // step) * step
            found.extend(range(start, min(high, ends), step))
            index += 1
    # Only nights that run into the next morning's opening offer a start twice.
    return sorted(set(found)) if world.overlaps_itself else found
