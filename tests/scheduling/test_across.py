"""Free slots at many clinics at once: what each clinic lists on its own, in as many statements as one."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.scheduling.practice import HALF_AN_HOUR, TEN, Practice, booked_at, practice
from tests.scheduling.worlds import SPECIAL_DAYS, Scene, scene, store
from vetcore import clock
from vetcore.database import Database, Session
from vetcore.errors import InvalidValue, NotBookable, NotFound
from vetcore.models import Clinic
from vetcore.scheduling import Slot, find_slots, find_slots_across
from vetcore.testing import count_statements
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ClinicStatus, ServiceType

SCENES = 5
EXAM = ServiceType.WELLNESS_EXAM


async def _one_by_one(
    session: Session, scenes: list[Scene], **asked: Any
) -> dict[UUID, list[Slot]]:
    found: dict[UUID, list[Slot]] = {}
    for made in scenes:
        try:
            found[made.clinic.id] = await find_slots(session, clinic_id=made.clinic.id, **asked)
        except NotBookable:
            continue
    return found


@pytest.mark.parametrize("by", [Capacity.STAFF, Capacity.OWNER])
@pytest.mark.parametrize("zone", SPECIAL_DAYS)
async def test_each_clinic_lists_what_it_lists_on_its_own(
    shared: Database, zone: str, by: Capacity
) -> None:
    """In generated worlds around one day, asked what each of them is asked."""
    day = SPECIAL_DAYS[zone][-1]
    scenes = [scene(zone, number, day) for number in range(SCENES)]
    some = 0
    async with shared.trial() as session:
        await store(session, scenes)
        await session.execute(text("ANALYZE"))
        clinics = [made.clinic.id for made in scenes]
        for made in scenes:
            asked = vars(replace(made.question, duration=None)) | {"by": by}
            asked.pop("duration")
            with clock.frozen(made.now):
                wanted = await _one_by_one(session, scenes, **asked)
                found = await find_slots_across(session, clinic_ids=clinics, **asked)
                first = await find_slots_across(
                    session, clinic_ids=clinics[::-1], limit_each=2, **asked
                )
            assert found == wanted
            assert list(found) == [key for key in clinics if key in wanted]
            assert first == {key: slots[:2] for key, slots in wanted.items()}
            assert list(first) == [key for key in clinics[::-1] if key in wanted]
            some += sum(map(len, found.values()))
    assert some or zone == "Pacific/Apia"


async def _practices(db: Database, count: int, **given: Any) -> list[Practice]:
    return [await practice(db, **given) for _ in range(count)]


def _asked(*made: Practice, **given: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "clinic_ids": [each.clinic.id for each in made],
        "service": EXAM,
        "start": TEN,
        "end": TEN + timedelta(hours=4),
        "by": Capacity.STAFF,
    }
    return values | given


@pytest.mark.usefixtures("on_a_friday")
async def test_twenty_clinics_take_as_many_statements_as_one(db: Database) -> None:
    made = await _practices(db, 20)
    sent = []
    for some in (made[:1], made):
        async with db.session() as session:
            await session.execute(text("SELECT 1"))
            with count_statements(session) as statements:
                found = await find_slots_across(session, **_asked(*some))
            sent.append(len(statements))
        assert all(found[each.clinic.id] for each in some)
    assert sent == [2, 2]


@pytest.mark.usefixtures("on_a_friday")
async def test_a_pet_is_busy_wherever_it_is_and_so_is_a_practitioner(db: Database) -> None:
    here, there = await _practices(db, 2)
    await booked_at(db, here)
    asked = _asked(here, there, pet_id=here.pets[0].id, end=TEN + HALF_AN_HOUR)
    async with db.session() as session:
        assert await find_slots_across(session, **asked) == {
            here.clinic.id: [],
            there.clinic.id: [],
        }
        asked |= {"pet_id": there.pets[0].id}
        found = await find_slots_across(session, **asked)
        assert (len(found[here.clinic.id]), len(found[there.clinic.id])) == (2, 4)
        asked |= {"practitioner_id": there.vets[0].user_id}
        found = await find_slots_across(session, **asked)
        assert found[here.clinic.id] == []
        assert len(found[there.clinic.id]) == 2


@pytest.mark.usefixtures("on_a_friday")
async def test_a_clinic_that_cannot_be_booked_at_all_has_no_entry(db: Database) -> None:
    open_, closed = await _practices(db, 2)
    async with db.transaction() as session:
        (await session.get_one(Clinic, closed.clinic.id)).status = ClinicStatus.CLOSED
    async with db.session() as session:
        assert list(await find_slots_across(session, **_asked(closed, open_))) == [open_.clinic.id]
        asked = _asked(open_, service="teeth")
        assert await find_slots_across(session, **asked) == {}


@pytest.mark.usefixtures("on_a_friday")
async def test_a_clinic_that_is_named_twice_is_asked_once_and_none_is_no_question(
    db: Database,
) -> None:
    (made,) = await _practices(db, 1)
    async with db.session() as session:
        twice = await find_slots_across(session, **_asked(made, made))
        assert list(twice) == [made.clinic.id]
        with count_statements(session) as statements:
            assert await find_slots_across(session, **_asked()) == {}
        assert not statements


@pytest.mark.usefixtures("on_a_friday")
@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({"clinic_ids": [UUID(int=1)]}, NotFound),
        ({"pet_id": UUID(int=1)}, NotFound),
        ({"end": TEN}, InvalidValue),
        ({"start": TEN.replace(tzinfo=None)}, InvalidValue),
        ({"end": TEN + timedelta(days=800)}, InvalidValue),
        ({"limit_each": -1}, InvalidValue),
    ],
)
async def test_what_makes_no_question_is_refused(
    db: Database, given: dict[str, Any], refused: type[Exception]
) -> None:
    (made,) = await _practices(db, 1)
    async with db.session() as session:
        with pytest.raises(refused):
            await find_slots_across(session, **_asked(made) | given)
