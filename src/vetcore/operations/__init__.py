"""What actors do: one function for each act.

::

    async with db.transaction(Acting(user_id, via="api")) as session:
        moved = await move_appointment(session, AppointmentMove(id=key, starts_at=start))

An operation learns who acts from the session, and from nothing else. It reads and locks what its
command names, asks the one table of permissions, does the act, and returns what came of it. The
caller's transaction decides whether it stays. :data:`OPERATIONS` lists them all. Modules load when
a name of theirs is first used, and all of them for that list.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vetcore.operations.accounts import (
        appoint_user,
        create_api_key,
        end_other_sessions,
        end_session,
        hand_over_account,
        invite_user,
        list_api_keys,
        list_sessions,
        revoke_api_key,
    )
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
    from vetcore.operations.asking import Asked
    from vetcore.operations.blocks import (
        create_schedule_block,
        delete_schedule_block,
        get_schedule_block,
        list_schedule_blocks,
        restore_schedule_block,
        update_schedule_block,
    )
    from vetcore.operations.calendars import get_calendar_message, read_calendar
    from vetcore.operations.changes import (
        apply_moves,
        plan_moves,
        preview_change,
        swap_appointments,
    )
    from vetcore.operations.clinics import (
        create_clinic,
        delete_clinic,
        find_nearest_clinics,
        find_open_clinics,
        get_clinic,
        list_clinics,
        restore_clinic,
        update_clinic,
    )
    from vetcore.operations.closures import (
        create_closure,
        delete_closure,
        get_closure,
        list_closures,
        restore_closure,
        update_closure,
    )
    from vetcore.operations.declaring import OPERATIONS, Operation, Reading, operation, reading
    from vetcore.operations.emergencies import (
        get_emergency_access,
        list_emergency_accesses,
        read_in_emergency,
    )
    from vetcore.operations.equipment import (
        create_equipment,
        delete_equipment,
        get_appointment_means,
        get_equipment,
        list_equipment,
        restore_equipment,
        update_equipment,
    )
    from vetcore.operations.finding import search_appointments, search_clinics
    from vetcore.operations.group_visits import (
        book_group_visit,
        cancel_group_visit,
        find_group_slots,
        move_group_visit,
    )
    from vetcore.operations.health import (
        add_allergy,
        add_condition,
        add_medication,
        add_surgery,
        list_due_vaccinations,
        record_vaccination,
        record_weight,
        refresh_due_date,
    )
    from vetcore.operations.invitation_codes import claim_invitation_codes, redeem_invitation
    from vetcore.operations.invitations import (
        accept_invitation,
        decline_invitation,
        get_invitation,
        invite_colleague,
        invite_patient,
        list_invitations,
        withdraw_invitation,
    )
    from vetcore.operations.memberships import (
        create_membership,
        delete_membership,
        end_membership,
        get_membership,
        list_memberships,
        restore_membership,
        update_membership,
    )
    from vetcore.operations.merging import merge_pets
    from vetcore.operations.nearby import find_slots_nearby
    from vetcore.operations.outcomes import Changed, Retired
    from vetcore.operations.patients import (
        end_patient,
        get_patient,
        list_patients,
        register_patient,
    )
    from vetcore.operations.pets import (
        create_pet,
        delete_pet,
        get_pet,
        list_pets,
        restore_pet,
        retire_pet,
        search_pets,
        update_pet,
    )
    from vetcore.operations.practitioners import list_practitioners
    from vetcore.operations.records import (
        add_addendum,
        add_diagnosis,
        get_record,
        list_addenda,
        list_records,
        open_record,
        prescribe,
        record_vitals,
        seal_earlier_records,
        sign_record,
        verify_records,
        write_note,
    )
    from vetcore.operations.reminders import (
        claim_reminders,
        drop_reminders,
        get_reminder,
        list_reminders,
        reminder_failed,
        reminder_sent,
    )
    from vetcore.operations.rooms import (
        create_room,
        delete_room,
        get_room,
        list_rooms,
        restore_room,
        update_room,
    )
    from vetcore.operations.series import (
        book_series,
        cancel_series,
        expire_holds,
        get_series,
        list_series,
        list_strayed_appointments,
        move_series,
        preview_series,
        preview_series_move,
        reanchor_appointments,
    )
    from vetcore.operations.sharing import list_co_owners, share_pet, transfer_pet, unshare_pet
    from vetcore.operations.showing import declare_responses, shown, shown_each
    from vetcore.operations.slots import (
        day_sheet,
        find_next_slot,
        find_slots,
        list_impossible_appointments,
        practitioner_day,
    )
    from vetcore.operations.time_off import (
        create_time_off,
        delete_time_off,
        get_time_off,
        list_time_off,
        restore_time_off,
        update_time_off,
    )
    from vetcore.operations.users import (
        create_user,
        delete_user,
        get_user,
        list_users,
        reactivate_user,
        restore_user,
        search_owners,
        suspend_user,
        update_user,
    )
    from vetcore.operations.veterinarians import (
        create_veterinarian,
        delete_veterinarian,
        get_veterinarian,
        list_veterinarians,
        restore_veterinarian,
        search_veterinarians,
        update_veterinarian,
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
    "Asked",
    "Changed",
    "Operation",
    "Reading",
    "Retired",
    "accept_invitation",
    "accept_offer",
    "add_addendum",
    "add_allergy",
    "add_condition",
    "add_diagnosis",
    "add_medication",
    "add_surgery",
    "apply_moves",
    "appoint_user",
    "book_appointment",
    "book_group_visit",
    "book_series",
    "cancel_appointment",
    "cancel_group_visit",
    "cancel_series",
    "check_in_appointment",
    "claim_invitation_codes",
    "claim_reminders",
    "complete_appointment",
    "confirm_appointment",
    "confirm_hold",
    "create_api_key",
    "create_clinic",
    "create_closure",
    "create_equipment",
    "create_membership",
    "create_pet",
    "create_room",
    "create_schedule_block",
    "create_time_off",
    "create_user",
    "create_veterinarian",
    "day_sheet",
    "declare_responses",
    "decline_invitation",
    "decline_offer",
    "delete_clinic",
    "delete_closure",
    "delete_equipment",
    "delete_membership",
    "delete_pet",
    "delete_room",
    "delete_schedule_block",
    "delete_time_off",
    "delete_user",
    "delete_veterinarian",
    "drop_reminders",
    "end_membership",
    "end_other_sessions",
    "end_patient",
    "end_session",
    "expire_holds",
    "expire_offers",
    "find_group_slots",
    "find_nearest_clinics",
    "find_next_slot",
    "find_open_clinics",
    "find_slots",
    "find_slots_nearby",
    "get_appointment",
    "get_appointment_means",
    "get_calendar_message",
    "get_clinic",
    "get_closure",
    "get_emergency_access",
    "get_equipment",
    "get_invitation",
    "get_membership",
    "get_patient",
    "get_pet",
    "get_record",
    "get_reminder",
    "get_room",
    "get_schedule_block",
    "get_series",
    "get_time_off",
    "get_user",
    "get_veterinarian",
    "get_waitlist_entry",
    "hand_over_account",
    "hold_appointment",
    "invite_colleague",
    "invite_patient",
    "invite_user",
    "join_waitlist",
    "leave_waitlist",
    "list_addenda",
    "list_api_keys",
    "list_appointments",
    "list_clinics",
    "list_closures",
    "list_co_owners",
    "list_due_vaccinations",
    "list_emergency_accesses",
    "list_equipment",
    "list_impossible_appointments",
    "list_invitations",
    "list_memberships",
    "list_patients",
    "list_pets",
    "list_practitioners",
    "list_records",
    "list_reminders",
    "list_rooms",
    "list_schedule_blocks",
    "list_series",
    "list_sessions",
    "list_strayed_appointments",
    "list_time_off",
    "list_users",
    "list_veterinarians",
    "list_waitlist",
    "mark_appointment_no_show",
    "merge_pets",
    "move_appointment",
    "move_group_visit",
    "move_series",
    "offer_slot",
    "open_record",
    "operation",
    "plan_moves",
    "practitioner_day",
    "prescribe",
    "preview_change",
    "preview_series",
    "preview_series_move",
    "reactivate_user",
    "read_calendar",
    "read_in_emergency",
    "reading",
    "reanchor_appointments",
    "record_vaccination",
    "record_vitals",
    "record_weight",
    "redeem_invitation",
    "refresh_due_date",
    "register_patient",
    "reinstate_appointment",
    "reminder_failed",
    "reminder_sent",
    "restore_clinic",
    "restore_closure",
    "restore_equipment",
    "restore_membership",
    "restore_pet",
    "restore_room",
    "restore_schedule_block",
    "restore_time_off",
    "restore_user",
    "restore_veterinarian",
    "retire_pet",
    "revoke_api_key",
    "seal_earlier_records",
    "search_appointments",
    "search_clinics",
    "search_owners",
    "search_pets",
    "search_veterinarians",
    "share_pet",
    "shown",
    "shown_each",
    "sign_record",
    "start_appointment",
    "suspend_user",
    "swap_appointments",
    "transfer_pet",
    "unshare_pet",
    "update_appointment",
    "update_clinic",
    "update_closure",
    "update_equipment",
    "update_membership",
    "update_pet",
    "update_room",
    "update_schedule_block",
    "update_time_off",
    "update_user",
    "update_veterinarian",
    "update_waitlist_entry",
    "verify_records",
    "withdraw_invitation",
    "write_note",
]


def __getattr__(name: str) -> object:
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from importlib import import_module  # noqa: PLC0415 -- only when a name is asked for

    from vetcore.operations.homes import HOMES  # noqa: PLC0415

    if name == "OPERATIONS":
        for home in HOMES.values():
            import_module(f"{__name__}.{home}")
    value = getattr(import_module(f"{__name__}.{HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
