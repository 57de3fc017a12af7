"""Invitations to one appointment, and their withdrawal, as calendar messages (iTIP, RFC 5546).

They need the library ``icalendar``, which the extra ``ical`` brings.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Final
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, true

from vetcore import clock
from vetcore.database import ReadSession
from vetcore.errors import BusinessRuleError, InvalidValue, NotFound
from vetcore.models import Appointment, PetCoOwner, User
from vetcore.scheduling.components import calendar_of, event_of, library, plain
from vetcore.scheduling.shown import ShownVisit, shown_visits
from vetcore.values.appointments import AppointmentStatus

__all__ = ["CalendarMessage", "CalendarMethod", "NoCalendarMessage", "calendar_message"]

_NOBODY_WAS_INVITED: Final = (AppointmentStatus.HELD, AppointmentStatus.EXPIRED)
_NOT_ANSWERED: Final = (AppointmentStatus.SCHEDULED, AppointmentStatus.CANCELLED)
_IN_ADDRESSES: Final = "@!$'*+,:-._~"
"""What a ``mailto:`` need not encode (RFC 6068)."""


class CalendarMethod(StrEnum):
    """What a calendar message asks of a calendar."""

    REQUEST = "REQUEST"
    """Enter the appointment, or change it."""
    CANCEL = "CANCEL"
    """Take it out."""


class NoCalendarMessage(BusinessRuleError):
    """There is nobody to invite to the appointment, or nobody who invites."""

    code = "no_calendar_message"
    title = "There is no calendar message of this appointment"

    def __init__(self, appointment_id: UUID, *, because: str) -> None:
        super().__init__(
            f"appointment {appointment_id}: {because}",
            appointment_id=appointment_id,
            because=because,
        )


@dataclass(frozen=True, slots=True)
class CalendarMessage:
    """A calendar message, to be sent as a part of an e-mail (RFC 6047) or as an attachment."""

    file_name: ClassVar[str] = "appointment.ics"

    method: CalendarMethod
    appointment_id: UUID
    """The UID of the event."""
    sequence: int
    """Of two messages of one appointment, that with the higher one counts."""
    recipients: tuple[str, ...]
    """The e-mail addresses of those whom it invites."""
    content: bytes

    @property
    def media_type(self) -> str:
        """The Content-Type; mail programs look there for the method."""
        return f"text/calendar; charset=utf-8; method={self.method}"


@dataclass(frozen=True, slots=True)
class _Attendee:
    id: UUID
    name: str
    email: str
    role: str
    has_accepted: bool


async def calendar_message(
    session: ReadSession,
    appointment_id: UUID,
    *,
    attendee_ids: Collection[UUID] | None = None,
    among: ColumnElement[bool] | None = None,
) -> CalendarMessage:
    """Return the message that puts an appointment into calendars as it is now, or takes it out.

    While the appointment stands, it is a REQUEST; once it is cancelled, a CANCEL. Its UID is that
    of the feed's event, and its SEQUENCE rises with every move and with the cancellation, so a
    calendar knows the newest. The organizer is the clinic, by its e-mail address. Attendees are the
    owner, the co-owners, who need not come, and whoever sees the pet. Whoever booked it has
    accepted, as the owner has of what was confirmed. No reply is asked for.

    A message shows each of those whom it names the addresses of all. To keep them apart, make one
    for each person. No permission is checked, and nothing is sent.

    Args:
        session: for reading.
        appointment_id: which.
        attendee_ids: only these of them, by their users' ids; all if none are given.
        among: only users of whom this holds.

    Raises:
        ConfigurationError: the extra ``ical`` is not installed.
        NotFound: there is no such appointment.
        NoCalendarMessage: the clinic has no e-mail address, it is a hold that nobody confirmed, or
            nobody is left to be invited.
        InvalidValue: one of ``attendee_ids`` takes no part in the appointment.
    """
    icalendar = library()
    found = await shown_visits(session, Appointment.id == appointment_id)
    if not found:
        raise NotFound(entity=Appointment, key=appointment_id)
    visit = found[0]
    if visit.status in _NOBODY_WAS_INVITED:
        raise NoCalendarMessage(
            appointment_id, because="it is a hold, to which nobody is invited until it is confirmed"
        )
    if visit.clinic_email is None:
        raise NoCalendarMessage(
            appointment_id,
            because=f"clinic {visit.clinic_id} has no e-mail address, by which it would invite",
        )
    attendees = _chosen(await _attendees(session, visit, among), attendee_ids)
    if not attendees:
        raise NoCalendarMessage(appointment_id, because="nobody who takes part can be invited")
    method = CalendarMethod.CANCEL if visit.called_off else CalendarMethod.REQUEST
    calendar = calendar_of(icalendar, [visit])
    calendar.add("method", method.value)
    event = event_of(icalendar, visit, with_room=False)
    # Of a message, it is when it was made (RFC 5545, section 3.8.7.2).
    del event["dtstamp"]
    event.add("dtstamp", clock.now())
    event.add("organizer", _address(icalendar, visit.clinic_email, visit.clinic_name))
    for each in attendees:
        event.add("attendee", _invited(icalendar, each))
    calendar.add_component(event)
    return CalendarMessage(
        method=method,
        appointment_id=appointment_id,
        sequence=visit.revision,
        recipients=tuple(each.email for each in attendees),
        content=calendar.to_ical(),
    )


async def _attendees(
    session: ReadSession, visit: ShownVisit, among: ColumnElement[bool] | None
) -> list[_Attendee]:
    """The owner, the co-owners by name, and whoever sees the pet, of those who have an account."""
    together = select(PetCoOwner.user_id).where(PetCoOwner.pet_id == visit.pet_id)
    named = [key for key in (visit.owner_id, visit.practitioner_id) if key is not None]
    found = await session.scalars(
        select(User)
        .where(or_(User.id.in_(named), User.id.in_(together)), true() if among is None else among)
        .order_by(User.last_name, User.first_name, User.id)
    )
    people = [_attendee(visit, user) for user in found]
    first, last = visit.owner_id, visit.practitioner_id
    return sorted(people, key=lambda each: (each.id != first, each.id == last))


def _attendee(visit: ShownVisit, user: User) -> _Attendee:
    is_owner = user.id == visit.owner_id
    sees_it = user.id == visit.practitioner_id
    answered = is_owner and visit.status not in _NOT_ANSWERED
    return _Attendee(
        id=user.id,
        name=user.full_name,
        email=user.email,
        role="REQ-PARTICIPANT" if is_owner or sees_it else "OPT-PARTICIPANT",
        has_accepted=sees_it or answered or user.id == visit.booked_by_id,
    )


def _chosen(attendees: Sequence[_Attendee], wanted: Collection[UUID] | None) -> Sequence[_Attendee]:
    if wanted is None:
        return attendees
    strangers = set(wanted) - {each.id for each in attendees}
    if strangers:
        raise InvalidValue(
            field="attendee_ids",
            rule="must name people who take part in the appointment: owners, or who sees the pet",
            expected="one or more of them",
            value=sorted(map(str, strangers)),
        )
    return [each for each in attendees if each.id in wanted]


def _invited(icalendar: Any, attendee: _Attendee) -> Any:
    address = _address(icalendar, attendee.email, attendee.name)
    answer = "ACCEPTED" if attendee.has_accepted else "NEEDS-ACTION"
    for name, value in (
        ("cutype", "INDIVIDUAL"),
        ("role", attendee.role),
        ("partstat", answer),
        ("rsvp", "FALSE"),
    ):
        address.params[name] = value
    return address


def _address(icalendar: Any, email: str, name: str) -> Any:
    address = icalendar.vCalAddress(f"mailto:{quote(email, safe=_IN_ADDRESSES)}")
    # A parameter can hold no quotation mark (RFC 5545, section 3.2).
    address.params["cn"] = plain(name, lines=False).replace('"', "'")
    return address
