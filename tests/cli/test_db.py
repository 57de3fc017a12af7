"""``vetcore db`` on both engines."""

import asyncio
import json

from sqlalchemy import text

from tests.cli.conftest import Run
from vetcore.database import Database, migrate

HEAD = migrate.scripts().get_current_head()


async def _execute(url: str, statement: str) -> None:
    async with Database(url) as db, db.transaction() as session:
        await session.execute(text(statement))


def test_upgrade_goes_from_nothing_to_head_and_then_has_nothing_to_do(
    vetcore: Run, empty_url: str
) -> None:
    first = json.loads(vetcore("db", "upgrade", "--json", url=empty_url).stdout)
    assert first == {"before": None, "revision": HEAD, "changed": True}
    again = vetcore("db", "upgrade", url=empty_url)
    assert again.exit_code == 0
    assert f"at revision {HEAD} already" in again.stdout


def test_current_says_where_the_database_is(vetcore: Run, database_url: str) -> None:
    assert vetcore("db", "current", url=database_url).stdout == f"{HEAD}\n"
    vetcore("db", "downgrade", "base", "--yes", url=database_url)
    assert json.loads(vetcore("db", "current", "--json", url=database_url).stdout) == {
        "revision": None
    }


def test_history_lists_what_is_applied(vetcore: Run, database_url: str) -> None:
    listed = json.loads(vetcore("db", "history", "--json", url=database_url).stdout)
    assert listed[-1]["id"] == HEAD
    assert all(step["applied"] for step in listed)
    assert "applied" in vetcore("db", "history", url=database_url).stdout


def test_check_agrees_after_the_migration(vetcore: Run, database_url: str) -> None:
    result = vetcore("db", "check", url=database_url)
    assert (result.exit_code, result.stdout) == (0, "Database, migrations and models agree.\n")


def test_check_names_each_difference_and_ends_with_3(vetcore: Run, database_url: str) -> None:
    asyncio.run(_execute(database_url, "DROP INDEX ix_clinics_name"))
    result = vetcore("db", "check", url=database_url)
    assert result.exit_code == 3
    assert "ix_clinics_name" in result.stdout
    document = json.loads(vetcore("db", "check", "--json", url=database_url).stdout)
    assert document["agree"] is False
    assert any("ix_clinics_name" in found["name"] for found in document["differences"])


def test_an_unknown_revision_is_refused(vetcore: Run, database_url: str) -> None:
    result = vetcore("db", "upgrade", "no-such-revision", url=database_url)
    assert result.exit_code == 1
    assert "nothing was changed" in result.stderr


def test_downgrade_asks_first_and_leaves_all_when_the_answer_is_no(
    vetcore: Run, database_url: str
) -> None:
    result = vetcore("db", "downgrade", "base", url=database_url, answers="n\n")
    assert result.exit_code == 1
    assert vetcore("db", "current", url=database_url).stdout == f"{HEAD}\n"


def test_downgrade_removes_everything(vetcore: Run, database_url: str) -> None:
    result = vetcore("db", "downgrade", "base", "--yes", "--json", url=database_url)
    assert json.loads(result.stdout) == {"before": HEAD, "revision": None, "changed": True}


def test_wait_returns_once_the_database_answers(vetcore: Run, database_url: str) -> None:
    assert vetcore("db", "wait", "--timeout", "5", url=database_url).exit_code == 0


def test_wait_gives_up_in_time(vetcore: Run) -> None:
    result = vetcore("db", "wait", "--timeout", "0.2", url="postgresql://127.0.0.1:1/nowhere")
    assert result.exit_code == 1
    assert "cannot be reached" in result.stderr
