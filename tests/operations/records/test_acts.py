"""Medical records by those who may: opened, written, signed and added to; by others, never."""

from datetime import timedelta
from typing import Any

import pytest

from tests.examples import appointment, pet
from tests.operations.records.charts import (
    ACTS,
    AMOXICILLIN,
    FEVER,
    PENICILLIN,
    SPRAIN,
    command_for,
    draft_record,
    record_for,
    signed_record,
    stored_record,
    visit_command,
)
from tests.operations.wards import EVERYBODY, NOON, Ward
from vetcore.errors import (
    InvalidValue,
    NotFound,
    PermissionDenied,
)
from vetcore.medical import NotInPerson, RecordLocked, signature_is_intact
from vetcore.models import Veterinarian
from vetcore.operations import (
    add_addendum,
    add_diagnosis,
    get_record,
    list_addenda,
    list_records,
    open_record,
    prescribe,
    record_vitals,
    sign_record,
    write_note,
)
from vetcore.schemas import (
    ById,
    MedicalRecordAddendum,
    MedicalRecordCreate,
    MedicalRecordDiagnosis,
    MedicalRecordPrescription,
    MedicalRecordQuery,
    MedicalRecordSign,
    MedicalRecordStaffResponse,
    MedicalRecordUpdate,
    MedicalRecordVitals,
    RecordAddendumResponse,
)

WRITERS = {"technician", "veterinarian", "system"}
PRESCRIBERS = {"veterinarian", "system"}

READERS = {"technician", "veterinarian", "manager", "admin", "system"}
"""Who sees a draft; from its signature on, the owner as well."""

MAY = {
    "write_note": WRITERS,
    "record_vitals": WRITERS,
    "add_diagnosis": WRITERS,
    "prescribe": PRESCRIBERS,
    "sign_record": {"veterinarian"},
    "add_addendum": {"technician", "veterinarian"},
}
"""Who may; what is signed or added is so in person, which the system is not."""


async def test_a_veterinarian_takes_a_record_from_its_beginning_to_its_addenda(made: Ward) -> None:
    vet = made.people["veterinarian"]
    record = await made.act(
        "veterinarian", open_record, visit_command(made, chief_complaint="Limps")
    )
    assert (record.veterinarian_id, record.visited_at) == (made.vet.id, NOON)
    key = record.id
    await made.act("veterinarian", write_note, MedicalRecordUpdate(id=key, assessment="Sprain"))
    _, (warning,) = await made.act(
        "veterinarian", record_vitals, MedicalRecordVitals(id=key, vitals=FEVER)
    )
    assert warning.measure == "temperature_c"
    await made.act("veterinarian", add_diagnosis, MedicalRecordDiagnosis(id=key, diagnosis=SPRAIN))
    prescribed = await made.act(
        "veterinarian", prescribe, MedicalRecordPrescription(id=key, prescription=AMOXICILLIN)
    )
    assert prescribed.conflicts == (PENICILLIN,)
    await made.act("veterinarian", sign_record, MedicalRecordSign(id=key))
    await made.act(
        "veterinarian", add_addendum, MedicalRecordAddendum(id=key, text="Owner informed")
    )
    kept = await stored_record(made, record)
    assert (kept.vitals, kept.diagnoses, kept.prescriptions) == (FEVER, (SPRAIN,), (AMOXICILLIN,))
    assert (kept.signed_by_id, kept.signed_at) == (made.vet.id, NOON)
    assert [(each.text, each.author_id) for each in kept.addenda] == [("Owner informed", vet)]
    assert (kept.created_by_id, kept.updated_by_id) == (vet, vet)
    assert signature_is_intact(kept, made.db.keys)


async def test_a_technician_writes_for_a_veterinarian_whom_they_name(made: Ward) -> None:
    with pytest.raises(InvalidValue, match="practitioner_id: is no veterinarian"):
        await made.act("technician", open_record, visit_command(made))
    visit = visit_command(made, practitioner_id=made.people["veterinarian"])
    record = await made.act("technician", open_record, visit)
    assert (record.veterinarian_id, record.created_by_id) == (
        made.vet.id,
        made.people["technician"],
    )
    note = MedicalRecordUpdate(id=record.id, subjective="Eats well", assessment="Sprain")
    await made.act("technician", write_note, note)
    await made.act("veterinarian", sign_record, MedicalRecordSign(id=record.id))
    added = await made.act(
        "technician", add_addendum, MedicalRecordAddendum(id=record.id, text="Called")
    )
    assert added.addenda[0].author_id == made.people["technician"]


async def test_only_those_who_treat_there_open_a_record(made: Ward) -> None:
    visit = visit_command(made, practitioner_id=made.people["veterinarian"])
    found = {
        who: await made.refusal(who, open_record, visit, key=f"open by {who}") for who in EVERYBODY
    }
    assert {who for who, code in found.items() if code is None} == WRITERS
    assert {who for who, code in found.items() if code == "permission_denied"} == {
        "owner",
        "receptionist",
        "manager",
        "admin",
    }
    # To the others the pet is not there at all.
    assert {code for code in found.values() if code} == {"permission_denied", "not_found"}


@pytest.mark.parametrize("name", ACTS)
async def test_only_those_who_may_act_on_a_record(made: Ward, name: str) -> None:
    operation, _ = ACTS[name]
    readers = READERS | {"owner"} if name == "add_addendum" else READERS
    found = {}
    for who in EVERYBODY:
        record = await record_for(made, name)
        command = command_for(name, record.id)
        found[who] = await made.refusal(who, operation, command, key=f"{name} by {who}")
    in_person = name in {"sign_record", "add_addendum"}
    denied = {"system": "not_in_person"} if in_person else {}
    assert found == {
        who: None
        if who in MAY[name]
        else denied.get(who, "permission_denied" if who in readers else "not_found")
        for who in EVERYBODY
    }


