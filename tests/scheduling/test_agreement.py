"""What is listed in generated worlds can be booked at that moment, and nothing else can."""

import os

import pytest
from sqlalchemy import text

from tests.scheduling.agreeing import agree
from tests.scheduling.worlds import SPECIAL_DAYS, scene, store
from vetcore import clock
from vetcore.database import Database

WORLDS = int(os.environ.get("VETCORE_TEST_WORLDS", "2000")) // 80 // len(SPECIAL_DAYS) + 1


ZONES = sorted(SPECIAL_DAYS)


@pytest.mark.parametrize("zones", [ZONES[::2], ZONES[1::2]], ids=["even", "odd"])
async def test_what_is_listed_can_be_booked_and_nothing_else(
    shared: Database, zones: list[str]
) -> None:
    scenes = [scene(zone, -number - 1) for zone in zones for number in range(WORLDS)]
    for made in scenes:
        made.question.pet_id, made.question.species = made.pets[0].id, None
        made.question.practitioner_id = None
    booked = refused = 0
    async with shared.trial() as session:
        await store(session, scenes)
        await session.execute(text("ANALYZE appointments"))
        for made in scenes:
            with clock.frozen(made.now):
                tried = await agree(session, made)
            booked, refused = booked + tried.booked, refused + tried.refused
    # Most worlds have something free, and something that is taken.
    assert booked > len(scenes) / 2
    assert refused > len(scenes)
