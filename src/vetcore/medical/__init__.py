"""What is known of a pet's health, what is due, and what was done at its visits.

The functions check no permission and notify nobody. Actors use :mod:`vetcore.operations`, which
calls these functions.
"""

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
    RecordLocked,
    VitalsRecorded,
    add_addendum,
    add_diagnosis,
    open_record,
    prescribe,
    record_vitals,
    sign_record,
    signature_is_intact,
    write_note,
)
from vetcore.medical.reminders import (
    claim_reminders,
    drop_reminders,
    reminder_failed,
    reminder_sent,
)
from vetcore.medical.vaccinations import (
    DueVaccinations,
    record_vaccination,
    refresh_due_date,
    vaccinations_due,
)

__all__ = [
    "DueVaccinations",
    "NotTheSameAnimal",
    "Prescribed",
    "RecordLocked",
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
    "reminder_failed",
    "reminder_sent",
    "require_same_animal",
    "sign_record",
    "signature_is_intact",
    "vaccinations_due",
    "write_note",
]
