"""Pets, who looks after them, and the reminders of their vaccinations."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from vetcore import clock
from vetcore.models import (
    ClinicPatient,
    EmergencyAccess,
    Pet,
    PetCoOwner,
    User,
    VaccinationReminder,
)
from vetcore.testing.factories.chance import Chance, chance, go_together, parent
from vetcore.testing.factories.clinics import make_clinic
from vetcore.testing.factories.people import make_user
from vetcore.testing.factories.registering import factory
from vetcore.values.animals import PetStatus, Sex, Species
from vetcore.values.dates import add_months
from vetcore.values.medical import MedicalHistory, WeightMeasurement
from vetcore.values.relations import PatientOrigin
from vetcore.values.schedules import DEFAULT_SCHEDULES, next_due_on, replace_schedules
from vetcore.values.vaccination import Antigen, Vaccination, VaccinationRoute, chronological

__all__ = ["make_pet", "make_pet_co_owner", "make_vaccination_reminder"]


class _Kind(NamedTuple):
    """What is usual for an adult: kilograms, years of life, colours."""

    lightest: str
    heaviest: str
    years: int
    colors: tuple[str, ...] = ("brown", "grey", "white")


_KINDS: Final = {
    Species.DOG: _Kind("4", "40", 13, ("black", "black and tan", "brindle", "golden", "white")),
    Species.CAT: _Kind("3", "6.5", 16, ("black", "brown tabby", "calico", "grey", "red tabby")),
    Species.RABBIT: _Kind("1.2", "4.5", 9, ("agouti", "black", "grey", "white")),
    Species.GUINEA_PIG: _Kind("0.7", "1.2", 6),
    Species.HAMSTER: _Kind("0.03", "0.15", 2),
    Species.RAT: _Kind("0.25", "0.6", 3),
    Species.MOUSE: _Kind("0.02", "0.045", 2),
    Species.CHINCHILLA: _Kind("0.4", "0.7", 14),
    Species.FERRET: _Kind("0.6", "1.8", 8, ("albino", "sable")),
    Species.BIRD: _Kind("0.03", "0.6", 20, ("blue", "green", "grey", "yellow")),
    Species.CHICKEN: _Kind("1.5", "4", 7),
    Species.TURTLE: _Kind("0.3", "3", 40, ("brown", "green")),
    Species.LIZARD: _Kind("0.04", "0.6", 12, ("green", "sandy")),
    Species.SNAKE: _Kind("0.3", "3", 18, ("albino", "brown", "striped")),
    Species.AMPHIBIAN: _Kind("0.01", "0.2", 8, ("green",)),
    Species.FISH: _Kind("0.01", "0.5", 6, ("orange", "white")),
    Species.HORSE: _Kind("350", "650", 25, ("bay", "chestnut", "grey")),
    Species.GOAT: _Kind("25", "90", 14),
    Species.SHEEP: _Kind("40", "110", 11, ("black", "white")),
    Species.PIG: _Kind("60", "280", 14, ("pink", "spotted")),
    Species.CATTLE: _Kind("400", "900", 16, ("black and white", "brown", "red")),
    Species.OTHER: _Kind("0.2", "5", 8),
}
_BREEDS: Final = {
    Species.DOG: (
        ("Beagle", "9", "13"),
        ("Border Collie", "14", "20"),
        ("Boxer", "25", "32"),
        ("Dachshund", "7", "12"),
        ("French Bulldog", "9", "13"),
        ("German Shepherd Dog", "24", "38"),
        ("Golden Retriever", "25", "34"),
        ("Labrador Retriever", "25", "36"),
        ("Pug", "6", "9"),
        ("Whippet", "11", "18"),
    ),
    Species.CAT: (
        ("Domestic Longhair", "3.5", "6"),
        ("Domestic Shorthair", "3.2", "6"),
        ("Maine Coon", "4.5", "8"),
        ("Ragdoll", "4", "8"),
        ("Siamese", "2.8", "5"),
    ),
    Species.RABBIT: (
        ("Flemish Giant", "5.5", "8"),
        ("Holland Lop", "1.2", "1.9"),
        ("Netherland Dwarf", "0.8", "1.2"),
    ),
}
"""Breeds by their canonical names, and what they weigh."""

_NAMES: Final = (
    *("Basil", "Biscuit", "Clover", "Domino", "Fig", "Hazel", "Juno", "Kiwi", "Mango", "Miso"),
    *("Nutmeg", "Olive", "Pepper", "Pickle", "Poppy", "Rex", "Shadow", "Sprout", "Willow"),
)
_OFTEN: Final = (Species.DOG,) * 5 + (Species.CAT,) * 4 + (Species.RABBIT,)
_VACCINES: Final = {
    Species.DOG: (
        ((Antigen.RABIES,), 36, "right hind limb, distal"),
        (
            (
                Antigen.CANINE_DISTEMPER,
                Antigen.CANINE_ADENOVIRUS,
                Antigen.CANINE_PARVOVIRUS,
            ),
            36,
            "right shoulder",
        ),
        ((Antigen.LEPTOSPIROSIS,), 12, "left shoulder"),
    ),
    Species.CAT: (
        ((Antigen.RABIES,), 12, "right hind limb, distal"),
        (
            (
                Antigen.FELINE_PANLEUKOPENIA,
                Antigen.FELINE_HERPESVIRUS,
                Antigen.FELINE_CALICIVIRUS,
            ),
            36,
            "right forelimb, distal",
        ),
    ),
    Species.FERRET: (((Antigen.RABIES,), 12, "right hind limb"),),
}
_OLD_ENOUGH: Final = timedelta(weeks=16)
_YOUNGEST_DAYS: Final = 200


@factory
def make_pet(**overrides: Any) -> Pet:
    """Make a pet with an owner: mostly a grown-up dog or cat, with a chip and vaccinations.

    Breeds, weight and colour are usual for the species. What it was vaccinated with was given after
    birth and before today; ``next_vaccination_due_on`` follows from it by the published schedules.
    ``owner=None`` makes a stray. With a ``primary_clinic`` its owner has registered it there.
    """
    take = chance()
    made = dict(overrides)
    parent(made, "owner", make_user)
    clinic = made.get("primary_clinic")
    if clinic is not None:
        made.setdefault("primary_clinic_id", clinic.id)
    if "patient_of" not in made and made.get("primary_clinic_id") is not None:
        made["patient_of"] = [make_clinic_patient(pet=None, clinic_id=made["primary_clinic_id"])]
    species = Species(made.setdefault("species", take.choice(_OFTEN)))
    kind = _KINDS[species]
    lightest, heaviest = kind.lightest, kind.heaviest
    if "breeds" not in made and species in _BREEDS:
        breed, lightest, heaviest = take.choice(_BREEDS[species])
        made["breeds"] = (breed,)
    died_on: date | None = made.get("died_on")
    # What was is counted from the day of death, where there is one.
    last = died_on or take.today()
    born_on: date | None = made.setdefault(
        "born_on", last - timedelta(days=take.random.randint(_YOUNGEST_DAYS, kind.years * 365))
    )
    weight = _weight(take, lightest, heaviest)
    usual: dict[str, Any] = {
        **take.row(),
        "name": take.choice(_NAMES),
        "sex": take.choice((Sex.FEMALE, Sex.MALE)),
        "is_neutered": not take.one_in(3),
        "weight_kg": weight,
        "color": take.choice(kind.colors),
        "microchip": f"999{take.number('microchip'):012d}",
        "status": PetStatus.ACTIVE if died_on is None else PetStatus.DECEASED,
        "vaccinations": _vaccinations(take, species, born_on, last),
        "medical_history": _history(made.get("weight_kg", weight), born_on, last),
    }
    go_together(usual, made, "license_number", "license_jurisdiction")
    made = usual | made
    if "next_vaccination_due_on" not in made:
        made["next_vaccination_due_on"] = _next_due(made)
    return Pet(**made)


def _weight(take: Chance, lightest: str, heaviest: str) -> Decimal:
    share = Decimal(take.random.randrange(101)) / 100
    lowest, highest = Decimal(lightest), Decimal(heaviest)
    return (lowest + (highest - lowest) * share).quantize(Decimal("0.001"))


def _vaccinations(
    take: Chance, species: Species, born_on: date | None, last: date
) -> tuple[Vaccination, ...]:
    """Of each vaccine the last dose, which is valid now or ran out lately."""
    earliest = (born_on or last - timedelta(days=1000)) + _OLD_ENOUGH
    days = (last - earliest).days
    if days < 0:
        return ()
    given: list[Vaccination] = []
    for antigens, months, site in _VACCINES.get(species, ()):
        day = last - timedelta(days=take.random.randint(0, min(days, months * 32)))
        given.append(
            Vaccination(
                id=take.uuid(),
                antigens=antigens,
                product=f"Examplevax {antigens[0].value.replace('_', ' ').title()}",
                lot_number=f"L{take.random.randrange(1_000_000):06d}",
                site=site,
                route=VaccinationRoute.SUBCUTANEOUS,
                administered_on=day,
                valid_until=add_months(day, months),
                label_duration_months=months,
            )
        )
    return chronological(given)


def _history(weight: Decimal | None, born_on: date | None, last: date) -> MedicalHistory:
    weighed = last - timedelta(days=30)
    if weight is None or (born_on is not None and weighed < born_on):
        return MedicalHistory()
    moment = datetime.combine(weighed, time(15), UTC)
    return MedicalHistory(weights=(WeightMeasurement(kilograms=weight, measured_at=moment),))


def _next_due(made: dict[str, Any]) -> date | None:
    if made["status"] is PetStatus.DECEASED:
        return None
    clinic = made.get("primary_clinic")
    own = clinic.vaccination_schedules if clinic is not None else ()
    schedules = replace_schedules(DEFAULT_SCHEDULES, own)
    return next_due_on(
        schedules, made["species"], made["born_on"], made["vaccinations"], clock.now().date()
    )


@factory
def make_clinic_patient(**overrides: Any) -> ClinicPatient:
    """A pet's registration at a clinic, which its owner made."""
    take = chance()
    made = dict(overrides)
    parent(made, "pet", make_pet)
    if "clinic_id" not in made:
        parent(made, "clinic", make_clinic)
    usual: dict[str, Any] = {
        **take.row(),
        "origin": PatientOrigin.OWNER,
        "agreed_at": clock.now(),
        "counts_for_owner": True,
    }
    return ClinicPatient(**usual | made)


