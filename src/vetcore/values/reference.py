"""Reference ranges of vital signs, by species, for adults at rest.

The temperatures, and the rates of large animals, are those of the Merck Veterinary Manual's
reference guides (normal rectal temperature ranges, resting heart rates, resting respiratory rates).
The heart rates of dogs and cats and the capillary refill time are the limits of its table
"Parameters to Evaluate During Triage", outside which it speaks of bradycardia and tachycardia.
These limits are wider than the rates of resting animals, because a cat in a clinic hardly ever
rests. Rabbits, ferrets and guinea pigs follow Carpenter's Exotic Animal Formulary (5th edition). A
species without an entry has no ranges.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from vetcore.values.animals import Species

__all__ = ["CAPILLARY_REFILL", "ReferenceRange", "VitalWarning", "reference_ranges", "weight_range"]


@dataclass(frozen=True, slots=True)
class ReferenceRange:
    """The lowest and the highest normal value, both included, and the source that says so."""

    low: Decimal
    high: Decimal
    source: str

    def __contains__(self, value: object) -> bool:
        return isinstance(value, Decimal | int) and self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class VitalWarning:
    """A measure outside its reference range. As text, it is a sentence without the source.

    ``measure`` is the name of the field of :class:`~vetcore.values.visits.Vitals`.
    """

    measure: str
    value: Decimal
    expected: ReferenceRange

    def __str__(self) -> str:
        side = "below" if self.value < self.expected.low else "above"
        low, high = self.expected.low, self.expected.high
        return f"{self.measure} {self.value:f} is {side} {low:f} to {high:f}"


_MERCK: Final = "Merck Veterinary Manual, reference guides"
_TRIAGE: Final = "Merck Veterinary Manual, parameters to evaluate during triage"
_EXOTIC: Final = "Carpenter, Exotic Animal Formulary, 5th edition"
_MEASURES: Final = ("temperature_c", "heart_rate_bpm", "respiratory_rate_bpm")

CAPILLARY_REFILL: Final = ReferenceRange(Decimal(0), Decimal(2), _TRIAGE)
"""Seconds; perfusion is poor above."""

_RANGES: Final[dict[Species, tuple[tuple[str, str, str], ...]]] = {
    Species.DOG: (("37.9", "39.9", _MERCK), ("60", "180", _TRIAGE), ("10", "34", _MERCK)),
    Species.CAT: (("38.1", "39.2", _MERCK), ("120", "220", _TRIAGE), ("16", "40", _MERCK)),
    Species.RABBIT: (("38.5", "40.0", _EXOTIC), ("130", "325", _EXOTIC), ("30", "60", _EXOTIC)),
    Species.GUINEA_PIG: (
        ("37.2", "39.5", _EXOTIC),
        ("230", "380", _EXOTIC),
        ("42", "104", _EXOTIC),
    ),
    Species.FERRET: (("37.8", "40.0", _EXOTIC), ("200", "400", _EXOTIC), ("33", "36", _EXOTIC)),
    Species.HORSE: (("37.2", "38.2", _MERCK), ("28", "40", _MERCK), ("10", "14", _MERCK)),
    Species.CATTLE: (("36.7", "39.3", _MERCK), ("48", "84", _MERCK), ("26", "50", _MERCK)),
    Species.GOAT: (("38.5", "39.7", _MERCK), ("70", "80", _MERCK), ("16", "34", _MERCK)),
    Species.SHEEP: (("38.3", "39.9", _MERCK), ("70", "80", _MERCK), ("16", "34", _MERCK)),
    Species.PIG: (("38.7", "39.8", _MERCK), ("70", "120", _MERCK), ("32", "58", _MERCK)),
}


def reference_ranges(species: Species) -> dict[str, ReferenceRange]:
    """Return the ranges of temperature (°C), heart rate and respiratory rate (per minute).

    The result is empty for a species without reference ranges.

    >>> reference_ranges(Species.DOG)["temperature_c"].high
    Decimal('39.9')
    >>> reference_ranges(Species.SNAKE)
    {}
    """
    return {
        measure: ReferenceRange(Decimal(low), Decimal(high), source)
        for measure, (low, high, source) in zip(_MEASURES, _RANGES.get(species, ()), strict=False)
    }


def weight_range(species: Species) -> ReferenceRange:
    """Return the plausible weights of a species in kilograms, from newborn to giant.

    A weight outside the range is taken for a slip of the pen, or for a figure in another unit.
    """
    weights = species.weight_range
    return ReferenceRange(weights.minimum, weights.maximum, "plausible weights of the species")
