"""How old, and in which stage of life."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vetcore.errors import InvalidValue
from vetcore.values.age import Age, DogSize, LifeStage, age_on, life_stage
from vetcore.values.animals import Species
from vetcore.values.dates import add_months

DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))


@given(DAYS, st.integers(0, 12_000))
def test_the_months_and_days_of_an_age_lead_from_birth_to_the_day(born: date, lived: int) -> None:
    day = born + timedelta(days=lived)
    age = age_on(born, day)
    assert add_months(born, age.in_months) + timedelta(days=age.days) == day
    assert age.in_months == 12 * age.years + age.months
    assert 0 <= age.months < 12
    assert 0 <= age.days < 31


@given(DAYS, st.integers(0, 12_000))
def test_nobody_grows_younger(born: date, lived: int) -> None:
    day = born + timedelta(days=lived)
    assert age_on(born, day) < age_on(born, day + timedelta(days=1))


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        ("2024-02-29", "2025-02-27", Age(0, 11, 29)),
        ("2024-02-29", "2025-02-28", Age(1, 0, 0)),
        ("2024-02-29", "2025-03-01", Age(1, 0, 1)),
        ("2024-02-29", "2028-02-28", Age(3, 11, 30)),
        ("2024-02-29", "2028-02-29", Age(4, 0, 0)),
        ("2023-02-28", "2024-02-28", Age(1, 0, 0)),
        ("2023-02-28", "2024-02-29", Age(1, 0, 1)),
        ("2025-01-31", "2025-02-28", Age(0, 1, 0)),
        ("2025-01-31", "2025-03-01", Age(0, 1, 1)),
        ("2025-01-31", "2025-03-31", Age(0, 2, 0)),
        ("2025-12-31", "2026-01-01", Age(0, 0, 1)),
        ("2025-07-01", "2025-07-01", Age(0, 0, 0)),
    ],
)
def test_the_last_day_of_a_month_stands_for_the_days_that_it_lacks(
    born: str, day: str, age: Age
) -> None:
    assert age_on(date.fromisoformat(born), date.fromisoformat(day)) == age


def test_who_is_not_born_yet_has_no_age() -> None:
    with pytest.raises(InvalidValue, match="born_on: is still to come") as refused:
        age_on(date(2026, 1, 2), date(2026, 1, 1))
    assert refused.value.details["expected"] == "2026-01-01 or earlier"


@pytest.mark.parametrize("years", [0, -1, float("nan")])
def test_a_life_lasts_some_time(years: float) -> None:
    with pytest.raises(InvalidValue, match="expected_years: must be above zero"):
        life_stage(Species.DOG, Age(1, 0, 0), expected_years=years)


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (Age(0, 0, 0), "0 days"),
        (Age(0, 0, 1), "1 day"),
        (Age(0, 0, 30), "30 days"),
        (Age(0, 1, 0), "1 month"),
        (Age(0, 11, 30), "11 months 30 days"),
        (Age(1, 0, 20), "1 year"),
        (Age(2, 1, 20), "2 years 1 month"),
        (Age(9, 11, 0), "9 years 11 months"),
        (Age(10, 11, 0), "10 years 11 months"),
    ],
)
def test_an_age_in_words_is_as_exact_as_its_length_asks(age: Age, words: str) -> None:
    assert str(age) == words


@pytest.mark.parametrize(
    ("age", "stage"),
    [
        (Age(0, 0, 0), LifeStage.JUVENILE),
        (Age(0, 11, 30), LifeStage.JUVENILE),
        (Age(1, 0, 0), LifeStage.YOUNG_ADULT),
        (Age(6, 11, 30), LifeStage.YOUNG_ADULT),
        (Age(7, 0, 0), LifeStage.MATURE_ADULT),
        (Age(10, 11, 30), LifeStage.MATURE_ADULT),
        (Age(11, 0, 0), LifeStage.SENIOR),
    ],
)
def test_a_cats_stages_are_those_of_the_guideline(age: Age, stage: LifeStage) -> None:
    assert life_stage(Species.CAT, age) is stage


@pytest.mark.parametrize(
    ("kilograms", "age", "stage"),
    [
        ("3", Age(0, 5, 30), LifeStage.JUVENILE),
        ("3", Age(0, 6, 0), LifeStage.YOUNG_ADULT),
        ("60", Age(0, 8, 30), LifeStage.JUVENILE),
        ("60", Age(0, 9, 0), LifeStage.YOUNG_ADULT),
        ("3", Age(3, 0, 0), LifeStage.MATURE_ADULT),
        ("60", Age(3, 11, 0), LifeStage.YOUNG_ADULT),
        ("60", Age(4, 0, 0), LifeStage.MATURE_ADULT),
        # Three quarters of 9.5 years are 85.5 months, of 13.5 years 121.5.
        ("60", Age(7, 1, 30), LifeStage.MATURE_ADULT),
        ("60", Age(7, 2, 0), LifeStage.SENIOR),
        ("3", Age(10, 1, 0), LifeStage.MATURE_ADULT),
        ("3", Age(10, 2, 0), LifeStage.SENIOR),
    ],
)
def test_a_dogs_stages_come_with_its_size(kilograms: str, age: Age, stage: LifeStage) -> None:
    assert life_stage(Species.DOG, age, adult_weight_kg=Decimal(kilograms)) is stage


def test_a_dog_of_unknown_weight_is_taken_for_a_medium_one() -> None:
    ages = [Age(years, months, 0) for years in range(16) for months in range(12)]
    medium = [life_stage(Species.DOG, age, adult_weight_kg=Decimal(20)) for age in ages]
    assert [life_stage(Species.DOG, age) for age in ages] == medium


def test_a_breeds_own_expectation_of_life_goes_before_that_of_its_size() -> None:
    assert life_stage(Species.DOG, Age(6, 0, 0), adult_weight_kg=Decimal(60)) is (
        LifeStage.MATURE_ADULT
    )
    short_lived = life_stage(
        Species.DOG, Age(6, 0, 0), adult_weight_kg=Decimal(60), expected_years=Decimal(8)
    )
    assert short_lived is LifeStage.SENIOR


@given(st.decimals("0.1", 160, places=2), st.integers(0, 239))
def test_a_dogs_stages_follow_one_another(kilograms: Decimal, months: int) -> None:
    order = [LifeStage.JUVENILE, LifeStage.YOUNG_ADULT, LifeStage.MATURE_ADULT, LifeStage.SENIOR]
    now, later = (
        life_stage(Species.DOG, Age(*divmod(age, 12), 0), adult_weight_kg=kilograms)
        for age in (months, months + 1)
    )
    assert now is not None
    assert later is not None
    assert order.index(now) <= order.index(later) <= order.index(now) + 1


@pytest.mark.parametrize(
    ("kilograms", "size"),
    [
        ("5", DogSize.TOY),
        ("5.01", DogSize.SMALL),
        ("10", DogSize.SMALL),
        ("25", DogSize.MEDIUM),
        ("45", DogSize.LARGE),
        ("45.5", DogSize.GIANT),
        ("160", DogSize.GIANT),
    ],
)
def test_a_size_includes_its_heaviest_dog(kilograms: str, size: DogSize) -> None:
    assert DogSize.of(Decimal(kilograms)) is size


def test_heavier_dogs_live_no_longer_and_grow_no_faster() -> None:
    sizes = list(DogSize)
    assert sizes == sorted(sizes, key=lambda size: -size.expected_years)
    assert sizes == sorted(sizes, key=lambda size: (size.puppy_months, size.mature_years))


@pytest.mark.parametrize("species", sorted(set(Species) - {Species.CAT, Species.DOG}))
def test_other_species_have_no_stages(species: Species) -> None:
    assert life_stage(species, Age(3, 0, 0)) is None
