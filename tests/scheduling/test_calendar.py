"""The iCalendar feed: what a calendar client is sent, read back and held to RFC 5545."""

import re
import sys
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import icalendar
import pytest
from sqlalchemy import update

from tests.scheduling.practice import NOW, TEN, Practice, practice
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import ConfigurationError, InvalidValue, NotFound
from vetcore.models import Appointment, Pet
from vetcore.scheduling import (
    book,
    calendar_feed,
    cancel,
    confirm,
    confirm_hold,
    expire_holds,
    hold,
    mark_no_show,
    move,
    reinstate,
)
from vetcore.schemas import AppointmentHoldCreate
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType

HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)


pytestmark = pytest.mark.usefixtures("on_a_friday")


@pytest.fixture
async def made(db: Database) -> Practice:
    return await practice(db)


async def _book(db: Database, made: Practice, **given: Any) -> Appointment:
    async with db.transaction() as session:
        return await book(session, made.request(**given), by=Capacity.STAFF)


async def _hold(db: Database, made: Practice) -> Appointment:
    async with db.transaction() as session:
        return await hold(
            session, AppointmentHoldCreate(**made.request().model_dump()), by=Capacity.STAFF
        )


async def _feed(db: Database, **chosen: Any) -> bytes:
    wanted: dict[str, Any] = {"start": NOW, "end": NOW + WEEK} | chosen
    async with db.session() as session:
        return await calendar_feed(session, **wanted)


async def _of_pet(db: Database, made: Practice, **chosen: Any) -> list[Any]:
    return _events(await _feed(db, pet_id=made.pets[0].id, **chosen))


def _events(feed: bytes) -> list[Any]:
    return icalendar.Calendar.from_ical(feed).walk("VEVENT")


def _unfolded(feed: bytes) -> list[str]:
    return feed.decode().replace("\r\n ", "").split("\r\n")


async def test_a_booking_is_a_confirmed_event_with_all_that_a_client_needs(
    db: Database, made: Practice
) -> None:
    booked = await _book(db, made)
    (event,) = await _of_pet(db, made)
    assert str(event["uid"]) == str(booked.id)
    assert event["sequence"] == 0
    assert str(event["status"]) == "CONFIRMED"
    assert str(event["transp"]) == "OPAQUE"
    assert event.start == TEN
    assert event.end == TEN + timedelta(minutes=30)
    assert event["dtstamp"].dt == event["last-modified"].dt == NOW
    assert event["created"].dt == NOW
    assert str(event["summary"]) == "Pet 0: Wellness exam"
    assert str(event["location"]) == f"{made.clinic.name}, {made.clinic.address}"


async def test_times_are_those_of_the_clinics_clock_with_its_zone(
    db: Database, made: Practice
) -> None:
    await _book(db, made)
    lines = _unfolded(await _feed(db, pet_id=made.pets[0].id))
    assert "DTSTART;TZID=America/New_York:20260309T100000" in lines
    assert "DTEND;TZID=America/New_York:20260309T103000" in lines
    assert lines.count("BEGIN:VTIMEZONE") == lines.count("TZID:America/New_York") == 1
    assert lines.index("END:VTIMEZONE") < lines.index("BEGIN:VEVENT")


