"""What is done with a pet's health, beside the records of its visits: history, vaccinations, dues."""

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
    """An allergy for the history of a pet, whose id it names; for its owners and for staff."""

    allergy: Allergy


class ConditionAdd(ById):
    """A condition for the history of a pet, whose id it names; for its owners and for staff."""

    condition: Condition


class MedicationAdd(ById):
    """A drug that a pet takes or took; for its owners and for staff."""

    medication: Medication


class SurgeryAdd(ById):
    """An operation for the history of a pet, whose id it names; for its owners and for staff."""

    surgery: Surgery


class WeightAdd(ById):
    """A weighing of a pet, whose id it names; for its owners and for staff."""

    weight: WeightMeasurement


class VaccinationAdd(ById):
    """A vaccination of a pet, whose id it names; for veterinarians and technicians."""

    vaccination: Vaccination
    """Without ``administered_by_id``: ``performer_id`` says who gave it."""
    performer_id: UUID | None = None
    """The veterinarian who gave it, a user; None for what was given elsewhere."""

    @field_validator("vaccination")
    @classmethod
    def _names_the_performer_beside(cls, vaccination: Vaccination) -> Vaccination:
        if vaccination.administered_by_id is not None:
            raise InvalidValue(
                field="administered_by_id",
                rule="is not said in a command",
                expected="performer_id, the user who gave it",
            )
        return vaccination


class DueQuery(ListQuery):
    """Whose vaccinations fall due from ``since`` to ``until``, both included; the earliest first."""

    until: Day
    """The last day that matters, in the clinic's or the owner's calendar."""
    since: Day | None = None
    """The first; None for no limit, so that whatever is overdue is among them."""
    pet_id: UUID | None = None
    owner_id: UUID | None = None
    clinic_id: UUID | None = None
    """The primary clinic of the pets."""
