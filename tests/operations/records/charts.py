"""Medical records to act on, and the acts."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from tests.medical.signed import read_back
from tests.operations.wards import Ward
from vetcore.models import MedicalRecord
from vetcore.operations import (
    add_addendum,
    add_diagnosis,
    open_record,
    prescribe,
    record_vitals,
    sign_record,
    write_note,
)
from vetcore.schemas import (
    MedicalRecordCreate,
    MedicalRecordSign,
)
from vetcore.values.medical import Allergy
from vetcore.values.visits import Diagnosis, Prescription, Vitals

FEVER = Vitals(temperature_c=Decimal("41.2"))
SPRAIN = Diagnosis(description="Sprain")
AMOXICILLIN = Prescription(drug="Amoxicillin", dose="50 mg", frequency="every 12 hours")
PENICILLIN = Allergy(substance="Penicillin")

ACTS: dict[str, tuple[Any, dict[str, Any]]] = {
    "write_note": (write_note, {"subjective": "Limps since Sunday"}),
    "record_vitals": (record_vitals, {"vitals": FEVER}),
    "add_diagnosis": (add_diagnosis, {"diagnosis": SPRAIN}),
    "prescribe": (prescribe, {"prescription": AMOXICILLIN}),
    "sign_record": (sign_record, {}),
    "add_addendum": (add_addendum, {"text": "X-ray: no fracture"}),
}
"""What is done with a record, beside opening one: the operation, and what its command says."""


def visit_command(made: Ward, **given: Any) -> MedicalRecordCreate:
    return MedicalRecordCreate(pet_id=made.pet.id, clinic_id=made.clinic.id, **given)


async def draft_record(made: Ward, **given: Any) -> MedicalRecord:
    values = {"chief_complaint": "Limps", "assessment": "Sprain"} | given
    opened: MedicalRecord = await made.act(
        "veterinarian", open_record, visit_command(made, **values)
    )
    return opened


async def signed_record(made: Ward, **given: Any) -> MedicalRecord:
    record = await draft_record(made, **given)
    signed: MedicalRecord = await made.act(
        "veterinarian", sign_record, MedicalRecordSign(id=record.id)
    )
    return signed


async def record_for(made: Ward, name: str) -> MedicalRecord:
    """A record to which that can be done: only what is signed is added to."""
    return await (signed_record(made) if name == "add_addendum" else draft_record(made))


def command_for(name: str, key: UUID, **given: Any) -> Any:
    operation, says = ACTS[name]
    return operation.command(id=key, **says | given)


async def stored_record(made: Ward, record: MedicalRecord) -> MedicalRecord:
    return await read_back(made.db, record)
