"""Records vaccinations, and finds those that are due.

The functions check no permission and notify nobody; :mod:`vetcore.operations` does both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore import clock
from vetcore.database import ReadSession
from vetcore.database.cursors import Page, cursor_after, position_of
from vetcore.database.locking import locked
from vetcore.errors import InvalidValue
from vetcore.medical.dates import not_in_the_future
from vetcore.medical.practitioners import veterinarian_meant
from vetcore.models import Clinic, Pet
from vetcore.schemas import DueQuery
from vetcore.values.animals import PetStatus, Species
from vetcore.values.schedules import (
    DEFAULT_SCHEDULES,
    VaccinationSchedule,
    next_due_on,
    replace_schedules,
)
from vetcore.values.vaccination import Vaccination, with_vaccination

__all__ = ["DueVaccinations", "record_vaccination", "refresh_due_date", "vaccinations_due"]


@dataclass(frozen=True, slots=True)
class DueVaccinations:
    """A pet with vaccinations due, and what a reminder or a work list needs of it."""

    pet_id: UUID
    name: str
    species: Species
    owner_id: UUID | None
    clinic_id: UUID | None
    due_on: date

    def is_overdue_on(self, day: date) -> bool:
        """Return whether the due date has passed on ``day``."""
        return self.due_on < day


_LIST: Final = "vaccinations due"


async def record_vaccination(
    session: AsyncSession,
    pet_id: UUID,
    vaccination: Vaccination,
    *,
    practitioner_id: UUID | None = None,
) -> Pet:
    """Record a vaccination, and compute from it when the next one is due.

    The schedules are those of the pet's clinic, or the published guidelines if it has none. If
    neither knows the vaccine, the date is the ``valid_until`` of the latest dose. No permission is
    checked, and nobody is notified.

    Args:
        session: of a transaction.
        pet_id: which pet.
        vaccination: what it was given.
        practitioner_id: the veterinarian who gave it, a user; None keeps who the document says it was.

    Raises:
        NotFound: there is no such pet.
        InvalidValue: the dose was given in the future, before the pet was born, or is recorded already; or
            ``practitioner_id`` is no veterinarian.
    """
    not_in_the_future(vaccination.administered_on, "administered_on")
    pet = await locked(session, Pet, pet_id)
    if pet.born_on is not None and vaccination.administered_on < pet.born_on:
        raise InvalidValue(
            field="administered_on",
            rule="lies before the pet's birth",
            expected=f"{pet.born_on.isoformat()} or later",
            value=vaccination.administered_on.isoformat(),
        )
    if practitioner_id is not None:
        veterinarian = await veterinarian_meant(session, practitioner_id, "practitioner_id")
        vaccination = vaccination.replace(administered_by_id=veterinarian.id)
    given = with_vaccination(pet.vaccinations, vaccination)
    # Asked before the pet is touched: a query would write what is known of it so far.
    due_on = await _next_due_on(session, pet, given)
    pet.vaccinations, pet.next_vaccination_due_on = given, due_on
    await session.flush()
    return pet


async def refresh_due_date(session: AsyncSession, pet_id: UUID) -> date | None:
    """Compute the next due date again, after a change of birth date, clinic or schedules.

    No permission is checked, and nobody is notified.

    Raises:
        NotFound: there is no such pet.
    """
    pet = await locked(session, Pet, pet_id)
    pet.next_vaccination_due_on = await _next_due_on(session, pet, pet.vaccinations)
    await session.flush()
    return pet.next_vaccination_due_on


async def _next_due_on(
    session: AsyncSession, pet: Pet, given: Sequence[Vaccination]
) -> date | None:
    if pet.status is PetStatus.DECEASED:
        return None
    schedules = await _schedules(session, pet.primary_clinic_id)
    today = clock.now().date()
    return next_due_on(schedules, pet.species, pet.born_on, given, today)


async def _schedules(
    session: AsyncSession, clinic_id: UUID | None
) -> Sequence[VaccinationSchedule]:
    if clinic_id is None:
        return DEFAULT_SCHEDULES
    own = await session.scalar(select(Clinic.vaccination_schedules).where(Clinic.id == clinic_id))
    return replace_schedules(DEFAULT_SCHEDULES, own or ())


async def vaccinations_due(
    session: ReadSession, wanted: DueQuery, *, among: Sequence[ColumnElement[bool]] = ()
) -> Page[DueVaccinations]:
    """Return the pets whose next vaccination falls due in the days that are asked for.

    Answered from an index, however many pets there are. Pets that have died, are missing or were
    given away are not among them. No permission is checked.

    Args:
        session: for reading.
        wanted: of which days and pets, and which page.
        among: what must be true of the pets as well, such as that somebody may see them.

    Raises:
        InvalidValue: ``after`` is no cursor of this list.
    """
    query = _due_between(wanted.since, wanted.until).where(*among)
    for column, value in (
        (Pet.id, wanted.pet_id),
        (Pet.owner_id, wanted.owner_id),
        (Pet.primary_clinic_id, wanted.clinic_id),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.after is not None:
        last = position_of(_LIST, wanted.after, kinds=(date, UUID))
        query = query.where(tuple_(Pet.next_vaccination_due_on, Pet.id) > last)
    rows = await session.execute(query.limit(wanted.limit + 1))
    due = [
        DueVaccinations(pet, name, species, owner, clinic, due_on)
        for pet, name, species, owner, clinic, due_on in rows
        if due_on is not None
    ]
    page = Page(due[: wanted.limit])
    if len(due) > wanted.limit:
        page.next_cursor = cursor_after(_LIST, (page[-1].due_on, page[-1].pet_id))
    return page


def _due_between(
    since: date | None, until: date
) -> Select[UUID, str, Species, UUID | None, UUID | None, date | None]:
    due_on = Pet.next_vaccination_due_on
    query = (
        select(Pet.id, Pet.name, Pet.species, Pet.owner_id, Pet.primary_clinic_id, due_on)
        .where(due_on <= until, Pet.status == PetStatus.ACTIVE)
        .order_by(due_on, Pet.id)
    )
    return query if since is None else query.where(due_on >= since)
