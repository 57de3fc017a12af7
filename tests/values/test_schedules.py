"""What vaccinations are due: the rules of the guidelines, one by one."""

from collections.abc import Iterable
from datetime import date, timedelta

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from vetcore.errors import InvalidValue
from vetcore.values.animals import Species
from vetcore.values.schedules import (
    DEFAULT_SCHEDULES,
    DueStatus,
    DueVaccination,
    VaccinationSchedule,
    earliest_due,
    is_current,
    next_due,
    replace_schedules,
)
from vetcore.values.vaccination import Antigen, Vaccination

BORN = date(2025, 1, 1)
LATER = date(2040, 1, 1)


def at(*, weeks: int = 0, days: int = 0) -> date:
    """The day on which the animal is that old."""
    return BORN + timedelta(weeks=weeks, days=days)


def shot(
    antigen: Antigen, day: date, *, label: int | None = None, valid_until: date | None = None
) -> Vaccination:
    return Vaccination(
        antigens=(antigen,),
        administered_on=day,
        label_duration_months=label,
        valid_until=valid_until,
    )


def shots(antigen: Antigen, days: Iterable[date]) -> list[Vaccination]:
    return [shot(antigen, day) for day in days]


def schedule(species: Species, antigen: Antigen) -> VaccinationSchedule:
    return next(
        one for one in DEFAULT_SCHEDULES if (one.species, one.antigen) == (species, antigen)
    )


def due(
    species: Species,
    antigen: Antigen,
    given_: Iterable[Vaccination],
    as_of: date,
    born: date | None = BORN,
) -> DueVaccination | None:
    found = next_due([schedule(species, antigen)], species, born, given_, as_of)
    return found[0] if found else None


def due_on(
    species: Species, antigen: Antigen, days: Iterable[date], born: date | None = BORN
) -> date | None:
    given_ = shots(antigen, days)
    as_of = max((one.administered_on for one in given_), default=BORN)
    found = due(species, antigen, given_, as_of, born)
    return found.due_on if found else None


class TestRabies:
    @pytest.mark.parametrize("species", [Species.DOG, Species.CAT, Species.FERRET])
    def test_the_first_dose_is_due_at_84_days(self, species: Species) -> None:
        assert due_on(species, Antigen.RABIES, []) == at(days=84)

    def test_a_dose_before_84_days_does_not_count(self) -> None:
        early, right = at(days=83), at(days=84)
        assert due_on(Species.DOG, Antigen.RABIES, [early]) == early + timedelta(days=28)
        assert due_on(Species.DOG, Antigen.RABIES, [right]) == date(2026, 3, 26)

    @pytest.mark.parametrize("label", [None, 12, 36])
    def test_the_first_booster_is_after_one_year_whatever_the_label_says(
        self, label: int | None
    ) -> None:
        found = due(
            Species.DOG,
            Antigen.RABIES,
            [shot(Antigen.RABIES, BORN.replace(month=5), label=label)],
            LATER,
        )
        assert found is not None
        assert found.due_on == date(2026, 5, 1)
        assert (found.dose_number, found.reason) == (2, "first booster")

    @pytest.mark.parametrize(("label", "next_on"), [(None, 2027), (12, 2027), (36, 2029)])
    def test_later_boosters_go_by_the_label_and_yearly_without_one(
        self, label: int | None, next_on: int
    ) -> None:
        given_ = [
            shot(Antigen.RABIES, date(2025, 5, 1)),
            shot(Antigen.RABIES, date(2026, 5, 1), label=label),
        ]
        found = due(Species.CAT, Antigen.RABIES, given_, date(2026, 6, 1))
        assert found is not None
        assert found.due_on == date(next_on, 5, 1)

    def test_an_overdue_booster_makes_the_animal_current_at_once(self) -> None:
        first, late = date(2025, 5, 1), date(2029, 5, 1)
        given_ = [shot(Antigen.RABIES, first), shot(Antigen.RABIES, late, label=36)]
        rabies = schedule(Species.DOG, Antigen.RABIES)
        assert not is_current(rabies, BORN, given_, late - timedelta(days=1))
        assert is_current(rabies, BORN, given_, late)
        found = due(Species.DOG, Antigen.RABIES, given_, late)
        assert found is not None
        assert found.due_on == date(2032, 5, 1)

    def test_the_first_dose_immunises_after_28_days(self) -> None:
        first = at(weeks=12)
        rabies = schedule(Species.DOG, Antigen.RABIES)
        given_ = [shot(Antigen.RABIES, first)]
        assert not is_current(rabies, BORN, given_, first + timedelta(days=27))
        assert is_current(rabies, BORN, given_, first + timedelta(days=28))
        assert is_current(rabies, BORN, given_, date(2026, 3, 26))
        assert not is_current(rabies, BORN, given_, date(2026, 3, 27))

    def test_a_second_dose_within_half_a_year_is_no_booster(self) -> None:
        days = [at(weeks=12), at(weeks=20)]
        assert due_on(Species.DOG, Antigen.RABIES, days) == date(2026, 5, 21)
        found = due(Species.DOG, Antigen.RABIES, shots(Antigen.RABIES, days), days[-1])
        assert found is not None
        assert found.reason == "first booster"


