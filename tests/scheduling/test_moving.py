"""Rescheduling: one transaction that keeps the id, and the old time where the new one is taken."""

from datetime import timedelta

import pytest

from tests.scheduling.practice import TEN, Practice, booked_at, stored
from vetcore.database import Database
from vetcore.errors import SlotTaken
from vetcore.scheduling import reschedule
from vetcore.scheduling.errors import ClinicClosed

pytestmark = pytest.mark.usefixtures("on_a_friday")


async def test_rescheduling_keeps_the_id_and_frees_the_old_time(
    db: Database, made: Practice
) -> None:
    booked = await booked_at(db, made, veterinarian_id=made.vets[0].id)
    later = TEN + timedelta(hours=1)
    async with db.transaction() as session:
        moved = await reschedule(session, booked.id, starts_at=later)
    assert (moved.id, moved.starts_at, moved.sequence) == (booked.id, later, 1)
    await booked_at(db, made, veterinarian_id=made.vets[0].id, animal=1)


async def test_rescheduling_by_a_quarter_of_an_hour_does_not_collide_with_itself(
    db: Database, made: Practice
) -> None:
    booked = await booked_at(db, made, veterinarian_id=made.vets[0].id)
    async with db.transaction() as session:
        await reschedule(session, booked.id, starts_at=TEN + timedelta(minutes=15))


async def test_if_the_new_time_is_taken_the_old_one_stays(db: Database, made: Practice) -> None:
    vet = made.vets[0].id
    booked = await booked_at(db, made, veterinarian_id=vet)
    later = TEN + timedelta(hours=1)
    await booked_at(db, made, starts_at=later, veterinarian_id=vet, animal=1)
    async with db.transaction() as session:
        with pytest.raises(SlotTaken) as caught:
            await reschedule(session, booked.id, starts_at=later)
    assert caught.value.details["resource"] == "veterinarian"
    assert (await stored(db, booked)).starts_at == TEN
    async with db.transaction() as session:
        moved = await reschedule(
            session, booked.id, starts_at=later, veterinarian_id=made.vets[1].id
        )
    assert moved.veterinarian_id == made.vets[1].id


async def test_rescheduling_follows_the_rules_of_booking(db: Database, made: Practice) -> None:
    booked = await booked_at(db, made)
    async with db.transaction() as session:
        with pytest.raises(ClinicClosed):
            await reschedule(session, booked.id, starts_at=TEN - timedelta(hours=4))
        moved = await reschedule(
            session,
            booked.id,
            starts_at=TEN - timedelta(hours=4),
            overrides=("clinic_closed", "off_duty"),
        )
    assert moved.overrides == ("clinic_closed", "off_duty")
