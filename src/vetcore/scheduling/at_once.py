"""Books with one statement, where what is kept of the clinic lets it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from vetcore.database.driver import is_postgresql
from vetcore.database.inserting import Source, attached, inserted_from, new_row
from vetcore.models import Appointment
from vetcore.scheduling.bookable import bookable, bookable_in_a_room
from vetcore.scheduling.clinic_facts import facts_of, window_of
from vetcore.scheduling.kept import kept
from vetcore.scheduling.loading import world_of_anybody
from vetcore.scheduling.rules import refusal, rooms_without_block
from vetcore.scheduling.wishes import Wish, row_of
from vetcore.values.animals import Species
from vetcore.values.intervals import floor

__all__ = ["OnlyIf", "booked_at_once"]


class OnlyIf(NamedTuple):
    """A condition that one statement is to verify with all else, on PostgreSQL."""

    condition: Callable[[], Any]
    """Makes it; the same function each time."""
    given: Mapping[str, Any]
    """Its parameters."""


async def booked_at_once(
    session: AsyncSession, wish: Wish, only_if: OnlyIf | None = None
) -> Appointment | None:
    """Return the appointment, where what is kept of the clinic lets one statement verify and insert it.

    None says nothing of why it could not: whoever asks goes the longer way then, which finds out.
    """
    if not is_postgresql(session) or not wish.is_clear:
        return None
    request, window = wish.request, window_of(wish.request.starts_at, wish.until)
    timetable = kept(session, request.clinic_id, window[0])
    if timetable is None or request.practitioner_id is None or request.overrides or wish.named:
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
    if world.offering.most_per_day is not None or world.policy.new_patients_per_day is not None:
        return None
    if refusal(world, person, start) is not None:
        return None
    values = row_of(session, world, wish, person)
    row = new_row(session, Appointment, values)
    given = {
        **timetable.stands_under(person.id),
        "person": person.id,
        "clinic": request.clinic_id,
        "pet": request.pet_id,
        "species": _species(world.species_treated, world.offering.species, person.species_treated),
        "rooms": [room.id for room in rooms_without_block(world, start)],
        "since": row["occupied_from"],
        "until": row["occupied_until"],
        "reach": row["occupied_from"] - timedelta(days=1),
    }
    source = _source(world.needs_room, only_if and only_if.condition)
    if only_if is not None:
        given |= only_if.given
    if not await inserted_from(session, Appointment, row, source, given):
        return None
    return attached(session, Appointment, row)


@lru_cache(maxsize=64)
def _source(in_a_room: bool, condition: Callable[[], Any] | None) -> Callable[[], Source]:
    made = bookable_in_a_room if in_a_room else bookable
    if condition is None:
        return made
    also = condition

    def narrowed() -> Source:
        query, columns = made()
        return Source(query.where(also()), columns)

    return narrowed


@lru_cache(maxsize=1024)
def _species(*lists: tuple[Species, ...]) -> Sequence[str] | None:
    """The species that are in each of the lists, of which an empty one has all; None is all."""
    if not any(lists):
        return None
    return [each.value for each in Species if all(not some or each in some for some in lists)]
