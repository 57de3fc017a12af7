"""Restricted sessions show tables of a service's own as its declarations say."""

from collections.abc import AsyncIterator, Iterator
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import ForeignKey, select, text
from sqlalchemy.orm import Mapped, mapped_column

from tests.access.restricting import enabled
from tests.access.worlds import Platform, platform
from vetcore.access import (
    ACCESS,
    GRANTS,
    Access,
    Part,
    declare_access,
    grant,
    load_actor,
    may,
    of_own_pet,
    of_patient,
    visible,
)
from vetcore.access.restricting.examining import faults, undeclared
from vetcore.database import Acting, Database
from vetcore.errors import ConfigurationError
from vetcore.models import Base, Entity
from vetcore.values.people import Role


class Collar(Entity):
    """What a pet wears."""

    __tablename__ = "test_worn_collars"

    pet_id: Mapped[UUID] = mapped_column(ForeignKey("pets.id", ondelete="CASCADE"), index=True)
    color: Mapped[str]
    price: Mapped[int]


_TABLE: Any = Collar.__table__
# Other tests compare the tables of our metadata with what the migrations make.
Base.metadata.remove(_TABLE)


@pytest.fixture
def known() -> Iterator[None]:
    """The table is in the metadata, as a service's own are."""
    table = _TABLE.to_metadata(Base.metadata)
    yield
    Base.metadata.remove(table)


class Collars(StrEnum):
    """Permissions of the service's own."""

    READ = "collar:read"
    READ_PRICE = "collar:read_price"


@pytest.fixture(params=["postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """Row-level security is PostgreSQL's."""
    return str(request.param)


@pytest.fixture
async def made(db: Database) -> Platform:
    """A collar for the patient, and one for somebody else's pet."""
    made = await platform(db)
    async with db.engine.begin() as connection:
        await connection.run_sync(_TABLE.create)
    async with db.transaction() as session:
        session.add(Collar(pet_id=made.rows["pets"].id, color="red", price=12))
        gone = Collar(pet_id=made.rows["pets"].id, color="blue", price=13)
        gone.soft_delete()
        session.add(gone)
    return made


@pytest.fixture
async def declared(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    grant(Collars.READ, own=True, roles=[Role.RECEPTIONIST, Role.CLINIC_MANAGER])
    grant(Collars.READ_PRICE, roles=[Role.CLINIC_MANAGER])
    declare_access(
        Collar,
        Access(
            Collars.READ,
            Collars.READ,
            own=lambda row, who: of_own_pet(row.pet_id, who),
            at=lambda row, at: of_patient(row.pet_id, at),
            parts=(Part(Collars.READ_PRICE, "price"),),
        ),
    )
    yield
    del ACCESS[Collar], GRANTS[Collars.READ], GRANTS[Collars.READ_PRICE]


async def test_rows_and_columns_are_those_of_the_declaration(
    db: Database, made: Platform, declared: None
) -> None:
    seen = {
        "owner": [("red", None)],
        "co_owner": [("red", None)],
        "stranger": [],
        "receptionist": [("red", None)],
        "technician": [],
        "manager": [("red", 12)],
        "elsewhere": [],
        "admin": [("red", 12)],
    }
    query = select(Collar.color, Collar.price)
    async with await enabled(db) as service:
        assert await faults(service) == []
        for name, rows in seen.items():
            actor = made.actors[name]
            async with service.restricted(Acting(actor.user_id)) as session:
                found = [tuple(row) for row in await session.execute(query)]
                assert found == rows, name
            async with service.session() as session:
                known = await load_actor(session, actor.user_id)
                filtered = await session.scalars(select(Collar).where(visible(Collar, known)))
                assert [each.color for each in filtered] == [color for color, _ in rows], name
                collar = (await session.scalars(select(Collar))).one()
                assert await may(session, known, Collars.READ, collar) is bool(rows), name


@pytest.mark.usefixtures("known")
async def test_a_table_without_a_declaration_is_not_there_and_it_is_said_what_to_do(
    db: Database, made: Platform
) -> None:
    assert Collar.__tablename__ in undeclared()
    async with await enabled(db) as service:
        for schema in ("", "vetcore_own."):
            async with service.restricted(Acting(made.actors["admin"].user_id)) as session:
                with pytest.raises(ConfigurationError, match=r"test_worn_collars.*declare_access"):
                    await session.execute(text(f"SELECT * FROM {schema}{Collar.__tablename__}"))


async def test_a_table_that_is_made_after_all_is_shown_from_then_on(
    db: Database, made: Platform, declared: None
) -> None:
    async with db.engine.begin() as connection:
        await connection.run_sync(_TABLE.drop)
    acting = Acting(made.actors["owner"].user_id)
    async with await enabled(db) as service:
        async with db.engine.begin() as connection:
            await connection.run_sync(_TABLE.create)
        assert "enable_row_level_security" in "; ".join(await faults(service))
        async with service.restricted(acting) as session:
            with pytest.raises(ConfigurationError, match="enable_row_level_security"):
                await session.scalars(select(Collar))
    async with await enabled(db) as service, service.restricted(acting) as session:
        assert (await session.scalars(select(Collar))).all() == []


async def test_a_table_in_another_schema_is_refused(
    db: Database, made: Platform, declared: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Collar.__table__, "schema", "elsewhere")
    with pytest.raises(ConfigurationError, match="'elsewhere'"):
        await enabled(db)
