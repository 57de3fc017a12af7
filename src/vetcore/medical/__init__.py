"""What is known of a pet's health, what is due, and what was done at its visits.

The functions check no permission and notify nobody. Actors use :mod:`vetcore.operations`, which
calls these functions.
"""

from vetcore.errors import RecordLocked
from vetcore.medical.findings import ChainHead, Fault, Finding, Verification
from vetcore.medical.history import (
    Weighed,
    add_allergy,
    add_condition,
    add_medication,
    add_surgery,
    record_weight,
)
from vetcore.medical.merging import NotTheSameAnimal, merge_health, require_same_animal
from vetcore.medical.records import (
    Prescribed,
    VitalsRecorded,
    add_diagnosis,
    open_record,
    prescribe,
    record_vitals,
    write_note,
)
from vetcore.medical.releasing import ReleaseOpen, released
from vetcore.medical.reminders import (
    claim_reminders,
    drop_reminders,
    reminder_failed,
    reminder_sent,
)
from vetcore.medical.signing import (
    NotInPerson,
    add_addendum,
    seal_earlier,
    sign_record,
    signature_is_intact,
)
from vetcore.medical.vaccinations import (
    DueVaccinations,
    record_vaccination,
    refresh_due_date,
    vaccinations_due,
)
from vetcore.medical.verifying import verify_records
from vetcore.medical.visits import (
    AlreadyRecorded,
    DiedBefore,
    NotBornYet,
    OtherVeterinarian,
)
from vetcore.values.sealing import ReleaseReason

__all__ = [
    "AlreadyRecorded",
    "ChainHead",
    "DiedBefore",
    "DueVaccinations",
    "Fault",
    "Finding",
    "NotBornYet",
    "NotInPerson",
    "NotTheSameAnimal",
    "OtherVeterinarian",
    "Prescribed",
    "RecordLocked",
    "ReleaseOpen",
    "ReleaseReason",
    "Verification",
    "VitalsRecorded",
    "Weighed",
    "add_addendum",
    "add_allergy",
    "add_condition",
    "add_diagnosis",
    "add_medication",
    "add_surgery",
    "claim_reminders",
    "drop_reminders",
    "merge_health",
    "open_record",
    "prescribe",
    "record_vaccination",
    "record_vitals",
    "record_weight",
    "refresh_due_date",
    "released",
    "reminder_failed",
    "reminder_sent",
    "require_same_animal",
    "seal_earlier",
    "sign_record",
    "signature_is_intact",
    "vaccinations_due",
    "verify_records",
    "write_note",
]
