"""A snapshot of all on which a decision about a slot depends, without a database.

Everything here is pure. :mod:`vetcore.scheduling.loading` reads a :class:`World`,
:mod:`vetcore.scheduling.rules` decides about one.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

from vetcore.scheduling.facts import (
    NOTHING,
    BlockFacts,
    Cap,
    EquipmentFacts,
    GroupFacts,
    Means,
    PetFacts,
    PractitionerFacts,
    RoomFacts,
)
from vetcore.values.animals import Species
from vetcore.values.booking_policy import BookingPolicy, Reserve
from vetcore.values.calendar import ClinicCalendar
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ClinicStatus, LicenseStatus
from vetcore.values.dates import FIRST_DAY
from vetcore.values.hours import OpeningHours
from vetcore.values.intervals import Span, instant, intersect, merge, subtract
from vetcore.values.services import ServiceOffering
from vetcore.values.walltime import AgreedTime, local_day, midnight

__all__ = ["FullDay", "Timetable", "World"]

_DAY = timedelta(days=1)
_BUFFER = 4 * 3600
"""The longest that a catalogue allows, in seconds."""
_MOST_DUTIES = 4
"""Services of different lengths reach into different days."""


@dataclass(frozen=True, kw_only=True)
class Timetable:
    """When a clinic is open, and who works there, in ``[start, end)`` in seconds since 1970."""

    clinic_id: UUID
    calendar: ClinicCalendar
    practitioners: tuple[PractitionerFacts, ...]
    """Those who perform the service in question."""
    start: int
    end: int
    blocks: tuple[BlockFacts, ...] = ()
    """What the clinic keeps free, whether it concerns these days or not."""

    @property
    def hours(self) -> OpeningHours:
        """The clinic's weekly hours with their time zone."""
        return self.calendar.hours

    @cached_property
    def first_day(self) -> date:
        """The first local day whose spans may reach into the window."""
        return max(local_day(self.start, self.calendar.zone) - 2 * _DAY, FIRST_DAY)

    @cached_property
    def last_day(self) -> date:
        """The last local day whose spans may reach into the window."""
        return max(local_day(self.end, self.calendar.zone), FIRST_DAY)

    @cached_property
    def openings(self) -> tuple[Span, ...]:
        """The clinic's opening spans, day by day."""
        return self.calendar.spans_on(self.first_day, self.last_day)

    @cached_property
    def open(self) -> list[Span]:
        """When the clinic is open."""
        return merge(self.openings)

    def on_duty(self, person: PractitionerFacts) -> Sequence[Span]:
        """Return when ``person`` works: within membership and opening hours, and not on time off."""
        rota, days = person.rota, (self.first_day, self.last_day)
        if (
            rota is None
            or rota.calendar is not self.calendar
            or rota.memberships is not person.memberships
        ):
            return self._on_duty(person)
        if days not in rota.duties:
            if len(rota.duties) >= _MOST_DUTIES:
                rota.duties.clear()
            rota.duties[days] = self._on_duty(person)
        return rota.duties[days]

    def _on_duty(self, person: PractitionerFacts) -> list[Span]:
        working: list[Span] = []
        for membership in person.memberships:
            first = max(membership.starts_on, self.first_day)
            last = (
                self.last_day
                if membership.ends_on is None
                else min(membership.ends_on, self.last_day)
            )
            if first > last:
                continue
            if membership.hours is not None:
                working.extend(membership.hours.spans_on(first, last))
            elif first == self.first_day and last == self.last_day:
                working.extend(self.openings)
            else:
                working.extend(self.calendar.spans_on(first, last))
        spans = merge(working)
        if any(membership.hours is not None for membership in person.memberships):
            spans = intersect(spans, self.open)
        return subtract(spans, person.time_off) if person.time_off else spans

    @cached_property
    def blocked(self) -> Sequence[tuple[BlockFacts, Sequence[Span]]]:
        """Each block with its spans that may reach into the window, if there are any."""
        if not self.blocks:
            return ()
        # With the buffers of an appointment: a day that a zone skipped may lie between, too.
        first = max(local_day(self.start - _BUFFER, self.calendar.zone) - 2 * _DAY, FIRST_DAY)
        last = max(local_day(self._until + _BUFFER, self.calendar.zone), FIRST_DAY)
        each = ((block, block.spans_on(self.calendar, first, last)) for block in self.blocks)
        return tuple((block, spans) for block, spans in each if spans)

    @property
    def _until(self) -> int:
        return self.end

    def kept_free_of(self, practitioner_id: UUID) -> list[Span]:
        """Return when blocks keep a person free: their own ones, and those of the whole clinic."""
        return merge(
            span for block, spans in self.blocked if block.is_of(practitioner_id) for span in spans
        )

    def kept_free_in(self, room_id: UUID) -> list[Span]:
        """Return when blocks keep a room free."""
        return merge(
            span for block, spans in self.blocked if block.room_id == room_id for span in spans
        )


