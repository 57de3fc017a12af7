"""The acts on appointments, each with a command and a row to act on."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.operations.house import (
    House,
    appointments_at,
    results_of,
)
from tests.scheduling.practice import NOW, TEN, booked_at, held_at
from vetcore.database import Database
from vetcore.errors import (
    VetcoreError,
)
from vetcore.models import Appointment
from vetcore.operations import (
    Operation,
    book_appointment,
    cancel_appointment,
    check_in_appointment,
    complete_appointment,
    confirm_appointment,
    confirm_hold,
    hold_appointment,
    mark_appointment_no_show,
    move_appointment,
    reinstate_appointment,
    start_appointment,
    update_appointment,
)
from vetcore.scheduling import cancel, check_in, start_visit
from vetcore.schemas import (
    AppointmentAct,
    AppointmentCancel,
    AppointmentHoldCreate,
    AppointmentMove,
    AppointmentUpdate,
    ById,
)
from vetcore.schemas.base import Schema
from vetcore.values.capacity import Capacity

LATER = TEN + timedelta(hours=3)


async def booked_row(db: Database, house: House) -> Appointment:
    return await booked_at(db, house.made)


async def held_row(db: Database, house: House) -> Appointment:
    return await held_at(db, house.made)


async def cancelled_row(db: Database, house: House) -> Appointment:
    booked = await booked_at(db, house.made)
    return await db.run(lambda session: cancel(session, booked.id, by=Capacity.STAFF))


async def arrived_row(db: Database, house: House) -> Appointment:
    booked = await booked_at(db, house.made)
    return await db.run(lambda session: check_in(session, booked.id))


async def begun_row(db: Database, house: House) -> Appointment:
    arrived = await arrived_row(db, house)
    return await db.run(lambda session: start_visit(session, arrived.id))


@dataclass(frozen=True)
class Act:
    """An operation, what it finds, and what it is told."""

    operation: Operation[Any, Any]
    found: Callable[[Database, House], Awaitable[Appointment]] | None
    told: Callable[..., Schema]
    """Of the id of what is found; of the house where nothing is."""
    for_owners: bool = True
    moment: datetime = NOW

    async def command(self, db: Database, house: House, **given: Any) -> Schema:
        if self.found is None:
            return self.told(house, **given)
        return self.told(id=(await self.found(db, house)).id, **given)


def hold_command(house: House, **given: Any) -> AppointmentHoldCreate:
    return AppointmentHoldCreate(**house.made.request(**given).model_dump(exclude_unset=True))


def move_command(**given: Any) -> AppointmentMove:
    return AppointmentMove(**{"starts_at": LATER} | given)


def update_command(**given: Any) -> AppointmentUpdate:
    return AppointmentUpdate(notes="Shy", **given)


ACTS = {
    "book": Act(book_appointment, None, lambda house, **given: house.made.request(**given)),
    "hold": Act(hold_appointment, None, hold_command),
    "confirm hold": Act(confirm_hold, held_row, AppointmentAct),
    "confirm": Act(confirm_appointment, booked_row, AppointmentAct),
    "move": Act(move_appointment, booked_row, move_command),
    "move a hold": Act(move_appointment, held_row, move_command),
    "cancel": Act(cancel_appointment, booked_row, AppointmentCancel),
    "give a hold back": Act(cancel_appointment, held_row, AppointmentCancel),
    "update": Act(update_appointment, booked_row, update_command),
    "reinstate": Act(reinstate_appointment, cancelled_row, AppointmentAct, for_owners=False),
    "check in": Act(check_in_appointment, booked_row, AppointmentAct, for_owners=False),
    "start": Act(start_appointment, arrived_row, ById, for_owners=False),
    "complete": Act(complete_appointment, begun_row, ById, for_owners=False),
    "no show": Act(
        mark_appointment_no_show,
        booked_row,
        ById,
        for_owners=False,
        moment=TEN + timedelta(hours=1),
    ),
}


async def refused(  # noqa: PLR0913, PLR0917
    db: Database,
    house: House,
    who: str,
    operation: Operation[Any, Any],
    command: Schema,
    error: type[VetcoreError],
    *,
    as_owner: bool = False,
) -> VetcoreError:
    """Refused with that very error; nothing is written although the caller commits."""
    before, key = await appointments_at(db, house), uuid4().hex
    async with db.transaction(house.acting(who, as_owner=as_owner)) as session:
        with pytest.raises(error) as caught:
            await operation(session, command, key=key)
    assert type(caught.value) is error
    assert await appointments_at(db, house) == before
    assert await results_of(db, key) == []
    return caught.value
