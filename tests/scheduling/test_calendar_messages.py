"""Invitations by mail: they keep RFC 5546's tables, and two other readers understand them."""

import re
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import icalendar
import pytest
import vobject
from ical.calendar_stream import IcsCalendarStream

from tests.examples import user
from tests.scheduling.itip import breaches
from tests.scheduling.practice import NOW, TEN, Practice, booked_at, held_at, practice
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import ConfigurationError, InvalidValue, NotFound
from vetcore.models import Appointment, Clinic, Pet, PetCoOwner, User
from vetcore.scheduling import (
    CalendarMessage,
    CalendarMethod,
    NoCalendarMessage,
    calendar_message,
    cancel,
    confirm,
    confirm_hold,
    expire_holds,
    mark_no_show,
    move,
    reinstate,
    withdraw,
)
from vetcore.values.capacity import Capacity

pytestmark = pytest.mark.usefixtures("on_a_friday")

HOUR = timedelta(hours=1)
CLINIC = "desk@clinic.example"


@pytest.fixture
async def made(db: Database) -> Practice:
    return await practice(db, email=CLINIC, phone="+12065550100", name="Ballard; Vets, Ltd.")


async def _message(db: Database, appointment: Appointment, **chosen: Any) -> CalendarMessage:
    async with db.session() as session:
        return await calendar_message(session, appointment.id, **chosen)


async def _shared_with(db: Database, made: Practice, *people: User) -> None:
    async with db.transaction() as session:
        session.add_all(people)
        await session.flush()
        for person in people:
            session.add(PetCoOwner(pet_id=made.pets[0].id, user_id=person.id))


async def _owner(db: Database, made: Practice) -> User:
    async with db.session() as session:
        return await session.get_one(User, made.pets[0].owner_id)


async def _practitioner(db: Database, booked: Appointment) -> User:
    async with db.session() as session:
        return await session.get_one(User, booked.practitioner_id)


def _event(message: CalendarMessage) -> Any:
    """The event, as a first reader has it."""
    calendar = icalendar.Calendar.from_ical(message.content)
    (event,) = calendar.walk("VEVENT")
    assert not calendar.errors
    assert not event.errors
    return event


def _attendees(message: CalendarMessage) -> list[Any]:
    found = _event(message)["attendee"]
    return found if isinstance(found, list) else [found]


def _require_understood(message: CalendarMessage) -> None:
    """Hold a message to its table, and have two other readers read it."""
    assert list(breaches(message.content)) == []
    text = message.content.decode()
    (event,) = IcsCalendarStream.calendar_from_ics(text).events
    assert UUID(event.uid) == message.appointment_id
    assert event.sequence == message.sequence
    assert event.organizer is not None
    assert str(event.organizer.uri) == f"mailto:{CLINIC}"
    assert len(event.attendees) == len(message.recipients)
    read = vobject.readOne(text)
    assert read.validate(raiseException=True)
    assert read.method.value == message.method
    assert read.vevent.uid.value == str(message.appointment_id)
    assert len(read.vevent.attendee_list) == len(message.recipients)
    mine = _event(message)
    assert read.vevent.summary.value == event.summary == str(mine["summary"])
    assert read.vevent.location.value == event.location == str(mine["location"])
    for name in ("dtstart", "dtend"):
        instants = {
            mine[name].dt,
            getattr(read.vevent, name).value,
            getattr(event, name),
        }
        assert len({each.astimezone(clock.now().tzinfo) for each in instants}) == 1


async def test_a_booking_is_a_request_that_says_who_when_and_where(
    db: Database, made: Practice
) -> None:
    booked = await booked_at(db, made)
    message = await _message(db, booked)
    _require_understood(message)
    assert message.method is CalendarMethod.REQUEST
    assert message.media_type == "text/calendar; charset=utf-8; method=REQUEST"
    assert (message.appointment_id, message.sequence) == (booked.id, 0)
    event = _event(message)
    assert str(event["organizer"]) == f"mailto:{CLINIC}"
    assert event["organizer"].params["cn"] == "Ballard; Vets, Ltd."
    assert str(event["status"]) == "CONFIRMED"
    assert event["dtstart"].dt == TEN
    assert event["dtstamp"].dt == NOW
    assert str(event["summary"]) == "Pet 0: Wellness exam"
    assert str(event["description"]) == "With Ana Silva\nPhone: +12065550100"


