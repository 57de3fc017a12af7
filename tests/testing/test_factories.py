"""What the factories make hangs together, can be stored on both engines, and comes again by seed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, inspect, select

import vetcore.schemas
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import InvalidValue
from vetcore.models import (
    AccountLink,
    ApiKey,
    Appointment,
    Base,
    CommandKey,
    Entity,
    Occupation,
    Passkey,
    Pet,
    PetCoOwner,
    RecordAddendum,
    RecordRelease,
    RecordReleaseEnd,
    RecordSeal,
    ReleasedRow,
    Room,
    SignInLimit,
    StaffMembership,
    TimetableVersion,
    User,
    UserCredential,
    UserIdentity,
    UserSession,
)
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
    make_create,
    make_pet,
    make_pet_co_owner,
    make_room,
    make_staff_membership,
    make_user,
    make_veterinarian,
    seeded,
)
from vetcore.testing.factories import registering
from vetcore.testing.factories.chance import (
    _of_this_process,  # pyright: ignore[reportPrivateUsage]
    chance,
)
from vetcore.values.animals import Species
from vetcore.values.breeds import canonical_breeds
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType

FACTORIES: list[Callable[..., Base]] = [
    make for model, make in registering.FACTORIES.items() if model is not PetCoOwner
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
    with_factory = {type(make()) for make in FACTORIES} | {PetCoOwner, CommandKey}
    # Booking makes these.
    with_factory |= {Occupation}
    # Only signing makes them.
    with_factory |= {RecordAddendum, RecordSeal, RecordRelease, RecordReleaseEnd, ReleasedRow}
    # Only opening an account and signing in make these, since their tokens are told once.
    with_factory |= {UserCredential, UserSession, UserIdentity, AccountLink, Passkey, ApiKey}
    with_factory |= {SignInLimit}
    # The database makes them, with their clinics.
    with_factory |= {TimetableVersion}
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
        assert post.user_id == visit.practitioner_id
        assert post.clinic_id == visit.clinic_id


async def test_many_appointments_at_one_clinic_do_not_collide(db: Database) -> None:
    async with db.transaction() as session:
        clinic, pet = await create(session, make_clinic), await create(session, make_pet)
        visits = await create_many(session, make_appointment, 5, clinic=clinic, pet=pet)
        who = visits[0].practitioner
        visits += await create_many(session, make_appointment, 12, clinic=clinic, practitioner=who)
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
                by=Capacity.STAFF,
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
    pet = sent.make(Pet, id=uuid4())
    assert isinstance(pet, Entity)
    assert PetAdminResponse.model_fields.keys() >= sent.model_fields_set - {"owner"}
    assert pet.microchip == sent.microchip


def test_the_processs_own_source_is_one() -> None:
    assert chance() is chance()
