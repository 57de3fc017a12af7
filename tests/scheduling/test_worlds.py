"""What is listed in generated worlds, stored as rows: all that is free, and nothing else.

``VETCORE_TEST_WORLDS`` says how many worlds (2,000 if unset); an eighth as many are stored in each
database.
"""

import os
from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.scheduling.reference import Reference
from tests.scheduling.worlds import SPECIAL_DAYS, Scene, scene, store
from vetcore import clock
from vetcore.database import Database, Session
from vetcore.errors import NotBookable
from vetcore.scheduling import find_slots
from vetcore.scheduling.loading import load_world
from vetcore.scheduling.rules import refusal
from vetcore.values.capacity import Capacity
from vetcore.values.intervals import instant

WORLDS = int(os.environ.get("VETCORE_TEST_WORLDS", "2000")) // 8 // len(SPECIAL_DAYS) + 1
JUDGED = timedelta(hours=8)
"""In windows up to that long each minute is judged on its own; longer ones are only listed."""


async def _listed(session: Session, made: Scene) -> list[tuple[datetime, UUID]]:
    asked = vars(made.question)
    slots = await find_slots(session, clinic_id=made.clinic.id, **asked, by=Capacity.STAFF)
    assert {slot.clinic_id for slot in slots} <= {made.clinic.id}
    return [(slot.start, slot.veterinarian_id) for slot in slots]


async def _accepted(session: Session, made: Scene) -> list[tuple[datetime, UUID]]:
    """The starts, of all whole minutes of the window, that no rule refuses."""
    world = await load_world(
        session, clinic_id=made.clinic.id, **vars(made.question), by=Capacity.STAFF
    )
    first = -(-world.start // 60) * 60
    return [
        (instant(start), vet.id)
        for start in range(first, world.end, 60)
        for vet in sorted(world.veterinarians, key=lambda each: each.id)
        if refusal(world, vet, start) is None
    ]


@pytest.mark.parametrize("zone", SPECIAL_DAYS)
async def test_all_that_is_free_is_listed_and_nothing_else(shared: Database, zone: str) -> None:
    scenes = [scene(zone, number) for number in range(WORLDS)]
    seen: Counter[str] = Counter()
    async with shared.trial() as session:
        await store(session, scenes)
        await session.execute(text("ANALYZE"))
        for made in scenes:
            reference = Reference(made)
            expected, refused = reference.slots(), reference.refusals()
            with clock.frozen(made.now):
                if refused:
                    with pytest.raises(NotBookable) as caught:
                        await _listed(session, made)
                    assert caught.value.code in refused, made
                    seen["refused"] += 1
                    continue
                assert await _listed(session, made) == expected, made
                seen["free" if expected else "full"] += 1
                window = made.question.end - made.question.start
                if window <= JUDGED:
                    assert await _accepted(session, made) == expected, made
                    seen["judged"] += 1
    assert min(seen[each] for each in ("refused", "free", "full", "judged")) > 0, seen
