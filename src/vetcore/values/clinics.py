"""What a clinic is, what it offers, and on which terms people work there."""

from enum import StrEnum, unique

__all__ = [
    "ClinicKind",
    "ClinicStatus",
    "Employment",
    "LicenseStatus",
    "RoomKind",
    "ServiceType",
    "Specialty",
    "TimeOffKind",
]


@unique
class ClinicKind(StrEnum):
    """The kind of practice that a clinic is."""

    GENERAL_PRACTICE = "general_practice"
    EMERGENCY_HOSPITAL = "emergency_hospital"
    REFERRAL_HOSPITAL = "referral_hospital"
    TEACHING_HOSPITAL = "teaching_hospital"
    MOBILE_PRACTICE = "mobile_practice"
    SHELTER = "shelter"


@unique
class ClinicStatus(StrEnum):
    """Whether the clinic is in business. Its hours and closures say when it is open."""

    ACTIVE = "active"
    PENDING = "pending"
    SUSPENDED = "suspended"
    CLOSED = "closed"


@unique
class RoomKind(StrEnum):
    """What a room is equipped for."""

    CONSULTATION = "consultation"
    SURGERY = "surgery"
    DENTAL = "dental"
    IMAGING = "imaging"
    ISOLATION = "isolation"
    TREATMENT = "treatment"


@unique
class ServiceType(StrEnum):
    """A kind of service, by which reports group.

    Its value is also the usual code of such a service in a clinic's catalogue.
    """

    WELLNESS_EXAM = "wellness_exam"
    SICK_VISIT = "sick_visit"
    FOLLOW_UP = "follow_up"
    VACCINATION = "vaccination"
    MICROCHIPPING = "microchipping"
    DENTAL_CLEANING = "dental_cleaning"
    SURGERY = "surgery"
    SPAY_NEUTER = "spay_neuter"
    DIAGNOSTIC_IMAGING = "diagnostic_imaging"
    LABORATORY = "laboratory"
    EMERGENCY = "emergency"
    GROOMING = "grooming"
    BEHAVIOR_CONSULTATION = "behavior_consultation"
    TELEHEALTH = "telehealth"
    EUTHANASIA = "euthanasia"


@unique
class Specialty(StrEnum):
    """A field in which the American Board of Veterinary Specialties recognises specialists."""

    ANESTHESIA = "anesthesia"
    BEHAVIOR = "behavior"
    CARDIOLOGY = "cardiology"
    DENTISTRY = "dentistry"
    DERMATOLOGY = "dermatology"
    EMERGENCY_CRITICAL_CARE = "emergency_critical_care"
    EXOTIC_ANIMALS = "exotic_animals"
    INTERNAL_MEDICINE = "internal_medicine"
    LABORATORY_MEDICINE = "laboratory_medicine"
    NEUROLOGY = "neurology"
    NUTRITION = "nutrition"
    ONCOLOGY = "oncology"
    OPHTHALMOLOGY = "ophthalmology"
    PATHOLOGY = "pathology"
    PREVENTIVE_MEDICINE = "preventive_medicine"
    RADIOLOGY = "radiology"
    REHABILITATION = "rehabilitation"
    SURGERY = "surgery"
    THERIOGENOLOGY = "theriogenology"
    ZOOLOGICAL_MEDICINE = "zoological_medicine"


@unique
class LicenseStatus(StrEnum):
    """What the licensing board says of a licence. Its expiry date is a field of its own."""

    ACTIVE = "active"
    PENDING = "pending"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    RETIRED = "retired"


@unique
class Employment(StrEnum):
    """The terms on which somebody works at a clinic."""

    FULL_TIME = "full_time"
    PART_TIME = "part_time"
    LOCUM = "locum"
    CONTRACTOR = "contractor"
    VOLUNTEER = "volunteer"


@unique
class TimeOffKind(StrEnum):
    """Why a veterinarian is away."""

    VACATION = "vacation"
    SICK_LEAVE = "sick_leave"
    TRAINING = "training"
    PARENTAL_LEAVE = "parental_leave"
    OTHER = "other"
