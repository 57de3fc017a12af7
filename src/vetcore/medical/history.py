"""Adds to a pet's medical history. Of two additions at once, none is lost.

The functions check no permission and notify nobody; :mod:`vetcore.operations` does both.
"""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from vetcore.database.locking import locked
from vetcore.medical.dates import not_in_the_future
from vetcore.models import Pet
from vetcore.values.medical import Allergy, Condition, Medication, Surgery, WeightMeasurement
from vetcore.values.reference import VitalWarning, weight_range

__all__ = [
    "Weighed",
    "add_allergy",
    "add_condition",
    "add_medication",
    "add_surgery",
    "plausible",
    "record_weight",
]


class Weighed(NamedTuple):
    """A pet whose weighing was recorded."""

    pet: Pet
    warnings: tuple[VitalWarning, ...]
    """One where no animal of its species weighs that much: a slip of units."""


async def add_allergy(session: AsyncSession, pet_id: UUID, allergy: Allergy) -> Pet:
    """Record an allergy. No permission is checked, and nobody is notified.

    Raises:
        NotFound: there is no such pet.
        InvalidInput: an allergy to that substance is recorded already.
        InvalidValue: the allergy was noted in the future.
    """
    if allergy.noted_on is not None:
        not_in_the_future(allergy.noted_on, "noted_on")
    pet = await locked(session, Pet, pet_id)
    pet.medical_history = pet.medical_history.with_allergy(allergy)
    await session.flush()
    return pet


async def add_condition(session: AsyncSession, pet_id: UUID, condition: Condition) -> Pet:
    """Record a condition. No permission is checked, and nobody is notified.

    Raises:
        NotFound: there is no such pet.
        InvalidInput: the condition is recorded already, with the same name and date.
        InvalidValue: the condition was diagnosed in the future.
    """
    if condition.diagnosed_on is not None:
        not_in_the_future(condition.diagnosed_on, "diagnosed_on")
    pet = await locked(session, Pet, pet_id)
    pet.medical_history = pet.medical_history.with_condition(condition)
    await session.flush()
    return pet


async def add_medication(session: AsyncSession, pet_id: UUID, medication: Medication) -> Pet:
    """Record a drug that the pet takes or took. One that starts later may be recorded ahead.

    No permission is checked, and nobody is notified.

    Raises:
        NotFound: there is no such pet.
        InvalidInput: the medication is recorded already, with the same name and start.
    """
    pet = await locked(session, Pet, pet_id)
    pet.medical_history = pet.medical_history.with_medication(medication)
    await session.flush()
    return pet


async def add_surgery(session: AsyncSession, pet_id: UUID, surgery: Surgery) -> Pet:
    """Record a surgery. No permission is checked, and nobody is notified.

    Raises:
        NotFound: there is no such pet.
        InvalidInput: the surgery is recorded already, with the same procedure and date.
        InvalidValue: the surgery was performed in the future.
    """
    not_in_the_future(surgery.performed_on, "performed_on")
    pet = await locked(session, Pet, pet_id)
    pet.medical_history = pet.medical_history.with_surgery(surgery)
    await session.flush()
    return pet


async def record_weight(session: AsyncSession, pet_id: UUID, weight: WeightMeasurement) -> Weighed:
    """Record a weighing. The pet's ``weight_kg`` is that of the latest one.

    No permission is checked, and nobody is notified.

    Returns:
        The pet, and a warning where no animal of its species weighs that much: a slip of units.

    Raises:
        NotFound: there is no such pet.
        InvalidInput: there is one at that instant already.
        InvalidValue: the weighing was in the future.
    """
    not_in_the_future(weight.measured_at, "measured_at")
    pet = await locked(session, Pet, pet_id)
    pet.medical_history = pet.medical_history.with_weight(weight)
    latest = pet.medical_history.latest_weight
    pet.weight_kg = latest.kilograms if latest is not None else None
    await session.flush()
    return plausible(pet, weight)


def plausible(pet: Pet, weight: WeightMeasurement) -> Weighed:
    """Return the pet, with a warning if no animal of its species weighs that much."""
    expected = weight_range(pet.species)
    if weight.kilograms in expected:
        return Weighed(pet, ())
    return Weighed(pet, (VitalWarning("weight_kg", weight.kilograms, expected),))
