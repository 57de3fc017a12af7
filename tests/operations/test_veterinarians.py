"""Veterinarians, their licences and their absences."""

from datetime import timedelta
from typing import Any

import pytest

from tests.examples import clinic, membership
from tests.operations.scenes import LATER, Scene, fresh, scene, stored
from vetcore.database import Database
from vetcore.errors import AlreadyExists, InvalidValue, NotFound, PermissionDenied
from vetcore.operations import (
    create_time_off,
    create_veterinarian,
    delete_time_off,
    delete_veterinarian,
    list_time_off,
    list_veterinarians,
    restore_time_off,
    restore_veterinarian,
    search_veterinarians,
    update_time_off,
    update_veterinarian,
)
from vetcore.schemas import (
    ById,
    TimeOffCreate,
    TimeOffQuery,
    TimeOffUpdate,
    VeterinarianCreate,
    VeterinarianQuery,
    VeterinarianSearch,
    VeterinarianUpdate,
)
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.clinics import LicenseStatus


@pytest.fixture
async def made(db: Database) -> Scene:
    return await scene(db)


def _new(made: Scene, name: str, **given: Any) -> VeterinarianCreate:
    values = {"license_number": "VT9", "license_jurisdiction": "US-WA"}
    return VeterinarianCreate(**{"user_id": made.who(name)} | values | given)


async def test_a_licence_is_pending_until_an_administrator_has_seen_it(
    db: Database, made: Scene
) -> None:
    async with db.transaction(made.acting("manager")) as session:
        vet = await create_veterinarian(session, _new(made, "receptionist"))
    assert vet.license_status is LicenseStatus.PENDING
    seen = VeterinarianUpdate(id=vet.id, license_status="active")
    for name in ("manager", "receptionist"):
        async with db.transaction(made.acting(name)) as session:
            with pytest.raises(PermissionDenied, match="license_status"):
                await update_veterinarian(session, seen)
    async with db.transaction(made.acting("admin")) as session:
        assert (await update_veterinarian(session, seen)).license_status is LicenseStatus.ACTIVE


async def test_nobody_vouches_for_a_licence_by_entering_it(db: Database, made: Scene) -> None:
    for name in ("manager", "receptionist"):
        async with db.transaction(made.acting(name)) as session:
            with pytest.raises(PermissionDenied, match="license_status"):
                wish = _new(made, "receptionist", license_status="active")
                await create_veterinarian(session, wish)
    async with db.session() as session:
        assert len(await list_veterinarians(session, VeterinarianQuery())) == 1


async def test_one_enters_oneself_or_a_person_of_ones_clinic(db: Database, made: Scene) -> None:
    for name, error in (("manager", NotFound), ("receptionist", NotFound)):
        async with db.transaction(made.acting(name)) as session:
            with pytest.raises(error):
                await create_veterinarian(session, _new(made, "stranger"))
    async with db.transaction(made.acting("stranger")) as session:
        vet = await create_veterinarian(session, _new(made, "stranger"), key="me")
        assert (await create_veterinarian(session, _new(made, "stranger"), key="me")) is vet
    with pytest.raises(AlreadyExists):
        async with db.transaction(made.acting("stranger")) as session:
            await create_veterinarian(session, _new(made, "stranger", license_number="VT10"))


async def test_veterinarians_change_their_profile_themselves(db: Database, made: Scene) -> None:
    change = VeterinarianUpdate(id=made.vet.id, version=made.vet.version, biography="Kind")
    async with db.transaction(made.acting("veterinarian")) as session:
        assert (await update_veterinarian(session, change)).biography == "Kind"


