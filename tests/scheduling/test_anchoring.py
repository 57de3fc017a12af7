"""Visits keep the wall time that was agreed, though a clinic's zone or a zone's rules change."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from tests.scheduling.availability import MONDAY, at, hourly_practice
from tests.scheduling.practice import (
    NOW,
    TEN,
    Practice,
    booked_at,
    held_at,
    lasting,
    practice,
    run_out,
    stored,
)
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import NotFound
from vetcore.models import Appointment, Clinic
from vetcore.scheduling import (
    StrayedVisit,
    accept_offer,
    book_series,
    cancel,
    join_waitlist,
    move,
    offer_next,
    reanchor_visits,
    strayed_visits,
)
from vetcore.schemas import WaitlistEntryCreate
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType
from vetcore.values.recurrence import Recurrence
from vetcore.values.walltime import AgreedTime, shown, zone_named

pytestmark = pytest.mark.usefixtures("on_a_friday")

HOUR = timedelta(hours=1)
TEN_IN_NEW_YORK = "2026-03-09T10:00:00-04:00[America/New_York]"


async def _now_in(db: Database, made: Practice, zone: str) -> None:
    async with db.transaction() as session:
        await session.execute(
            update(Clinic).where(Clinic.id == made.clinic.id).values(timezone=zone)
        )


async def _strayed(db: Database, made: Practice) -> list[StrayedVisit]:
    async with db.session() as session:
        return await strayed_visits(session, clinic_id=made.clinic.id)


async def _reanchored(db: Database, made: Practice) -> list[StrayedVisit]:
    async with db.transaction() as session:
        return await reanchor_visits(session, clinic_id=made.clinic.id)


async def test_whatever_books_a_visit_keeps_its_wall_time(shared: Database) -> None:
    made = await practice(shared)
    booked = await booked_at(shared, made)
    assert booked.wall_time == TEN_IN_NEW_YORK
    assert (await stored(shared, booked)).wall_time == TEN_IN_NEW_YORK
    held = await held_at(shared, made, starts_at=TEN + HOUR, animal=1)
    assert held.wall_time == TEN_IN_NEW_YORK.replace("10:00", "11:00", 1)
    async with shared.transaction() as session:
        moved = await move(session, booked.id, starts_at=TEN - HOUR, by=Capacity.STAFF)
        assert moved.wall_time == TEN_IN_NEW_YORK.replace("10:00", "09:00", 1)
        report = await book_series(
            session,
            made.request(TEN, animal=2),
            rule=Recurrence.parse("FREQ=WEEKLY;INTERVAL=35;COUNT=2"),
            keep="rest",
            by=Capacity.STAFF,
        )
        assert [each.wall_time for each in report.booked] == [TEN_IN_NEW_YORK]
        entry = WaitlistEntryCreate(
            clinic_id=made.clinic.id,
            service=ServiceType.WELLNESS_EXAM,
            pet_id=made.pets[3].id,
            earliest_at=TEN,
            latest_at=TEN + HOUR,
        )
        waiting = await join_waitlist(session, entry, by=Capacity.STAFF)
        await offer_next(session, clinic_id=made.clinic.id)
        offered = await accept_offer(session, waiting.id, by=Capacity.OWNER)
        assert offered.wall_time == str(
            AgreedTime.at(offered.starts_at, zone_named("America/New_York"))
        )


async def test_a_clinics_new_zone_makes_its_visits_stray_and_reanchoring_brings_them_back(
    shared: Database,
) -> None:
    made = await practice(shared)
    booked = await booked_at(shared, made)
    assert await _strayed(shared, made) == []
    await _now_in(shared, made, "America/Chicago")
    (found,) = await _strayed(shared, made)
    assert found.appointment.id == booked.id
    assert found.agreed.wall == datetime(2026, 3, 9, 10)  # noqa: DTZ001 -- a wall time
    assert (found.agreed.timezone, found.timezone) == ("America/New_York", "America/Chicago")
    assert f"{found.shown:%H:%M}" == "09:00"
    assert found.due == TEN + HOUR
    assert not found.returned
    (back,) = await _reanchored(shared, made)
    assert (back.returned, back.error) == (True, None)
    row = await stored(shared, booked)
    assert (row.starts_at, row.ends_at) == (TEN + HOUR, booked.ends_at + HOUR)
    assert (row.occupied_from, row.occupied_until) == (TEN + HOUR, booked.occupied_until + HOUR)
    assert row.wall_time == "2026-03-09T10:00:00-05:00[America/Chicago]"
    assert row.sequence == booked.sequence + 1
    assert await _strayed(shared, made) == []
    assert await _reanchored(shared, made) == []


async def test_new_rules_of_the_clinics_own_zone_make_its_visits_stray(shared: Database) -> None:
    """As the rules were when it was booked, ten in New York was an hour later."""
    made = await practice(shared)
    booked = await booked_at(shared, made, TEN + HOUR)
    async with shared.transaction() as session:
        await session.execute(
            update(Appointment)
            .where(Appointment.id == booked.id)
            .values(wall_time="2026-03-09T10:00:00-05:00[America/New_York]")
        )
    (back,) = await _reanchored(shared, made)
    assert back.returned
    row = await stored(shared, booked)
    assert (row.starts_at, row.wall_time) == (TEN, TEN_IN_NEW_YORK)


@pytest.mark.parametrize("zone", ["America/Chicago", "America/Halifax"], ids=["later", "earlier"])
async def test_visits_one_after_the_other_move_together(shared: Database, zone: str) -> None:
    made = await hourly_practice(shared)
    vet = made.vets[0].user_id
    every = [
        await booked_at(shared, made, at(f"{hour:02}:00"), practitioner_id=vet)
        for hour in (8, 9, 10, 11, 13)
    ]
    await _now_in(shared, made, zone)
    back = await _reanchored(shared, made)
    assert [each.returned for each in back] == [True] * 5
    for before in every:
        row = await stored(shared, before)
        assert shown(row.starts_at, zone_named(zone)) == shown(
            before.starts_at, zone_named("America/New_York")
        )


async def test_a_collision_is_reported_and_the_others_move_all_the_same(shared: Database) -> None:
    made = await hourly_practice(shared)
    vet = made.vets[0].user_id
    stuck = await booked_at(shared, made, at("08:00"), practitioner_id=vet)
    free = await booked_at(shared, made, at("10:00"), practitioner_id=vet)
    await _now_in(shared, made, "America/Chicago")
    in_the_way = await booked_at(
        shared, made, at("09:00"), practitioner_id=vet, animal=1, overrides=("clinic_closed",)
    )
    first, second = await _reanchored(shared, made)
    assert first.appointment.id == stuck.id
    assert not first.returned
    assert first.error is not None
    assert first.error.code == "slot_taken"
    assert first.error.details["resource_id"] == str(made.vets[0].user_id)
    assert (second.appointment.id, second.returned) == (free.id, True)
    for before, by in ((stuck, 0), (free, 1), (in_the_way, 0)):
        assert (await stored(shared, before)).starts_at == before.starts_at + by * HOUR
    assert [each.appointment.id for each in await _strayed(shared, made)] == [stuck.id]


async def test_what_is_past_over_or_called_off_is_left_alone(shared: Database) -> None:
    made = await hourly_practice(shared)
    past = await booked_at(shared, made, at("08:00"))
    called_off = await booked_at(shared, made, at("15:00"), animal=1)
    lapsed = await held_at(shared, made, starts_at=at("16:00"), animal=2)
    await run_out(shared, lapsed)
    async with shared.transaction() as session:
        await cancel(session, called_off.id, by=Capacity.STAFF)
    await _now_in(shared, made, "America/Chicago")
    with clock.frozen(at("12:00")):
        assert await _strayed(shared, made) == []
        assert await _reanchored(shared, made) == []
    assert (await stored(shared, past)).starts_at == past.starts_at


async def test_a_wall_time_that_has_passed_is_said_and_the_visit_stays(shared: Database) -> None:
    made = await hourly_practice(shared)
    booked = await booked_at(shared, made, at("10:00"))
    await _now_in(shared, made, "America/Halifax")
    with clock.frozen(at("09:30")):
        (found,) = await _reanchored(shared, made)
    assert found.error is not None
    assert found.error.code == "in_the_past"
    assert (await stored(shared, booked)).starts_at == booked.starts_at


@pytest.mark.parametrize("text", [None, "", "ten", "2026-03-09T10:00[America/New_York]"])
async def test_a_visit_without_a_wall_time_that_can_be_read_is_left_alone(
    shared: Database, text: str | None
) -> None:
    made = await practice(shared)
    booked = await booked_at(shared, made)
    async with shared.transaction() as session:
        await session.execute(
            update(Appointment).where(Appointment.id == booked.id).values(wall_time=text)
        )
    await _now_in(shared, made, "America/Chicago")
    assert await _reanchored(shared, made) == []


async def test_a_visit_that_other_software_moved_is_not_moved_back(shared: Database) -> None:
    made = await practice(shared)
    booked = await booked_at(shared, made)
    async with shared.transaction() as session:
        row = await session.get_one(Appointment, booked.id)
        for name in ("starts_at", "ends_at", "occupied_from", "occupied_until"):
            setattr(row, name, getattr(row, name) + HOUR)
    assert await _reanchored(shared, made) == []


async def test_a_visit_in_the_second_of_two_hours_of_one_name_has_not_strayed(
    shared: Database,
) -> None:
    made = await hourly_practice(shared, opening_hours="24/7")
    again = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    wish = {"overrides": ("off_grid", "beyond_horizon")}
    booked = await booked_at(shared, made, again, **wish)
    assert booked.wall_time == "2026-11-01T01:30:00-05:00[America/New_York]"
    assert await _strayed(shared, made) == []


async def test_a_hold_that_returns_to_an_earlier_start_ends_there_at_the_latest(
    shared: Database,
) -> None:
    made = await hourly_practice(shared)
    held = await held_at(shared, made, starts_at=at("11:00"))
    await lasting(shared, held)
    await _now_in(shared, made, "America/Halifax")
    (back,) = await _reanchored(shared, made)
    row = await stored(shared, held)
    assert back.returned
    assert (row.starts_at, row.hold_expires_at) == (at("10:00"), at("10:00"))


async def test_only_the_clinic_that_is_named_is_looked_at(shared: Database) -> None:
    one, other = await practice(shared), await practice(shared)
    booked = [await booked_at(shared, each) for each in (one, other)]
    for each in (one, other):
        await _now_in(shared, each, "America/Chicago")
    assert [each.appointment.id for each in await _reanchored(shared, one)] == [booked[0].id]
    async with shared.transaction() as session:
        everywhere = await reanchor_visits(session)
        assert booked[1].id in {each.appointment.id for each in everywhere}
        with pytest.raises(NotFound):
            await reanchor_visits(session, clinic_id=UUID(int=1))


async def test_nothing_is_kept_of_a_transaction_that_is_undone(shared: Database) -> None:
    made = await practice(shared)
    booked = await booked_at(shared, made)
    await _now_in(shared, made, "America/Chicago")
    async with shared.trial() as session:
        await reanchor_visits(session, clinic_id=made.clinic.id)
    assert (await stored(shared, booked)).starts_at == TEN


async def test_a_visit_counts_by_the_clock_of_its_clinic_wherever_its_people_are(
    shared: Database,
) -> None:
    made = await practice(shared)
    await booked_at(shared, made)
    async with shared.session() as session:
        texts = await session.scalars(
            select(Appointment.wall_time).where(Appointment.clinic_id == made.clinic.id)
        )
        assert texts.all() == [TEN_IN_NEW_YORK]
    assert NOW < TEN < at("12:00", MONDAY)
