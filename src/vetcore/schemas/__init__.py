"""What may come in and go out: Create, Update, Response and Summary for each entity.

The plain ``Response`` is the one with the least in it; ``StaffResponse`` and ``AdminResponse`` add
what only they may see. Each schema's docstring says whom it is for. Modules load when a name of
theirs is first used.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vetcore.schemas.appointment import (
        AppointmentAct,
        AppointmentAdminResponse,
        AppointmentCancel,
        AppointmentCreate,
        AppointmentHoldCreate,
        AppointmentMove,
        AppointmentQuery,
        AppointmentResponse,
        AppointmentSearch,
        AppointmentStaffResponse,
        AppointmentSummary,
        AppointmentUpdate,
        CalendarQuery,
        DayQuery,
        ImpossibleQuery,
        NextSlotQuery,
        SeriesCancel,
        SeriesCreate,
        SlotQuery,
    )
    from vetcore.schemas.base import ById, ListQuery, OfClinic, Upkeep
    from vetcore.schemas.clinic import (
        ClinicAdminResponse,
        ClinicClosureCreate,
        ClinicClosureResponse,
        ClinicClosureSummary,
        ClinicClosureUpdate,
        ClinicCreate,
        ClinicResponse,
        ClinicStaffResponse,
        ClinicSummary,
        ClinicUpdate,
        RoomCreate,
        RoomResponse,
        RoomSummary,
        RoomUpdate,
    )
    from vetcore.schemas.membership import (
        StaffMembershipCreate,
        StaffMembershipResponse,
        StaffMembershipStaffResponse,
        StaffMembershipSummary,
        StaffMembershipUpdate,
    )
    from vetcore.schemas.pet import (
        PetAdminResponse,
        PetCreate,
        PetResponse,
        PetStaffResponse,
        PetSummary,
        PetUpdate,
    )
    from vetcore.schemas.record import (
        MedicalRecordAdminResponse,
        MedicalRecordCreate,
        MedicalRecordResponse,
        MedicalRecordStaffResponse,
        MedicalRecordSummary,
        MedicalRecordUpdate,
    )
    from vetcore.schemas.user import (
        UserAdminCreate,
        UserAdminResponse,
        UserAdminUpdate,
        UserCreate,
        UserResponse,
        UserSummary,
        UserUpdate,
    )
    from vetcore.schemas.veterinarian import (
        TimeOffCreate,
        TimeOffResponse,
        TimeOffStaffResponse,
        TimeOffSummary,
        TimeOffUpdate,
        VeterinarianAdminResponse,
        VeterinarianAdminUpdate,
        VeterinarianCreate,
        VeterinarianResponse,
        VeterinarianStaffResponse,
        VeterinarianSummary,
        VeterinarianUpdate,
    )
    from vetcore.schemas.waitlist import (
        SlotOffer,
        WaitlistEntryAdminResponse,
        WaitlistEntryCreate,
        WaitlistEntryResponse,
        WaitlistEntryStaffResponse,
        WaitlistEntrySummary,
        WaitlistEntryUpdate,
        WaitlistQuery,
    )

__all__ = [
    "AppointmentAct",
    "AppointmentAdminResponse",
    "AppointmentCancel",
    "AppointmentCreate",
    "AppointmentHoldCreate",
    "AppointmentMove",
    "AppointmentQuery",
    "AppointmentResponse",
    "AppointmentSearch",
    "AppointmentStaffResponse",
    "AppointmentSummary",
    "AppointmentUpdate",
    "ById",
    "CalendarQuery",
    "ClinicAdminResponse",
    "ClinicClosureCreate",
    "ClinicClosureResponse",
    "ClinicClosureSummary",
    "ClinicClosureUpdate",
    "ClinicCreate",
    "ClinicResponse",
    "ClinicStaffResponse",
    "ClinicSummary",
    "ClinicUpdate",
    "DayQuery",
    "ImpossibleQuery",
    "ListQuery",
    "MedicalRecordAdminResponse",
    "MedicalRecordCreate",
    "MedicalRecordResponse",
    "MedicalRecordStaffResponse",
    "MedicalRecordSummary",
    "MedicalRecordUpdate",
    "NextSlotQuery",
    "OfClinic",
    "PetAdminResponse",
    "PetCreate",
    "PetResponse",
    "PetStaffResponse",
    "PetSummary",
    "PetUpdate",
    "RoomCreate",
    "RoomResponse",
    "RoomSummary",
    "RoomUpdate",
    "SeriesCancel",
    "SeriesCreate",
    "SlotOffer",
    "SlotQuery",
    "StaffMembershipCreate",
    "StaffMembershipResponse",
    "StaffMembershipStaffResponse",
    "StaffMembershipSummary",
    "StaffMembershipUpdate",
    "TimeOffCreate",
    "TimeOffResponse",
    "TimeOffStaffResponse",
    "TimeOffSummary",
    "TimeOffUpdate",
    "Upkeep",
    "UserAdminCreate",
    "UserAdminResponse",
    "UserAdminUpdate",
    "UserCreate",
    "UserResponse",
    "UserSummary",
    "UserUpdate",
    "VeterinarianAdminResponse",
    "VeterinarianAdminUpdate",
    "VeterinarianCreate",
    "VeterinarianResponse",
    "VeterinarianStaffResponse",
    "VeterinarianSummary",
    "VeterinarianUpdate",
    "WaitlistEntryAdminResponse",
    "WaitlistEntryCreate",
    "WaitlistEntryResponse",
    "WaitlistEntryStaffResponse",
    "WaitlistEntrySummary",
    "WaitlistEntryUpdate",
    "WaitlistQuery",
]

_HOMES = {
    "Appointment": "appointment",
    "ById": "base",
    "CalendarQuery": "appointment",
    "Clinic": "clinic",
    "DayQuery": "appointment",
    "ImpossibleQuery": "appointment",
    "ListQuery": "base",
    "MedicalRecord": "record",
    "NextSlotQuery": "appointment",
    "OfClinic": "base",
    "Pet": "pet",
    "Room": "clinic",
    "Series": "appointment",
    "SlotOffer": "waitlist",
    "SlotQuery": "appointment",
    "StaffMembership": "membership",
    "TimeOff": "veterinarian",
    "Upkeep": "base",
    "User": "user",
    "Veterinarian": "veterinarian",
    "Waitlist": "waitlist",
}
"""The module of each schema, by how its name begins."""


def __getattr__(name: str) -> object:
    if name not in __all__:
        message = f"module 'vetcore.schemas' has no attribute {name!r}"
        raise AttributeError(message)
    from importlib import import_module  # noqa: PLC0415 -- only when a name is asked for

    home = next(home for entity, home in _HOMES.items() if name.startswith(entity))
    value = getattr(import_module(f"vetcore.schemas.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
