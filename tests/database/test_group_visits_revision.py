"""The revision of group visits keeps every appointment, up and down, and the guards with them."""

from uuid import uuid4

import pytest
from sqlalchemy import select, text

from tests.examples import appointment, pet, world
from vetcore.database import Database
from vetcore.errors import SlotTaken
from vetcore.models import Appointment


async def test_appointments_and_their_guards_stay_and_what_is_shared_stays_until_it_is_over(
    empty_url: str,
) -> None:
    everything, place, vet, animal = world()
    async with Database(empty_url) as db:
        await db.migrate()
        other = pet(id=uuid4())
        group = {"group_id": uuid4(), "group_places": 2}
        one = appointment(place, vet, animal, **group, group_place=1)
        two = appointment(place, vet, other, **group, group_place=2)
        async with db.transaction() as session:
            for row in (*everything, other):
                session.add(row)
                await session.flush()
            session.add_all([one, two])
        with pytest.raises(RuntimeError, match="2 appointments share a group visit"):
            await db.downgrade("0017")
        async with db.transaction() as session:
            (await session.get_one(Appointment, two.id)).status = "cancelled"
        await db.downgrade("0017")
        async with db.transaction() as session:
            twin = "UPDATE appointments SET status = 'scheduled' WHERE status = 'cancelled'"
            with pytest.raises(SlotTaken):
                await session.execute(text(twin))
        await db.migrate()
        async with db.session() as session:
            found = {each.id: each for each in await session.scalars(select(Appointment))}
        assert found.keys() == {one.id, two.id}
        assert found[one.id].starts_at == one.starts_at
        assert found[one.id].group_id is None
        with pytest.raises(SlotTaken):
            async with db.transaction() as session:
                session.add(appointment(place, vet, other))
