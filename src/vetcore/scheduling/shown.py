"""What calendars show of appointments: when, where, for which pet, which service, with whom."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, false, null, select

from vetcore.database import ReadSession
from vetcore.database.statements import Now
from vetcore.models import Appointment, Clinic, Pet, Room, User
from vetcore.values.address import Address
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.services import in_words

__all__ = ["ShownVisit", "shown_visits", "touching"]

_LONGEST: Final = timedelta(days=1)
"""A CHECK keeps every appointment this short, so an index on its start finds what overlaps."""

_CALLED_OFF: Final = frozenset({AppointmentStatus.CANCELLED, AppointmentStatus.EXPIRED})
_EVERYTHING: Final = {"include_deleted": True}
_practitioners: Any = User.__table__.alias("practitioners")


class ShownVisit(NamedTuple):
    """An appointment with the names that belong to it."""

    id: UUID
    clinic_id: UUID
    pet_id: UUID
    starts_at: datetime
    ends_at: datetime
    status: AppointmentStatus
    ran_out: bool
    sequence: int
    service: str
    """What the clinic calls it."""
    hold_expires_at: datetime | None
    booked_by_id: UUID | None
    owner_id: UUID | None
    created_at: datetime
    updated_at: datetime
    pet_name: str
    pet_updated_at: datetime
    clinic_name: str
    clinic_phone: str | None
    clinic_email: str | None
    address: Address
    timezone: str
    clinic_updated_at: datetime
    practitioner_id: UUID
    first_name: str
    last_name: str
    practitioner_updated_at: datetime
    room_name: str | None
    room_updated_at: datetime | None
    reason: str | None
    notes: str | None
    internal_notes: str | None

    def changed_at(self, *, with_room: bool) -> datetime:
        """When anything that is shown was written last, or a hold ran out by itself."""
        moments = [
            self.updated_at,
            self.pet_updated_at,
            self.clinic_updated_at,
            self.practitioner_updated_at,
        ]
        if with_room and self.room_updated_at is not None:
            moments.append(self.room_updated_at)
        if self.ran_out and self.hold_expires_at is not None:
            moments.append(self.hold_expires_at)
        return max(moments)

    @property
    def practitioner(self) -> str:
        """The name of who sees the pet."""
        return f"{self.first_name} {self.last_name}".strip()

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


def touching(start: datetime, end: datetime) -> ColumnElement[bool]:
    """Return the condition that leaves the appointments that touch ``[start, end)``."""
    row = Appointment
    return and_(
        row.starts_at < end,
        row.ends_at > start,
        row.occupied_from > start - _LONGEST,
    )


async def shown_visits(
    session: ReadSession,
    *conditions: ColumnElement[bool],
    words: bool = False,
    internal: ColumnElement[bool] | None = None,
) -> Sequence[ShownVisit]:
    """Return the appointments of which the conditions hold, by their start.

    Args:
        session: for reading.
        conditions: on appointments; deleted ones are left out in any case.
        words: with their reasons and notes.
        internal: with the internal notes of those of which this holds as well.
    """
    row, person = Appointment, _practitioners.c
    ran_out = and_(row.status == AppointmentStatus.HELD, row.hold_expires_at <= Now())
    inner = false() if internal is None else internal
    query = (
        select(
            row.id,
            row.clinic_id,
            row.pet_id,
            row.starts_at,
            row.ends_at,
            row.status,
            case((ran_out, True), else_=False),
            row.sequence,
            row.service,
            row.hold_expires_at,
            row.booked_by_id,
            Pet.owner_id,
            row.created_at,
            row.updated_at,
            Pet.name,
            Pet.updated_at,
            Clinic.name,
            Clinic.phone,
            Clinic.email,
            Clinic.address,
            Clinic.timezone,
            Clinic.updated_at,
            person.id,
            person.first_name,
            person.last_name,
            person.updated_at,
            Room.name,
            Room.updated_at,
            row.reason if words else null(),
            row.notes if words else null(),
            case((inner, row.internal_notes), else_=null()) if words else null(),
        )
        .join(Pet, Pet.id == row.pet_id)
        .join(Clinic, Clinic.id == row.clinic_id)
        .join(_practitioners, person.id == row.practitioner_id)
        .outerjoin(Room, Room.id == row.room_id)
        .where(row.deleted_at.is_(None), *conditions)
        .order_by(row.starts_at, row.id)
    )
    found: Any = await session.execute(query, execution_options=_EVERYTHING)
    visits = [ShownVisit(*each) for each in found]
    names = await _services_of(session, {each.clinic_id for each in visits})
    return [
        each._replace(service=names.get((each.clinic_id, each.service)) or in_words(each.service))
        for each in visits
    ]


async def _services_of(
    session: ReadSession, clinic_ids: Collection[UUID]
) -> Mapping[tuple[UUID, str], str]:
    """What each clinic calls its services, by their codes."""
    found = await session.execute(
        select(Clinic.id, Clinic.services).where(Clinic.id.in_(clinic_ids)),
        execution_options=_EVERYTHING,
    )
    return {(key, each.service): each.name for key, catalog in found for each in catalog}
