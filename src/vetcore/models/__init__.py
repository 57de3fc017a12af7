"""The tables of the database: one module for each entity, one class for each table."""

from vetcore.models.account import (
    AccountLink,
    ApiKey,
    Passkey,
    SignInLimit,
    UserCredential,
    UserIdentity,
    UserSession,
)
from vetcore.models.appointment import Appointment
from vetcore.models.base import Base, Entity
from vetcore.models.block import ScheduleBlock
from vetcore.models.clinic import Clinic, ClinicClosure, Equipment, Room
from vetcore.models.command import CommandKey
from vetcore.models.delivery import WebhookDelivery
from vetcore.models.emergency import EmergencyAccess
from vetcore.models.guarding import guard_tables
from vetcore.models.invitation import Invitation
from vetcore.models.leaving import leave_nothing_behind
from vetcore.models.membership import StaffMembership
from vetcore.models.occupation import Occupation
from vetcore.models.patient import ClinicPatient
from vetcore.models.pet import Pet, PetCoOwner
from vetcore.models.record import MedicalRecord
from vetcore.models.reminder import VaccinationReminder
from vetcore.models.sealing import (
    RecordAddendum,
    RecordRelease,
    RecordReleaseEnd,
    RecordSeal,
    ReleasedRow,
)
from vetcore.models.series import AppointmentSeries
from vetcore.models.timetable import TimetableVersion
from vetcore.models.user import User
from vetcore.models.veterinarian import TimeOff, Veterinarian
from vetcore.models.waitlist import WaitlistEntry

__all__ = [
    "AccountLink",
    "ApiKey",
    "Appointment",
    "AppointmentSeries",
    "Base",
    "Clinic",
    "ClinicClosure",
    "ClinicPatient",
    "CommandKey",
    "EmergencyAccess",
    "Entity",
    "Equipment",
    "Invitation",
    "MedicalRecord",
    "Occupation",
    "Passkey",
    "Pet",
    "PetCoOwner",
    "RecordAddendum",
    "RecordRelease",
    "RecordReleaseEnd",
    "RecordSeal",
    "ReleasedRow",
    "Room",
    "ScheduleBlock",
    "SignInLimit",
    "StaffMembership",
    "TimeOff",
    "TimetableVersion",
    "User",
    "UserCredential",
    "UserIdentity",
    "UserSession",
    "VaccinationReminder",
    "Veterinarian",
    "WaitlistEntry",
    "WebhookDelivery",
]

guard_tables()
leave_nothing_behind()
