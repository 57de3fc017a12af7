"""``vetcore nearby`` and ``vetcore due`` on both engines."""

import asyncio
import json
from collections.abc import Iterator

import pytest

from tests.cli.conftest import Run
from tests.conftest import BACKENDS
from vetcore import clock
from vetcore.database import Database
from vetcore.samples import load
from vetcore.testing import ScratchDatabases


@pytest.fixture(scope="module", params=BACKENDS)
def sample_url(databases: ScratchDatabases, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database with the sample world in it, on each engine in turn: the tests only read it."""

    async def filled() -> str:
        url = await databases.migrated(request.param)
        async with Database(url) as db, db.transaction() as session:
            await load(session, today=clock.now().date())
        return url

    url = asyncio.run(filled())
    yield url
    asyncio.run(databases.give_back(url))


def test_nearby_lists_clinics_by_distance(vetcore: Run, sample_url: str) -> None:
    shown = vetcore("nearby", "51.5", "-0.1", "-n", "2", url=sample_url)
    assert shown.exit_code == 0
    assert shown.stdout.index("Canal Side") < shown.stdout.index("Foundry")
    listed = json.loads(vetcore("nearby", "51.5 N", "0.1 W", "--json", url=sample_url).stdout)[
        "items"
    ]
    assert listed[0]["name"] == "Canal Side Veterinary Practice"
    assert listed[0]["distance_km"] == pytest.approx(3.97, abs=0.02)


def test_nearby_filters(vetcore: Run, sample_url: str) -> None:
    def names(*options: str) -> list[str]:
        result = vetcore("nearby", "47.6", "-122.33", "--json", *options, url=sample_url)
        return [entry["name"] for entry in json.loads(result.stdout)["items"]]

    assert len(names("--within", "15")) == 3
    assert names("--within", "15", "--emergencies") == ["Lantern Emergency & Specialty"]
    assert names("--within", "15", "--service", "spay_neuter", "--species", "rabbit") == [
        "Columbia Court Veterinary Clinic",
        "Driftwood Animal Hospital",
    ]
    assert "Lantern Emergency & Specialty" in names("--open")
    assert "Rose Quarter Shelter Clinic" not in names("--new-patients")
    assert names("--within", "0") == []


@pytest.mark.parametrize("place", [("91", "0"), ("here",), ("1", "2", "3")])
def test_nearby_refuses_what_is_no_place(
    vetcore: Run, sample_url: str, place: tuple[str, ...]
) -> None:
    result = vetcore("nearby", *place, url=sample_url)
    assert result.exit_code == 2
    assert "coordinates" in result.stderr.lower()


def test_nearby_refuses_a_misspelt_option(vetcore: Run, sample_url: str) -> None:
    result = vetcore("nearby", "47.6", "-122.33", "--opne", url=sample_url)
    assert result.exit_code == 2
    assert "--opne" in result.stderr


def test_due_lists_the_longest_overdue_first(vetcore: Run, sample_url: str) -> None:
    listed = json.loads(vetcore("due", "--days", "30", "--json", url=sample_url).stdout)["items"]
    days = [entry["days"] for entry in listed]
    assert days == sorted(days)
    assert days[0] < 0 < days[-1] <= 30
    assert all(entry["against"] for entry in listed)
    shown = vetcore("due", url=sample_url)
    assert "Churro" in shown.stdout
    assert "days ago" in shown.stdout


def test_due_can_be_asked_for_one_clinic(vetcore: Run, sample_url: str) -> None:
    everyone = json.loads(vetcore("due", "--json", url=sample_url).stdout)["items"]
    clinic = "d59272f0-0d6c-5072-b0b6-c7b90dd780d1"
    patients, by_name, by_piece = (
        json.loads(vetcore("due", "--json", "--clinic", each, url=sample_url).stdout)["items"]
        for each in (clinic, "driftwood", "7b90dd780d1")
    )
    assert patients == by_name == by_piece
    assert {entry["clinic_id"] for entry in patients} == {clinic}
    assert 0 < len(patients) < len(everyone)
    assert "Churro" not in {entry["pet"] for entry in patients}


def test_an_unmigrated_database_says_what_to_do(vetcore: Run, empty_url: str) -> None:
    if empty_url.startswith("sqlite"):
        vetcore("db", "wait", url=empty_url)
    result = vetcore("due", url=empty_url)
    assert result.exit_code == 1
    assert "vetcore db upgrade" in result.stderr
