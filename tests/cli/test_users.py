"""``vetcore users``: the first administrator is made from the command line."""

import asyncio
import json
from collections.abc import Iterator

import pytest

from tests.cli.conftest import Run, sentence
from vetcore.database import Database
from vetcore.models import User
from vetcore.operations import list_users
from vetcore.schemas import UserQuery
from vetcore.testing.databases import ScratchDatabases
from vetcore.values.people import Role

ANA = "ana@example.com"


def _people(url: str, role: Role) -> list[User]:
    async def found() -> list[User]:
        async with Database(url) as db, db.session() as session:
            return (await list_users(session, UserQuery(role=role))).items

    return asyncio.run(found())


def _administrators(url: str) -> list[tuple[str, bool]]:
    return [(user.email, user.email_verified) for user in _people(url, Role.PLATFORM_ADMIN)]


@pytest.fixture
def empty_url(databases: ScratchDatabases, backend: str) -> Iterator[str]:
    url = asyncio.run(databases.migrated(backend))
    yield url
    asyncio.run(databases.give_back(url))


def test_the_first_administrator_is_made(vetcore: Run, empty_url: str) -> None:
    nobody = vetcore("users", "make-admin", ANA, url=empty_url)
    assert nobody.exit_code == 2
    assert "--first-name and --last-name" in sentence(nobody.stderr)
    made = vetcore(
        "users", "make-admin", ANA, "--first-name", "Ana", "--last-name", "Silva", url=empty_url
    )
    assert made.exit_code == 0
    assert "Ana Silva (ana@example.com) administers the platform." in sentence(made.stdout)
    assert _administrators(empty_url) == [(ANA, True)]


def test_whoever_has_an_account_is_made_an_administrator(vetcore: Run, sample_url: str) -> None:
    before = _administrators(sample_url)
    person = _people(sample_url, Role.PET_OWNER)[0]
    told = vetcore("users", "make-admin", person.email.upper(), "--json", url=sample_url)
    assert json.loads(told.stdout) == {
        "id": str(person.id),
        "email": person.email,
        "role": "platform_admin",
    }
    assert sorted(_administrators(sample_url)) == sorted([*before, (person.email, True)])
