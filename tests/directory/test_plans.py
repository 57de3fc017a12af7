"""A search looks names up in the indexes that are there for them, however many pets there are."""

import pytest
from sqlalchemy import text

from tests.examples import pet
from tests.plans import plan, watched
from vetcore.database import Database
from vetcore.directory import search_pets

NAMES = ["".join(chr(97 + number // 7**place % 7) for place in range(6)) for number in range(2000)]
INDEXES = {
    "sqlite": ("ix_search_names_kind_folded", "search_names_trigrams VIRTUAL TABLE"),
    "postgresql": ("ix_pets_search_name", "ix_pets_search_name_trigrams"),
}


@pytest.fixture
async def kennel(db: Database) -> Database:
    """Two thousand pets of different names."""
    async with db.transaction() as session:
        session.add_all([pet(name=name) for name in NAMES])
        await session.flush()
        await session.execute(text("ANALYZE"))
    return db


async def test_indexes_answer_a_search(kennel: Database) -> None:
    seen = watched(kennel, lambda sql: "search_name" in sql)
    async with kennel.session() as session:
        # No name is like it, so every way of finding one is gone.
        await search_pets(session, "abczbd")
    plans = [await plan(kennel, statement, large=True) for statement in seen]
    assert len(plans) >= 2
    for found in plans:
        assert "Seq Scan on pets" not in found
        assert "SCAN search_names\n" not in found
        assert "SCAN pets" not in found
    for index in INDEXES[kennel.dialect]:
        assert any(index in found for found in plans), index
