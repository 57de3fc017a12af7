"""Free slots, bookings that cannot collide, and the life of an appointment."""

from vetcore.scheduling.anchoring import StrayedVisit, reanchor_visits, strayed_visits
from vetcore.scheduling.booking import book, hold
from vetcore.scheduling.calendar import calendar_feed
from vetcore.scheduling.day import DaySheet, DayVisit, RoomDay, VeterinarianDay, day_sheet
from vetcore.scheduling.impossible import ImpossibleVisit, impossible_visits
from vetcore.scheduling.lifecycle import (
    cancel,
    check_in,
    complete,
    confirm,
    confirm_hold,
    expire_holds,
    mark_no_show,
    reinstate,
    start_visit,
)
from vetcore.scheduling.merging import merge_visits
from vetcore.scheduling.moving import reschedule
from vetcore.scheduling.series import (
    Occurrence,
    SeriesConflict,
    SeriesReport,
    book_series,
    cancel_series,
)
from vetcore.scheduling.slots import Slot, find_slots, next_available
from vetcore.scheduling.waitlist import (
    accept_offer,
    decline_offer,
    expire_offers,
    join_waitlist,
    leave_waitlist,
    offer_next,
)
from vetcore.scheduling.withdrawing import Withdrawn, withdraw

__all__ = [
    "DaySheet",
    "DayVisit",
    "ImpossibleVisit",
    "Occurrence",
    "RoomDay",
    "SeriesConflict",
    "SeriesReport",
    "Slot",
    "StrayedVisit",
    "VeterinarianDay",
    "Withdrawn",
    "accept_offer",
    "book",
    "book_series",
    "calendar_feed",
    "cancel",
    "cancel_series",
    "check_in",
    "complete",
    "confirm",
    "confirm_hold",
    "day_sheet",
    "decline_offer",
    "expire_holds",
    "expire_offers",
    "find_slots",
    "hold",
    "impossible_visits",
    "join_waitlist",
    "leave_waitlist",
    "mark_no_show",
    "merge_visits",
    "next_available",
    "offer_next",
    "reanchor_visits",
    "reinstate",
    "reschedule",
    "start_visit",
    "strayed_visits",
    "withdraw",
]
