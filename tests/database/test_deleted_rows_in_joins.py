"""A statement answers as if the deleted rows were not there, however its tables are joined."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Column, MetaData, String, Table, delete, exists, func, insert, select, update
from sqlalchemy.orm import aliased, join, outerjoin

from tests.examples import clinic, pet, user
from vetcore.database import Database
from vetcore.models import Clinic, Pet, User
from vetcore.models.types import UtcDateTime

USERS: Any = User.__table__
PETS: Any = Pet.__table__
CLINICS: Any = Clinic.__table__
OWN = Table(
    "own_notes",
    MetaData(),
    Column("name", String(50), primary_key=True),
    Column("deleted_at", UtcDateTime()),
)


@pytest.fixture
async def town(db: Database) -> None:
    """Ana with an active and a deleted pet at an open clinic, Bo whose one pet is deleted, and more."""
    ana, bo, gone = (user(first_name=name) for name in ("Ana", "Bo", "Gone"))
    here, closed = clinic(name="Here"), clinic(name="Closed")
    async with db.transaction() as session:
        session.add_all([ana, bo, gone, here, closed])
        await session.flush()
        session.add_all(
            [
                pet(ana, name="Kept", primary_clinic_id=here.id),
                pet(ana, name="Lost", primary_clinic_id=here.id, deleted_at=datetime.now(UTC)),
                pet(bo, name="Dead", primary_clinic_id=here.id, deleted_at=datetime.now(UTC)),
                pet(gone, name="Orphan", primary_clinic_id=closed.id),
                pet(None, name="Stray"),
            ]
        )
        await session.flush()
        gone.soft_delete()
        closed.soft_delete()


def _nested(users: Any, pets: Any, clinics: Any) -> tuple[Any, Any]:
    at = clinics.c.id == pets.c.primary_clinic_id
    return pets.outerjoin(clinics, at), users.c.id == pets.c.owner_id


@pytest.mark.usefixtures("town")
async def test_a_join_that_nests_to_the_right_is_filtered_in_every_part(db: Database) -> None:
    inner, owned = _nested(USERS, PETS, CLINICS)
    chosen = select(USERS.c.first_name, PETS.c.name, CLINICS.c.name)
    async with db.session() as session:
        rows = (await session.execute(chosen.select_from(USERS.join(inner, owned)))).all()
        assert [tuple(row) for row in rows] == [("Ana", "Kept", "Here")]
        outer = chosen.select_from(USERS.outerjoin(inner, owned))
        rows = (await session.execute(outer.order_by(USERS.c.first_name))).all()
        assert [tuple(row) for row in rows] == [("Ana", "Kept", "Here"), ("Bo", None, None)]


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize(
    "way", ["core", "core chained", "orm", "orm chained", "tables of an entity"]
)
async def test_a_full_join_keeps_the_partner_of_a_deleted_row(db: Database, way: str) -> None:
    owned = PETS.c.owner_id == USERS.c.id
    names = select(User.first_name, Pet.name)
    statements: dict[str, Any] = {
        "core": select(USERS.c.first_name, PETS.c.name).select_from(
            USERS.join(PETS, owned, full=True)
        ),
        "core chained": select(USERS.c.first_name, PETS.c.name).join_from(
            USERS, PETS, owned, full=True
        ),
        "orm": names.select_from(join(User, Pet, Pet.owner_id == User.id, full=True)),
        "orm chained": names.select_from(User).join(User.pets, full=True),
        "tables of an entity": select(User.first_name, PETS.c.name).join_from(
            User, PETS, owned, full=True
        ),
    }
    async with db.session() as session:
        rows = {tuple(row) for row in await session.execute(statements[way])}
    assert rows == {("Ana", "Kept"), ("Bo", None), (None, "Orphan"), (None, "Stray")}


@pytest.mark.usefixtures("town")
async def test_an_outer_join_that_is_handed_in_whole_loses_no_row(db: Database) -> None:
    joined = outerjoin(User, Pet, Pet.owner_id == User.id)
    other = aliased(Pet)
    async with db.session() as session:
        for statement in (
            select(User.first_name, Pet.name).select_from(joined),
            select(User.first_name, PETS.c.name).outerjoin(PETS, PETS.c.owner_id == User.id),
            select(User.first_name, other.name).outerjoin(other, other.owner_id == User.id),
        ):
            rows = {tuple(row) for row in await session.execute(statement)}
            assert rows == {("Ana", "Kept"), ("Bo", None)}
        count = select(func.count(Pet.id)).select_from(joined)
        assert await session.scalar(count) == 1
        alone = select(User.first_name).select_from(joined)
        assert sorted(await session.scalars(alone)) == ["Ana", "Bo"]


@pytest.mark.usefixtures("town")
async def test_subqueries_of_every_kind_are_filtered(db: Database) -> None:
    of_owner = select(PETS.c.name).where(PETS.c.owner_id == USERS.c.id)
    joined = PETS.join(CLINICS, CLINICS.c.id == PETS.c.primary_clinic_id)
    async with db.session() as session:
        has_pet = select(USERS.c.first_name).where(exists(of_owner))
        assert (await session.scalars(has_pet)).all() == ["Ana"]
        most = select(func.max(PETS.c.name)).where(PETS.c.owner_id == USERS.c.id)
        named = select(USERS.c.first_name, most.scalar_subquery()).order_by(USERS.c.first_name)
        assert [tuple(row) for row in await session.execute(named)] == [
            ("Ana", "Kept"),
            ("Bo", None),
        ]
        listed = select(PETS.c.name, CLINICS.c.name.label("place")).select_from(joined)
        for source in (listed.cte(), listed.subquery().alias()):
            rows = (await session.execute(select(source.c.name, source.c.place))).all()
            assert [tuple(row) for row in rows] == [("Kept", "Here")]
        if db.dialect == "postgresql":
            beside = of_owner.lateral()
            pairs = select(USERS.c.first_name, beside.c.name).select_from(
                USERS.outerjoin(beside, beside.c.name.is_not(None))
            )
            assert {tuple(row) for row in await session.execute(pairs)} == {
                ("Ana", "Kept"),
                ("Bo", None),
            }


@pytest.mark.usefixtures("town")
async def test_a_subquery_that_asks_for_deleted_rows_hands_them_on(db: Database) -> None:
    every = select(PETS.c.name, PETS.c.deleted_at).execution_options(include_deleted=True)
    async with db.session() as session:
        for source in (every.subquery(), every.cte().alias()):
            names = (await session.scalars(select(source.c.name))).all()
            assert sorted(names) == ["Dead", "Kept", "Lost", "Orphan", "Stray"]


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize("core", [True, False], ids=["core", "orm"])
async def test_a_change_reads_only_the_active_rows_of_other_tables(
    db: Database, *, core: bool
) -> None:
    owner, animal = (USERS, PETS) if core else (User, Pet)
    column = (lambda kind, name: kind.c[name]) if core else getattr
    owned = column(animal, "owner_id") == column(owner, "id")
    async with db.transaction() as session:
        changed = update(animal).where(owned).values(notes=column(owner, "first_name"))
        await session.execute(changed, execution_options={"synchronize_session": False})
        # A pet whose owner's account is deleted has no owner that anybody sees.
        noted = select(PETS.c.name).where(PETS.c.notes.is_not(None))
        assert (await session.scalars(noted)).all() == ["Kept"]
        await session.rollback()
    if db.dialect == "postgresql":
        async with db.transaction() as session:
            away = delete(animal).where(owned)
            await session.execute(away, execution_options={"synchronize_session": False})
            left = select(PETS.c.name).execution_options(include_deleted=True)
            assert sorted(await session.scalars(left)) == ["Dead", "Lost", "Orphan", "Stray"]
            await session.rollback()


@pytest.mark.usefixtures("town")
async def test_what_is_inserted_from_a_query_comes_from_active_rows(db: Database) -> None:
    async with db.engine.begin() as connection:
        await connection.run_sync(OWN.metadata.create_all)
    async with db.transaction() as session:
        for source in (select(PETS.c.name), select(Pet.name)):
            await session.execute(insert(OWN).from_select(["name"], source))
            kept = (await session.scalars(select(OWN.c.name))).all()
            assert sorted(kept) == ["Kept", "Orphan", "Stray"]
            await session.execute(delete(OWN))


async def test_a_table_of_ones_own_is_filtered_as_ours_are(db: Database) -> None:
    async with db.engine.begin() as connection:
        await connection.run_sync(OWN.metadata.create_all)
    async with db.transaction() as session:
        moments = {"here": None, "gone": datetime.now(UTC)}
        rows = [{"name": name, "deleted_at": moment} for name, moment in moments.items()]
        await session.execute(insert(OWN), rows)
        beside = select(USERS.c.id, OWN.c.name).select_from(
            OWN.outerjoin(USERS, USERS.c.first_name == OWN.c.name)
        )
        assert [row.name for row in await session.execute(beside)] == ["here"]
