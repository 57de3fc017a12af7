"""A row that is made past the ORM has all that the ORM would have given it."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from uuid_utils.compat import uuid7

from tests.examples import NINE, clinic, pet, user
from vetcore.clock import frozen
from vetcore.database import Acting, Database
from vetcore.database.inserting import attached, inserted, new_row
from vetcore.models import Base, Pet, User
from vetcore.models.base import Entity
from vetcore.testing import count_statements
from vetcore.values.animals import PetStatus

STAMPS = {"id", "created_at", "updated_at"}


def _columns(thing: Entity, unique: set[str]) -> dict[str, Any]:
    """The columns as they are stored, but for what differs with every row."""
    names = set(type(thing).__table__.c.keys()) - STAMPS - unique
    return {name: getattr(thing, name) for name in names}


@pytest.mark.parametrize("example", [clinic, pet, user], ids=["clinic", "pet", "user"])
async def test_it_is_stored_as_the_orm_would_have_stored_it(
    db: Database, example: Callable[..., Entity]
) -> None:
    acting, made = Acting(uuid7()), example()
    entity, unique = type(made), {"email"} if example is user else set()
    given = {name: value for name, value in vars(made).items() if name in entity.__table__.c}
    given |= dict.fromkeys(unique, f"{uuid7().hex}@example.com")
    async with db.transaction(acting) as session:
        session.add(made)
        await session.flush()
        row = new_row(session, entity, given | {"id": uuid7()})
        assert await inserted(session, entity, row)
    async with db.session() as session:
        one, other = [await session.get_one(entity, key) for key in (made.id, row["id"])]
        assert _columns(one, unique) == _columns(other, unique)
        assert other.created_by_id == other.updated_by_id == acting.actor
        assert other.version == 1


async def test_its_stamps_are_those_of_the_clock(db: Database) -> None:
    async with db.transaction() as session:
        with frozen(NINE):
            row = new_row(session, Pet, {"name": "Rex", "species": "dog"})
        assert row["created_at"] == row["updated_at"] == NINE
        assert row["status"] is PetStatus.ACTIVE
        assert row["id"] != new_row(session, Pet, {})["id"]


OURS = [each for each in Entity.__subclasses__() if each.__module__.startswith("vetcore.models")]


@pytest.mark.parametrize("entity", OURS, ids=lambda cls: cls.__name__)
async def test_every_column_that_is_written_is_in_the_row(entity: type[Entity]) -> None:
    async with Database("sqlite://") as db, db.session() as session:
        row = new_row(session, entity, {})
    table = Base.metadata.tables[entity.__tablename__]
    assert row.keys() == {column.key for column in table.c if column.computed is None}


async def test_what_has_no_column_is_refused(db: Database) -> None:
    async with db.session() as session:
        with pytest.raises(TypeError, match="Pet has no column colour, nickname"):
            new_row(session, Pet, {"nickname": "R", "colour": "red"})


async def test_a_row_in_the_way_is_no_error_and_spoils_no_transaction(db: Database) -> None:
    person = user()
    async with db.transaction() as session:
        session.add(person)
        await session.flush()
        row = new_row(session, User, {"email": person.email, "first_name": "", "last_name": ""})
        assert not await inserted(session, User, row)
        assert await inserted(session, User, row | {"email": f"{uuid7().hex}@example.com"})


async def test_what_was_inserted_is_the_sessions_own(db: Database) -> None:
    async with db.transaction() as session:
        row = new_row(session, Pet, {"name": "Rex", "species": "dog"})
        assert await inserted(session, Pet, row)
        rex = attached(session, Pet, row)
        with count_statements(db) as statements:
            assert (rex.name, rex.version) == ("Rex", 1)
            assert await session.get(Pet, rex.id) is rex
        assert not statements
        rex.name = "Max"
        await session.flush()
        assert rex.version == 2
    async with db.session() as session:
        assert await session.scalar(select(Pet.name).where(Pet.id == rex.id)) == "Max"