async def test_only_administrators_delete_whom_several_clinics_share(
    db: Database, made: Scene
) -> None:
    await stored(db, visit := made.visit())
    act = ById(id=made.vet.id)
    async with db.transaction(made.acting("manager")) as session:
        with pytest.raises(PermissionDenied):
            await delete_veterinarian(session, act)
    async with db.transaction(made.acting("admin")) as session:
        done = await delete_veterinarian(session, act)
    assert [each.id for each in done.appointments] == [visit.id]
    async with db.transaction(made.acting("admin")) as session:
        assert not (await restore_veterinarian(session, act)).is_deleted
    assert (await fresh(db, visit)).status is AppointmentStatus.CANCELLED


async def test_veterinarians_are_found_by_name_and_clinic(db: Database, made: Scene) -> None:
    wanted = VeterinarianSearch(text="Veterinarian Silva", clinic_id=made.clinic.id)
    async with db.session(made.acting("stranger")) as session:
        found = await search_veterinarians(session, wanted)
        mine = VeterinarianQuery(user_id=made.who("veterinarian"))
        assert [each.id for each in await list_veterinarians(session, mine)] == [made.vet.id]
    assert [each.item.id for each in found] == [made.vet.id]


def _absence(made: Scene, **given: Any) -> TimeOffCreate:
    values = {"starts_at": LATER, "ends_at": LATER + timedelta(hours=4)}
    return TimeOffCreate(**{"practitioner_id": made.vet.user_id} | values | given)


async def test_time_off_tells_which_visits_it_makes_impossible(db: Database, made: Scene) -> None:
    await stored(db, visit := made.visit())
    for _ in range(2):
        async with db.transaction(made.acting("veterinarian")) as session:
            done = await create_time_off(session, _absence(made), key="spring")
        assert [each.appointment.id for each in done.impossible] == [visit.id]
    absence = ById(id=done.row.id)
    async with db.transaction(made.acting("manager")) as session:
        assert (await delete_time_off(session, absence)).impossible == ()
    async with db.transaction(made.acting("manager")) as session:
        assert len((await restore_time_off(session, absence)).impossible) == 1
    later = TimeOffUpdate(id=absence.id, starts_at=LATER + timedelta(hours=1))
    async with db.transaction(made.acting("manager")) as session:
        assert (await update_time_off(session, later)).impossible == ()
    async with db.session(made.acting("receptionist")) as session:
        for until, count in ((LATER + timedelta(hours=2), 1), (LATER, 0)):
            query = TimeOffQuery(practitioner_id=made.vet.user_id, until=until)
            assert len(await list_time_off(session, query)) == count


async def test_visits_at_another_clinic_are_counted_and_not_shown(
    db: Database, made: Scene
) -> None:
    there = clinic(name="Elsewhere")
    await stored(db, there)
    await stored(db, membership(made.people["veterinarian"], there))
    here, away = made.visit(), made.visit(made.twin, LATER + timedelta(hours=1))
    away.clinic_id = there.id
    await stored(db, here, away)
    async with db.transaction(made.acting("manager")) as session:
        done = await create_time_off(session, _absence(made))
    assert [each.appointment.id for each in done.impossible] == [here.id]
    assert done.elsewhere == 1
    async with db.transaction(made.acting("veterinarian")) as session:
        update = TimeOffUpdate(id=done.row.id, reason="Rest")
        assert len((await update_time_off(session, update)).impossible) == len([here, away])


async def test_an_absence_does_not_end_before_it_begins(db: Database, made: Scene) -> None:
    async with db.transaction(made.acting("veterinarian")) as session:
        done = await create_time_off(session, _absence(made))
    early = TimeOffUpdate(id=done.row.id, ends_at=LATER - timedelta(hours=1))
    async with db.transaction(made.acting("veterinarian")) as session:
        with pytest.raises(InvalidValue):
            await update_time_off(session, early)
    assert (await fresh(db, done.row)).ends_at == done.row.ends_at


async def test_nobody_writes_an_absence_for_a_colleague(db: Database, made: Scene) -> None:
    async with db.transaction(made.acting("receptionist")) as session:
        with pytest.raises(PermissionDenied):
            await create_time_off(session, _absence(made))
