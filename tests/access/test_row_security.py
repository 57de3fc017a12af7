"""Restricted sessions: the service that forgets its filter leaks nothing."""

from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text

from tests.access.restricting import LOGIN, PASSWORD, enabled, reader_url, with_restricted
from tests.access.worlds import Platform, platform
from vetcore.access import (
    ACCESS,
    disable_row_level_security,
    enable_row_level_security,
    load_actor,
)
from vetcore.access.restricting.examining import faults
from vetcore.database import Acting, Database, asking
from vetcore.errors import (
    ConfigurationError,
    DatabaseError,
    InvalidValue,
    LockTimeout,
    ReadOnlySession,
    StatementTimeout,
)
from vetcore.models import Appointment, MedicalRecord, Pet, User
from vetcore.operations import get_pet
from vetcore.schemas import ById
from vetcore.settings import DatabaseSettings, Settings
from vetcore.settings.signing import TEST_KEY
from vetcore.values.people import UserStatus
from vetcore.values.signatures import TEST_KEYS

OTHER_KEY = "other:hmac-sha256:" + "B" * 43 + "="


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
def service(db: Database, made: Platform) -> Database:
    """What a service opens; one connection, so that each session inherits what was left."""
    del made
    return with_restricted(db, settings=DatabaseSettings(pool_size=1, max_overflow=0))


async def _pets(db: Database, actor: UUID | None = None) -> int:
    async with db.restricted(Acting(actor)) as session:
        return await session.scalar(select(func.count()).select_from(Pet)) or 0


async def test_a_query_without_a_filter_sees_what_its_actor_may_see(
    service: Database, made: Platform
) -> None:
    async with service:
        for name, seen in (("owner", 1), ("receptionist", 1), ("admin", 1), ("stranger", 0)):
            assert await _pets(service, actor=made.actors[name].user_id) == seen


async def test_without_an_actor_there_is_nothing_to_see(service: Database) -> None:
    async with service, service.restricted(Acting()) as session:
        for name in (
            *(entity.__tablename__ for entity in ACCESS),
            "occupations",
            "pet_co_owners",
        ):
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
        async with service.restricted(Acting(manager)) as restricted:
            assert await restricted.scalar(text("SELECT count(*) FROM clinics")) == 0


async def test_a_part_of_a_row_needs_its_own_permission(service: Database, made: Platform) -> None:
    """The row comes through the ORM as ever, and what is withheld is None."""
    animal = made.rows["pets"].id
    async with service:
        for name, whole in (("owner", True), ("technician", True), ("receptionist", False)):
            async with service.restricted(Acting(made.actors[name].user_id)) as session:
                seen = await session.get(Pet, animal)
                assert seen is not None
                assert (seen.created_at, seen.medical_history.allergies) is not None
                stored = await session.scalar(text("SELECT medical_history FROM pets"))
                assert (set(stored) > {"allergies"}) is whole
                assert set(stored) >= {"allergies"}
        async with service.restricted(Acting(made.actors["owner"].user_id)) as session:
            visit = (await session.scalars(select(Appointment))).one()
            assert visit.occupied_from is None
            assert visit.overrides is None
            assert visit.starts_at is not None
            record = (await session.scalars(select(MedicalRecord))).one()
            assert record.signature is None
            assert record.signed_at is not None
        async with service.restricted(Acting(made.actors["veterinarian"].user_id)) as session:
            assert (await session.scalars(select(MedicalRecord))).one().signature is not None


async def test_it_reads_only(service: Database, made: Platform) -> None:
    acting = Acting(made.actors["admin"].user_id)
    async with service:
        for statement in (
            "INSERT INTO pet_co_owners SELECT * FROM pet_co_owners",
            "UPDATE users SET role = 'platform_admin'",
            "DELETE FROM pets",
            "UPDATE public.users SET role = 'platform_admin'",
            "CREATE TEMPORARY TABLE mine (id int)",
            "SELECT * INTO mine FROM pets",
        ):
            async with service.restricted(acting) as session:
                with pytest.raises((DatabaseError, ReadOnlySession)):
                    await session.execute(text(statement))
        with pytest.raises(ReadOnlySession):
            async with service.restricted(acting) as session:
                (await session.scalars(select(Pet))).one().name = "Mine"


