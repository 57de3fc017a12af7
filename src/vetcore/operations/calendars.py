"""Operations on calendars: feeds to subscribe to, and the messages that invite."""

from vetcore import scheduling
from vetcore.access import Permission
from vetcore.database import ReadSession
from vetcore.models import Appointment, Pet, User
from vetcore.operations.asking import Asked
from vetcore.operations.declaring import reading
from vetcore.operations.people import take_practitioner
from vetcore.scheduling import CalendarMessage, NoCalendarMessage
from vetcore.schemas import CalendarMessageQuery, CalendarQuery
from vetcore.values.capacity import Capacity

__all__ = ["get_calendar_message", "read_calendar"]


@reading(permission=Permission.APPOINTMENT_READ, entity=Appointment)
async def read_calendar(session: ReadSession, wanted: CalendarQuery, asked: Asked) -> bytes:
    """Return the appointments of a practitioner, a clinic, an owner or a pet as an iCalendar feed.

    Of these, the actor is shown those that they may see: staff those of their clinic, owners those
    of their pets.

    Raises:
        ConfigurationError: the extra ``ical`` is not installed.
        InvalidValue: none or several are named, or the window is empty.
    """
    if wanted.clinic_id is not None:
        asked.require_at(wanted.clinic_id)
    if wanted.practitioner_id is not None:
        await take_practitioner(asked, session, wanted.practitioner_id)
    for entity, key in (
        (User, wanted.owner_id),
        (Pet, wanted.pet_id),
    ):
        if key is not None:
            await asked.take(entity, key, lock=False)
    internal = asked.sees(Appointment, Permission.APPOINTMENT_READ_INTERNAL)
    return await scheduling.calendar_feed(
        session,
        practitioner_id=wanted.practitioner_id,
        clinic_id=wanted.clinic_id,
        owner_id=wanted.owner_id,
        pet_id=wanted.pet_id,
        start=wanted.start,
        end=wanted.end,
        among=asked.sees(Appointment),
        words=wanted.words,
        internal=internal if wanted.words else None,
    )


@reading(permission=Permission.APPOINTMENT_READ, entity=Appointment, errors=(NoCalendarMessage,))
async def get_calendar_message(
    session: ReadSession, wanted: CalendarMessageQuery, asked: Asked
) -> CalendarMessage:
    """Return the message that puts an appointment into calendars as it is now, or takes it out.

    Staff may have one for everybody who takes part, or for one person alone, of those whose
    addresses they may see. An owner has their own, which shows no address but theirs and the
    clinic's.

    Raises:
        ConfigurationError: the extra ``ical`` is not installed.
        NoCalendarMessage: the clinic has no e-mail address, it is a hold that nobody confirmed, or
            nobody is left to be invited.
        InvalidValue: that person takes no part in the appointment.
    """
    _, by = await asked.take(Appointment, wanted.id, lock=False)
    attendee = wanted.attendee_id
    if by is Capacity.OWNER and asked.actor is not None:
        attendee = attendee or asked.actor.user_id
        if attendee != asked.actor.user_id:
            raise asked.denied(on="the field attendee_id")
    chosen = None if attendee is None else [attendee]
    seen = asked.sees(User, Permission.USER_READ)
    return await scheduling.calendar_message(session, wanted.id, attendee_ids=chosen, among=seen)
