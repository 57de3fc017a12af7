"""What the factories make is plausible: of its species, its place, its clinic and its time."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
import pytest

from vetcore import clock
from vetcore.database import Database
from vetcore.schemas import (
    PetAdminResponse,
)
from vetcore.testing import (
    create,
    make_appointment,
    make_clinic,
    make_clinic_closure,
    make_medical_record,
    make_pet,
    make_staff_membership,
    make_user,
    make_veterinarian,
    make_waitlist_entry,
)
from vetcore.testing.factories.pets import _BREEDS, _KINDS  # pyright: ignore[reportPrivateUsage]
from vetcore.testing.factories.places import PLACES, phone_in
from vetcore.values.address import Address
from vetcore.values.animals import PetStatus, Species
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.breeds import canonical_breeds
from vetcore.values.clinics import ServiceType
from vetcore.values.contact import normalize_email, normalize_phone, normalize_postal_code
from vetcore.values.hours import OpeningHours, parse_hours
from vetcore.values.licensing import normalize_jurisdiction, normalize_license_number
from vetcore.values.microchip import Microchip
from vetcore.values.people import Role
from vetcore.values.services import ServiceCatalog, ServiceOffering

NOW = datetime(2026, 3, 9, 10, 0, tzinfo=UTC)
"""A Monday."""


@pytest.mark.parametrize("species", Species)
def test_a_pet_is_usual_for_its_species(species: Species) -> None:
    for _ in range(10):
        pet = make_pet(species=species)
        assert pet.weight_kg in species.weight_range
        assert set(pet.breeds) <= set(canonical_breeds(species))
        assert pet.born_on is not None
        assert pet.born_on < clock.now().date()
        for dose in pet.vaccinations:
            assert pet.born_on < dose.administered_on <= clock.now().date()
        chip = Microchip.parse(pet.microchip or "")
        assert chip.is_iso
        assert chip.is_test


def test_the_tables_of_animals_are_plausible() -> None:
    assert set(_KINDS) == set(Species)
    for species, kind in _KINDS.items():
        assert Decimal(kind.lightest) in species.weight_range
        assert Decimal(kind.heaviest) in species.weight_range
    for species, breeds in _BREEDS.items():
        assert {name for name, _, _ in breeds} <= set(canonical_breeds(species))


@pytest.mark.parametrize("there", PLACES, ids=lambda there: there.city)
def test_the_tables_of_places_are_right(there: Any) -> None:
    assert normalize_jurisdiction(there.jurisdiction) == there.jurisdiction
    ZoneInfo(there.timezone)
    for code in there.postal_codes:
        assert normalize_postal_code(code, there.country) == code
    for _ in range(20):
        number = phone_in(there)
        assert normalize_phone(number) == number
        parsed = phonenumbers.parse(number)
        assert phonenumbers.country_code_for_region(there.country) == parsed.country_code


@pytest.mark.parametrize("country", ["AU", "DE", "FR", "GB", "US"])
def test_people_and_clinics_are_of_the_country_that_is_asked_for(country: str) -> None:
    person, clinic = make_user(country=country), make_clinic(country=country)
    assert person.address is not None
    assert person.address.country == clinic.address.country == country
    assert normalize_email(person.email) == person.email
    vet = make_veterinarian(user=person)
    assert vet.license_jurisdiction.startswith(country)
    assert (clinic.license_jurisdiction or "").startswith(country)
    assert normalize_license_number(vet.license_number) == vet.license_number
    assert parse_hours(clinic.opening_hours) == clinic.opening_hours


def test_a_time_zone_says_where_a_clinic_is() -> None:
    assert make_clinic(timezone="Europe/Berlin").address.city == "Berlin"
    assert make_clinic(timezone="Asia/Kathmandu").timezone == "Asia/Kathmandu"
    assert make_clinic(country="DE", timezone="Asia/Kathmandu").address.city == "Berlin"


def test_an_address_elsewhere_has_no_coordinates_of_ours() -> None:
    clinic = make_clinic(address=Address(line1="Thamel 3", city="Kathmandu", country="NP"))
    assert clinic.latitude is None
    assert clinic.longitude is None
    assert make_clinic().latitude is not None
    vet = make_veterinarian(user=make_user(address=clinic.address))
    assert vet.license_jurisdiction == "NP"


@pytest.mark.parametrize(
    ("given", "other"),
    [("latitude", "longitude"), ("license_number", "license_jurisdiction")],
)
def test_leaving_out_one_of_two_leaves_out_the_other(given: str, other: str) -> None:
    assert getattr(make_clinic(**{given: None}), other) is None
    assert getattr(make_clinic(**{other: None}), given) is None


def test_a_licence_is_good_today() -> None:
    assert all(make_veterinarian().is_licensed_on(clock.now().date()) for _ in range(20))


def test_an_appointment_lies_in_the_opening_hours_with_its_buffers() -> None:
    for _ in range(20):
        visit = make_appointment()
        clinic = visit.clinic
        offering = clinic.services.get(visit.service)
        assert offering is not None
        assert visit.ends_at - visit.starts_at == offering.duration
        assert visit.starts_at - visit.occupied_from == offering.buffer_before
        assert visit.occupied_until - visit.ends_at == offering.buffer_after
        assert visit.room is not None
        assert visit.room.kind is offering.room_kind
        hours = OpeningHours(clinic.opening_hours, clinic.timezone, clinic.address.country)
        open_ = hours.intervals(visit.occupied_from, visit.occupied_until)
        assert [tuple(span) for span in open_] == [(visit.occupied_from, visit.occupied_until)]
        assert visit.starts_at > clock.now()
        assert visit.booked_by_id == visit.pet.owner_id


@pytest.mark.parametrize(
    ("status", "is_in_the_past"),
    [
        (AppointmentStatus.COMPLETED, True),
        (AppointmentStatus.NO_SHOW, True),
        (AppointmentStatus.CONFIRMED, False),
        (AppointmentStatus.HELD, False),
    ],
)
def test_an_appointment_is_when_its_status_says(
    status: AppointmentStatus, is_in_the_past: bool
) -> None:
    clinic = make_clinic()
    visits = [make_appointment(clinic=clinic, status=status) for _ in range(5)]
    for visit in visits:
        assert (visit.ends_at < clock.now()) is is_in_the_past
    for before, after in pairwise(visits):
        assert before.occupied_until <= after.occupied_from


def test_what_is_not_stored_yet_can_be_shown() -> None:
    assert PetAdminResponse.model_validate(make_pet()).version == 1


def test_an_appointment_keeps_the_catalogue_of_the_clinic() -> None:
    surgery = ServiceOffering(
        service=ServiceType.SURGERY, duration_minutes=120, buffer_before_minutes=30
    )
    clinic = make_clinic(services=ServiceCatalog(offerings=(surgery,)))
    visit = make_appointment(clinic=clinic, estimated_cost=Decimal(500))
    assert visit.service == ServiceType.SURGERY
    assert visit.starts_at - visit.occupied_from == timedelta(minutes=30)
    assert visit.ends_at - visit.starts_at == timedelta(hours=2)
    assert visit.currency == "USD"


def test_an_appointment_at_a_clinic_that_never_opens_is_made_all_the_same() -> None:
    visit = make_appointment(clinic=make_clinic(opening_hours="off"))
    assert visit.starts_at > clock.now()


async def test_an_appointment_of_any_status_can_be_stored(db: Database) -> None:
    async with db.transaction() as session:
        for status in AppointmentStatus:
            visit = await create(session, make_appointment, status=status)
            assert visit.status is status


def test_a_stray_has_no_owner() -> None:
    stray = make_pet(owner=None)
    assert stray.owner_id is None
    assert stray.owner is None


def test_a_pet_that_died_was_vaccinated_before() -> None:
    for _ in range(20):
        pet = make_pet(died_on=date(2020, 5, 1), species=Species.DOG)
        assert pet.status is PetStatus.DECEASED
        assert pet.next_vaccination_due_on is None
        assert all(dose.administered_on <= date(2020, 5, 1) for dose in pet.vaccinations)
        assert pet.born_on is not None
        assert pet.born_on < date(2020, 5, 1)


def test_a_newborn_has_had_no_vaccination_and_no_weighing() -> None:
    puppy = make_pet(species=Species.DOG, born_on=clock.now().date())
    assert puppy.vaccinations == ()
    assert puppy.medical_history.weights == ()


@pytest.mark.parametrize("age", [0, 5])
def test_a_visit_lies_in_the_pets_life(age: int) -> None:
    for _ in range(10):
        born_on = clock.now().date() - timedelta(days=age)
        note = make_medical_record(pet=make_pet(born_on=born_on), clinic=make_clinic(country="GB"))
        assert note.visited_at <= clock.now()
        assert note.visited_at.astimezone(ZoneInfo("Europe/London")).date() >= born_on


def test_a_note_is_of_its_appointment() -> None:
    visit = make_appointment(starts_at=NOW - timedelta(days=4))
    note = make_medical_record(appointment=visit)
    assert (note.pet_id, note.clinic_id, note.visited_at) == (
        visit.pet_id,
        visit.clinic_id,
        visit.starts_at,
    )
    assert note.veterinarian is visit.practitioner.veterinarian


def test_dates_that_are_given_keep_the_others_in_order() -> None:
    closure = make_clinic_closure(last_on=date(2026, 1, 2))
    assert closure.first_on <= date(2026, 1, 2)
    post = make_staff_membership(ends_on=date(2001, 1, 1), role=Role.RECEPTIONIST)
    assert post.starts_on < date(2001, 1, 1)
    assert post.user.role is Role.RECEPTIONIST
    entry = make_waitlist_entry(latest_at=NOW - timedelta(days=90))
    assert entry.earliest_at < entry.latest_at
