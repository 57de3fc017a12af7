"""A day at twenty clinics of three veterinarians, asked at once, among 200,000 appointments.

It is compared with a day at one of them, and with asking each of the twenty on its own.
"""

import asyncio
import sys
from datetime import timedelta
from typing import Any

import asyncpg

from benchmarks.find_slots import NOW, START, filled, medians
from benchmarks.report import Comparison, show
from benchmarks.servers import postgresql_database
from vetcore import clock
from vetcore.database import Database, ReadSession
from vetcore.scheduling import find_slots, find_slots_across
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType

MANY = slice(3, 23)
"""Of the clinics: those of three veterinarians come after the large ones."""


async def _measure(url: str) -> list[Comparison]:
    raw = await asyncpg.connect(url)
    async with Database(url) as db:
        place = await filled(db, raw)
        with clock.frozen(NOW):
            async with db.session() as session:
                return await _compared(session, place.clinics[MANY])


async def _compared(session: ReadSession, clinics: list[Any]) -> list[Comparison]:
    asked: dict[str, Any] = {
        "service": ServiceType.WELLNESS_EXAM,
        "start": START + timedelta(days=1),
        "end": START + timedelta(days=2),
        "by": Capacity.STAFF,
    }

    async def one() -> list[Any]:
        return await find_slots(session, clinic_id=clinics[0], **asked)

    async def each() -> list[Any]:
        return [
            slot
            for clinic in clinics
            for slot in await find_slots(session, clinic_id=clinic, **asked)
        ]

    async def many() -> list[Any]:
        found = await find_slots_across(session, clinic_ids=clinics, **asked)
        return [slot for slots in found.values() for slot in slots]

    found = await many()
    assert found
    assert found == await each(), "together they list other slots"
    taken = await medians({"one": one, "each": each, "many": many})
    what = f"{len(found):,} slots of a day at {len(clinics)} clinics"
    return [
        Comparison(what, taken["many"], taken["one"], "s", "a day at one", at_most=4.5),
        Comparison(what, taken["many"], taken["each"], "s", "one after the other", at_most=0.6),
    ]


def run() -> list[Comparison]:
    """Fill a database, then compare."""
    with postgresql_database() as url:
        return asyncio.run(_measure(url))


if __name__ == "__main__":
    sys.exit(not show(run()))
