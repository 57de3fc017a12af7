"""What is listed in generated worlds, stored as rows: all that is free, and nothing else.

``VETCORE_TEST_WORLDS`` says how many worlds (2,000 if unset); a sixteenth as many are stored in
each database. The trial ``agreement`` asks the same of as many as one likes.
"""

import os
from collections import Counter
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.scheduling.agreeing import JUDGED, accepted
from tests.scheduling.reference import Reference
from tests.scheduling.worlds import SPECIAL_DAYS, Scene, scene, store
from vetcore import clock
from vetcore.database import Database, Session
from vetcore.errors import NotBookable
from vetcore.scheduling import find_slots
from vetcore.values.capacity import Capacity

WORLDS = int(os.environ.get("VETCORE_TEST_WORLDS", "2000")) // 16 // len(SPECIAL_DAYS) + 1


async def _listed(session: Session, made: Scene) -> list[tuple[datetime, UUID]]:
    asked = vars(made.question)
    slots = await find_slots(session, clinic_id=made.clinic.id, **asked, by=Capacity.STAFF)
    assert {slot.clinic_id for slot in slots} <= {made.clinic.id}
    return [(slot.start, slot.practitioner_id) for slot in slots]


@pytest.mark.parametrize("zone", SPECIAL_DAYS)
async def test_all_that_is_free_is_listed_and_nothing_else(shared: Database, zone: str) -> None:
    scenes = [scene(zone, number) for number in range(WORLDS)]
    seen: Counter[str] = Counter()
    async with shared.trial() as session:
        await store(session, scenes)
        await session.execute(text("ANALYZE appointments"))
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
                    assert await accepted(session, made) == expected, made
                    seen["judged"] += 1
    assert min(seen[each] for each in ("refused", "free", "full", "judged")) > 0, seen
