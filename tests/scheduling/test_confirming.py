"""Holds and appointments are confirmed once, and against the rules of booking."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from tests.scheduling.changes import (
    CATALOGUE,
    EVERYTHING,
    PATIENT_AND_PLACE,
    died,
)
from tests.scheduling.practice import (
    NOW,
    TEN,
    Practice,
    booked_at,
    held_at,
    practice,
    stored,
)
from tests.scheduling.refusing import HOUR, apply_change, refused
from tests.scheduling.waiting import join, offer, read_back
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import HoldExpired, NotBookable
from vetcore.models import (
    Appointment,
    Room,
)
from vetcore.scheduling import (
    accept_offer,
    book,
    cancel,
    check_in,
    confirm,
    confirm_hold,
    impossible_visits,
    reinstate,
)
from vetcore.values.appointments import AppointmentStatus, WaitlistStatus
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType

pytestmark = pytest.mark.usefixtures("on_a_friday")


@pytest.mark.parametrize("case", PATIENT_AND_PLACE | CATALOGUE)
async def test_neither_a_hold_nor_an_offer_nor_a_visit_is_confirmed_against_a_rule(
    shared: Database, case: str
) -> None:
    made = await practice(shared)
    change, code = EVERYTHING[case]
    vet = made.vets[0].user_id
    booked = await booked_at(shared, made, TEN + HOUR, practitioner_id=vet)
    held = await held_at(shared, made, starts_at=TEN + HOUR / 2, practitioner_id=vet)
    entry = await join(shared, made, practitioner_id=vet)
    assert await offer(shared, made) is not None
    await apply_change(shared, made, change)
    for step in (confirm_hold, confirm, reinstate):
        await refused(shared, held, step, code)
    await refused(shared, booked, confirm, code)
    async with shared.transaction() as session:
        with pytest.raises(NotBookable) as caught:
            await accept_offer(session, entry.id, by=Capacity.OWNER)
    assert caught.value.code == code
    assert (await read_back(shared, entry)).status is WaitlistStatus.OFFERED


async def test_nobody_confirms_what_has_begun(db: Database, made: Practice) -> None:
    booked = await booked_at(db, made)
    with clock.frozen(TEN + timedelta(minutes=1)):
        await refused(db, booked, confirm, "in_the_past")


async def test_a_hold_that_many_confirm_at_once_is_confirmed_once(
    db: Database, made: Practice
) -> None:
    held = await held_at(db, made)
    answers = await asyncio.gather(
        *(
            db.run(lambda session: confirm_hold(session, held.id, by=Capacity.STAFF))
            for _ in range(6)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, Appointment) for answer in answers) == 1
    found = await stored(db, held)
    assert (found.status, found.version) == (AppointmentStatus.SCHEDULED, held.version + 1)


async def test_a_hold_that_is_cleared_away_while_it_is_confirmed_is_one_or_the_other(
    db: Database, made: Practice
) -> None:
    vet = made.vets[0].user_id
    held = await held_at(db, made, practitioner_id=vet)
    await asyncio.gather(
        db.run(lambda session: confirm_hold(session, held.id, by=Capacity.STAFF)),
        db.run(lambda session: cancel(session, held.id, by=Capacity.STAFF)),
        *(
            db.run(
                lambda s, n=n: book(
                    s, made.request(practitioner_id=vet, animal=n), by=Capacity.STAFF
                )
            )  # type: ignore[misc]
            for n in (1, 2)
        ),
        return_exceptions=True,
    )
    async with db.session() as session:
        occupying = select(func.count()).where(
            Appointment.practitioner_id == made.vets[0].user_id,
            Appointment.status.in_(AppointmentStatus.occupying()),
        )
        occupied = await session.scalar(occupying)
    assert occupied in {0, 1}
    if not occupied:
        # It was cancelled when those who wanted the slot had been told that it was taken.
        await booked_at(db, made, practitioner_id=vet, animal=3)


async def test_the_reason_is_told_and_not_that_the_hold_has_run_out(
    db: Database, made: Practice
) -> None:
    held = await held_at(db, made)
    await apply_change(db, made, died)
    async with db.transaction() as session:
        with pytest.raises(NotBookable):
            await confirm_hold(session, held.id, by=Capacity.STAFF)
    async with db.transaction() as session:
        await session.execute(
            update(Appointment)
            .where(Appointment.id == held.id)
            .values(hold_expires_at=NOW - timedelta(days=365))
        )
    async with db.transaction() as session:
        with pytest.raises(HoldExpired):
            await confirm_hold(session, held.id, by=Capacity.STAFF)


async def test_a_visit_in_a_room_that_has_gone_is_not_confirmed_and_who_arrives_is_let_in(
    db: Database, made: Practice
) -> None:
    surgery: dict[str, Any] = {"service": ServiceType.SURGERY}
    held = await held_at(db, made, **surgery)
    booked = await booked_at(db, made, TEN + 3 * HOUR, animal=1, **surgery)
    async with db.transaction() as session:
        for room in made.rooms:
            (await session.get_one(Room, room.id)).soft_delete()
    await refused(db, held, confirm_hold, "no_room")
    await refused(db, booked, confirm, "no_room")
    async with db.session() as session:
        impossible = await impossible_visits(session, clinic_id=made.clinic.id)
    assert {each.appointment.id for each in impossible} == {held.id, booked.id}
    async with db.transaction() as session:
        arrived = await check_in(session, booked.id)
        assert arrived.status is AppointmentStatus.CHECKED_IN