@factory
def make_emergency_access(**overrides: Any) -> EmergencyAccess:
    """Make a look at a pet's health that a veterinarian took in an emergency."""
    take = chance()
    made = dict(overrides)
    parent(made, "pet", make_pet)
    parent(made, "clinic", make_clinic)
    parent(made, "user", make_user)
    return EmergencyAccess(**{**take.row(), "reason": "Hit by a car"} | made)


@factory
def make_pet_co_owner(*, pet: Pet, user: User) -> PetCoOwner:
    """Make the link by which ``user`` is a co-owner. Store both before it, or together with it.

    Where the pet is still to be made, ``make_pet(co_owners=[user])`` does it all.
    """
    return PetCoOwner(pet_id=pet.id, user_id=user.id)


@factory
def make_vaccination_reminder(**overrides: Any) -> VaccinationReminder:
    """Make a reminder that a worker has claimed. With ``sent_at`` it is one that was sent."""
    take = chance()
    made = dict(overrides)
    pet = parent(made, "pet", make_pet)
    due_on = pet.next_vaccination_due_on if pet else None
    usual = {
        **take.row(),
        "due_on": due_on or take.today() + timedelta(days=14),
        "claimed_by": f"worker-{take.random.randint(1, 4)}",
        "claimed_until": clock.now() + timedelta(minutes=10),
    }
    if made.get("sent_at") is not None:
        usual["channel"] = "email"
    return VaccinationReminder(**usual | made)
