"""A ``Database`` with a row security role: the service that forgets its filter leaks nothing."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text

from tests.access.worlds import Platform, platform
from tests.examples import pet
from vetcore import clock
from vetcore.access import (
    SERVICE_ROLE,
    disable_row_level_security,
    enable_row_level_security,
    load_actor,
)
from vetcore.access.entities import ACCESS
from vetcore.database import Acting, Database
from vetcore.database.copying import copy_database
from vetcore.errors import ConfigurationError, DatabaseError, LockTimeout, PermissionDenied
from vetcore.models import Clinic, Pet, User
from vetcore.settings import DatabaseSettings, RetentionSettings, Settings
from vetcore.testing.databases import ScratchDatabases
from vetcore.values.people import UserStatus
from vetcore.values.signatures import TEST_KEYS


@pytest.fixture(params=["postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """Row-level security is PostgreSQL's."""
    return str(request.param)


@pytest.fixture
async def made(db: Database) -> Platform:
    made = await platform(db)
    await enable_row_level_security(db)
    return made


@pytest.fixture
async def service(db: Database, made: Platform) -> Database:
    """What a service opens; one connection, so that each transaction inherits what was left."""
    del made
    settings = DatabaseSettings(pool_size=1, max_overflow=0)
    return Database(db.url, settings=settings, row_security_role=SERVICE_ROLE)


async def _pets(db: Database, actor: UUID | None = None) -> int:
    async with db.session(Acting(actor)) as session:
        return await session.scalar(select(func.count()).select_from(Pet)) or 0


async def test_a_query_without_a_filter_sees_what_its_actor_may_see(
    service: Database, made: Platform
) -> None:
    async with service:
        assert await _pets(service, actor=made.actors["owner"].user_id) == 1
        assert await _pets(service, actor=made.actors["receptionist"].user_id) == 1
        assert await _pets(service, actor=made.actors["stranger"].user_id) == 0


async def test_without_an_actor_there_is_nothing_to_see(service: Database) -> None:
    async with service, service.session() as session:
        for name in (*(entity.__tablename__ for entity in ACCESS), "pet_co_owners"):
            assert await session.scalar(text(f"SELECT count(*) FROM {name}")) == 0, name


async def test_an_unknown_or_suspended_actor_sees_nothing(
    service: Database, db: Database, made: Platform
) -> None:
    manager = made.actors["manager"].user_id
    async with service:
        assert await _pets(service, actor=uuid4()) == 0
        assert await _pets(service, actor=manager) == 1
        async with db.transaction() as session:
            (await session.get_one(User, manager)).status = UserStatus.SUSPENDED
        assert await _pets(service, actor=manager) == 0


async def test_the_actor_and_the_role_end_with_the_transaction(
    service: Database, made: Platform
) -> None:
    """So a pooler that hands the connection on between transactions hands on nothing."""
    admin = made.actors["admin"].user_id
    left = text("SELECT current_user = session_user, current_setting('vetcore.actor', true)")
    count = select(func.count()).select_from(Pet)
    async with service:
        for commits in (True, False):
            async with service.session(Acting(admin)) as session:
                assert await session.scalar(count) == 1
                if commits:
                    await session.commit()
            async with service.engine.connect() as connection:
                same, actor = (await connection.execute(left)).one()
                assert same
                assert not actor
            assert await _pets(service) == 0


async def test_a_second_transaction_of_a_session_is_restricted_too(
    service: Database, made: Platform
) -> None:
    async with service, service.session(Acting(made.actors["stranger"].user_id)) as session:
        for _ in range(2):
            assert (await session.scalars(text("SELECT name FROM pets"))).all() == []
            await session.commit()


async def test_a_savepoint_that_is_undone_lifts_no_restriction(
    service: Database, made: Platform
) -> None:
    async with service, service.transaction(Acting(made.actors["owner"].user_id)) as session:
        with pytest.raises(PermissionDenied):
            async with session.begin_nested():
                session.add(Pet(name="Stolen", species="dog", owner_id=uuid4()))
                await session.flush()
        assert await session.scalar(text("SELECT count(*) FROM users")) == 1


async def test_transactions_and_replays_are_restricted(service: Database, made: Platform) -> None:
    async with service:
        count = select(func.count()).select_from(Pet)
        owner = made.actors["owner"].user_id
        assert await service.run(lambda s: s.scalar(count), Acting(owner)) == 1
        assert await service.run(lambda s: s.scalar(count)) == 0


async def test_an_actor_can_load_themselves(service: Database, made: Platform) -> None:
    async with service:
        for name in ("owner", "veterinarian", "admin"):
            actor = made.actors[name]
            async with service.session(Acting(actor.user_id)) as session:
                assert await load_actor(session, actor.user_id) == actor


async def test_work_on_nobodys_behalf_sees_everything(service: Database) -> None:
    async with service:
        assert await _pets(service.without_row_security()) == 1
        assert await _pets(service) == 0
        assert (await service.health()).ok


async def test_a_tenant_has_policies_of_its_own(empty_url: str) -> None:
    async with Database(empty_url, keys=TEST_KEYS) as whole:
        tenant = whole.for_tenant("group_a")
        await tenant.migrate()
        made = await platform(tenant)
        await enable_row_level_security(tenant)
        restricted = Database(empty_url, tenant="group_a", row_security_role=SERVICE_ROLE)
        async with restricted:
            assert await _pets(restricted) == 0
            assert await _pets(restricted, actor=made.actors["owner"].user_id) == 1


