"""Clinics, their rooms, closures and memberships."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.examples import room
from tests.operations.scenes import LATER, Scene, fresh, scene, stored
from vetcore.database import Database
from vetcore.errors import (
    AlreadyExists,
    ConcurrentUpdate,
    InvalidValue,
    NotFound,
    PermissionDenied,
)
from vetcore.models import StaffMembership
from vetcore.operations import (
    create_clinic,
    create_closure,
    create_membership,
    create_room,
    delete_clinic,
    delete_closure,
    delete_membership,
    delete_room,
    end_membership,
    find_nearest_clinics,
    find_open_clinics,
    list_closures,
    list_memberships,
    list_rooms,
    restore_clinic,
    restore_closure,
    restore_membership,
    restore_room,
    update_clinic,
    update_closure,
    update_membership,
    update_room,
)
from vetcore.schemas import (
    ById,
    ClinicClosureCreate,
    ClinicClosureQuery,
    ClinicClosureUpdate,
    ClinicCreate,
    ClinicUpdate,
    NearbyQuery,
    OpenQuery,
    RoomCreate,
    RoomQuery,
    RoomUpdate,
    StaffMembershipCreate,
    StaffMembershipEnd,
    StaffMembershipQuery,
    StaffMembershipUpdate,
)
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.people import Role

DAY = date(2030, 3, 4)
"""The clinic's day of the visit to come."""


@pytest.fixture
async def made(db: Database) -> Scene:
    return await scene(db)


async def test_administrators_bring_a_clinic_onto_the_platform(db: Database, made: Scene) -> None:
    wish = ClinicCreate(
        name="Leeds Vets",
        timezone="Europe/London",
        opening_hours="Mo-Fr 08:00-18:00",
        address={"line1": "1 Park Row", "city": "Leeds", "postal_code": "LS1 1AA", "country": "GB"},
    )
    async with db.transaction(made.acting("manager")) as session:
        with pytest.raises(PermissionDenied):
            await create_clinic(session, wish)
    async with db.transaction(made.acting("admin")) as session:
        opened = await create_clinic(session, wish, key="leeds")
        assert (await create_clinic(session, wish, key="leeds")).id == opened.id


async def test_other_hours_tell_which_visits_they_make_impossible(
    db: Database, made: Scene
) -> None:
    await stored(db, visit := made.visit(room_id=made.room.id))
    named = ClinicUpdate(id=made.clinic.id, name="Ballard Vets", version=made.clinic.version)
    async with db.transaction(made.acting("manager")) as session:
        assert (await update_clinic(session, named)).impossible == ()
        with pytest.raises(ConcurrentUpdate):
            await update_clinic(session, named)
    shorter = ClinicUpdate(id=made.clinic.id, opening_hours="Mo-Fr 14:00-18:00")
    async with db.transaction(made.acting("manager")) as session:
        done = await update_clinic(session, shorter)
    assert [each.appointment.id for each in done.impossible] == [visit.id]
    assert done.row.opening_hours == "Mo-Fr 14:00-18:00"


async def test_what_is_open_ends_with_a_clinic(db: Database, made: Scene) -> None:
    await stored(db, visit := made.visit(), wish := made.wish())
    async with db.transaction(made.acting("admin")) as session:
        done = await delete_clinic(session, ById(id=made.clinic.id))
        assert [each.id for each in done.appointments] == [visit.id]
        assert [each.id for each in done.entries] == [wish.id]
    async with db.transaction(made.acting("admin")) as session:
        assert not (await restore_clinic(session, ById(id=made.clinic.id))).is_deleted
    assert (await fresh(db, visit)).status is AppointmentStatus.CANCELLED


async def test_clinics_are_found_near_a_place_and_by_whether_they_are_open(
    db: Database, made: Scene
) -> None:
    async with db.session(made.acting("stranger")) as session:
        near = await find_nearest_clinics(session, NearbyQuery(latitude=47.6, longitude=-122.3))
        far = NearbyQuery(latitude=51.5, longitude=0, within_m=100_000)
        assert [each.clinic.id for each in near] == [made.clinic.id]
        assert list(await find_nearest_clinics(session, far)) == []
        asked = (made.clinic.id, made.pet.id)
        for at, found in ((LATER, {made.clinic.id}), (LATER - timedelta(hours=9), set())):
            assert await find_open_clinics(session, OpenQuery(clinic_ids=asked, at=at)) == found


async def test_a_room_has_a_name_of_its_own(db: Database, made: Scene) -> None:
    async with db.transaction(made.acting("manager")) as session:
        added = await create_room(session, RoomCreate(clinic_id=made.clinic.id, name="Yellow"))
        changed = await update_room(
            session, RoomUpdate(id=added.id, version=added.version, name="Green")
        )
        assert changed.name == "Green"
    with pytest.raises(AlreadyExists):
        async with db.transaction(made.acting("manager")) as session:
            await create_room(session, RoomCreate(clinic_id=made.clinic.id, name="Green"))
    async with db.session(made.acting("stranger")) as session:
        rooms = await list_rooms(session, RoomQuery(clinic_id=made.clinic.id))
    assert {each.id for each in rooms} == {added.id, made.room.id}


async def test_a_room_that_goes_tells_which_visits_it_makes_impossible(
    db: Database, made: Scene
) -> None:
    await stored(db, visit := made.visit(room_id=made.room.id))
    async with db.transaction(made.acting("manager")) as session:
        done = await delete_room(session, ById(id=made.room.id))
    assert [each.appointment.id for each in done.impossible] == [visit.id]
    await stored(db, room(made.clinic, name=made.room.name))
    with pytest.raises(AlreadyExists):
        async with db.transaction(made.acting("manager")) as session:
            await restore_room(session, ById(id=made.room.id))


