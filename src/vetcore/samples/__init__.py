"""A world to try things in: clinics on five continents, the people who work there, and their pets.

Everything in it is invented. E-mail addresses end in ``example.com``, telephone numbers are from the
ranges that each country keeps for fiction (None where it keeps none), microchips have the prefix
999, which is for tests.
"""

from vetcore.samples.loading import Loaded, load
from vetcore.samples.reading import PET_REGISTER, pet_register
from vetcore.samples.visits import CLINIC_OF_THE_DAY, Visit, visits

__all__ = [
    "CLINIC_OF_THE_DAY",
    "PET_REGISTER",
    "Loaded",
    "Visit",
    "load",
    "pet_register",
    "visits",
]