class TestSeries:
    def test_a_puppy_is_vaccinated_until_16_weeks(self) -> None:
        parvo = Antigen.CANINE_PARVOVIRUS
        given_ = [at(weeks=8)]
        assert due_on(Species.DOG, parvo, []) == at(weeks=6)
        assert due_on(Species.DOG, parvo, given_) == at(weeks=12)
        assert due_on(Species.DOG, parvo, [*given_, at(weeks=12)]) == at(weeks=16)
        complete = [*given_, at(weeks=12), at(weeks=16)]
        assert due_on(Species.DOG, parvo, complete) == date(2026, 4, 23)

    def test_a_dose_one_day_short_of_16_weeks_does_not_end_the_series(self) -> None:
        days = [at(weeks=8), at(weeks=12), at(weeks=16, days=-1)]
        assert due_on(Species.DOG, Antigen.CANINE_DISTEMPER, days) == days[-1] + timedelta(days=28)

    def test_an_adult_gets_two_doses_and_then_every_three_years(self) -> None:
        parvo = Antigen.CANINE_PARVOVIRUS
        first = date(2028, 1, 10)
        assert due_on(Species.DOG, parvo, [first]) == date(2028, 2, 7)
        primary = [first, date(2028, 2, 7)]
        assert due_on(Species.DOG, parvo, primary) == date(2029, 2, 7)
        assert due_on(Species.DOG, parvo, [*primary, date(2029, 2, 1)]) == date(2032, 2, 1)

    def test_an_animal_of_unknown_age_is_taken_for_an_adult(self) -> None:
        days = [date(2028, 1, 10), date(2028, 2, 7)]
        assert due_on(Species.DOG, Antigen.CANINE_PARVOVIRUS, days, born=None) == date(2029, 2, 7)
        as_of = date(2028, 1, 1)
        found = due(Species.DOG, Antigen.CANINE_PARVOVIRUS, [], as_of, born=None)
        assert found is not None
        assert (found.due_on, found.status) == (as_of, DueStatus.DUE)

    def test_a_dose_too_soon_after_another_does_not_count(self) -> None:
        days = [date(2028, 1, 10), date(2028, 1, 23)]
        found = due(
            Species.DOG, Antigen.LEPTOSPIROSIS, shots(Antigen.LEPTOSPIROSIS, days), days[-1]
        )
        assert found is not None
        assert (found.due_on, found.dose_number) == (date(2028, 2, 20), 2)
        counted = [date(2028, 1, 10), date(2028, 1, 24)]
        assert due_on(Species.DOG, Antigen.LEPTOSPIROSIS, counted) == date(2029, 1, 24)

    def test_a_leptospirosis_series_that_lapsed_begins_anew(self) -> None:
        lepto = Antigen.LEPTOSPIROSIS
        within = [date(2028, 1, 10), date(2028, 2, 21)]
        lapsed = [date(2028, 1, 10), date(2028, 2, 22)]
        assert due_on(Species.DOG, lepto, within) == date(2029, 2, 21)
        assert due_on(Species.DOG, lepto, lapsed) == date(2028, 3, 21)
        found = due(Species.DOG, lepto, shots(lepto, lapsed[:1]), date(2028, 2, 22))
        assert found is not None
        assert found.reason == "primary series, to begin anew"

    def test_a_kitten_has_its_first_booster_at_half_a_year(self) -> None:
        virus = Antigen.FELINE_PANLEUKOPENIA
        series = [at(weeks=8), at(weeks=12), at(weeks=16)]
        assert due_on(Species.CAT, virus, series) == at(weeks=26)
        boosted = [*series, at(weeks=26)]
        assert due_on(Species.CAT, virus, boosted) == date(2028, 7, 2)

    def test_an_adult_cat_has_its_first_booster_after_a_year(self) -> None:
        days = [date(2028, 1, 10), date(2028, 2, 7)]
        assert due_on(Species.CAT, Antigen.FELINE_CALICIVIRUS, days) == date(2029, 2, 7)

    def test_a_dose_given_late_in_the_series_still_moves_the_booster(self) -> None:
        days = [at(weeks=8), at(weeks=12), at(weeks=16), at(weeks=20)]
        assert due_on(Species.DOG, Antigen.CANINE_ADENOVIRUS, days) == date(2026, 5, 21)


