"""What a day looks like: who works when, with which visits, what is kept free, and what is free."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from vetcore.values.appointments import AppointmentPriority, AppointmentStatus
from vetcore.values.clinics import RoomKind, ServiceType
from vetcore.values.intervals import Interval
from vetcore.values.people import Role

__all__ = [
    "ClinicDuty",
    "ClinicVisit",
    "DayAssistant",
    "DayBlock",
    "DayEquipment",
    "DaySheet",
    "DayVisit",
    "PersonalDay",
    "PractitionerDay",
    "RoomDay",
]


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
class DayAssistant:
    """A person who assists at a visit."""

    id: UUID
    """The person, a user."""
    name: str
    role: Role
    """As what they assist."""


@dataclass(frozen=True, slots=True)
class DayEquipment:
    """A piece of equipment that a visit takes."""

    id: UUID
    name: str
    kind: str


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
    group_id: UUID | None
    """Of the group visit that it belongs to."""
    group_place: int | None
    group_places: int | None
    assistants: tuple[DayAssistant, ...] = ()
    """Who assists at it, by name."""
    equipment: tuple[DayEquipment, ...] = ()
    """The equipment that it takes, by name."""


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
    assisting: tuple[DayVisit, ...] = ()
    """The visits of others at which they assist, at this clinic."""


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


@dataclass(frozen=True, slots=True)
class ClinicDuty:
    """What a practitioner does at one clinic on a day of their own, clipped to that day."""

    clinic_id: UUID
    clinic_name: str
    timezone: str
    """The clinic's, by whose clock its hours are."""
    working: tuple[Interval, ...]
    """When they are on duty there: within its hours, during a membership, and not on time off."""
    blocks: tuple[DayBlock, ...]
    """What is kept free of them there: their own blocks, and those of the whole clinic."""
    free: tuple[Interval, ...]
    """On duty there, occupied nowhere, and not kept free there by a block; for a veterinarian,
    nothing without a licence that is good then."""


@dataclass(frozen=True, slots=True)
class ClinicVisit:
    """A visit of a practitioner, with the names of the place."""

    clinic_id: UUID
    clinic_name: str
    room_name: str | None
    """None where the visit takes place in no room."""
    visit: DayVisit


@dataclass(frozen=True, slots=True)
class PersonalDay:
    """A practitioner's day at all their clinics, from midnight to midnight. It has 23 to 25 hours."""

    practitioner_id: UUID
    name: str
    day: date
    timezone: str
    """By whose calendar it is the day: the person's own, or the one that was asked for."""
    clinics: tuple[ClinicDuty, ...]
    """Where they hold a membership on the day, by the clinic's name."""
    visits: tuple[ClinicVisit, ...]
    """By their start."""
    away: tuple[Interval, ...]
    """Time off."""
    elsewhere: tuple[Interval, ...]
    """Occupied at clinics of which whoever asks is not told more."""

    @property
    def free(self) -> tuple[Interval, ...]:
        """When they are free at some clinic, by the start."""
        return tuple(sorted({each for duty in self.clinics for each in duty.free}))
