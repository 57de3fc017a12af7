"""Appointments as an iCalendar feed (RFC 5545), to subscribe to from a calendar client.

It needs the library ``icalendar``, which the extra ``ical`` brings.
"""

from datetime import datetime, timedelta
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from vetcore.database import ReadSession
from vetcore.errors import InvalidValue, NotFound
from vetcore.models import Appointment, Clinic, Entity, Pet, PetCoOwner, User
from vetcore.scheduling.components import calendar_of, event_of, library, plain
from vetcore.scheduling.shown import shown_visits, touching
from vetcore.values.walltime import require_instant

__all__ = ["calendar_feed"]

E = TypeVar("E", bound=Entity)

_REFRESH: Final = timedelta(hours=1)


async def calendar_feed(  # noqa: PLR0913 -- one of four, and how much to show of it
    session: ReadSession,
    *,
    practitioner_id: UUID | None = None,
    clinic_id: UUID | None = None,
    owner_id: UUID | None = None,
    pet_id: UUID | None = None,
    start: datetime,
    end: datetime,
    among: ColumnElement[bool] | None = None,
    words: bool = False,
    internal: ColumnElement[bool] | None = None,
) -> bytes:
    """Return the appointments of somebody or something that touch ``[start, end)``.

    Served as ``text/calendar; charset=utf-8``. Times are the clinic's, with its time zone as a
    VTIMEZONE. Events keep their UID for good; SEQUENCE rises when they move. DTSTAMP and
    LAST-MODIFIED rise with every change of what is shown, a pet's or a clinic's new name or address
    as well. What was cancelled is there as CANCELLED, so that clients take it out. Two feeds of the
    same appointments are the same bytes, so that a digest of them is an ETag.

    A feed's address gets around, so a feed says when, where, with whom, for which pet and which
    service, and nothing else, unless ``words`` are asked for: no reason, notes, costs or names of
    owners. The feeds of a practitioner and of a clinic name the room. No permission is checked.

    Args:
        session: for reading.
        practitioner_id: whose, at whatever clinic; give just one of the four.
        clinic_id: whose.
        owner_id: whose pets, with those that they look after together with others.
        pet_id: whose.
        start: appointments that end after this instant.
        end: appointments that start before this one.
        among: only appointments of which this holds.
        words: with the reason and the notes, which owners and staff write for each other.
        internal: with the internal notes as well where this holds; for staff.

    Raises:
        ConfigurationError: the extra ``ical`` is not installed.
        NotFound: there is no such practitioner, clinic, owner or pet.
        InvalidValue: none or several ids are given, a datetime is naive or out of range, or ``end``
            is not after ``start``.
    """
    icalendar = library()
    ids = (practitioner_id, clinic_id, owner_id, pet_id)
    if sum(each is not None for each in ids) != 1:
        raise InvalidValue(
            field="practitioner_id",
            rule="clinic_id, owner_id and pet_id say whose calendar it is together",
            expected="just one of them",
        )
    require_instant(start, field="start")
    require_instant(end, field="end")
    if end <= start:
        raise InvalidValue(
            field="end",
            rule="must be after start",
            expected=f"later than {start.isoformat()}",
            value=end.isoformat(),
        )
    name = await _name(session, *ids)
    visits = await shown_visits(
        session,
        _of(*ids),
        touching(start, end),
        *([] if among is None else [among]),
        words=words,
        internal=internal,
    )
    feed = calendar_of(icalendar, visits)
    # RFC 7986, section 5.7; what clients do without it differs from hours to never.
    feed.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    # NAME is RFC 7986, section 5.1; what clients knew before both, many know still.
    feed.add("x-published-ttl", icalendar.vDuration(_REFRESH))
    for known_as in ("name", "x-wr-calname"):
        # The library takes neither for text, and would not escape it.
        feed.add(known_as, icalendar.vText(plain(f"{name}: appointments")))
    for visit in visits:
        with_room = owner_id is None and pet_id is None
        feed.add_component(event_of(icalendar, visit, with_room=with_room))
    written: bytes = feed.to_ical()
    return written


def _of(
    practitioner_id: UUID | None,
    clinic_id: UUID | None,
    owner_id: UUID | None,
    pet_id: UUID | None,
) -> ColumnElement[bool]:
    row = Appointment
    if practitioner_id is not None:
        return row.practitioner_id == practitioner_id
    if clinic_id is not None:
        return row.clinic_id == clinic_id
    if pet_id is not None:
        return row.pet_id == pet_id
    shared = select(PetCoOwner.pet_id).where(PetCoOwner.user_id == owner_id)
    pets = select(Pet.id).where(
        or_(Pet.owner_id == owner_id, Pet.id.in_(shared)), Pet.deleted_at.is_(None)
    )
    return row.pet_id.in_(pets)


async def _name(
    session: ReadSession,
    practitioner_id: UUID | None,
    clinic_id: UUID | None,
    owner_id: UUID | None,
    pet_id: UUID | None,
) -> str:
    """Whose feed it is."""
    if pet_id is not None:
        return (await _row(session, Pet, pet_id)).name
    if clinic_id is not None:
        return (await _row(session, Clinic, clinic_id)).name
    if owner_id is not None:
        return (await _row(session, User, owner_id)).full_name
    person = None if practitioner_id is None else await session.get(User, practitioner_id)
    if person is None:
        raise NotFound(entity="practitioner", key=practitioner_id)
    return person.full_name


async def _row(session: ReadSession, entity: type[E], key: UUID) -> E:
    row = await session.get(entity, key)
    if row is None:
        raise NotFound(entity=entity, key=key)
    return row
