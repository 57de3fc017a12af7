"""What the factories make hangs together, can be stored on both engines, and comes again by seed."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from sqlalchemy import func, inspect, select

import vetcore.schemas
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import InvalidValue
from vetcore.models import Appointment, Base, Entity, Pet, PetCoOwner, Room, StaffMembership, User
from vetcore.scheduling import find_slots
from vetcore.schemas import (
    AppointmentHoldCreate,
    ClinicCreate,
    PetAdminResponse,
    PetCreate,
    UserCreate,
)
from vetcore.schemas.base import Create, Response
from vetcore.testing import (
    create,
    create_all,
    create_many,
    factories,
    make_appointment,
    make_clinic,
    make_clinic_closure,
    make_create,
    make_medical_record,
    make_pet,
    make_pet_co_owner,
    make_room,
    make_staff_membership,
    make_time_off,
    make_user,
    make_vaccination_reminder,
    make_veterinarian,
    make_waitlist_entry,
    make_webhook_delivery,
    seeded,
)
from vetcore.testing.factories.chance import (
    _of_this_process,  # pyright: ignore[reportPrivateUsage]
    chance,
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

FACTORIES: list[Callable[..., Base]] = [
    make_appointment,
    make_clinic,
    make_clinic_closure,
    make_medical_record,
    make_pet,
    make_room,
    make_staff_membership,
    make_time_off,
    make_user,
    make_vaccination_reminder,
    make_veterinarian,
    make_waitlist_entry,
    make_webhook_delivery,
]
CREATES: list[type[Create]] = [
    schema
    for name in vetcore.schemas.__all__
    if issubclass(schema := getattr(vetcore.schemas, name), Create)
]
NOW = datetime(2026, 3, 9, 10, 0, tzinfo=UTC)
"""A Monday."""


def columns(made: Base) -> dict[str, Any]:
    return {column.key: getattr(made, column.key) for column in inspect(type(made)).column_attrs}


def responses(entity: type[Base]) -> list[type[Response]]:
    return [
        getattr(vetcore.schemas, f"{entity.__name__}{kind}")
        for kind in ("Summary", "Response", "StaffResponse", "AdminResponse")
        if f"{entity.__name__}{kind}" in vetcore.schemas.__all__
    ]


def test_each_model_has_a_factory() -> None:
    with_factory = {type(make()) for make in FACTORIES} | {PetCoOwner}
    assert with_factory == {
        mapper.class_
        for mapper in Base.registry.mappers
        if mapper.class_.__module__.startswith("vetcore.models.")
    }


async def test_what_is_made_can_be_stored_and_shown(db: Database) -> None:
    """Twice of everything, in one database: read back, it is the same, and fits its responses."""
    made: list[Base] = []
    async with db.transaction() as session:
        for make in FACTORIES:
            made += await create_many(session, make, 2)
    shown = 0
    async with db.session() as session:
        for each in made:
            key = inspect(type(each)).primary_key_from_instance(each)
            stored = await session.get(type(each), key)
            assert stored is not None
            assert columns(stored) == columns(each)
            for response in responses(type(each)):
                sent = response.model_validate(stored)
                assert response.model_validate_json(sent.model_dump_json()) == sent
                shown += 1
    assert shown > 60


async def test_what_a_thing_belongs_to_is_stored_with_it(db: Database) -> None:
    async with db.transaction() as session:
        visit = await create(session, make_appointment)
    async with db.session() as session:
        pet = await session.get_one(Pet, visit.pet_id)
        assert await session.get(User, pet.owner_id)
        assert await session.get(Room, visit.room_id)
        post = await session.scalar(select(StaffMembership))
        assert post is not None
        assert post.user_id == visit.veterinarian.user_id
        assert post.clinic_id == visit.clinic_id


async def test_many_appointments_at_one_clinic_do_not_collide(db: Database) -> None:
    async with db.transaction() as session:
        clinic, pet = await create(session, make_clinic), await create(session, make_pet)
        visits = await create_many(session, make_appointment, 5, clinic=clinic, pet=pet)
        vet = visits[0].veterinarian
        visits += await create_many(session, make_appointment, 12, clinic=clinic, veterinarian=vet)
        stored = await session.scalar(select(func.count()).select_from(Appointment))
    assert stored == len(visits)
    starts = sorted(visit.starts_at for visit in visits)
    assert starts[-1] - starts[0] < timedelta(days=4)


async def test_what_is_stored_already_may_be_belonged_to(db: Database) -> None:
    async with db.transaction() as session:
        owner = await create(session, make_user)
    async with db.transaction() as session:
        there = await session.get_one(User, owner.id)
        pet = await create(session, make_pet, owner=there)
        other = await create(session, make_pet, owner_id=owner.id)
        people = await session.scalar(select(func.count()).select_from(User))
    assert pet.owner_id == other.owner_id == owner.id
    assert people == 1


async def test_a_second_owner_is_stored_with_the_link(db: Database) -> None:
    async with db.transaction() as session:
        partner = make_user()
        pet = make_pet()
        link = make_pet_co_owner(pet=pet, user=partner)
        await create_all(session, link, pet, partner)
        await create(session, make_pet, co_owners=[partner])
        links = (await session.scalars(select(PetCoOwner.user_id))).all()
    assert links == [partner.id, partner.id]


async def test_what_is_made_already_takes_no_overrides(db: Database) -> None:
    async with db.transaction() as session:
        with pytest.raises(TypeError, match="made already"):
            await create(session, make_pet(), name="Rex")  # type: ignore[call-overload]


async def test_a_clinic_that_was_made_can_be_booked(db: Database) -> None:
    with clock.frozen(NOW):
        async with db.transaction() as session:
            clinic = await create(session, make_clinic, opening_hours="Mo-Fr 08:00-18:00")
            await create(session, make_staff_membership, clinic=clinic, user=(await _vet(session)))
            slots = await find_slots(
                session,
                clinic_id=clinic.id,
                service=ServiceType.WELLNESS_EXAM,
                start=NOW + timedelta(days=1),
                end=NOW + timedelta(days=3),
            )
    assert slots


async def _vet(session: Any) -> User:
    return (await create(session, make_veterinarian)).user


@pytest.mark.parametrize("make", FACTORIES)
def test_one_seed_makes_the_same_thing(make: Callable[..., Base]) -> None:
    def once() -> dict[str, Any]:
        with clock.frozen(NOW), seeded(7):
            return columns(make())

    first = once()
    make()
    assert once() == first


def test_seeds_go_back_to_what_was_around_them() -> None:
    with clock.frozen(NOW), seeded(3):
        first = make_user().id
        with seeded(4):
            make_user()
        second = make_user().id
    with clock.frozen(NOW), seeded(3):
        assert [make_user().id, make_user().id] == [first, second]


@pytest.mark.parametrize("seed", [-1, factories.MOST_SEEDS])
def test_there_are_only_so_many_seeds(seed: int) -> None:
    with pytest.raises(InvalidValue, match="seed"), seeded(seed):
        pass


def test_what_must_be_unique_is_so_across_seeds() -> None:
    def unique() -> list[object]:
        pet, clinic, vet = make_pet(), make_clinic(), make_veterinarian()
        assert pet.owner is not None
        emails: list[object] = [pet.owner.email, vet.user.email, clinic.email]
        return [*emails, pet.microchip, clinic.license_number, vet.license_number, pet.id]

    found = unique() + unique()
    for seed in (0, 1, 2, factories.MOST_SEEDS - 1):
        with seeded(seed):
            found += unique() + unique()
    assert len(found) == len(set(found))


def test_a_source_says_when_it_has_no_more_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vetcore.testing.factories.chance._COUNTED_BITS", 2)
    with seeded(1):
        for _ in range(4):
            make_room(clinic_id=uuid4())
        with pytest.raises(OverflowError, match="another seed"):
            make_room(clinic_id=uuid4())


def test_workers_of_a_run_never_give_the_same_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_XDIST_TESTRUNUID", "a run")
    first: list[int] = []
    for worker in ("gw0", "gw1", "gw2"):
        monkeypatch.setenv("PYTEST_XDIST_WORKER", worker)
        first.append(_of_this_process().number("microchip"))
    assert [number - first[0] for number in first] == [0, 2**18, 2 * 2**18]
    assert all(number >> 18 >= factories.MOST_SEEDS for number in first)


def test_a_process_of_no_run_has_numbers_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    assert len({_of_this_process().number("microchip") for _ in range(4)}) > 1


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
    assert visit.service is ServiceType.SURGERY
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


@pytest.mark.parametrize("make", FACTORIES)
def test_whatever_is_given_wins(make: Callable[..., Base]) -> None:
    """Every column that a factory fills can be said by the caller."""
    with seeded(5):
        other = columns(make())
    settable = {
        name: value for name, value in other.items() if value is not None and name != "version"
    }
    assert {name: getattr(make(**settable), name) for name in settable} == settable


def test_what_is_not_a_field_is_refused() -> None:
    with pytest.raises(TypeError, match="weight"):
        make_pet(weight=3)


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
    assert (note.pet_id, note.clinic_id, note.veterinarian_id, note.visited_at) == (
        visit.pet_id,
        visit.clinic_id,
        visit.veterinarian_id,
        visit.starts_at,
    )


def test_dates_that_are_given_keep_the_others_in_order() -> None:
    closure = make_clinic_closure(last_on=date(2026, 1, 2))
    assert closure.first_on <= date(2026, 1, 2)
    post = make_staff_membership(ends_on=date(2001, 1, 1), role=Role.RECEPTIONIST)
    assert post.starts_on < date(2001, 1, 1)
    assert post.user.role is Role.RECEPTIONIST
    entry = make_waitlist_entry(latest_at=NOW - timedelta(days=90))
    assert entry.earliest_at < entry.latest_at


@pytest.mark.parametrize("schema", CREATES)
def test_each_schema_of_what_comes_in_can_be_made(schema: type[Create]) -> None:
    made = make_create(schema)
    assert schema.model_validate_json(made.model_dump_json(exclude_unset=True)) == made


def test_a_schema_takes_its_own_fields_and_what_the_entity_has() -> None:
    owner = make_user()
    pet = make_create(PetCreate, owner=owner, species=Species.CAT, name="Tom")
    assert (pet.owner_id, pet.name) == (owner.id, "Tom")
    assert set(pet.breeds) <= set(canonical_breeds(Species.CAT))
    assert make_create(AppointmentHoldCreate, duration_minutes=45).duration_minutes == 45
    assert make_create(UserCreate, country="FR").locale == "fr-FR"
    assert make_create(ClinicCreate, phone=None).phone is None


def test_a_schema_that_no_factory_makes_is_refused() -> None:
    class Something(Create):
        name: str

    with pytest.raises(TypeError, match="Something"):
        make_create(Something, name="x")


def test_a_schema_of_a_pet_makes_the_pet() -> None:
    sent = make_create(PetCreate)
    pet = Pet(id=uuid4(), **sent.model_dump())
    assert isinstance(pet, Entity)
    assert PetAdminResponse.model_fields.keys() >= sent.model_fields_set - {"owner"}
    assert pet.microchip == sent.microchip


def test_the_processs_own_source_is_one() -> None:
    assert chance() is chance()
