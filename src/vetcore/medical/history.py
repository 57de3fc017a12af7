"""Adding to a pet's medical history; concurrent additions never lose one another."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from vetcore.database.locking import locked
from vetcore.medical.dates import not_in_the_future
from vetcore.models import Pet
from vetcore.values.medical import Allergy, Condition, Medication, Surgery, WeightMeasurement
from vetcore.values.reference import VitalWarning, weight_range

__all__ = ["add_allergy", "add_condition", "add_medication", "add_surgery", "record_weight"]


async def add_allergy(session: AsyncSession, pet_id: UUID, allergy: Allergy) -> Pet:
    """Record an allergy.

    Raises:
        NotFound: there is no such pet.
        InvalidInput: an allergy to that substance is recorded already.
        InvalidValue: it was noted in the future.
    """
    if allergy.noted_on is not None:
        not_in_the_future(allergy.noted_on, "noted_on")
    pet = await locked(session, Pet, pet_id)
    pet.medical_history = pet.medical_history.with_allergy(allergy)
    await session.flush()
    return pet


async def add_condition(session: AsyncSession, pet_id: UUID, condition: Condition) -> Pet:
    """Record a condition.

    Raises:
        NotFound: there is no such pet.
        InvalidInput: it is recorded already, with the same name and date.
        InvalidValue: it was diagnosed in the future.
    """
    if condition.diagnosed_on is not None:
        not_in_the_future(condition.diagnosed_on, "diagnosed_on")
    pet = await locked(session, Pet, pet_id)
    pet.medical_history = pet.medical_history.with_condition(condition)
    await session.flush()
    return pet


async def add_medication(session: AsyncSession, pet_id: UUID, medication: Medication) -> Pet:
    """Record a drug that the pet takes or took; one that starts later may be recorded ahead.

    Raises:
        NotFound: there is no such pet.
        InvalidInput: it is recorded already, with the same name and start.
    """
    pet = await locked(session, Pet, pet_id)
    pet.medical_history = pet.medical_history.with_medication(medication)
    await session.flush()
    return pet


async def add_surgery(session: AsyncSession, pet_id: UUID, surgery: Surgery) -> Pet:
    """Record an operation.

    Raises:
        NotFound: there is no such pet.
        InvalidInput: it is recorded already, with the same procedure and date.
        InvalidValue: it was performed in the future.
    """
    not_in_the_future(surgery.performed_on, "performed_on")
    pet = await locked(session, Pet, pet_id)
    pet.medical_history = pet.medical_history.with_surgery(surgery)
    await session.flush()
    return pet


async def record_weight(
    session: AsyncSession, pet_id: UUID, weight: WeightMeasurement
) -> tuple[Pet, tuple[VitalWarning, ...]]:
    """Record a weighing; the pet's ``weight_kg`` is that of the latest one.

    Returns:
        The pet, and a warning where no animal of its species weighs that much: a slip of units.

    Raises:
        NotFound: there is no such pet.
        InvalidInput: there is one at that instant already.
        InvalidValue: it was measured in the future.
    """
    not_in_the_future(weight.measured_at, "measured_at")
    pet = await locked(session, Pet, pet_id)
    pet.medical_history = pet.medical_history.with_weight(weight)
    latest = pet.medical_history.latest_weight
    pet.weight_kg = latest.kilograms if latest is not None else None
    await session.flush()
    expected = weight_range(pet.species)
    if weight.kilograms in expected:
        return pet, ()
    return pet, (VitalWarning("weight_kg", weight.kilograms, expected),)
