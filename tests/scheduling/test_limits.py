"""Years that no clinic has to do with are refused by name, whoever is asked about them."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, TypeAlias

import pytest

from tests.scheduling.practice import TEN, Practice, booked_at, practice
from vetcore.database import Database, Session
from vetcore.directory import nearest_clinics, open_clinics
from vetcore.errors import InvalidValue
from vetcore.scheduling import (
    book,
    book_series,
    calendar_feed,
    day_sheet,
    find_slots,
    hold,
    join_waitlist,
    move,
    next_available,
)
from vetcore.schemas import AppointmentHoldCreate, WaitlistEntryCreate
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType
from vetcore.values.recurrence import Recurrence

pytestmark = pytest.mark.usefixtures("on_a_friday")

EXAM = ServiceType.WELLNESS_EXAM
HOUR = timedelta(hours=1)
EAST, WEST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))
EXTREMES = [
    datetime.min.replace(tzinfo=UTC),
    datetime.min.replace(tzinfo=EAST),
    datetime(1, 1, 2, tzinfo=WEST),
    datetime(9999, 12, 30, tzinfo=EAST),
    datetime(9999, 12, 31, 22, 59, tzinfo=UTC),
    datetime(9999, 12, 31, 22, 59, tzinfo=WEST),
]
Ask: TypeAlias = Callable[[Session, Practice, datetime], Awaitable[Any]]


async def _held(session: Session, made: Practice, at: datetime) -> None:
    wish = AppointmentHoldCreate(**made.request().model_dump())
    await hold(session, wish.model_copy(update={"starts_at": at}), by=Capacity.STAFF)


async def _waiting(session: Session, made: Practice, at: datetime, bound: str) -> None:
    wish = WaitlistEntryCreate(
        clinic_id=made.clinic.id,
        service=EXAM,
        pet_id=made.pets[0].id,
        earliest_at=TEN,
        latest_at=TEN + HOUR,
    )
    await join_waitlist(session, wish.model_copy(update={bound: at}), by=Capacity.STAFF)


async def _moved(session: Session, made: Practice, at: datetime) -> None:
    booked = await book(session, made.request(), by=Capacity.STAFF)
    await move(session, booked.id, starts_at=at, by=Capacity.STAFF)


QUESTIONS: dict[str, tuple[str, Ask]] = {
    "find_slots from": (
        "start",
        lambda session, made, at: find_slots(
            session,
            clinic_id=made.clinic.id,
            service=EXAM,
            start=at,
            end=at + HOUR,
            by=Capacity.STAFF,
        ),
    ),
    "next_available after": (
        "after",
        lambda session, made, at: next_available(
            session, clinic_ids=[made.clinic.id], service=EXAM, after=at, by=Capacity.STAFF
        ),
    ),
    "day_sheet": (
        "day",
        lambda session, made, at: day_sheet(session, clinic_id=made.clinic.id, day=at.date()),
    ),
    "calendar_feed from": (
        "start",
        lambda session, made, at: calendar_feed(
            session, pet_id=made.pets[0].id, start=at, end=at + HOUR
        ),
    ),
    "calendar_feed until": (
        "end",
        lambda session, made, at: calendar_feed(session, pet_id=made.pets[0].id, start=TEN, end=at),
    ),
    "book": (
        "starts_at",
        lambda session, made, at: book(
            session, made.request().model_copy(update={"starts_at": at}), by=Capacity.STAFF
        ),
    ),
    "hold": ("starts_at", _held),
    "move": ("starts_at", _moved),
    "book_series": (
        "starts_at",
        lambda session, made, at: book_series(
            session,
            made.request().model_copy(update={"starts_at": at}),
            rule=Recurrence.parse("FREQ=DAILY;COUNT=2"),
            by=Capacity.STAFF,
        ),
    ),
    "join_waitlist from": (
        "earliest_at",
        lambda session, made, at: _waiting(session, made, at, "earliest_at"),
    ),
    "join_waitlist until": (
        "latest_at",
        lambda session, made, at: _waiting(session, made, at, "latest_at"),
    ),
    "nearest_clinics": (
        "open_at",
        lambda session, made, at: nearest_clinics(session, 47.6, -122.3, open_at=at),
    ),
    "open_clinics": (
        "instant",
        lambda session, made, at: open_clinics(session, [made.clinic], at),
    ),
}


@pytest.mark.parametrize("name", QUESTIONS)
async def test_a_year_out_of_the_calendar_is_refused_and_the_field_named(
    shared: Database, name: str
) -> None:
    made = await practice(shared)
    field, ask = QUESTIONS[name]
    for at in EXTREMES:
        async with shared.trial() as session:
            with pytest.raises(InvalidValue) as caught:
                await ask(session, made, at)
        assert caught.value.details["field"] == field, at


@pytest.mark.parametrize("within", [timedelta.max, timedelta(days=732), timedelta(), -HOUR])
async def test_next_available_looks_two_years_ahead_at_most(
    shared: Database, within: timedelta
) -> None:
    made = await practice(shared)
    async with shared.trial() as session:
        with pytest.raises(InvalidValue) as caught:
            await next_available(
                session, clinic_ids=[made.clinic.id], service=EXAM, within=within, by=Capacity.STAFF
            )
    assert caught.value.details["field"] == "within"


async def test_a_series_that_leads_out_of_the_calendar_is_refused(shared: Database) -> None:
    made = await practice(shared)
    wish = made.request().model_copy(update={"starts_at": datetime(2199, 12, 30, 15, tzinfo=UTC)})
    async with shared.trial() as session:
        with pytest.raises(InvalidValue) as caught:
            await book_series(
                session, wish, rule=Recurrence.parse("FREQ=DAILY;COUNT=5"), by=Capacity.STAFF
            )
    assert caught.value.details["field"] == "rule"


async def test_the_days_at_both_ends_of_the_calendar_have_a_sheet(shared: Database) -> None:
    made = await practice(shared)
    await booked_at(shared, made)
    async with shared.trial() as session:
        for day in (date(1900, 1, 1), date(2199, 12, 31)):
            assert (await day_sheet(session, clinic_id=made.clinic.id, day=day)).day == day
