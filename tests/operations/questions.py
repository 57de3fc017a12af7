"""For each list and search, a question, a row of the world that it finds, and whose that is."""

from collections.abc import Mapping
from typing import Final

from tests.operations.cases import INVITED, NOBODY, OWNERS, THEMSELVES, THEN, VETERINARIAN
from vetcore import schemas
from vetcore.schemas.base import Schema

LISTS: Final[Mapping[str, tuple[Schema, str, frozenset[str]]]] = {
    "list_appointments": (schemas.AppointmentQuery(), "appointments", OWNERS),
    "search_appointments": (schemas.AppointmentSearch(), "appointments", OWNERS),
    "list_series": (schemas.AppointmentSeriesQuery(), "appointment_series", OWNERS),
    "list_waitlist": (schemas.WaitlistQuery(), "waitlist_entries", OWNERS),
    "list_pets": (schemas.PetQuery(), "pets", OWNERS),
    "search_pets": (schemas.PetSearch(text="Rex"), "pets", OWNERS),
    "list_due_vaccinations": (schemas.DueQuery(until=THEN.date()), "pets", OWNERS),
    "list_records": (schemas.MedicalRecordQuery(), "medical_records", OWNERS),
    "list_patients": (schemas.ClinicPatientQuery(), "clinic_patients", OWNERS),
    "list_emergency_accesses": (
        schemas.EmergencyAccessQuery(),
        "emergency_accesses",
        OWNERS,
    ),
    "list_invitations": (schemas.InvitationQuery(), "invitations", INVITED | OWNERS),
    "list_reminders": (schemas.ReminderQuery(), "vaccination_reminders", OWNERS),
    "list_users": (schemas.UserQuery(), "users", THEMSELVES),
    "search_owners": (schemas.UserSearch(text="Silva"), "users", THEMSELVES),
    "list_clinics": (schemas.ClinicQuery(), "clinics", NOBODY),
    "search_clinics": (schemas.ClinicSearch(text="Here"), "clinics", NOBODY),
    "list_rooms": (schemas.RoomQuery(), "rooms", NOBODY),
    "list_equipment": (schemas.EquipmentQuery(), "equipment", NOBODY),
    "list_closures": (schemas.ClinicClosureQuery(), "clinic_closures", NOBODY),
    "list_schedule_blocks": (schemas.ScheduleBlockQuery(), "schedule_blocks", VETERINARIAN),
    "list_memberships": (schemas.StaffMembershipQuery(), "staff_memberships", VETERINARIAN),
    "list_veterinarians": (schemas.VeterinarianQuery(), "veterinarians", VETERINARIAN),
    "search_veterinarians": (
        schemas.VeterinarianSearch(text="Silva"),
        "veterinarians",
        VETERINARIAN,
    ),
    "list_time_off": (schemas.TimeOffQuery(), "time_off", VETERINARIAN),
}
"""The question of each list, a row that it finds, and whose that is."""
