"""What is known of a pet's health, what is due, and what was done at its visits."""

from vetcore.medical.history import (
    add_allergy,
    add_condition,
    add_medication,
    add_surgery,
    record_weight,
)
from vetcore.medical.merging import NotTheSameAnimal, merge_health, require_same_animal
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
from vetcore.medical.visits import (
    RecordLocked,
    add_addendum,
    add_diagnosis,
    open_visit,
    prescribe,
    record_vitals,
    sign_visit,
    signature_is_intact,
    write_note,
)

__all__ = [
    "DueVaccinations",
    "NotTheSameAnimal",
    "RecordLocked",
    "add_addendum",
    "add_allergy",
    "add_condition",
    "add_diagnosis",
    "add_medication",
    "add_surgery",
    "claim_reminders",
    "drop_reminders",
    "merge_health",
    "open_visit",
    "prescribe",
    "record_vaccination",
    "record_vitals",
    "record_weight",
    "refresh_due_date",
    "reminder_failed",
    "reminder_sent",
    "require_same_animal",
    "sign_visit",
    "signature_is_intact",
    "vaccinations_due",
    "write_note",
]
