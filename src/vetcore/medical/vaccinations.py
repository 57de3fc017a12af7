"""Recording vaccinations, and asking which are due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore import clock
from vetcore.database import ReadSession
from vetcore.database.cursors import Page, cursor_after, position_of, require_limit
from vetcore.database.locking import locked
from vetcore.errors import InvalidValue
from vetcore.medical.dates import not_in_the_future
from vetcore.models import Clinic, Pet
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
    """A pet with a vaccination due, as much as a reminder or a work list needs."""

    pet_id: UUID
    name: str
    species: Species
    owner_id: UUID | None
    clinic_id: UUID | None
    due_on: date

    def is_overdue_on(self, day: date) -> bool:
        """Whether the due date has passed on ``day``."""
        return self.due_on < day


_LIST: Final = "vaccinations due"


async def record_vaccination(session: AsyncSession, pet_id: UUID, vaccination: Vaccination) -> Pet:
    """Record a vaccination, and from it the date of the next that is due.

    The schedules are those of the pet's clinic, or the published guidelines where it has none. For
    what neither knows, the date is the ``valid_until`` of the latest dose.

    Raises:
        NotFound: there is no such pet.
        InvalidValue: it was given in the future, before the pet was born, or is recorded already.
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
    pet.vaccinations = with_vaccination(pet.vaccinations, vaccination)
    pet.next_vaccination_due_on = await _next_due_on(session, pet)
    await session.flush()
    return pet


async def refresh_due_date(session: AsyncSession, pet_id: UUID) -> date | None:
    """Compute the next due date anew: after a change of birth date, clinic or schedules.

    Raises:
        NotFound: there is no such pet.
    """
    pet = await locked(session, Pet, pet_id)
    pet.next_vaccination_due_on = await _next_due_on(session, pet)
    await session.flush()
    return pet.next_vaccination_due_on


async def _next_due_on(session: AsyncSession, pet: Pet) -> date | None:
    if pet.status is PetStatus.DECEASED:
        return None
    schedules = await _schedules(session, pet.primary_clinic_id)
    today = clock.now().date()
    return next_due_on(schedules, pet.species, pet.born_on, pet.vaccinations, today)


async def _schedules(
    session: AsyncSession, clinic_id: UUID | None
) -> Sequence[VaccinationSchedule]:
    if clinic_id is None:
        return DEFAULT_SCHEDULES
    own = await session.scalar(select(Clinic.vaccination_schedules).where(Clinic.id == clinic_id))
    return replace_schedules(DEFAULT_SCHEDULES, own or ())


async def vaccinations_due(  # noqa: PLR0913
    session: ReadSession,
    *,
    until: date,
    since: date | None = None,
    pet_id: UUID | None = None,
    owner_id: UUID | None = None,
    clinic_id: UUID | None = None,
    after: str | tuple[date, UUID] | None = None,
    limit: int = 100,
) -> Page[DueVaccinations]:
    """The pets whose next vaccination falls due from ``since`` to ``until``, both included.

    Answered from an index, however many pets there are. Without ``since``, whatever is overdue is
    in it. Pets that have died, are missing or were given away are not.

    Args:
        session: for reading.
        until: the last day that matters, in the clinic's or the owner's calendar.
        since: the first; None for no limit.
        pet_id: of this pet only.
        owner_id: of this owner's pets only.
        clinic_id: of the pets whose primary clinic this is only.
        after: the ``next_cursor`` of the page before, or the ``(due_on, pet_id)`` of its last.
        limit: the length of a page.

    Raises:
        InvalidValue: ``after`` is no cursor of this list, or ``limit`` is not positive.
    """
    require_limit(limit)
    if isinstance(after, str):
        due_on, key = position_of(_LIST, after, kinds=(date, UUID))
        after = (due_on, key)
    query = _due_between(since, until)
    for column, value in (
        (Pet.id, pet_id),
        (Pet.owner_id, owner_id),
        (Pet.primary_clinic_id, clinic_id),
    ):
        if value is not None:
            query = query.where(column == value)
    if after is not None:
        query = query.where(tuple_(Pet.next_vaccination_due_on, Pet.id) > after)
    rows = await session.execute(query.limit(limit + 1))
    due = [
        DueVaccinations(pet, name, species, owner, clinic, due_on)
        for pet, name, species, owner, clinic, due_on in rows
        if due_on is not None
    ]
    page = Page(due[:limit])
    if len(due) > limit:
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
