"""Series of appointments and what is done with many at once, by each who may want to."""

from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID, uuid4

import pytest

from tests.operations.house import (
    ACTORS,
    OUTSIDERS,
    House,
    appointments_at,
    house_at,
    results_of,
)
from tests.scheduling.practice import TEN, booked_at, held_at, run_out
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import ConcurrentUpdate, InvalidValue, NotFound, PermissionDenied, VetcoreError
from vetcore.operations import (
    book_series,
    cancel_series,
    expire_holds,
    get_series,
    list_appointments,
    list_series,
    list_strayed_appointments,
    move_series,
    preview_series,
    preview_series_move,
    reanchor_appointments,
)
from vetcore.scheduling import SeriesConflict, SeriesReport
from vetcore.scheduling.errors import TooLateToCancel
from vetcore.schemas import (
    AppointmentQuery,
    AppointmentSeriesQuery,
    ById,
    OfClinic,
    SeriesCancel,
    SeriesCreate,
    SeriesMove,
    Upkeep,
)
from vetcore.schemas.base import Schema
from vetcore.values.appointments import AppointmentStatus, SeriesScope
from vetcore.values.recurrence import Recurrence

pytestmark = pytest.mark.usefixtures("on_a_friday")

HOUR = timedelta(hours=1)
WEEK = timedelta(weeks=1)


def _wish(
    house: House, count: int = 3, keep: Literal["all", "rest"] = "all", **given: Any
) -> SeriesCreate:
    first = house.made.request(**given)
    rule = Recurrence.parse(f"FREQ=WEEKLY;COUNT={count}")
    return SeriesCreate(first=first, rule=rule, keep=keep)


def _move(
    one: UUID, to: datetime, scope: SeriesScope = SeriesScope.ALL, **given: Any
) -> SeriesMove:
    return SeriesMove(id=one, starts_at=to, scope=scope, **given)


def _cancel(one: UUID, scope: SeriesScope = SeriesScope.ALL, **given: Any) -> SeriesCancel:
    return SeriesCancel(id=one, scope=scope, **given)


async def _series(db: Database, house: House, who: str = "system") -> SeriesReport:
    async with db.transaction(house.acting(who)) as session:
        return await book_series(session, _wish(house))


async def _refused(  # noqa: PLR0913, PLR0917
    db: Database,
    house: House,
    who: str,
    operation: Any,
    command: Schema,
    error: type[VetcoreError],
) -> None:
    """Refused with that very error; nothing is written although the caller commits."""
    before = await appointments_at(db, house)
    async with db.transaction(house.acting(who)) as session:
        with pytest.raises(error) as caught:
            await operation(session, command)
    assert type(caught.value) is error
    assert await appointments_at(db, house) == before


@pytest.mark.parametrize("who", ACTORS)
async def test_a_series_is_booked_by_who_may_book_each(
    shared: Database, house: House, who: str
) -> None:
    if who in OUTSIDERS:
        await _refused(shared, house, who, book_series, _wish(house), NotFound)
        return
    key = uuid4().hex
    async with shared.transaction(house.acting(who)) as session:
        report = await book_series(session, _wish(house), key=key)
    rows = await appointments_at(shared, house)
    assert {row["series_id"] for row in rows.values()} == {report.series_id}
    assert sorted(row["starts_at"] for row in rows.values()) == [TEN, TEN + WEEK, TEN + 2 * WEEK]
    for row in rows.values():
        named = row["created_by_id"], row["updated_by_id"], row["booked_by_id"]
        assert named == (house.id_of(who),) * 3
    assert [result for _, result in await results_of(shared, key)] == [report.series_id]


async def test_fields_for_staff_are_refused_to_owners_in_a_series(
    shared: Database, house: House
) -> None:
    for given in ({"priority": "urgent"}, {"overrides": ("off_grid",)}, {"duration_minutes": 45}):
        wish = _wish(house, **given)
        await _refused(shared, house, "owner", book_series, wish, PermissionDenied)
        async with shared.trial(house.acting("staff")) as session:
            assert len((await book_series(session, wish)).booked) == 3


