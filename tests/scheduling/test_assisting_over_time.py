"""What becomes of assistants and equipment when a visit moves, ends or comes back."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from tests.scheduling.practice import TEN, booked_at
from tests.scheduling.surgery import (
    HOUR,
    TECHNICIAN,
    acted,
    dental_booked,
    having,
    occupations,
    theatre,
)
from vetcore.database import Database
from vetcore.errors import SlotTaken
from vetcore.models import Appointment, Equipment, StaffMembership, TimeOff
from vetcore.scheduling import (
    book_series,
    cancel,
    complete,
    day_sheet,
    impossible_visits,
    move,
    plan_moves,
    reinstate,
    swap,
)
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType
from vetcore.values.recurrence import Recurrence

pytestmark = pytest.mark.usefixtures("on_a_friday")
STAFF = Capacity.STAFF


async def test_a_move_keeps_whom_it_has_where_they_are_free(db: Database) -> None:
    made = await theatre(db, vets=3, units=2)
    one = await dental_booked(db, made, assistant_ids=(made.technicians[1].id,))
    kept = await having(db, one)
    moved = await acted(db, move, one, starts_at=TEN + timedelta(minutes=15), by=STAFF)
    assert await having(db, moved) == kept
    other = await dental_booked(
        db, made, TEN + 3 * HOUR, animal=1, assistant_ids=(made.technicians[1].id,)
    )
    moved = await acted(db, move, one, starts_at=TEN + 3 * HOUR, by=STAFF)
    people, pieces = await having(db, moved)
    assert people == {made.technicians[0].id}
    assert pieces.isdisjoint((await having(db, other))[1])
    async with db.session() as session:
        times = {each.occupied_from for each in await occupations(session, moved.id)}
    assert times == {moved.occupied_from}


async def test_a_move_that_is_refused_changes_nothing(db: Database) -> None:
    made = await theatre(db, technicians=1, units=2)
    one = await dental_booked(db, made)
    await dental_booked(db, made, TEN + 3 * HOUR, animal=1)
    before = await having(db, one)
    with pytest.raises(SlotTaken) as refused:
        await acted(db, move, one, starts_at=TEN + 3 * HOUR, by=STAFF)
    assert refused.value.details["resource"] in {"assistant", "practitioner"}
    assert await having(db, one) == before


async def test_another_service_lets_go_of_what_it_does_not_take(db: Database) -> None:
    made = await theatre(db)
    one = await dental_booked(db, made)
    await acted(db, move, one, starts_at=TEN, by=STAFF, service=ServiceType.WELLNESS_EXAM)
    assert await having(db, one) == (set(), set())
    plain = await booked_at(db, made, TEN + 3 * HOUR, animal=1)
    await acted(
        db, move, plain, starts_at=TEN + 3 * HOUR, by=STAFF, service=ServiceType.DENTAL_CLEANING
    )
    assert [len(each) for each in await having(db, plain)] == [1, 1]


async def test_two_visits_that_swap_keep_or_change_whom_they_have(db: Database) -> None:
    made = await theatre(db, vets=2, units=2)
    one = await dental_booked(db, made)
    other = await dental_booked(db, made, animal=1)
    async with db.transaction() as session:
        await swap(session, one.id, other.id, by=STAFF)
    has = await having(db, one), await having(db, other)
    assert [len(each) for some in has for each in some] == [1, 1, 1, 1]
    assert has[0][0].isdisjoint(has[1][0])
    assert has[0][1].isdisjoint(has[1][1])


async def test_what_is_cancelled_frees_all_and_takes_it_again_or_others(db: Database) -> None:
    made = await theatre(db, vets=3, technicians=2, units=2)
    one = await dental_booked(db, made)
    had = await having(db, one)
    await acted(db, cancel, one, by=STAFF)
    other = await dental_booked(
        db,
        made,
        animal=1,
        assistant_ids=tuple(had[0]),
        equipment_ids=tuple(had[1]),
        practitioner_id=next(key for key in sorted(made.vet_ids) if key != one.practitioner_id),
    )
    assert await having(db, other) == had
    back = await acted(db, reinstate, one)
    has = await having(db, back)
    assert [len(each) for each in has] == [1, 1]
    assert has[0].isdisjoint(had[0])
    assert has[1].isdisjoint(had[1])
    await acted(db, cancel, back, by=STAFF)
    third = next(
        key for key in made.vet_ids if key not in {one.practitioner_id, other.practitioner_id}
    )
    await dental_booked(db, made, animal=2, practitioner_id=third)
    with pytest.raises(SlotTaken):
        await acted(db, reinstate, one)


async def test_what_ended_early_frees_its_assistant(db: Database) -> None:
    made = await theatre(db)
    one = await dental_booked(db, made)
    async with db.transaction() as session:
        row = await session.get_one(Appointment, one.id)
        row.status = AppointmentStatus.IN_PROGRESS
    await acted(db, complete, one)
    async with db.session() as session:
        row = await session.get_one(Appointment, one.id)
        times = {each.occupied_until for each in await occupations(session, one.id)}
    assert times == {row.occupied_until}


async def test_a_visit_whose_assistant_or_equipment_is_gone_is_impossible(db: Database) -> None:
    made = await theatre(db, technicians=1)
    one = await dental_booked(db, made)
    person = made.technicians[0].id

    async def codes(**given: Any) -> list[str]:
        async with db.session() as session:
            found = await impossible_visits(session, **given)
        return [each.code for some in found for each in some.refusals]

    assert await codes(clinic_id=made.clinic.id) == []
    away = TimeOff(practitioner_id=person, starts_at=TEN, ends_at=TEN + HOUR)
    async with db.transaction() as session:
        session.add(away)
    assert await codes(clinic_id=made.clinic.id) == ["assistants_off_duty"]
    assert await codes(practitioner_id=person) == ["assistants_off_duty"]
    async with db.transaction() as session:
        await session.delete(await session.get_one(TimeOff, away.id))
        await session.execute(
            update(StaffMembership)
            .where(StaffMembership.user_id == person)
            .values(ends_on=TEN.date() - timedelta(days=1))
        )
    assert await codes(clinic_id=made.clinic.id) == ["no_assistant"]
    async with db.transaction() as session:
        await session.execute(
            update(StaffMembership).where(StaffMembership.user_id == person).values(ends_on=None)
        )
        (await session.get_one(Equipment, made.equipment[0].id)).deleted_at = TEN
    assert await codes(clinic_id=made.clinic.id) == ["no_equipment"]
    assert one.status is AppointmentStatus.SCHEDULED


async def test_a_series_and_a_plan_take_nobody_twice(db: Database) -> None:
    made = await theatre(db, vets=3, technicians=1, units=2)
    blocked = await dental_booked(db, made, TEN + timedelta(weeks=1))
    async with db.transaction() as session:
        report = await book_series(
            session,
            made.dental(animal=1),
            rule=Recurrence.parse("FREQ=WEEKLY;COUNT=3"),
            by=STAFF,
            keep="rest",
        )
    assert len(report.booked) == 2
    (conflict,) = report.conflicts
    assert conflict.error is not None
    assert conflict.error.details["resource"] == "assistant"
    both = [blocked, report.booked[0]]
    async with db.session() as session:
        rows = [await session.get_one(Appointment, each.id) for each in both]
        plan = await plan_moves(session, rows)
    assert len(plan.moves) == 2
    one, other = sorted(each.starts_at for each in plan.moves)
    assert other - one >= timedelta(minutes=75)


async def test_the_day_sheet_shows_who_assists_and_with_what(db: Database) -> None:
    made = await theatre(db, technicians=1)
    one = await dental_booked(db, made)
    async with db.session() as session:
        sheet = await day_sheet(session, clinic_id=made.clinic.id, day=TEN.date())
    (shown,) = sheet.visits
    (assistant,), (piece,) = shown.assistants, shown.equipment
    assert (assistant.id, assistant.role) == (made.technicians[0].id, TECHNICIAN)
    assert (piece.name, piece.kind) == ("Unit 0", "dental_unit")
    day = next(each for each in sheet.practitioners if each.id == assistant.id)
    assert [each.appointment_id for each in day.assisting] == [one.id]
    assert day.visits == ()
    assert all(
        each.end <= one.occupied_from or one.occupied_until <= each.start for each in day.free
    )
