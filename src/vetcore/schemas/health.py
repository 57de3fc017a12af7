"""Schemas of a pet's health beside its visits: history, vaccinations and due dates."""

from uuid import UUID

from pydantic import field_validator

from vetcore.errors import InvalidValue
from vetcore.schemas.base import ById, ListQuery
from vetcore.schemas.fields import Day
from vetcore.values.medical import Allergy, Condition, Medication, Surgery, WeightMeasurement
from vetcore.values.vaccination import Vaccination

__all__ = [
    "AllergyAdd",
    "ConditionAdd",
    "DueQuery",
    "MedicationAdd",
    "SurgeryAdd",
    "VaccinationAdd",
    "WeightAdd",
]


class AllergyAdd(ById):
    """An allergy to add to a pet's history. The pet's owners and staff may send it."""

    allergy: Allergy


class ConditionAdd(ById):
    """A condition to add to a pet's history. The pet's owners and staff may send it."""

    condition: Condition


class MedicationAdd(ById):
    """A drug to add to a pet's history. The pet's owners and staff may send it."""

    medication: Medication


class SurgeryAdd(ById):
    """A surgery to add to a pet's history. The pet's owners and staff may send it."""

    surgery: Surgery


class WeightAdd(ById):
    """A weighing to add to a pet's history. The pet's owners and staff may send it."""

    weight: WeightMeasurement


class VaccinationAdd(ById):
    """A vaccination to record for a pet. Veterinarians and technicians may send it."""

    vaccination: Vaccination
    """The vaccination, without ``administered_by_id``: ``practitioner_id`` says who gave it."""
    practitioner_id: UUID | None = None
    """The veterinarian who gave it, a user; None for what was given elsewhere."""

    @field_validator("vaccination")
    @classmethod
    def _names_the_practitioner_beside(cls, vaccination: Vaccination) -> Vaccination:
        if vaccination.administered_by_id is not None:
            raise InvalidValue(
                field="administered_by_id",
                rule="is not said in a command",
                expected="practitioner_id, the user who gave it",
            )
        return vaccination


class DueQuery(ListQuery):
    """Which pets to list: those with a vaccination due from ``since`` to ``until``, both included.

    The earliest due come first.
    """

    until: Day
    """The last day that matters, in the clinic's or the owner's calendar."""
    since: Day | None = None
    """The first day that matters; None for no limit, which includes whatever is overdue."""
    pet_id: UUID | None = None
    owner_id: UUID | None = None
    clinic_id: UUID | None = None
    """The primary clinic of the pets."""
