"""Finding a pet by a misspelt name among a million, against PostgreSQL's trigrams alone.

    python -m benchmarks.search [--plan]

Names are made of syllables, as often as names are: a few very, most rarely. What is asked for is the
name of a pet picked at random, with one slip of the pen. ``--plan`` shows how the statements of one
search are carried out.
"""

import asyncio
import random
import string
import sys
from collections.abc import Awaitable, Callable
from itertools import accumulate
from statistics import median
from time import perf_counter
from typing import Any

import asyncpg
from sqlalchemy import event

from benchmarks.report import Comparison, show
from benchmarks.servers import postgresql_database
from vetcore.database import Database, ReadSession
from vetcore.directory import search_pets

PETS, NAMES, QUERIES = 1_000_000, 15_000, 120

FILL = """
INSERT INTO pets (id, name, species, breeds, sex, birth_date_is_estimate, status, medical_history,
    vaccinations, created_at, updated_at, version)
SELECT gen_random_uuid(), name, 'dog', '[]', 'unknown', false, 'active', '{}', '[]', now(), now(), 1
FROM unnest($1::text[]) AS given(name)
"""
TRIGRAMS = """
SELECT id, name, similarity(search_name, $1) FROM pets
WHERE search_name % $1 AND deleted_at IS NULL
ORDER BY similarity(search_name, $1) DESC, id LIMIT 20
"""


def _names(chance: random.Random) -> list[str]:
    """Different names, from one to four syllables."""
    syllables = [a + b for a in "bcdfghjklmnprstvwz" for b in ("a", "e", "i", "o", "u", "el", "ar")]
    found: dict[str, None] = {}
    while len(found) < NAMES:
        parts = chance.choices(syllables, k=chance.choice((1, 2, 2, 2, 3, 3, 4)))
        found["".join(parts).capitalize()] = None
    return list(found)


def _slip(name: str, chance: random.Random) -> str:
    at = chance.randrange(len(name))
    letter = chance.choice(string.ascii_lowercase)
    return chance.choice(
        (
            name[:at] + name[at + 1 :],
            name[:at] + letter + name[at:],
            name[:at] + letter + name[at + 1 :],
            name[:at] + name[at : at + 2][::-1] + name[at + 2 :],
        )
    )


async def _filled(db: Database, raw: Any, chance: random.Random) -> list[str]:
    await db.migrate()
    names = _names(chance)
    weights = list(accumulate(1 / (rank + 10) for rank in range(NAMES)))
    for _ in range(10):
        await raw.execute(FILL, chance.choices(names, cum_weights=weights, k=PETS // 10))
    await raw.execute("VACUUM ANALYZE pets")
    return [_slip(name, chance) for name in chance.choices(names, cum_weights=weights, k=QUERIES)]


async def _timed(asked: list[str], ways: dict[str, Callable[[str], Awaitable[Any]]]) -> Any:
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for number, wanted in enumerate([*asked[:10], *asked]):
        for name, way in ways.items():
            started = perf_counter()
            await way(wanted)
            if number >= 10:
                taken[name].append(perf_counter() - started)
    return {name: sorted(each) for name, each in taken.items()}


async def _measure(url: str, *, plan: bool) -> list[Comparison]:
    raw = await asyncpg.connect(url, server_settings={"jit": "off"})
    async with Database(url) as db:
        asked = await _filled(db, raw, random.Random(1))
        async with db.session() as session:

            async def ours(wanted: str) -> None:
                await search_pets(session, wanted)

            async def trigrams(wanted: str) -> None:
                await raw.fetch(TRIGRAMS, wanted.lower())

            taken = await _timed(asked, {"ours": ours, "trigrams": trigrams})
            if plan:
                await _show_plans(db, session, raw, asked[0])
    await raw.close()
    late = int(0.95 * QUERIES)
    middle, slow = median(taken["ours"]), taken["ours"][late]
    what = f"a misspelt name among {PETS:,} pets"
    return [
        Comparison(
            f"{what}, median", middle, median(taken["trigrams"]), "s", "trigrams alone", at_most=2
        ),
        Comparison(f"{what}, 95 %", slow, taken["trigrams"][late], "s", "trigrams alone"),
    ]


async def _show_plans(db: Database, session: ReadSession, raw: Any, wanted: str) -> None:
    statements: list[tuple[str, Any]] = []

    def remember(_c: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        statements.append((statement, values))

    event.listen(db.engine.sync_engine, "before_cursor_execute", remember)
    await search_pets(session, wanted)
    for statement, values in statements:
        print(f"\n{statement[:300]}")
        rows = await raw.fetch(f"EXPLAIN (ANALYZE, COSTS OFF) {statement}", *values)
        print("\n".join(f"    {row[0][:150]}" for row in rows))


def run(*, plan: bool = False) -> list[Comparison]:
    """Fill a database, then ask."""
    with postgresql_database() as url:
        return asyncio.run(_measure(url, plan=plan))


if __name__ == "__main__":
    sys.exit(not show(run(plan="--plan" in sys.argv)))