async def test_a_feed_is_what_rfc_5545_demands(db: Database) -> None:
    """Section 3.1: CRLF, 75 octets a line. 3.6: PRODID and VERSION once. 3.6.1: UID, DTSTAMP."""
    name = "Clínica Veterinaria «Los Álamos»; perros, gatos\\y demás " + "ñ" * 60
    made = await practice(db, name=name)
    for animal in range(2):
        await _book(db, made, animal=animal, practitioner_id=made.vets[animal].user_id)
    feed = await _feed(db, pet_id=made.pets[0].id)
    assert feed.endswith(b"END:VCALENDAR\r\n")
    assert feed.count(b"\n") == feed.count(b"\r\n") == feed.count(b"\r")
    assert max(len(line) for line in feed.split(b"\r\n")) <= 75
    for line in feed.split(b"\r\n"):
        line.decode()
    lines = _unfolded(feed)
    for once in ("BEGIN:VCALENDAR", "VERSION:2.0", "CALSCALE:GREGORIAN", "BEGIN:VEVENT"):
        assert lines.count(once) == 1
    (prodid,) = [line for line in lines if line.startswith("PRODID:")]
    assert prodid.startswith("PRODID:-//vetcore//vetcore ")
    inside = lines[lines.index("BEGIN:VEVENT") : lines.index("END:VEVENT")]
    for once in ("UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "STATUS", "SUMMARY", "LOCATION"):
        assert sum(re.split("[:;]", line)[0] == once for line in inside) == 1, once
    (event,) = _events(feed)
    assert str(event["location"]).startswith(name)
    calendar = icalendar.Calendar.from_ical(feed)
    assert not calendar.errors
    assert not event.errors


async def test_a_feed_without_appointments_is_a_calendar_with_a_component(
    db: Database, made: Practice
) -> None:
    """RFC 5545, section 3.6: a calendar has at least one; 3.6.5: what a VTIMEZONE must have."""
    feed = await _feed(db, pet_id=made.pets[0].id)
    assert _events(feed) == []
    calendar = icalendar.Calendar.from_ical(feed)
    (zone,) = calendar.subcomponents
    assert not calendar.errors
    assert (zone.name, str(zone["tzid"])) == ("VTIMEZONE", "Etc/UTC")
    assert not zone.errors
    (standard,) = zone.subcomponents
    assert standard.name == "STANDARD"
    lines = _unfolded(feed)
    inside = lines[lines.index("BEGIN:STANDARD") : lines.index("END:STANDARD")]
    for once in ("DTSTART:19700101T000000", "TZOFFSETFROM:+0000", "TZOFFSETTO:+0000"):
        assert inside.count(once) == 1
    assert not standard.errors


async def test_a_feed_has_the_name_of_whose_it_is(db: Database, made: Practice) -> None:
    """RFC 7986, section 5.1, and what clients knew before it."""
    async with db.transaction() as session:
        pet = await session.get_one(Pet, made.pets[0].id)
        pet.name = "Räuber; Hotzen\\plotz, der Dritte " + "ü" * 60
    for chosen, name in (
        ({"pet_id": pet.id}, f"{pet.name}: appointments"),
        ({"practitioner_id": made.vets[0].user_id}, "Ana Silva: appointments"),
    ):
        feed = await _feed(db, **chosen)
        escaped = name.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
        for known_as in ("NAME", "X-WR-CALNAME"):
            assert _unfolded(feed).count(f"{known_as}:{escaped}") == 1
        assert not icalendar.Calendar.from_ical(feed).errors
        assert max(len(line) for line in feed.split(b"\r\n")) <= 75


async def test_a_moved_appointment_keeps_its_uid_and_raises_its_sequence(
    db: Database, made: Practice
) -> None:
    booked = await _book(db, made)
    with clock.frozen(NOW + HOUR):
        async with db.transaction() as session:
            await move(session, booked.id, starts_at=TEN + HOUR, by=Capacity.STAFF)
    (event,) = await _of_pet(db, made)
    assert str(event["uid"]) == str(booked.id)
    assert event["sequence"] == 1
    assert event.start == TEN + HOUR
    assert event["dtstamp"].dt == event["last-modified"].dt == NOW + HOUR
    assert event["created"].dt == NOW


async def test_a_cancelled_appointment_is_sent_as_cancelled(db: Database, made: Practice) -> None:
    booked = await _book(db, made)
    async with db.transaction() as session:
        await cancel(session, booked.id, reason="a secret", by=Capacity.STAFF)
    (event,) = await _of_pet(db, made)
    assert str(event["status"]) == "CANCELLED"
    assert str(event["transp"]) == "TRANSPARENT"
    assert event["sequence"] == 1
    async with db.transaction() as session:
        await reinstate(session, booked.id)
    (event,) = await _of_pet(db, made)
    assert str(event["status"]) == "CONFIRMED"
    assert event["sequence"] == 2


async def test_a_hold_is_tentative_until_it_is_confirmed(db: Database, made: Practice) -> None:
    held = await _hold(db, made)
    (event,) = await _of_pet(db, made)
    assert str(event["status"]) == "TENTATIVE"
    async with db.transaction() as session:
        await confirm_hold(session, held.id, by=Capacity.STAFF)
        await confirm(session, held.id, by=Capacity.STAFF)
    (event,) = await _of_pet(db, made)
    assert str(event["status"]) == "CONFIRMED"


async def test_a_hold_that_has_run_out_is_cancelled_swept_or_not(
    db: Database, made: Practice
) -> None:
    held = await _hold(db, made)
    async with db.transaction() as session:
        await session.execute(
            update(Appointment)
            .where(Appointment.id == held.id)
            .values(hold_expires_at=NOW - timedelta(days=365))
        )
    (before,) = await _of_pet(db, made)
    async with db.transaction() as session:
        await expire_holds(session)
    (after,) = await _of_pet(db, made)
    for event in (before, after):
        assert str(event["status"]) == "CANCELLED"
        assert event["sequence"] == 1


async def test_a_no_show_is_not_called_off(db: Database, made: Practice) -> None:
    booked = await _book(db, made)
    with clock.frozen(TEN + HOUR):
        async with db.transaction() as session:
            await mark_no_show(session, booked.id)
    (event,) = await _of_pet(db, made)
    assert str(event["status"]) == "CONFIRMED"


async def test_nothing_that_anybody_wrote_is_in_a_feed(db: Database, made: Practice) -> None:
    """Words and costs are for those who log in: the address of a feed gets around."""
    booked = await _book(
        db,
        made,
        service=ServiceType.SURGERY,
        reason="secret-reason",
        notes="secret-notes",
        internal_notes="secret-internal",
        estimated_cost="987.65",
        currency="USD",
    )
    async with db.transaction() as session:
        await cancel(session, booked.id, reason="secret-cancellation", by=Capacity.STAFF)
    for chosen in ({"pet_id": booked.pet_id}, {"practitioner_id": booked.practitioner_id}):
        lines = _unfolded(await _feed(db, **chosen))
        assert "SUMMARY:Pet 0: Surgery" in lines
        assert "CLASS:PRIVATE" in lines
        text = "".join(lines)
        for private in ("secret", "987.65", "ORGANIZER", "ATTENDEE", "CONTACT"):
            assert private not in text


async def test_only_a_veterinarians_feed_names_the_room(db: Database, made: Practice) -> None:
    booked = await _book(db, made, service=ServiceType.SURGERY)
    (event,) = _events(await _feed(db, practitioner_id=booked.practitioner_id))
    assert str(event["location"]).startswith("Theatre 1, ")
    (event,) = await _of_pet(db, made)
    assert "Theatre" not in str(event["location"])


async def test_a_feed_is_of_one_veterinarian_or_one_pet(db: Database, made: Practice) -> None:
    first = await _book(db, made, practitioner_id=made.vets[0].user_id)
    second = await _book(db, made, animal=1, practitioner_id=made.vets[1].user_id)
    third = await _book(
        db, made, starts_at=TEN + HOUR, animal=1, practitioner_id=made.vets[0].user_id
    )

    async def uids(**chosen: Any) -> list[str]:
        return [str(event["uid"]) for event in _events(await _feed(db, **chosen))]

    assert await uids(practitioner_id=made.vets[0].user_id) == [str(first.id), str(third.id)]
    assert await uids(pet_id=made.pets[1].id) == [str(second.id), str(third.id)]


@pytest.mark.parametrize(
    ("start", "end", "there"),
    [
        (TEN - HOUR, TEN, False),
        (TEN - HOUR, TEN + timedelta(minutes=1), True),
        (TEN + timedelta(minutes=29), TEN + HOUR, True),
        (TEN + timedelta(minutes=30), TEN + HOUR, False),
    ],
)
async def test_a_feed_has_what_touches_its_window(
    db: Database, made: Practice, start: datetime, end: datetime, there: bool
) -> None:
    await _book(db, made)
    assert bool(await _of_pet(db, made, start=start, end=end)) is there


async def test_an_appointment_with_the_longest_buffers_is_still_found_at_its_end(
    db: Database, made: Practice
) -> None:
    booked = await _book(db, made)
    async with db.transaction() as session:
        until = booked.ends_at
        await session.execute(
            update(Appointment)
            .where(Appointment.id == booked.id)
            .values(occupied_from=until - timedelta(days=1), occupied_until=until)
        )
    last_minute = {"start": until - timedelta(minutes=1), "end": until}
    assert len(await _of_pet(db, made, **last_minute)) == 1


async def test_a_deleted_appointment_is_not_sent_and_a_deleted_pet_still_named_to_the_vet(
    db: Database, made: Practice
) -> None:
    vet = made.vets[0]
    gone = await _book(db, made, practitioner_id=vet.user_id)
    kept = await _book(db, made, starts_at=TEN + HOUR, animal=1, practitioner_id=vet.user_id)
    async with db.transaction() as session:
        (await session.get_one(Appointment, gone.id)).deleted_at = NOW
        (await session.get_one(Pet, made.pets[1].id)).deleted_at = NOW
    (event,) = _events(await _feed(db, practitioner_id=vet.user_id))
    assert str(event["uid"]) == str(kept.id)
    assert str(event["summary"]).startswith("Pet 1")
    with pytest.raises(NotFound):
        await _feed(db, pet_id=made.pets[1].id)


async def test_two_feeds_of_the_same_appointments_are_the_same_bytes(
    db: Database, made: Practice
) -> None:
    await _book(db, made)
    first = await _feed(db, pet_id=made.pets[0].id)
    with clock.frozen(NOW + HOUR):
        assert await _feed(db, pet_id=made.pets[0].id) == first


async def test_a_feed_cannot_be_broken_into_by_a_name(db: Database, made: Practice) -> None:
    await _book(db, made)
    async with db.transaction() as session:
        pet = await session.get_one(Pet, made.pets[0].id)
        pet.name = "Rex\r\nATTENDEE:mailto:mallory@example.com"
    feed = await _feed(db, pet_id=made.pets[0].id)
    assert not any(line.startswith("ATTENDEE") for line in _unfolded(feed))


@pytest.mark.parametrize(
    ("field", "chosen"),
    [
        ("practitioner_id", {}),
        ("practitioner_id", {"practitioner_id": UUID(int=1), "pet_id": UUID(int=2)}),
        ("start", {"pet_id": UUID(int=1), "start": NOW.replace(tzinfo=None)}),
        ("end", {"pet_id": UUID(int=1), "end": NOW.replace(tzinfo=None)}),
        ("end", {"pet_id": UUID(int=1), "end": NOW}),
    ],
)
async def test_what_makes_no_feed_is_refused(
    db: Database, field: str, chosen: dict[str, Any]
) -> None:
    with pytest.raises(InvalidValue) as caught:
        await _feed(db, **chosen)
    assert caught.value.details["field"] == field


async def test_there_is_no_feed_of_nobody(db: Database) -> None:
    for chosen in ({"pet_id": UUID(int=1)}, {"practitioner_id": UUID(int=1)}):
        with pytest.raises(NotFound):
            await _feed(db, **chosen)


async def test_without_the_library_the_error_names_the_extra(
    db: Database, made: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "icalendar", None)
    with pytest.raises(ConfigurationError, match=r"vetcore\[ical\]"):
        await _of_pet(db, made)
