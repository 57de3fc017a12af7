"""Foresees what booking or moving many appointments would come to. Nothing is written.

The world is read once over all of their time, and looked at once for each start, through the rules by
which one appointment is booked. What one of them would take, the next ones find taken.
"""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from vetcore.database import ReadSession
from vetcore.errors import BookingRefused, InvalidValue, NotFound
from vetcore.models import Appointment, Clinic
from vetcore.scheduling.assisting import beside
from vetcore.scheduling.booking import why_not
from vetcore.scheduling.clinic_facts import MARGIN
from vetcore.scheduling.day_turns import turns_of
from vetcore.scheduling.facts import Busy, Cap, Means, PractitionerFacts
from vetcore.scheduling.loading import load_world
from vetcore.scheduling.occupying import candidates
from vetcore.scheduling.rules import (
    by_workload,
    refusal,
    require_overridable,
    require_whole_minute,
    room_for,
)
from vetcore.scheduling.wishes import named_in
from vetcore.scheduling.world import World
from vetcore.schemas import AppointmentCreate
from vetcore.values.capacity import Capacity
from vetcore.values.intervals import ceiling, floor, instant
from vetcore.values.recurrence import Place, Recurrence
from vetcore.values.walltime import zone_named

__all__ = ["Foreseen", "Outlook", "SeriesPreview", "Turns", "foresee", "zone_of"]

