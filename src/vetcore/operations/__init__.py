"""What an actor does: one function an act, asked, allowed and done.

::

    async with db.transaction(Acting(user_id, via="api")) as session:
        moved = await move_appointment(session, AppointmentMove(id=key, starts_at=start))

An operation learns who acts from the session, and from nothing else. It reads and locks what its
command names, asks the one table of permissions, does the act, and returns what came of it. The
caller's transaction decides whether it stays. :data:`OPERATIONS` lists them all.
"""

from vetcore.operations.appointments import (
    book_appointment,
    cancel_appointment,
    check_in_appointment,
    complete_appointment,
    confirm_appointment,
    confirm_hold,
    get_appointment,
    hold_appointment,
    list_appointments,
    mark_appointment_no_show,
    move_appointment,
    reinstate_appointment,
    start_appointment,
    update_appointment,
)
from vetcore.operations.declaring import OPERATIONS, Operation, Reading
from vetcore.operations.finding import search_appointments
from vetcore.operations.series import (
    book_series,
    cancel_series,
    expire_holds,
    list_strayed_appointments,
    reanchor_appointments,
)
from vetcore.operations.slots import (
    day_sheet,
    find_next_slot,
    find_slots,
    list_impossible_appointments,
    read_calendar,
)
from vetcore.operations.waitlist import (
    accept_offer,
    decline_offer,
    expire_offers,
    get_waitlist_entry,
    join_waitlist,
    leave_waitlist,
    list_waitlist,
    offer_slot,
    update_waitlist_entry,
)

__all__ = [
    "OPERATIONS",
    "Operation",
    "Reading",
    "accept_offer",
    "book_appointment",
    "book_series",
    "cancel_appointment",
    "cancel_series",
    "check_in_appointment",
    "complete_appointment",
    "confirm_appointment",
    "confirm_hold",
    "day_sheet",
    "decline_offer",
    "expire_holds",
    "expire_offers",
    "find_next_slot",
    "find_slots",
    "get_appointment",
    "get_waitlist_entry",
    "hold_appointment",
    "join_waitlist",
    "leave_waitlist",
    "list_appointments",
    "list_impossible_appointments",
    "list_strayed_appointments",
    "list_waitlist",
    "mark_appointment_no_show",
    "move_appointment",
    "offer_slot",
    "read_calendar",
    "reanchor_appointments",
    "reinstate_appointment",
    "search_appointments",
    "start_appointment",
    "update_appointment",
    "update_waitlist_entry",
]
