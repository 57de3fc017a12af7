"""What else the database room promises: figures, defaults and sentences, one by one."""

import asyncio

import pytest
from sqlalchemy import text

from vetcore.database import Acting, Database
from vetcore.database.activity import Activity
from vetcore.errors import InvalidValue
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
    async with Database(database_url, settings=settings) as db:
        async with db.engine.connect() as connection:
            raw = await connection.get_raw_connection()
            assert raw.driver_connection is not None
            assert list(await raw.driver_connection.execute_fetchall(long)) == [(300_000,)]


@pytest.mark.parametrize("given", ["", "riverside"])
def test_the_tenant_that_is_given_counts_even_if_it_is_none(given: str) -> None:
    settings = DatabaseSettings(tenant="of_the_settings")
    url = "postgresql://ann@127.0.0.1/clinic"
    assert Database(url, settings=settings).tenant == "of_the_settings"
    assert Database(url, settings=settings, tenant=given).tenant == given
