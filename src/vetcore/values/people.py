"""The roles of people on the platform, and the states of their accounts."""

from enum import StrEnum, unique

__all__ = ["Role", "UserStatus"]


@unique
class Role(StrEnum):
    """What a user is on the platform. A staff membership says what they are at a clinic."""

    PET_OWNER = "pet_owner"
    RECEPTIONIST = "receptionist"
    VETERINARY_TECHNICIAN = "veterinary_technician"
    GROOMER = "groomer"
    VETERINARIAN = "veterinarian"
    CLINIC_MANAGER = "clinic_manager"
    PLATFORM_ADMIN = "platform_admin"

    @property
    def is_staff(self) -> bool:
        """Whether a person with this role works at clinics."""
        return self not in {Role.PET_OWNER, Role.PLATFORM_ADMIN}


@unique
class UserStatus(StrEnum):
    """Whether an account may be used."""

    ACTIVE = "active"
    INVITED = "invited"
    SUSPENDED = "suspended"
    DELETED = "deleted"
    """The account was anonymised at the person's request. This is final."""
