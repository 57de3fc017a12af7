"""Vaccination schedules as data, and what is due by them."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from enum import StrEnum, unique

from vetcore.values.animals import Species
from vetcore.values.documents import Document, Label, Prose
from vetcore.values.vaccination import Antigen, Vaccination

__all__ = [
    "DueStatus",
    "DueVaccination",
    "VaccinationSchedule",
    "earliest_due",
    "next_due",
]


@unique
class DueStatus(StrEnum):
    """How a due date lies to the day that was asked about."""

    UPCOMING = "upcoming"
    DUE = "due"
    OVERDUE = "overdue"


class VaccinationSchedule(Document):
    """When an animal of one species is vaccinated against one disease."""

    species: Species
    antigen: Antigen
    core: bool
    source: Prose


class DueVaccination(Document):
    """A dose that is to be given."""

    antigen: Antigen
    due_on: date
    status: DueStatus
    dose_number: int
    reason: Label
    source: Prose


def next_due(
    schedules: Sequence[VaccinationSchedule],
    species: Species,
    birth_date: date | None,
    vaccinations: Iterable[Vaccination],
    as_of: date,
) -> list[DueVaccination]:
    """The next dose by each schedule of the species, the most urgent first."""
    given = list(vaccinations)
    due: list[DueVaccination] = []
    for schedule in schedules:
        doses = [v for v in given if schedule.antigen in v.antigens]
        if schedule.species is not species:
            continue
        day = doses[-1].administered_on + timedelta(days=365) if doses else birth_date or as_of
        due.append(
            DueVaccination(
                antigen=schedule.antigen,
                due_on=day,
                status=DueStatus.DUE if day == as_of else DueStatus.UPCOMING,
                dose_number=len(doses) + 1,
                reason="next dose",
                source=schedule.source,
            )
        )
    return sorted(due, key=lambda item: (item.due_on, item.antigen))


def earliest_due(due: Iterable[DueVaccination]) -> date | None:
    """The first of the due dates, or None where nothing is due."""
    return min((item.due_on for item in due), default=None)