async def test_the_owner_comes_co_owners_may_and_the_practitioner_has_accepted(
    db: Database, made: Practice
) -> None:
    zoe, bob = user(first_name="Zoe", last_name="Zimt"), user(first_name="Bob", last_name="Ames")
    await _shared_with(db, made, zoe, bob)
    booked = await booked_at(db, made)
    owner, vet = await _owner(db, made), await _practitioner(db, booked)
    message = await _message(db, booked)
    _require_understood(message)
    assert message.recipients == (owner.email, bob.email, zoe.email, vet.email)
    found = [
        (str(each), each.params["role"], each.params["partstat"]) for each in _attendees(message)
    ]
    assert found == [
        (f"mailto:{owner.email}", "REQ-PARTICIPANT", "NEEDS-ACTION"),
        (f"mailto:{bob.email}", "OPT-PARTICIPANT", "NEEDS-ACTION"),
        (f"mailto:{zoe.email}", "OPT-PARTICIPANT", "NEEDS-ACTION"),
        (f"mailto:{vet.email}", "REQ-PARTICIPANT", "ACCEPTED"),
    ]
    for each in _attendees(message):
        assert (each.params["rsvp"], each.params["cutype"]) == ("FALSE", "INDIVIDUAL")


async def test_whoever_booked_has_accepted_and_an_owner_what_was_confirmed(
    db: Database, made: Practice
) -> None:
    co_owner = user()
    await _shared_with(db, made, co_owner)
    booked = await booked_at(db, made)
    async with db.transaction() as session:
        (await session.get_one(Appointment, booked.id)).booked_by_id = co_owner.id
    first = await _message(db, booked)
    assert [each.params["partstat"] for each in _attendees(first)] == [
        "NEEDS-ACTION",
        "ACCEPTED",
        "ACCEPTED",
    ]
    async with db.transaction() as session:
        await confirm(session, booked.id, by=Capacity.OWNER)
    second = await _message(db, booked)
    assert {each.params["partstat"] for each in _attendees(second)} == {"ACCEPTED"}


async def test_each_change_is_a_newer_message_of_the_same_event(
    db: Database, made: Practice
) -> None:
    booked = await booked_at(db, made)
    messages = [await _message(db, booked)]
    with clock.frozen(NOW + HOUR):
        async with db.transaction() as session:
            await move(session, booked.id, starts_at=TEN + HOUR, by=Capacity.STAFF)
        messages.append(await _message(db, booked))
        async with db.transaction() as session:
            await cancel(session, booked.id, reason="secret", by=Capacity.STAFF)
        messages.append(await _message(db, booked))
        async with db.transaction() as session:
            await reinstate(session, booked.id)
        messages.append(await _message(db, booked))
    for message in messages:
        _require_understood(message)
        assert b"secret" not in message.content
    assert [each.method.value for each in messages] == ["REQUEST", "REQUEST", "CANCEL", "REQUEST"]
    assert [each.sequence for each in messages] == [0, 1, 2, 3]
    assert {str(_event(each)["uid"]) for each in messages} == {str(booked.id)}
    assert _event(messages[1])["dtstart"].dt == TEN + HOUR
    assert str(_event(messages[2])["status"]) == "CANCELLED"


async def test_a_visit_that_was_withdrawn_with_its_pet_is_cancelled(
    db: Database, made: Practice
) -> None:
    booked = await booked_at(db, made)
    async with db.transaction() as session:
        await withdraw(session, pet_id=booked.pet_id)
    message = await _message(db, booked)
    _require_understood(message)
    assert (message.method, message.sequence) == (CalendarMethod.CANCEL, 1)


async def test_a_visit_that_was_missed_is_not_called_off(db: Database, made: Practice) -> None:
    booked = await booked_at(db, made)
    with clock.frozen(TEN + HOUR):
        async with db.transaction() as session:
            await mark_no_show(session, booked.id)
        message = await _message(db, booked)
    _require_understood(message)
    assert message.method is CalendarMethod.REQUEST


async def test_nobody_is_invited_to_a_hold_before_it_is_confirmed(
    db: Database, made: Practice
) -> None:
    held = await held_at(db, made)
    with pytest.raises(NoCalendarMessage, match="confirmed"):
        await _message(db, held)
    async with db.transaction() as session:
        await confirm_hold(session, held.id, by=Capacity.STAFF)
    _require_understood(await _message(db, held))


async def test_an_expired_hold_has_no_message(db: Database, made: Practice) -> None:
    held = await held_at(db, made)
    async with db.transaction() as session:
        (await session.get_one(Appointment, held.id)).hold_expires_at = NOW - HOUR * 24 * 365
    async with db.transaction() as session:
        await expire_holds(session)
    with pytest.raises(NoCalendarMessage):
        await _message(db, held)


async def test_a_clinic_without_an_address_is_told_so(db: Database, made: Practice) -> None:
    booked = await booked_at(db, made)
    async with db.transaction() as session:
        (await session.get_one(Clinic, made.clinic.id)).email = None
    with pytest.raises(NoCalendarMessage) as caught:
        await _message(db, booked)
    assert "has no e-mail address" in str(caught.value)
    assert caught.value.details["appointment_id"] == str(booked.id)


