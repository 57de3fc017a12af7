"""What the strategies draw is right, and reaches what is remarkable."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from vetcore import clock
from vetcore.database import Database
from vetcore.models import Appointment, Clinic, Pet, Room, User, Veterinarian
from vetcore.schemas import (
    AppointmentStaffResponse,
    ClinicCreate,
    ClinicResponse,
    PetCreate,
    PetResponse,
    UserCreate,
    UserResponse,
    VeterinarianCreate,
)
from vetcore.schemas.base import Create
from vetcore.testing import Scenario, make_clinic, make_room
from vetcore.testing import strategies as vets
from vetcore.testing.factories import MOST_SEEDS
from vetcore.values.animals import Species
from vetcore.values.hours import OpeningHours, parse_hours
from vetcore.values.weekly import WeeklyHours

_SEARCH = settings(max_examples=2000, deadline=None, phases=[Phase.generate], derandomize=True)
few = settings(max_examples=25, deadline=None)
T = TypeVar("T")
NOW = datetime(2026, 3, 9, 10, 0, tzinfo=UTC)


def there_is(strategy: st.SearchStrategy[T], wanted: Callable[[T], bool]) -> T:
    """An example of it that is as wanted; where none is drawn, the test fails."""
    return find(strategy, wanted, settings=_SEARCH)


@few
@given(vets.pets(), vets.users(), vets.clinics(), vets.veterinarians())
def test_entities_fit_their_responses(
    pet: Pet, person: User, clinic: Clinic, vet: Veterinarian
) -> None:
    shown = {"created_at": NOW, "updated_at": NOW, "version": 1}
    for entity, response in ((pet, PetResponse), (person, UserResponse), (clinic, ClinicResponse)):
        for name, value in shown.items():
            setattr(entity, name, value)
        response.model_validate(entity)
    assert pet.weight_kg is None or pet.weight_kg in pet.species.weight_range
    assert pet.born_on is None or all(
        dose.administered_on > pet.born_on for dose in pet.vaccinations
    )
    assert vet.is_licensed_on(clock.now().date())


@few
@given(vets.appointments(created_at=NOW, updated_at=NOW, version=1))
def test_appointments_fit_their_response(visit: Appointment) -> None:
    assert AppointmentStaffResponse.model_validate(visit).clinic_id == visit.clinic.id


@few
@given(vets.pets(species=Species.CAT, name=st.sampled_from(["Tom", "Kit"])))
def test_overrides_may_be_values_and_strategies(cat: Pet) -> None:
    assert cat.species is Species.CAT
    assert cat.name in {"Tom", "Kit"}


def test_pets_are_of_all_kinds() -> None:
    kinds = vets.pets(species=st.sampled_from([Species.HORSE, Species.MOUSE]))
    there_is(kinds, lambda pet: pet.species is Species.MOUSE)
    there_is(vets.pets(), lambda pet: pet.weight_kg is None and pet.born_on is None)
    heavy = there_is(vets.pets(species=Species.DOG), lambda pet: (pet.weight_kg or 0) > 50)
    assert heavy.species is Species.DOG
    there_is(vets.users(), lambda person: person.address is None)


@few
@given(vets.pets(species=st.sampled_from([Species.HORSE, Species.MOUSE])))
def test_a_drawn_species_is_what_the_rest_is_drawn_for(pet: Pet) -> None:
    assert pet.weight_kg is None or pet.weight_kg in pet.species.weight_range


@few
@given(vets.entities(make_room, clinic=vets.entities(make_clinic)))
def test_any_factory_is_a_strategy(room: Room) -> None:
    assert room.clinic_id == room.clinic.id


@settings(max_examples=15, deadline=None)
@given(st.data())
@pytest.mark.parametrize("schema", [ClinicCreate, PetCreate, UserCreate, VeterinarianCreate])
def test_schemas_come_whole_and_with_fields_left_out(
    schema: type[Create], data: st.DataObject
) -> None:
    made = data.draw(vets.creates(schema))
    assert schema.model_validate_json(made.model_dump_json(exclude_unset=True)) == made


def test_optional_fields_are_left_out_at_times() -> None:
    there_is(vets.creates(PetCreate), lambda pet: pet.microchip is None)
    there_is(vets.creates(PetCreate), lambda pet: pet.microchip is not None)
    kept = there_is(
        vets.creates(PetCreate, color="black"),
        lambda pet: (
            pet.model_fields_set
            <= {
                "name",
                "species",
                "color",
            }
        ),
    )
    assert kept.color == "black"


@settings(max_examples=100, deadline=None)
@given(vets.opening_hours(), vets.time_zones())
def test_opening_hours_can_be_read_anywhere(text: str, zone: str) -> None:
    assert parse_hours(text) == text
    OpeningHours(text, zone, "DE").spans_on(date(2026, 3, 28), date(2026, 3, 30))


@pytest.mark.parametrize("part", ["PH off", "24/7", "off", "Mo-Fr 08:00-12:00,13:00", "-Jan "])
def test_opening_hours_are_of_every_kind(part: str) -> None:
    there_is(vets.opening_hours(), lambda text: part in text)


def test_some_hours_go_overnight() -> None:
    there_is(
        vets.weekly_hours(),
        lambda week: any(span.closes < span.opens for span in week.monday),
    )


@few
@given(vets.weekly_hours(step_minutes=15))
def test_a_week_is_what_its_text_says(week: WeeklyHours) -> None:
    assert WeeklyHours.from_text(week.text) == week
    assert all(span.opens.minute % 15 == 0 for span in week.friday)


@pytest.mark.parametrize(
    ("zone", "year", "expected"),
    [
        ("Europe/Berlin", 2026, ["2026-03-29T01:00", "2026-10-25T01:00"]),
        ("America/New_York", 2026, ["2026-03-08T07:00", "2026-11-01T06:00"]),
        ("Australia/Lord_Howe", 2026, ["2026-04-04T15:00", "2026-10-03T15:30"]),
        ("Africa/Cairo", 2026, ["2026-04-23T22:00", "2026-10-29T21:00"]),
        ("Pacific/Apia", 2011, ["2011-04-02T14:00", "2011-09-24T14:00", "2011-12-30T10:00"]),
        ("Asia/Kathmandu", 2026, []),
    ],
)
def test_the_clocks_are_changed_when_they_are(zone: str, year: int, expected: list[str]) -> None:
    found = vets.clock_changes(zone, year)
    assert [f"{each:%Y-%m-%dT%H:%M}" for each in found] == expected
    assert all(each.second == 0 for each in found)


@few
@given(vets.instants_near_clock_changes("Europe/London", years=(2020, 2030)))
def test_instants_are_near_a_change(moment: datetime) -> None:
    place = ZoneInfo("Europe/London")
    offsets = {
        (moment + timedelta(minutes=minutes)).astimezone(place).utcoffset()
        for minutes in (-2161, 0, 2161)
    }
    assert len(offsets) == 2
    assert moment.tzinfo is UTC


@few
@given(vets.instants(years=(2010, 2011)), vets.instants_near_clock_changes(years=(2026, 2026)))
def test_instants_are_in_the_years_that_are_asked_for(some: datetime, near: datetime) -> None:
    assert some.year in {2010, 2011}
    assert some.tzinfo is UTC
    assert timedelta(days=-2) < near - datetime(2026, 1, 1, tzinfo=UTC) < timedelta(days=367)


@few
@given(vets.seeds())
def test_seeds_are_seeds(seed: int) -> None:
    assert 0 <= seed < MOST_SEEDS


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(vets.scenarios(veterinarians=2))
async def test_scenarios_can_be_made(db: Database, scenario: Scenario) -> None:
    async with db.trial() as session:
        world = await scenario.create(session)
        assert len(world.veterinarians_at(world.clinic)) == 2
        await session.rollback()
