"""The kinds of animal, their plausible weights and sexes, and what became of a pet."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum, unique

__all__ = ["PetStatus", "Sex", "Species", "WeightRange"]


@dataclass(frozen=True, slots=True)
class WeightRange:
    """The lowest and the highest plausible weight in kilograms.

    A weight outside the range is taken for a slip of the pen, or for a figure in another unit.
    """

    minimum: Decimal
    maximum: Decimal

    def __contains__(self, weight: object) -> bool:
        return isinstance(weight, Decimal | int | float) and self.minimum <= weight <= self.maximum


@unique
class Species(StrEnum):
    """A kind of animal that clinics register."""

    DOG = "dog"
    CAT = "cat"
    RABBIT = "rabbit"
    GUINEA_PIG = "guinea_pig"
    HAMSTER = "hamster"
    RAT = "rat"
    MOUSE = "mouse"
    CHINCHILLA = "chinchilla"
    FERRET = "ferret"
    BIRD = "bird"
    CHICKEN = "chicken"
    TURTLE = "turtle"
    LIZARD = "lizard"
    SNAKE = "snake"
    AMPHIBIAN = "amphibian"
    FISH = "fish"
    HORSE = "horse"
    GOAT = "goat"
    SHEEP = "sheep"
    PIG = "pig"
    CATTLE = "cattle"
    OTHER = "other"

    @property
    def weight_range(self) -> WeightRange:
        """The plausible weights of the species in kilograms, from newborn to giant.

        >>> Decimal("4.2") in Species.CAT.weight_range
        True
        >>> 4200 in Species.CAT.weight_range
        False
        """
        return _WEIGHTS[self]


_WEIGHTS = {
    species: WeightRange(Decimal(minimum), Decimal(maximum))
    for species, minimum, maximum in (
        (Species.DOG, "0.05", "160"),
        (Species.CAT, "0.04", "25"),
        (Species.RABBIT, "0.02", "15"),
        (Species.GUINEA_PIG, "0.04", "3"),
        (Species.HAMSTER, "0.001", "0.5"),
        (Species.RAT, "0.003", "2"),
        (Species.MOUSE, "0.0005", "0.2"),
        (Species.CHINCHILLA, "0.02", "2"),
        (Species.FERRET, "0.005", "5"),
        (Species.BIRD, "0.001", "160"),
        (Species.CHICKEN, "0.02", "12"),
        (Species.TURTLE, "0.002", "450"),
        (Species.LIZARD, "0.0005", "180"),
        (Species.SNAKE, "0.001", "200"),
        (Species.AMPHIBIAN, "0.0001", "10"),
        (Species.FISH, "0.0001", "300"),
        (Species.HORSE, "5", "1600"),
        (Species.GOAT, "0.5", "200"),
        (Species.SHEEP, "0.5", "250"),
        (Species.PIG, "0.3", "600"),
        (Species.CATTLE, "10", "2000"),
        (Species.OTHER, "0.0001", "10000"),
    )
}


@unique
class Sex(StrEnum):
    """An animal's sex. Whether the animal is neutered is stored in a field of its own."""

    FEMALE = "female"
    MALE = "male"
    UNKNOWN = "unknown"


@unique
class PetStatus(StrEnum):
    """What became of the pet."""

    ACTIVE = "active"
    LOST = "lost"
    REHOMED = "rehomed"
    DECEASED = "deceased"

    @property
    def bookable(self) -> bool:
        """Whether an appointment can be made for a pet in this state."""
        return self in {PetStatus.ACTIVE, PetStatus.LOST}
