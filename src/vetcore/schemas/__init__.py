"""What may come in and go out: Create, Update, Response and Summary for each entity.

The plain ``Response`` is the one with the least in it; ``StaffResponse`` and ``AdminResponse`` add
what only they may see. Each schema's docstring says whom it is for. Modules load when a name of
theirs is first used.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vetcore.schemas.appointment import (
        AppointmentAdminResponse,
        AppointmentCreate,
        AppointmentHoldCreate,
        AppointmentResponse,
        AppointmentStaffResponse,
        AppointmentStaffUpdate,
        AppointmentSummary,
        AppointmentUpdate,
    )
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
        WaitlistEntryAdminResponse,
        WaitlistEntryCreate,
        WaitlistEntryResponse,
        WaitlistEntryStaffResponse,
        WaitlistEntryStaffUpdate,
        WaitlistEntrySummary,
        WaitlistEntryUpdate,
    )

__all__ = [
    "AppointmentAdminResponse",
    "AppointmentCreate",
    "AppointmentHoldCreate",
    "AppointmentResponse",
    "AppointmentStaffResponse",
    "AppointmentStaffUpdate",
    "AppointmentSummary",
    "AppointmentUpdate",
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
    "MedicalRecordAdminResponse",
    "MedicalRecordCreate",
    "MedicalRecordResponse",
    "MedicalRecordStaffResponse",
    "MedicalRecordSummary",
    "MedicalRecordUpdate",
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
    "WaitlistEntryStaffUpdate",
    "WaitlistEntrySummary",
    "WaitlistEntryUpdate",
]

_HOMES = {
    "Appointment": "appointment",
    "Clinic": "clinic",
    "MedicalRecord": "record",
    "Pet": "pet",
    "Room": "clinic",
    "StaffMembership": "membership",
    "TimeOff": "veterinarian",
    "User": "user",
    "Veterinarian": "veterinarian",
    "WaitlistEntry": "waitlist",
}
"""The module of each entity's schemas, by how their names begin."""


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
