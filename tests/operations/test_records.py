"""Medical records by those who may: opened, written, signed and added to; by others, never."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, func, select

from tests.examples import appointment, pet
from tests.medical.signed import read_back
from tests.operations.wards import EVERYBODY, NOON, Ward, ward
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import (
    ConcurrentUpdate,
    InvalidValue,
    KeyReused,
    NotFound,
    PermissionDenied,
)
from vetcore.medical import NotInPerson, RecordLocked, signature_is_intact
from vetcore.models import CommandKey, MedicalRecord, StaffMembership, Veterinarian
from vetcore.operations import (
    add_addendum,
    add_diagnosis,
    get_record,
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
    MedicalRecordResponse,
    MedicalRecordSign,
    MedicalRecordStaffResponse,
    MedicalRecordUpdate,
    MedicalRecordVitals,
)
from vetcore.values.medical import Allergy, MedicalHistory
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


@pytest.fixture(autouse=True)
def _on_a_monday() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


@pytest.fixture
async def made(db: Database) -> Ward:
    return await ward(db, medical_history=MedicalHistory(allergies=(PENICILLIN,)))


def _visit(made: Ward, **given: Any) -> MedicalRecordCreate:
    return MedicalRecordCreate(pet_id=made.pet.id, clinic_id=made.clinic.id, **given)


async def _draft(made: Ward, **given: Any) -> MedicalRecord:
    values = {"chief_complaint": "Limps", "assessment": "Sprain"} | given
    opened: MedicalRecord = await made.act("veterinarian", open_record, _visit(made, **values))
    return opened


async def _signed(made: Ward, **given: Any) -> MedicalRecord:
    record = await _draft(made, **given)
    signed: MedicalRecord = await made.act(
        "veterinarian", sign_record, MedicalRecordSign(id=record.id)
    )
    return signed


async def _of(made: Ward, name: str) -> MedicalRecord:
    """A record to which that can be done: only what is signed is added to."""
    return await (_signed(made) if name == "add_addendum" else _draft(made))


def _command(made: Ward, name: str, key: UUID, **given: Any) -> Any:
    operation, says = ACTS[name]
    return operation.command(id=key, **says | given)


async def _stored(made: Ward, record: MedicalRecord) -> MedicalRecord:
    return await read_back(made.db, record)


async def test_a_veterinarian_takes_a_record_from_its_beginning_to_its_addenda(made: Ward) -> None:
    vet = made.people["veterinarian"]
    record = await made.act("veterinarian", open_record, _visit(made, chief_complaint="Limps"))
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
    kept = await _stored(made, record)
    assert (kept.vitals, kept.diagnoses, kept.prescriptions) == (FEVER, (SPRAIN,), (AMOXICILLIN,))
    assert (kept.signed_by_id, kept.signed_at) == (made.vet.id, NOON)
    assert [(each.text, each.author_id) for each in kept.addenda] == [("Owner informed", vet)]
    assert (kept.created_by_id, kept.updated_by_id) == (vet, vet)
    assert signature_is_intact(kept, made.db.keys)


async def test_a_technician_writes_for_a_veterinarian_whom_they_name(made: Ward) -> None:
    with pytest.raises(InvalidValue, match="performer_id: is no veterinarian"):
        await made.act("technician", open_record, _visit(made))
    visit = _visit(made, performer_id=made.people["veterinarian"])
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
    visit = _visit(made, performer_id=made.people["veterinarian"])
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
        record = await _of(made, name)
        command = _command(made, name, record.id)
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
    draft, signed = await _draft(made), await _signed(made)
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
    draft, signed = await _draft(made), await _signed(made)
    with pytest.raises(InvalidValue, match="performer_id: is missing"):
        await made.act("system", open_record, _visit(made))
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
    record = await _draft(made)
    shown = MedicalRecordStaffResponse.model_validate(record)
    assert shown.addenda == ()
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
        response = MedicalRecordResponse.model_validate(found)
        assert [(each.number, each.text) for each in response.addenda] == [(1, "Called")]


async def test_what_a_technician_writes_prescribes_nothing(made: Ward) -> None:
    record = await _draft(made)
    given = {"performer_id": made.people["veterinarian"], "prescriptions": (AMOXICILLIN,)}
    changed = MedicalRecordUpdate(id=record.id, prescriptions=(AMOXICILLIN,))
    for operation, command in ((open_record, _visit(made, **given)), (write_note, changed)):
        with pytest.raises(PermissionDenied) as caught:
            await made.act("technician", operation, command)
        assert caught.value.details["permission"] == "record:prescribe"
        await made.act("veterinarian", operation, command)
    taken_back = MedicalRecordUpdate(id=record.id, prescriptions=())
    assert await made.refusal("technician", write_note, taken_back) == "permission_denied"


@pytest.mark.parametrize("name", [name for name in ACTS if name != "add_addendum"])
async def test_what_is_signed_is_locked_for_whoever_acts(made: Ward, name: str) -> None:
    record = await _signed(made)
    for who in MAY[name]:
        command = _command(made, name, record.id)
        assert await made.refusal(who, ACTS[name][0], command, key=who) == RecordLocked.code


async def test_a_record_that_is_not_signed_takes_no_addendum(made: Ward) -> None:
    record = await _draft(made)
    command = MedicalRecordAddendum(id=record.id, text="Too early")
    assert await made.refusal("veterinarian", add_addendum, command) == "invalid_value"


@pytest.mark.parametrize("given", [{"license_expires_on": NOON.date() - timedelta(days=1)}, {}])
async def test_a_signature_needs_a_good_licence_and_an_assessment(
    made: Ward, given: dict[str, Any]
) -> None:
    record = await _draft(made, assessment="Sprain" if given else None)
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
        _visit(made, appointment_id=foreign.id),
        MedicalRecordCreate(pet_id=unknown.id, clinic_id=made.clinic.id),
    ):
        assert await made.refusal("veterinarian", open_record, command) == "not_found"
    record = await made.act("veterinarian", open_record, _visit(made, appointment_id=own.id))
    assert record.appointment_id == own.id


# Versions ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ACTS)
async def test_an_act_that_was_decided_for_another_version_is_refused(
    made: Ward, name: str
) -> None:
    record = await _of(made, name)
    operation, _ = ACTS[name]
    stale = _command(made, name, record.id, version=record.version + 1)
    code = await made.refusal("veterinarian", operation, stale, key="k")
    assert code == ConcurrentUpdate.code
    await made.act(
        "veterinarian", operation, _command(made, name, record.id, version=record.version)
    )
    assert (await _stored(made, record)).version == record.version + 1


async def test_a_change_without_a_row_is_refused(made: Ward) -> None:
    command = MedicalRecordUpdate(plan="Rest")
    assert await made.refusal("veterinarian", write_note, command) == "invalid_value"


# Keys --------------------------------------------------------------------------------------------


async def _records(made: Ward) -> int:
    async with made.db.session() as session:
        return int(await session.scalar(select(func.count()).select_from(MedicalRecord)) or 0)


async def test_a_key_opens_one_record(made: Ward) -> None:
    visit = _visit(made, chief_complaint="Limps")
    first = await made.act("veterinarian", open_record, visit, key="k")
    again = await made.act("veterinarian", open_record, visit, key="k")
    assert again.id == first.id
    with pytest.raises(KeyReused):
        await made.act("veterinarian", open_record, _visit(made), key="k")
    theirs = await made.act(
        "technician",
        open_record,
        _visit(made, performer_id=made.people["veterinarian"]),
        key="k",
    )
    assert theirs.id != first.id
    assert await _records(made) == 2


async def test_of_two_at_once_with_one_key_one_opens_the_record(made: Ward) -> None:
    visit = _visit(made)
    both = await asyncio.gather(
        *(made.act("veterinarian", open_record, visit, key="k") for _ in range(2))
    )
    assert len({each.id for each in both}) == 1
    assert await _records(made) == 1


@pytest.mark.parametrize("name", ACTS)
async def test_a_key_acts_on_a_record_once(made: Ward, name: str) -> None:
    record = await _of(made, name)
    operation, _ = ACTS[name]
    command = _command(made, name, record.id)
    once = await made.act("veterinarian", operation, command, key="k")
    kept = await made.everything()
    again = await made.act("veterinarian", operation, command, key="k")
    assert await made.everything() == kept
    if isinstance(once, tuple):
        assert (once[0].id, once[1]) == (again[0].id, again[1])
        assert again[1], "it warns again"
    else:
        assert (again.id, again.version) == (once.id, once.version)
    with pytest.raises(KeyReused):
        await made.act("veterinarian", open_record, _visit(made), key="k")
    assert await made.everything() == kept


@pytest.mark.parametrize("name", ["add_diagnosis", "prescribe", "add_addendum"])
async def test_of_two_at_once_with_one_key_one_adds(made: Ward, name: str) -> None:
    record = await _of(made, name)
    command = _command(made, name, record.id)
    await asyncio.gather(
        *(made.act("veterinarian", ACTS[name][0], command, key="k") for _ in range(2))
    )
    kept = await _stored(made, record)
    assert len(kept.diagnoses) + len(kept.prescriptions) + len(kept.addenda) == 1


async def test_two_at_once_with_keys_of_their_own_both_add(made: Ward) -> None:
    record = await _draft(made)
    command = _command(made, "add_diagnosis", record.id)
    await asyncio.gather(
        *(made.act("veterinarian", add_diagnosis, command, key=f"k{turn}") for turn in range(2))
    )
    assert (await _stored(made, record)).diagnoses == (SPRAIN, SPRAIN)


@pytest.mark.parametrize("name", ["record_vitals", "prescribe", "write_note"])
async def test_a_key_shows_nothing_to_those_who_have_left(made: Ward, name: str) -> None:
    record = await _draft(made)
    command = _command(made, name, record.id)
    await made.act("veterinarian", ACTS[name][0], command, key="k")
    async with made.db.transaction() as session:
        held = await session.scalars(
            select(StaffMembership).where(StaffMembership.user_id == made.people["veterinarian"])
        )
        held.one().ends_on = NOON.date() - timedelta(days=1)
    with pytest.raises(NotFound):
        await made.act("veterinarian", ACTS[name][0], command, key="k")


async def test_a_refused_command_leaves_its_key_free(made: Ward) -> None:
    record = await _draft(made, assessment=None)
    command = MedicalRecordSign(id=record.id)
    assert await made.refusal("veterinarian", sign_record, command, key="k") == "invalid_value"
    async with made.db.session() as session:
        assert await session.scalar(select(func.count()).select_from(CommandKey)) == 0
    await made.act(
        "veterinarian", write_note, MedicalRecordUpdate(id=record.id, assessment="Sprain")
    )
    assert (await made.act("veterinarian", sign_record, command, key="k")).is_signed


# Lists and cost ----------------------------------------------------------------------------------


async def test_records_are_listed_by_what_is_said_of_them_the_latest_first(made: Ward) -> None:
    early = await _signed(made, visited_at=NOON - timedelta(days=3))
    late = await _draft(made, visited_at=NOON - timedelta(days=1))
    for said, expected in (
        ({}, [late, early]),
        ({"pet_id": made.pet.id}, [late, early]),
        ({"pet_id": made.clinic.id}, []),
        ({"clinic_id": made.clinic.id}, [late, early]),
        ({"veterinarian_id": made.vet.id}, [late, early]),
        ({"is_signed": True}, [early]),
        ({"is_signed": False}, [late]),
        ({"since": NOON - timedelta(days=3)}, [late, early]),
        ({"since": NOON - timedelta(days=2)}, [late]),
        ({"until": NOON - timedelta(days=1)}, [early]),
    ):
        found = await made.ask("veterinarian", list_records, MedicalRecordQuery(**said))
        assert [each.id for each in found] == [each.id for each in expected], said
    first = await made.ask("veterinarian", list_records, MedicalRecordQuery(limit=1))
    following = MedicalRecordQuery(limit=1, after=first.next_cursor)
    (second,) = await made.ask("veterinarian", list_records, following)
    assert [first[0].id, second.id] == [late.id, early.id]


@pytest.mark.parametrize("name", ACTS)
async def test_the_record_is_read_and_locked_once(made: Ward, name: str) -> None:
    record = await _of(made, name)
    command = _command(made, name, record.id)
    reads: list[str] = []

    @event.listens_for(made.db.engine.sync_engine, "before_cursor_execute")
    def _(_: object, __: object, sql: str, *___: object) -> None:
        if "FROM medical_records" in sql:
            reads.append(sql)

    await made.act("veterinarian", ACTS[name][0], command)
    (sql,) = reads
    assert ("FOR NO KEY UPDATE" in sql) is (made.db.dialect == "postgresql")