class TestWhoIsAsked:
    def test_only_core_vaccines_are_due_for_an_animal_that_never_had_one(self) -> None:
        found = next_due(DEFAULT_SCHEDULES, Species.DOG, BORN, [], BORN)
        assert {one.antigen for one in found} == {
            Antigen.RABIES,
            Antigen.CANINE_DISTEMPER,
            Antigen.CANINE_ADENOVIRUS,
            Antigen.CANINE_PARVOVIRUS,
            Antigen.LEPTOSPIROSIS,
        }
        assert [one.due_on for one in found] == sorted(one.due_on for one in found)
        assert earliest_due(found) == at(weeks=6)

    def test_what_was_begun_is_continued(self) -> None:
        days = [date(2028, 1, 10), date(2028, 2, 7)]
        assert due_on(Species.DOG, Antigen.LYME, []) is None
        assert due_on(Species.DOG, Antigen.LYME, days) == date(2029, 2, 7)
        assert due_on(Species.DOG, Antigen.BORDETELLA, days[:1]) == date(2029, 1, 10)

    def test_feline_leukemia_is_core_for_cats_under_one_year(self) -> None:
        felv = Antigen.FELINE_LEUKEMIA
        last_day = at(days=364)
        assert due(Species.CAT, felv, [], last_day) is not None
        assert due(Species.CAT, felv, [], last_day + timedelta(days=1)) is None
        assert due(Species.CAT, felv, [], last_day, born=None) is None
        assert due_on(Species.CAT, felv, [at(weeks=8), at(weeks=12)]) == date(2026, 3, 26)

    def test_a_species_without_schedules_has_nothing_due(self) -> None:
        assert next_due(DEFAULT_SCHEDULES, Species.GOAT, BORN, [], LATER) == []
        assert earliest_due([]) is None

    def test_a_combined_vaccine_counts_for_each_of_its_antigens(self) -> None:
        both = (Antigen.CANINE_DISTEMPER, Antigen.CANINE_PARVOVIRUS)
        given_ = [Vaccination(antigens=both, administered_on=at(weeks=8))]
        found = next_due(DEFAULT_SCHEDULES, Species.DOG, BORN, given_, at(weeks=8))
        assert [one.due_on for one in found if one.antigen in both] == [at(weeks=12)] * 2

    def test_a_date_on_the_certificate_goes_before_the_schedule(self) -> None:
        until = date(2027, 3, 1)
        given_ = [shot(Antigen.RABIES, at(weeks=12), valid_until=until)]
        found = due(Species.DOG, Antigen.RABIES, given_, at(weeks=13))
        assert found is not None
        assert found.due_on == until
        rabies = schedule(Species.DOG, Antigen.RABIES)
        assert is_current(rabies, BORN, given_, until)
        assert not is_current(rabies, BORN, given_, until + timedelta(days=1))

    def test_a_later_dose_without_a_date_goes_by_the_schedule_again(self) -> None:
        given_ = [
            shot(Antigen.RABIES, date(2025, 5, 1), valid_until=date(2030, 1, 1)),
            shot(Antigen.RABIES, date(2026, 5, 1), label=36),
        ]
        found = due(Species.DOG, Antigen.RABIES, given_, date(2026, 5, 1))
        assert found is not None
        assert found.due_on == date(2029, 5, 1)

    @pytest.mark.parametrize(
        ("day", "status"),
        [(83, DueStatus.UPCOMING), (84, DueStatus.DUE), (85, DueStatus.OVERDUE)],
    )
    def test_the_status_says_how_the_day_lies(self, day: int, status: DueStatus) -> None:
        found = due(Species.DOG, Antigen.RABIES, [], at(days=day))
        assert found is not None
        assert found.status is status
        assert "NASPHV" in found.source

    def test_what_was_given_later_is_not_looked_at(self) -> None:
        given_ = shots(Antigen.RABIES, [at(weeks=12), at(weeks=64)])
        then = due(Species.DOG, Antigen.RABIES, given_, at(weeks=13))
        assert then is not None
        assert then.dose_number == 2


