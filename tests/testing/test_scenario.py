"""A world in a line: what is asked for is there, and what is booked was booked by the rules."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from vetcore import clock
from vetcore.database import Database
from vetcore.errors import InvalidValue, NotBookable
from vetcore.models import Appointment, Clinic, Pet, Room, User, Veterinarian
from vetcore.scheduling import find_slots
from vetcore.testing import Scenario, World, assert_no_overlap
from vetcore.values.animals import Species
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import RoomKind, ServiceType
from vetcore.values.services import ServiceCatalog, ServiceOffering
from vetcore.values.walltime import zone_named

NOW = datetime(2026, 3, 9, 10, 0, tzinfo=UTC)
"""A Monday."""
HOURS = "Mo-Fr 08:00-18:00"
EXAM = ServiceOffering(
    service=ServiceType.WELLNESS_EXAM, duration_minutes=30, room_kind=RoomKind.CONSULTATION
)
EXAMS = ServiceCatalog(offerings=(EXAM,))

BERLIN = Scenario(seed=1).clinic(
    timezone="Europe/Berlin", veterinarians=2, rooms=3, opening_hours=HOURS, services=EXAMS
)

on_one_engine = pytest.mark.parametrize("backend", ["sqlite"])
"""For what is decided before a row is written."""


async def made(db: Database, scenario: Scenario) -> World:
    with clock.frozen(NOW):
        async with db.transaction() as session:
            world = await scenario.create(session)
            await assert_no_overlap(session)
            return world


async def test_what_is_asked_for_is_stored(db: Database) -> None:
    world = await made(db, BERLIN.owners(5, pets=2).booked(share=0.5))
    async with db.trial() as session:
        for entity, expected in (
            (Clinic, world.clinics),
            (Veterinarian, world.veterinarians),
            (Room, world.rooms),
            (Pet, world.pets),
            (Appointment, world.appointments),
        ):
            ids = set(await session.scalars(select(entity.id)))
            assert ids == {each.id for each in expected}
        people = await session.scalar(select(func.count()).select_from(User))
    assert (len(world.veterinarians), len(world.rooms)) == (2, 3)
    assert (len(world.owners), len(world.pets), people) == (5, 10, 7)
    assert {pet.owner_id for pet in world.pets} == {owner.id for owner in world.owners}
    assert {pet.primary_clinic_id for pet in world.pets} == {world.clinic.id}
    assert world.veterinarians_at(world.clinic) == world.veterinarians
    assert world.rooms_at(world.clinic) == world.rooms


async def test_half_a_day_is_half_of_what_can_be_booked(db: Database) -> None:
    """Two veterinarians, ten hours, half an hour each: forty are the whole."""
    world = await made(db, BERLIN.owners(5, pets=2).booked(date(2026, 3, 12)))
    assert len(world.appointments) == 20
    zone = zone_named("Europe/Berlin")
    owners = {pet.id: pet.owner_id for pet in world.pets}
    for visit in world.appointments:
        assert visit.starts_at.astimezone(zone).date() == date(2026, 3, 12)
        assert visit.booked_by_id == owners[visit.pet_id]
        assert visit.room_id is not None
    # Nobody comes again before everybody was asked.
    assert len({visit.pet_id for visit in world.appointments}) > 5


async def test_a_full_day_has_no_slot_left(db: Database) -> None:
    world = await made(db, BERLIN.owners(2, pets=2).booked(date(2026, 3, 12), share=1))
    assert len(world.appointments) == 40
    with clock.frozen(NOW):
        async with db.trial() as session:
            slots = await find_slots(
                session,
                clinic_id=world.clinic.id,
                service=ServiceType.WELLNESS_EXAM,
                start=datetime(2026, 3, 12, tzinfo=UTC),
                end=datetime(2026, 3, 13, tzinfo=UTC),
                by=Capacity.STAFF,
            )
    assert slots == []


@on_one_engine
@pytest.mark.parametrize(("veterinarians", "rooms", "pets"), [(3, 1, 3), (1, 3, 3), (3, 3, 1)])
async def test_the_scarcest_limits_the_day(
    db: Database, veterinarians: int, rooms: int, pets: int
) -> None:
    scenario = (
        Scenario()
        .clinic(veterinarians=veterinarians, rooms=rooms, opening_hours=HOURS, services=EXAMS)
        .owners(1, pets=pets)
        .booked(share=1)
    )
    assert len((await made(db, scenario)).appointments) == 20


async def test_a_day_can_be_booked_further(db: Database) -> None:
    """Half, and then all that is left."""
    day = date(2026, 3, 12)
    world = await made(db, BERLIN.owners(3, pets=2).booked(day).booked(day, share=1))
    assert len(world.appointments) > 35


async def test_each_clinic_has_its_own_people_and_pets(db: Database) -> None:
    world = await made(
        db,
        BERLIN.clinic(country="AU", species_treated=(Species.CAT,)).owners(4).booked(share=0.2),
    )
    berlin, melbourne = world.clinics
    assert len(world.veterinarians_at(berlin)) == 2
    assert len(world.veterinarians_at(melbourne)) == 1
    home = {pet.id: pet.primary_clinic_id for pet in world.pets}
    assert all(home[visit.pet_id] == visit.clinic_id for visit in world.appointments)
    assert {visit.clinic_id for visit in world.appointments} == {berlin.id, melbourne.id}
    assert {pet.species for pet in world.pets[1::2]} == {Species.CAT}
    assert [owner.timezone for owner in world.owners[:2]] == [berlin.timezone, melbourne.timezone]
    with pytest.raises(ValueError, match="too many values"):
        _ = world.clinic


@on_one_engine
async def test_one_seed_makes_the_same_world(db: Database) -> None:
    def told(world: World) -> list[object]:
        visits = [
            (each.starts_at, each.practitioner_id, each.pet_id) for each in world.appointments
        ]
        people = [(each.id, each.email, each.full_name) for each in world.owners]
        return [*visits, *people, [(each.id, each.name) for each in world.pets]]

    scenario = BERLIN.owners(2).booked()
    with clock.frozen(NOW):
        async with db.trial() as session:
            first = told(await scenario.create(session))
            await session.rollback()
            assert told(await scenario.create(session)) == first


async def test_scenarios_of_different_seeds_share_a_database(db: Database) -> None:
    for seed in (None, None, 1, 2):
        await made(db, Scenario(seed).clinic().owners(2))


def test_a_beginning_may_be_shared() -> None:
    assert BERLIN.owners(1) != BERLIN.owners(2)
    assert Scenario(seed=1).owners(1) == Scenario(seed=1).owners(1)


@on_one_engine
async def test_owners_may_live_without_a_clinic(db: Database) -> None:
    world = await made(db, Scenario().owners(1, pets=2, species=Species.FERRET))
    assert [pet.species for pet in world.pets] == [Species.FERRET] * 2
    assert [pet.primary_clinic_id for pet in world.pets] == [None, None]


@on_one_engine
@pytest.mark.parametrize("day", [date(2026, 3, 15), date(2026, 3, 2)])
async def test_a_day_without_slots_is_refused(db: Database, day: date) -> None:
    """A Sunday, and a day that has passed."""
    with pytest.raises(InvalidValue, match="day"):
        await made(db, BERLIN.owners(1).booked(day))


@on_one_engine
@pytest.mark.parametrize(
    "scenario",
    [
        Scenario().clinic().booked(),
        Scenario().clinic(veterinarians=0).owners(1).booked(),
        Scenario().clinic(opening_hours="off").owners(1).booked(),
    ],
)
async def test_what_cannot_be_booked_is_refused(db: Database, scenario: Scenario) -> None:
    with pytest.raises(InvalidValue, match="day"):
        await made(db, scenario)


@on_one_engine
async def test_a_service_that_is_not_offered_is_refused(db: Database) -> None:
    with pytest.raises(NotBookable):
        await made(db, BERLIN.owners(1).booked(service=ServiceType.GROOMING))


@pytest.mark.parametrize(
    ("what", "given"),
    [
        ("owners", {"count": -1}),
        ("owners", {"pets": -1}),
        ("clinic", {"veterinarians": -1}),
        ("clinic", {"rooms": -1}),
        ("booked", {"share": 1.5}),
        ("booked", {"share": -0.1}),
    ],
)
def test_what_makes_no_sense_is_refused_at_once(what: str, given: dict[str, float]) -> None:
    with pytest.raises(InvalidValue, match=next(iter(given))):
        getattr(Scenario(), what)(**given)


@on_one_engine
async def test_the_next_open_day_is_booked_unless_another_is_named(db: Database) -> None:
    """Under the clock of a Friday, with holidays and the weekend in between."""
    with clock.frozen(NOW + timedelta(days=4)):
        async with db.transaction() as session:
            world = await BERLIN.owners(1).booked(share=0.1).create(session)
    assert {visit.starts_at.date() for visit in world.appointments} == {date(2026, 3, 16)}
