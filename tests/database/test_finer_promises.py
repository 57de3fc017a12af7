"""What else the database room promises: figures, defaults and sentences, one by one."""

import asyncio
from typing import Any

import pytest
from pydantic import BaseModel
from sqlalchemy import select, text, update

from tests.examples import pet
from vetcore import clock
from vetcore.database import Acting, Database, sqlite_driver
from vetcore.database.activity import Activity
from vetcore.database.listing import read_list, select_for
from vetcore.database.locking import locked_rows
from vetcore.database.registry import schema
from vetcore.errors import InvalidValue, NotFound
from vetcore.models import Pet
from vetcore.settings import DatabaseSettings


async def test_nothing_is_waited_for_where_no_session_was_ever_open() -> None:
    await asyncio.wait_for(Activity().drain(60), 5)


@pytest.mark.parametrize(("field", "longest"), [("reason", 500), ("request", 100)])
def test_a_reason_has_500_characters_at_most_and_a_request_100(field: str, longest: int) -> None:
    assert getattr(Acting(**{field: "x" * longest}), field)
    with pytest.raises(InvalidValue, match=f"{field}.*is too long.*{longest} characters"):
        Acting(**{field: "x" * (longest + 1)})


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_check_tells_what_there_is_before_what_there_should_be(db: Database) -> None:
    async with db.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE pets ALTER COLUMN name DROP NOT NULL"))
    (found,) = await db.check()
    assert (found.kind, found.name) == ("changed", "pets.name")
    assert found.detail == "modify_nullable: True → False"


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_a_statement_that_goes_past_sqlalchemy_has_no_time_limit(database_url: str) -> None:
    settings = DatabaseSettings(statement_timeout=0.001)
    long = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 300000) SELECT max(i) FROM n"
    async with (
        Database(database_url, settings=settings) as db,
        db.engine.connect() as connection,
    ):
        raw = await connection.get_raw_connection()
        assert raw.driver_connection is not None
        assert list(await raw.driver_connection.execute_fetchall(long)) == [(300_000,)]


@pytest.mark.parametrize("given", ["", "riverside"])
def test_the_tenant_that_is_given_counts_even_if_it_is_none(given: str) -> None:
    settings = DatabaseSettings(tenant="of_the_settings")
    url = "postgresql://ann@127.0.0.1/clinic"
    assert Database(url, settings=settings).tenant == "of_the_settings"
    assert Database(url, settings=settings, tenant=given).tenant == given


async def test_a_cancellation_that_was_put_off_is_counted_once() -> None:
    async def work() -> int:
        task = asyncio.current_task()
        assert task is not None
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            sqlite_driver._cancel_with_the_next_await()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.sleep(60)
        return task.cancelling()

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    assert await task == 1


async def test_a_word_that_a_column_does_not_know_is_told_without_quotation_marks(
    db: Database,
) -> None:
    animal: Any = pet()
    animal.species = "dragon"
    with pytest.raises(InvalidValue) as caught:
        async with db.transaction() as session:
            session.add(animal)
    assert str(caught.value) == "species: is none of its words, got 'dragon'"


async def test_an_update_by_key_in_a_session_that_sees_deleted_rows_reaches_them(
    db: Database,
) -> None:
    gone = pet(name="Rex", deleted_at=clock.now())
    async with db.transaction() as session:
        session.add(gone)
    rows = [{"id": gone.id, "name": "Max"}]
    with pytest.raises(NotFound):
        async with db.transaction() as session:
            await session.execute(update(Pet), rows)
    async with db.transaction() as session:
        await session.execute(update(Pet), rows, execution_options={"include_deleted": True})
    async with db.session(include_deleted=True) as session:
        found = await session.get_one(Pet, gone.id)
        assert (found.name, found.version) == ("Max", gone.version + 1)


@pytest.mark.parametrize("backend", ["postgresql"])  # SQLite has one writer
async def test_several_locked_rows_are_as_they_are_now(db: Database) -> None:
    animals = [pet(name="Rex"), pet(name="Bo")]
    async with db.transaction() as session:
        session.add_all(animals)
    ours = select(Pet).where(Pet.id.in_([each.id for each in animals]))
    async with db.transaction() as session:
        known = {each.id: each for each in await session.scalars(ours)}
        async with db.transaction() as other:
            (await other.get_one(Pet, animals[0].id)).name = "Max"
        found = await locked_rows(session, ours)
        assert {each.name for each in found} == {"Max", "Bo"}
        assert all(each is known[each.id] for each in found)


def test_an_index_that_is_not_unique_keeps_nothing_unique() -> None:
    columns: dict[tuple[str, tuple[str, ...]], bool] = {}
    for table in schema.every_table():
        for index in table.indexes:
            key = table.name, tuple(column.name for column in index.columns)
            columns[key] = columns.get(key, False) or index.unique
    plain = [key for key, unique in columns.items() if not unique]
    assert ("pets", ("owner_id",)) in plain
    assert all(schema.unique_over(*key) is None for key in plain)


async def test_a_list_has_rows_that_are_alike(db: Database) -> None:
    class Named(BaseModel):
        name: str

    async with db.transaction() as session:
        session.add_all([pet(name="Rex"), pet(name="Rex")])
    async with db.session() as session:
        found = await read_list(session, Named, select_for(Pet, Named))
    assert [each.name for each in found] == ["Rex", "Rex"]
