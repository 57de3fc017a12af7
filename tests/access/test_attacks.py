"""SQL that runs in a restricted session gains nothing by it, there or later. Each attack has a name."""

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import text

from tests.access.restricting import LOGIN, enabled, with_restricted
from tests.access.worlds import Platform, platform
from vetcore.database import Acting, Database
from vetcore.database.asking import signed_token
from vetcore.errors import (
    ConfigurationError,
    DatabaseError,
    InvalidValue,
    ReadOnlySession,
    VetcoreError,
)
from vetcore.models import User
from vetcore.settings import DatabaseSettings
from vetcore.settings.signing import TEST_KEY, parts_of
from vetcore.values.people import UserStatus

PETS = text("SELECT count(*) FROM pets")
TOKEN = text("SELECT current_setting('vetcore.token')")
TAKE = text("SELECT set_config('vetcore.token', :token, true)")


@pytest.fixture(params=["postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """Row-level security is PostgreSQL's."""
    return str(request.param)


@pytest.fixture
async def made(db: Database) -> Platform:
    made = await platform(db)
    await enabled(db)
    return made


@pytest.fixture
async def service(db: Database, made: Platform) -> AsyncIterator[Database]:
    """One connection, so that each session inherits what the one before has left."""
    del made
    settings = DatabaseSettings(pool_size=1, max_overflow=0, pool_timeout=2)
    async with with_restricted(db, settings=settings) as service:
        yield service


@pytest.fixture
def stranger(made: Platform) -> Acting:
    return Acting(made.actors["stranger"].user_id)


@pytest.fixture
def admin(made: Platform) -> Acting:
    return Acting(made.actors["admin"].user_id)


async def _sees_nothing(service: Database, acting: Acting) -> None:
    async with service.restricted(acting) as session:
        assert await session.scalar(PETS) == 0


@pytest.mark.parametrize(
    "statement",
    [
        "SET ROLE postgres",
        "SET SESSION AUTHORIZATION postgres",
        "SELECT set_config('role', (SELECT rolname FROM pg_roles WHERE rolsuper LIMIT 1), true)",
        "DO $$ BEGIN EXECUTE 'SET ROLE ' || (SELECT rolname FROM pg_roles WHERE rolsuper LIMIT 1); END $$",
    ],
)
async def test_taking_on_another_role(service: Database, stranger: Acting, statement: str) -> None:
    async with service.restricted(stranger) as session:
        with pytest.raises(VetcoreError):
            await session.execute(text(statement))
    await _sees_nothing(service, stranger)


async def test_putting_the_restriction_aside(service: Database, stranger: Acting) -> None:
    async with service.restricted(stranger) as session:
        for statement in ("RESET ROLE", "SET ROLE NONE", "SET row_security = off", "RESET ALL"):
            await session.execute(text(statement))
            query = text("SELECT count(*) FROM vetcore_own.pets")
            assert await session.scalar(query) == 0


async def test_saying_to_be_somebody_else(
    service: Database, stranger: Acting, admin: Acting
) -> None:
    said = ("vetcore.actor", "vetcore.token", "vetcore.user")
    async with service.restricted(stranger) as session:
        for name in said:
            await session.execute(
                text("SELECT set_config(:name, :who, true)"),
                {"name": name, "who": str(admin.actor)},
            )
            assert await session.scalar(text("SELECT count(*) FROM vetcore_admin.pets")) == 0


async def test_making_a_token(service: Database, stranger: Acting, admin: Acting) -> None:
    """Whichever part of one's own is changed, and with a key of one's own as well."""
    assert admin.actor is not None
    async with service.restricted(stranger) as session:
        mine = str(await session.scalar(TOKEN)).split(":")
        forged = [
            [*mine[:place], changed, *mine[place + 1 :]]
            for place, changed in enumerate(
                ("v2", "other", admin.actor.hex, "99999999999", "1", "1.000000", "0" * 64)
            )
        ]
        other = parts_of(f"{mine[1]}:hmac-sha256:" + "B" * 43 + "=")
        own_key = signed_token(
            other,
            admin.actor,
            place="vetcore",
            pid=int(mine[4]),
            begun=mine[5],
            expires=int(mine[3]),
        )
        for token in (*(":".join(parts) for parts in forged), own_key, ":" * 6, "v1", ""):
            await session.execute(TAKE, {"token": token})
            for schema in ("own", "staff", "admin"):
                query = text(f"SELECT count(*) FROM vetcore_{schema}.clinics")
                assert await session.scalar(query) == 0, token


async def test_entering_again_with_a_forged_token(service: Database, stranger: Acting) -> None:
    async with service.restricted(stranger) as session:
        with pytest.raises(ConfigurationError):
            await session.execute(text("SELECT vetcore_restricted.enter('v1:x')"))


async def test_using_a_token_that_was_seen_elsewhere(
    db: Database, made: Platform, stranger: Acting, admin: Acting
) -> None:
    """In another connection at the same time, and in the next transaction of the same one."""
    del made
    settings = DatabaseSettings(pool_size=2, max_overflow=0)
    async with with_restricted(db, settings=settings) as service:
        async with service.restricted(admin) as theirs, service.restricted(stranger) as session:
            token = await theirs.scalar(TOKEN)
            await session.execute(TAKE, {"token": token})
            assert await session.scalar(text("SELECT count(*) FROM vetcore_admin.pets")) == 0
            assert await theirs.scalar(PETS) == 1
        for _ in range(2):
            async with service.restricted(stranger) as session:
                await session.execute(TAKE, {"token": token})
                assert await session.scalar(text("SELECT count(*) FROM vetcore_admin.pets")) == 0


async def test_finding_tokens_among_the_statements_of_others(
    db: Database, made: Platform, stranger: Acting, admin: Acting
) -> None:
    del made
    settings = DatabaseSettings(pool_size=2, max_overflow=0)
    async with (
        with_restricted(db, settings=settings) as service,
        service.restricted(admin) as theirs,
        service.restricted(stranger) as session,
    ):
        token = str(await theirs.scalar(TOKEN))
        seen = await session.scalars(text("SELECT query FROM pg_stat_activity"))
        assert not [query for query in seen if token in str(query)]


@pytest.mark.parametrize(
    "name", ["public.pets", "public.users", "vetcore_restricted.keys", "public.command_keys"]
)
async def test_reading_a_table(service: Database, admin: Acting, name: str) -> None:
    asked = (
        f"SELECT * FROM {name}",
        f"TABLE {name}",
        f"SELECT query_to_xml('SELECT * FROM {name}', true, true, '')",
        f"SELECT table_to_xml('{name}', true, true, '')",
    )
    for statement in asked:
        async with service.restricted(admin) as session:
            with pytest.raises(DatabaseError, match="permission denied"):
                await session.execute(text(statement))


@pytest.mark.parametrize("name", ["command_keys", "record_seals", "webhook_deliveries", "collars"])
async def test_what_has_no_declaration_is_not_there(
    service: Database, admin: Acting, name: str
) -> None:
    async with service.restricted(admin) as session:
        with pytest.raises(ConfigurationError, match=rf"no {name}.*declare_access"):
            await session.execute(text(f"SELECT * FROM {name}"))


async def test_looking_into_the_views_of_another_audience(
    service: Database, stranger: Acting, made: Platform
) -> None:
    async with service.restricted(stranger) as session:
        await session.execute(text("SET LOCAL search_path = vetcore_admin, vetcore_staff"))
        for name in (*made.rows, "pet_co_owners", "record_addenda"):
            own = text(f"SELECT count(*) FROM vetcore_own.{name}")
            for audience in ("staff", "admin"):
                other = text(f"SELECT count(*) FROM vetcore_{audience}.{name}")
                assert await session.scalar(other) <= await session.scalar(own), name


@pytest.mark.parametrize(
    "condition",
    [
        "CAST(name AS int) > 0",
        "1 / (length(name) - length(name)) > 0",
        "chr(length(name) - length(name)) = ''",
        "query_to_xml(format('SELECT %L::int', name), true, true, '') IS NOT NULL",
    ],
)
async def test_making_hidden_rows_speak_through_errors(
    service: Database, stranger: Acting, condition: str
) -> None:
    async with service.restricted(stranger) as session:
        query = text(f"SELECT count(*) FROM pets WHERE {condition}")
        assert await session.scalar(query) == 0


async def test_reading_statistics_of_the_tables(
    service: Database, stranger: Acting, db: Database
) -> None:
    async with db.engine.connect() as connection:
        await connection.exec_driver_sql("ANALYZE pets, users")
    async with service.restricted(stranger) as session:
        query = text("SELECT count(*) FROM pg_stats WHERE tablename IN ('pets', 'users')")
        assert await session.scalar(query) == 0


async def test_calling_a_function_that_has_rights_of_its_own(db: Database, made: Platform) -> None:
    del made
    query = text(
        "SELECT p.proname FROM pg_proc p WHERE prosecdef AND prorettype <> 'trigger'::regtype"
        " AND has_function_privilege(:login, p.oid, 'EXECUTE')"
    )
    async with db.session() as session:
        assert (await session.scalars(query, {"login": LOGIN})).all() == ["who"]


@pytest.mark.parametrize(
    "statement",
    [
        "SET TRANSACTION READ WRITE",
        "SELECT set_config('transaction_read_only', 'off', true)",
        f"ALTER ROLE {LOGIN} SET search_path = public",
        f"ALTER ROLE {LOGIN} PASSWORD 'mine'",
        "CREATE TEMPORARY TABLE pets (id uuid)",
        "CREATE FUNCTION pg_temp.who() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid'",
        "CREATE SCHEMA mine",
        "GRANT vetcore_test_reader TO vetcore_test_reader",
    ],
)
async def test_making_or_changing_something(
    service: Database, admin: Acting, statement: str
) -> None:
    async with service.restricted(admin) as session:
        with pytest.raises((DatabaseError, ReadOnlySession)):
            await session.execute(text(statement))


async def test_making_a_large_object(service: Database, admin: Acting) -> None:
    """Before version 16, PostgreSQL makes one in a transaction that only reads: it goes with it."""
    count = text("SELECT count(*) FROM pg_largeobject_metadata")
    async with service.restricted(admin) as session:
        with suppress(VetcoreError):
            await session.execute(text("SELECT lo_from_bytea(0, 'kept')"))
    async with service.session() as session:
        assert await session.scalar(count) == 0


@pytest.mark.parametrize(
    "statement",
    [
        "COMMIT",
        "commit and chain",
        "/* x */ END",
        "-- x\nABORT",
        "ROLLBACK",
        "PREPARE TRANSACTION 'x'",
    ],
)
async def test_ending_the_transaction(service: Database, stranger: Acting, statement: str) -> None:
    async with service.restricted(stranger) as session:
        connection = await session.connection()
        with pytest.raises(InvalidValue, match="ends the transaction"):
            await session.execute(text(statement))
        with pytest.raises(InvalidValue, match="ends the transaction"):
            await connection.execute(text(statement))
        with pytest.raises(InvalidValue, match="ends the transaction"):
            await connection.exec_driver_sql(statement)
        assert await session.scalar(PETS) == 0


async def test_ending_the_transaction_behind_our_back(
    service: Database, stranger: Acting, admin: Acting
) -> None:
    """What a driver's own statement can do leaves nothing to see, and nothing for the next."""
    for statement in ("COMMIT", "ROLLBACK", "COMMIT; BEGIN"):
        async with service.restricted(admin) as session:
            assert await session.scalar(PETS) == 1
            raw: Any = await (await session.connection()).get_raw_connection()
            await raw.driver_connection.execute(statement)
            for schema in ("own", "staff", "admin"):
                query = text(f"SELECT count(*) FROM vetcore_{schema}.pets")
                assert await session.scalar(query) == 0
    await _sees_nothing(service, stranger)


async def test_a_connection_without_transactions(service: Database, admin: Acting) -> None:
    async with service.restricted(admin) as session:
        with pytest.raises(ConfigurationError, match="AUTOCOMMIT"):
            await session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})  # type: ignore[call-arg]


async def test_being_suspended_in_the_middle(
    service: Database, db: Database, made: Platform
) -> None:
    person = made.actors["manager"].user_id
    async with service.restricted(Acting(person)) as session:
        assert await session.scalar(PETS) == 1
        async with db.transaction() as other:
            (await other.get_one(User, person)).status = UserStatus.SUSPENDED
        assert await session.scalar(PETS) == 0


async def test_a_savepoint_that_is_undone_gives_no_other_rights(
    service: Database, stranger: Acting, admin: Acting
) -> None:
    async with service.restricted(stranger) as session:
        for statement in (
            "SAVEPOINT before",
            "SELECT set_config('vetcore.token', '', true)",
            "ROLLBACK TO before",
        ):
            await session.execute(text(statement))
        assert await session.scalar(text("SELECT count(*) FROM users")) == 1


def test_the_key_is_not_in_what_is_shown() -> None:
    db = Database("postgresql://localhost/clinic", restricted_key=TEST_KEY)
    assert TEST_KEY.rpartition(":")[2] not in repr(db)
