"""Every operation, for everybody in every relation: the table of permissions is what happens."""

from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from tests.operations.account_cases import ACCOUNTS
from tests.operations.cases import CASES as OTHER_CASES
from tests.operations.change_cases import CHANGES
from tests.operations.questions import LISTS
from tests.operations.worlds import MEMBERSHIPS, World, world
from vetcore.access import GRANTS
from vetcore.clock import now as moment
from vetcore.database import Database, Session
from vetcore.errors import NotFound, PermissionDenied, VetcoreError
from vetcore.medical import DueVaccinations
from vetcore.models import Appointment, ClinicPatient, Pet, VaccinationReminder
from vetcore.operations import OPERATIONS

CASES = OTHER_CASES | ACCOUNTS | CHANGES


def _expected(
    name: str,
    permission: StrEnum,
    own: frozenset[str],
    *,
    anywhere: bool = False,
    is_owned: bool = False,
) -> bool:
    """Straight from the table, by what the world says of each person."""
    grant = GRANTS[permission]
    if name == "system" or grant.anyone or (grant.admin and name == "admin"):
        return True
    held = {"elsewhere": "veterinarian", "manager_elsewhere": "manager"} if anywhere else {}
    role = MEMBERSHIPS.get(held.get(name, name))
    return (role in grant.roles and not is_owned) or (grant.own and name in own)


async def _allowed(session: Session, operation: str, command: Any) -> bool:
    """Whether somebody gets as far as the act, which may refuse for its own reasons."""
    asked: Any = OPERATIONS[operation]
    tried = await session.begin_nested()
    try:
        await asked(session, command)
    except (PermissionDenied, NotFound):
        return False
    except VetcoreError:
        return True
    finally:
        await tried.rollback()
    return True


async def test_everybody_may_do_just_what_the_table_says(
    db: Database, subtests: pytest.Subtests
) -> None:
    made = await world(db)
    for name in ("system", *made.people):
        async with db.trial(made.acting(name)) as session:
            found = {
                operation: await _allowed(session, operation, case.command(made))
                for operation, case in CASES.items()
            }
        wanted = {
            operation: _expected(
                name,
                OPERATIONS[operation].permission,
                case.own,
                anywhere=case.anywhere,
                is_owned=case.is_owned,
            )
            for operation, case in CASES.items()
        }
        with subtests.test(name):
            assert found == wanted


def _key(found: Any) -> UUID:
    """The key of what was found, or of the pet with a vaccination due."""
    row = getattr(found, "item", found)
    return row.pet_id if isinstance(row, DueVaccinations) else row.id


async def test_everybody_finds_just_what_they_may_see(
    db: Database, subtests: pytest.Subtests
) -> None:
    made = await world(db)
    for name in ("system", *made.people):
        found, wanted = dict[str, bool](), dict[str, bool]()
        async with db.session(made.acting(name)) as session:
            for operation, (question, table, own) in LISTS.items():
                asked: Any = OPERATIONS[operation]
                rows = await asked(session, question)
                found[operation] = made.id(table) in {_key(row) for row in rows}
                wanted[operation] = _expected(name, asked.permission, own)
        with subtests.test(name):
            assert found == wanted


_OF_PATIENTS = (Pet, VaccinationReminder)
_NAME_THE_PET = frozenset(
    {
        "book_appointment",
        "book_group_visit",
        "book_series",
        "preview_series",
        "hold_appointment",
        "join_waitlist",
        "open_record",
        "read_calendar",
        "share_pet",
        "transfer_pet",
        "register_patient",
        "end_patient",
        "get_user",
        "hand_over_account",
    }
)
"""Operations on something else, whose command names the pet or its owner."""
_OF_NO_ROW = frozenset({"create_pet", "claim_reminders", "drop_reminders"})


def _is_of_a_patient(operation: str) -> bool:
    is_one = OPERATIONS[operation].entity in _OF_PATIENTS or operation in _NAME_THE_PET
    return is_one and operation not in _OF_NO_ROW


async def _part(session: Session, made: World) -> None:
    """Let the clinic care for its patient, and for its twin, no more."""
    everything = update(Appointment).values(patient_until=None)
    await session.execute(everything, execution_options={"include_deleted": True})
    await session.execute(update(ClinicPatient).values(ended_at=moment()))


async def test_a_clinic_may_do_nothing_to_a_pet_that_is_its_patient_no_more(
    db: Database, subtests: pytest.Subtests
) -> None:
    """What it wrote itself, it reads: visits, records, the registration that has ended."""
    made = await world(db)
    async with db.transaction() as session:
        await _part(session, made)
    for name in ("owner", "co_owner", *MEMBERSHIPS, "former", "future", "elsewhere", "admin"):
        async with db.trial(made.acting(name)) as session:
            found = {
                operation: await _allowed(session, operation, case.command(made))
                for operation, case in CASES.items()
            }
        wanted = {
            operation: _expected(
                name,
                OPERATIONS[operation].permission,
                case.own,
                anywhere=case.anywhere,
                is_owned=case.is_owned or _is_of_a_patient(operation),
            )
            for operation, case in CASES.items()
        }
        with subtests.test(name):
            assert found == wanted


def test_every_operation_is_tried_here() -> None:
    assert sorted(OPERATIONS) == sorted([*CASES, *LISTS])
