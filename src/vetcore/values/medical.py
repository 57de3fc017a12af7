"""A pet's medical history: what a veterinarian must know before they treat the pet."""

from collections.abc import Callable, Hashable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum, unique
from functools import cache
from typing import Annotated, Any, Generic, Self, TypeVar, cast
from uuid import UUID

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from vetcore.errors import InvalidValue
from vetcore.values.animals import Species
from vetcore.values.dates import Day, Instant, not_before
from vetcore.values.documents import Document, Label, Prose

__all__ = [
    "Allergy",
    "AllergyKind",
    "BodyConditionScore",
    "Condition",
    "ConditionStatus",
    "Kilograms",
    "MedicalAlerts",
    "MedicalHistory",
    "Medication",
    "Severity",
    "Surgery",
    "WeightMeasurement",
]

Kilograms = Annotated[Decimal, Field(gt=0, le=10_000, decimal_places=4)]
"""A weight, to the tenth of a gram; what is plausible for a species is checked elsewhere."""

BodyConditionScore = Annotated[int, Field(ge=1, le=9)]
"""The nine-point scale of the WSAVA: 4 and 5 are ideal in dogs, 5 in cats."""


@unique
class Severity(StrEnum):
    """How severe an allergy or a condition is, in rising order."""

    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"
    LIFE_THREATENING = "life_threatening"


@unique
class AllergyKind(StrEnum):
    """The sort of substance to which the animal reacts."""

    MEDICATION = "medication"
    VACCINE = "vaccine"
    FOOD = "food"
    ENVIRONMENTAL = "environmental"
    INSECT = "insect"
    CONTACT = "contact"
    OTHER = "other"


@unique
class ConditionStatus(StrEnum):
    """Whether a condition is active, chronic or resolved."""

    ACTIVE = "active"
    CHRONIC = "chronic"
    RESOLVED = "resolved"


class Allergy(Document):
    """A substance that the animal does not tolerate."""

    substance: Label
    kind: AllergyKind = AllergyKind.OTHER
    severity: Severity = Severity.MODERATE
    reaction: Prose | None = None
    noted_on: Day | None = None


class Condition(Document):
    """A disease or a state of the pet that was diagnosed."""

    name: Label
    code: Label | None = None
    """The entry's code in the clinic's nomenclature, such as VeNom or SNOMED CT."""
    diagnosed_on: Day | None = None
    resolved_on: Annotated[Day | None, not_before("diagnosed_on")] = None
    status: ConditionStatus = ConditionStatus.ACTIVE

    @field_validator("status")
    @classmethod
    def _resolved_or_not(cls, status: ConditionStatus, info: ValidationInfo) -> ConditionStatus:
        if info.data.get("resolved_on") is not None and status is not ConditionStatus.RESOLVED:
            raise InvalidValue(
                field="status",
                rule="must be resolved where resolved_on is given",
                expected=ConditionStatus.RESOLVED,
                value=status,
            )
        return status

    @property
    def is_current(self) -> bool:
        """Whether the condition still matters to treatment."""
        return self.status is not ConditionStatus.RESOLVED


class Medication(Document):
    """A drug that the animal takes, or took earlier."""

    name: Label
    dose: Label | None = None
    frequency: Label | None = None
    started_on: Day | None = None
    ended_on: Annotated[Day | None, not_before("started_on")] = None
    """The last day on which it was taken; None while it is taken."""
    prescriber: Label | None = None

    def is_taken_on(self, day: date) -> bool:
        """Return whether the animal takes the drug on ``day``."""
        begun = self.started_on is None or self.started_on <= day
        return begun and (self.ended_on is None or day <= self.ended_on)


class Surgery(Document):
    """A surgery that the animal had."""

    procedure: Label
    performed_on: Day
    veterinarian_id: UUID | None = None
    complications: Prose | None = None


class WeightMeasurement(Document):
    """What the animal weighed at an instant."""

    kilograms: Kilograms
    measured_at: Instant
    body_condition_score: BodyConditionScore | None = None

    def is_plausible_for(self, species: Species) -> bool:
        """Return whether an animal of ``species`` can weigh that much."""
        return self.kilograms in species.weight_range


_Entry = TypeVar("_Entry", bound=Document)


class _OnceEach(Generic[_Entry]):
    """A rule: no two entries have one ``identity``; they are kept by ``order``, then identity."""

    def __init__(
        self,
        identity: Callable[[_Entry], tuple[Hashable, ...]],
        order: Callable[[_Entry], date | datetime],
    ) -> None:
        self.identity = identity
        self.order = order

    def __call__(self, entries: tuple[_Entry, ...], info: ValidationInfo) -> tuple[_Entry, ...]:
        known: set[tuple[Hashable, ...]] = set()
        for entry in entries:
            key = self.identity(entry)
            if key in known:
                raise InvalidValue(
                    field=info.field_name or "entries",
                    rule="holds an entry twice",
                    expected="each once; replace the entry to change it",
                    value=", ".join(str(part) for part in key if part is not None),
                )
            known.add(key)
        return tuple(
            sorted(entries, key=lambda entry: (self.order(entry), str(self.identity(entry))))
        )


def _day(value: date | None) -> date:
    return value or date.min


