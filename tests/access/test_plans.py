"""What an actor may see is found by indexes, not by looking at every row."""

import pytest
from sqlalchemy import func, insert, select, text

from tests.examples import user
from tests.plans import plan, watched
from vetcore.access import Actor, visible
from vetcore.database import Database
from vetcore.models import Appointment, Pet, User
from vetcore.values.animals import Species


@pytest.fixture
async def owner(db: Database) -> User:
    """One of two hundred owners of ten pets each."""
    owners = [user() for _ in range(200)]
    async with db.transaction() as session:
        session.add_all(owners)
        await session.flush()
        rows = [
            {"name": "Rex", "species": Species.DOG, "owner_id": person.id}
            for person in owners
            for _ in range(10)
        ]
        await session.execute(insert(Pet), rows)
        await session.execute(text("ANALYZE"))
    return owners[0]


async def test_an_owners_pets_and_visits_are_found_by_indexes(db: Database, owner: User) -> None:
    seen = watched(db, lambda sql: "FROM pets" in sql or "FROM appointments" in sql)
    actor = Actor(owner.id)
    async with db.session() as session:
        mine = await session.scalars(select(Pet.id).where(visible(Pet, actor)))
        assert len(mine.all()) == 10
        count = select(func.count()).select_from(Appointment)
        assert await session.scalar(count.where(visible(Appointment, actor))) == 0
    assert len(seen) == 2
    for statement in seen:
        found = await plan(db, statement, large=True)
        assert "ix_pets_owner_id" in found
        assert "Seq Scan on pets" not in found
        for scan in ("SCAN pets", "SCAN their_pets", "SCAN appointments"):
            assert scan not in found
