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
    from vetcore.schemas.base import ById, ListQuery, OfClinic, SearchQuery, Upkeep
    from vetcore.schemas.clinic import (
        ClinicAdminResponse,
        ClinicClosureCreate,
        ClinicClosureQuery,
        ClinicClosureResponse,
        ClinicClosureSummary,
        ClinicClosureUpdate,
        ClinicCreate,
        ClinicQuery,
        ClinicResponse,
        ClinicStaffResponse,
        ClinicSummary,
        ClinicUpdate,
        NearbyQuery,
        OpenQuery,
        RoomCreate,
        RoomQuery,
        RoomResponse,
        RoomSummary,
        RoomUpdate,
    )
    from vetcore.schemas.membership import (
        StaffMembershipCreate,
        StaffMembershipEnd,
        StaffMembershipQuery,
        StaffMembershipResponse,
        StaffMembershipStaffResponse,
        StaffMembershipSummary,
        StaffMembershipUpdate,
    )
    from vetcore.schemas.pet import (
        PetAdminResponse,
        PetCreate,
        PetMerge,
        PetQuery,
        PetResponse,
        PetRetire,
        PetSearch,
        PetShare,
        PetStaffResponse,
        PetSummary,
        PetTransfer,
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
        UserAdminResponse,
        UserCreate,
        UserQuery,
        UserResponse,
        UserSearch,
        UserSummary,
        UserUpdate,
    )
    from vetcore.schemas.veterinarian import (
        TimeOffCreate,
        TimeOffQuery,
        TimeOffResponse,
        TimeOffStaffResponse,
        TimeOffSummary,
        TimeOffUpdate,
        VeterinarianAdminResponse,
        VeterinarianCreate,
        VeterinarianQuery,
        VeterinarianResponse,
        VeterinarianSearch,
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
    "ClinicClosureQuery",
    "ClinicClosureResponse",
    "ClinicClosureSummary",
    "ClinicClosureUpdate",
    "ClinicCreate",
    "ClinicQuery",
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
    "NearbyQuery",
    "NextSlotQuery",
    "OfClinic",
    "OpenQuery",
    "PetAdminResponse",
    "PetCreate",
    "PetMerge",
    "PetQuery",
    "PetResponse",
    "PetRetire",
    "PetSearch",
    "PetShare",
    "PetStaffResponse",
    "PetSummary",
    "PetTransfer",
    "PetUpdate",
    "RoomCreate",
    "RoomQuery",
    "RoomResponse",
    "RoomSummary",
    "RoomUpdate",
    "SearchQuery",
    "SeriesCancel",
    "SeriesCreate",
    "SlotOffer",
    "SlotQuery",
    "StaffMembershipCreate",
    "StaffMembershipEnd",
    "StaffMembershipQuery",
    "StaffMembershipResponse",
    "StaffMembershipStaffResponse",
    "StaffMembershipSummary",
    "StaffMembershipUpdate",
    "TimeOffCreate",
    "TimeOffQuery",
    "TimeOffResponse",
    "TimeOffStaffResponse",
    "TimeOffSummary",
    "TimeOffUpdate",
    "Upkeep",
    "UserAdminResponse",
    "UserCreate",
    "UserQuery",
    "UserResponse",
    "UserSearch",
    "UserSummary",
    "UserUpdate",
    "VeterinarianAdminResponse",
    "VeterinarianCreate",
    "VeterinarianQuery",
    "VeterinarianResponse",
    "VeterinarianSearch",
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


def __getattr__(name: str) -> object:
    if name not in __all__:
        message = f"module 'vetcore.schemas' has no attribute {name!r}"
        raise AttributeError(message)
    from importlib import import_module  # noqa: PLC0415 -- only when a name is asked for

    from vetcore.schemas.homes import HOMES  # noqa: PLC0415

    value = getattr(import_module(f"vetcore.schemas.{HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
