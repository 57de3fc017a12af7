"""Holds: they keep a slot until they run out, by the database's clock."""

import pytest

from tests.scheduling.practice import Practice, booked_at, held_at, run_out, stored
from vetcore.database import Database
from vetcore.errors import HoldExpired, SlotTaken
from vetcore.scheduling import confirm_hold, expire_holds
from vetcore.values.appointments import AppointmentStatus

pytestmark = pytest.mark.usefixtures("on_a_friday")


async def test_a_hold_keeps_its_slot_and_becomes_an_appointment(
    db: Database, made: Practice
) -> None:
    held = await held_at(db, made, veterinarian_id=made.vets[0].id)
    assert held.hold_expires_at is not None
    with pytest.raises(SlotTaken):
        await booked_at(db, made, veterinarian_id=made.vets[0].id, animal=1)
    async with db.transaction() as session:
        confirmed = await confirm_hold(session, held.id)
    assert confirmed.status is AppointmentStatus.SCHEDULED
    assert confirmed.id == held.id


async def test_a_hold_that_has_run_out_gives_way(db: Database, made: Practice) -> None:
    held = await held_at(db, made, veterinarian_id=made.vets[0].id)
    await run_out(db, held)
    booked = await booked_at(db, made, veterinarian_id=made.vets[0].id, animal=1)
    assert booked.status is AppointmentStatus.SCHEDULED
    assert (await stored(db, held)).status is AppointmentStatus.EXPIRED
    with pytest.raises(HoldExpired):
        async with db.transaction() as session:
            await confirm_hold(session, held.id)


async def test_a_hold_that_has_run_out_cannot_be_confirmed_even_if_nobody_took_it(
    db: Database, made: Practice
) -> None:
    held = await held_at(db, made)
    await run_out(db, held)
    with pytest.raises(HoldExpired):
        async with db.transaction() as session:
            await confirm_hold(session, held.id)


async def test_holds_that_have_run_out_can_be_swept(db: Database, made: Practice) -> None:
    held, live = await held_at(db, made), await held_at(db, made, animal=1)
    await run_out(db, held)
    async with db.transaction() as session:
        assert await expire_holds(session) == 1
    assert (await stored(db, held)).status is AppointmentStatus.EXPIRED
    assert (await stored(db, live)).status is AppointmentStatus.HELD
