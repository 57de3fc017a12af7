"""Series that several change at once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest
from sqlalchemy import select

from tests.scheduling.practice import TEN, Practice, booked_at, practice
from tests.scheduling.serial import (
    ALL,
    DAY,
    FOLLOWING,
    LONG,
    MINUTE,
    NEW_YORK,
    WEEK,
    everything,
    series_of,
    starts_of,
)
from vetcore.database import Database, Session
from vetcore.models import Appointment, AppointmentSeries
from vetcore.scheduling import (
    SeriesConflict,
    SeriesReport,
    book,
    book_series,
    cancel,
    move,
    move_series,
    series,
    series_changes,
)
from vetcore.scheduling.foreseeing import foresee
from vetcore.scheduling.foreseeing_moves import foresee_moves
from vetcore.values.appointments import AppointmentStatus, SeriesScope
from vetcore.values.capacity import Capacity
from vetcore.values.recurrence import Recurrence

pytestmark = pytest.mark.usefixtures("on_a_friday")


@pytest.fixture
async def made(db: Database) -> Practice:
    return await practice(db, booking_policy=LONG)


T = TypeVar("T")


async def _once(db: Database, work: Callable[[Session], Awaitable[T]]) -> T:
    """Without a second try, so that a deadlock is no secret."""
    async with db.transaction() as session:
        return await work(session)


async def _moved_on(
    db: Database, one: Appointment, by: timedelta, scope: SeriesScope
) -> SeriesReport:
    return await _once(
        db,
        lambda session: move_series(
            session, one.id, starts_at=one.starts_at + by, scope=scope, by=Capacity.STAFF
        ),
    )


async def test_two_who_move_one_series_at_once_do_so_one_after_the_other(db: Database) -> None:
    made = await practice(db, booking_policy=LONG)
    visits = await series_of(db, made, "FREQ=DAILY;COUNT=5")

    await asyncio.gather(
        _moved_on(db, visits[0], 15 * MINUTE, ALL),
        _moved_on(db, visits[4], 30 * MINUTE, ALL),
        _moved_on(db, visits[2], 45 * MINUTE, ALL),
    )
    starts = await starts_of(db, visits)
    by = starts[0] - TEN
    assert by in {15 * MINUTE, 30 * MINUTE, 45 * MINUTE}
    assert starts == [TEN + n * DAY + by for n in range(5)]


async def test_following_of_two_at_once_leaves_each_in_one_series(db: Database) -> None:
    made = await practice(db, booking_policy=LONG)
    visits = await series_of(db, made, "FREQ=DAILY;COUNT=5")

    await asyncio.gather(
        _moved_on(db, visits[1], 15 * MINUTE, FOLLOWING),
        _moved_on(db, visits[3], 30 * MINUTE, FOLLOWING),
    )
    async with db.session() as session:
        rows = (await session.scalars(select(Appointment).order_by(Appointment.starts_at))).all()
        series = {row.id: row for row in await session.scalars(select(AppointmentSeries))}
    for row in rows:
        agreed = series[row.series_id]  # type: ignore[index]
        assert agreed.rule is not None
        first = datetime.fromisoformat((agreed.first_wall_time or "").partition("[")[0])
        places = Recurrence.parse(agreed.rule).all_places(first, NEW_YORK)
        assert row.starts_at == places[(row.series_place or 0) - 1].instant


async def test_series_of_other_pets_change_places_without_waiting_in_a_ring(db: Database) -> None:
    made = await practice(db, vets=2, pets=2, booking_policy=LONG)
    mine = await series_of(db, made, "FREQ=DAILY;COUNT=4")
    theirs = await series_of(
        db, made, "FREQ=DAILY;COUNT=4", animal=1, practitioner_id=made.vets[1].user_id
    )

    async def moved(one: Appointment, to: datetime, number: int) -> bool:
        try:
            await _once(
                db,
                lambda session: move_series(
                    session,
                    one.id,
                    starts_at=to,
                    scope=ALL,
                    by=Capacity.STAFF,
                    practitioner_id=made.vets[number].user_id,
                ),
            )
        except SeriesConflict:
            return False
        return True

    for _ in range(3):
        await asyncio.gather(
            moved(mine[0], TEN + 15 * MINUTE, 1), moved(theirs[3], TEN + 3 * DAY - 15 * MINUTE, 0)
        )
    assert len({*await starts_of(db, [*mine, *theirs])}) >= 4


async def test_a_cancel_in_between_is_seen_and_a_booking_waits_for_no_ring(db: Database) -> None:
    made = await practice(db, vets=1, pets=3, booking_policy=LONG)
    visits = await series_of(db, made, "FREQ=DAILY;COUNT=5")

    async def move_all() -> None:
        await _once(
            db,
            lambda session: move_series(
                session, visits[0].id, starts_at=TEN + 30 * MINUTE, scope=ALL, by=Capacity.STAFF
            ),
        )

    async def cancel_one() -> None:
        await _once(db, lambda session: cancel(session, visits[3].id, by=Capacity.STAFF))

    async def book_another() -> SeriesReport:
        return await _once(
            db,
            lambda session: book_series(
                session,
                made.request(TEN + timedelta(hours=1), animal=1),
                rule=Recurrence.parse("FREQ=DAILY;COUNT=5"),
                by=Capacity.STAFF,
            ),
        )

    _, _, report = await asyncio.gather(move_all(), cancel_one(), book_another())
    assert len(report.booked) == 5
    async with db.session() as session:
        rows = (await session.scalars(select(Appointment))).all()
    by_id = {row.id: row for row in rows}
    assert by_id[visits[3].id].status is AppointmentStatus.CANCELLED
    moved = [by_id[each.id].starts_at for number, each in enumerate(visits) if number != 3]
    assert moved == [TEN + n * DAY + 30 * MINUTE for n in (0, 1, 2, 4)]


async def test_what_is_booked_between_the_look_and_the_move_leaves_all_as_it_was(
    db: Database, made: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    visits = await series_of(db, made)
    await booked_at(
        db, made, TEN + 2 * WEEK + 30 * MINUTE, animal=1, practitioner_id=made.vets[0].user_id
    )
    before = await everything(db)
    look = foresee_moves

    async def blind(*given: Any) -> Any:
        _, resources = await look(*given)
        return [], resources

    monkeypatch.setattr(series_changes, "foresee_moves", blind)
    async with db.transaction() as session:
        with pytest.raises(SeriesConflict) as caught:
            await move_series(
                session, visits[0].id, starts_at=TEN + 15 * MINUTE, scope=ALL, by=Capacity.STAFF
            )
        assert [each.place for each in caught.value.report.conflicts] == [3]
        again = await book(session, made.request(TEN + 4 * WEEK), by=Capacity.STAFF)
        await cancel(session, again.id, by=Capacity.STAFF)
        await move(session, visits[0].id, starts_at=TEN + 30 * MINUTE, by=Capacity.STAFF)
    assert [
        row for row in await everything(db) if row[0] != visits[0].id and row[0] != again.id
    ] == [row for row in before if row[0] != visits[0].id]


@pytest.mark.parametrize("everybody", [False, True])
async def test_what_somebody_else_takes_after_the_look_is_looked_at_anew(
    db: Database, made: Practice, monkeypatch: pytest.MonkeyPatch, *, everybody: bool
) -> None:
    look, looks = foresee, list[Any]()

    async def overtaken(session: Any, *given: Any, **more: Any) -> Any:
        """Let others book the second one, by the first or by all, once it has been looked at."""
        seen = await look(session, *given, **more)
        looks.append(seen)
        if len(looks) == 1:
            first = seen[0].occurrences[1].practitioner_id
            for animal, person in enumerate(made.vet_ids if everybody else [first], start=1):
                wish = made.request(TEN + DAY, animal=animal, practitioner_id=person)
                await book(session, wish, by=Capacity.STAFF)
        return seen

    monkeypatch.setattr(series, "foresee", overtaken)
    async with db.transaction() as session:
        wanted: Any = {"rule": Recurrence.parse("FREQ=DAILY;COUNT=3"), "by": Capacity.STAFF}
        if everybody:
            with pytest.raises(SeriesConflict) as caught:
                await book_series(session, made.request(), **wanted)
            assert [each.place for each in caught.value.report.conflicts] == [2]
        else:
            report = await book_series(session, made.request(), **wanted)
            assert report.conflicts == []
            first = looks[0][0].occurrences[1].practitioner_id
            assert made.vet_ids == {first, report.booked[1].practitioner_id}
        rows = (await session.scalars(select(Appointment))).all()
        agreed = (await session.scalars(select(AppointmentSeries))).all()
    assert len(rows) == (2 if everybody else 4)
    assert len(agreed) == (0 if everybody else 1)
