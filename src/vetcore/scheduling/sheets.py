"""What a day looks like: who works when, with which visits, what is kept free, and what is free."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from vetcore.values.appointments import AppointmentPriority, AppointmentStatus
from vetcore.values.clinics import RoomKind, ServiceType
from vetcore.values.intervals import Interval

__all__ = ["DayBlock", "DaySheet", "DayVisit", "PractitionerDay", "RoomDay"]


@dataclass(frozen=True, slots=True)
class DayBlock:
    """A part of the day that the clinic keeps free, clipped to the day. Instants are in UTC."""

    block_id: UUID
    label: str
    start: datetime
    end: datetime
    practitioner_id: UUID | None
    room_id: UUID | None
    """Without a practitioner and a room, it is the time of everybody at the clinic."""


@dataclass(frozen=True, slots=True)
class DayVisit:
    """An appointment that occupies a part of the day. Instants are in UTC."""

    appointment_id: UUID
    start: datetime
    end: datetime
    occupied: Interval
    """The appointment and its buffers."""
    status: AppointmentStatus
    priority: AppointmentPriority
    service: str
    service_kind: ServiceType
    squeezed_in: bool
    """Whether staff placed it beside another visit."""
    squeeze_reason: str | None
    practitioner_id: UUID
    room_id: UUID | None
    pet_id: UUID
    pet_name: str


@dataclass(frozen=True, slots=True)
class PractitionerDay:
    """A practitioner's day, clipped to the clinic's local day."""

    id: UUID
    name: str
    working: tuple[Interval, ...]
    """When they are on duty at this clinic: within its hours, during a membership, and not on time off."""
    away: tuple[Interval, ...]
    """Time off, at whatever clinic."""
    elsewhere: tuple[Interval, ...]
    """Occupied at other clinics; with what, only those know."""
    free: tuple[Interval, ...]
    """On duty, not occupied and not kept free by a block; for a veterinarian, nothing without a
    licence that is good then."""
    visits: tuple[DayVisit, ...]
    blocks: tuple[DayBlock, ...] = ()
    """Their own ones at this clinic, and those of everybody there."""


@dataclass(frozen=True, slots=True)
class RoomDay:
    """A room's day. The room is free while the clinic is open, nobody is in it and no block keeps it."""

    id: UUID
    name: str
    kind: RoomKind
    free: tuple[Interval, ...]
    visits: tuple[DayVisit, ...]
    blocks: tuple[DayBlock, ...] = ()
    """Its own ones, and those of everybody at the clinic."""


@dataclass(frozen=True, slots=True)
class DaySheet:
    """A local day at a clinic, from its midnight to the next. It has 23 to 25 hours."""

    clinic_id: UUID
    day: date
    timezone: str
    open: tuple[Interval, ...]
    exception_reason: str | None
    """Why the clinic is closed, or has other hours than those of the week."""
    practitioners: tuple[PractitionerDay, ...]
    """By name: those who have a membership here on the day, or a visit."""
    rooms: tuple[RoomDay, ...]
    """By name."""

    @property
    def visits(self) -> tuple[DayVisit, ...]:
        """All visits at the clinic, by their start."""
        every = (visit for each in self.practitioners for visit in each.visits)
        return tuple(sorted(every, key=lambda visit: (visit.start, visit.appointment_id)))
