"""What is done with appointments, by each who may want to."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.operations.house import (
    ACTORS,
    OUTSIDERS,
    House,
    appointments_at,
    results_of,
)
from tests.scheduling.availability import exams
from tests.scheduling.practice import NOW, TEN, booked_at, held_at
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import (
    ConcurrentUpdate,
    NotAuthenticated,
    NotFound,
    PermissionDenied,
    VetcoreError,
)
from vetcore.models import Appointment, Clinic, Pet, User
from vetcore.operations import (
    Operation,
    book_appointment,
    cancel_appointment,
    check_in_appointment,
    complete_appointment,
    confirm_appointment,
    confirm_hold,
    get_appointment,
    hold_appointment,
    list_appointments,
    mark_appointment_no_show,
    move_appointment,
    reinstate_appointment,
    start_appointment,
    update_appointment,
)
from vetcore.scheduling import cancel, check_in, start_visit
from vetcore.scheduling.errors import NotBookableOnline, TooLateToCancel
from vetcore.schemas import (
    AppointmentAct,
    AppointmentCancel,
    AppointmentHoldCreate,
    AppointmentMove,
    AppointmentQuery,
    AppointmentUpdate,
    ById,
)
from vetcore.schemas.base import Schema
from vetcore.values.capacity import Capacity
from vetcore.values.people import UserStatus

pytestmark = pytest.mark.usefixtures("on_a_friday")

LATER = TEN + timedelta(hours=3)
LATE = TEN - timedelta(hours=2)
"""When the notice that binds owners has passed."""


async def _booked(db: Database, house: House) -> Appointment:
    return await booked_at(db, house.made)


async def _held(db: Database, house: House) -> Appointment:
    return await held_at(db, house.made)


async def _cancelled(db: Database, house: House) -> Appointment:
    booked = await booked_at(db, house.made)
    return await db.run(lambda session: cancel(session, booked.id, by=Capacity.STAFF))


async def _arrived(db: Database, house: House) -> Appointment:
    booked = await booked_at(db, house.made)
    return await db.run(lambda session: check_in(session, booked.id))


async def _begun(db: Database, house: House) -> Appointment:
    arrived = await _arrived(db, house)
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


def _hold(house: House, **given: Any) -> AppointmentHoldCreate:
    return AppointmentHoldCreate(**house.made.request(**given).model_dump(exclude_unset=True))


def _move(**given: Any) -> AppointmentMove:
    return AppointmentMove(**{"starts_at": LATER} | given)


def _update(**given: Any) -> AppointmentUpdate:
    return AppointmentUpdate(notes="Shy", **given)


ACTS = {
    "book": Act(book_appointment, None, lambda house, **given: house.made.request(**given)),
    "hold": Act(hold_appointment, None, _hold),
    "confirm hold": Act(confirm_hold, _held, AppointmentAct),
    "confirm": Act(confirm_appointment, _booked, AppointmentAct),
    "move": Act(move_appointment, _booked, _move),
    "move a hold": Act(move_appointment, _held, _move),
    "cancel": Act(cancel_appointment, _booked, AppointmentCancel),
    "give a hold back": Act(cancel_appointment, _held, AppointmentCancel),
    "update": Act(update_appointment, _booked, _update),
    "reinstate": Act(reinstate_appointment, _cancelled, AppointmentAct, for_owners=False),
    "check in": Act(check_in_appointment, _booked, AppointmentAct, for_owners=False),
    "start": Act(start_appointment, _arrived, ById, for_owners=False),
    "complete": Act(complete_appointment, _begun, ById, for_owners=False),
    "no show": Act(
        mark_appointment_no_show, _booked, ById, for_owners=False, moment=TEN + timedelta(hours=1)
    ),
}
ON_ROWS = [name for name, act in ACTS.items() if act.found is not None]


async def _refused(  # noqa: PLR0913, PLR0917
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


@pytest.mark.parametrize("who", ACTORS)
@pytest.mark.parametrize("name", ACTS)
async def test_an_act_is_for_whom_it_is_for_and_is_kept_as_theirs(
    shared: Database, house: House, name: str, who: str
) -> None:
    act = ACTS[name]
    command = await act.command(shared, house)
    before = await appointments_at(shared, house)
    with clock.frozen(act.moment):
        if who in OUTSIDERS:
            await _refused(shared, house, who, act.operation, command, NotFound)
            return
        if who == "owner" and not act.for_owners:
            await _refused(shared, house, who, act.operation, command, PermissionDenied)
            return
        key = uuid4().hex
        async with shared.transaction(house.acting(who)) as session:
            done = await act.operation(session, command, key=key)
    (row,) = (await appointments_at(shared, house)).values()
    assert row["id"] == done.id
    assert row["updated_by_id"] == house.id_of(who)
    if act.found is None:
        assert row["created_by_id"] == row["booked_by_id"] == house.id_of(who)
    else:
        (was,) = before.values()
        assert (row["created_by_id"], row["booked_by_id"]) == (None, None)
        assert row["version"] == was["version"] + 1
    actor = house.id_of(who) or UUID(int=0)
    assert await results_of(shared, key) == [(actor, done.id)]


@pytest.mark.parametrize("who", ACTORS)
async def test_what_is_not_there_is_not_found_by_anybody(
    shared: Database, house: House, who: str
) -> None:
    for name in ON_ROWS:
        act = ACTS[name]
        command = act.told(id=uuid4())
        async with shared.trial(house.acting(who)) as session:
            with pytest.raises(NotFound):
                await act.operation(session, command)
    for given in ({"clinic_id": uuid4()}, {"pet_id": uuid4()}):
        async with shared.trial(house.acting("system")) as session:
            with pytest.raises(NotFound):
                await book_appointment(session, house.made.request(**given))


@pytest.mark.parametrize("name", ON_ROWS)
async def test_an_act_for_another_version_is_refused_and_for_this_one_is_done(
    shared: Database, house: House, name: str
) -> None:
    act = ACTS[name]
    assert act.operation.versioned
    assert act.found is not None
    row = await act.found(shared, house)
    with clock.frozen(act.moment):
        for version in (row.version - 1, row.version + 1):
            stale = act.told(id=row.id, version=max(version, 0) or row.version + 2)
            await _refused(shared, house, "staff", act.operation, stale, ConcurrentUpdate)
        async with shared.transaction(house.acting("staff")) as session:
            done = await act.operation(session, act.told(id=row.id, version=row.version))
    assert done.version > row.version


@pytest.mark.parametrize(
    ("operation", "told"),
    [(move_appointment, _move), (cancel_appointment, AppointmentCancel)],
    ids=["move", "cancel"],
)
async def test_the_clinics_notice_binds_owners_alike_and_nobody_else(
    shared: Database, house: House, operation: Operation[Any, Any], told: Callable[..., Schema]
) -> None:
    booked = await booked_at(shared, house.made)
    command = told(id=booked.id)
    with clock.frozen(TEN - timedelta(hours=24)):
        async with shared.trial(house.acting("owner")) as session:
            await operation(session, command)
    with clock.frozen(LATE):
        await _refused(shared, house, "owner", operation, command, TooLateToCancel)
        for who in ("staff", "system"):
            async with shared.trial(house.acting(who)) as session:
                await operation(session, command)


@pytest.mark.parametrize(
    ("operation", "told"),
    [(move_appointment, _move), (cancel_appointment, AppointmentCancel)],
    ids=["move", "cancel"],
)
async def test_who_works_there_acts_as_staff_of_their_own_pet_unless_they_say_otherwise(
    shared: Database, house: House, operation: Operation[Any, Any], told: Callable[..., Schema]
) -> None:
    booked = await booked_at(shared, house.made, pet_id=house.their_pet.id)
    strangers = await booked_at(shared, house.made, TEN + timedelta(hours=1))
    command = told(id=booked.id)
    with clock.frozen(LATE):
        await _refused(shared, house, "both", operation, command, TooLateToCancel, as_owner=True)
        async with shared.trial(house.acting("both")) as session:
            await operation(session, command)
        # Of a pet that is not theirs they cannot act as the owner.
        async with shared.trial(house.acting("both", as_owner=True)) as session:
            await operation(session, told(id=strangers.id))


async def test_who_acts_as_an_owner_has_no_field_of_staff(shared: Database, house: House) -> None:
    booked = await booked_at(shared, house.made, pet_id=house.their_pet.id)
    move = _move(id=booked.id, internal_notes="By myself")
    await _refused(shared, house, "both", move_appointment, move, PermissionDenied, as_owner=True)
    async with shared.trial(house.acting("both")) as session:
        assert (await move_appointment(session, move)).internal_notes == "By myself"
    wish = house.made.request(LATER, pet_id=house.their_pet.id, priority="urgent")
    await _refused(shared, house, "both", book_appointment, wish, PermissionDenied, as_owner=True)
    async with shared.trial(house.acting("both")) as session:
        await book_appointment(session, wish)


@pytest.mark.parametrize("name", ["book", "hold", "move", "move a hold", "confirm hold"])
async def test_an_owner_is_bound_to_what_the_clinic_lets_owners_book(
    shared: Database, house: House, name: str
) -> None:
    act = ACTS[name]
    command = await act.command(shared, house)
    async with shared.transaction() as session:
        place = await session.get_one(Clinic, house.made.clinic.id)
        place.services = exams(30, online_bookable=False)
    if name != "confirm hold":  # it was let to them already
        await _refused(shared, house, "owner", act.operation, command, NotBookableOnline)
    for who in ("staff", "system"):
        async with shared.trial(house.acting(who)) as session:
            await act.operation(session, command)


FOR_STAFF: dict[str, Any] = {
    "room_id": uuid4(),
    "priority": "urgent",
    "duration_minutes": 45,
    "internal_notes": "Bites",
    "estimated_cost": "12.50",
    "currency": "USD",
    "overrides": ("clinic_closed",),
}
REFUSED_TO_OWNERS = [
    *(("book", {field: value}) for field, value in FOR_STAFF.items()),
    *(("hold", {field: value}) for field, value in FOR_STAFF.items()),
    *(("move", {field: FOR_STAFF[field]}) for field in ("room_id", "overrides", "internal_notes")),
    *((name, {"overrides": FOR_STAFF["overrides"]}) for name in ("confirm hold", "confirm")),
    *(
        ("update", {field: value})
        for field, value in (
            ("priority", "urgent"),
            ("internal_notes", "Bites"),
            ("internal_notes", None),
            ("estimated_cost", None),
            ("actual_cost", "12.50"),
            ("currency", "USD"),
        )
    ),
]


@pytest.mark.parametrize(
    ("name", "given"), REFUSED_TO_OWNERS, ids=[f"{a}-{[*b]}" for a, b in REFUSED_TO_OWNERS]
)
async def test_fields_for_staff_are_refused_to_owners_by_name(
    shared: Database, house: House, name: str, given: dict[str, Any]
) -> None:
    more = {"currency": "USD"} if any(field.endswith("_cost") for field in given) else {}
    command = await ACTS[name].command(shared, house, **given | more)
    operation = ACTS[name].operation
    error = await _refused(shared, house, "owner", operation, command, PermissionDenied)
    assert f"field {next(iter(given | more))}" in str(error) or "field currency" in str(error)


async def test_an_owner_may_say_what_would_be_so_anyway(shared: Database, house: House) -> None:
    usual = {"priority": "routine", "overrides": (), "room_id": None, "internal_notes": None}
    async with shared.trial(house.acting("owner")) as session:
        await book_appointment(session, house.made.request(**usual))


async def test_staff_who_may_not_set_rules_aside_do_not(shared: Database, house: House) -> None:
    night = TEN - timedelta(hours=8)
    wish = house.made.request(night, overrides=("clinic_closed", "off_duty"))
    await _refused(shared, house, "technician", book_appointment, wish, PermissionDenied)
    for who in ("staff", "admin", "system"):
        async with shared.trial(house.acting(who)) as session:
            booked = await book_appointment(session, wish)
            assert booked.overrides == ("clinic_closed", "off_duty")
    async with shared.trial(house.acting("technician")) as session:
        await book_appointment(session, house.made.request(priority="urgent"))


async def test_what_staff_note_in_moving_is_added_to_their_notes(
    shared: Database, house: House
) -> None:
    booked = await booked_at(shared, house.made, internal_notes="Bites")
    async with shared.transaction(house.acting("staff")) as session:
        moved = await move_appointment(session, _move(id=booked.id, internal_notes="Called"))
    assert moved.internal_notes == "Bites\nCalled"
    stored = (await appointments_at(shared, house))[booked.id]
    assert (stored["internal_notes"], stored["starts_at"]) == ("Bites\nCalled", LATER)


@pytest.mark.parametrize("who", ACTORS)
async def test_an_appointment_is_read_by_its_owner_and_its_clinic(
    shared: Database, house: House, who: str
) -> None:
    first = await booked_at(shared, house.made)
    second = await booked_at(shared, house.made, LATER, animal=1)
    query = AppointmentQuery(clinic_id=house.made.clinic.id)
    async with shared.session(house.acting(who)) as session:
        listed = await list_appointments(session, query)
        if who in OUTSIDERS:
            assert listed.items == []
            with pytest.raises(NotFound):
                await get_appointment(session, ById(id=first.id))
            return
        assert [each.id for each in listed.items] == [second.id, first.id]
        assert (await get_appointment(session, ById(id=first.id))).id == first.id
        begun = await list_appointments(session, query.model_copy(update={"until": LATER}))
        assert [each.id for each in begun.items] == [first.id]


async def test_staff_book_for_patients_and_do_not_see_other_pets(
    shared: Database, house: House
) -> None:
    async with shared.transaction() as session:
        (await session.get_one(Pet, house.made.pets[0].id)).primary_clinic_id = None
    wish = house.made.request()
    await _refused(shared, house, "staff", book_appointment, wish, NotFound)
    async with shared.transaction(house.acting("owner")) as session:
        await book_appointment(session, wish)
    # Who books there is a patient.
    async with shared.trial(house.acting("staff")) as session:
        await book_appointment(session, house.made.request(LATER))


async def test_an_account_that_may_not_be_used_does_nothing(shared: Database, house: House) -> None:
    async with shared.transaction() as session:
        (await session.get_one(User, house.people["owner"])).status = UserStatus.SUSPENDED
    await _refused(shared, house, "owner", book_appointment, house.made.request(), NotAuthenticated)
