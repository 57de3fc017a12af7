"""Finds what stands in the way of a booking that the database refused."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple, Self
from uuid import UUID

from sqlalchemy import and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore.database.locking import take_turns
from vetcore.database.statements import Now
from vetcore.errors import SlotTaken
from vetcore.models import Appointment, Occupation
from vetcore.models.appointment import RESOURCES
from vetcore.scheduling.taken import occupies_now
from vetcore.values.appointments import AppointmentStatus

__all__ = [
    "Wanted",
    "clear_stale_holds",
    "conflicting",
    "expire_stale_holds",
    "take_turns_for",
]


class Wanted(NamedTuple):
    """The resources that an appointment occupies, and when."""

    practitioner_id: UUID
    room_id: UUID | None
    pet_id: UUID
    starts_at: datetime
    ends_at: datetime
    occupied_from: datetime
    occupied_until: datetime
    squeezed_in: bool
    group_id: UUID | None = None
    without: UUID | None = None

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Return the resources and times in the columns of a new appointment."""
        return cls(**{name: values[name] for name in _COLUMNS})

    @classmethod
    def by(cls, appointment: Appointment, changes: Mapping[str, Any]) -> Self:
        """Return what an appointment occupies once it is changed; its own row is not in the way."""
        row = {name: getattr(appointment, name) for name in _COLUMNS}
        return cls.of({**row, **changes})._replace(without=appointment.id)


_COLUMNS: Final = tuple(name for name in Wanted._fields if name != "without")


def _overlapping(wanted: Wanted) -> Any:
    """Those that share a resource, or would if they were of no group visit."""
    shared = [
        _shares(resource, wanted._replace(group_id=None))
        for resource in RESOURCES
        if getattr(wanted, f"{resource}_id") is not None
    ]
    return and_(
        or_(*shared),
        Appointment.occupied_from < wanted.occupied_until,
        Appointment.occupied_until > wanted.occupied_from,
        *([Appointment.id != wanted.without] if wanted.without is not None else []),
    )


def _shares(resource: str, wanted: Wanted) -> Any:
    same = getattr(Appointment, f"{resource}_id") == getattr(wanted, f"{resource}_id")
    if resource == "pet":
        # Its time has no buffers.
        return and_(
            same, Appointment.starts_at < wanted.ends_at, Appointment.ends_at > wanted.starts_at
        )
    if wanted.group_id is not None:
        same = and_(same, Appointment.group_id.is_distinct_from(wanted.group_id))
    # As the constraints have it: what is squeezed in stands beside what is not.
    return and_(same, Appointment.squeezed_in.is_(wanted.squeezed_in))


def _assisted(wanted: Wanted) -> Any:
    """The appointments at which the practitioner assists then."""
    row = Occupation
    mine = select(row.appointment_id).where(
        row.person_id == wanted.practitioner_id,
        row.occupying,
        row.occupied_from < wanted.occupied_until,
        row.occupied_until > wanted.occupied_from,
    )
    own = [Appointment.id != wanted.without] if wanted.without is not None else []
    return and_(Appointment.id.in_(mine), *own)


async def conflicting(session: AsyncSession, wanted: Wanted) -> SlotTaken | None:
    """Return the first resource of :data:`RESOURCES` that is taken, or None.

    A practitioner is taken where they assist, too.

    A hold that has run out does not count.
    """
    present = [each for each in RESOURCES if getattr(wanted, f"{each}_id") is not None]
    rows = await session.execute(
        select(*(_shares(each, wanted).label(each) for each in present)).where(
            _overlapping(wanted), occupies_now()
        )
    )
    others = rows.all()
    for resource in present:
        mine = getattr(wanted, f"{resource}_id")
        if any(getattr(other, resource) for other in others):
            return SlotTaken(
                resource=resource, resource_id=mine, start=wanted.starts_at, end=wanted.ends_at
            )
    if not wanted.squeezed_in and await session.scalar(
        select(select(Appointment.id).where(_assisted(wanted), occupies_now()).exists())
    ):
        return SlotTaken(
            resource="practitioner",
            resource_id=wanted.practitioner_id,
            start=wanted.starts_at,
            end=wanted.ends_at,
        )
    return None


async def take_turns_for(session: AsyncSession, wanted: Wanted, *others: UUID | None) -> None:
    """Let those who write about the same resources go one after the other.

    An UPDATE cannot do nothing on conflict, as an INSERT can: two that overlap would wait for each
    other. The same is true of whoever has cleared a hold away on which the other waits.
    """
    resources = {wanted.practitioner_id, wanted.room_id, wanted.pet_id, *others}
    await take_turns(session, "resource", *(each for each in resources if each is not None))


async def clear_stale_holds(session: AsyncSession, wanted: Wanted) -> None:
    """Mark the holds in the way as expired that have run out by the database's clock.

    Who does so waits for whoever has done so before: two that had each cleared a hold in the other's
    way would wait for each other. A hold that somebody else is writing is left to them, for they may
    wait for a turn that the caller has.
    """
    await expire_stale_holds(session, or_(_overlapping(wanted), _assisted(wanted)))


async def expire_stale_holds(session: AsyncSession, *conditions: Any) -> None:
    """Mark the holds as expired that meet the conditions, as :func:`clear_stale_holds` does."""
    stale = select(Appointment.id).where(
        *conditions,
        Appointment.status == AppointmentStatus.HELD,
        Appointment.hold_expires_at <= Now(),
    )
    if (await session.scalars(stale)).first() is None:
        return
    await take_turns(session, "stale holds", "all")
    free = stale.order_by(Appointment.id).with_for_update(
        of=Appointment, key_share=True, skip_locked=True
    )
    found = (await session.scalars(free)).all()
    if found:
        await session.execute(
            update(Appointment)
            .where(Appointment.id.in_(found), Appointment.status == AppointmentStatus.HELD)
            .values(status=AppointmentStatus.EXPIRED)
        )
