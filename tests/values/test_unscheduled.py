"""What no schedule knows is due when the latest dose says so."""

from datetime import date

import pytest

from vetcore.values.animals import Species
from vetcore.values.schedules import (
    DEFAULT_SCHEDULES,
    DueStatus,
    next_due,
    next_due_on,
    replace_schedules,
)
from vetcore.values.vaccination import Antigen, Vaccination

GIVEN, UNTIL, TODAY = date(2026, 3, 9), date(2027, 3, 9), date(2026, 6, 1)


def _dose(antigen: Antigen, day: date = GIVEN, **given: object) -> Vaccination:
    return Vaccination(antigens=(antigen,), administered_on=day, **given)  # type: ignore[arg-type]


def _due(species: Species, *doses: Vaccination, today: date = TODAY) -> date | None:
    return next_due_on(DEFAULT_SCHEDULES, species, None, doses, today)


@pytest.mark.parametrize(
    ("species", "antigen"),
    [
        (Species.RABBIT, Antigen.MYXOMATOSIS),
        (Species.HORSE, Antigen.TETANUS),
        (Species.SHEEP, Antigen.CLOSTRIDIUM_PERFRINGENS),
        (Species.CATTLE, Antigen.BLACKLEG),
        (Species.BIRD, Antigen.POLYOMAVIRUS),
        (Species.RABBIT, Antigen.RABIES),
        (Species.HORSE, Antigen.OTHER),
    ],
)
def test_without_a_schedule_the_due_date_is_that_of_the_latest_dose(
    species: Species, antigen: Antigen
) -> None:
    assert _due(species, _dose(antigen, valid_until=UNTIL)) == UNTIL
    [due] = next_due(
        DEFAULT_SCHEDULES, species, None, [_dose(antigen, valid_until=UNTIL)], date(2027, 3, 10)
    )
    assert (due.antigen, due.status, due.dose_number) == (antigen, DueStatus.OVERDUE, 2)


def test_a_species_with_schedules_may_have_had_what_is_in_none_of_them() -> None:
    others = [each for each in DEFAULT_SCHEDULES if each.species is Species.DOG]
    assert Antigen.TETANUS not in {each.antigen for each in others}
    tetanus = _dose(Antigen.TETANUS, valid_until=UNTIL)
    found = next_due(DEFAULT_SCHEDULES, Species.DOG, date(2020, 1, 1), [tetanus], TODAY)
    assert UNTIL in {each.due_on for each in found if each.antigen is Antigen.TETANUS}


def test_a_later_dose_takes_the_place_of_an_earlier_one() -> None:
    early = _dose(Antigen.TETANUS, date(2025, 3, 9), valid_until=date(2026, 3, 9))
    assert _due(Species.HORSE, _dose(Antigen.TETANUS, valid_until=UNTIL), early) == UNTIL
    shorter = _dose(Antigen.TETANUS, date(2026, 4, 1), valid_until=date(2026, 7, 1))
    longer = _dose(Antigen.TETANUS, valid_until=date(2030, 1, 1))
    assert _due(Species.HORSE, longer, shorter) == date(2026, 7, 1)


def test_a_later_dose_that_does_not_say_until_when_ends_what_an_earlier_one_said() -> None:
    early = _dose(Antigen.TETANUS, date(2025, 3, 9), valid_until=date(2026, 3, 9))
    assert _due(Species.HORSE, early, _dose(Antigen.TETANUS)) is None
    labelled = _dose(Antigen.TETANUS, label_duration_months=24)
    assert _due(Species.HORSE, early, labelled) == date(2028, 3, 9)


def test_the_certificate_goes_before_the_label() -> None:
    dose = _dose(Antigen.TETANUS, valid_until=UNTIL, label_duration_months=36)
    assert _due(Species.HORSE, dose) == UNTIL


def test_the_earliest_of_several_is_due_next() -> None:
    flu = _dose(Antigen.EQUINE_INFLUENZA, valid_until=date(2026, 9, 9))
    assert _due(Species.HORSE, _dose(Antigen.TETANUS, valid_until=UNTIL), flu) == date(2026, 9, 9)


def test_other_vaccines_stand_for_themselves_by_product() -> None:
    one = _dose(Antigen.OTHER, valid_until=date(2026, 9, 9), product="One")
    two = _dose(Antigen.OTHER, date(2026, 4, 1), valid_until=UNTIL, product="Two")
    assert _due(Species.HORSE, one, two) == date(2026, 9, 9)
    again = _dose(Antigen.OTHER, date(2026, 5, 1), valid_until=UNTIL, product="One")
    assert _due(Species.HORSE, one, two, again) == UNTIL


def test_what_is_given_after_the_day_is_not_looked_at() -> None:
    dose = _dose(Antigen.TETANUS, valid_until=UNTIL)
    assert next_due(DEFAULT_SCHEDULES, Species.HORSE, None, [dose], date(2026, 3, 8)) == []


def test_a_schedule_goes_before_what_an_unscheduled_dose_would_say() -> None:
    rabies = next(
        each
        for each in DEFAULT_SCHEDULES
        if each.species is Species.CAT and each.antigen is Antigen.RABIES
    )
    own = rabies.replace(species=Species.RABBIT, core=False, first_dose_days=0)
    schedules = replace_schedules(DEFAULT_SCHEDULES, (own,))
    dose = _dose(Antigen.RABIES, label_duration_months=36)
    assert next_due_on(schedules, Species.RABBIT, None, [dose], TODAY) == date(2027, 3, 9)
