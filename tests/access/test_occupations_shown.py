"""Restricted sessions: who sees an appointment, sees who assists at it."""

import pytest
from sqlalchemy import select, text

from tests.access.restricting import enabled, with_restricted
from tests.access.worlds import platform
from vetcore.database import Acting, Database
from vetcore.models import Appointment, Occupation
from vetcore.values.people import Role


@pytest.fixture(params=["postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """Row-level security is PostgreSQL's."""
    return str(request.param)


async def test_who_assists_is_seen_by_whoever_sees_the_appointment(
    db: Database,
) -> None:
    made = await platform(db)
    await enabled(db)
    async with db.transaction() as session:
        visit = (await session.scalars(select(Appointment))).all()[0]
        session.add(
            Occupation(
                appointment_id=visit.id,
                person_id=made.actors["receptionist"].user_id,
                role=Role.VETERINARY_TECHNICIAN,
                occupied_from=visit.occupied_from,
                occupied_until=visit.occupied_until,
                occupying=True,
            )
        )
    query = text("SELECT person_id, occupied_from FROM occupations")
    async with with_restricted(db) as service:
        for name in ("owner", "receptionist", "stranger"):
            acting = Acting(made.actors[name].user_id)
            async with service.restricted(acting) as session:
                sees = await session.get(Appointment, visit.id) is not None
                rows = (await session.execute(query)).all()
            assert len(rows) == sees, name
            times = [row.occupied_from for row in rows]
            assert times == ([visit.occupied_from] if name == "receptionist" else [None] * sees)
        assert not sees, "a stranger"