class TestSchedulesAsData:
    def test_each_default_says_who_recommends_it_and_is_there_once(self) -> None:
        keys = [(one.species, one.antigen) for one in DEFAULT_SCHEDULES]
        assert len(set(keys)) == len(keys)
        assert all(len(one.source) > 40 for one in DEFAULT_SCHEDULES)

    def test_the_schedules_survive_a_json_column(self) -> None:
        column = TypeAdapter(tuple[VaccinationSchedule, ...])
        assert column.validate_json(column.dump_json(DEFAULT_SCHEDULES)) == DEFAULT_SCHEDULES

    def test_a_clinic_replaces_one_and_keeps_the_others(self) -> None:
        yearly = schedule(Species.DOG, Antigen.RABIES).replace(by_label=False, source="State law")
        merged = replace_schedules(DEFAULT_SCHEDULES, [yearly])
        assert len(merged) == len(DEFAULT_SCHEDULES)
        lost = [one for one in DEFAULT_SCHEDULES if one not in merged]
        assert lost == [schedule(Species.DOG, Antigen.RABIES)]
        given_ = [
            shot(Antigen.RABIES, date(2025, 5, 1)),
            shot(Antigen.RABIES, date(2026, 5, 1), label=36),
        ]
        found = next_due(merged, Species.DOG, BORN, given_, date(2026, 5, 2))
        rabies = next(one for one in found if one.antigen is Antigen.RABIES)
        assert (rabies.due_on, rabies.source) == (date(2027, 5, 1), "State law")

    def test_a_series_cannot_end_before_it_begins(self) -> None:
        with pytest.raises(pydantic.ValidationError, match="primary_until_days"):
            VaccinationSchedule(
                species=Species.CAT,
                antigen=Antigen.OTHER,
                core=False,
                source="A slip",
                first_dose_days=100,
                primary_until_days=99,
            )


DAYS = st.lists(st.dates(date(2025, 1, 1), date(2035, 1, 1)), max_size=8, unique=True)


@given(st.sampled_from(DEFAULT_SCHEDULES), DAYS)
def test_the_order_in_which_doses_were_entered_does_not_matter(
    one: VaccinationSchedule, days: list[date]
) -> None:
    given_ = shots(one.antigen, days)
    backwards = given_[::-1]
    assert next_due([one], one.species, BORN, given_, LATER) == next_due(
        [one], one.species, BORN, backwards, LATER
    )


@given(st.sampled_from(DEFAULT_SCHEDULES), DAYS)
def test_the_next_dose_is_after_the_last_and_no_more_than_three_years_and_a_month_away(
    one: VaccinationSchedule, days: list[date]
) -> None:
    for found in next_due([one], one.species, BORN, shots(one.antigen, days), LATER):
        assert found.dose_number <= len(days) + 1
        if days:
            assert max(days) < found.due_on
            assert found.due_on <= max(*days, BORN) + timedelta(days=3 * 366 + 31)


@given(st.sampled_from(DEFAULT_SCHEDULES), DAYS, st.dates(date(2025, 1, 1), date(2038, 1, 1)))
def test_who_is_current_has_nothing_overdue(
    one: VaccinationSchedule, days: list[date], day: date
) -> None:
    given_ = shots(one.antigen, days)
    if is_current(one, BORN, given_, day):
        [found] = next_due([one], one.species, BORN, given_, day)
        assert found.status is not DueStatus.OVERDUE


@given(st.sampled_from(DEFAULT_SCHEDULES), st.integers(0, 400), st.integers(0, 30))
def test_an_animal_that_comes_when_it_is_called_is_current_for_life(
    one: VaccinationSchedule, begins: int, late: int
) -> None:
    given_: list[Vaccination] = []
    day = BORN + timedelta(days=one.first_dose_days + begins * (one.core_until_days is None))
    while day < date(2032, 1, 1):
        given_.append(shot(one.antigen, day))
        [found] = next_due([one], one.species, BORN, given_, day)
        assert found.due_on > day
        day = found.due_on
    assert is_current(one, BORN, given_, date(2031, 12, 31))
    assert not is_current(one, BORN, given_, day + timedelta(days=1 + late))


@pytest.mark.parametrize("born", [date(9999, 12, 1), date(9999, 12, 31)])
def test_what_would_be_due_after_the_last_day_of_the_calendar_is_refused(born: date) -> None:
    with pytest.raises(InvalidValue, match="calendar"):
        next_due(DEFAULT_SCHEDULES, Species.DOG, born, [], born)


def test_protection_is_reckoned_up_to_the_last_day_of_the_calendar() -> None:
    dose = shot(Antigen.RABIES, date(2199, 12, 31))
    rabies = schedule(Species.DOG, Antigen.RABIES)
    assert not is_current(rabies, None, [dose], date(2200, 1, 27))
    assert is_current(rabies, None, [dose], date(2200, 1, 28))
