"""Operations on a pet's health: its history, its vaccinations, and what is due."""

from typing import Any
from uuid import UUID

from vetcore import medical
from vetcore.access import Permission
from vetcore.database import ReadSession, Session
from vetcore.database.paging import Page
from vetcore.medical import DueVaccinations, Weighed
from vetcore.medical.history import plausible
from vetcore.models import Pet
from vetcore.operations.asking import Asked
from vetcore.operations.declaring import operation, reading
from vetcore.schemas import (
    AllergyAdd,
    ById,
    ConditionAdd,
    DueQuery,
    MedicationAdd,
    SurgeryAdd,
    VaccinationAdd,
    WeightAdd,
)

__all__ = [
    "add_allergy",
    "add_condition",
    "add_medication",
    "add_surgery",
    "list_due_vaccinations",
    "record_vaccination",
    "record_weight",
    "refresh_due_date",
]


@operation(
    permission=Permission.PET_WRITE,
    entity=Pet,
    versioned=True,
    keyed=True,
)
async def add_allergy(session: Session, given: AllergyAdd, asked: Asked) -> Pet:
    """Record an allergy of a pet.

    Raises:
        InvalidInput: an allergy to that substance is recorded already.
        InvalidValue: the allergy was noted in the future.
    """
    pet, _ = await asked.take(Pet, given.id)
    return await medical.add_allergy(session, pet.id, given.allergy)


@operation(
    permission=Permission.HEALTH_WRITE,
    entity=Pet,
    versioned=True,
    keyed=True,
)
async def add_condition(session: Session, given: ConditionAdd, asked: Asked) -> Pet:
    """Record a condition of a pet.

    Raises:
        InvalidInput: the condition is recorded already, with the same name and date.
        InvalidValue: the condition was diagnosed in the future.
    """
    pet, _ = await asked.take(Pet, given.id)
    return await medical.add_condition(session, pet.id, given.condition)


@operation(
    permission=Permission.HEALTH_WRITE,
    entity=Pet,
    versioned=True,
    keyed=True,
)
async def add_medication(session: Session, given: MedicationAdd, asked: Asked) -> Pet:
    """Record a drug that a pet takes or took. One that starts later may be recorded ahead.

    Raises:
        InvalidInput: the medication is recorded already, with the same name and start.
    """
    pet, _ = await asked.take(Pet, given.id)
    return await medical.add_medication(session, pet.id, given.medication)


@operation(
    permission=Permission.HEALTH_WRITE,
    entity=Pet,
    versioned=True,
    keyed=True,
)
async def add_surgery(session: Session, given: SurgeryAdd, asked: Asked) -> Pet:
    """Record a surgery of a pet.

    Raises:
        InvalidInput: the surgery is recorded already, with the same procedure and date.
        InvalidValue: the surgery was performed in the future.
    """
    pet, _ = await asked.take(Pet, given.id)
    return await medical.add_surgery(session, pet.id, given.surgery)


async def _weighed_before(session: Session, key: UUID, command: WeightAdd) -> Weighed:
    options: dict[str, Any] = {"include_deleted": True, "populate_existing": True}
    return plausible(await session.get_one(Pet, key, execution_options=options), command.weight)


@operation(
    permission=Permission.PET_WRITE,
    entity=Pet,
    versioned=True,
    keyed=True,
    again=_weighed_before,
)
async def record_weight(session: Session, given: WeightAdd, asked: Asked) -> Weighed:
    """Record a weighing of a pet, and tell where no animal of its species weighs that much.

    Raises:
        InvalidInput: there is one at that instant already.
        InvalidValue: the weighing was in the future.
    """
    pet, _ = await asked.take(Pet, given.id)
    return await medical.record_weight(session, pet.id, given.weight)


@operation(
    permission=Permission.PET_VACCINATE,
    entity=Pet,
    versioned=True,
    keyed=True,
)
async def record_vaccination(session: Session, given: VaccinationAdd, asked: Asked) -> Pet:
    """Record a vaccination of a pet, and from it the date of the next that is due.

    Raises:
        InvalidValue: the dose was given in the future, before the pet was born, or is recorded already; or
            who is named as having given it is no veterinarian.
    """
    pet, _ = await asked.take(Pet, given.id)
    return await medical.record_vaccination(
        session, pet.id, given.vaccination, practitioner_id=given.practitioner_id
    )


@operation(permission=Permission.PET_WRITE, entity=Pet, versioned=True, keyed=True)
async def refresh_due_date(session: Session, act: ById, asked: Asked) -> Pet:
    """Compute again when a pet's next vaccination is due, after a change of clinic or schedules."""
    pet, _ = await asked.take(Pet, act.id)
    await medical.refresh_due_date(session, pet.id)
    return pet


@reading(permission=Permission.PET_READ, entity=Pet)
async def list_due_vaccinations(
    session: ReadSession, wanted: DueQuery, asked: Asked
) -> Page[DueVaccinations]:
    """Return the pets with due vaccinations that the actor may see, the earliest due first."""
    return await medical.vaccinations_due(session, wanted, among=[asked.sees(Pet)])
