"""What is known of a pet's health, and what was measured and prescribed at its visits."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from vetcore.errors import InvalidInput, InvalidValue
from vetcore.values.animals import PetStatus, Sex, Species
from vetcore.values.dates import add_months
from vetcore.values.medical import (
    Allergy,
    Condition,
    ConditionStatus,
    MedicalHistory,
    Medication,
    Surgery,
    WeightMeasurement,
)
from vetcore.values.reference import reference_ranges, weight_range
from vetcore.values.vaccination import Antigen, Vaccination, chronological, with_vaccination
from vetcore.values.visits import ControlledSchedule, Prescription, Vitals

DAY = date(2026, 3, 8)
NOON = datetime(2026, 3, 8, 12, tzinfo=UTC)


def _shot(day: date = DAY, *antigens: Antigen) -> Vaccination:
    return Vaccination(antigens=antigens or (Antigen.RABIES,), administered_on=day)


@given(st.permutations([None, date(2024, 1, 1), date(2025, 1, 1), date(2026, 1, 1)]))
def test_a_history_is_in_the_order_of_its_days_whichever_way_it_came(
    days: list[date | None],
) -> None:
    history = MedicalHistory()
    for day in days:
        name = f"on {day}"
        history = history.with_allergy(Allergy(substance=name, noted_on=day))
        history = history.with_condition(Condition(name=name, diagnosed_on=day))
        history = history.with_medication(Medication(name=name, started_on=day))
    expected = ["on None", "on 2024-01-01", "on 2025-01-01", "on 2026-01-01"]
    assert [entry.substance for entry in history.allergies] == expected
    assert [entry.name for entry in history.conditions] == expected
    assert [entry.name for entry in history.medications] == expected


@given(st.permutations(range(4)))
def test_the_latest_weight_is_the_last_one_measured(hours: list[int]) -> None:
    history = MedicalHistory()
    assert history.latest_weight is None
    for hour in hours:
        history = history.with_weight(
            WeightMeasurement(
                kilograms=Decimal(10 + hour), measured_at=NOON + timedelta(hours=hour)
            )
        )
    assert history.latest_weight is not None
    assert history.latest_weight.kilograms == 13
    assert [weight.kilograms for weight in history.weights] == [10, 11, 12, 13]


@pytest.mark.parametrize(
    ("add", "entry", "same", "another"),
    [
        (
            MedicalHistory.with_allergy,
            Allergy(substance="Beef"),
            Allergy(substance="BEEF", noted_on=DAY),
            Allergy(substance="Pork"),
        ),
        (
            MedicalHistory.with_condition,
            Condition(name="Otitis", diagnosed_on=DAY),
            Condition(name="otitis", diagnosed_on=DAY, status="chronic"),
            Condition(name="Otitis", diagnosed_on=DAY + timedelta(days=1)),
        ),
        (
            MedicalHistory.with_medication,
            Medication(name="Carprofen", started_on=DAY),
            Medication(name="carprofen", started_on=DAY, dose="2 mg/kg"),
            Medication(name="Carprofen", started_on=DAY + timedelta(days=1)),
        ),
        (
            MedicalHistory.with_surgery,
            Surgery(procedure="Spay", performed_on=DAY),
            Surgery(procedure="spay", performed_on=DAY, complications="none"),
            Surgery(procedure="Spay", performed_on=DAY + timedelta(days=1)),
        ),
        (
            MedicalHistory.with_weight,
            WeightMeasurement(kilograms=4, measured_at=NOON),
            WeightMeasurement(kilograms=5, measured_at=NOON),
            WeightMeasurement(kilograms=4, measured_at=NOON + timedelta(minutes=1)),
        ),
    ],
)
def test_nothing_is_recorded_twice(add: Any, entry: Any, same: Any, another: Any) -> None:
    history = add(MedicalHistory(), entry)
    with pytest.raises(InvalidInput, match="holds an entry twice"):
        add(history, same)
    assert add(history, another) != history != MedicalHistory()


def test_an_allergy_is_found_by_its_substance_in_any_case() -> None:
    history = MedicalHistory(allergies=(Allergy(substance="Straße"), Allergy(substance="Beef")))
    assert history.allergy_to(" BEEF ") == history.allergies[0]
    assert history.allergy_to("STRASSE") == history.allergies[1]
    assert history.allergy_to("bee") is None


def test_what_is_resolved_is_no_longer_current() -> None:
    history = MedicalHistory(
        conditions=(
            Condition(name="Otitis", status="resolved", diagnosed_on=DAY, resolved_on=DAY),
            Condition(name="Arthritis", status="chronic"),
            Condition(name="Cough"),
        )
    )
    assert {entry.name for entry in history.current_conditions} == {"Arthritis", "Cough"}


@pytest.mark.parametrize(
    ("given_", "field"),
    [
        ({"resolved_on": "2026-03-08"}, "status"),
        ({"resolved_on": "2026-03-08", "status": "chronic"}, "status"),
        (
            {"diagnosed_on": "2026-03-08", "resolved_on": "2026-03-07", "status": "resolved"},
            "resolved_on",
        ),
    ],
)
def test_a_condition_does_not_contradict_itself(given_: dict[str, str], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Condition.model_validate({"name": "Otitis"} | given_)
    assert [issue["loc"] for issue in refused.value.errors()] == [(field,)]


@pytest.mark.parametrize(
    ("started", "ended", "taken"),
    [
        (None, None, [True, True, True]),
        (DAY, None, [False, True, True]),
        (None, DAY, [True, True, False]),
        (DAY, DAY, [False, True, False]),
    ],
)
def test_a_drug_is_taken_from_its_first_to_its_last_day(
    started: date | None, ended: date | None, taken: list[bool]
) -> None:
    drug = Medication(name="Carprofen", started_on=started, ended_on=ended)
    days = [DAY + timedelta(days=offset) for offset in (-1, 0, 1)]
    assert [drug.is_taken_on(day) for day in days] == taken
    history = MedicalHistory(medications=(drug,))
    assert [history.medications_on(day) == (drug,) for day in days] == taken


@pytest.mark.parametrize(
    ("species", "kilograms", "plausible"),
    [
        (Species.CAT, "4.2", True),
        (Species.CAT, "25", True),
        (Species.CAT, "0.04", True),
        (Species.CAT, "25.001", False),
        (Species.CAT, "0.039", False),
        (Species.DOG, "160", True),
        (Species.DOG, "160.1", False),
        (Species.DOG, "0.05", True),
        (Species.DOG, "0.049", False),
    ],
)
def test_a_slip_of_units_is_no_weight_of_the_species(
    species: Species, kilograms: str, plausible: bool
) -> None:
    weight = WeightMeasurement(kilograms=Decimal(kilograms), measured_at=NOON)
    assert weight.is_plausible_for(species) is plausible
    warnings = Vitals(weight_kg=Decimal(kilograms)).warnings(species)
    assert bool(warnings) is not plausible


@pytest.mark.parametrize("species", list(Species))
def test_every_species_has_plausible_weights_and_sane_ranges(species: Species) -> None:
    assert 0 < weight_range(species).low < weight_range(species).high
    assert "4" not in species.weight_range
    for expected in reference_ranges(species).values():
        assert 0 < expected.low < expected.high
        assert expected.source
        assert expected.low in expected
        assert expected.high in expected
        assert expected.high + 1 not in expected
        assert str(expected.low) not in expected


@pytest.mark.parametrize(
    ("vitals", "warnings"),
    [
        (Vitals(), []),
        (Vitals(temperature_c="38.6", heart_rate_bpm=180, respiratory_rate_bpm=24), []),
        (Vitals(temperature_c="39.3"), ["temperature_c 39.3 is above 38.1 to 39.2"]),
        (Vitals(heart_rate_bpm=119), ["heart_rate_bpm 119 is below 120 to 220"]),
        (Vitals(respiratory_rate_bpm=41), ["respiratory_rate_bpm 41 is above 16 to 40"]),
        (
            Vitals(capillary_refill_seconds="2.5", weight_kg=42),
            [
                "weight_kg 42 is above 0.04 to 25",
                "capillary_refill_seconds 2.5 is above 0 to 2",
            ],
        ),
    ],
)
def test_what_is_remarkable_in_a_cat_is_told_in_a_sentence(
    vitals: Vitals, warnings: list[str]
) -> None:
    assert [str(warning) for warning in vitals.warnings(Species.CAT)] == warnings
    assert all(warning.expected.source for warning in vitals.warnings(Species.CAT))


def test_a_species_without_ranges_gets_no_warnings_but_of_weight() -> None:
    hot = Vitals(temperature_c=45, heart_rate_bpm=900, respiratory_rate_bpm=500)
    assert hot.warnings(Species.SNAKE) == ()


@pytest.mark.parametrize(
    ("schedule", "refills", "allowed"),
    [
        (None, 99, True),
        ("II", 0, True),
        ("II", 1, False),
        ("III", 5, True),
        ("III", 6, False),
        ("IV", 5, True),
        ("IV", 6, False),
        ("V", 12, True),
    ],
)
def test_refills_are_as_many_as_the_schedule_allows(
    schedule: str | None, refills: int, allowed: bool
) -> None:
    form: dict[str, object] = {"drug": "D", "dose": "1", "frequency": "daily"}
    form |= {"controlled_schedule": schedule, "refills": refills}
    if allowed:
        assert Prescription.model_validate(form).refills == refills
    else:
        with pytest.raises(ValidationError, match="21 CFR 1306"):
            Prescription.model_validate(form)


@pytest.mark.parametrize("schedule", [None, *ControlledSchedule])
def test_iii_and_iv_are_filled_within_six_months(schedule: ControlledSchedule | None) -> None:
    order = Prescription(drug="D", dose="1", frequency="daily", controlled_schedule=schedule)
    limited = schedule in {ControlledSchedule.III, ControlledSchedule.IV}
    assert order.fillable_until(date(2026, 8, 31)) == (date(2027, 2, 28) if limited else None)
    assert not limited or order.fillable_until(DAY) == add_months(DAY, 6)


def test_a_vaccination_names_each_agent_once() -> None:
    shot = _shot(DAY, Antigen.RABIES, Antigen.LEPTOSPIROSIS, Antigen.RABIES)
    assert shot.antigens == (Antigen.RABIES, Antigen.LEPTOSPIROSIS)
    assert shot.protects_against(Antigen.LEPTOSPIROSIS)
    assert not shot.protects_against(Antigen.LYME)
    with pytest.raises(ValidationError):
        Vaccination(antigens=(), administered_on=DAY)
    with pytest.raises(ValidationError, match="must not be before administered_on"):
        Vaccination(
            antigens=(Antigen.RABIES,),
            administered_on=DAY,
            valid_until=DAY - timedelta(days=1),
        )


@given(st.permutations(range(5)))
def test_vaccinations_are_kept_by_day(offsets: list[int]) -> None:
    kept: tuple[Vaccination, ...] = ()
    for offset in offsets:
        kept = with_vaccination(kept, _shot(DAY + timedelta(days=offset)))
    assert [shot.administered_on - DAY for shot in kept] == [timedelta(days=n) for n in range(5)]
    assert chronological(reversed(kept)) == kept


def test_the_same_vaccination_is_not_recorded_twice() -> None:
    shot = _shot()
    kept = with_vaccination([], shot)
    for again in (
        shot,
        _shot(),
        _shot(DAY, Antigen.LYME, Antigen.RABIES),
        shot.replace(administered_on=DAY + timedelta(days=1)),
    ):
        with pytest.raises(InvalidValue, match="is recorded already"):
            with_vaccination(kept, again)
    assert len(with_vaccination(kept, _shot(DAY, Antigen.LYME))) == 2
    assert len(with_vaccination(kept, _shot(DAY + timedelta(days=1)))) == 2


def test_the_lost_may_come_to_the_clinic_and_the_dead_and_the_rehomed_do_not() -> None:
    assert {status for status in PetStatus if status.bookable} == {
        PetStatus.ACTIVE,
        PetStatus.LOST,
    }
    assert {sex.value for sex in Sex} == {"female", "male", "unknown"}
    assert ConditionStatus("active") is ConditionStatus.ACTIVE
