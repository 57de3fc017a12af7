"""A clinic on a Monday, with a patient that penicillin harms."""

from collections.abc import Iterator

import pytest

from tests.operations.records.charts import PENICILLIN
from tests.operations.wards import NOON, Ward, ward
from vetcore import clock
from vetcore.database import Database
from vetcore.values.medical import MedicalHistory


@pytest.fixture(autouse=True)
def _on_a_monday() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


@pytest.fixture
async def made(db: Database) -> Ward:
    return await ward(db, medical_history=MedicalHistory(allergies=(PENICILLIN,)))
