"""What is due is read from the index that is there for it, however many pets there are."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import insert, text

from tests.examples import clinic, user
from tests.plans import plan, watched
from vetcore.database import Database
from vetcore.medical import claim_reminders, vaccinations_due
from vetcore.models import Clinic, Pet
from vetcore.schemas import DueQuery, ReminderClaim
from vetcore.values.animals import Species

SINCE, UNTIL = date(2026, 3, 9), date(2026, 3, 15)
AT_A_CLINIC = "ix_pets_primary_clinic_id_next_vaccination_due_on"
ANYWHERE = "ix_pets_next_vaccination_due_on"


@pytest.fixture
async def place(db: Database) -> Clinic:
    """One clinic of twenty, with pets that fall due on every day of a year."""
    clinics, owner = [clinic() for _ in range(20)], user()
    async with db.transaction() as session:
        session.add_all([*clinics, owner])
        await session.flush()
        pets: list[dict[str, Any]] = [
            {
                "name": "Rex",
                "species": Species.DOG,
                "owner_id": owner.id,
                "primary_clinic_id": clinics[number % 20].id,
                "next_vaccination_due_on": date.fromordinal(
                    SINCE.toordinal() + number // 20 * 3 % 365 - 100
                ),
            }
            for number in range(2000)
        ]
        await session.execute(insert(Pet), pets)
        await session.execute(text("ANALYZE pets" if db.dialect == "postgresql" else "ANALYZE"))
    return clinics[0]


def _reads_pets(sql: str) -> bool:
    return "FROM pets" in sql


async def test_an_index_answers_what_is_due(db: Database, place: Clinic) -> None:
    seen = watched(db, _reads_pets)
    async with db.session() as session:
        first = DueQuery(clinic_id=place.id, since=SINCE, until=UNTIL, limit=1)
        due = await vaccinations_due(session, first)
        assert due.next_cursor is not None
        following = DueQuery(clinic_id=place.id, until=UNTIL, limit=1, after=due.next_cursor)
        await vaccinations_due(session, following)
        assert await vaccinations_due(session, DueQuery(since=SINCE, until=UNTIL, limit=10))
    at_a_clinic, next_page, anywhere = [await plan(db, statement) for statement in seen]
    for found, index in (
        (at_a_clinic, AT_A_CLINIC),
        (next_page, AT_A_CLINIC),
        (anywhere, ANYWHERE),
    ):
        assert index in found
        assert "Seq Scan" not in found
        assert "SCAN pets" not in found


async def test_reminders_are_claimed_by_the_same_index(db: Database, place: Clinic) -> None:
    seen = watched(db, _reads_pets)
    async with db.transaction() as session:
        claim = ReminderClaim(worker="w", since=SINCE, until=UNTIL, clinic_id=place.id, limit=5)
        await claim_reminders(session, claim)
    assert AT_A_CLINIC in await plan(db, seen[0])