async def test_a_draft_is_its_clinics_and_the_owner_reads_what_is_signed(made: Ward) -> None:
    draft, signed = await draft_record(made), await signed_record(made)
    for who in EVERYBODY:
        listed = await made.ask(who, list_records, MedicalRecordQuery(pet_id=made.pet.id))
        seen = set()
        for record in (draft, signed):
            try:
                found = await made.ask(who, get_record, ById(id=record.id))
            except NotFound:
                continue
            seen.add(found.id)
        expected = {draft.id, signed.id} if who in READERS else set()
        expected |= {signed.id} if who == "owner" else set()
        assert seen == {each.id for each in listed} == expected, who


async def test_nobody_signs_or_writes_but_in_person(made: Ward) -> None:
    draft, signed = await draft_record(made), await signed_record(made)
    with pytest.raises(InvalidValue, match="practitioner_id: is missing"):
        await made.act("system", open_record, visit_command(made))
    for operation, command in (
        (sign_record, MedicalRecordSign(id=draft.id)),
        (add_addendum, MedicalRecordAddendum(id=signed.id, text="x")),
    ):
        with pytest.raises(NotInPerson, match=r"Acting\(user_id\)"):
            await made.act("system", operation, command)
        support = made.people["admin"]
        with pytest.raises(NotInPerson, match=str(support)):
            await made.act("veterinarian", operation, command, impersonator=support)
    in_person = await made.act("veterinarian", sign_record, MedicalRecordSign(id=draft.id))
    assert in_person.signed_by_user_id == made.people["veterinarian"]


async def test_what_is_returned_can_be_shown_with_its_addenda(made: Ward) -> None:
    record = await draft_record(made)
    assert record.addenda == []
    key = record.id
    await made.act("veterinarian", sign_record, MedicalRecordSign(id=key), key="s")
    again = await made.act("veterinarian", sign_record, MedicalRecordSign(id=key), key="s")
    assert MedicalRecordStaffResponse.model_validate(again).signature == again.signature
    added = MedicalRecordAddendum(id=key, text="Called")
    await made.act("veterinarian", add_addendum, added, key="a")
    for found in (
        await made.act("veterinarian", add_addendum, added, key="a"),
        await made.ask("owner", get_record, ById(id=key)),
        (await made.ask("owner", list_records, MedicalRecordQuery(pet_id=made.pet.id))).items[0],
    ):
        shown = [RecordAddendumResponse.model_validate(each) for each in found.addenda]
        assert [(each.number, each.text) for each in shown] == [(1, "Called")]
    listed = await made.ask("owner", list_addenda, ById(id=key))
    assert [each.text for each in listed] == ["Called"]


async def test_what_a_technician_writes_prescribes_nothing(made: Ward) -> None:
    record = await draft_record(made)
    given = {"practitioner_id": made.people["veterinarian"], "prescriptions": (AMOXICILLIN,)}
    changed = MedicalRecordUpdate(id=record.id, prescriptions=(AMOXICILLIN,))
    for operation, command in ((open_record, visit_command(made, **given)), (write_note, changed)):
        with pytest.raises(PermissionDenied) as caught:
            await made.act("technician", operation, command)
        assert caught.value.details["permission"] == "record:prescribe"
        await made.act("veterinarian", operation, command)
    taken_back = MedicalRecordUpdate(id=record.id, prescriptions=())
    assert await made.refusal("technician", write_note, taken_back) == "permission_denied"


@pytest.mark.parametrize("name", [name for name in ACTS if name != "add_addendum"])
async def test_what_is_signed_is_locked_for_whoever_acts(made: Ward, name: str) -> None:
    record = await signed_record(made)
    for who in MAY[name]:
        command = command_for(name, record.id)
        assert await made.refusal(who, ACTS[name][0], command, key=who) == RecordLocked.code


async def test_a_record_that_is_not_signed_takes_no_addendum(made: Ward) -> None:
    record = await draft_record(made)
    command = MedicalRecordAddendum(id=record.id, text="Too early")
    assert await made.refusal("veterinarian", add_addendum, command) == "invalid_value"


@pytest.mark.parametrize("given", [{"license_expires_on": NOON.date() - timedelta(days=1)}, {}])
async def test_a_signature_needs_a_good_licence_and_an_assessment(
    made: Ward, given: dict[str, Any]
) -> None:
    record = await draft_record(made, assessment="Sprain" if given else None)
    async with made.db.transaction() as session:
        vet = await session.get_one(Veterinarian, made.vet.id)
        for name, value in given.items():
            setattr(vet, name, value)
    command = MedicalRecordSign(id=record.id)
    assert await made.refusal("veterinarian", sign_record, command) == "invalid_value"


async def test_a_record_is_opened_for_a_patient_and_its_own_appointment_only(made: Ward) -> None:
    stray = pet()
    async with made.db.transaction() as session:
        session.add(stray)
        await session.flush()
        own = appointment(made.clinic, made.vet, made.pet)
        session.add_all(
            [own, foreign := appointment(made.clinic, made.vet, stray, NOON + timedelta(hours=3))]
        )
    unknown = pet()
    for command in (
        visit_command(made, appointment_id=foreign.id),
        MedicalRecordCreate(pet_id=unknown.id, clinic_id=made.clinic.id),
    ):
        assert await made.refusal("veterinarian", open_record, command) == "not_found"
    record = await made.act("veterinarian", open_record, visit_command(made, appointment_id=own.id))
    assert record.appointment_id == own.id
