"""What is known of a clinic, as far as it matters to a stretch of days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from vetcore import clock
from vetcore.scheduling.errors import ServiceNotOffered
from vetcore.scheduling.facts import BlockFacts, Busy, EquipmentFacts, PractitionerFacts
from vetcore.scheduling.kept import Kept
from vetcore.scheduling.world import World
from vetcore.values.animals import Species
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.calendar import ClinicCalendar
from vetcore.values.clinics import ClinicStatus
from vetcore.values.intervals import ceiling, floor
from vetcore.values.services import ServiceCatalog, ServiceOffering
from vetcore.values.walltime import local_day, require_instant

__all__ = ["MARGIN", "ClinicFacts", "facts_of", "window_of"]

MARGIN: Final = timedelta(days=4)
"""Memberships and exceptions are read of so many days around the starts that matter."""


@dataclass(frozen=True, kw_only=True)
class ClinicFacts:
    """A clinic with its staff, rooms and equipment, as far as they matter to a stretch of time."""

    clinic_id: UUID
    status: ClinicStatus
    calendar: ClinicCalendar
    catalog: ServiceCatalog
    policy: BookingPolicy
    species_treated: tuple[Species, ...]
    rooms: tuple[tuple[UUID, str], ...]
    """Each with its kind, by name."""
    equipment: tuple[tuple[UUID, str], ...]
    """Each piece with its kind, by name."""
    people: Mapping[UUID, PractitionerFacts]
    """Who has a membership, in the order of their ids."""
    accepts_new_patients: bool
    blocks: tuple[BlockFacts, ...] = ()

    def offering(self, service: str) -> ServiceOffering:
        """Return the catalogue's offering of the service.

        Raises:
            ServiceNotOffered: the catalogue does not have the service.
        """
        found = self.catalog.get(service)
        if found is None:
            raise ServiceNotOffered(service=service, offered=self.services)
        return found

    @property
    def services(self) -> tuple[str, ...]:
        """The services that the clinic's catalogue has."""
        return tuple(each.service for each in self.catalog)

    def rooms_for(self, offering: ServiceOffering, wanted: UUID | None = None) -> list[UUID]:
        """Return the rooms of the kind that the service needs, or only ``wanted`` if it is set."""
        kind = offering.room_kind
        return [
            room
            for room, its_kind in self.rooms
            if its_kind == kind or (wanted is not None and kind is None)
            if wanted is None or room == wanted
        ]

    def equipment_for(self, offering: ServiceOffering) -> list[UUID]:
        """Return the pieces of the kinds that the service needs."""
        kinds = offering.equipment
        return [piece for piece, kind in self.equipment if kind in kinds] if kinds else []

    def pieces_for(
        self, offering: ServiceOffering, busy: Mapping[UUID, Busy]
    ) -> tuple[tuple[EquipmentFacts, ...], ...]:
        """Return the pieces of each kind that the service needs, with when they are in use."""
        return tuple(
            tuple(
                EquipmentFacts(piece, busy.get(piece, ()))
                for piece, its_kind in self.equipment
                if its_kind == kind
            )
            for kind in offering.equipment
        )

    def world(self, *, start: int, end: int, **facts: Any) -> World:
        """Return the world of one question about the clinic."""
        now = clock.now()
        return World(
            clinic_id=self.clinic_id,
            calendar=self.calendar,
            status=self.status,
            species_treated=self.species_treated,
            accepts_new_patients=self.accepts_new_patients,
            policy=self.policy,
            blocks=self.blocks,
            start=start,
            end=end,
            now=ceiling(now),
            today=local_day(floor(now), self.calendar.zone),
            **facts,
        )


def window_of(start: datetime, end: datetime) -> tuple[date, date]:
    """Return the days whose hours, memberships and closures may matter to starts in ``[start, end)``.

    Raises:
        InvalidValue: ``start`` or ``end`` is naive or out of range.
    """
    require_instant(start, field="start")
    require_instant(end, field="end")
    return (start - MARGIN).date(), (end + MARGIN).date()


def facts_of(timetable: Kept, first: date, last: date, only: UUID | None = None) -> ClinicFacts:
    """Return what matters to some days, of everybody or of one person."""
    calendar, people = (
        timetable.within(first, last) if only is None else timetable.of_one(first, last, only)
    )
    return ClinicFacts(
        clinic_id=timetable.clinic_id,
        status=timetable.status,
        calendar=calendar,
        catalog=timetable.catalog,
        policy=timetable.policy,
        species_treated=timetable.species_treated,
        rooms=timetable.rooms,
        equipment=timetable.equipment,
        people=people,
        accepts_new_patients=timetable.accepts_new_patients,
        blocks=timetable.blocks,
    )
