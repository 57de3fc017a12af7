"""The sample world: whole, invented, reproducible, and loadable on both engines."""

import re
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta

import phonenumbers
import pytest
from opening_hours import OpeningHours
from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from vetcore import clock, schemas
from vetcore.database import Database
from vetcore.errors import AlreadyExists, InvalidValue
from vetcore.medical import Fault, refresh_due_date, verify_records
from vetcore.models import Clinic, Entity, MedicalRecord, Pet, User, Veterinarian
from vetcore.samples import Loaded, load, pet_register
from vetcore.samples.loading import made
from vetcore.samples.reading import ago, rows
from vetcore.values.animals import Species
from vetcore.values.signatures import SAMPLE_KEYS
from vetcore.values.vaccination import Antigen

TODAY = date(2026, 3, 9)

FICTIONAL = (
    r"\+1\d{3}55501\d{2}",
    r"\+44(207946|131496|7700900)\d+",
    r"\+49(3023125|17139200)\d+",
    r"\+61(25550\d{4}|491570(006|156|157|158|159))",
)
"""The ranges that NANPA, Ofcom, the Bundesnetzagentur and the ACMA keep for fiction."""


async def _loaded(db: Database, today: date = TODAY) -> Loaded:
    async with db.transaction() as session:
        return await load(session, today=today)


async def test_a_few_hundred_rows_are_stored(db: Database) -> None:
    world = await _loaded(db)
    assert 300 < sum(world.counts().values()) < 800
    async with db.session() as session:
        for kind in (Clinic, Pet, User, Veterinarian):
            stored = await session.scalar(select(func.count()).select_from(kind))
            assert stored == sum(isinstance(entity, kind) for entity in world.entities())


async def test_what_was_stored_comes_back_as_it_was(db: Database) -> None:
    world = await _loaded(db)
    async with db.session() as session:
        stored = await session.get(Pet, world.pets["Abigail Fenwick/Biscuit"].id)
        assert stored is not None
        assert stored.species is Species.DOG
        assert stored.medical_history.allergy_to("chicken") is not None
        assert stored.vaccinations == world.pets["Abigail Fenwick/Biscuit"].vaccinations


def _columns(entity: Entity) -> dict[str, object]:
    return {column.key: getattr(entity, column.key) for column in type(entity).__table__.columns}


def test_the_same_day_gives_the_same_world() -> None:
    world, again = made(TODAY), made(TODAY)
    assert [_columns(one) for one in world.entities()] == [
        _columns(other) for other in again.entities()
    ]


async def test_its_records_are_signed_with_addenda_and_can_be_verified(db: Database) -> None:
    world = await _loaded(db)
    async with db.session() as session:
        found = await verify_records(session, keys=SAMPLE_KEYS)
        assert (found.records, found.addenda, found.findings) == (3, 3, [])
        (unknown,) = {each.fault for each in (await verify_records(session)).findings}
        assert unknown is Fault.UNKNOWN_KEY
        biscuit = world.records["Abigail Fenwick/Biscuit/5w"].id
        options = [selectinload(MedicalRecord.addenda)]
        stored = await session.get_one(MedicalRecord, biscuit, options=options)
    assert [each.number for each in stored.addenda] == [1, 2]
    assert not world.records["Marcus Oyelaran/Duke/1w"].is_signed


async def test_loading_it_twice_is_refused(db: Database) -> None:
    await _loaded(db)
    with pytest.raises(AlreadyExists):
        await _loaded(db)


async def test_vaccinations_are_due_around_today_whenever_today_is() -> None:
    for today in (TODAY, date(2031, 2, 28), date(2028, 2, 29)):
        world = made(today)
        due = [pet.next_vaccination_due_on for pet in world.pets.values()]
        days = [(day - today).days for day in due if day is not None]
        assert sum(day < 0 for day in days) >= 10
        assert sum(0 <= day <= 30 for day in days) >= 10
        assert all(
            entry.administered_on <= today
            for pet in world.pets.values()
            for entry in pet.vaccinations
        )


@pytest.mark.parametrize("today", [TODAY, date(2027, 11, 7), date(2028, 2, 29), date(2031, 2, 28)])
async def test_what_is_due_is_what_the_librarys_own_rule_says(db: Database, today: date) -> None:
    world = await _loaded(db, today)
    before = {pet.id: pet.next_vaccination_due_on for pet in world.pets.values()}
    with clock.frozen(datetime.combine(today, time(12), UTC)):
        async with db.transaction() as session:
            after = {pet_id: await refresh_due_date(session, pet_id) for pet_id in before}
    assert after == before
    assert sum(day is not None for day in after.values()) > 60