async def test_operations_ask_the_tables_and_not_a_restricted_session(
    service: Database, made: Platform
) -> None:
    wanted = ById(id=made.rows["pets"].id)
    acting = Acting(made.actors["owner"].user_id)
    async with service:
        async with service.restricted(acting) as session:
            with pytest.raises(ConfigurationError, match=r"get_pet .* db\.session"):
                await get_pet(session, wanted)
        async with service.session(acting) as session:
            assert (await get_pet(session, wanted)).id == wanted.id


async def test_the_actor_ends_with_the_transaction(service: Database, made: Platform) -> None:
    """So a pooler that hands the connection on between transactions hands on nothing."""
    admin = made.actors["admin"].user_id
    left = text("SELECT current_setting('vetcore.token', true), current_setting('search_path')")
    async with service:
        assert await _pets(service, actor=admin) == 1
        engine = service.restriction.engine
        assert engine is not None
        async with engine.connect() as connection:
            token, path = (await connection.execute(left)).one()
            assert not token
            assert "vetcore" not in path
        assert await _pets(service) == 0


async def test_an_actor_can_load_themselves(service: Database, made: Platform) -> None:
    async with service:
        for name in ("owner", "veterinarian", "admin"):
            actor = made.actors[name]
            async with service.restricted(Acting(actor.user_id)) as session:
                assert await load_actor(session, actor.user_id) == actor


async def test_other_sessions_see_the_tables(service: Database, db: Database) -> None:
    async with service, service.session() as session, db.session() as other:
        query = select(func.count()).select_from(Pet)
        assert await session.scalar(query) == await other.scalar(query) == 1
    health = await service.health()
    assert health.restricted is not None


async def test_a_tenant_has_views_of_its_own(empty_url: str) -> None:
    async with Database(empty_url, keys=TEST_KEYS) as whole:
        tenant = whole.for_tenant("group_a")
        await tenant.migrate()
        made = await platform(tenant)
        async with await enabled(tenant) as service:
            assert await _pets(service) == 0
            assert await _pets(service, actor=made.actors["owner"].user_id) == 1
            assert await faults(service) == []
            with pytest.raises(ConfigurationError, match="enable_row_level_security"):
                await _pets(service.for_tenant("group_b"), actor=made.actors["owner"].user_id)
        await disable_row_level_security(tenant)


async def test_a_token_of_one_tenant_is_no_good_in_another(empty_url: str) -> None:
    """Not even for the same user, as where a tenant began as the copy of another."""
    async with Database(empty_url, keys=TEST_KEYS) as whole:
        person: UUID | None = None
        for name in ("group_a", "group_b"):
            tenant = whole.for_tenant(name)
            await tenant.migrate()
            await enabled(tenant)
            async with tenant.transaction() as session:
                given = {} if person is None else {"id": person}
                known = User(email="ana@example.com", first_name="Ana", last_name="Silva", **given)
                session.add(known)
                await session.flush()
                person = known.id
        service = with_restricted(whole.for_tenant("group_a"))
        async with service, service.restricted(Acting(person)) as session:
            for name, seen in (("group_a", 1), ("group_b", 0)):
                query = text(f"SELECT count(*) FROM {name}_own.users")
                assert await session.scalar(query) == seen


async def test_a_database_without_views_is_refused(
    db: Database, service: Database, made: Platform
) -> None:
    await disable_row_level_security(db)
    async with service:
        with pytest.raises(ConfigurationError, match="enable_row_level_security"):
            await _pets(service, actor=made.actors["owner"].user_id)


