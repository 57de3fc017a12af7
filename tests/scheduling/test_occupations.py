"""Whatever an appointment occupies, the database refuses to occupy twice, whoever writes it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.scheduling.practice import TEN
from tests.scheduling.surgery import (
    HOUR,
    TECHNICIAN,
    Theatre,
    assists,
    occupations,
    theatre,
    uses,
    visit,
)
from vetcore.database import Database
from vetcore.errors import ConstraintViolation, SlotTaken, StillReferenced, VetcoreError
from vetcore.models import Appointment, Occupation
from vetcore.values.appointments import AppointmentStatus

HALF = timedelta(minutes=30)
pytestmark = pytest.mark.usefixtures("on_a_friday")


@pytest.fixture
async def made(db: Database) -> Theatre:
    return await theatre(db, units=2)


async def _store(db: Database, *rows: Any) -> None:
    async with db.transaction() as session:
        for row in rows:
            session.add(row)
            await session.flush()


async def _refused(db: Database, *rows: Any) -> SlotTaken:
    with pytest.raises(SlotTaken) as refused:
        await _store(db, *rows)
    return refused.value


async def _sql(db: Database, statement: str, **given: Any) -> None:
    """What another program sends."""
    async with db.transaction() as session:
        await session.execute(text(statement), given)


async def _times(db: Database, row: Appointment) -> list[tuple[Any, ...]]:
    async with db.session() as session:
        return [
            (each.occupied_from, each.occupied_until, each.occupying)
            for each in await occupations(session, row.id)
        ]


async def test_an_occupation_has_the_times_of_its_appointment_whatever_is_written(
    db: Database, made: Theatre
) -> None:
    row = visit(made, occupied_until=TEN + HOUR)
    wrong = {"occupied_from": TEN - 9 * HOUR, "occupied_until": TEN - 8 * HOUR}
    await _store(
        db,
        row,
        assists(made.technicians[0].id, row, occupying=False, **wrong),
        uses(made.equipment[0].id, row),
    )
    expected = [(TEN, TEN + HOUR, True)] * 2
    assert await _times(db, row) == expected
    await _sql(db, "UPDATE occupations SET occupying = false, occupied_until = occupied_from")
    assert await _times(db, row) == expected


async def test_it_follows_its_appointment_when_that_moves_is_cancelled_comes_back_and_goes(
    db: Database, made: Theatre
) -> None:
    row = visit(made)
    await _store(db, row, assists(made.technicians[0].id, row))
    async with db.transaction() as session:
        mine = await session.get_one(Appointment, row.id)
        mine.starts_at = mine.occupied_from = TEN + HOUR
        mine.ends_at = mine.occupied_until = TEN + 2 * HOUR
    assert await _times(db, row) == [(TEN + HOUR, TEN + 2 * HOUR, True)]
    for status, occupies in (("cancelled", False), ("confirmed", True), ("no_show", False)):
        await _sql(db, "UPDATE appointments SET status = :to", to=status)
        assert await _times(db, row) == [(TEN + HOUR, TEN + 2 * HOUR, occupies)]
    await _sql(db, "UPDATE appointments SET status = 'scheduled'")
    await _sql(db, "UPDATE appointments SET deleted_at = created_at")
    assert await _times(db, row) == [(TEN + HOUR, TEN + 2 * HOUR, False)]
    await _sql(db, "DELETE FROM appointments")
    assert await _times(db, row) == []


async def test_nobody_assists_at_two_visits_at_once(db: Database, made: Theatre) -> None:
    one, other = visit(made, occupied_until=TEN + HOUR), visit(made, TEN + HALF, vet=1, animal=1)
    person = made.technicians[0].id
    await _store(db, one, assists(person, one), other)
    refused = await _refused(db, assists(person, other))
    assert refused.details["resource"] == "assistant"
    assert refused.details["resource_id"] == str(person)
    await _store(db, assists(made.technicians[1].id, other))
    later = visit(made, TEN + HOUR, vet=0, animal=2)
    await _store(db, later, assists(person, later))


async def test_no_equipment_is_used_at_two_visits_at_once(db: Database, made: Theatre) -> None:
    one, other = visit(made), visit(made, TEN + HALF / 2, vet=1, animal=1)
    piece = made.equipment[0].id
    await _store(db, one, uses(piece, one), other)
    refused = await _refused(db, uses(piece, other))
    assert refused.details["resource"] == "equipment"
    assert refused.details["resource_id"] == str(piece)
    await _store(db, uses(made.equipment[1].id, other))


async def test_who_sees_a_pet_assists_nowhere_then(db: Database, made: Theatre) -> None:
    seen, helped = visit(made), visit(made, TEN + HALF / 2, vet=1, animal=1)
    await _store(db, seen, helped)
    refused = await _refused(db, assists(made.vets[0].user_id, helped))
    assert refused.details["resource"] == "assistant"
    refused = await _refused(db, assists(made.vets[1].user_id, helped))
    assert refused.details["resource"] == "assistant", "nobody assists themselves"
    later = visit(made, TEN + HALF, vet=1, animal=2, status=AppointmentStatus.CANCELLED)
    await _store(db, later, assists(made.vets[0].user_id, later))


async def test_who_assists_sees_no_pet_then(db: Database, made: Theatre) -> None:
    helped = visit(made, vet=1, animal=1)
    await _store(db, helped, assists(made.vets[0].user_id, helped))
    refused = await _refused(db, visit(made, TEN + HALF / 2))
    assert refused.details["resource"] == "practitioner"
    assert refused.details["resource_id"] == str(made.vets[0].user_id)
    after = visit(made, TEN + HALF)
    await _store(db, after)
    for change in (
        "starts_at = :at, occupied_from = :at",
        "practitioner_id = :who WHERE practitioner_id <> :who",
    ):
        with pytest.raises(SlotTaken):
            await _changed(db, after if "WHERE" not in change else helped, made, change)


async def _changed(db: Database, row: Appointment, made: Theatre, change: str) -> None:
    async with db.transaction() as session:
        mine = await session.get_one(Appointment, row.id)
        if "practitioner" in change:
            mine.practitioner_id = made.vets[0].user_id
        else:
            mine.starts_at = mine.occupied_from = TEN + HALF / 2


async def test_a_visit_that_is_squeezed_in_may_overlap_what_its_practitioner_assists_at(
    db: Database, made: Theatre
) -> None:
    helped = visit(made, vet=1, animal=1)
    await _store(db, helped, assists(made.vets[0].user_id, helped))
    squeezed = visit(made, squeezed_in=True, squeeze_reason="Hit by a car")
    await _store(db, squeezed)
    with pytest.raises(SlotTaken):
        await _sql(db, "UPDATE appointments SET squeezed_in = false")
    further = visit(made, TEN + 2 * HOUR, squeezed_in=True, squeeze_reason="Hit by a car")
    with pytest.raises(SlotTaken):
        await _store(db, further, assists(made.vets[0].user_id, further))


async def test_what_comes_back_or_moves_is_refused_where_somebody_has_its_assistant(
    db: Database, made: Theatre
) -> None:
    gone = visit(made, status=AppointmentStatus.CANCELLED)
    person = made.technicians[0].id
    other = visit(made, vet=1, animal=1)
    await _store(db, gone, assists(person, gone), other, assists(person, other))
    with pytest.raises(SlotTaken) as refused:
        await _sql(db, "UPDATE appointments SET status = 'confirmed'")
    assert refused.value.details["resource"] == "assistant"
    assert [occupying for *_, occupying in await _times(db, gone)] == [False]


async def test_a_row_is_of_one_person_or_one_piece_that_is_there(
    db: Database, made: Theatre
) -> None:
    row, person = visit(made), made.technicians[0].id
    await _store(db, row)
    for wrong in (
        assists(person, row, equipment_id=made.equipment[0].id),
        assists(person, row, person_id=None, role=None),
        assists(person, row, role=None),
        assists(made.clinic.id, row),
    ):
        with pytest.raises(VetcoreError):
            await _store(db, wrong)
    await _store(db, assists(person, row))
    with pytest.raises((StillReferenced, ConstraintViolation)):
        await _sql(db, "DELETE FROM users WHERE role = :role", role=TECHNICIAN.value)
    async with db.session() as session:
        assert len(await occupations(session, row.id)) == 1
        assert await session.get(Occupation, made.clinic.id) is None