async def test_where_there_is_no_rabies_no_animal_is_due_for_a_first_dose() -> None:
    world = made(TODAY)
    countries = {clinic.id: clinic.address.country for clinic in world.clinics.values()}
    haggis = world.pets["Morag Sinclair/Haggis"]
    assert haggis.primary_clinic_id is not None
    assert countries[haggis.primary_clinic_id] == "GB"
    assert not any(entry.protects_against(Antigen.RABIES) for entry in haggis.vaccinations)
    assert haggis.next_vaccination_due_on is not None
    assert haggis.next_vaccination_due_on > TODAY


@pytest.mark.parametrize(
    ("kind", "schema"),
    [
        ("clinics", schemas.ClinicCreate),
        ("rooms", schemas.RoomCreate),
        ("closures", schemas.ClinicClosureCreate),
        ("users", schemas.UserCreate),
        ("veterinarians", schemas.VeterinarianCreate),
        ("memberships", schemas.StaffMembershipCreate),
        ("time_off", schemas.TimeOffCreate),
        ("pets", schemas.PetCreate),
    ],
)
async def test_every_row_would_pass_the_schemas(kind: str, schema: type[BaseModel]) -> None:
    world = made(TODAY)
    for entity in getattr(world, kind).values():
        given = vars(entity)
        schema(**{name: given[name] for name in schema.model_fields if name in given})


async def test_nobody_in_it_is_real() -> None:
    world = made(TODAY)
    for user in world.users.values():
        assert user.email.endswith("@example.com")
        assert user.email.isascii()
    for who in (*world.users.values(), *world.clinics.values()):
        if who.phone is not None:
            assert any(re.fullmatch(kept, who.phone) for kept in FICTIONAL), who.phone
            assert phonenumbers.is_possible_number(phonenumbers.parse(who.phone))
    for pet in world.pets.values():
        assert pet.microchip is None or pet.microchip.startswith("999")


async def test_veterinarians_work_while_the_clinic_is_open() -> None:
    world = made(TODAY)
    for key, post in world.memberships.items():
        place, name = key.split("/")
        if name not in world.veterinarians:
            continue
        opening = OpeningHours(world.clinics[place].opening_hours)
        working = OpeningHours(str(post.working_hours))
        quarters = [
            datetime.combine(TODAY, time()) + timedelta(minutes=15 * n) for n in range(7 * 96)
        ]
        at_work = [moment for moment in quarters if working.is_open(moment)]
        assert at_work, key
        assert all(opening.is_open(moment) for moment in at_work), key


async def test_every_pet_is_plausible() -> None:
    world = made(TODAY)
    for key, pet in world.pets.items():
        assert pet.weight_kg in pet.species.weight_range, key
        assert pet.born_on is not None
        assert pet.born_on < TODAY, key
        assert all(entry.administered_on >= pet.born_on for entry in pet.vaccinations), key
        clinic = next(c for c in world.clinics.values() if c.id == pet.primary_clinic_id)
        assert not clinic.species_treated or pet.species in clinic.species_treated, key


async def test_the_world_is_wide() -> None:
    world = made(TODAY)
    zones = {clinic.timezone for clinic in world.clinics.values()}
    assert {
        "America/New_York",
        "America/St_Johns",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Europe/London",
        "Pacific/Apia",
    } <= zones
    assert len({clinic.address.country for clinic in world.clinics.values()}) >= 8
    memberships = Counter(key.partition("/")[2] for key in world.memberships)
    assert max(memberships.values()) >= 2, "somebody works at two clinics"


def test_the_register_has_the_traps_of_municipal_registers() -> None:
    listed = rows("pet_register.csv")
    assert 150 < len(listed) < 300
    with pet_register() as path:
        assert path.read_text("utf-8").count("\n") == len(listed) + 1
    numbers = Counter(row["license_number"] for row in listed)
    assert max(numbers.values()) > 1
    assert {"Goat", "Pig"} <= {row["species"] for row in listed}
    assert "" in {row["animal_name"] for row in listed}
    assert any("\u00a0" in row["animal_name"] for row in listed)
    assert any("-" in row["zip_code"] for row in listed)
    assert "" in {row["zip_code"] for row in listed}


def test_spans_are_years_months_weeks_and_days() -> None:
    assert ago("1y1m1w1d", date(2026, 3, 31)) == date(2025, 2, 28) - timedelta(days=8)


@pytest.mark.parametrize("wrong", ["", "3", "2d1y", "y", "-1y"])
def test_other_spans_are_refused(wrong: str) -> None:
    with pytest.raises(InvalidValue):
        ago(wrong, TODAY)
