"""What a change makes impossible is moved in one step: a plan that somebody confirms."""

import asyncio
import os
from collections import Counter
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from tests.operations.house import House, appointments_at, house_at
from tests.operations.supposed import changes_of
from tests.scheduling.availability import DAY
from tests.scheduling.practice import HALF_AN_HOUR, TEN, Practice, booked_at, stored
from tests.scheduling.worlds import SPECIAL_DAYS, store
from tests.scheduling.worlds import scene as random_scene
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import InvalidTransition, NotFound, PermissionDenied
from vetcore.models import Appointment
from vetcore.operations import (
    OPERATIONS,
    apply_moves,
    cancel_appointment,
    create_closure,
    create_time_off,
    list_impossible_appointments,
    plan_moves,
)
from vetcore.scheduling import PlanConflict
from vetcore.schemas import (
    AppointmentCancel,
    ChangePreview,
    ClinicClosureCreate,
    ImpossibleQuery,
    MovePlan,
    MovePlanQuery,
    TimeOffCreate,
)
from vetcore.values.appointments import AppointmentPriority
from vetcore.values.clinics import ServiceType

WORLDS = int(os.environ.get("VETCORE_TEST_WORLDS", "2000")) // 125 // len(SPECIAL_DAYS)

pytestmark = pytest.mark.usefixtures("on_a_friday")

MONDAY = TEN.date()


def _closure(made: Practice, days: int = 1) -> ClinicClosureCreate:
    return ClinicClosureCreate(
        clinic_id=made.clinic.id,
        first_on=MONDAY,
        last_on=MONDAY + timedelta(days=days - 1),
        reason="Painting",
    )