async def test_a_service_may_connect_as_a_user_who_owns_nothing(
    db: Database, made: Platform
) -> None:
    user = f"app_{uuid4().hex}"
    with pytest.raises(ConfigurationError, match="NOINHERIT"):
        await enable_row_level_security(db, user=user)
    async with db.engine.begin() as connection:
        await connection.execute(text(f"CREATE ROLE {user} LOGIN PASSWORD 'x'"))
    try:
        with pytest.raises(ConfigurationError, match="NOINHERIT"):
            await enable_row_level_security(db, user=user)
        async with db.engine.begin() as connection:
            await connection.execute(text(f"ALTER ROLE {user} NOINHERIT"))
        await enable_row_level_security(db, user=user)
        url = db.url.set(username=user, password="x")
        async with Database(url, row_security_role=SERVICE_ROLE) as service:
            for name, seen in (("owner", 1), ("admin", 1), ("stranger", 0)):
                assert await _pets(service, actor=made.actors[name].user_id) == seen
            with pytest.raises(DatabaseError, match="permission denied"):
                await _pets(service.without_row_security())
    finally:
        async with db.engine.begin() as connection:
            await connection.execute(text(f"DROP OWNED BY {user}"))
            await connection.execute(text(f"DROP ROLE {user}"))


async def test_cleaning_takes_the_rows_of_every_actor(service: Database, db: Database) -> None:
    gone = pet(deleted_at=clock.now() - timedelta(days=400))
    async with db.transaction() as session:
        session.add(gone)
    retention = RetentionSettings(deleted_days=365)
    async with service:
        for dry_run in (True, False):
            cleaned = await service.clean(retention, dry_run=dry_run)
            assert ("pets", 1) in {(each.table, each.rows) for each in cleaned}


async def test_a_copy_of_what_is_restricted_is_whole(
    service: Database, db: Database, databases: ScratchDatabases, made: Platform
) -> None:
    del made
    url = await databases.migrated("postgresql")
    async with service, Database(url) as target:
        copied = await copy_database(service, target)
        assert copied["pets"] == await _pets(db) == await _pets(target) > 0
    await databases.give_back(url)


async def test_who_sees_a_part_of_the_rows_is_refused_a_copy(
    db: Database, databases: ScratchDatabases, made: Platform
) -> None:
    """Without this, a user whom the policies hide every row from would copy an empty database."""
    del made
    user = f"app_{uuid4().hex}"
    async with db.engine.begin() as connection:
        await connection.execute(text(f"CREATE ROLE {user} LOGIN PASSWORD 'x'"))
        await connection.execute(text(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {user}"))
    url = await databases.migrated("postgresql")
    try:
        async with (
            Database(db.url.set(username=user, password="x")) as half_blind,
            Database(url) as target,
        ):
            assert await _pets(half_blind) == 0
            with pytest.raises(PermissionDenied):
                await copy_database(half_blind, target)
            assert await _pets(target) == 0
    finally:
        await databases.give_back(url)
        async with db.engine.begin() as connection:
            await connection.execute(text(f"DROP OWNED BY {user}"))
            await connection.execute(text(f"DROP ROLE {user}"))


async def test_a_database_without_policies_is_refused_rather_than_read(
    db: Database, service: Database
) -> None:
    await disable_row_level_security(db)
    async with service:
        with pytest.raises(ConfigurationError, match="enable_row_level_security"):
            await _pets(service)


async def test_an_unknown_role_is_named(db: Database, made: Platform) -> None:
    del made
    async with Database(db.url, row_security_role="nobody_of_ours") as other:
        with pytest.raises(ConfigurationError, match="'nobody_of_ours'") as caught:
            await _pets(other)
    assert caught.value.details["setting"] == "VETCORE_DATABASE_ROW_SECURITY_ROLE"


async def test_the_settings_name_the_role(db: Database, made: Platform) -> None:
    url = db.url.render_as_string(hide_password=False)
    environ = {
        "VETCORE_DATABASE_URL": url,
        "VETCORE_DATABASE_ROW_SECURITY_ROLE": SERVICE_ROLE,
    }
    settings = Settings.load(environ, env_file=None)
    async with Database.from_settings(settings) as service, service.session() as session:
        assert (await session.scalars(select(Clinic))).all() == []
    with pytest.raises(ConfigurationError, match="ROW_SECURITY_ROLE"):
        Settings.load(environ | {"VETCORE_DATABASE_ROW_SECURITY_ROLE": "Not A Role"}, env_file=None)


def test_sqlite_refuses_it() -> None:
    with pytest.raises(ConfigurationError, match="needs PostgreSQL") as caught:
        Database("sqlite://", row_security_role=SERVICE_ROLE)
    assert caught.value.details["setting"] == "VETCORE_DATABASE_ROW_SECURITY_ROLE"


async def test_trouble_with_taking_the_role_on_is_told_as_it_is(
    db: Database, made: Platform
) -> None:
    settings = DatabaseSettings(lock_timeout=0.05)
    service = Database(db.url, settings=settings, row_security_role=SERVICE_ROLE)
    async with service, db.transaction() as session:
        await session.execute(text("LOCK TABLE users IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(LockTimeout):
            await _pets(service, actor=made.actors["owner"].user_id)
