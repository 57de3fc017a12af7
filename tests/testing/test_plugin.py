"""The pytest plugin, as a project that uses vetcore meets it."""

import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from vetcore.testing import databases as scratch
from vetcore.testing.databases import Migrate, ScratchDatabases

_INSIDE: Any = scratch

# A run inside this process forgets what it was first to import, which SQLAlchemy cannot have twice.
for _module in (
    "sqlalchemy.dialects.postgresql.asyncpg",
    "sqlalchemy.dialects.sqlite.aiosqlite",
    "vetcore.database.drift",
    "vetcore.database.migrate",
    "vetcore.models",
    "vetcore.testing.databases",
    "vetcore.testing.fixtures",
    "vetcore.testing.servers",
):
    import_module(_module)

Project = Callable[..., pytest.RunResult]

ONE_LOOP = """
    [pytest]
    asyncio_mode = auto
    asyncio_default_fixture_loop_scope = session
    asyncio_default_test_loop_scope = session
    filterwarnings = error
"""
A_LOOP_EACH = """
    [pytest]
    asyncio_mode = auto
    asyncio_default_fixture_loop_scope = function
    filterwarnings = error
"""
PEOPLE = """
    import pytest
    from sqlalchemy import func, select
    from vetcore.errors import AlreadyExists
    from vetcore.models import User

    def user(email="ana@example.com"):
        return User(email=email, first_name="Ana", last_name="Silva")

    async def people(session):
        return await session.scalar(select(func.count()).select_from(User))
"""


def _prepared_by(around: ScratchDatabases) -> type[ScratchDatabases]:
    """As if the tests of a project were a worker of our own run: what is migrated is migrated once."""

    class Prepared(ScratchDatabases):
        def __init__(
            self,
            directory: Path,
            server: Callable[[], str],
            migrate: Migrate,
            *,
            run: str | None = None,
        ) -> None:
            super().__init__(directory, server, migrate, run=run or around._run)

        async def _sqlite_template(self) -> str:
            if _INSIDE._signature(self._migrate) != _INSIDE._signature(around._migrate):
                return await super()._sqlite_template()
            url = self._new("sqlite")
            shutil.copy(_INSIDE._name(await around._template("sqlite")), _INSIDE._name(url))
            return url

    return Prepared


@pytest.fixture
def project(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, databases: ScratchDatabases
) -> Project:
    """Runs the tests of a project: a configuration, and a test module of the given source.

    ``whole``: the project migrates its own databases, as projects do.
    """
    monkeypatch.setenv("VETCORE_TEST_POSTGRESQL_URL", databases.server)

    def run(
        source: str,
        *options: str,
        ini: str = ONE_LOOP,
        apart: bool = False,
        whole: bool = False,
    ) -> pytest.RunResult:
        if not whole:
            prepared = _prepared_by(databases)
            monkeypatch.setattr("vetcore.testing.databases.ScratchDatabases", prepared)
        pytester.makeini(textwrap.dedent(ini))
        pytester.makepyfile(test_service=textwrap.dedent(PEOPLE) + textwrap.dedent(source))
        given = ("-q", "-p", "no:cacheprovider", *options)
        if apart:
            return pytester.runpytest_subprocess(*given)
        return pytester.runpytest_inprocess("-p", "no:xdist", *given)

    return run


ISOLATED = """
    @pytest.mark.parametrize("time", range(5))
    async def test_what_a_session_commits_is_taken_back(session, time):
        assert await people(session) == 0
        session.add(user())
        await session.commit()
        session.add(user("bo@example.com"))
        await session.rollback()
        with pytest.raises(AlreadyExists):
            async with session.begin_nested():
                session.add(user())
                await session.flush()
        assert await people(session) == 1

    @pytest.mark.parametrize("time", range(3))
    async def test_a_database_is_empty(db, time):
        async with db.transaction() as first:
            assert await people(first) == 0
            first.add(user())
        async with db.session() as second:
            assert await people(second) == 1

    async def test_both_see_the_same(session, db):
        async with db.transaction() as writing:
            writing.add(user())
        assert await people(session) == 1
        session.add(user("bo@example.com"))
        await session.commit()
        async with db.session() as reading:
            assert await people(reading) == 2
"""


