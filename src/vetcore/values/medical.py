"""A pet's medical history."""

from datetime import date
from decimal import Decimal
from enum import StrEnum, unique
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from vetcore.values.documents import Document, Instant, Label, Prose

__all__ = [
    "Allergy",
    "AllergyKind",
    "Condition",
    "ConditionStatus",
    "MedicalHistory",
    "Medication",
    "Severity",
    "Surgery",
    "WeightMeasurement",
]


@unique
class Severity(StrEnum):
    """How grave it is."""

    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"
    LIFE_THREATENING = "life_threatening"


@unique
class AllergyKind(StrEnum):
    """What the animal reacts to."""

    MEDICATION = "medication"
    VACCINE = "vaccine"
    FOOD = "food"
    ENVIRONMENTAL = "environmental"
    INSECT = "insect"
    CONTACT = "contact"
    OTHER = "other"


@unique
class ConditionStatus(StrEnum):
    """Where a condition stands."""

    ACTIVE = "active"
    CHRONIC = "chronic"
    RESOLVED = "resolved"


class Allergy(Document):
    """A substance that the animal does not bear."""

    substance: Label
    kind: AllergyKind = AllergyKind.OTHER
    severity: Severity = Severity.MODERATE
    reaction: Prose | None = None
    noted_on: date | None = None


class Condition(Document):
    """A disease or state that was diagnosed."""

    name: Label
    code: Label | None = None
    status: ConditionStatus = ConditionStatus.ACTIVE
    diagnosed_on: date | None = None
    resolved_on: date | None = None


class Medication(Document):
    """A drug that the animal takes or took."""

    name: Label
    dose: Label | None = None
    frequency: Label | None = None
    started_on: date | None = None
    ended_on: date | None = None
    prescriber: Label | None = None


class Surgery(Document):
    """An operation."""

    procedure: Label
    performed_on: date
    veterinarian_id: UUID | None = None
    complications: Prose | None = None


class WeightMeasurement(Document):
    """A weighing."""

    kilograms: Annotated[Decimal, Field(gt=0, le=10_000, decimal_places=4)]
    measured_at: Instant
    body_condition_score: Annotated[int, Field(ge=1, le=9)] | None = None


class MedicalHistory(Document):
    """What is known of a pet's health."""

    allergies: tuple[Allergy, ...] = ()
    conditions: tuple[Condition, ...] = ()
    medications: tuple[Medication, ...] = ()
    surgeries: tuple[Surgery, ...] = ()
    weights: tuple[WeightMeasurement, ...] = ()

    @property
    def latest_weight(self) -> WeightMeasurement | None:
        """The last weighing."""
        return max(self.weights, key=lambda weight: weight.measured_at, default=None)

    def with_allergy(self, allergy: Allergy) -> Self:
        """The history with one more allergy."""
        return self.replace(allergies=(*self.allergies, allergy))

    def with_condition(self, condition: Condition) -> Self:
        """The history with one more condition."""
        return self.replace(conditions=(*self.conditions, condition))

    def with_medication(self, medication: Medication) -> Self:
        """The history with one more medication."""
        return self.replace(medications=(*self.medications, medication))

    def with_surgery(self, surgery: Surgery) -> Self:
        """The history with one more operation."""
        return self.replace(surgeries=(*self.surgeries, surgery))

    def with_weight(self, weight: WeightMeasurement) -> Self:
        """The history with one more weighing."""
        return self.replace(weights=(*self.weights, weight))
