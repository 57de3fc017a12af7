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


@pytest.fixture
def register_url(database_url: str) -> str:
    """Owners and pets with numbers and addresses."""

    async def fill() -> None:
        async with Database(database_url) as db, db.transaction() as session:
            ana = user(
                first_name="Ana",
                last_name="Pérez",
                email="ana_perez@clinic.example",
                phone="+12065550142",
            )
            joe = user(
                first_name="Joe",
                last_name="Stone",
                email="joe.stone@farm.example",
                phone="+442079460018",
            )
            session.add_all([ana, joe])
            await session.flush()
            session.add(pet(ana, name="Bella", microchip="985112345678903"))
            session.add(pet(joe, name="Zoë", license_number="DL-4711"))

    asyncio.run(fill())
    return database_url


FOUND = [
    (("555", "--in", "owners"), "Ana Pérez"),
    (("0142", "--in", "owners"), "Ana Pérez"),
    (("206-555", "--in", "owners"), "Ana Pérez"),
    (("0020 7946", "--in", "owners"), "Joe Stone"),
    (("020 7946", "--in", "owners"), "Joe Stone"),
    (("farm.example", "--in", "owners"), "Joe Stone"),
    (("JOE.ST", "--in", "owners"), "Joe Stone"),
    (("ana_", "--in", "owners"), "Ana Pérez"),
    (("@clinic", "--in", "owners"), "Ana Pérez"),
    (("PEREZ", "ana", "--in", "owners"), "Ana Pérez"),
    (("pérez", "--in", "owners"), "Ana Pérez"),
    (("%", "--in", "owners"), None),
    (("_", "--in", "owners"), None),
    (("___", "--in", "owners"), None),
    (("%%%", "--in", "owners"), None),
    (("12345678",), "Bella"),
    (("8511",), "Bella"),
    (("985 112",), "Bella"),
    (("4711",), "Zoë"),
    (("dl-47",), "Zoë"),
    (("555",), "Bella"),
    (("zoe",), "Zoë"),
    (("ZOË",), "Zoë"),
    (("%",), None),
]


def test_find_takes_parts_of_numbers_and_addresses_whatever_their_case(
    vetcore: Run, register_url: str, subtests: pytest.Subtests
) -> None:
    for wanted, name in FOUND:
        with subtests.test(" ".join(wanted)):
            done = vetcore("find", *wanted, "--json", url=register_url)
            assert done.exit_code == 0, done.output
            names = [item["name"] for item in json.loads(done.stdout)["items"]]
            assert names == ([] if name is None else [name])


@pytest.mark.parametrize("text", ["", "  "])
def test_find_refuses_an_empty_text(vetcore: Run, text: str) -> None:
    refused = vetcore("find", text)
    assert refused.exit_code == 2
    assert "nothing to look for" in refused.stderr
