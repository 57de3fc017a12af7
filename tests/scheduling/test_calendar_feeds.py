"""Whose calendar a feed is, how much it tells, and that no text breaks out of it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ical.calendar_stream import IcsCalendarStream
from sqlalchemy import false, select

from tests.examples import clinic, membership, user
from tests.scheduling.practice import NOW, SERVICES, TEN, Practice, booked_at, practice
from tests.scheduling.shown_visits import visit_at
from vetcore.database import Database
from vetcore.errors import NotFound
from vetcore.models import Appointment, Clinic, Pet, PetCoOwner, User
from vetcore.scheduling import book, calendar_feed
from vetcore.scheduling.components import calendar_of, event_of
from vetcore.schemas import AppointmentCreate
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType
from vetcore.values.services import ServiceCatalog, ServiceOffering

pytestmark = pytest.mark.usefixtures("on_a_friday")

HOUR = timedelta(hours=1)


@pytest.fixture
async def made(db: Database) -> Practice:
    return await practice(db, phone="+12065550100")


async def _feed(db: Database, **chosen: Any) -> str:
    async with db.session() as session:
        found = await calendar_feed(session, start=NOW, end=NOW + timedelta(days=7), **chosen)
    return found.decode()


def _uids(feed: str) -> list[UUID]:
    """As two readers find them."""
    first = [UUID(str(each["uid"])) for each in icalendar.Calendar.from_ical(feed).walk("VEVENT")]
    second = [UUID(each.uid) for each in IcsCalendarStream.calendar_from_ics(feed).events]
    assert first == second
    return first


def _unfolded(feed: str) -> list[str]:
    return feed.replace("\r\n ", "").split("\r\n")


async def test_a_practitioners_feed_spans_clinics_each_by_its_own_clock(
    db: Database, made: Practice
) -> None:
    vet = made.vets[0]
    other = clinic(
        name="Chicago",
        timezone="America/Chicago",
        opening_hours="Mo-Fr 08:00-18:00",
        services=SERVICES,
        booking_policy=BookingPolicy(minimum_notice_minutes=0),
    )
    async with db.transaction() as session:
        session.add(other)
        await session.flush()
        session.add(membership(await session.get_one(User, vet.user_id), other))
    here = await booked_at(db, made, practitioner_id=vet.user_id)
    wish = AppointmentCreate(
        clinic_id=other.id,
        service=ServiceType.WELLNESS_EXAM,
        pet_id=made.pets[1].id,
        starts_at=TEN + HOUR,
        practitioner_id=vet.user_id,
    )
    async with db.transaction() as session:
        there = await book(session, wish, by=Capacity.STAFF)
    feed = await _feed(db, practitioner_id=vet.user_id)
    assert _uids(feed) == [here.id, there.id]
    lines = _unfolded(feed)
    assert "DTSTART;TZID=America/New_York:20260309T100000" in lines
    assert "DTSTART;TZID=America/Chicago:20260309T100000" in lines
    assert _uids(await _feed(db, clinic_id=other.id)) == [there.id]
    assert _uids(await _feed(db, practitioner_id=vet.user_id, among=false())) == []


async def test_a_clinics_feed_has_all_of_its_visits_and_names_who_sees_the_pet(
    db: Database, made: Practice
) -> None:
    first = await booked_at(db, made, practitioner_id=made.vets[0].user_id)
    second = await booked_at(
        db, made, service=ServiceType.SURGERY, animal=1, practitioner_id=made.vets[1].user_id
    )
    feed = await _feed(db, clinic_id=made.clinic.id)
    assert set(_uids(feed)) == {first.id, second.id}
    lines = _unfolded(feed)
    assert f"NAME:{made.clinic.name}: appointments" in lines
    assert lines.count("DESCRIPTION:With Ana Silva\\nPhone: +12065550100") == 2
    assert any(line.startswith("LOCATION:Theatre 1") for line in lines)


async def test_an_owners_feed_is_that_of_all_pets_that_they_look_after(
    db: Database, made: Practice
) -> None:
    friend = user(first_name="Bo", last_name="Ek")
    async with db.transaction() as session:
        session.add(friend)
        await session.flush()
        session.add(PetCoOwner(pet_id=made.pets[1].id, user_id=friend.id))
    first = await booked_at(db, made)
    second = await booked_at(db, made, TEN + HOUR, animal=1)
    theirs = await _feed(db, owner_id=made.pets[0].owner_id)
    assert _uids(theirs) == [first.id, second.id]
    assert _uids(await _feed(db, owner_id=friend.id)) == [second.id]
    assert "NAME:Bo Ek: appointments" in _unfolded(await _feed(db, owner_id=friend.id))
    async with db.transaction() as session:
        (await session.get_one(Pet, made.pets[1].id)).soft_delete()
    assert _uids(await _feed(db, owner_id=friend.id)) == []


async def test_words_are_told_when_asked_for_and_internal_ones_where_that_may_be(
    db: Database, made: Practice
) -> None:
    given: dict[str, Any] = {
        "reason": "limps; since Monday,\r\nleft",
        "notes": "shy",
        "internal_notes": "owes us 20",
    }
    here = await booked_at(db, made, **given)
    await booked_at(db, made, TEN + HOUR, **given)
    whose = {"pet_id": here.pet_id}

    async def described(**chosen: Any) -> list[str]:
        feed = await _feed(db, **whose, **chosen)
        assert len(_uids(feed)) == 2
        return [
            str(each["description"]) for each in icalendar.Calendar.from_ical(feed).walk("VEVENT")
        ]

    plain = "With Ana Silva\nPhone: +12065550100"
    words = f"{plain}\nReason: limps; since Monday,\nleft\nNotes: shy"
    assert await described() == [plain, plain]
    assert await described(internal=Appointment.id == here.id) == [plain, plain]
    assert await described(words=True) == [words, words]
    inner = Appointment.id.in_(select(Appointment.id).where(Appointment.id == here.id))
    assert await described(words=True, internal=inner) == [
        f"{words}\nInternal notes: owes us 20",
        words,
    ]


async def test_clients_are_told_how_often_to_look_in_the_old_way_and_the_new(
    db: Database, made: Practice
) -> None:
    lines = _unfolded(await _feed(db, pet_id=made.pets[0].id))
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H" in lines
    assert "X-PUBLISHED-TTL:PT1H" in lines


async def test_there_is_no_feed_of_nothing(db: Database) -> None:
    for whose in ("clinic_id", "owner_id"):
        with pytest.raises(NotFound):
            await _feed(db, **{whose: UUID(int=1)})


async def test_a_new_name_of_who_sees_the_pet_is_a_change(db: Database, made: Practice) -> None:
    booked = await booked_at(db, made)
    before = await _feed(db, pet_id=booked.pet_id)
    async with db.transaction() as session:
        (await session.get_one(User, booked.practitioner_id)).last_name = "Santos"
    after = await _feed(db, pet_id=booked.pet_id)
    assert after != before
    assert "With Ana Santos" in after


def _texts() -> Iterator[st.SearchStrategy[str]]:
    yield st.text(max_size=300)
    yield st.text(alphabet='\r\n\t";:,\\^=\x0b\x85\u2028🐈é x', max_size=300)


@given(name=st.one_of(*_texts()), words=st.one_of(*_texts()))
def test_no_text_breaks_out_of_an_event(name: str, words: str) -> None:
    visit = visit_at(
        TEN,
        "America/New_York",
        pet_name=name,
        clinic_name=name,
        first_name=name,
        room_name=name,
        reason=words,
        notes=words,
    )
    calendar = calendar_of(icalendar, [visit])
    calendar.add_component(event_of(icalendar, visit, with_room=True))
    written = calendar.to_ical()
    for line in written.split(b"\r\n"):
        assert len(line) <= 75
        assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]", line.decode())
    (event,) = icalendar.Calendar.from_ical(written).walk("VEVENT")
    lines = _unfolded(written.decode())
    inside = lines[lines.index("BEGIN:VEVENT") + 1 : lines.index("END:VEVENT")]
    assert [re.split("[:;]", line)[0] for line in inside] == [
        "SUMMARY",
        "DTSTART",
        "DTEND",
        "DTSTAMP",
        "UID",
        "SEQUENCE",
        "CLASS",
        "CREATED",
        "DESCRIPTION",
        "LAST-MODIFIED",
        "LOCATION",
        "STATUS",
        "TRANSP",
    ]
    (other,) = IcsCalendarStream.calendar_from_ics(written.decode()).events
    assert other.summary is not None
    assert other.summary.split() == str(event["summary"]).split()


async def test_a_service_is_called_what_the_clinic_calls_it(db: Database, made: Practice) -> None:
    """A service that the catalogue has no longer is known by its code."""
    booked = await booked_at(db, made)

    async def called(*offerings: ServiceOffering) -> str:
        async with db.transaction() as session:
            place = await session.get_one(Clinic, made.clinic.id)
            place.services = ServiceCatalog(offerings=offerings)
        (event,) = icalendar.Calendar.from_ical(await _feed(db, pet_id=booked.pet_id)).walk(
            "VEVENT"
        )
        return str(event["summary"])

    offering = ServiceOffering(service="wellness_exam", name="MRI of Cats", duration_minutes=30)
    assert await called(offering) == "Pet 0: MRI of Cats"
    assert await called() == "Pet 0: Wellness exam"
