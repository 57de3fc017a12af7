"""What a change would make impossible is listed before it is made, just as it is listed after it."""

import os
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from tests.examples import membership
from tests.operations.scenes import LATER, scene, stored
from tests.operations.supposed import changes_of
from tests.plans import watched
from tests.scheduling.worlds import SPECIAL_DAYS, store
from tests.scheduling.worlds import scene as random_scene
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import ConcurrentUpdate, InvalidValue, NotFound, PermissionDenied
from vetcore.models import StaffMembership, TimeOff
from vetcore.operations import (
    OPERATIONS,
    create_time_off,
    delete_room,
    preview_change,
    update_membership,
)
from vetcore.scheduling import ImpossibleVisit
from vetcore.schemas import (
    ById,
    ChangePreview,
    ClinicUpdate,
    StaffMembershipUpdate,
    TimeOffCreate,
)
from vetcore.values.clinics import ClinicStatus
from vetcore.values.people import Role

WORLDS = int(os.environ.get("VETCORE_TEST_WORLDS", "2000")) // 125 // len(SPECIAL_DAYS) + 1
DAY = timedelta(days=1)


def _told(found: Any) -> list[tuple[UUID, tuple[str, ...]]]:
    visits: tuple[ImpossibleVisit, ...] = found.impossible
    return [
        (each.appointment.id, tuple(refusal.code for refusal in each.refusals)) for each in visits
    ]


async def test_what_a_preview_lists_is_listed_after_the_change_and_nothing_else(
    shared: Database,
) -> None:
    """Held over generated worlds, for every kind of change."""
    scenes = [
        random_scene(zone, 70_000 + number) for zone in SPECIAL_DAYS for number in range(WORLDS)
    ]
    seen: Counter[str] = Counter()
    async with shared.trial() as session:
        await store(session, scenes)
        await session.execute(text("ANALYZE appointments"))
        session.expunge_all()
        for made in scenes:
            chance = Random(made.seed)
            with clock.frozen(made.now - 3 * DAY):
                for name, command in changes_of(made, chance):
                    found = await preview_change(session, ChangePreview(**{name: command}))
                    expected = _told(found)
                    tried = await session.begin_nested()
                    told = _told(await OPERATIONS[name](session, command))
                    await tried.rollback()
                    session.expunge_all()
                    if name == "update_clinic" and not told:
                        # A change of nothing that matters lists nothing.
                        continue
                    assert expected == told, (made, name, command)
                    seen[name] += len(found.impossible)
                    seen["already"] += len(found.already)
    assert set(seen) == {*ChangePreview.model_fields, "already"}
    assert seen["already"] > 0
    new = seen.total() - 2 * seen["already"]
    assert new > 0, seen


async def test_a_preview_writes_nothing_and_asks_little(
    db: Database,
) -> None:
    made = await scene(db)
    visit = made.visit()
    await stored(db, visit)
    wish = TimeOffCreate(practitioner_id=made.vet.user_id, starts_at=LATER, ends_at=LATER + DAY)
    async with db.session(made.acting("receptionist")) as session:
        seen = watched(db, lambda _sql: True)
        found = await preview_change(session, ChangePreview(create_time_off=wish))
    assert [each.appointment.id for each in found.new] == [visit.id]
    assert not found.already
    assert not found.elsewhere
    asked = [sql for sql, *_ in seen if not sql.startswith("BEGIN")]
    # Who acts, what they may do to the person, the visits, and the timetable.
    assert len(asked) <= 5
    assert all(sql.startswith(("SELECT", "WITH")) for sql in asked)


async def test_who_would_work_again_is_away_all_the_same(db: Database) -> None:
    """Whose membership ended long ago has no time off that matters, until it is made longer."""
    made = await scene(db)
    first, second = made.visit(), made.visit(made.twin, LATER + DAY)
    await stored(db, first, second)
    await stored(
        db, TimeOff(practitioner_id=made.vet.user_id, starts_at=LATER, ends_at=LATER + DAY / 2)
    )
    async with db.transaction() as session:
        post = await session.scalar(
            select(StaffMembership).where(StaffMembership.user_id == made.vet.user_id)
        )
        assert post is not None
        post.ends_on = LATER.date() - 300 * DAY
    longer = StaffMembershipUpdate(id=post.id, ends_on=None)
    async with db.session() as session:
        found = await preview_change(session, ChangePreview(update_membership=longer))
    assert _told(found) == [(first.id, ("off_duty",))]
    async with db.transaction() as session:
        assert _told(await update_membership(session, longer)) == _told(found)


