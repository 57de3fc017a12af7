"""A visit takes assistants and equipment: who is taken, and what nobody has twice."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from tests.scheduling.practice import TEN, booked_at, run_out
from tests.scheduling.surgery import (
    HOUR,
    TECHNICIAN,
    VET,
    Theatre,
    acted,
    assists,
    dental_booked,
    having,
    theatre,
    visit,
)
from vetcore.database import Database
from vetcore.errors import BookingRefused, InvalidValue, SlotTaken
from vetcore.models import Appointment, Occupation, StaffMembership
from vetcore.scheduling import (
    book,
    cancel,
    find_slots,
    hold,
)
from vetcore.schemas import AppointmentHoldCreate
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType

pytestmark = pytest.mark.usefixtures("on_a_friday")
STAFF = Capacity.STAFF


async def _refused(db: Database, made: Theatre, *at: Any, **given: Any) -> BookingRefused:
    with pytest.raises(BookingRefused) as refused:
        await dental_booked(db, made, *at, **given)
    async with db.session() as session:
        alone = await session.scalar(
            select(func.count())
            .select_from(Appointment)
            .where(
                Appointment.service == ServiceType.DENTAL_CLEANING,
                Appointment.id.not_in(select(Occupation.appointment_id)),
            )
        )
    assert alone == 0, "nothing is half booked"
    return refused.value


async def _starts(db: Database, made: Theatre, **given: Any) -> set[Any]:
    async with db.session() as session:
        slots = await find_slots(
            session,
            clinic_id=made.clinic.id,
            service=ServiceType.DENTAL_CLEANING,
            start=TEN,
            end=TEN + timedelta(minutes=1),
            by=STAFF,
            **given,
        )
    return {slot.practitioner_id for slot in slots}


async def test_a_visit_takes_one_of_each_role_and_one_piece_of_each_kind(db: Database) -> None:
    made = await theatre(db, vets=2, assisted_by=(TECHNICIAN, VET))
    booked = await dental_booked(db, made)
    people, pieces = await having(db, booked)
    vets = made.vet_ids - {booked.practitioner_id}
    assert len(people & {each.id for each in made.technicians}) == 1
    assert people & made.vet_ids == vets
    assert pieces == {made.equipment[0].id}


async def test_the_assistant_with_the_least_to_do_that_day_is_taken(db: Database) -> None:
    made = await theatre(db, units=2)
    first = await dental_booked(db, made)
    later = await dental_booked(db, made, TEN + 5 * HOUR, animal=1)
    (one,), (other,) = (await having(db, first))[0], (await having(db, later))[0]
    assert one == min(each.id for each in made.technicians)
    assert other == max(each.id for each in made.technicians)


async def test_where_assistants_or_equipment_are_missing_nothing_is_listed_or_booked(
    db: Database,
) -> None:
    made = await theatre(db, technicians=1, units=2)
    await dental_booked(db, made)
    assert await _starts(db, made) == set()
    taken = await _refused(db, made, animal=1)
    assert (taken.code, taken.details["resource"]) == ("slot_taken", "assistant")

    single = await theatre(db, units=1)
    await dental_booked(db, single)
    assert await _starts(db, single) == set()
    taken = await _refused(db, single, animal=1)
    assert (taken.code, taken.details["resource"]) == ("slot_taken", "equipment")

    bare = await theatre(db, units=0)
    assert (await _refused(db, bare)).code == "no_equipment"
    alone = await theatre(db, technicians=0)
    assert (await _refused(db, alone)).code == "no_assistant"
    assert await _starts(db, alone) == set()


async def test_hours_of_assistants_can_be_set_aside_and_their_being_taken_cannot(
    db: Database,
) -> None:
    made = await theatre(db, technicians=1, units=2)
    async with db.transaction() as session:
        await session.execute(
            update(StaffMembership)
            .where(StaffMembership.user_id == made.technicians[0].id)
            .values(working_hours="Mo-Fr 13:00-18:00")
        )
    assert (await _refused(db, made)).code == "assistants_off_duty"
    booked = await dental_booked(db, made, overrides=("assistants_off_duty",))
    assert booked.overrides == ("assistants_off_duty",)
    assert await having(db, booked) == ({made.technicians[0].id}, {made.equipment[0].id}) or (
        await having(db, booked) == ({made.technicians[0].id}, {made.equipment[1].id})
    )
    taken = await _refused(db, made, animal=1, overrides=("assistants_off_duty",))
    assert taken.details["resource"] == "assistant"


async def test_staff_name_who_assists_and_which_piece(db: Database) -> None:
    made = await theatre(db, units=2)
    for number in (0, 1):
        wanted = {made.technicians[number].id}, {made.equipment[number].id}
        booked = await dental_booked(
            db,
            made,
            TEN + number * 3 * HOUR,
            animal=number,
            assistant_ids=tuple(wanted[0]),
            equipment_ids=tuple(wanted[1]),
        )
        assert await having(db, booked) == wanted
    strangers: list[dict[str, Any]] = [
        {"assistant_ids": (made.technicians[0].id, made.technicians[1].id)},
        {"equipment_ids": (uuid4(),)},
        {"equipment_ids": tuple(each.id for each in made.equipment)},
    ]
    for given in strangers:
        with pytest.raises(InvalidValue) as refused:
            await dental_booked(db, made, TEN + 2 * HOUR, animal=2, **given)
        assert refused.value.details["field"] in given
    stranger = await _refused(db, made, TEN + 5 * HOUR, animal=2, assistant_ids=(uuid4(),))
    assert stranger.code == "no_assistant"
    with pytest.raises(InvalidValue):
        async with db.transaction() as session:
            plain = made.request(TEN + 5 * HOUR, animal=3, assistant_ids=(uuid4(),))
            await book(session, plain, by=STAFF)


async def test_who_assists_is_busy_as_a_practitioner_and_the_reverse(db: Database) -> None:
    made = await theatre(db, vets=2, technicians=0, assisted_by=(VET,), units=2)
    first = await dental_booked(db, made, practitioner_id=made.vets[0].user_id)
    other = made.vets[1].user_id
    for practitioner in (other, None):
        with pytest.raises(SlotTaken) as refused:
            await booked_at(db, made, animal=1, practitioner_id=practitioner)
        assert refused.value.details["resource"] == "practitioner"
    async with db.transaction() as session:
        squeezed = made.request(animal=1, practitioner_id=other, squeeze_reason="Hit by a car")
        assert (await book(session, squeezed, by=STAFF)).squeezed_in
    await acted(db, cancel, first, by=STAFF)
    await booked_at(db, made, animal=2, practitioner_id=made.vets[0].user_id)


async def test_one_statement_that_books_sees_that_its_practitioner_assists(db: Database) -> None:
    """The transaction goes on: nothing was raised that would have ended it."""
    made = await theatre(db, vets=2, technicians=0, assisted_by=(VET,))
    who = made.vets[1].user_id
    await dental_booked(db, made, practitioner_id=made.vets[0].user_id)
    async with db.transaction() as session:
        wish = made.request(TEN, animal=1, practitioner_id=who)
        # Now all is kept that one statement needs.
        for _ in range(2):
            with pytest.raises(SlotTaken):
                await book(session, wish, by=STAFF)
        later = wish.model_copy(update={"starts_at": TEN + 3 * HOUR})
        assert (await book(session, later, by=STAFF)).practitioner_id == who


async def test_a_hold_that_has_run_out_keeps_nobody(db: Database) -> None:
    made = await theatre(db, vets=2, technicians=1, assisted_by=(VET, TECHNICIAN))
    request = made.dental(practitioner_id=made.vets[0].user_id)
    async with db.transaction() as session:
        held = await hold(session, AppointmentHoldCreate(**request.model_dump()), by=STAFF)
    taken = await _refused(db, made, animal=1)
    assert taken.code == "slot_taken"
    await run_out(db, held)
    seen = await booked_at(db, made, animal=2, practitioner_id=made.vets[1].user_id)
    async with db.transaction() as session:
        await cancel(session, seen.id, by=STAFF)
        await session.execute(
            update(Appointment).where(Appointment.id == held.id).values(status="held")
        )
    booked = await dental_booked(db, made, animal=1)
    assert len((await having(db, booked))[0]) == 2
    async with db.session() as session:
        assert (await session.get_one(Appointment, held.id)).status is AppointmentStatus.EXPIRED


async def test_of_many_at_once_each_gets_another_assistant_and_nobody_is_half_booked(
    db: Database,
) -> None:
    made = await theatre(db, vets=6, technicians=2, units=3)

    async def attempt(number: int) -> object:
        try:
            return await db.run(lambda session: book(session, made.dental(animal=number), by=STAFF))
        except SlotTaken as error:
            return error.details["resource"]

    outcomes = await asyncio.gather(*(attempt(number) for number in range(6)))
    booked = [each for each in outcomes if isinstance(each, Appointment)]
    assert Counter(each for each in outcomes if isinstance(each, str)) == {"assistant": 4}
    people = [tuple((await having(db, each))[0]) for each in booked]
    assert len(set(people)) == 2
    async with db.session() as session:
        assert await session.scalar(select(func.count()).select_from(Appointment)) == 2


async def test_who_assists_and_who_sees_at_once_are_not_one(db: Database) -> None:
    made = await theatre(db, vets=2, technicians=0, assisted_by=(VET,), units=6)

    async def attempt(number: int) -> str:
        who = made.vets[number % 2].user_id
        wish = (
            made.dental(animal=number, practitioner_id=who)
            if number < 3
            else made.request(animal=number, practitioner_id=who)
        )
        try:
            await db.run(lambda session: book(session, wish, by=STAFF))
        except SlotTaken:
            return "taken"
        return "booked"

    await asyncio.gather(*(attempt(number) for number in range(6)))
    async with db.session() as session:
        seen = (await session.scalars(select(Appointment.practitioner_id))).all()
        helped = (await session.scalars(select(Occupation.person_id))).all()
    everybody = [*seen, *(each for each in helped if each is not None)]
    assert len(everybody) == len(set(everybody))
    assert everybody


async def test_a_row_that_another_program_writes_is_seen_by_listing_and_booking(
    db: Database,
) -> None:
    made = await theatre(db, vets=2, units=2)
    other = visit(made, vet=0)
    async with db.transaction() as session:
        session.add(other)
        await session.flush()
        session.add(assists(made.vets[1].user_id, other))
    assert await _starts(db, made) == set()
    with pytest.raises(SlotTaken):
        await dental_booked(db, made, animal=1)
