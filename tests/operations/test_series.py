"""Series of appointments and what is done with many at once, by each who may want to."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

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
from vetcore.errors import InvalidValue, NotFound, PermissionDenied, VetcoreError
from vetcore.operations import (
    book_series,
    cancel_series,
    expire_holds,
    list_strayed_appointments,
    reanchor_appointments,
)
from vetcore.scheduling import SeriesConflict, SeriesReport
from vetcore.scheduling.errors import TooLateToCancel
from vetcore.schemas import OfClinic, SeriesCancel, SeriesCreate, Upkeep
from vetcore.schemas.base import Schema
from vetcore.values.appointments import AppointmentStatus

pytestmark = pytest.mark.usefixtures("on_a_friday")

WEEK = timedelta(weeks=1)


def _wish(house: House, count: int = 3, keep: str = "all", **given: Any) -> SeriesCreate:
    first = house.made.request(**given)
    return SeriesCreate(first=first, every_days=7, count=count, keep=keep)  # type: ignore[arg-type]


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
    command = SeriesCancel(series_id=report.series_id, reason="moved away")
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
    await _refused(shared, house, who, cancel_series, SeriesCancel(series_id=uuid4()), NotFound)


async def test_notice_binds_the_owner_of_a_series_and_then_nothing_is_cancelled(
    shared: Database, house: House
) -> None:
    report = await _series(shared, house)
    command = SeriesCancel(series_id=report.series_id)
    with clock.frozen(TEN - timedelta(hours=2)):
        await _refused(shared, house, "owner", cancel_series, command, TooLateToCancel)
        later = SeriesCancel(series_id=report.series_id, since=TEN + timedelta(days=1))
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
    wish = SeriesCreate(first=house.made.request(), every_days=3_000_000, count=2)
    await _refused(shared, house, "owner", book_series, wish, InvalidValue)