async def test_a_series_is_whole_or_nothing_unless_the_rest_is_asked_for(
    shared: Database, house: House
) -> None:
    for number, vet in enumerate(house.made.vets):
        await booked_at(
            shared, house.made, TEN + WEEK, animal=1 + number, practitioner_id=vet.user_id
        )
    await _refused(shared, house, "owner", book_series, _wish(house), SeriesConflict)
    async with shared.transaction(house.acting("owner")) as session:
        report = await book_series(session, _wish(house, keep="rest"))
    assert len(report.booked) == 2
    assert [each.starts_at for each in report.conflicts] == [TEN + WEEK]


@pytest.mark.parametrize("who", ACTORS)
async def test_a_series_is_cancelled_by_who_may_cancel_each(
    shared: Database, house: House, who: str
) -> None:
    report = await _series(shared, house)
    command = SeriesCancel(id=report.booked[1].id, scope=SeriesScope.ALL, reason="moved away")
    if who in OUTSIDERS:
        await _refused(shared, house, who, cancel_series, command, NotFound)
        return
    async with shared.transaction(house.acting(who)) as session:
        cancelled = await cancel_series(session, command)
    assert [each.starts_at for each in cancelled] == [TEN, TEN + WEEK, TEN + 2 * WEEK]
    for row in (await appointments_at(shared, house)).values():
        assert row["status"] is AppointmentStatus.CANCELLED
        assert (row["cancellation_reason"], row["updated_by_id"]) == (
            "moved away",
            house.id_of(who),
        )


@pytest.mark.parametrize("who", ACTORS)
async def test_a_series_that_is_not_there_is_not_found(
    shared: Database, house: House, who: str
) -> None:
    await _refused(shared, house, who, cancel_series, _cancel(uuid4()), NotFound)
    await _refused(shared, house, who, move_series, _move(uuid4(), TEN), NotFound)
    for operation, command in (
        (get_series, ById(id=uuid4())),
        (preview_series_move, _move(uuid4(), TEN)),
    ):
        await _refused(shared, house, who, operation, command, NotFound)


async def test_notice_binds_the_owner_of_a_series_and_then_nothing_is_cancelled(
    shared: Database, house: House
) -> None:
    report = await _series(shared, house)
    command = _cancel(report.booked[0].id)
    with clock.frozen(TEN - timedelta(hours=2)):
        await _refused(shared, house, "owner", cancel_series, command, TooLateToCancel)
        later = _cancel(report.booked[1].id, SeriesScope.FOLLOWING)
        async with shared.trial(house.acting("owner")) as session:
            assert len(await cancel_series(session, later)) == 2
        async with shared.trial(house.acting("staff")) as session:
            assert len(await cancel_series(session, command)) == 3


@pytest.mark.parametrize("who", [*ACTORS, "admin"])
async def test_visits_are_put_back_on_their_wall_time_by_who_manages(
    shared: Database, house: House, who: str
) -> None:
    here, everywhere = OfClinic(clinic_id=house.made.clinic.id), OfClinic()
    for operation, command, allowed in (
        (reanchor_appointments, here, {"system", "admin"}),
        (reanchor_appointments, everywhere, {"system", "admin"}),
        (list_strayed_appointments, here, {"staff", "system", "admin"}),
        (list_strayed_appointments, everywhere, {"system", "admin"}),
    ):
        if who in allowed:
            async with shared.trial(house.acting(who)) as session:
                visits = await operation(session, command)
            assert not [
                each for each in visits if each.appointment.clinic_id == house.made.clinic.id
            ]
        else:
            await _refused(shared, house, who, operation, command, PermissionDenied)


@pytest.mark.parametrize("who", [*ACTORS, "admin"])
async def test_holds_are_swept_by_the_system(db: Database, who: str) -> None:
    house = await house_at(db)
    held = await held_at(db, house.made)
    await run_out(db, held)
    if who not in {"system", "admin"}:
        await _refused(db, house, who, expire_holds, Upkeep(), PermissionDenied)
        return
    async with db.transaction(house.acting(who)) as session:
        assert await expire_holds(session, Upkeep(limit=10)) == 1
        assert await expire_holds(session, Upkeep()) == 0
    row = (await appointments_at(db, house))[held.id]
    assert (row["status"], row["updated_by_id"]) == (AppointmentStatus.EXPIRED, house.id_of(who))


async def test_a_series_beyond_the_calendar_is_refused(shared: Database, house: House) -> None:
    wish = _wish(house).model_copy(
        update={"rule": Recurrence.parse("FREQ=YEARLY;INTERVAL=400;COUNT=2")}
    )
    await _refused(shared, house, "owner", book_series, wish, InvalidValue)
    await _refused(shared, house, "owner", preview_series, wish, InvalidValue)


