"""Free slots, bookings that cannot collide, and the life of an appointment."""

from vetcore.scheduling.booking import book, hold
from vetcore.scheduling.day import DaySheet, DayVisit, RoomDay, VeterinarianDay, day_sheet
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
from vetcore.scheduling.moving import reschedule
from vetcore.scheduling.slots import Slot, find_slots, next_available

__all__ = [
    "DaySheet",
    "DayVisit",
    "RoomDay",
    "Slot",
    "VeterinarianDay",
    "book",
    "cancel",
    "check_in",
    "complete",
    "confirm",
    "confirm_hold",
    "day_sheet",
    "expire_holds",
    "find_slots",
    "hold",
    "mark_no_show",
    "next_available",
    "reinstate",
    "reschedule",
    "start_visit",
]
