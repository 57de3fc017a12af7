"""What a visit's record holds beside its text."""

from decimal import Decimal
from enum import StrEnum, unique
from typing import Annotated
from uuid import UUID

from pydantic import Field

from vetcore.values.documents import Document, Instant, Label, Prose

__all__ = [
    "Addendum",
    "Certainty",
    "ControlledSchedule",
    "Diagnosis",
    "MucousMembrane",
    "Prescription",
    "Vitals",
]


@unique
class MucousMembrane(StrEnum):
    """The colour of the gums."""

    PINK = "pink"
    PALE = "pale"
    WHITE = "white"
    CYANOTIC = "cyanotic"
    ICTERIC = "icteric"
    INJECTED = "injected"
    MUDDY = "muddy"


@unique
class Certainty(StrEnum):
    """How sure a diagnosis is."""

    SUSPECTED = "suspected"
    DIFFERENTIAL = "differential"
    CONFIRMED = "confirmed"
    RULED_OUT = "ruled_out"


@unique
class ControlledSchedule(StrEnum):
    """The schedules of controlled substances that are prescribed (21 CFR 1308)."""

    II = "II"
    III = "III"
    IV = "IV"
    V = "V"


class Vitals(Document):
    """What was measured at the visit."""

    weight_kg: Annotated[Decimal, Field(gt=0, le=10_000, decimal_places=4)] | None = None
    temperature_c: Annotated[Decimal, Field(ge=0, le=50, decimal_places=2)] | None = None
    heart_rate_bpm: Annotated[int, Field(ge=0, le=1500)] | None = None
    respiratory_rate_bpm: Annotated[int, Field(ge=0, le=600)] | None = None
    capillary_refill_seconds: Annotated[Decimal, Field(ge=0, le=20, decimal_places=1)] | None = None
    mucous_membrane: MucousMembrane | None = None
    pain_score: Annotated[int, Field(ge=0, le=10)] | None = None
    body_condition_score: Annotated[int, Field(ge=1, le=9)] | None = None


class Diagnosis(Document):
    """What the veterinarian found, or suspects."""

    description: Label
    code: Label | None = None
    certainty: Certainty = Certainty.CONFIRMED


class Prescription(Document):
    """A drug that was prescribed."""

    drug: Label
    strength: Label | None = None
    dose: Label
    route: Label | None = None
    frequency: Label
    duration_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    quantity: Annotated[Decimal, Field(gt=0, decimal_places=3)] | None = None
    refills: Annotated[int, Field(ge=0, le=99)] = 0
    controlled_schedule: ControlledSchedule | None = None
    instructions: Prose | None = None


class Addendum(Document):
    """What was added after the record was signed."""

    author_id: UUID
    written_at: Instant
    text: Prose
