"""Free slots, bookings that cannot collide, and the life of an appointment.

A module is loaded when one of its names is used for the first time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vetcore.scheduling.across import find_slots_across, next_available
    from vetcore.scheduling.anchoring import StrayedVisit, reanchor_visits, strayed_visits
    from vetcore.scheduling.booking import book, hold
    from vetcore.scheduling.calendar import calendar_feed
    from vetcore.scheduling.calendar_messages import (
        CalendarMessage,
        CalendarMethod,
        NoCalendarMessage,
        calendar_message,
    )
    from vetcore.scheduling.day import day_sheet
    from vetcore.scheduling.day_beside import (
        AppointmentMeans,
        means_of,
    )
    from vetcore.scheduling.foreseeing import Foreseen, SeriesPreview
    from vetcore.scheduling.group_changes import cancel_group_visit, move_group_visit
    from vetcore.scheduling.group_visits import book_group_visit, find_group_slots
    from vetcore.scheduling.holds import expire_holds
    from vetcore.scheduling.impossible import (
        ImpossibleVisit,
        Preview,
        impossible_visits,
        preview,
    )
    from vetcore.scheduling.lifecycle import (
        cancel,
        check_in,
        complete,
        confirm,
        confirm_hold,
        mark_no_show,
        reinstate,
        start_visit,
    )
    from vetcore.scheduling.merging import merge_visits
    from vetcore.scheduling.moving import move
    from vetcore.scheduling.personal_day import practitioner_day
    from vetcore.scheduling.planning import PlanConflict, apply_moves, plan_moves
    from vetcore.scheduling.practitioners import Practitioner, practitioners_at
    from vetcore.scheduling.series import (
        Occurrence,
        SeriesConflict,
        SeriesReport,
        book_series,
        preview_series,
    )
    from vetcore.scheduling.series_changes import (
        cancel_series,
        lock_series,
        move_series,
        preview_series_move,
    )
    from vetcore.scheduling.sheets import (
        ClinicDuty,
        ClinicVisit,
        DayAssistant,
        DayBlock,
        DayEquipment,
        DaySheet,
        DayVisit,
        PersonalDay,
        PractitionerDay,
        RoomDay,
    )
    from vetcore.scheduling.slots import Slot, find_slots
    from vetcore.scheduling.swapping import swap
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
    "AppointmentMeans",
    "CalendarMessage",
    "CalendarMethod",
    "ClinicDuty",
    "ClinicVisit",
    "DayAssistant",
    "DayBlock",
    "DayEquipment",
    "DaySheet",
    "DayVisit",
    "Foreseen",
    "ImpossibleVisit",
    "NoCalendarMessage",
    "Occurrence",
    "PersonalDay",
    "PlanConflict",
    "Practitioner",
    "PractitionerDay",
    "Preview",
    "RoomDay",
    "SeriesConflict",
    "SeriesPreview",
    "SeriesReport",
    "Slot",
    "StrayedVisit",
    "Withdrawn",
    "accept_offer",
    "apply_moves",
    "book",
    "book_group_visit",
    "book_series",
    "calendar_feed",
    "calendar_message",
    "cancel",
    "cancel_group_visit",
    "cancel_series",
    "check_in",
    "complete",
    "confirm",
    "confirm_hold",
    "day_sheet",
    "decline_offer",
    "expire_holds",
    "expire_offers",
    "find_group_slots",
    "find_slots",
    "find_slots_across",
    "hold",
    "impossible_visits",
    "join_waitlist",
    "leave_waitlist",
    "lock_series",
    "mark_no_show",
    "means_of",
    "merge_visits",
    "move",
    "move_group_visit",
    "move_series",
    "next_available",
    "offer_next",
    "plan_moves",
    "practitioner_day",
    "practitioners_at",
    "preview",
    "preview_series",
    "preview_series_move",
    "reanchor_visits",
    "reinstate",
    "start_visit",
    "strayed_visits",
    "swap",
    "withdraw",
]

_HOMES = {
    "PlanConflict": "planning",
    "apply_moves": "planning",
    "plan_moves": "planning",
    "CalendarMessage": "calendar_messages",
    "CalendarMethod": "calendar_messages",
    "ClinicDuty": "sheets",
    "ClinicVisit": "sheets",
    "PersonalDay": "sheets",
    "practitioner_day": "personal_day",
    "DayBlock": "sheets",
    "AppointmentMeans": "day_beside",
    "means_of": "day_beside",
    "DayAssistant": "sheets",
    "DayEquipment": "sheets",
    "DaySheet": "sheets",
    "DayVisit": "sheets",
    "Foreseen": "foreseeing",
    "ImpossibleVisit": "impossible",
    "NoCalendarMessage": "calendar_messages",
    "Occurrence": "series",
    "Preview": "impossible",
    "RoomDay": "sheets",
    "SeriesConflict": "series",
    "SeriesPreview": "foreseeing",
    "SeriesReport": "series",
    "Slot": "slots",
    "StrayedVisit": "anchoring",
    "Practitioner": "practitioners",
    "PractitionerDay": "sheets",
    "Withdrawn": "withdrawing",
    "accept_offer": "waitlist",
    "book": "booking",
    "book_group_visit": "group_visits",
    "book_series": "series",
    "calendar_feed": "calendar",
    "calendar_message": "calendar_messages",
    "cancel": "lifecycle",
    "cancel_group_visit": "group_changes",
    "cancel_series": "series_changes",
    "check_in": "lifecycle",
    "complete": "lifecycle",
    "confirm": "lifecycle",
    "confirm_hold": "lifecycle",
    "day_sheet": "day",
    "decline_offer": "waitlist",
    "expire_holds": "holds",
    "expire_offers": "waitlist",
    "find_slots": "slots",
    "find_group_slots": "group_visits",
    "find_slots_across": "across",
    "hold": "booking",
    "impossible_visits": "impossible",
    "join_waitlist": "waitlist",
    "leave_waitlist": "waitlist",
    "lock_series": "series_changes",
    "mark_no_show": "lifecycle",
    "merge_visits": "merging",
    "move": "moving",
    "move_group_visit": "group_changes",
    "move_series": "series_changes",
    "next_available": "across",
    "offer_next": "waitlist",
    "practitioners_at": "practitioners",
    "preview": "impossible",
    "preview_series": "series",
    "preview_series_move": "series_changes",
    "reanchor_visits": "anchoring",
    "reinstate": "lifecycle",
    "start_visit": "lifecycle",
    "strayed_visits": "anchoring",
    "swap": "swapping",
    "withdraw": "withdrawing",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from importlib import import_module  # noqa: PLC0415 -- only when a name is asked for

    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
