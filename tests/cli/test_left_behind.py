"""What a change leaves behind, by ``vetcore day`` and ``vetcore reanchor``."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest

from tests.cli.conftest import MONDAY, Run
from tests.cli.test_scheduling import BISCUIT, DRIFTWOOD, answer
from vetcore import clock
from vetcore.database import Database
from vetcore.models import Clinic, ClinicClosure


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[None]:
    with clock.frozen(MONDAY):
        yield


def test_the_day_tells_which_visits_have_become_impossible(vetcore: Run, sample_url: str) -> None:
    book = ("book", "driftwood", BISCUIT, "2026-03-04T08:00")
    made = answer(vetcore, *book, url=sample_url)
    day = ("day", DRIFTWOOD, "2026-03-04")
    visits = [
        visit
        for vet in answer(vetcore, *day, url=sample_url)["practitioners"]
        for visit in vet["visits"]
    ]
    assert [visit["impossible"] for visit in visits] == [[]]

    async def close() -> None:
        async with Database(sample_url) as db, db.transaction() as session:
            session.add(
                ClinicClosure(
                    clinic_id=UUID(DRIFTWOOD),
                    first_on=datetime(2026, 3, 4, tzinfo=UTC).date(),
                    last_on=datetime(2026, 3, 4, tzinfo=UTC).date(),
                    reason="Flood",
                )
            )

    asyncio.run(close())
    (visit,) = [
        visit
        for vet in answer(vetcore, *day, url=sample_url)["practitioners"]
        for visit in vet["visits"]
    ]
    assert visit["appointment_id"] == made["id"]
    assert "clinic_closed" in [each["code"] for each in visit["impossible"]]
    told = " ".join(vetcore(*day, url=sample_url).stdout.split())
    assert "Impossible by now: 08:00-08:30 Biscuit. The clinic is closed then" in told


def test_visits_that_strayed_are_listed_and_put_back_when_asked(
    vetcore: Run, sample_url: str
) -> None:
    assert answer(vetcore, "reanchor", url=sample_url)["items"] == []
    made = answer(vetcore, "book", "driftwood", BISCUIT, "2026-03-04T08:00", url=sample_url)

    async def correct_the_zone() -> None:
        async with Database(sample_url) as db, db.transaction() as session:
            (await session.get_one(Clinic, UUID(DRIFTWOOD))).timezone = "America/Denver"

    asyncio.run(correct_the_zone())
    listed = answer(vetcore, "reanchor", "--clinic", "driftwood", url=sample_url, code=3)
    (visit,) = listed["items"]
    assert visit["appointment_id"] == made["id"]
    assert visit["agreed"] == "2026-03-04T08:00:00"
    assert visit["found_at"] == "2026-03-04T16:00:00Z"
    assert visit["due_at"] == "2026-03-04T15:00:00Z"
    assert (visit["returned"], visit["problem"]) == (False, None)
    told = vetcore("reanchor", url=sample_url)
    assert told.exit_code == 3
    assert "Wed 4 Mar 08:00 was agreed at Driftwood" in " ".join(told.stdout.split())
    back = answer(vetcore, "reanchor", "--apply", url=sample_url)
    assert [each["returned"] for each in back["items"]] == [True]
    assert answer(vetcore, "reanchor", url=sample_url)["items"] == []
    assert "is at the wall time" in vetcore("reanchor", url=sample_url).stdout


def test_a_visit_that_cannot_return_is_told_with_the_reason(vetcore: Run, sample_url: str) -> None:
    made = answer(vetcore, "book", "driftwood", BISCUIT, "2026-03-04T09:00", url=sample_url)

    async def correct_the_zone() -> None:
        async with Database(sample_url) as db, db.transaction() as session:
            (await session.get_one(Clinic, UUID(DRIFTWOOD))).timezone = "America/Denver"

    asyncio.run(correct_the_zone())
    with clock.frozen(datetime(2026, 3, 4, 16, 30, tzinfo=UTC)):
        (visit,) = answer(vetcore, "reanchor", "--apply", url=sample_url, code=3)["items"]
        assert visit["appointment_id"] == made["id"]
        assert visit["problem"]["code"] == "in_the_past"
        told = " ".join(vetcore("reanchor", "--apply", url=sample_url).stdout.split())
    assert "It stays: that time has passed" in told
    assert "0 of 1 visit returned" in told
