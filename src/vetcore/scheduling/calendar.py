"""Appointments as an iCalendar feed (RFC 5545), to subscribe to from a calendar client.

It needs the library ``icalendar``, which the extra ``ical`` brings.
"""

import re
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, case, select

from vetcore._version import __version__
from vetcore.database import ReadSession
from vetcore.database.statements import Now
from vetcore.errors import ConfigurationError, InvalidValue, NotFound
from vetcore.models import Appointment, Clinic, Pet, Room, User
from vetcore.values.address import Address
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.services import in_words
from vetcore.values.walltime import require_instant

__all__ = ["calendar_feed"]

_LONGEST: Final = timedelta(days=1)
"""A CHECK keeps every appointment this short, so an index on its start finds what overlaps."""

_REFRESH: Final = timedelta(hours=1)
_CALLED_OFF: Final = frozenset({AppointmentStatus.CANCELLED, AppointmentStatus.EXPIRED})
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 -- the wall time of a VTIMEZONE
_CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
"""All but TAB and LF, which is written as ``\\n``; CR alone, NEL and their like break lines, too."""
_EVERYTHING: Final = {"include_deleted": True}


class _Visit(NamedTuple):
    """The columns that a feed shows: nothing that anybody wrote about the visit."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    status: AppointmentStatus
    ran_out: bool
    sequence: int
    service: str
    hold_expires_at: datetime | None
    created_at: datetime
    updated_at: datetime
    pet_name: str
    pet_updated_at: datetime
    clinic_name: str
    address: Address
    clinic_updated_at: datetime
    room_name: str | None
    room_updated_at: datetime | None

    def changed_at(self, *, with_room: bool) -> datetime:
        """When anything that the event shows was written last, or a hold ran out by itself."""
        moments = [self.updated_at, self.pet_updated_at, self.clinic_updated_at]
        if with_room and self.room_updated_at is not None:
            moments.append(self.room_updated_at)
        if self.ran_out and self.hold_expires_at is not None:
            moments.append(self.hold_expires_at)
        return max(moments)

    @property
    def called_off(self) -> bool:
        """Whether it will not take place. A no-show did: the slot was kept for it."""
        return self.ran_out or self.status in _CALLED_OFF

    @property
    def state(self) -> str:
        """STATUS, of RFC 5545, section 3.8.1.11."""
        if self.called_off:
            return "CANCELLED"
        return "TENTATIVE" if self.status is AppointmentStatus.HELD else "CONFIRMED"

    @property
    def revision(self) -> int:
        """SEQUENCE: rises when an event moves or is called off, and not for a new name.

        RFC 5546, section 2.1.4: of two revisions of one sequence, the later DTSTAMP is the newer. A
        hold that runs out is called off, though nothing was written then.
        """
        expired = self.ran_out or self.status is AppointmentStatus.EXPIRED
        return self.sequence + 1 if expired else self.sequence


async def calendar_feed(
    session: ReadSession,
    *,
    practitioner_id: UUID | None = None,
    pet_id: UUID | None = None,
    start: datetime,
    end: datetime,
) -> bytes:
    """Return the appointments of a veterinarian, or of a pet, that touch ``[start, end)``.

    Served as ``text/calendar; charset=utf-8``. Events keep their UID for good; SEQUENCE rises when
    they move. DTSTAMP and LAST-MODIFIED rise with every change of what is shown, a pet's or a
    clinic's new name or address as well. What was cancelled is there as CANCELLED, so that clients
    take it out. Two feeds of the same appointments are the same bytes.

    A feed's address gets around, so a feed says when, where, for which pet and which service, and
    nothing else: no reason, notes, costs or names of owners. Only a veterinarian's names the room,
    and bears the veterinarian's name, as a pet's bears the pet's.

    Args:
        session: for reading.
        practitioner_id: whose; give either this or ``pet_id``.
        pet_id: whose.
        start: appointments that end after this instant.
        end: appointments that start before this one.

    Raises:
        ConfigurationError: the extra ``ical`` is not installed.
        NotFound: there is no such practitioner or pet.
        InvalidValue: neither or both ids are given, a datetime is naive or out of range, or ``end``
            is not after ``start``.
    """
    icalendar = _icalendar()
    if (practitioner_id is None) is (pet_id is None):
        raise InvalidValue(
            field="practitioner_id",
            rule="and pet_id must not be given together or left out together",
            expected="one of them",
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
    name = await _name(session, practitioner_id=practitioner_id, pet_id=pet_id)
    rows = await session.execute(
        _visits(practitioner_id, pet_id, start, end), execution_options=_EVERYTHING
    )
    feed = icalendar.Calendar()
    feed.add("prodid", f"-//vetcore//vetcore {__version__}//EN")
    feed.add("version", "2.0")
    feed.add("calscale", "GREGORIAN")
    # RFC 7986, section 5.7; what clients do without it differs from hours to never.
    feed.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    # NAME is RFC 7986, section 5.1; the other is what clients knew before it, and many know still.
    for known_as in ("name", "x-wr-calname"):
        # The library takes neither for text, and would not escape it.
        feed.add(known_as, icalendar.vText(_plain(f"{name}: appointments")))
    visits = [_Visit(*row) for row in rows]
    for visit in visits:
        feed.add_component(_event(icalendar, visit, with_room=pet_id is None))
    if not visits:
        feed.add_component(_utc(icalendar))
    written: bytes = feed.to_ical()
    return written


def _icalendar() -> Any:
    try:
        return import_module("icalendar")
    except ImportError as missing:
        message = "calendar feeds need icalendar: pip install 'vetcore[ical]'"
        raise ConfigurationError(message) from missing


async def _name(session: ReadSession, *, practitioner_id: UUID | None, pet_id: UUID | None) -> str:
    """Whose feed it is."""
    if pet_id is not None:
        pet = await session.get(Pet, pet_id)
        if pet is None:
            raise NotFound(entity="pet", key=pet_id)
        return pet.name
    names = await session.execute(
        select(User.first_name, User.last_name).where(
            User.id == practitioner_id, User.deleted_at.is_(None)
        ),
        execution_options=_EVERYTHING,
    )
    found = names.one_or_none()
    if found is None:
        raise NotFound(entity="practitioner", key=practitioner_id)
    return f"{found.first_name} {found.last_name}".strip()


def _utc(icalendar: Any) -> Any:
    """The component of a calendar without events, which must have one (RFC 5545, section 3.6)."""
    zone, standard = icalendar.Timezone(), icalendar.TimezoneStandard()
    zone.add("tzid", "Etc/UTC")
    standard.add("dtstart", _EPOCH)
    for edge in ("tzoffsetfrom", "tzoffsetto"):
        standard.add(edge, timedelta())
    standard.add("tzname", "UTC")
    zone.add_component(standard)
    return zone


def _visits(
    practitioner_id: UUID | None, pet_id: UUID | None, start: datetime, end: datetime
) -> Select[*tuple[Any, ...]]:
    row = Appointment
    of_veterinarian, of_pet = row.practitioner_id == practitioner_id, row.pet_id == pet_id
    ran_out = and_(row.status == AppointmentStatus.HELD, row.hold_expires_at <= Now())
    return (
        select(
            row.id,
            row.starts_at,
            row.ends_at,
            row.status,
            case((ran_out, True), else_=False),
            row.sequence,
            row.service,
            row.hold_expires_at,
            row.created_at,
            row.updated_at,
            Pet.name,
            Pet.updated_at,
            Clinic.name,
            Clinic.address,
            Clinic.updated_at,
            Room.name,
            Room.updated_at,
        )
        .join(Pet, Pet.id == row.pet_id)
        .join(Clinic, Clinic.id == row.clinic_id)
        .outerjoin(Room, Room.id == row.room_id)
        .where(
            of_veterinarian if pet_id is None else of_pet,
            row.deleted_at.is_(None),
            row.starts_at < end,
            row.ends_at > start,
            row.occupied_from > start - _LONGEST,
        )
        .order_by(row.starts_at, row.id)
    )


def _event(icalendar: Any, visit: _Visit, *, with_room: bool) -> Any:
    event = icalendar.Event()
    event.add("uid", str(visit.id))
    # Without a METHOD, the two say the same (RFC 5545, section 3.8.7.2).
    changed_at = visit.changed_at(with_room=with_room)
    event.add("dtstamp", changed_at)
    event.add("last-modified", changed_at)
    event.add("created", visit.created_at)
    event.add("sequence", visit.revision)
    event.add("status", visit.state)
    event.add("dtstart", visit.starts_at)
    event.add("dtend", visit.ends_at)
    event.add("summary", _plain(f"{visit.pet_name}: {in_words(visit.service).lower()}"))
    event.add("location", _plain(_place(visit, with_room=with_room)))
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT" if visit.called_off else "OPAQUE")
    return event


def _plain(text: str) -> str:
    """The text without control characters, which TEXT must not have (RFC 5545, section 3.3.11)."""
    return _CONTROLS.sub(" ", text)


def _place(visit: _Visit, *, with_room: bool) -> str:
    room = visit.room_name if with_room else None
    return ", ".join(part for part in (room, visit.clinic_name, str(visit.address)) if part)
