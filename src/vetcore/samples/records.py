"""The medical records of the sample world: signed ones with what was added, and a draft."""

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from vetcore import clock
from vetcore.medical.signing import add_as, sign_as
from vetcore.models import Clinic, MedicalRecord, Pet, Veterinarian
from vetcore.samples.reading import ago, rows
from vetcore.values.signatures import SAMPLE_KEYS
from vetcore.values.visits import Diagnosis
from vetcore.values.walltime import zone_named

__all__ = ["key_of", "record", "sign"]

_AT = time(10)


def key_of(given: dict[str, str]) -> str:
    """Return the name of a record: its pet, and how long ago the visit was."""
    return f"{given['pet']}/{given['ago']}"


def record(  # noqa: PLR0913 -- by name
    given: dict[str, str],
    *,
    key: UUID,
    today: date,
    clinic: Clinic,
    pet: Pet,
    veterinarian: Veterinarian,
) -> MedicalRecord:
    """Return a record from a row of ``records.csv``. It is not signed yet."""
    visited = datetime.combine(ago(given["ago"], today), _AT, zone_named(clinic.timezone))
    diagnosis = given["diagnosis"]
    return MedicalRecord(
        id=key,
        clinic_id=clinic.id,
        pet_id=pet.id,
        veterinarian_id=veterinarian.id,
        visited_at=visited,
        chief_complaint=given["complaint"],
        objective=given["objective"],
        assessment=given["assessment"] or None,
        plan=given["plan"] or None,
        diagnoses=(Diagnosis(description=diagnosis),) if diagnosis else (),
    )


def _to_sign() -> Iterator[dict[str, str]]:
    return (given for given in rows("records.csv") if given["assessment"])


async def sign(
    session: AsyncSession,
    records: dict[str, MedicalRecord],
    veterinarians: dict[str, Veterinarian],
) -> None:
    """Let the veterinarians sign what is complete, with the key of the sample world, and add to it."""
    latest = max(each.visited_at for each in records.values())
    # A world of days to come is signed when they have come.
    with clock.frozen(latest) if latest > clock.now() else nullcontext():
        await _sign(session, records, veterinarians)


async def _sign(
    session: AsyncSession,
    records: dict[str, MedicalRecord],
    veterinarians: dict[str, Veterinarian],
) -> None:
    for given in _to_sign():
        signed, vet = records[key_of(given)], veterinarians[given["veterinarian"]]
        await sign_as(session, signed, vet, keys=SAMPLE_KEYS)
        for text in filter(None, given["addenda"].split("|")):
            await add_as(session, signed, text, vet.user_id, keys=SAMPLE_KEYS)