class FullDay(NamedTuple):
    """A local day on which no more of a kind may start."""

    span: Span
    day: date
    cap: Cap
    reached: int
    """How many start on it."""


@dataclass(frozen=True, kw_only=True)
class World(Timetable):
    """All that matters to starts in ``[start, end)`` at a clinic for a service."""

    status: ClinicStatus
    species_treated: tuple[Species, ...]
    policy: BookingPolicy
    offering: ServiceOffering
    offered_instead: tuple[str, ...] | None = None
    """What is in the clinic's catalogue, where the service is not, or no longer; else None."""
    duration: int
    """Seconds; the offering's, or what staff chose."""
    now: int
    today: date
    """The clinic's local day at this moment."""
    others: frozenset[UUID] = frozenset()
    """Staff who do not perform the service."""
    rooms: tuple[RoomFacts, ...] = ()
    pet: PetFacts | None = None
    species: Species | None = None
    """Of the pet, or asked for without one."""
    accepts_new_patients: bool = True
    new_patient: bool = False
    """Whether the appointment counts as one of a pet that is new to the clinic."""
    caps: tuple[Cap, ...] = ()
    """What limits the appointments of a day, as far as it concerns the appointment."""
    squeezing: bool = False
    """Whether staff place it beside what its practitioner or room is occupied with."""
    assistants: tuple[tuple[PractitionerFacts, ...], ...] = ()
    """Who could assist, for each entry of the offering's ``assisted_by``."""
    equipment: tuple[tuple[EquipmentFacts, ...], ...] = ()
    """The pieces of each kind of the offering's ``equipment``."""
    named: frozenset[UUID] = frozenset()
    """Who is to be among the assistants."""
    kept: Means = NOTHING
    """Whom and what the appointment has already, to be kept where they are free."""
    needs_room: bool = False
    """Whether one of ``rooms`` is occupied too."""
    by: Capacity = Capacity.STAFF
    """In what capacity it is asked for."""
    database_now: int = 0
    """The database's clock, by which holds run out."""
    groups: Mapping[tuple[UUID, int], GroupFacts] = field(
        default_factory=dict[tuple[UUID, int], GroupFacts]
    )
    """The group visits that the pet could join, by practitioner and start."""
    party: int = 1
    """How many pets come together."""

    @property
    def takes_more(self) -> bool:
        """Whether it takes further people or equipment, beside its practitioner and a room."""
        return bool(self.assistants or self.equipment)

    @property
    def before(self) -> int:
        """The seconds that are kept free before an appointment."""
        return self.offering.buffer_before_minutes * 60

    @property
    def after(self) -> int:
        """The seconds that are kept free after an appointment."""
        return self.offering.buffer_after_minutes * 60

    @cached_property
    def last_day(self) -> date:
        """The last local day on which an appointment of the window may end."""
        return max(local_day(self.end + self.duration, self.calendar.zone), FIRST_DAY)

    @property
    def _until(self) -> int:
        return self.end + self.duration

    @cached_property
    def grid(self) -> list[Span]:
        """The starts that the clinic offers: each opening span's, and every :attr:`step` after it."""
        return self.calendar.starts(self.first_day, self.last_day, self.step)

    @cached_property
    def overlaps_itself(self) -> bool:
        """Whether a part of the grid begins before the one before it has ended."""
        return any(one.end > other.start for one, other in pairwise(self.grid))

    @property
    def step(self) -> int:
        """The seconds from one offered start to the next."""
        return self.policy.step_minutes * 60

    @cached_property
    def service_hours(self) -> list[Span] | None:
        """When the service takes place; None means whenever the clinic is open."""
        return None if self.offering.hours is None else self._spans(self.offering.hours)

    @cached_property
    def _reserved(self) -> list[tuple[Reserve, list[Span]]]:
        """The reserves that are not for the service, with the starts that they still keep."""
        kept: list[tuple[Reserve, list[Span]]] = []
        for reserve in self.policy.reserves:
            if reserve.is_for(self.offering.service):
                continue
            from_then = self.now + reserve.released_minutes * 60 + 1
            reach = self.duration - 1
            spans = [
                Span(max(span.start - reach, from_then), span.end)
                for span in self._spans(reserve.hours)
                if span.end > from_then
            ]
            kept.append((reserve, merge(spans)))
        return kept

    def caps_to_count(self) -> Iterator[Cap]:
        """Return what limits the appointments of a day, before those that there are are counted."""
        most, new = self.offering.most_per_day, self.policy.new_patients_per_day
        if most is not None:
            yield Cap("most_per_day", most, self.offering.service)
        if new is not None and self.new_patient:
            yield Cap("new_patients_per_day", new)

    def day_of(self, start: int) -> Span:
        """Return the clinic's local day on which ``start`` is."""
        zone = self.calendar.zone
        day = local_day(start, zone)
        return Span(midnight(day, zone), midnight(day + _DAY, zone))

    @cached_property
    def full_days(self) -> list[FullDay]:
        """The local days on which a cap is reached."""
        zone = self.calendar.zone
        return [
            FullDay(Span(midnight(day, zone), midnight(day + _DAY, zone)), day, cap, count)
            for cap in self.caps
            for day, count in Counter(local_day(start, zone) for start in cap.starts).items()
            if count + cap.wanted > cap.most
        ]

    def kept_with(self, person: PractitionerFacts) -> list[Span]:
        """Return the starts with ``person`` that are kept for other services."""
        return merge(
            span
            for reserve, spans in self._reserved
            if reserve.holds_with(person.id)
            for span in spans
        )

    def _spans(self, text: str) -> list[Span]:
        return merge(self.calendar.same_place(text).spans_on(self.first_day, self.last_day))

    def licensed(self, person: PractitionerFacts) -> Span | None:
        """Return when ``person``'s licence allows starts, in seconds since 1970; None for never.

        Whoever needs no licence may always.
        """
        licence = person.licence
        if licence is not None and licence.status is not LicenseStatus.ACTIVE:
            return None
        if licence is None or licence.expires_on is None:
            return Span(self.start, self.end)
        until = midnight(licence.expires_on + _DAY, self.calendar.zone)
        return Span(self.start, min(self.end, until))

    def accepted_by(self, person: PractitionerFacts) -> bool:
        """Return whether ``person`` accepts the pet: no new patient, or new patients are taken."""
        return person.accepts_new_patients or self.pet is None or person.id in self.pet.seen_by

    def treats(self, treated: tuple[Species, ...]) -> bool:
        """Return whether the species in question is among ``treated``. Empty means all species."""
        return self.species is None or not treated or self.species in treated

    @cached_property
    def last_bookable_day(self) -> date:
        """The last local day on which appointments may start, until its midnight."""
        return self.today + self.policy.horizon_days * _DAY

    def group_at(self, practitioner_id: UUID, start: int) -> GroupFacts | None:
        """Return the group visit that all who come together can join, or None if there is none.

        It lasts as long, its room is one of those in question, and it has places left.
        """
        group = self.groups.get((practitioner_id, start))
        if group is None or group.end - start != self.duration or len(group.free) < self.party:
            return None
        suits = not self.needs_room or any(room.id == group.room_id for room in self.rooms)
        return group if suits else None

    def day_ends_at(self, start: int) -> datetime:
        """Return the end of the day of ``start``, by the clinic's calendar."""
        zone = self.calendar.zone
        return instant(midnight(local_day(start, zone) + _DAY, zone))

    def wall_time(self, start: int) -> str:
        """Return the wall time of ``start``, as it is stored with the appointment."""
        return str(AgreedTime.at(instant(start), self.calendar.zone))

    def bookable(self) -> Span:
        """Return the starts that are not past, not within the notice and not beyond the horizon."""
        earliest = self.now + self.policy.minimum_notice_minutes * 60
        latest = midnight(self.last_bookable_day + _DAY, self.calendar.zone)
        return Span(max(self.start, earliest, self.now), min(self.end, latest))
