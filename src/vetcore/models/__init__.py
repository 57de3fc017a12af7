"""What is stored: one module an entity, one table a class."""

from vetcore.models.appointment import Appointment
from vetcore.models.base import Base, Entity
from vetcore.models.clinic import Clinic, ClinicClosure, Room
from vetcore.models.guards import guard_tables
from vetcore.models.membership import StaffMembership
from vetcore.models.pet import Pet, PetCoOwner
from vetcore.models.record import MedicalRecord
from vetcore.models.user import User
from vetcore.models.veterinarian import TimeOff, Veterinarian

__all__ = [
    "Appointment",
    "Base",
    "Clinic",
    "ClinicClosure",
    "Entity",
    "MedicalRecord",
    "Pet",
    "PetCoOwner",
    "Room",
    "StaffMembership",
    "TimeOff",
    "User",
    "Veterinarian",
]

guard_tables()
