"""``vetcore find`` on both engines."""

import asyncio
import json

import pytest

from tests.cli.conftest import Run
from tests.examples import pet, user
from vetcore.database import Database
from vetcore.values.animals import Species


@pytest.fixture
def kennel_url(database_url: str) -> str:
    """Two pets, one of them with an owner."""

    async def fill() -> None:
        async with Database(database_url) as db, db.transaction() as session:
            owner = user(first_name="Ana", last_name="Pérez", email="ana@example.com")
            session.add(owner)
            await session.flush()
            session.add_all([pet(owner, name="Bella"), pet(name="Bela", species=Species.CAT)])

    asyncio.run(fill())
    return database_url


def test_find_shows_the_best_answer_first(vetcore: Run, kennel_url: str) -> None:
    shown = vetcore("find", "bella", url=kennel_url)
    assert shown.exit_code == 0
    assert "Ana Pérez" in shown.stdout
    assert shown.stdout.index("Bella") < shown.stdout.index("Bela")
    cats = json.loads(vetcore("find", "bella", "--species", "cat", "--json", url=kennel_url).stdout)
    assert [entry["name"] for entry in cats["items"]] == ["Bela"]


def test_find_looks_for_owners_too(vetcore: Run, kennel_url: str) -> None:
    answer = vetcore("find", "ana", "perez", "--in", "owners", "--json", url=kennel_url)
    (entry,) = json.loads(answer.stdout)["items"]
    assert (entry["name"], entry["matched"], entry["score"]) == ("Ana Pérez", "name", 1.0)


def test_find_goes_on_after_a_page(vetcore: Run, kennel_url: str) -> None:
    first = json.loads(vetcore("find", "bella", "-n", "1", "--json", url=kennel_url).stdout)
    cursor = first["next_cursor"]
    assert cursor in vetcore("find", "bella", "-n", "1", url=kennel_url).stderr
    rest = json.loads(vetcore("find", "bella", "--json", "--after", cursor, url=kennel_url).stdout)
    assert [e["name"] for e in (*first["items"], *rest["items"])] == ["Bella", "Bela"]
    assert vetcore("find", "bella", "--after", "nonsense", url=kennel_url).exit_code == 2


def test_find_says_so_when_nothing_answers(vetcore: Run, kennel_url: str) -> None:
    assert "Nothing answers" in vetcore("find", "xyzzy", url=kennel_url).stdout
