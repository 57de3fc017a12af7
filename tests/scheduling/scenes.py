"""One clinic as database rows, a moment, and a question about its free slots."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from vetcore.database import Session
from vetcore.models import (
    Appointment,
    Clinic,
    ClinicClosure,
    Equipment,
    Occupation,
    Pet,
    Room,
    ScheduleBlock,
    StaffMembership,
    TimeOff,
    User,
    Veterinarian,
)
from vetcore.values.animals import Species
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.clinics import ServiceType
from vetcore.values.walltime import zone_named
from vetcore.values.weekly import WeeklyHours

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
FAR_AHEAD = datetime(2900, 1, 1, tzinfo=UTC)
"""Holds that expire then have run out, or have not, whatever clock is asked."""

OCCUPYING = {
    AppointmentStatus.HELD,
    AppointmentStatus.SCHEDULED,
    AppointmentStatus.CONFIRMED,
    AppointmentStatus.CHECKED_IN,
    AppointmentStatus.IN_PROGRESS,
    AppointmentStatus.COMPLETED,
}

FIELDS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass
class Question:
    """What :func:`vetcore.scheduling.find_slots` is asked."""

    start: datetime
    end: datetime
    service: str = ServiceType.WELLNESS_EXAM
    practitioner_id: UUID | None = None
    pet_id: UUID | None = None
    species: Species | None = None
    duration: timedelta | None = None


@dataclass
class Scene:
    """The rows, the moment, and the question."""

    seed: int
    day: date
    now: datetime
    clinic: Clinic
    elsewhere: Clinic
    question: Question
    weeks: dict[str, WeeklyHours]
    """The hours that the texts in the rows say."""
    people: list[User] = field(default_factory=list[User])
    technicians: list[User] = field(default_factory=list[User])
    """Of the people, those who are no veterinarians."""
    vets: list[Veterinarian] = field(default_factory=list[Veterinarian])
    memberships: list[StaffMembership] = field(default_factory=list[StaffMembership])
    time_off: list[TimeOff] = field(default_factory=list[TimeOff])
    rooms: list[Room] = field(default_factory=list[Room])
    closures: list[ClinicClosure] = field(default_factory=list[ClinicClosure])
    blocks: list[ScheduleBlock] = field(default_factory=list[ScheduleBlock])
    pets: list[Pet] = field(default_factory=list[Pet])
    appointments: list[Appointment] = field(default_factory=list[Appointment])
    equipment: list[Equipment] = field(default_factory=list[Equipment])
    occupations: list[Occupation] = field(default_factory=list[Occupation])

    @property
    def zone(self) -> ZoneInfo:
        """The clinic's time zone."""
        return zone_named(self.clinic.timezone)

    def __repr__(self) -> str:
        return f"scene({self.clinic.timezone!r}, {self.seed})"


async def store(session: Session, scenes: Sequence[Scene]) -> None:
    """Write the rows of many scenes: what others refer to first."""
    for stage in (
        [row for scene in scenes for row in (scene.clinic, scene.elsewhere, *scene.people)],
        [
            row
            for scene in scenes
            for row in (*scene.vets, *scene.rooms, *scene.equipment, *scene.pets)
        ],
        [row for scene in scenes for row in (*scene.memberships, *scene.time_off, *scene.closures)],
        [row for scene in scenes for row in (*scene.blocks, *scene.appointments)],
        [row for scene in scenes for row in scene.occupations],
    ):
        session.add_all(stage)
        await session.flush()


def occupies(row: Appointment) -> bool:
    """Whether it occupies its time at the moment."""
    if row.deleted_at is not None or row.status not in OCCUPYING:
        return False
    return row.status is not AppointmentStatus.HELD or row.hold_expires_at == FAR_AHEAD
