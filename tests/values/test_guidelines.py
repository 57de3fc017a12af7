"""The schedules of the guidelines, written out; a day is counted in weeks where the source does."""

from typing import Any

from vetcore.values.animals import Species
from vetcore.values.guidelines import DEFAULT_SCHEDULES, VaccinationSchedule
from vetcore.values.vaccination import Antigen

WEEK = 7
RABIES = {
    "core": True,
    "first_dose_days": 12 * WEEK,
    "by_label": True,  # the law and the label say for how long
    "immune_after_days": 28,
}
PUPPIES = {
    "core": True,
    "first_dose_days": 6 * WEEK,
    "primary_doses": 2,
    "primary_until_days": 16 * WEEK,
    "booster_months": 36,
}
KITTENS = {**PUPPIES, "first_booster_age_days": 26 * WEEK}
YEARLY = {"core": False, "first_dose_days": 8 * WEEK}
TWO_DOSES = {"primary_doses": 2, "restart_after_days": 6 * WEEK}

WRITTEN_OUT: dict[tuple[Species, Antigen], tuple[str, dict[str, Any]]] = {
    (Species.DOG, Antigen.RABIES): ("NASPHV", RABIES),
    (Species.CAT, Antigen.RABIES): ("NASPHV", RABIES),
    (Species.FERRET, Antigen.RABIES): ("NASPHV", RABIES),
    (Species.DOG, Antigen.CANINE_DISTEMPER): ("AAHA Canine", PUPPIES),
    (Species.DOG, Antigen.CANINE_ADENOVIRUS): ("AAHA Canine", PUPPIES),
    (Species.DOG, Antigen.CANINE_PARVOVIRUS): ("AAHA Canine", PUPPIES),
    (Species.DOG, Antigen.CANINE_PARAINFLUENZA): ("AAHA Canine", {**PUPPIES, "core": False}),
    (Species.DOG, Antigen.LEPTOSPIROSIS): (
        "AAHA Canine",
        {"core": True, "first_dose_days": 12 * WEEK, **TWO_DOSES},
    ),
    (Species.DOG, Antigen.LYME): ("AAHA Canine", {**YEARLY, **TWO_DOSES}),
    (Species.DOG, Antigen.CANINE_INFLUENZA): ("AAHA Canine", {**YEARLY, **TWO_DOSES}),
    (Species.DOG, Antigen.BORDETELLA): ("AAHA Canine", YEARLY),  # one dose into nose or mouth
    (Species.CAT, Antigen.FELINE_PANLEUKOPENIA): ("AAHA/AAFP Feline", KITTENS),
    (Species.CAT, Antigen.FELINE_HERPESVIRUS): ("AAHA/AAFP Feline", KITTENS),
    (Species.CAT, Antigen.FELINE_CALICIVIRUS): ("AAHA/AAFP Feline", KITTENS),
    (Species.CAT, Antigen.FELINE_LEUKEMIA): (
        "AAHA/AAFP Feline",
        {
            "core": True,
            "core_until_days": 365,  # of kittens; of grown cats by their risk
            "first_dose_days": 8 * WEEK,
            **TWO_DOSES,
            "by_label": True,
        },
    ),
}


def test_the_defaults_are_what_the_guidelines_say() -> None:
    assert {(one.species, one.antigen) for one in DEFAULT_SCHEDULES} == set(WRITTEN_OUT)
    for one in DEFAULT_SCHEDULES:
        source, stated = WRITTEN_OUT[one.species, one.antigen]
        assert one.source.startswith(source)
        expected = VaccinationSchedule(
            species=one.species, antigen=one.antigen, source=one.source, **stated
        )
        assert one == expected


def test_what_is_not_stated_is_usual() -> None:
    plain = VaccinationSchedule(
        species=Species.DOG,
        antigen=Antigen.LYME,
        core=False,
        source="A state's own programme, 2026",
        first_dose_days=8 * WEEK,
    )
    assert (plain.primary_doses, plain.interval_days, plain.shortest_interval_days) == (1, 28, 14)
    assert (plain.first_booster_months, plain.booster_months) == (12, 12)
    assert plain.restart_after_days is None
    assert not plain.by_label
