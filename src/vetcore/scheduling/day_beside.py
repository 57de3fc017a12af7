"""Who assists at the visits of a day, and which equipment they take."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import or_, select

from vetcore.database import ReadSession
from vetcore.models import Appointment, Equipment, Occupation, User
from vetcore.scheduling.sheets import DayAssistant, DayEquipment
from vetcore.scheduling.taken import occupies_now
from vetcore.values.intervals import Span, ceiling, floor, instant

__all__ = [
    "AppointmentMeans",
    "BesideTheVisits",
    "assists_at",
    "beside_some",
    "beside_the_visits",
    "means_of",
]

_DAY = timedelta(days=1)
_GONE_AS_WELL: Final = {"include_deleted": True}
"""Who has gone, and what was deleted, is named all the same."""


@dataclass(frozen=True, slots=True)
class AppointmentMeans:
    """Whom and what an appointment takes beside its practitioner, its room and its pet."""

    assistants: tuple[DayAssistant, ...]
    """Who assists at it, by name."""
    equipment: tuple[DayEquipment, ...]
    """The equipment that it takes, by name."""


class BesideTheVisits:
    """Whom and what the visits of a day take beside their practitioners and rooms."""

    def __init__(self, rows: Sequence[Any]) -> None:
        self._rows = rows

    def assistants(self, appointment_id: UUID) -> tuple[DayAssistant, ...]:
        """Return who assists at a visit, by name."""
        found = (
            DayAssistant(row.person_id, f"{row.first_name} {row.last_name}".strip(), row.role)
            for row in self._rows
            if row.appointment_id == appointment_id and row.person_id is not None
        )
        return tuple(sorted(found, key=lambda each: (each.name, each.id)))

    def equipment(self, appointment_id: UUID) -> tuple[DayEquipment, ...]:
        """Return what a visit takes, by name."""
        found = (
            DayEquipment(row.equipment_id, row.name, row.kind)
            for row in self._rows
            if row.appointment_id == appointment_id and row.equipment_id is not None
        )
        return tuple(sorted(found, key=lambda each: (each.name, each.id)))

    def elsewhere(self, person_id: UUID, clinic_id: UUID) -> list[Span]:
        """Return when somebody assists at other clinics."""
        return [
            Span(floor(row.occupied_from), ceiling(row.occupied_until))
            for row in self._rows
            if row.person_id == person_id and row.clinic_id != clinic_id
        ]

    def assisted(self, person_id: UUID) -> frozenset[UUID]:
        """Return the visits at which somebody assists."""
        return frozenset(row.appointment_id for row in self._rows if row.person_id == person_id)


async def beside_some(session: ReadSession, appointment_ids: Iterable[UUID]) -> BesideTheVisits:
    """Return whom and what some appointments take, though they may not occupy them any more."""
    found = await session.execute(
        _everything().where(Occupation.appointment_id.in_(list(appointment_ids))),
        execution_options=_GONE_AS_WELL,
    )
    return BesideTheVisits(found.all())


def assists_at(person_id: UUID) -> Any:
    """Return the condition that somebody assists at an appointment."""
    row = Occupation
    mine = select(row.appointment_id).where(row.person_id == person_id, row.occupying)
    return Appointment.id.in_(mine)


async def means_of(session: ReadSession, appointment_id: UUID) -> AppointmentMeans:
    """Return whom and what an appointment takes, though it may not occupy them any more."""
    rows = await beside_some(session, [appointment_id])
    return AppointmentMeans(rows.assistants(appointment_id), rows.equipment(appointment_id))


async def beside_the_visits(
    session: ReadSession, clinic_id: UUID, people: Iterable[UUID], window: Span
) -> BesideTheVisits:
    """Return what the visits at a clinic take, and at what its people assist elsewhere."""
    row = Occupation
    found = await session.execute(
        _everything().where(
            or_(Appointment.clinic_id == clinic_id, row.person_id.in_(list(people))),
            row.occupied_from < instant(window.end),
            row.occupied_from > instant(window.start) - _DAY,
            row.occupied_until > instant(window.start),
            occupies_now(),
        ),
        execution_options=_GONE_AS_WELL,
    )
    return BesideTheVisits(found.all())


def _everything() -> Any:
    row, visit = Occupation, Appointment
    return (
        select(
            row.appointment_id,
            row.person_id,
            row.role,
            row.equipment_id,
            row.occupied_from,
            row.occupied_until,
            visit.clinic_id,
            User.first_name,
            User.last_name,
            Equipment.name,
            Equipment.kind,
        )
        .join(visit, visit.id == row.appointment_id)
        .outerjoin(User, User.id == row.person_id)
        .outerjoin(Equipment, Equipment.id == row.equipment_id)
    )