_MINUTE: Final = 60
_NEAR: Final = 2 * 86_400
"""Appointments last a day at most: what lies farther from a start has no part in it."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """An occurrence of a series as it would come out at this moment."""

    place: int | None
    """Its place in the series, from 1."""
    starts_at: datetime
    """In UTC."""
    practitioner_id: UUID | None = None
    """The person who would see the pet, a user; None where nobody would."""
    room_id: UUID | None = None
    """The room that it would take; None where it needs none, or cannot be."""
    error: BookingRefused | None = None
    """Why it cannot be; None if it can."""
    appointment_id: UUID | None = None
    """Which it is, where it has been booked already."""


@dataclass(frozen=True, slots=True)
class SeriesPreview:
    """What would become of each occurrence of a series, in their order."""

    occurrences: tuple[Foreseen, ...]

    @property
    def conflicts(self) -> list[Foreseen]:
        """The occurrences that cannot be."""
        return [each for each in self.occurrences if each.error is not None]


class Turns(NamedTuple):
    """What others wait for who write about the same."""

    days: set[str]
    """As :func:`vetcore.scheduling.day_turns.turns_of` names them."""
    resources: set[UUID]


class Outlook:
    """A world over a long time, looked at start by start."""

    def __init__(
        self,
        world: World,
        *,
        without: Sequence[Appointment] = (),
        having: Mapping[UUID, Means] = MappingProxyType({}),
    ) -> None:
        """Look at a world in which some appointments have let go of their time, with what they had."""
        own: dict[UUID, set[tuple[int, int]]] = defaultdict(set)
        for each in without:
            span = floor(each.occupied_from), ceiling(each.occupied_until)
            # What others of its group visit occupy as well is not let go of.
            shared = (each.practitioner_id, each.room_id) if each.group_id is None else ()
            more = having[each.id].ids if each.id in having else ()
            for key in (*shared, *more):
                if key is not None:
                    own[key].add(span)
            own[each.pet_id].add((floor(each.starts_at), ceiling(each.ends_at)))
        busy: dict[UUID, Busy] = {each.id: each.busy for each in world.practitioners}
        busy |= {each.id: each.busy for each in world.rooms}
        busy |= {each.id: each.busy for some in world.assistants for each in some}
        busy |= {each.id: each.busy for some in world.equipment for each in some}
        if world.pet is not None:
            busy[world.pet.id] = world.pet.busy
        self._world = world
        self._caps = [(cap, _without(cap, world, without)) for cap in world.caps]
        self._busy = {
            key: sorted(span for span in spans if span not in own[key])
            for key, spans in busy.items()
        }

    def at(self, start: int, *, new_patient: bool) -> World:
        """Return the world around a start, in seconds since 1970.

        Args:
            start: the start.
            new_patient: whether what starts then counts as one of a new patient.
        """
        world = self._world
        return replace(
            world,
            start=start,
            end=start + _MINUTE,
            practitioners=tuple(self._at_work(world.practitioners, start)),
            assistants=tuple(tuple(self._at_work(some, start)) for some in world.assistants),
            equipment=tuple(
                tuple(replace(each, busy=self._near(each.id, start)) for each in some)
                for some in world.equipment
            ),
            rooms=tuple(replace(each, busy=self._near(each.id, start)) for each in world.rooms),
            pet=world.pet and replace(world.pet, busy=self._near(world.pet.id, start)),
            new_patient=new_patient,
            caps=tuple(
                replace(
                    cap,
                    starts=starts[
                        bisect_left(starts, start - _NEAR) : bisect_left(starts, start + _NEAR)
                    ],
                )
                for cap, starts in self._caps
                if cap.counts(world.offering.service, new_patient=new_patient)
            ),
        )

    def _at_work(
        self, people: Iterable[PractitionerFacts], start: int
    ) -> Iterator[PractitionerFacts]:
        """Those of whom a world that is read for this start alone would know."""
        at = instant(start)
        first, last = (at - MARGIN).date(), (at + MARGIN).date()
        for each in people:
            if (known := each.within(first, last)) is not None:
                yield replace(known, busy=self._near(each.id, start))

    def _near(self, key: UUID, start: int) -> Busy:
        spans = self._busy[key]
        return spans[bisect_left(spans, (start - _NEAR,)) : bisect_left(spans, (start + _NEAR,))]

    def take(
        self, near: World, who: PractitionerFacts, start: int, *, present: UUID | None = None
    ) -> UUID | None:
        """Let a start be taken, for those that follow. Return the room: the present one if free."""
        room = room_for(near, who, start, present)
        span = start - near.before, start + near.duration + near.after
        more = beside(near, who.id, start)
        taken: set[UUID] = {who.id, *(more.ids if more is not None else ())}
        if room is not None:
            taken.add(room.id)
        for key in taken:
            insort(self._busy[key], span)
        if near.pet is not None:
            insort(self._busy[near.pet.id], (start, start + near.duration))
        for cap, starts in self._caps:
            if cap.counts(near.offering.service, new_patient=near.new_patient):
                insort(starts, start)
        return None if room is None else room.id


def _without(cap: Cap, world: World, rows: Iterable[Appointment]) -> list[int]:
    """The starts that a cap counts, ascending, but for those of the rows."""
    left = sorted(cap.starts)
    for row in rows:
        start = floor(row.starts_at)
        is_one = row.clinic_id == world.clinic_id and cap.counts(
            row.service, new_patient=row.new_patient
        )
        if is_one and start in left:
            left.remove(start)
    return left


async def zone_of(session: ReadSession, clinic_id: UUID) -> ZoneInfo:
    """Return the zone of a clinic.

    Raises:
        NotFound: there is no such clinic.
    """
    name = await session.scalar(select(Clinic.timezone).where(Clinic.id == clinic_id))
    if name is None:
        raise NotFound(entity="clinic", key=clinic_id)
    return zone_named(name)


async def foresee(
    session: ReadSession,
    request: AppointmentCreate,
    rule: Recurrence,
    *,
    by: Capacity,
) -> tuple[SeriesPreview, Turns]:
    """Return what booking a series would come to, and the turns that it would take.

    Raises:
        NotFound: there is no such clinic or pet.
        InvalidValue: the rule does not fit the first occurrence, that is no whole minute, or an
            override names no rule that can be.
    """
    require_whole_minute(request.starts_at)
    require_overridable(request.overrides, by)
    if request.squeeze_reason is not None:
        raise InvalidValue(
            field="squeeze_reason", rule="is for one appointment, not for a series", expected="none"
        )
    places = rule.places(request.starts_at, await zone_of(session, request.clinic_id))
    minutes = request.duration_minutes
    try:
        world = await load_world(
            session,
            clinic_id=request.clinic_id,
            service=request.service,
            start=places[0].instant,
            end=places[-1].instant + timedelta(minutes=1),
            by=by,
            practitioner_id=request.practitioner_id,
            pet_id=request.pet_id,
            room_id=request.room_id,
            duration=None if minutes is None else timedelta(minutes=minutes),
            named=named_in(request),
        )
    except BookingRefused as error:
        return SeriesPreview(_each(places, error)), Turns(set(), set())
    days = {name for place in places for name in turns_of(world, floor(place.instant))}
    outlook, taken = Outlook(world), {request.pet_id, *candidates(world)}
    occurrences: list[Foreseen] = []
    new = world.new_patient
    for place in places:
        each = _foreseen(outlook, request, place, taken, new_patient=new)
        # After the first that can be, the pet is no new patient any more.
        new = new and each.error is not None
        occurrences.append(each)
    return SeriesPreview(tuple(occurrences)), Turns(days, taken)


def _each(places: Sequence[Place], error: BookingRefused) -> tuple[Foreseen, ...]:
    return tuple(Foreseen(each.number, each.instant, error=error) for each in places)


def _foreseen(
    outlook: Outlook,
    request: AppointmentCreate,
    place: Place,
    taken: set[UUID],
    *,
    new_patient: bool,
) -> Foreseen:
    start = floor(place.instant)
    near = outlook.at(start, new_patient=new_patient)
    reasons: dict[UUID, BookingRefused] = {}
    for who in by_workload(near, start):
        reason = refusal(near, who, start, overrides=request.overrides)
        if reason is None:
            room = outlook.take(near, who, start)
            taken.update(key for key in (who.id, room) if key is not None)
            return Foreseen(place.number, place.instant, who.id, room)
        reasons[who.id] = reason
    wish = request.model_copy(update={"starts_at": place.instant})
    return Foreseen(place.number, place.instant, error=why_not(near, wish, reasons))