@pytest.mark.parametrize("ini", [ONE_LOOP, A_LOOP_EACH], ids=["one loop", "a loop for each test"])
def test_each_test_begins_without_a_row_on_both_engines(project: Project, ini: str) -> None:
    marked = 'pytestmark = pytest.mark.vetcore_database("sqlite", "postgresql")\n'
    done = project(marked + textwrap.dedent(ISOLATED), ini=ini, whole=ini == ONE_LOOP)
    done.assert_outcomes(passed=18)


WORKERS = """
    from pathlib import Path

    @pytest.fixture(scope="session")
    def vetcore_migrate():
        async def migrate(db):
            await db.migrate()
            with Path({notes!r}).open("a") as notes:
                notes.write(db.dialect + " " + db.url.query.get("host", "") + chr(10))
        return migrate

    pytestmark = pytest.mark.vetcore_database("sqlite", "postgresql")

    @pytest.mark.parametrize("time", range(50))
    async def test_alone(session, time):
        assert await people(session) == 0
        session.add(user())
        await session.commit()
        assert await people(session) == 1

    @pytest.mark.parametrize("time", range(6))
    async def test_alone_in_a_database(db, time):
        async with db.transaction() as session:
            session.add(user())
            assert await people(session) == 1
"""


def test_workers_share_a_server_without_meeting(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In random order; the server is one of the run's own, and is gone with all that it held."""
    monkeypatch.delenv("VETCORE_TEST_POSTGRESQL_URL")
    notes = tmp_path / "notes"
    # Only the plugins that matter: each worker imports them all.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    plugins = [f"-p{name}" for name in ("pytest_asyncio.plugin", "randomly", "vetcore", "xdist")]
    done = project(WORKERS.format(notes=str(notes)), "-n", "2", *plugins, apart=True)
    done.assert_outcomes(passed=112)
    prepared = [line.split() for line in notes.read_text().splitlines()]
    servers = [told[1] for told in prepared if told[0] == "postgresql"]
    assert len(servers) == 1
    assert not Path(servers[0]).exists()


def test_a_statement_that_was_cancelled_harms_no_later_test(project: Project) -> None:
    cancelled = """
    import asyncio
    from sqlalchemy import text

    pytestmark = pytest.mark.vetcore_database("sqlite", "postgresql")
    LONG = text(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)"
        " SELECT count(*) FROM n"
    )

    @pytest.mark.parametrize("time", range(3))
    async def test_alone(session, time):
        assert await people(session) == 0
        session.add(user())
        await session.commit()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(session.execute(LONG), 0.01)
    """
    done = project(cancelled)
    done.assert_outcomes(passed=6)


@pytest.mark.parametrize(
    ("options", "ini", "engine"),
    [
        ((), ONE_LOOP, "sqlite"),
        (("--vetcore-database", "postgresql"), ONE_LOOP, "postgresql"),
        ((), f"{ONE_LOOP}    vetcore_database = postgresql\n", "postgresql"),
        (
            ("--vetcore-database", "sqlite"),
            f"{ONE_LOOP}    vetcore_database = postgresql\n",
            "sqlite",
        ),
        ((), f"{ONE_LOOP}    vetcore_database = sqlite postgresql\n", "sqlite postgresql"),
    ],
)
def test_the_engine_is_chosen_by_option_then_configuration(
    project: Project, options: tuple[str, ...], ini: str, engine: str
) -> None:
    asked = f"""
    async def test_engine(session, db, database_url, vetcore_engine):
        assert db.dialect == vetcore_engine
        assert vetcore_engine in {engine!r}
        assert database_url.startswith(vetcore_engine)
    """
    done = project(asked, *options, ini=ini)
    done.assert_outcomes(passed=len(engine.split()))


def test_the_environment_chooses_the_engine_before_the_configuration(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = """
    def test_engine(vetcore_engine):
        assert vetcore_engine == "postgresql"
    """
    ini = f"{ONE_LOOP}    vetcore_database = sqlite\n"
    monkeypatch.setenv("VETCORE_TEST_DATABASE", "postgresql")
    project(asked, ini=ini).assert_outcomes(passed=1)
    project(asked, "--vetcore-database=sqlite", ini=ini).assert_outcomes(failed=1)
    monkeypatch.setenv("VETCORE_TEST_DATABASE", "oracle")
    done = project(asked, ini=ini)
    assert "VETCORE_TEST_DATABASE: vetcore_database names oracle" in f"{done.stdout}{done.stderr}"


def test_tests_may_be_marked_one_by_one(project: Project) -> None:
    asked = """
    @pytest.mark.asyncio
    async def test_it(session, clock):
        assert await people(session) == 0

    @pytest.mark.vetcore_database("postgresql")
    @pytest.mark.anyio
    async def test_with_anyio(session):
        assert await people(session) == 0

    def test_without_a_loop(clock, vetcore_databases):
        pass
    """
    done = project(asked, ini=ONE_LOOP.replace("auto", "strict"))
    done.assert_outcomes(passed=3)


def test_without_pytest_asyncio_the_rest_of_a_project_is_tested(project: Project) -> None:
    asked = """
    def test_it():
        pass
    """
    ini = "[pytest]\nfilterwarnings = error\n"
    project(asked, "-p", "no:asyncio", "-p", "no:anyio", ini=ini).assert_outcomes(passed=1)


def test_a_server_that_is_not_there_fails_the_test_and_never_skips_it(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = """
    @pytest.mark.vetcore_database("postgresql")
    async def test_it(session):
        pass
    """
    monkeypatch.setenv("VETCORE_TEST_POSTGRESQL_URL", "postgresql://nobody@127.0.0.1:1/none")
    done = project(asked)
    done.assert_outcomes(errors=1)
    assert "PostgreSQL at postgresql" in str(done.stdout)
    assert "does not let us in" in str(done.stdout)


@pytest.mark.parametrize(
    ("ini", "source", "told"),
    [
        (
            f"{ONE_LOOP}    vetcore_database = oracle\n",
            "",
            "the configuration: vetcore_database names oracle",
        ),
        (
            ONE_LOOP,
            '@pytest.mark.vetcore_database("oracle")\nasync def test_it(session): ...',
            "vetcore_database names oracle",
        ),
        (
            A_LOOP_EACH.replace("= function", "= session"),
            "async def test_it(session): ...",
            "in another event loop (session) than the tests (function)",
        ),
        (
            ONE_LOOP,
            "@pytest.mark.anyio\nasync def test_it(db): ...",
            "and this test in one of anyio's",
        ),
    ],
)
def test_what_cannot_work_is_said(project: Project, ini: str, source: str, told: str) -> None:
    done = project(source, ini=ini)
    assert done.ret not in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}
    assert told in f"{done.stdout}{done.stderr}"


def test_a_project_brings_tables_and_rows_of_its_own(project: Project) -> None:
    own = """
    from sqlalchemy import text

    @pytest.fixture(scope="session")
    def vetcore_migrate():
        async def migrate(db):
            await db.migrate()
            async with db.transaction() as session:
                await session.execute(text("CREATE TABLE plans (name text)"))
                await session.execute(text("INSERT INTO plans VALUES ('gold')"))
                await session.execute(text("CREATE TABLE bills (name text)"))
        return migrate

    @pytest.mark.vetcore_database("sqlite", "postgresql")
    @pytest.mark.parametrize("time", range(3))
    async def test_seeds_stay_and_rows_go(db, time):
        async with db.transaction() as session:
            assert (await session.scalars(text("SELECT name FROM plans"))).all() == ["gold"]
            assert (await session.scalars(text("SELECT name FROM bills"))).all() == []
            await session.execute(text("INSERT INTO bills VALUES ('mine')"))
            if time == 1:
                await session.execute(text("DELETE FROM plans"))
    """
    done = project(own, "-p", "no:randomly")
    done.assert_outcomes(passed=6)


def test_the_plugin_imports_no_database_until_a_fixture_is_used(project: Project) -> None:
    asked = """
    import sys
    def test_it():
        pass
    """
    loaded = "import sys, vetcore.testing.plugin; print('sqlalchemy' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", loaded], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
    project(asked, "-p", "no:vetcore").assert_outcomes(passed=1)


def test_the_clock_stands_until_it_is_moved(project: Project) -> None:
    asked = """
    import asyncio
    from datetime import timedelta
    from vetcore.clock import now

    async def test_it(clock):
        begun = now()
        started = asyncio.create_task(asyncio.sleep(0.01, result=None))
        async def later():
            await started
            return now()
        waiting = asyncio.create_task(later())
        clock.move(timedelta(hours=1))
        assert await waiting == now() == begun + timedelta(hours=1)
        clock.move_to(begun)
        assert clock.now == now() == begun
    """
    done = project(asked)
    done.assert_outcomes(passed=1)
