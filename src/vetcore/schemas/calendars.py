"""What may be asked of calendars."""

from uuid import UUID

from vetcore.schemas.base import Schema
from vetcore.schemas.fields import Instant

__all__ = ["CalendarMessageQuery", "CalendarQuery"]


class CalendarQuery(Schema):
    """Whose calendar to publish for ``[start, end)``: just one of the four is given."""

    practitioner_id: UUID | None = None
    clinic_id: UUID | None = None
    owner_id: UUID | None = None
    """The calendar of all pets that somebody looks after."""
    pet_id: UUID | None = None
    start: Instant
    end: Instant
    words: bool = False
    """With reasons and notes, and for staff with what they write for each other."""


class CalendarMessageQuery(Schema):
    """The invitation to an appointment, or its withdrawal, for a mail program."""

    id: UUID
    attendee_id: UUID | None = None
    """For one of those who take part alone; an owner asks for themselves."""