async def test_a_message_for_one_person_shows_no_other_address(
    db: Database, made: Practice
) -> None:
    co_owner = user()
    await _shared_with(db, made, co_owner)
    booked = await booked_at(db, made)
    owner, vet = await _owner(db, made), await _practitioner(db, booked)
    for person in (owner, co_owner, vet):
        message = await _message(db, booked, attendee_ids=[person.id])
        _require_understood(message)
        assert message.recipients == (person.email,)
        addresses = re.findall(r"mailto:([^\r\n]+)", message.content.decode().replace("\r\n ", ""))
        assert sorted(addresses) == sorted([CLINIC, person.email])


@pytest.mark.parametrize("wanted", [(UUID(int=5),), ()])
async def test_who_takes_no_part_is_not_invited(
    db: Database, made: Practice, wanted: Sequence[UUID]
) -> None:
    booked = await booked_at(db, made)
    refused = InvalidValue if wanted else NoCalendarMessage
    with pytest.raises(refused):
        await _message(db, booked, attendee_ids=wanted)


async def test_an_account_that_is_gone_is_not_written_to(db: Database, made: Practice) -> None:
    booked = await booked_at(db, made)
    owner, vet = await _owner(db, made), await _practitioner(db, booked)
    async with db.transaction() as session:
        (await session.get_one(User, owner.id)).deleted_at = NOW
    assert (await _message(db, booked)).recipients == (vet.email,)
    async with db.transaction() as session:
        (await session.get_one(User, vet.id)).deleted_at = NOW
    with pytest.raises(NoCalendarMessage):
        await _message(db, booked)


HOSTILE = [
    'Rex" ;X-EVIL="1',
    "Rex\r\nATTENDEE:mailto:mallory@example.com",
    "a;b,c:d\\n\\N\\",
    "^n^'^^",
    "\x01\x0b\x1b[31m\x7f\x85\u2028\u2029",
    "🐕‍🦺" * 60,
    "é" * 190,
    "x" * 190,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_no_name_breaks_out_of_a_message(db: Database, made: Practice, text: str) -> None:
    booked = await booked_at(db, made)
    text = text[:190]
    owner, vet = await _owner(db, made), await _practitioner(db, booked)
    async with db.transaction() as session:
        (await session.get_one(Pet, booked.pet_id)).name = text
        (await session.get_one(Clinic, booked.clinic_id)).name = text
        for person in (owner, vet):
            row = await session.get_one(User, person.id)
            row.first_name, row.last_name = text, text
    message = await _message(db, booked)
    _require_understood(message)
    for line in message.content.split(b"\r\n"):
        assert len(line) <= 75
        assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]", line.decode())
    unfolded = message.content.decode().replace("\r\n ", "").split("\r\n")
    assert sum(line.startswith("ATTENDEE") for line in unfolded) == 2
    assert not any(line.startswith(("ATTENDEE:", "X-EVIL")) for line in unfolded)
    assert message.recipients == (owner.email, vet.email)


@pytest.mark.parametrize(
    ("email", "written"),
    [
        ("o'brien+vet@example.com", "mailto:o'brien+vet@example.com"),
        ("a?bcc=b%40c@example.com", "mailto:a%3Fbcc%3Db%2540c@example.com"),
    ],
)
async def test_an_address_is_a_mail_address_and_nothing_more(
    db: Database, made: Practice, email: str, written: str
) -> None:
    booked = await booked_at(db, made)
    owner = await _owner(db, made)
    async with db.transaction() as session:
        (await session.get_one(User, owner.id)).email = email
    message = await _message(db, booked, attendee_ids=[owner.id])
    _require_understood(message)
    (attendee,) = _attendees(message)
    assert str(attendee) == written
    assert message.recipients == (email,)


async def test_there_is_no_message_of_no_appointment(db: Database) -> None:
    async with db.session() as session:
        with pytest.raises(NotFound):
            await calendar_message(session, UUID(int=1))


async def test_without_the_library_the_error_names_the_extra(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "icalendar", None)
    async with db.session() as session:
        with pytest.raises(ConfigurationError, match=r"vetcore\[ical\]"):
            await calendar_message(session, UUID(int=1))


def test_the_tables_see_what_is_wrong() -> None:
    """The check itself, against messages that break it."""
    assert list(breaches(b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR\r\n"))
    lines = ["BEGIN:VCALENDAR", "METHOD:CANCEL", "BEGIN:VEVENT", "STATUS:CONFIRMED"]
    lines += ["DTSTART;TZID=Here:20260101T000000", "BEGIN:VALARM", "END:VALARM", "END:VEVENT"]
    found = "; ".join(breaches("\r\n".join([*lines, "END:VCALENDAR", ""]).encode()))
    for wrong in ("UID", "SEQUENCE", "ORGANIZER", "STATUS is", "VALARM", "no VTIMEZONE"):
        assert wrong in found
