"""Tells which vaccinations are due, by schedules that are data.

A schedule says when animals of one species are vaccinated against one disease, and who recommends
it. The published schedules are in :data:`DEFAULT_SCHEDULES`. A clinic stores its own schedules as
JSON, and :func:`replace_schedules` puts both together. Local law goes before any schedule.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, unique
from typing import Annotated

from pydantic import Field

from vetcore.values.animals import Species
from vetcore.values.dates import add_days, add_months
from vetcore.values.documents import Document, Label, Prose
from vetcore.values.guidelines import DEFAULT_SCHEDULES, VaccinationSchedule, replace_schedules
from vetcore.values.vaccination import Antigen, Vaccination, chronological

__all__ = [
    "DEFAULT_SCHEDULES",
    "DueStatus",
    "DueVaccination",
    "VaccinationSchedule",
    "earliest_due",
    "is_current",
    "next_due",
    "next_due_on",
    "replace_schedules",
]


@unique
class DueStatus(StrEnum):
    """Whether a dose is overdue, due or still to come on the day that was asked about."""

    UPCOMING = "upcoming"
    DUE = "due"
    OVERDUE = "overdue"


class DueVaccination(Document):
    """A dose that is to be given."""

    antigen: Antigen
    due_on: date
    """The earliest day in a primary series, the last day of protection for a booster."""
    status: DueStatus
    dose_number: Annotated[int, Field(ge=1)]
    reason: Label
    source: Prose


@dataclass(frozen=True, slots=True)
class _Course:
    """How far an animal is in one schedule."""

    doses: int = 0
    """The doses that count."""
    in_series: int = 0
    is_complete: bool = False
    boosters: int = 0
    began_young: bool = False
    last: Vaccination | None = None
    """The last dose that counts."""


def next_due(
    schedules: Sequence[VaccinationSchedule],
    species: Species,
    birth_date: date | None,
    vaccinations: Iterable[Vaccination],
    as_of: date,
) -> list[DueVaccination]:
    """Return the next dose by each schedule of the species, the most urgent first.

    For an animal that never had a vaccine, only the core vaccines are due: from the age of the
    first dose, or on ``as_of`` if the birth date is not known. Doses that were given after
    ``as_of`` are left out. If the latest dose has a ``valid_until``, the next dose is due on that
    day.

    A vaccine that no schedule of the species covers, such as tetanus for horses, is due on the
    ``valid_until`` of its latest dose, or when the duration on its label has passed. For antigens
    outside the list (``OTHER``), each product is counted apart.

    >>> from vetcore.values.vaccination import Vaccination
    >>> shot = Vaccination(
    ...     antigens=["rabies"], administered_on=date(2026, 3, 2), label_duration_months=36
    ... )
    >>> rabies = [s for s in DEFAULT_SCHEDULES if s.antigen is Antigen.RABIES]
    >>> [due] = next_due(rabies, Species.CAT, date(2025, 12, 1), [shot], date(2026, 6, 1))
    >>> print(due.due_on, due.status, due.reason)
    2027-03-02 upcoming first booster
    """
    given = [one for one in chronological(vaccinations) if one.administered_on <= as_of]
    due = list(_unscheduled(schedules, species, given, as_of))
    for schedule in schedules:
        if schedule.species is not species:
            continue
        doses = [dose for dose in given if schedule.antigen in dose.antigens]
        course = _course(schedule, birth_date, doses)
        step = _next_step(schedule, birth_date, doses, course, as_of)
        if step is None:
            continue
        due_on, reason = step
        due.append(
            DueVaccination(
                antigen=schedule.antigen,
                due_on=due_on,
                status=_status(due_on, as_of),
                dose_number=course.doses + 1,
                reason=reason,
                source=schedule.source,
            )
        )
    return sorted(due, key=lambda item: (item.due_on, item.antigen))


def _unscheduled(
    schedules: Iterable[VaccinationSchedule],
    species: Species,
    given: Iterable[Vaccination],
    as_of: date,
) -> Iterator[DueVaccination]:
    """What the latest doses themselves say of antigens that have no schedule for the species."""
    scheduled = {one.antigen for one in schedules if one.species is species}
    doses: dict[tuple[Antigen, str | None], list[Vaccination]] = {}
    for dose in given:
        for antigen in dose.antigens:
            if antigen not in scheduled:
                product = dose.product if antigen is Antigen.OTHER else None
                doses.setdefault((antigen, product), []).append(dose)
    for (antigen, _), several in doses.items():
        due_on = several[-1].counts_until
        if due_on is not None:
            yield DueVaccination(
                antigen=antigen,
                due_on=due_on,
                status=_status(due_on, as_of),
                dose_number=len(several) + 1,
                reason="the last dose counts until this day",
                source="the record of the last dose",
            )


def next_due_on(
    schedules: Sequence[VaccinationSchedule],
    species: Species,
    birth_date: date | None,
    vaccinations: Iterable[Vaccination],
    today: date,
) -> date | None:
    """Return the value of a living pet's ``next_vaccination_due_on``, or None if nothing is due.

    ``today`` may be a day in UTC. A dose counts even if it was given on a day that has not begun in
    UTC yet, because that day is the clinic's own.

    >>> horse = Vaccination(
    ...     antigens=["tetanus"], administered_on=date(2026, 3, 9), valid_until=date(2027, 3, 9)
    ... )
    >>> print(next_due_on(DEFAULT_SCHEDULES, Species.HORSE, None, [horse], date(2026, 3, 8)))
    2027-03-09
    """
    given = tuple(vaccinations)
    as_of = max([today, *(dose.administered_on for dose in given)])
    return earliest_due(next_due(schedules, species, birth_date, given, as_of))


def is_current(
    schedule: VaccinationSchedule,
    birth_date: date | None,
    vaccinations: Iterable[Vaccination],
    on: date,
) -> bool:
    """Return whether an animal counts as vaccinated on a day: immunised, and with no dose overdue.

    A primary series protects after ``immune_after_days``. A booster protects at once, even if it
    was overdue (NASPHV 2016).
    """
    doses = [
        dose
        for dose in chronological(vaccinations)
        if schedule.antigen in dose.antigens and dose.administered_on <= on
    ]
    course = _course(schedule, birth_date, doses)
    if course.last is None or not course.is_complete:
        return False
    step = _next_step(schedule, birth_date, doses, course, on)
    if step is None or step[0] < on:
        return False
    waits = 0 if course.boosters else schedule.immune_after_days
    return (on - course.last.administered_on).days >= waits


def earliest_due(due: Iterable[DueVaccination]) -> date | None:
    """Return the first of the due dates, or None where nothing is due."""
    return min((item.due_on for item in due), default=None)


def _status(due_on: date, as_of: date) -> DueStatus:
    if due_on == as_of:
        return DueStatus.DUE
    return DueStatus.OVERDUE if due_on < as_of else DueStatus.UPCOMING


def _course(
    schedule: VaccinationSchedule, birth_date: date | None, doses: Iterable[Vaccination]
) -> _Course:
    course = _Course()
    for dose in doses:
        course = _after(course, schedule, birth_date, dose)
    return course


def _after(
    course: _Course, schedule: VaccinationSchedule, birth_date: date | None, dose: Vaccination
) -> _Course:
    day = dose.administered_on
    age = None if birth_date is None else (day - birth_date).days
    if age is not None and age < schedule.first_dose_days:
        return course
    gap = None if course.last is None else (day - course.last.administered_on).days
    if gap is not None and gap < schedule.shortest_interval_days:
        return course
    until = schedule.primary_until_days
    is_old_enough = until is None or age is None or age >= until
    if course.is_complete and gap is not None:
        is_booster = course.boosters > 0 or gap >= _shortest_wait(schedule, course, age)
        return _Course(
            doses=course.doses + 1,
            in_series=course.in_series + (not is_booster),
            is_complete=True,
            boosters=course.boosters + is_booster,
            began_young=course.began_young,
            last=dose,
        )
    limit = schedule.restart_after_days
    begins = gap is None or (limit is not None and gap > limit)
    in_series = 1 if begins else course.in_series + 1
    return _Course(
        doses=course.doses + 1,
        in_series=in_series,
        is_complete=in_series >= schedule.primary_doses and is_old_enough,
        began_young=not is_old_enough if begins else course.began_young,
        last=dose,
    )


def _shortest_wait(schedule: VaccinationSchedule, course: _Course, age: int | None) -> int:
    of_age = schedule.first_booster_age_days
    if course.began_young and of_age is not None and age is not None and age >= of_age:
        return schedule.interval_days
    return schedule.booster_not_before_days


def _next_step(
    schedule: VaccinationSchedule,
    birth_date: date | None,
    doses: Sequence[Vaccination],
    course: _Course,
    as_of: date,
) -> tuple[date, str] | None:
    if not doses:
        if not _must_begin(schedule, birth_date, as_of):
            return None
        return _first_day(schedule, birth_date, as_of), "first dose"
    if doses[-1].valid_until is not None:
        return doses[-1].valid_until, "the last dose counts until this day"
    last = course.last
    if last is None or not course.is_complete:
        # A dose that did not count still has to be some time away.
        day = max(
            _first_day(schedule, birth_date, doses[0].administered_on),
            add_days(doses[-1].administered_on, schedule.interval_days),
        )
        number = course.in_series + 1
        limit = schedule.restart_after_days
        waited = 0 if last is None else (as_of - last.administered_on).days
        if limit is not None and waited > limit:
            return day, "primary series, to begin anew"
        return day, f"primary series, dose {number}"
    if course.boosters == 0:
        return _first_booster(schedule, birth_date, course, last), "first booster"
    label = last.label_duration_months if schedule.by_label else None
    return add_months(last.administered_on, label or schedule.booster_months), "booster"


def _must_begin(schedule: VaccinationSchedule, birth_date: date | None, as_of: date) -> bool:
    until = schedule.core_until_days
    if not schedule.core or until is None:
        return schedule.core
    return birth_date is not None and (as_of - birth_date).days < until


def _first_day(schedule: VaccinationSchedule, birth_date: date | None, unknown: date) -> date:
    if birth_date is None:
        return unknown
    return add_days(birth_date, schedule.first_dose_days)


def _first_booster(
    schedule: VaccinationSchedule, birth_date: date | None, course: _Course, last: Vaccination
) -> date:
    age = schedule.first_booster_age_days
    if age is None or birth_date is None or not course.began_young:
        return add_months(last.administered_on, schedule.first_booster_months)
    earliest = add_days(last.administered_on, schedule.interval_days)
    return max(add_days(birth_date, age), earliest)
