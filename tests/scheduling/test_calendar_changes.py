"""A feed's clients see every change of what it shows."""

from datetime import timedelta
from typing import Any

import icalendar
import pytest
from sqlalchemy import update

from tests.scheduling.practice import NOW, Practice, booked_at, held_at
from vetcore import clock
from vetcore.database import Database
from vetcore.models import Appointment
from vetcore.scheduling import calendar_feed
from vetcore.values.address import Address
from vetcore.values.clinics import ServiceType

pytestmark = pytest.mark.usefixtures("on_a_friday")

HOUR = timedelta(hours=1)


async def _feed(db: Database, **chosen: Any) -> bytes:
    async with db.session() as session:
        return await calendar_feed(session, start=NOW, end=NOW + timedelta(days=7), **chosen)


def _events(feed: bytes) -> list[Any]:
    return icalendar.Calendar.from_ical(feed).walk("VEVENT")


def _unfolded(feed: bytes) -> list[str]:
    return feed.decode().replace("\r\n ", "").split("\r\n")


async def _renamed(db: Database, row: Any, **changes: Any) -> None:
    async with db.transaction() as session:
        found = await session.get_one(type(row), row.id)
        for name, value in changes.items():
            setattr(found, name, value)


MOVED = Address(line1="2 Side St", city="Seattle", postal_code="98107", country="US")


@pytest.mark.parametrize(
    ("which", "changes", "shown"),
    [
        ("pet", {"name": "Rexina"}, "SUMMARY:Rexina: Surgery"),
        ("clinic", {"name": "Harbour"}, "LOCATION:Theatre 1\\, Harbour"),
        ("clinic", {"address": MOVED}, "2 Side St"),
        ("room", {"name": "Blue room"}, "LOCATION:Blue room"),
    ],
)
async def test_clients_see_that_what_a_feed_shows_was_renamed(
    db: Database, made: Practice, which: str, changes: dict[str, Any], shown: str
) -> None:
    """DTSTAMP and LAST-MODIFIED rise; SEQUENCE does not, since nothing moved."""
    booked = await booked_at(db, made, service=ServiceType.SURGERY)
    rows = {"pet": made.pets[0], "clinic": made.clinic, "room": made.rooms[0]}
    later = NOW + HOUR
    with clock.frozen(later):
        await _renamed(db, rows[which], **changes)
    feed = await _feed(db, practitioner_id=booked.practitioner_id)
    assert any(shown in line for line in _unfolded(feed))
    (event,) = _events(feed)
    assert event["dtstamp"].dt == event["last-modified"].dt == later
    assert event["sequence"] == 0


async def test_a_room_that_a_feed_does_not_show_does_not_change_it(
    db: Database, made: Practice
) -> None:
    await booked_at(db, made, service=ServiceType.SURGERY)
    before = await _feed(db, pet_id=made.pets[0].id)
    with clock.frozen(NOW + HOUR):
        await _renamed(db, made.rooms[0], name="Blue room")
    assert await _feed(db, pet_id=made.pets[0].id) == before


async def test_a_hold_that_runs_out_by_itself_changes_when_it_does(
    db: Database, made: Practice
) -> None:
    held = await held_at(db, made)
    ran_out = NOW + timedelta(minutes=5)
    async with db.transaction() as session:
        await session.execute(
            update(Appointment).where(Appointment.id == held.id).values(hold_expires_at=ran_out)
        )
    (event,) = _events(await _feed(db, pet_id=made.pets[0].id))
    assert str(event["status"]) == "CANCELLED"
    assert event["dtstamp"].dt == event["last-modified"].dt == ran_out


@pytest.mark.parametrize("breaks", ["\r", "\x0b", "\x85", "\u2028", "\x07", "\x7f"])
async def test_no_control_character_of_a_name_reaches_a_feed(
    db: Database, made: Practice, breaks: str
) -> None:
    booked = await booked_at(db, made, service=ServiceType.SURGERY)
    for row in (made.pets[0], made.clinic, made.rooms[0]):
        await _renamed(db, row, name=f"Rex{breaks}ATTENDEE:mailto:mallory@example.com")
    feed = await _feed(db, practitioner_id=booked.practitioner_id)
    assert breaks not in feed.replace(b"\r\n", b"").decode()
    assert not any(line.startswith("ATTENDEE") for line in feed.decode().splitlines())