async def test_a_closure_tells_which_visits_it_makes_impossible(db: Database, made: Scene) -> None:
    await stored(db, visit := made.visit())
    wish = ClinicClosureCreate(
        clinic_id=made.clinic.id, first_on=DAY, last_on=DAY, reason="Stocktaking"
    )
    for _ in range(2):
        async with db.transaction(made.acting("receptionist")) as session:
            done = await create_closure(session, wish, key="stock")
        assert [each.appointment.id for each in done.impossible] == [visit.id]
    closure = ById(id=done.row.id)
    async with db.transaction(made.acting("receptionist")) as session:
        assert (await delete_closure(session, closure)).impossible == ()
    async with db.transaction(made.acting("receptionist")) as session:
        assert len((await restore_closure(session, closure)).impossible) == 1
    next_day = DAY + timedelta(days=1)
    later = ClinicClosureUpdate(id=closure.id, first_on=next_day, last_on=next_day)
    async with db.transaction(made.acting("receptionist")) as session:
        assert (await update_closure(session, later)).impossible == ()
    async with db.session(made.acting("stranger")) as session:
        for since, count in ((DAY, 1), (next_day + timedelta(days=1), 0)):
            query = ClinicClosureQuery(clinic_id=made.clinic.id, since=since)
            assert len(await list_closures(session, query)) == count


async def test_a_closure_does_not_end_before_it_begins(db: Database, made: Scene) -> None:
    wish = ClinicClosureCreate(clinic_id=made.clinic.id, first_on=DAY, last_on=DAY, reason="X")
    async with db.transaction(made.acting("manager")) as session:
        done = await create_closure(session, wish)
    early = ClinicClosureUpdate(id=done.row.id, last_on=DAY - timedelta(days=1))
    async with db.transaction(made.acting("manager")) as session:
        with pytest.raises(InvalidValue):
            await update_closure(session, early)
    assert (await fresh(db, done.row)).last_on == DAY


def _post(made: Scene, **given: Any) -> StaffMembershipCreate:
    values = {
        "user_id": made.who("stranger"),
        "clinic_id": made.clinic.id,
        "role": Role.RECEPTIONIST,
        "starts_on": date(2026, 1, 1),
    }
    return StaffMembershipCreate(**values | given)


async def test_who_is_given_a_membership_works_there(db: Database, made: Scene) -> None:
    wish = RoomQuery(clinic_id=made.clinic.id)
    async with db.transaction(made.acting("admin")) as session:
        held = await create_membership(session, _post(made))
        with pytest.raises(NotFound):
            await create_membership(session, _post(made, user_id=made.pet.id))
    async with db.session(made.acting("stranger")) as session:
        assert len(await list_rooms(session, wish)) == 1
        mine = await list_memberships(session, StaffMembershipQuery(user_id=held.user_id))
    assert [each.id for each in mine] == [held.id]
    with pytest.raises(AlreadyExists):
        async with db.transaction(made.acting("admin")) as session:
            await create_membership(session, _post(made))


async def _of_veterinarian(db: Database, made: Scene) -> StaffMembership:
    query = StaffMembershipQuery(user_id=made.who("veterinarian"), held_on=date(2026, 3, 1))
    async with db.session(made.acting("manager")) as session:
        (held,) = await list_memberships(session, query)
    return held


async def test_a_membership_that_ends_tells_which_visits_it_makes_impossible(
    db: Database, made: Scene
) -> None:
    await stored(db, visit := made.visit())
    held = await _of_veterinarian(db, made)
    act = StaffMembershipEnd(id=held.id, version=held.version, ends_on=DAY - timedelta(days=1))
    for _ in range(2):
        async with db.transaction(made.acting("manager")) as session:
            done = await end_membership(session, act, key="leaves")
        assert [each.appointment.id for each in done.impossible] == [visit.id]
    assert done.row.ends_on == act.ends_on


async def test_a_membership_does_not_end_before_it_begins(db: Database, made: Scene) -> None:
    held = await _of_veterinarian(db, made)
    act = StaffMembershipEnd(id=held.id, ends_on=held.starts_on - timedelta(days=1))
    async with db.transaction(made.acting("manager")) as session:
        with pytest.raises(InvalidValue):
            await end_membership(session, act)
    assert (await fresh(db, held)).ends_on is None


async def test_other_working_hours_and_a_deleted_membership_tell_it_too(
    db: Database, made: Scene
) -> None:
    await stored(db, visit := made.visit())
    held = await _of_veterinarian(db, made)
    shorter = StaffMembershipUpdate(id=held.id, working_hours="Tu-Fr 08:00-18:00")
    async with db.transaction(made.acting("manager")) as session:
        done = await update_membership(session, shorter)
    assert [each.appointment.id for each in done.impossible] == [visit.id]
    async with db.transaction(made.acting("manager")) as session:
        assert len((await delete_membership(session, ById(id=held.id))).impossible) == 1
    async with db.transaction(made.acting("manager")) as session:
        with pytest.raises(PermissionDenied):
            await restore_membership(session, ById(id=held.id))
    async with db.transaction(made.acting("admin")) as session:
        assert not (await restore_membership(session, ById(id=held.id))).is_deleted


async def test_a_receptionist_manages_nobody(db: Database, made: Scene) -> None:
    for name in ("receptionist", "manager"):
        async with db.transaction(made.acting(name)) as session:
            with pytest.raises(PermissionDenied):
                await create_membership(session, _post(made, role=Role.CLINIC_MANAGER))
