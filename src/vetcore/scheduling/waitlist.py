"""The waitlist: a pet that waits for a slot gets a hold on a slot that comes free.

Nothing here runs by itself. When a slot may have come free (after ``cancel``, ``move``,
``expire_holds``, ``decline_offer``), call :func:`offer_next` in the same transaction, until it
returns None.
"""

from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import case, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore import clock
from vetcore.database.acting import acting_of
from vetcore.database.driver import rows_of
from vetcore.database.locking import locked, locking
from vetcore.database.statements import Now, SecondsDown
from vetcore.errors import BookingRefused, InvalidTransition, InvalidValue, NotFound
from vetcore.models import Appointment, WaitlistEntry
from vetcore.scheduling.booking import hold
from vetcore.scheduling.lifecycle import cancel, confirm_hold
from vetcore.scheduling.loading import load_world
from vetcore.scheduling.rules import precluded
from vetcore.scheduling.slots import Slot, find_slots
from vetcore.schemas import AppointmentHoldCreate, WaitlistEntryCreate
from vetcore.values.appointments import AppointmentPriority, AppointmentStatus, WaitlistStatus
from vetcore.values.capacity import Capacity
from vetcore.values.intervals import instant
from vetcore.values.walltime import require_instant

__all__ = [
    "accept_offer",
    "decline_offer",
    "expire_offers",
    "join_waitlist",
    "leave_waitlist",
    "offer_next",
]

_REMEMBERED: Final = 1000
"""Of so many slots that an entry was offered it is remembered that they were; the latest count."""
_FRESH: Final = {"populate_existing": True}
_PRESENT: Final = select(SecondsDown(Now()))
_URGENCY: Final = case(
    {AppointmentPriority.EMERGENCY: 0, AppointmentPriority.URGENT: 1},
    value=WaitlistEntry.priority,
    else_=2,
)


async def join_waitlist(
    session: AsyncSession,
    request: WaitlistEntryCreate,
    *,
    by: Capacity,
    key: UUID | None = None,
) -> WaitlistEntry:
    """Wait for a slot that starts in the request's window. No permission is checked.

    Args:
        session: of a transaction.
        request: for which pet and service, from when until when.
        by: in what capacity it is asked for; owners wait for what is ``online_bookable``.
        key: the id of the new entry; a new one if none is given.

    Raises:
        AlreadyExists: the pet waits for this service at this clinic already.
        NotBookable: no slot can ever come of it: the clinic is not in business, does not offer the
            service or treat the species, the pet is deceased.
        NotFound: there is no such clinic or pet.
        InvalidValue: a bound of the window is naive or out of range.
    """
    require_instant(request.earliest_at, field="earliest_at")
    require_instant(request.latest_at, field="latest_at")
    world = await load_world(
        session,
        clinic_id=request.clinic_id,
        service=request.service,
        start=request.earliest_at,
        end=request.earliest_at + timedelta(minutes=1),
        by=by,
        practitioner_id=request.practitioner_id,
        pet_id=request.pet_id,
        counting=False,
    )
    reason = precluded(world)
    if reason is not None:
        raise reason
    entry = request.make(
        WaitlistEntry, requested_by_id=acting_of(session).actor, status=WaitlistStatus.WAITING
    )
    if key is not None:
        entry.id = key
    async with session.begin_nested():
        session.add(entry)
        await session.flush()
    return entry


async def leave_waitlist(session: AsyncSession, entry_id: UUID) -> WaitlistEntry:
    """Stop waiting. A hold that was offered is given back, so call ``offer_next`` after it.

    Raises:
        InvalidTransition: the entry is booked, withdrawn or expired already.
        NotFound: there is no such entry.
    """
    entry = await locked(session, WaitlistEntry, entry_id)
    if not entry.status.is_open:
        raise _transition(entry.status, WaitlistStatus.WITHDRAWN)
    if entry.status is WaitlistStatus.OFFERED:
        await _give_back(session, entry, WaitlistStatus.WITHDRAWN)
    entry.status = WaitlistStatus.WITHDRAWN
    await session.flush()
    return entry


