"""Blocks: managers keep time free, practitioners their own, and staff see all of a clinic's."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from tests.examples import clinic, room
from tests.operations.scenes import Scene, scene, stored
from vetcore.database import Database
from vetcore.errors import InvalidValue, NotFound, PermissionDenied
from vetcore.models import Clinic, ScheduleBlock
from vetcore.operations import (
    create_schedule_block,
    delete_schedule_block,
    get_schedule_block,
    list_schedule_blocks,
    preview_change,
    restore_schedule_block,
    update_schedule_block,
)
from vetcore.schemas import (
    ById,
    ChangePreview,
    ScheduleBlockCreate,
    ScheduleBlockQuery,
    ScheduleBlockUpdate,
)

DAY = date(2030, 3, 4)


@pytest.fixture
async def made(db: Database) -> Scene:
    return await scene(db)


def lunch(made: Scene, **given: Any) -> ScheduleBlockCreate:
    """Kept free of everybody, from ten to eleven where the clinic is."""
    values: dict[str, Any] = {
        "clinic_id": made.clinic.id,
        "label": "Lunch",
        "first_on": DAY,
        "hours": "Mo-Fr 10:00-11:00",
    }
    return ScheduleBlockCreate(**values | given)


async def _enter(db: Database, made: Scene, who: str, **given: Any) -> ScheduleBlock:
    async with db.transaction(made.acting(who)) as session:
        return (await create_schedule_block(session, lunch(made, **given))).row


async def test_a_block_tells_which_visits_it_makes_impossible(db: Database, made: Scene) -> None:
    await stored(db, visit := made.visit())
    wish = lunch(made)
    for _ in range(2):
        async with db.transaction(made.acting("manager")) as session:
            done = await create_schedule_block(session, wish, key="lunch")
        assert [each.appointment.id for each in done.impossible] == [visit.id]
        assert [each.refusal.code for each in done.impossible] == ["blocked"]
    block = ById(id=done.row.id)
    async with db.transaction(made.acting("manager")) as session:
        assert (await delete_schedule_block(session, block)).impossible == ()
        assert len((await restore_schedule_block(session, block)).impossible) == 1
        later = ScheduleBlockUpdate(id=block.id, hours="12:00-13:00", last_on=DAY)
        assert (await update_schedule_block(session, later)).impossible == ()
    async with db.session(made.acting("receptionist")) as session:
        row = await get_schedule_block(session, block)
        assert (row.label, row.hours, row.last_on) == ("Lunch", "12:00-13:00", DAY)
        for since, count in ((DAY, 1), (DAY + timedelta(days=1), 0)):
            query = ScheduleBlockQuery(clinic_id=made.clinic.id, since=since)
            assert len(await list_schedule_blocks(session, query)) == count
        for until, count in ((DAY, 1), (DAY - timedelta(days=1), 0)):
            query = ScheduleBlockQuery(until=until, practitioner_id=None)
            assert len(await list_schedule_blocks(session, query)) == count
    async with db.session(made.acting("stranger")) as session:
        assert len(await list_schedule_blocks(session, ScheduleBlockQuery())) == 0
        with pytest.raises(NotFound):
            await get_schedule_block(session, block)


async def test_a_practitioner_keeps_their_own_time_free_and_nobody_elses(
    db: Database, made: Scene
) -> None:
    vet = made.who("veterinarian")
    mine = await _enter(db, made, "veterinarian", practitioner_id=vet)
    for who, whose in (
        ("veterinarian", {}),
        ("veterinarian", {"room_id": made.room.id}),
        ("veterinarian", {"practitioner_id": made.who("manager")}),
        ("receptionist", {"practitioner_id": vet}),
        ("receptionist", {}),
        ("stranger", {}),
        ("stranger", {"practitioner_id": made.who("stranger")}),
        ("stranger", {"practitioner_id": vet}),
    ):
        with pytest.raises(PermissionDenied):
            await _enter(db, made, who, **whose)
    change = ScheduleBlockUpdate(id=mine.id, label="Break")
    with pytest.raises(PermissionDenied):
        async with db.transaction(made.acting("receptionist")) as session:
            await update_schedule_block(session, change)
    async with db.transaction(made.acting("veterinarian")) as session:
        assert (await update_schedule_block(session, change)).row.label == "Break"
    async with db.transaction(made.acting("manager")) as session:
        assert (await delete_schedule_block(session, ById(id=mine.id))).row.is_deleted


async def test_room_and_practitioner_are_the_clinics_own(db: Database, made: Scene) -> None:
    elsewhere = clinic(license_number="other")
    theirs = room(elsewhere)
    await stored(db, elsewhere)
    await stored(db, theirs)
    for whose in (
        {"room_id": theirs.id},
        {"practitioner_id": made.who("owner")},
        {"clinic_id": made.room.id},
    ):
        with pytest.raises(NotFound):
            await _enter(db, made, "manager", **whose)
    with pytest.raises(PermissionDenied):
        await _enter(db, made, "manager", clinic_id=elsewhere.id)
    async with db.session(made.acting("manager")) as session:
        assert len(await list_schedule_blocks(session, ScheduleBlockQuery())) == 0


BAD: dict[str, dict[str, Any]] = {
    "label": {"label": " "},
    "last_on": {"last_on": DAY - timedelta(days=1)},
    "hours": {"hours": "noon"},
    "room_id": {"practitioner_id": UUID(int=1), "room_id": UUID(int=2)},
}


@pytest.mark.parametrize("field", BAD)
async def test_what_no_block_can_be_is_refused_by_its_field(
    db: Database, made: Scene, field: str
) -> None:
    given = BAD[field]
    with pytest.raises((InvalidValue, ValidationError)) as refused:
        lunch(made, **given)
    assert field in str(refused.value)
    row = await _enter(db, made, "manager")
    if field == "last_on":
        with pytest.raises(InvalidValue):
            async with db.transaction(made.acting("manager")) as session:
                await update_schedule_block(session, ScheduleBlockUpdate(id=row.id, **given))


async def test_holidays_that_are_not_known_are_no_hours_of_a_block(
    db: Database, made: Scene
) -> None:
    async with db.transaction() as session:
        place = await session.get_one(Clinic, made.clinic.id)
        place.opening_hours = "Mo-Fr 08:00-18:00"
        place.address = place.address.model_copy(update={"country": "BV"})
    row = await _enter(db, made, "manager")
    async with db.transaction(made.acting("manager")) as session:
        with pytest.raises(InvalidValue, match="hours") as refused:
            await create_schedule_block(session, lunch(made, hours="PH 10:00-11:00"))
        assert refused.value.details["field"] == "hours"
        with pytest.raises(InvalidValue, match="hours") as refused:
            await update_schedule_block(session, ScheduleBlockUpdate(id=row.id, hours="PH off"))
        assert refused.value.details["field"] == "hours"
    async with db.session(made.acting("manager")) as session:
        (left,) = await list_schedule_blocks(session, ScheduleBlockQuery())
    assert (left.id, left.hours) == (row.id, "Mo-Fr 10:00-11:00")


async def test_a_preview_lists_what_the_block_makes_impossible(db: Database, made: Scene) -> None:
    await stored(db, visit := made.visit(room_id=made.room.id))
    wishes = [
        lunch(made),
        lunch(made, practitioner_id=made.who("veterinarian")),
        lunch(made, room_id=made.room.id),
    ]
    for wish in wishes:
        async with db.session(made.acting("receptionist")) as session:
            preview = await preview_change(session, ChangePreview(create_schedule_block=wish))
            assert [each.appointment.id for each in preview.new] == [visit.id]
        async with db.trial(made.acting("manager")) as session:
            done = await create_schedule_block(session, wish)
        assert [each.refusal.code for each in preview.impossible] == [
            each.refusal.code for each in done.impossible
        ]
    row = await _enter(db, made, "manager")
    for change, left in (
        (ChangePreview(delete_schedule_block=ById(id=row.id)), 0),
        (
            ChangePreview(
                update_schedule_block=ScheduleBlockUpdate(id=row.id, hours="10:30-10:31")
            ),
            0,
        ),
        (
            ChangePreview(
                update_schedule_block=ScheduleBlockUpdate(id=row.id, hours="10:29-10:30")
            ),
            1,
        ),
    ):
        async with db.session(made.acting("receptionist")) as session:
            preview = await preview_change(session, change)
        assert len(preview.impossible) == left, change
