"""Operations on wishes: to join and leave the waitlist, and to offer, accept and decline slots."""

from datetime import timedelta

from sqlalchemy import select

from vetcore import scheduling
from vetcore.access import Permission
from vetcore.database import ReadSession, Session
from vetcore.database.paging import Page, page
from vetcore.errors import AlreadyExists, HoldExpired, InvalidTransition, NotBookable
from vetcore.models import Appointment, Pet, WaitlistEntry
from vetcore.operations.asking import Asked
from vetcore.operations.declaring import operation, reading
from vetcore.schemas import (
    ById,
    OfClinic,
    SlotOffer,
    WaitlistEntryCreate,
    WaitlistEntryUpdate,
    WaitlistQuery,
)

__all__ = [
    "accept_offer",
    "decline_offer",
    "expire_offers",
    "get_waitlist_entry",
    "join_waitlist",
    "leave_waitlist",
    "list_waitlist",
    "offer_slot",
    "update_waitlist_entry",
]

_OF_STAFF = {"priority": Permission.APPOINTMENT_RUN}


@operation(
    permission=Permission.WAITLIST_WRITE,
    also=_OF_STAFF,
    entity=WaitlistEntry,
    keyed=True,
    errors=(AlreadyExists, NotBookable),
)
async def join_waitlist(session: Session, wish: WaitlistEntryCreate, asked: Asked) -> WaitlistEntry:
    """Let a pet wait for a slot that starts in a window.

    Raises:
        AlreadyExists: the pet waits for this service at this clinic already.
        NotBookable: no slot can ever come of it.
    """
    pet = await asked.related(Pet, wish.pet_id, Permission.PET_READ)
    by = asked.require_at(wish.clinic_id, owner=pet.owner)
    return await scheduling.join_waitlist(session, wish, by=by, key=asked.id)


@operation(
    permission=Permission.WAITLIST_WRITE,
    entity=WaitlistEntry,
    versioned=True,
    keyed=True,
    errors=(InvalidTransition,),
)
async def leave_waitlist(session: Session, act: ById, asked: Asked) -> WaitlistEntry:
    """Leave the waitlist. A hold that was offered is given back.

    Raises:
        InvalidTransition: the entry is booked, withdrawn or expired already.
    """
    entry, _ = await asked.take(WaitlistEntry, act.id)
    return await scheduling.leave_waitlist(session, entry.id)


@operation(
    permission=Permission.WAITLIST_WRITE,
    also=_OF_STAFF,
    entity=WaitlistEntry,
    versioned=True,
    keyed=True,
)
async def update_waitlist_entry(
    _session: Session, change: WaitlistEntryUpdate, asked: Asked
) -> WaitlistEntry:
    """Change what a pet waits for."""
    return await asked.change(WaitlistEntry, change)


@operation(permission=Permission.APPOINTMENT_RUN, entity=WaitlistEntry)
async def offer_slot(session: Session, offer: SlotOffer, asked: Asked) -> WaitlistEntry | None:
    """Hold a free slot for whoever waits longest for one, or return None if it suits nobody.

    Call it after a cancellation, a move, or an offer that was declined or has run out, until it
    returns None. Of two callers at once, each offers to somebody else.
    """
    asked.require_at(offer.clinic_id)
    minutes = offer.hold_minutes
    return await scheduling.offer_next(
        session,
        clinic_id=offer.clinic_id,
        hold_for=None if minutes is None else timedelta(minutes=minutes),
    )


@operation(
    permission=Permission.WAITLIST_WRITE,
    entity=Appointment,
    versioned=True,
    errors=(HoldExpired, NotBookable, InvalidTransition),
)
async def accept_offer(session: Session, act: ById, asked: Asked) -> Appointment:
    """Turn the hold that was offered into an appointment.

    Raises:
        HoldExpired: the offer has run out, by the database's clock.
        NotBookable: a rule of booking refuses it by now.
        InvalidTransition: the entry has no offer.
    """
    entry, by = await asked.take(WaitlistEntry, act.id)
    return await scheduling.accept_offer(session, entry.id, by=by)


@operation(
    permission=Permission.WAITLIST_WRITE,
    entity=WaitlistEntry,
    versioned=True,
    keyed=True,
    errors=(InvalidTransition,),
)
async def decline_offer(session: Session, act: ById, asked: Asked) -> WaitlistEntry:
    """Give the hold that was offered back, and wait for another slot.

    Raises:
        InvalidTransition: the entry has no offer.
    """
    entry, _ = await asked.take(WaitlistEntry, act.id)
    return await scheduling.decline_offer(session, entry.id)


@operation(permission=Permission.APPOINTMENT_RUN, entity=WaitlistEntry)
async def expire_offers(session: Session, wanted: OfClinic, asked: Asked) -> int:
    """Mark offers and wishes whose time has passed, and return how many changed."""
    asked.require_at_or_everywhere(wanted.clinic_id)
    return await scheduling.expire_offers(session, clinic_id=wanted.clinic_id)


@reading(permission=Permission.WAITLIST_READ, entity=WaitlistEntry)
async def get_waitlist_entry(_session: ReadSession, wanted: ById, asked: Asked) -> WaitlistEntry:
    """Return a wish for a slot."""
    entry, _ = await asked.take(WaitlistEntry, wanted.id, lock=False)
    return entry


@reading(permission=Permission.WAITLIST_READ, entity=WaitlistEntry)
async def list_waitlist(
    session: ReadSession, wanted: WaitlistQuery, asked: Asked
) -> Page[WaitlistEntry]:
    """Return the wishes that the actor may see, the first who asked first."""
    query = asked.seen(select(WaitlistEntry), WaitlistEntry)
    for column, value in (
        (WaitlistEntry.clinic_id, wanted.clinic_id),
        (WaitlistEntry.pet_id, wanted.pet_id),
        (WaitlistEntry.status, wanted.status),
    ):
        if value is not None:
            query = query.where(column == value)
    first_come = [WaitlistEntry.created_at, WaitlistEntry.id]
    return await page(session, query, order_by=first_come, limit=wanted.limit, after=wanted.after)