async def offer_next(
    session: AsyncSession, *, clinic_id: UUID, hold_for: timedelta | None = None
) -> WaitlistEntry | None:
    """Hold a free slot for the next entry that it suits, or return None if it suits none.

    The next entry is the most urgent one, and of equally urgent entries the first that asked. A
    slot that an entry was offered and did not take is not offered to it again, so that later
    entries get it. Offers that have run out are taken back first (:func:`expire_offers`).

    Of two callers at once, each offers to an entry of its own: an entry is locked before it is
    offered a slot, and one that is locked is passed over.

    Args:
        session: of a transaction that is READ COMMITTED.
        clinic_id: the clinic at which a slot may have come free.
        hold_for: how long the offer stands, but not beyond its start; the ``hold_minutes`` of the
            clinic's booking policy if none is given.

    Returns:
        The entry, now OFFERED; ``offered_appointment_id`` is the hold.

    Raises:
        InvalidValue: ``hold_for`` is not positive.
    """
    if hold_for is not None and hold_for <= timedelta():
        rule = "must be positive, or nobody could accept the offer"
        raise InvalidValue(field="hold_for", rule=rule, value=str(hold_for))
    await expire_offers(session, clinic_id=clinic_id)
    waiting = await session.scalars(
        select(WaitlistEntry)
        .where(
            WaitlistEntry.clinic_id == clinic_id,
            WaitlistEntry.status == WaitlistStatus.WAITING,
            WaitlistEntry.latest_at > clock.now(),
        )
        .order_by(_URGENCY, WaitlistEntry.created_at, WaitlistEntry.id),
        execution_options=_FRESH,
    )
    for entry in waiting.all():
        offered = await _offer(session, entry, hold_for)
        if offered is not None:
            return offered
    return None


async def _offer(
    session: AsyncSession, entry: WaitlistEntry, hold_for: timedelta | None
) -> WaitlistEntry | None:
    mine: WaitlistEntry | None = None
    async for slot in _free(session, entry):
        # Locked no sooner: who waits for something else should not be passed over meanwhile.
        mine = mine or await _claimed(session, entry.id)
        if mine is None:
            return None
        held = await _held(session, mine, slot, hold_for)
        if held is not None:
            mine.status = WaitlistStatus.OFFERED
            mine.offered_appointment_id = held.id
            mine.offered_starts = (*mine.offered_starts[1 - _REMEMBERED :], slot.start)
            await session.flush()
            return mine
    return None


async def _free(session: AsyncSession, entry: WaitlistEntry) -> AsyncIterator[Slot]:
    """The slots that suit, the earliest first, from growing windows: one comes within days."""
    begin = max(entry.earliest_at, clock.now())
    stride = timedelta(days=7)
    while begin < entry.latest_at:
        end = min(begin + stride, entry.latest_at)
        try:
            slots = await find_slots(
                session,
                clinic_id=entry.clinic_id,
                service=entry.service,
                start=begin,
                end=end,
                by=Capacity.SYSTEM,
                practitioner_id=entry.practitioner_id,
                pet_id=entry.pet_id,
            )
        except (BookingRefused, NotFound):
            # Nothing can be booked for it as things are; when they change, it is still waiting.
            return
        for slot in slots:
            if slot.start not in entry.offered_starts:
                yield slot
        begin, stride = end, min(stride * 2, timedelta(days=365))


async def _claimed(session: AsyncSession, entry_id: UUID) -> WaitlistEntry | None:
    """The entry, locked; None if somebody else has it, or it no longer waits."""
    found: WaitlistEntry | None = await session.scalar(
        select(WaitlistEntry)
        .where(WaitlistEntry.id == entry_id, WaitlistEntry.status == WaitlistStatus.WAITING)
        .with_for_update(skip_locked=True),
        execution_options=_FRESH,
    )
    return found


async def _held(
    session: AsyncSession, entry: WaitlistEntry, slot: Slot, hold_for: timedelta | None
) -> Appointment | None:
    expires: datetime | None = None
    if hold_for is not None:
        ((present,),) = await rows_of(session, _PRESENT, {})
        now = instant(present)
        expires = now + hold_for if hold_for < slot.start - now else slot.start
    wish = AppointmentHoldCreate(
        clinic_id=entry.clinic_id,
        service=entry.service,
        pet_id=entry.pet_id,
        practitioner_id=slot.practitioner_id,
        starts_at=slot.start,
        priority=entry.priority,
        notes=entry.notes,
        hold_expires_at=expires,
    )
    try:
        # The clinic offers it: whoever takes it for their pet agrees, and not who waits.
        return await hold(session, wish, by=Capacity.STAFF, booked_by=entry.requested_by_id)
    except BookingRefused:
        # Somebody was faster.
        return None


async def accept_offer(session: AsyncSession, entry_id: UUID, *, by: Capacity) -> Appointment:
    """Turn the hold that was offered into an appointment. The entry is BOOKED.

    Args:
        session: of a transaction.
        entry_id: which.
        by: in what capacity it is asked for.

    Raises:
        HoldExpired: the offer has run out, by the database's clock; ``expire_offers`` lets the
            entry wait again.
        NotBookable: a rule of booking refuses it by now; the offer stands until it runs out.
        InvalidTransition: the entry has no offer.
        NotFound: there is no such entry.
    """
    entry = await locked(session, WaitlistEntry, entry_id)
    if entry.status is not WaitlistStatus.OFFERED or entry.offered_appointment_id is None:
        raise _transition(entry.status, WaitlistStatus.BOOKED)
    appointment = await confirm_hold(session, entry.offered_appointment_id, by=by)
    entry.status = WaitlistStatus.BOOKED
    await session.flush()
    return appointment