async def test_a_key_that_the_database_does_not_know_is_refused(
    db: Database, service: Database, made: Platform
) -> None:
    owner = made.actors["owner"].user_id
    other = with_restricted(db, restricted_key=OTHER_KEY)
    async with other, service:
        with pytest.raises(ConfigurationError, match="does not know the key"):
            await _pets(other, actor=owner)
        await enable_row_level_security(other, keep_keys=True)
        assert await _pets(other, actor=owner) == await _pets(service, actor=owner) == 1
        await enable_row_level_security(other)
        assert await _pets(other, actor=owner) == 1
        with pytest.raises(ConfigurationError, match="does not know the key"):
            await _pets(service, actor=owner)


async def test_what_is_missing_is_named(db: Database, made: Platform) -> None:
    acting = Acting(made.actors["owner"].user_id)
    for given, setting in (
        ({"restricted_url": None}, "VETCORE_DATABASE_RESTRICTED_URL"),
        ({"restricted_key": None}, "VETCORE_DATABASE_RESTRICTED_KEY"),
    ):
        async with with_restricted(db, **given) as service:
            with pytest.raises(ConfigurationError, match=setting):
                async with service.restricted(acting):
                    pass
    with pytest.raises(ConfigurationError, match="VETCORE_DATABASE_RESTRICTED_KEY"):
        await enable_row_level_security(db)


async def test_the_settings_name_login_and_key(db: Database, made: Platform) -> None:
    environ = {
        "VETCORE_DATABASE_URL": db.url.render_as_string(hide_password=False),
        "VETCORE_DATABASE_RESTRICTED_URL": reader_url(db),
        "VETCORE_DATABASE_RESTRICTED_KEY": TEST_KEY,
    }
    settings = Settings.load(environ, env_file=None)
    assert PASSWORD not in repr(settings.sources())
    async with Database.from_settings(settings) as service:
        assert await _pets(service, actor=made.actors["owner"].user_id) == 1
    for key in ("short", "k:hmac-sha256:c2hvcnQ=", "k:ed25519:" + "A" * 43 + "="):
        with pytest.raises(ConfigurationError, match="RESTRICTED_KEY"):
            Settings.load(environ | {"VETCORE_DATABASE_RESTRICTED_KEY": key}, env_file=None)
        with pytest.raises(ConfigurationError, match="key of restricted sessions"):
            with_restricted(db, restricted_key=key)


def test_a_published_key_is_refused_where_it_is_deployed() -> None:
    environ = {
        "VETCORE_ENVIRONMENT": "production",
        "VETCORE_DATABASE_URL": "postgresql://localhost/clinic",
        "VETCORE_DATABASE_RESTRICTED_KEY": TEST_KEY,
    }
    with pytest.raises(ConfigurationError, match="RESTRICTED_KEY is published"):
        Settings.load(environ, env_file=None)


def test_sqlite_refuses_it() -> None:
    with pytest.raises(ConfigurationError, match="PostgreSQL") as caught:
        Database("sqlite://", restricted_url="postgresql://reader@localhost/clinic")
    assert caught.value.details["setting"] == "VETCORE_DATABASE_RESTRICTED_URL"