@pytest.mark.parametrize("who", ACTORS)
async def test_a_series_is_foreseen_for_who_may_book_it(
    shared: Database, house: House, who: str
) -> None:
    if who in OUTSIDERS:
        await _refused(shared, house, who, preview_series, _wish(house), NotFound)
        return
    before = await appointments_at(shared, house)
    async with shared.session(house.acting(who)) as session:
        seen = await preview_series(session, _wish(house))
    assert [each.starts_at for each in seen.occurrences] == [TEN, TEN + WEEK, TEN + 2 * WEEK]
    assert {each.practitioner_id for each in seen.occurrences} <= {
        vet.user_id for vet in house.made.vets
    }
    assert await appointments_at(shared, house) == before
    staffs = _wish(house, duration_minutes=45)
    if who == "owner":
        await _refused(shared, house, who, preview_series, staffs, PermissionDenied)


@pytest.mark.parametrize("who", ACTORS)
async def test_a_series_is_moved_by_who_may_move_each(
    shared: Database, house: House, who: str
) -> None:
    booked = (await _series(shared, house)).booked
    command = _move(booked[1].id, TEN + WEEK + HOUR, SeriesScope.FOLLOWING)
    if who in OUTSIDERS:
        await _refused(shared, house, who, move_series, command, NotFound)
        await _refused(shared, house, who, preview_series_move, command, NotFound)
        return
    async with shared.session(house.acting(who)) as session:
        seen = await preview_series_move(session, command)
    async with shared.transaction(house.acting(who)) as session:
        report = await move_series(session, command)
    assert [each.starts_at for each in seen.occurrences] == [
        each.starts_at for each in report.booked
    ]
    rows = await appointments_at(shared, house)
    assert [rows[each.id]["starts_at"] for each in booked] == [
        TEN,
        TEN + WEEK + HOUR,
        TEN + 2 * WEEK + HOUR,
    ]
    assert rows[booked[1].id]["updated_by_id"] == house.id_of(who)
    async with shared.session(house.acting(who)) as session:
        agreed = await get_series(session, ById(id=report.series_id))
        mine = await list_series(session, AppointmentSeriesQuery(pet_id=agreed.pet_id))
        of_it = await list_appointments(session, AppointmentQuery(series_id=report.series_id))
    assert (agreed.rule, agreed.follows_id) == ("FREQ=WEEKLY;COUNT=2", booked[0].series_id)
    assert {each.id for each in mine.items} == {report.series_id, booked[0].series_id}
    assert [each.series_place for each in of_it.items] == [2, 1]


async def test_notice_binds_the_owner_who_moves_a_series(shared: Database, house: House) -> None:
    booked = (await _series(shared, house)).booked
    command = _move(booked[0].id, TEN + HOUR, SeriesScope.ALL)
    with clock.frozen(TEN - timedelta(hours=2)):
        await _refused(shared, house, "owner", move_series, command, SeriesConflict)
        async with shared.trial(house.acting("staff")) as session:
            assert len((await move_series(session, command)).booked) == 3


async def test_fields_for_staff_are_refused_to_owners_who_move_a_series(
    shared: Database, house: House
) -> None:
    booked = (await _series(shared, house)).booked
    for given in ({"overrides": ("off_grid",)}, {"internal_notes": "called"}):
        command = _move(booked[0].id, TEN + HOUR, SeriesScope.ALL, **given)
        await _refused(shared, house, "owner", move_series, command, PermissionDenied)
        await _refused(shared, house, "owner", preview_series_move, command, PermissionDenied)
        async with shared.trial(house.acting("staff")) as session:
            report = await move_series(session, command)
            assert {each.internal_notes for each in report.booked} == {given.get("internal_notes")}


async def test_a_series_that_changed_meanwhile_is_not_moved_or_cancelled(
    shared: Database, house: House
) -> None:
    booked = (await _series(shared, house)).booked
    version = booked[0].version
    move = _move(booked[0].id, TEN + HOUR, SeriesScope.ALL, version=version)
    async with shared.transaction(house.acting("staff")) as session:
        await move_series(session, move)
    await _refused(shared, house, "staff", move_series, move, ConcurrentUpdate)
    stale = _cancel(booked[0].id, version=version)
    await _refused(shared, house, "staff", cancel_series, stale, ConcurrentUpdate)