async def _monday(db: Database, house: House) -> list[Appointment]:
    """Six visits, three with each practitioner, of pets that come twice."""
    first, second = (each.user_id for each in house.made.vets)
    return [
        await booked_at(
            db,
            house.made,
            TEN + HALF_AN_HOUR * (number // 2),
            animal=number % 4 if number < 4 else 5 - number,
            practitioner_id=first if number % 2 == 0 else second,
        )
        for number in range(6)
    ]


async def _planned(
    db: Database, house: House, query: MovePlanQuery, who: str = "staff"
) -> MovePlan:
    async with db.session(house.acting(who)) as session:
        return await plan_moves(session, query)


async def _applied(
    db: Database, house: House, plan: MovePlan, who: str = "staff"
) -> list[Appointment]:
    async with db.transaction(house.acting(who)) as session:
        return await apply_moves(session, plan)


async def _nothing_is_impossible(db: Database, house: House) -> bool:
    async with db.session() as session:
        query = ImpossibleQuery(clinic_id=house.made.clinic.id)
        return await list_impossible_appointments(session, query) == []


async def test_a_closure_is_planned_for_entered_and_carried_out(db: Database) -> None:
    house = await house_at(db)
    booked = await _monday(db, house)
    closure = _closure(house.made)
    plan = await _planned(
        db, house, MovePlanQuery(change=ChangePreview(create_closure=closure)), "staff"
    )
    assert {each.id for each in plan.moves} == {each.id for each in booked}
    assert plan.unplaced == ()
    # Nothing is written yet, and the slots are those of the days after.
    for each in booked:
        assert (await stored(db, each)).starts_at == each.starts_at
    assert {each.starts_at.date() for each in plan.moves} == {MONDAY + DAY}
    again = await _planned(db, house, MovePlanQuery(change=ChangePreview(create_closure=closure)))
    assert again == plan
    async with db.transaction(house.acting("staff")) as session:
        assert len((await create_closure(session, closure)).impossible) == 6
        moved = await apply_moves(session, MovePlan.model_validate_json(plan.model_dump_json()))
    assert [each.id for each in moved] == [each.id for each in plan.moves]
    assert await _nothing_is_impossible(db, house)
    for before in booked:
        after = await stored(db, before)
        assert (after.practitioner_id, after.service, after.pet_id) == (
            before.practitioner_id,
            before.service,
            before.pet_id,
        )
        assert after.sequence == before.sequence + 1


async def test_whoever_starts_first_gets_the_first_slot_and_the_urgent_before_them(
    db: Database,
) -> None:
    house = await house_at(db)
    who = house.made.vets[0].user_id
    rows = [
        await booked_at(
            db,
            house.made,
            TEN + HALF_AN_HOUR * number,
            animal=number,
            practitioner_id=who,
            priority=AppointmentPriority.URGENT if number == 2 else AppointmentPriority.ROUTINE,
        )
        for number in range(3)
    ]
    change = ChangePreview(create_closure=_closure(house.made))
    plan = await _planned(db, house, MovePlanQuery(change=change))
    assert [each.id for each in plan.moves] == [rows[2].id, rows[0].id, rows[1].id]
    begins = [each.starts_at for each in plan.moves]
    assert begins == sorted(begins)
    assert len(set(begins)) == 3


async def test_whoever_is_away_for_weeks_is_replaced_at_the_same_time(db: Database) -> None:
    house = await house_at(db)
    mine, other = (each.user_id for each in house.made.vets)
    booked = await booked_at(db, house.made, practitioner_id=mine)
    away = TimeOffCreate(practitioner_id=mine, starts_at=TEN, ends_at=TEN + 10 * DAY)
    plan = await _planned(
        db, house, MovePlanQuery(change=ChangePreview(create_time_off=away)), "system"
    )
    (move,) = plan.moves
    assert (move.starts_at, move.practitioner_id) == (booked.starts_at, other)
    short = TimeOffCreate(practitioner_id=mine, starts_at=TEN, ends_at=TEN + HALF_AN_HOUR)
    plan = await _planned(
        db, house, MovePlanQuery(change=ChangePreview(create_time_off=short)), "system"
    )
    (move,) = plan.moves
    assert (move.starts_at, move.practitioner_id) == (TEN + HALF_AN_HOUR, mine)
    async with db.transaction() as session:
        await create_time_off(session, short)
        await apply_moves(session, plan)
    assert await _nothing_is_impossible(db, house)


async def test_those_that_are_named_go_elsewhere_than_where_they_are(db: Database) -> None:
    house = await house_at(db)
    booked = await _monday(db, house)
    keys = tuple(each.id for each in booked)
    plan = await _planned(db, house, MovePlanQuery(appointment_ids=(*keys, keys[0])))
    assert len(plan.moves) == 6
    places = {each.id: (each.starts_at, each.practitioner_id) for each in booked}
    for each in plan.moves:
        assert (each.starts_at, each.practitioner_id) != places[each.id]
    await _applied(db, house, plan)


async def test_what_is_over_is_not_planned_for(db: Database) -> None:
    house = await house_at(db)
    stands, over = await booked_at(db, house.made), await booked_at(db, house.made, animal=1)
    async with db.transaction(house.acting("staff")) as session:
        await cancel_appointment(session, AppointmentCancel(id=over.id))
    with pytest.raises(InvalidTransition, match="cancelled"):
        await _planned(db, house, MovePlanQuery(appointment_ids=(stands.id, over.id)))


async def test_no_two_share_a_room_and_surgeries_keep_their_buffers(db: Database) -> None:
    house = await house_at(db)
    rows = [
        await booked_at(
            db,
            house.made,
            TEN + HALF_AN_HOUR * 8 * (number // 2),
            animal=number,
            service=ServiceType.SURGERY,
        )
        for number in range(4)
    ]
    change = ChangePreview(create_closure=_closure(house.made))
    plan = await _planned(db, house, MovePlanQuery(change=change))
    assert len(plan.moves) == 4
    assert all(each.room_id in {room.id for room in house.made.rooms} for each in plan.moves)
    await _applied(db, house, plan)
    after = [await stored(db, each) for each in rows]
    assert [each.room_id for each in after].count(None) == 0


async def test_a_pet_goes_from_one_room_to_the_next_without_the_buffers(db: Database) -> None:
    house = await house_at(db)
    for number, vet in enumerate(house.made.vets):
        await booked_at(
            db,
            house.made,
            TEN + HALF_AN_HOUR * 2 * number,
            service=ServiceType.SURGERY,
            practitioner_id=vet.user_id,
        )
    change = ChangePreview(create_closure=_closure(house.made))
    plan = await _planned(db, house, MovePlanQuery(change=change))
    one, other = plan.moves
    assert other.starts_at - one.starts_at == HALF_AN_HOUR * 2
    await _applied(db, house, plan)


async def test_what_finds_no_slot_is_said_and_left_alone(db: Database) -> None:
    house = await house_at(db)
    booked = await _monday(db, house)
    change = ChangePreview(create_closure=_closure(house.made, days=200))
    plan = await _planned(db, house, MovePlanQuery(change=change, within_days=14))
    assert plan.moves == ()
    assert set(plan.unplaced) == {each.id for each in booked}
    assert await _applied(db, house, plan) == []


async def test_what_is_planned_can_be_done_after_the_change(shared: Database) -> None:
    """Held over generated worlds: no move of a plan is refused, and what moved can take place."""
    scenes = [
        random_scene(zone, 90_000 + number) for zone in SPECIAL_DAYS for number in range(WORLDS)
    ]
    seen: Counter[str] = Counter()
    async with shared.trial() as session:
        await store(session, scenes)
        await session.execute(text("ANALYZE"))
        session.expunge_all()
        for made in scenes:
            every = list(changes_of(made, Random(made.seed)))
            with clock.frozen(made.now - 2 * DAY):
                for name, command in every:
                    change = ChangePreview(**{name: command})
                    plan = await plan_moves(session, MovePlanQuery(change=change, within_days=10))
                    tried = await session.begin_nested()
                    await OPERATIONS[name](session, command)
                    moved = await apply_moves(session, plan)
                    left = await list_impossible_appointments(
                        session, ImpossibleQuery(clinic_id=made.clinic.id)
                    )
                    assert not {each.id for each in moved} & {each.appointment.id for each in left}
                    await tried.rollback()
                    session.expunge_all()
                    seen["moved"] += len(plan.moves)
                    seen["unplaced"] += len(plan.unplaced)
    assert seen["moved"] > 0
    assert seen["unplaced"] > 0


# All or nothing -----------------------------------------------------------------------------------


async def test_a_plan_of_which_one_move_fails_moves_nothing_and_tells_which(db: Database) -> None:
    house = await house_at(db)
    booked = await _monday(db, house)
    change = ChangePreview(create_closure=_closure(house.made))
    plan = await _planned(db, house, MovePlanQuery(change=change))
    lost, gone = plan.moves[1], plan.moves[3]
    await booked_at(db, house.made, lost.starts_at, animal=3, practitioner_id=lost.practitioner_id)
    async with db.transaction(house.acting("staff")) as session:
        await cancel_appointment(session, AppointmentCancel(id=gone.id))
    before = await appointments_at(db, house)
    async with db.transaction(house.acting("staff")) as session:
        with pytest.raises(PlanConflict) as caught:
            await apply_moves(session, plan)
        row = await session.get_one(Appointment, booked[0].id)
        assert row.starts_at == booked[0].starts_at
    conflicts = {each["appointment_id"]: each["code"] for each in caught.value.details["conflicts"]}
    assert conflicts == {str(lost.id): "slot_taken", str(gone.id): "concurrent_update"}
    assert await appointments_at(db, house) == before


async def test_a_plan_is_confirmed_once_though_many_confirm_it_at_once(db: Database) -> None:
    house = await house_at(db)
    await _monday(db, house)
    change = ChangePreview(create_closure=_closure(house.made))
    plan = await _planned(db, house, MovePlanQuery(change=change))
    backwards = plan.model_copy(update={"moves": plan.moves[::-1]})

    async def attempt(number: int) -> str:
        try:
            await _applied(db, house, backwards if number % 2 else plan)
        except PlanConflict:
            return "conflict"
        return "moved"

    outcomes = Counter(await asyncio.gather(*map(attempt, range(4))))
    assert outcomes == {"moved": 1, "conflict": 3}


# Who may ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["owner", "stranger", "other"])
async def test_plans_are_for_the_clinics_staff(db: Database, name: str) -> None:
    house = await house_at(db)
    booked = await booked_at(db, house.made)
    query = MovePlanQuery(appointment_ids=(booked.id,))
    plan = await _planned(db, house, query)
    with pytest.raises((PermissionDenied, NotFound)):
        await _planned(db, house, query, name)
    with pytest.raises((PermissionDenied, NotFound)):
        await _applied(db, house, plan, name)
    assert (await stored(db, booked)).starts_at == booked.starts_at


@pytest.mark.parametrize(
    "given",
    [{}, {"appointment_ids": (uuid4(),), "change": {"delete_room": {"id": uuid4()}}}],
)
def test_a_plan_is_asked_for_by_names_or_by_a_change(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be given"):
        MovePlanQuery(**given)


def test_a_plan_has_each_appointment_once() -> None:
    key, start = UUID(int=1), datetime(2030, 1, 1, tzinfo=clock.now().tzinfo)
    move = {"id": key, "starts_at": start, "practitioner_id": UUID(int=2)}
    with pytest.raises(ValueError, match="twice"):
        MovePlan(moves=[move, move])
