"""What is done with appointments, by each who may want to."""

from uuid import UUID, uuid4

import pytest

from tests.operations.acts import ACTS, LATER, move_command, refused
from tests.operations.house import (
    ACTORS,
    OUTSIDERS,
    House,
    appointments_at,
    results_of,
)
from tests.scheduling.practice import booked_at
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import (
    ConcurrentUpdate,
    NotAuthenticated,
    NotFound,
    PermissionDenied,
)
from vetcore.models import User
from vetcore.operations import (
    book_appointment,
    get_appointment,
    list_appointments,
    move_appointment,
)
from vetcore.schemas import (
    AppointmentQuery,
    ById,
)
from vetcore.values.people import UserStatus

pytestmark = pytest.mark.usefixtures("on_a_friday")
ON_ROWS = [name for name, act in ACTS.items() if act.found is not None]


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
            await refused(shared, house, who, act.operation, command, NotFound)
            return
        if who == "owner" and not act.for_owners:
            await refused(shared, house, who, act.operation, command, PermissionDenied)
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
            await refused(shared, house, "staff", act.operation, stale, ConcurrentUpdate)
        async with shared.transaction(house.acting("staff")) as session:
            done = await act.operation(session, act.told(id=row.id, version=row.version))
    assert done.version > row.version


async def test_what_staff_note_in_moving_is_added_to_their_notes(
    shared: Database, house: House
) -> None:
    booked = await booked_at(shared, house.made, internal_notes="Bites")
    async with shared.transaction(house.acting("staff")) as session:
        moved = await move_appointment(session, move_command(id=booked.id, internal_notes="Called"))
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


async def test_an_account_that_may_not_be_used_does_nothing(shared: Database, house: House) -> None:
    async with shared.transaction() as session:
        (await session.get_one(User, house.people["owner"])).status = UserStatus.SUSPENDED
    await refused(shared, house, "owner", book_appointment, house.made.request(), NotAuthenticated)