async def decline_offer(session: AsyncSession, entry_id: UUID) -> WaitlistEntry:
    """Give the hold back and wait for another slot. Call ``offer_next`` after it.

    Raises:
        InvalidTransition: the entry has no offer.
        NotFound: there is no such entry.
    """
    entry = await locked(session, WaitlistEntry, entry_id)
    if entry.status is not WaitlistStatus.OFFERED:
        raise _transition(entry.status, WaitlistStatus.WAITING)
    await _give_back(session, entry, WaitlistStatus.WAITING)
    _wait_again(entry)
    await session.flush()
    return entry


async def expire_offers(
    session: AsyncSession, *, clinic_id: UUID | None = None, limit: int = 1000
) -> int:
    """Update the entries whose offer or window has run out, and return how many changed.

    An offer whose hold has run out, or was cancelled, returns to WAITING; one whose hold was
    confirmed by other means is BOOKED; an entry whose window has passed is EXPIRED.

    Args:
        session: of a transaction.
        clinic_id: at this clinic; everywhere if none is given.
        limit: as many entries at most.
    """
    open_entries = select(WaitlistEntry).where(
        or_(
            WaitlistEntry.status == WaitlistStatus.OFFERED,
            (WaitlistEntry.status == WaitlistStatus.WAITING)
            & (WaitlistEntry.latest_at <= clock.now()),
        )
    )
    if clinic_id is not None:
        open_entries = open_entries.where(WaitlistEntry.clinic_id == clinic_id)
    found = await session.scalars(
        open_entries.order_by(WaitlistEntry.id).limit(limit).with_for_update(skip_locked=True),
        execution_options=_FRESH,
    )
    entries = found.all()
    holds = await _settled(session, [each.offered_appointment_id for each in entries])
    changed = 0
    for entry in entries:
        status = holds.get(entry.offered_appointment_id)
        if status is AppointmentStatus.HELD:
            continue
        if status is not None and status.occupies:
            entry.status = WaitlistStatus.BOOKED
        else:
            _wait_again(entry)
        changed += 1
    await session.flush()
    return changed


async def _settled(
    session: AsyncSession, hold_ids: Iterable[UUID | None]
) -> dict[UUID | None, AppointmentStatus]:
    """How the holds stand, once those that have run out are marked so."""
    wanted = [each for each in hold_ids if each is not None]
    if not wanted:
        return {}
    stale = select(Appointment.id).where(
        Appointment.id.in_(wanted),
        Appointment.status == AppointmentStatus.HELD,
        Appointment.hold_expires_at <= Now(),
    )
    if ids := (await session.scalars(locking(stale, Appointment))).all():
        await session.execute(
            update(Appointment)
            .where(Appointment.id.in_(ids))
            .values(status=AppointmentStatus.EXPIRED)
        )
    rows: Any = await session.execute(
        select(Appointment.id, Appointment.status).where(Appointment.id.in_(wanted))
    )
    return {row.id: row.status for row in rows}


def _wait_again(entry: WaitlistEntry) -> None:
    passed = entry.latest_at <= clock.now()
    entry.status = WaitlistStatus.EXPIRED if passed else WaitlistStatus.WAITING
    entry.offered_appointment_id = None


async def _give_back(
    session: AsyncSession, entry: WaitlistEntry, requested: WaitlistStatus
) -> None:
    """Cancel the entry's hold; one that was confirmed meanwhile is an appointment like any."""
    if entry.offered_appointment_id is None:
        return
    try:
        held = await locked(session, Appointment, entry.offered_appointment_id)
    except NotFound:
        return
    if held.status is AppointmentStatus.HELD:
        await cancel(session, held.id, by=Capacity.SYSTEM)
    elif held.status.occupies:
        raise _transition(WaitlistStatus.BOOKED, requested)


def _transition(current: WaitlistStatus, requested: WaitlistStatus) -> InvalidTransition:
    state = WaitlistStatus
    allowed = {
        state.WAITING: {state.OFFERED, state.WITHDRAWN},
        state.OFFERED: {state.WAITING, state.BOOKED, state.WITHDRAWN},
    }.get(current, set[WaitlistStatus]())
    return InvalidTransition(
        entity="waitlist entry", current=current, requested=requested, allowed=allowed
    )