class MedicalHistory(Document):
    """What is known of a pet's health.

    Entries are stored in the order of their dates, with undated entries first, whatever the order
    in which they came in. An entry that is there already is refused. Names are compared without
    regard to case.

    >>> history = MedicalHistory().with_allergy(Allergy(substance="Penicillin"))
    >>> history.allergy_to("penicillin").substance
    'Penicillin'
    """

    allergies: Annotated[
        tuple[Allergy, ...],
        Field(max_length=200),
        AfterValidator(
            _OnceEach[Allergy](
                lambda entry: (entry.substance.casefold(),), lambda entry: _day(entry.noted_on)
            )
        ),
    ] = ()
    conditions: Annotated[
        tuple[Condition, ...],
        Field(max_length=500),
        AfterValidator(
            _OnceEach[Condition](
                lambda entry: (entry.name.casefold(), entry.diagnosed_on),
                lambda entry: _day(entry.diagnosed_on),
            )
        ),
    ] = ()
    medications: Annotated[
        tuple[Medication, ...],
        Field(max_length=1_000),
        AfterValidator(
            _OnceEach[Medication](
                lambda entry: (entry.name.casefold(), entry.started_on),
                lambda entry: _day(entry.started_on),
            )
        ),
    ] = ()
    surgeries: Annotated[
        tuple[Surgery, ...],
        Field(max_length=500),
        AfterValidator(
            _OnceEach[Surgery](
                lambda entry: (entry.procedure.casefold(), entry.performed_on),
                lambda entry: entry.performed_on,
            )
        ),
    ] = ()
    weights: Annotated[
        tuple[WeightMeasurement, ...],
        Field(max_length=5_000),
        AfterValidator(
            _OnceEach[WeightMeasurement](
                lambda entry: (entry.measured_at,), lambda entry: entry.measured_at
            )
        ),
    ] = ()

    def joined_with(self, other: Self) -> Self:
        """Return the history with the entries of ``other`` that it lacks.

        Of an entry that is in both, this history's is kept.

        Raises:
            InvalidInput: together they hold more entries than a history may.
        """
        together: dict[str, tuple[Any, ...]] = {}
        for name, identity in _identities().items():
            mine = getattr(self, name)
            known = {identity(entry) for entry in mine}
            more = (entry for entry in getattr(other, name) if identity(entry) not in known)
            together[name] = (*mine, *more)
        return self.replace(**together)

    @property
    def latest_weight(self) -> WeightMeasurement | None:
        """The last weighing, or None if there is none."""
        return self.weights[-1] if self.weights else None

    @property
    def current_conditions(self) -> tuple[Condition, ...]:
        """The conditions that are not resolved."""
        return tuple(condition for condition in self.conditions if condition.is_current)

    def medications_on(self, day: date) -> tuple[Medication, ...]:
        """Return the drugs that the animal takes on ``day``."""
        return tuple(entry for entry in self.medications if entry.is_taken_on(day))

    def allergy_to(self, substance: str) -> Allergy | None:
        """Return the allergy to exactly ``substance``, in any case of letters, or None."""
        wanted = substance.strip().casefold()
        return next(
            (entry for entry in self.allergies if entry.substance.casefold() == wanted), None
        )

    def with_allergy(self, allergy: Allergy) -> Self:
        """Return the history with one more allergy.

        Raises:
            InvalidInput: an allergy to that substance is recorded already.
        """
        return self.replace(allergies=(*self.allergies, allergy))

    def with_condition(self, condition: Condition) -> Self:
        """Return the history with one more condition.

        Raises:
            InvalidInput: the condition is recorded already, with the same name and date.
        """
        return self.replace(conditions=(*self.conditions, condition))

    def with_medication(self, medication: Medication) -> Self:
        """Return the history with one more medication.

        Raises:
            InvalidInput: the medication is recorded already, with the same name and start.
        """
        return self.replace(medications=(*self.medications, medication))

    def with_surgery(self, surgery: Surgery) -> Self:
        """Return the history with one more surgery.

        Raises:
            InvalidInput: the surgery is recorded already, with the same procedure and date.
        """
        return self.replace(surgeries=(*self.surgeries, surgery))

    def with_weight(self, weight: WeightMeasurement) -> Self:
        """Return the history with one more weighing.

        Raises:
            InvalidInput: there is one at that instant already.
        """
        return self.replace(weights=(*self.weights, weight))


@cache
def _identities() -> Mapping[str, Callable[[Any], tuple[Hashable, ...]]]:
    """What tells the entries of each list apart, by its field."""
    found: dict[str, Callable[[Any], tuple[Hashable, ...]]] = {}
    for name, field in MedicalHistory.model_fields.items():
        for rule in field.metadata:
            identity = getattr(getattr(rule, "func", None), "identity", None)
            if identity is not None:
                found[name] = identity
    return found


class MedicalAlerts(Document):
    """What of a history everybody must know who handles the animal: what it does not tolerate.

    It is made of a whole history, of which it leaves the rest out.
    """

    allergies: Annotated[tuple[Allergy, ...], Field(max_length=200)] = ()

    @model_validator(mode="before")
    @classmethod
    def _of_a_history(cls, given: object) -> object:
        if isinstance(given, MedicalHistory):
            return {"allergies": given.allergies}
        if isinstance(given, dict):
            rest = MedicalHistory.model_fields.keys() - cls.model_fields.keys()
            entries: dict[Any, Any] = cast("Any", given)
            return {name: each for name, each in entries.items() if name not in rest}
        return given