async def test_trouble_with_beginning_is_told_as_it_is(db: Database, made: Platform) -> None:
    service = with_restricted(db, settings=DatabaseSettings(lock_timeout=0.05))
    async with service, db.transaction() as session:
        await session.execute(text("LOCK TABLE users IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(LockTimeout):
            await _pets(service, actor=made.actors["owner"].user_id)


async def test_a_restricted_session_commits_nothing(service: Database, made: Platform) -> None:
    """A cursor that outlives the transaction, or a notification, would."""
    async with service, service.restricted(Acting(made.actors["owner"].user_id)) as session:
        with pytest.raises(InvalidValue, match="ends the transaction"):
            await session.commit()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ("GRANT SELECT ON public.users TO {login}", "rights on public.users"),
        ("GRANT SELECT (email) ON public.users TO {login}", "rights on public.users"),
        ("GRANT SELECT ON public.command_keys TO PUBLIC", "rights on public.command_keys"),
        ("GRANT TEMPORARY ON DATABASE {database} TO {login}", "temporary tables"),
        ("GRANT CREATE ON SCHEMA public TO PUBLIC", "create in the schema public"),
        ("DROP VIEW vetcore_staff.pets", "vetcore_staff lacks a view of pets"),
        ("COMMENT ON SCHEMA vetcore_restricted IS 'x'", "of another version"),
        ("UPDATE vetcore_restricted.keys SET outer_block = inner_block", "does not know the key"),
    ],
)
async def test_what_is_wrong_is_found(
    service: Database, db: Database, given: str, fault: str
) -> None:
    async with service:
        assert await faults(service) == []
        async with db.engine.begin() as connection:
            await connection.exec_driver_sql(given.format(login=LOGIN, database=db.url.database))
        assert fault in "; ".join(await faults(service))
        if "login" in given or "PUBLIC" in given:
            with pytest.raises(ConfigurationError, match="cannot be restricted"):
                await enable_row_level_security(service)


async def test_a_login_that_is_a_member_of_a_role_is_refused(db: Database, made: Platform) -> None:
    role, login = (f"{kind}_{uuid4().hex[:12]}" for kind in ("role", "login"))
    async with db.engine.begin() as connection:
        await connection.exec_driver_sql(f"CREATE ROLE {role}")
        await connection.exec_driver_sql(f"CREATE ROLE {login} LOGIN IN ROLE {role}")
    try:
        async with with_restricted(db) as owner:
            with pytest.raises(ConfigurationError, match=f"member of {role}"):
                await enable_row_level_security(owner, login=login)
            with pytest.raises(ConfigurationError, match="lower-case"):
                await enable_row_level_security(owner, login="x; DROP TABLE pets")
    finally:
        async with db.engine.begin() as connection:
            await connection.exec_driver_sql(f"DROP ROLE {login}")
            await connection.exec_driver_sql(f"DROP ROLE {role}")


async def test_a_restricted_session_grows_too_old(
    service: Database, made: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says so: to show no rows would look like an answer."""
    monkeypatch.setattr(asking, "LIFETIME", -60)
    async with service:
        with pytest.raises(StatementTimeout):
            await _pets(service, actor=made.actors["owner"].user_id)


FORMER = (
    "CREATE VIEW vetcore_access_pets AS SELECT id, owner_id, deleted_at FROM pets",
    "CREATE FUNCTION vetcore_access_enter(base text, who uuid) RETURNS text LANGUAGE sql AS 'SELECT 1'",
    "ALTER TABLE pets ENABLE ROW LEVEL SECURITY",
    (
        "CREATE POLICY vetcore_select_staff ON pets FOR SELECT"
        " USING (EXISTS (SELECT FROM vetcore_access_pets))"
    ),
    "ALTER TABLE clinics ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY of_ours ON clinics USING (true)",
)
LEFT = """
    SELECT (SELECT array_agg(policyname::text) FROM pg_policies),
        (SELECT array_agg(relname::text) FROM pg_class WHERE relrowsecurity),
        (SELECT count(*) FROM pg_class WHERE relname LIKE 'vetcore%access%'),
        to_regproc('vetcore_access_enter')::text
"""


@pytest.mark.parametrize("way", [enabled, disable_row_level_security])
async def test_what_former_versions_made_is_taken_away_and_nothing_else(
    db: Database, way: Callable[[Database], Awaitable[object]]
) -> None:
    async with db.engine.begin() as connection:
        for statement in FORMER:
            await connection.exec_driver_sql(statement)
    await way(db)
    async with db.session() as session:
        left = (await session.execute(text(LEFT))).one()
    assert tuple(left) == (["of_ours"], ["clinics"], 0, None)
