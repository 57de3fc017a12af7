"""A cap of the day holds for whatever comes onto it: moves, swaps, returns, series, plans, offers."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.scheduling.availability import DAY
from tests.scheduling.capped import EXAM, TEN, at_most, capped, changed, full, new_at_most, there
from tests.scheduling.practice import (
    HALF_AN_HOUR,
    booked_at,
    held_at,
    lasting,
    stored,
)
from tests.scheduling.serial import ALL, moved_to, series_of, starts_of
from tests.scheduling.waiting import join, offer, read_back
from vetcore import clock
from vetcore.database import Database, Session
from vetcore.models import Appointment
from vetcore.scheduling import (
    SeriesConflict,
    accept_offer,
    apply_moves,
    book_series,
    cancel,
    check_in,
    confirm,
    confirm_hold,
    impossible_visits,
    mark_no_show,
    move,
    plan_moves,
    preview_series,
    preview_series_move,
    reinstate,
    swap,
)
from vetcore.scheduling.planning import PlanConflict
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType
from vetcore.values.recurrence import Recurrence

pytestmark = pytest.mark.usefixtures("on_a_friday")

STAFF = Capacity.STAFF
LATER = TEN + HALF_AN_HOUR
TUESDAY = TEN + DAY
DAILY = "FREQ=DAILY;COUNT=3"


async def _done(db: Database, work: Callable[[Session], Awaitable[Any]]) -> Any:
    async with db.transaction() as session:
        return await work(session)


async def _moved(db: Database, one: Appointment, to: datetime, **given: Any) -> Appointment:
    found: Appointment = await _done(
        db, lambda session: move(session, one.id, starts_at=to, by=STAFF, **given)
    )
    return found


# Moves and swaps ----------------------------------------------------------------------------------


async def test_nothing_moves_onto_a_full_day_unless_staff_say_so(db: Database) -> None:
    made = await capped(db, 1)
    await booked_at(db, made)
    other = await booked_at(db, made, TUESDAY, animal=1)
    await full(lambda: _moved(db, other, LATER), most=1, count=1, day="2026-03-09")
    assert (await stored(db, other)).starts_at == TUESDAY
    await _moved(db, other, LATER, overrides=("day_is_full",))
    found = await stored(db, other)
    assert (found.starts_at, found.overrides) == (LATER, ("day_is_full",))


async def test_what_moves_within_its_day_does_not_count_itself(db: Database) -> None:
    made = await capped(db, 1, new=1)
    one = await booked_at(db, made)
    await _moved(db, one, LATER)
    assert await there(db, made) == [(LATER, True)]


async def test_another_service_has_its_own_cap(db: Database) -> None:
    made = await capped(db, 1)
    await booked_at(db, made)
    surgery = await booked_at(
        db, made, TEN + timedelta(hours=4), animal=1, service=ServiceType.SURGERY
    )
    await full(lambda: _moved(db, surgery, surgery.starts_at, service=EXAM), limit="most_per_day")
    await _moved(db, surgery, TUESDAY, service=EXAM)


async def test_a_new_patient_stays_one_in_its_clinic_and_is_asked_anew_at_another(
    db: Database,
) -> None:
    made, other = await capped(db, new=1), await capped(db, new=1)
    one = await booked_at(db, made)
    await booked_at(db, made, TUESDAY, animal=1)
    await full(lambda: _moved(db, one, TUESDAY), limit="new_patients_per_day", day="2026-03-10")
    known = await booked_at(db, made, TEN + 2 * DAY)
    await _moved(db, known, TUESDAY + HALF_AN_HOUR)
    assert not (await stored(db, known)).new_patient
    await booked_at(db, other)
    away: dict[str, Any] = {"clinic_id": other.clinic.id}
    await full(lambda: _moved(db, known, LATER, **away), limit="new_patients_per_day")
    await _moved(db, known, TUESDAY, **away)
    assert (await stored(db, known)).new_patient
    await _moved(db, one, TUESDAY + HALF_AN_HOUR, **away)
    assert not (await stored(db, one)).new_patient


async def test_two_swap_full_days_and_none_swaps_onto_one(db: Database) -> None:
    made = await capped(db, 1)
    one = await booked_at(db, made)
    other = await booked_at(db, made, TUESDAY, animal=1)
    await _done(db, lambda session: swap(session, one.id, other.id, by=STAFF))
    assert (await stored(db, one)).starts_at == TUESDAY
    surgery = await booked_at(
        db,
        made,
        TEN + 2 * DAY,
        animal=2,
        service=ServiceType.SURGERY,
        practitioner_id=one.practitioner_id,
    )
    third = await booked_at(db, made, TEN + 2 * DAY + timedelta(hours=4), animal=3)

    async def swapped() -> None:
        await _done(db, lambda session: swap(session, one.id, surgery.id, by=STAFF))

    await full(swapped, day="2026-03-11")
    assert [(await stored(db, each)).starts_at for each in (one, surgery)] == [
        TUESDAY,
        TEN + 2 * DAY,
    ]
    await _done(db, lambda session: cancel(session, third.id, by=STAFF))
    await swapped()


# What comes back, and what stands -----------------------------------------------------------------


async def test_what_was_cancelled_comes_back_only_to_a_day_with_a_place(db: Database) -> None:
    made = await capped(db, 1)
    one = await booked_at(db, made)
    await _done(db, lambda session: cancel(session, one.id, by=STAFF))
    other = await booked_at(db, made, LATER, animal=1)

    async def back(**given: Any) -> None:
        await _done(db, lambda session: reinstate(session, one.id, **given))

    await full(back, day="2026-03-09")
    await back(overrides=("day_is_full",))
    assert (await stored(db, one)).overrides == ("day_is_full",)
    await _done(db, lambda session: cancel(session, one.id, by=STAFF))
    await _done(db, lambda session: cancel(session, other.id, by=STAFF))
    await back()


@pytest.mark.parametrize("step", [reinstate, check_in])
async def test_a_no_show_returns_only_to_a_day_with_a_place(
    db: Database, step: Callable[..., Awaitable[Any]]
) -> None:
    made = await capped(db, 1)
    one = await booked_at(db, made)
    with clock.frozen(TEN + timedelta(minutes=20)):
        await _done(db, lambda session: mark_no_show(session, one.id))
        await booked_at(db, made, TEN + timedelta(hours=4), animal=1)
        await full(lambda: _done(db, lambda session: step(session, one.id)))
        await _done(db, lambda session: step(session, one.id, overrides=("day_is_full",)))


async def test_a_pet_that_was_seen_meanwhile_comes_back_as_no_new_patient(db: Database) -> None:
    made = await capped(db)
    one = await booked_at(db, made)
    await _done(db, lambda session: cancel(session, one.id, by=STAFF))
    other = await booked_at(db, made, TUESDAY)
    await _done(db, lambda session: reinstate(session, one.id))
    assert [(await stored(db, each)).new_patient for each in (one, other)] == [False, True]


async def test_what_is_booked_stands_whatever_the_cap_is_by_now(db: Database) -> None:
    made = await capped(db)
    some = [await booked_at(db, made, TEN + n * HALF_AN_HOUR, animal=n) for n in range(3)]
    held = await held_at(db, made, starts_at=TEN + timedelta(hours=4), animal=4)
    await lasting(db, held)
    await changed(db, made, services=at_most(1), booking_policy=new_at_most(1))
    async with db.session() as session:
        assert await impossible_visits(session, clinic_id=made.clinic.id) == []
    await _done(db, lambda session: confirm(session, some[0].id, by=STAFF))
    await _done(db, lambda session: confirm_hold(session, held.id, by=STAFF))
    with clock.frozen(TEN):
        for each in some:
            found = await _done(db, lambda session, key=each.id: check_in(session, key))
            assert found.overrides == ()


async def test_of_two_holds_of_a_new_pet_the_second_is_confirmed_as_none(db: Database) -> None:
    made = await capped(db)
    holds = [await held_at(db, made, starts_at=TEN + n * DAY) for n in range(2)]
    for each in holds:
        await lasting(db, each)
        await _done(db, lambda session, key=each.id: confirm_hold(session, key, by=STAFF))
    assert [new for _, new in await there(db, made)] == [True, False]


# Series -------------------------------------------------------------------------------------------


async def test_a_series_leaves_out_a_full_day(db: Database) -> None:
    made = await capped(db, 1)
    await booked_at(db, made, TUESDAY + HALF_AN_HOUR, animal=1)
    rule, wish = Recurrence.parse(DAILY), made.request()
    async with db.session() as session:
        seen = await preview_series(session, wish, rule=rule, by=STAFF)
    assert [each.error and each.error.code for each in seen.occurrences] == [
        None,
        "day_is_full",
        None,
    ]

    async def booked(**given: Any) -> Any:
        return await _done(
            db, lambda session: book_series(session, wish, rule=rule, by=STAFF, **given)
        )

    with pytest.raises(SeriesConflict):
        await booked()
    report = await booked(keep="rest")
    assert [each.starts_at for each in report.booked] == [TEN, TEN + 2 * DAY]


async def test_a_series_of_a_new_pet_has_one_new_patient(db: Database) -> None:
    made = await capped(db, new=1)
    for number in range(1, 3):
        await booked_at(db, made, TEN + number * DAY + HALF_AN_HOUR, animal=number)
    visits = await series_of(db, made, DAILY)
    assert [each.new_patient for each in visits] == [True, False, False]


async def test_a_series_that_begins_on_a_full_day_is_new_on_the_next(db: Database) -> None:
    made = await capped(db, new=1)
    await booked_at(db, made, LATER, animal=1)
    rule = Recurrence.parse(DAILY)
    report = await _done(
        db,
        lambda session: book_series(session, made.request(), rule=rule, by=STAFF, keep="rest"),
    )
    assert [each.error is None for each in report.occurrences] == [False, True, True]
    assert [each.new_patient for each in report.booked] == [True, False]


@pytest.mark.parametrize("days", [1, -1])
async def test_a_series_moves_over_its_own_full_days_and_not_onto_others(
    db: Database, days: int
) -> None:
    made = await capped(db, 1, new=1)
    start = TUESDAY
    visits = await series_of(db, made, DAILY, starts_at=start)
    to = start + days * DAY
    blocked = start + (3 if days > 0 else -1) * DAY + HALF_AN_HOUR
    other = await booked_at(db, made, blocked, animal=1)
    async with db.session() as session:
        seen = await preview_series_move(session, visits[0].id, starts_at=to, scope=ALL, by=STAFF)
    assert [each.error.code for each in seen.conflicts if each.error] == ["day_is_full"]
    with pytest.raises(SeriesConflict):
        await moved_to(db, visits[0], to, ALL)
    await _done(db, lambda session: cancel(session, other.id, by=STAFF))
    await moved_to(db, visits[0], to, ALL)
    assert await starts_of(db, visits) == [to + n * DAY for n in range(3)]


# Plans and the waitlist ---------------------------------------------------------------------------


async def test_a_plan_takes_no_more_onto_a_day_than_may_be(db: Database) -> None:
    made = await capped(db, 2)
    some = [await booked_at(db, made, TEN + n * HALF_AN_HOUR, animal=n) for n in range(2)]
    await booked_at(db, made, TUESDAY, animal=2)
    await changed(db, made, opening_hours="Tu-Fr 08:00-18:00")

    async def planned(session: Session) -> Any:
        rows = [await session.get_one(Appointment, each.id) for each in some]
        return await plan_moves(session, rows)

    async with db.session() as session:
        plan = await planned(session)
    days = sorted(each.starts_at.day for each in plan.moves)
    assert days == [10, 11]
    await _done(db, lambda session: apply_moves(session, plan))
    async with db.session() as session:
        assert await impossible_visits(session, clinic_id=made.clinic.id) == []


async def test_a_plan_onto_a_day_that_is_full_by_now_moves_nothing(db: Database) -> None:
    made = await capped(db, 1)
    one = await booked_at(db, made)
    await changed(db, made, opening_hours="Tu-Fr 08:00-18:00")
    async with db.session() as session:
        plan = await plan_moves(session, [await session.get_one(Appointment, one.id)])
    await booked_at(db, made, TUESDAY + timedelta(hours=3), animal=1)
    with pytest.raises(PlanConflict) as caught:
        await _done(db, lambda session: apply_moves(session, plan))
    conflicts: Any = caught.value.details["conflicts"]
    assert [each["code"] for each in conflicts] == ["day_is_full"]


async def test_nothing_is_offered_on_a_full_day_and_an_offer_is_accepted_on_one(
    db: Database,
) -> None:
    made = await capped(db, 1)
    one = await booked_at(db, made, TEN + timedelta(hours=4))
    entry = await join(db, made, 1)
    assert await offer(db, made) is None
    await _done(db, lambda session: cancel(session, one.id, by=STAFF))
    # By the clock of the database, a hold before today has run out.
    assert await offer(db, made, hold_for=timedelta(days=3650)) is not None
    held = (await read_back(db, entry)).offered_appointment_id
    assert held is not None
    await lasting(db, await _done(db, lambda session: session.get_one(Appointment, held)))
    await full(lambda: booked_at(db, made, TEN + timedelta(hours=4), animal=2))
    booked = await _done(db, lambda session: accept_offer(session, entry.id, by=STAFF))
    assert booked.starts_at == TEN