async def test_a_preview_tells_what_is_impossible_already(db: Database) -> None:
    made = await scene(db)
    first, second = made.visit(), made.visit(made.twin, LATER + DAY)
    await stored(db, first, second)
    await stored(
        db, TimeOff(practitioner_id=made.vet.user_id, starts_at=LATER, ends_at=LATER + DAY / 24)
    )
    wish = TimeOffCreate(practitioner_id=made.vet.user_id, starts_at=LATER, ends_at=LATER + 2 * DAY)
    async with db.session() as session:
        found = await preview_change(session, ChangePreview(create_time_off=wish))
    assert [each.appointment.id for each in found.impossible] == [first.id, second.id]
    assert found.already == {first.id}
    assert [each.appointment.id for each in found.new] == [second.id]


async def test_what_one_may_not_see_is_counted_only(db: Database) -> None:
    """A manager of another clinic previews the same person's absence, and sees their own visits."""
    made, other = await scene(db), await scene(db)
    await stored(db, membership(made.people["veterinarian"], other.clinic, role=Role.VETERINARIAN))
    visit = made.visit()
    await stored(db, visit)
    wish = TimeOffCreate(practitioner_id=made.vet.user_id, starts_at=LATER, ends_at=LATER + DAY)
    asked = ChangePreview(create_time_off=wish)
    async with db.session(other.acting("manager")) as session:
        found = await preview_change(session, asked)
    assert (found.impossible, found.elsewhere) == ((), 1)
    async with db.session(made.acting("manager")) as session:
        found = await preview_change(session, asked)
    assert (_told(found), found.elsewhere) == ([(visit.id, ("off_duty",))], 0)


@pytest.mark.parametrize("name", ["owner", "stranger"])
async def test_a_preview_is_for_those_who_run_the_appointments(db: Database, name: str) -> None:
    made = await scene(db)
    for change in (
        {"delete_room": ById(id=made.room.id)},
        {"update_clinic": ClinicUpdate(id=made.clinic.id, status=ClinicStatus.SUSPENDED)},
        {
            "create_time_off": TimeOffCreate(
                practitioner_id=made.vet.user_id, starts_at=LATER, ends_at=LATER + DAY
            )
        },
    ):
        async with db.session(made.acting(name)) as session:
            with pytest.raises((PermissionDenied, NotFound)):
                await preview_change(session, ChangePreview(**change))


@pytest.mark.parametrize(
    "given",
    [
        lambda _made: {},
        lambda made: {
            "delete_room": ById(id=made.room.id),
            "delete_closure": ById(id=made.room.id),
        },
    ],
)
async def test_a_preview_is_of_one_change(db: Database, given: Callable[[Any], Any]) -> None:
    made = await scene(db)
    with pytest.raises(ValueError, match="only one"):
        ChangePreview(**given(made))


async def test_a_change_that_would_be_refused_is_refused_in_a_preview(db: Database) -> None:
    made = await scene(db)
    async with db.session() as session:
        with pytest.raises(NotFound):
            await preview_change(session, ChangePreview(delete_room=ById(id=uuid4())))
        with pytest.raises(ConcurrentUpdate):
            await preview_change(
                session, ChangePreview(delete_room=ById(id=made.room.id, version=7))
            )
        with pytest.raises(InvalidValue):
            await preview_change(session, ChangePreview(update_clinic=ClinicUpdate(name="X")))


async def test_after_a_preview_the_row_is_as_it_was(db: Database) -> None:
    made = await scene(db)
    async with db.transaction() as session:
        change = ClinicUpdate(id=made.clinic.id, status=ClinicStatus.SUSPENDED)
        await preview_change(session, ChangePreview(update_clinic=change))
        assert not session.dirty
        await delete_room(session, ById(id=made.room.id))
        wish = TimeOffCreate(practitioner_id=made.vet.user_id, starts_at=LATER, ends_at=LATER + DAY)
        assert not (await create_time_off(session, wish)).impossible
