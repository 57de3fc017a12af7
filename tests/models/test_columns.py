"""What a column takes and gives back, the same on both engines."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, literal, select, text
from sqlalchemy.orm import selectinload

from tests.examples import NINE, appointment, clinic, membership, pet, user, veterinarian, world
from vetcore.database import Database
from vetcore.errors import InvalidInput, InvalidValue
from vetcore.models import Appointment, Base, Clinic, Pet, PetCoOwner, User
from vetcore.models.documents import TypedDocument
from vetcore.values.address import Address
from vetcore.values.clinics import LicenseStatus, ServiceType
from vetcore.values.medical import MedicalHistory, WeightMeasurement
from vetcore.values.services import ServiceCatalog, ServiceOffering


async def _reread(db: Database, animal: Pet) -> Pet:
    async with db.transaction() as session:
        session.add(animal)
    async with db.session() as session:
        return await session.get_one(Pet, animal.id)


@pytest.mark.parametrize(
    "zone", [UTC, timezone(timedelta(hours=-3, minutes=-30)), ZoneInfo("Asia/Kathmandu")], ids=str
)
async def test_an_instant_comes_back_as_itself_in_utc(db: Database, zone: timezone) -> None:
    given_at = datetime(2026, 3, 8, 2, 30, 15, 123456, tzinfo=zone)
    found = await _reread(db, pet(created_at=given_at))
    assert found.created_at == given_at
    assert found.created_at.tzinfo is UTC


async def test_instants_are_ordered_and_compared_as_instants(db: Database) -> None:
    early = datetime(2026, 3, 8, 23, 0, tzinfo=timezone(timedelta(hours=10)))
    late = datetime(2026, 3, 8, 9, 0, tzinfo=timezone(timedelta(hours=-8)))
    async with db.transaction() as session:
        session.add_all([pet(name="late", created_at=late), pet(name="early", created_at=early)])
    async with db.session() as session:
        names = await session.scalars(select(Pet.name).order_by(Pet.created_at))
        assert names.all() == ["early", "late"]
        before = await session.scalars(select(Pet.name).where(Pet.created_at < late))
        assert before.all() == ["early"]
        newest = await session.scalar(select(func.max(Pet.created_at)))
        assert newest == late


async def test_an_instant_may_stand_in_the_statement_itself(db: Database) -> None:
    at = datetime(2026, 3, 8, 9, 0, tzinfo=timezone(timedelta(hours=-8)))
    async with db.transaction() as session:
        session.add_all(
            [
                pet(name="then", created_at=at),
                pet(name="later", created_at=at + timedelta(microseconds=1)),
            ]
        )
    statement = select(Pet.name).where(Pet.created_at <= at)
    written = statement.compile(dialect=db.engine.dialect, compile_kwargs={"literal_binds": True})
    async with db.session() as session:
        assert (await session.scalars(text(str(written)))).all() == ["then"]
        nothing = select(literal(None, Pet.created_at.type))
        plain = nothing.compile(dialect=db.engine.dialect, compile_kwargs={"literal_binds": True})
        assert await session.scalar(text(str(plain))) is None


async def test_an_address_is_read_as_it_was_stored_whatever_codes_its_country_has_today(
    db: Database,
) -> None:
    somebody = user(address=Address(line1="1 Main St", city="Seattle", country="US"))
    async with db.transaction() as session:
        session.add(somebody)
        await session.flush()
        stored = '{"line1": "1 Main St", "city": "Seattle", "country": "US", "postal_code": "W-7"}'
        await session.execute(
            text("UPDATE users SET address = CAST(:stored AS jsonb)")
            if db.dialect == "postgresql"
            else text("UPDATE users SET address = :stored"),
            {"stored": stored},
        )
    async with db.transaction() as session:
        found = await session.get_one(User, somebody.id)
        assert found.address is not None
        assert found.address.postal_code == "W-7"
        with pytest.raises(InvalidInput, match="postal_code"):
            found.address = found.address.replace(line1="2 Main St")


@pytest.mark.parametrize("weight", ["0.0001", "4.2", "1599.9999", "999999.9999"])
async def test_a_decimal_comes_back_exactly(db: Database, weight: str) -> None:
    found = await _reread(db, pet(weight_kg=Decimal(weight)))
    assert found.weight_kg == Decimal(weight)
    assert isinstance(found.weight_kg, Decimal)


@pytest.mark.parametrize(
    ("broken", "field"),
    [
        ({"weight_kg": Decimal(1000000)}, "weight_kg"),
        ({"weight_kg": Decimal("NaN")}, "weight_kg"),
        ({"name": "x" * 201}, "name"),
        ({"notes": "a\0b"}, "notes"),
        ({"name": "Zo\ud800"}, "name"),
        ({"microchip": "1" * 16}, "microchip"),
    ],
)
async def test_what_does_not_fit_is_refused_by_name_on_both_engines(
    db: Database, broken: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidValue) as caught:
        await _reread(db, pet(**broken))
    assert caught.value.details["field"] == field


async def test_decimals_are_ordered_and_added_up_exactly(db: Database) -> None:
    weights = ["9.5", "10.25", "0.0001"]
    async with db.transaction() as session:
        session.add_all([pet(weight_kg=Decimal(weight)) for weight in weights])
    async with db.session() as session:
        ordered = await session.scalars(select(Pet.weight_kg).order_by(Pet.weight_kg))
        assert ordered.all() == [Decimal("0.0001"), Decimal("9.5"), Decimal("10.25")]
        assert await session.scalar(select(func.sum(Pet.weight_kg))) == Decimal("19.7501")


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    name=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=200)
)
async def test_any_text_comes_back_as_it_was(db: Database, name: str) -> None:
    assert (await _reread(db, pet(color=name))).color == name


async def test_a_document_comes_back_as_its_type(db: Database) -> None:
    measured = WeightMeasurement(kilograms=Decimal("4.25"), measured_at=NINE)
    history = MedicalHistory(weights=(measured,))
    found = await _reread(db, pet(medical_history=history, breeds=("Beagle",)))
    assert found.medical_history == history
    assert isinstance(found.medical_history.weights[0].kilograms, Decimal)
    assert found.breeds == ("Beagle",)


async def test_replacing_a_document_is_seen_and_the_same_one_is_not(db: Database) -> None:
    animal = pet()
    async with db.transaction() as session:
        session.add(animal)
    async with db.transaction() as session:
        found = await session.get_one(Pet, animal.id)
        found.medical_history = MedicalHistory()
        assert not session.dirty or not session.is_modified(found)
        found.breeds = ("Beagle", "Poodle")
        assert session.is_modified(found)
    async with db.session() as session:
        assert (await session.get_one(Pet, animal.id)).breeds == ("Beagle", "Poodle")


async def test_a_plain_dictionary_becomes_the_document_when_assigned() -> None:
    place = clinic(services={"offerings": [{"service": "vaccination", "duration_minutes": 15}]})
    assert place.services == ServiceCatalog(
        offerings=(ServiceOffering(service=ServiceType.VACCINATION, duration_minutes=15),)
    )
    with pytest.raises(InvalidInput, match="duration_minutes"):
        place.services = {"offerings": [{"service": "vaccination", "duration_minutes": -1}]}


async def test_documents_can_be_asked_on_postgresql_through_their_index(db: Database) -> None:
    if db.dialect == "sqlite":
        statement = select(Clinic.name).where(
            text(
                "EXISTS (SELECT 1 FROM json_each(services, '$.offerings') WHERE"
                " value ->> 'service' = 'wellness_exam')"
            )
        )
    else:
        statement = select(Clinic.name).where(
            text("""services @> '{"offerings": [{"service": "wellness_exam"}]}'""")
        )
    async with db.transaction() as session:
        session.add(clinic())
    async with db.session() as session:
        assert len((await session.scalars(statement)).all()) == 1


def test_a_new_object_has_its_defaults_at_once() -> None:
    animal = Pet(name="Rex")
    assert animal.vaccinations == ()
    assert animal.medical_history == MedicalHistory()
    assert animal.status == "active"
    assert Appointment().status == "scheduled"


async def test_keys_are_time_ordered_uuids(db: Database) -> None:
    async with db.transaction() as session:
        animals = [Pet(name=f"Pet {number}", species="dog") for number in range(5)]
        session.add_all(animals)
    keys = [animal.id for animal in animals]
    assert all(isinstance(key, UUID) and key.version == 7 for key in keys)
    assert keys == sorted(keys)


async def test_relationships_lead_both_ways(db: Database) -> None:
    everything, place, vet, animal = world()
    friend = user()
    async with db.transaction() as session:
        session.add_all([*everything, friend])
        await session.flush()
        session.add_all([PetCoOwner(pet_id=animal.id, user_id=friend.id)])
        session.add(appointment(place, vet, animal))
    async with db.session() as session:
        found = (
            await session.scalars(
                select(Pet).options(selectinload(Pet.owner), selectinload(Pet.co_owners))
            )
        ).one()
        assert found.owner is not None
        assert [each.id for each in found.co_owners] == [friend.id]
        staffed = (
            await session.scalars(
                select(Clinic).options(selectinload(Clinic.staff), selectinload(Clinic.rooms))
            )
        ).one()
        assert [post.user_id for post in staffed.staff] == [vet.user_id]
        assert len(staffed.rooms) == 1
        booked = (
            await session.scalars(
                select(Appointment).options(selectinload(Appointment.practitioner))
            )
        ).one()
        assert booked.practitioner.id == vet.user_id
        assert booked.starts_at == NINE


@pytest.mark.parametrize(
    ("status", "expires", "licensed"),
    [
        (LicenseStatus.ACTIVE, None, True),
        (LicenseStatus.ACTIVE, date(2026, 3, 9), True),
        (LicenseStatus.ACTIVE, date(2026, 3, 8), False),
        (LicenseStatus.SUSPENDED, date(2030, 1, 1), False),
    ],
)
def test_a_licence_is_good_through_its_last_day(
    status: LicenseStatus, expires: date | None, licensed: bool
) -> None:
    vet = veterinarian(user(), license_status=status, license_expires_on=expires)
    assert vet.is_licensed_on(date(2026, 3, 9)) is licensed


def test_a_post_is_held_from_its_first_to_its_last_day() -> None:
    post = membership(user(), clinic(), starts_on=date(2026, 1, 1), ends_on=date(2026, 1, 31))
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 31), date(2026, 2, 1)]
    assert [post.is_active_on(day) for day in days] == [False, True, True, False]


def test_a_rating_is_the_mean_of_what_was_given() -> None:
    vet = veterinarian(user())
    assert vet.rating is None
    vet.rating_count, vet.rating_sum = 2, 9
    assert vet.rating == 4.5


def test_a_name_is_written_as_people_write_it() -> None:
    assert User(first_name="Ana", last_name="").full_name == "Ana"


def test_the_documents_that_new_rows_begin_with_cannot_be_changed_in_place() -> None:
    """They are shared by all rows, and made without validation, which is what freezes."""
    for mapper in Base.registry.mappers:
        for column in mapper.columns:
            default = getattr(column.default, "arg", None)
            if isinstance(column.type, TypedDocument) and default is not None:
                hash(default)
