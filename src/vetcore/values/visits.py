"""What a visit's record holds beside its text: vitals, diagnoses, prescriptions, addenda."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum, unique
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field, ValidationInfo, field_validator

from vetcore.errors import InvalidValue
from vetcore.values.animals import Species
from vetcore.values.dates import add_months
from vetcore.values.documents import Document, Label, Prose
from vetcore.values.drugs import drug_classes, same_drug
from vetcore.values.medical import Allergy, AllergyKind, BodyConditionScore, Kilograms

if TYPE_CHECKING:
    from vetcore.values.reference import VitalWarning

__all__ = [
    "Certainty",
    "ControlledSchedule",
    "Diagnosis",
    "MucousMembrane",
    "Prescription",
    "Vitals",
    "allergy_conflicts",
]


@unique
class MucousMembrane(StrEnum):
    """The colour of the mucous membranes."""

    PINK = "pink"
    PALE = "pale"
    WHITE = "white"
    CYANOTIC = "cyanotic"
    ICTERIC = "icteric"
    INJECTED = "injected"
    MUDDY = "muddy"
    PIGMENTED = "pigmented"
    """The membranes are dark by nature, so their colour says nothing."""


class Vitals(Document):
    """What was measured at the visit.

    The limits of the fields catch mistakes in writing; they are not limits of health.
    :meth:`warnings` tells what is unusual for a healthy animal.
    """

    weight_kg: Kilograms | None = None
    temperature_c: Annotated[Decimal, Field(ge=0, le=50, decimal_places=2)] | None = None
    """Degrees Celsius, rectal unless the note says otherwise."""
    heart_rate_bpm: Annotated[int, Field(ge=0, le=1500)] | None = None
    respiratory_rate_bpm: Annotated[int, Field(ge=0, le=600)] | None = None
    capillary_refill_seconds: Annotated[Decimal, Field(ge=0, le=20, decimal_places=1)] | None = None
    mucous_membrane: MucousMembrane | None = None
    pain_score: Annotated[int, Field(ge=0, le=4)] | None = None
    """The Colorado State University scale: 0 comfortable to 4 severe."""
    body_condition_score: BodyConditionScore | None = None

    def warnings(self, species: Species) -> "tuple[VitalWarning, ...]":
        """Return what lies outside the reference ranges of an adult of ``species`` at rest.

        A measure without a range for the species gives no warning. A frightened, young or very
        small animal may be outside a range and healthy, so a warning is a hint and no finding.

        >>> for warning in Vitals(temperature_c=40.6, heart_rate_bpm=180).warnings(Species.CAT):
        ...     print(warning)
        temperature_c 40.6 is above 38.1 to 39.2
        """
        from vetcore.values import reference  # noqa: PLC0415 -- its tables, for who asks

        ranges = {
            "weight_kg": reference.weight_range(species),
            **reference.reference_ranges(species),
            "capillary_refill_seconds": reference.CAPILLARY_REFILL,
        }
        measured = {name: getattr(self, name) for name in ranges}
        return tuple(
            reference.VitalWarning(name, Decimal(value), ranges[name])
            for name, value in measured.items()
            if value is not None and value not in ranges[name]
        )


@unique
class Certainty(StrEnum):
    """How sure a diagnosis is."""

    SUSPECTED = "suspected"
    DIFFERENTIAL = "differential"
    CONFIRMED = "confirmed"
    RULED_OUT = "ruled_out"


class Diagnosis(Document):
    """What the veterinarian found, suspects or ruled out."""

    description: Label
    code: Label | None = None
    """The diagnosis's code in the clinic's nomenclature, such as VeNom or SNOMED CT."""
    certainty: Certainty = Certainty.CONFIRMED


@unique
class ControlledSchedule(StrEnum):
    """A schedule of controlled substances that may be prescribed (21 CFR 1308).

    >>> ControlledSchedule.II.most_refills, ControlledSchedule.IV.most_refills
    (0, 5)
    """

    II = "II"
    III = "III"
    IV = "IV"
    V = "V"

    @property
    def most_refills(self) -> int | None:
        """How often a prescription may be refilled (21 CFR 1306.12 and 1306.22).

        None means that the prescription alone says how often.
        """
        return _MOST_REFILLS[self]

    def fillable_until(self, issued_on: date) -> date | None:
        """Return the last day on which a prescription of ``issued_on`` may be filled or refilled.

        That day is six months later for schedules III and IV (21 CFR 1306.22). The result is None
        where federal law sets no date; a state may set one.
        """
        limited = self in {ControlledSchedule.III, ControlledSchedule.IV}
        return add_months(issued_on, 6) if limited else None


_MOST_REFILLS: Final = {
    ControlledSchedule.II: 0,
    ControlledSchedule.III: 5,
    ControlledSchedule.IV: 5,
    ControlledSchedule.V: None,
}


class Prescription(Document):
    """A drug that was prescribed at a visit. The day of the visit is the day of issue."""

    drug: Label
    strength: Label | None = None
    """The strength, such as ``50 mg/mL``."""
    dose: Label
    """The dose, such as ``0.2 mL`` or ``2 mg/kg``."""
    route: Label | None = None
    frequency: Label
    """How often it is given, such as ``every 12 hours``."""
    duration_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    quantity: Annotated[Decimal, Field(gt=0, max_digits=10, decimal_places=3)] | None = None
    controlled_schedule: ControlledSchedule | None = None
    refills: Annotated[int, Field(ge=0, le=99)] = 0
    instructions: Prose | None = None

    @field_validator("refills")
    @classmethod
    def _as_the_law_allows(cls, refills: int, info: ValidationInfo) -> int:
        schedule = info.data.get("controlled_schedule")
        most = None if schedule is None else schedule.most_refills
        if most is not None and refills > most:
            raise InvalidValue(
                field="refills",
                rule=f"a schedule {schedule} substance may be refilled {most or 'no'} times"
                " (21 CFR 1306)",
                expected=f"at most {most}",
                value=refills,
            )
        return refills

    def fillable_until(self, issued_on: date) -> date | None:
        """Return the last day on which the prescription may be filled, or None if none is set."""
        schedule = self.controlled_schedule
        return None if schedule is None else schedule.fillable_until(issued_on)


def allergy_conflicts(
    prescription: Prescription, allergies: Iterable[Allergy]
) -> tuple[Allergy, ...]:
    """Return the recorded allergies that speak against a prescription.

    A drug conflicts with an allergy if it is the substance, contains it by name, or belongs to the
    same class (:mod:`vetcore.values.drugs`). Penicillins and cephalosporins are classes of their
    own there. An allergy to a class conflicts with each drug of the class. The result is a warning
    to whoever prescribes, and no verdict: an empty result means only that no conflict is known
    here.

    >>> history = [Allergy(substance="Penicillin"), Allergy(substance="Beef", kind="food")]
    >>> clavamox = Prescription(drug="Clavamox", dose="62.5 mg", frequency="every 12 hours")
    >>> [allergy.substance for allergy in allergy_conflicts(clavamox, history)]
    ['Penicillin']
    """
    classes = drug_classes(prescription.drug)
    return tuple(
        allergy
        for allergy in allergies
        if same_drug(allergy.substance, prescription.drug)
        or (
            allergy.kind in _KINDS_OF_DRUGS
            and not classes.isdisjoint(drug_classes(allergy.substance))
        )
    )


_KINDS_OF_DRUGS: Final = frozenset({AllergyKind.MEDICATION, AllergyKind.CONTACT, AllergyKind.OTHER})
"""The kinds whose substances may be drugs; in a food, ``steroid`` is no class of drugs."""
