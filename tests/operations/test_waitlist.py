"""Waiting for a slot, by each who may want to."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from tests.operations.house import ACTORS, OUTSIDERS, House, appointments_at, results_of
from tests.scheduling.availability import exams
from tests.scheduling.practice import TEN
from tests.scheduling.waiting import join, offer, wish
from vetcore.database import Database
from vetcore.errors import (
    AlreadyExists,
    ConcurrentUpdate,
    InvalidTransition,
    NotFound,
    PermissionDenied,
    VetcoreError,
)
from vetcore.models import Appointment, Clinic, WaitlistEntry
from vetcore.operations import (
    Operation,
    accept_offer,
    decline_offer,
    expire_offers,
    get_waitlist_entry,
    join_waitlist,
    leave_waitlist,
    list_waitlist,
    offer_slot,
    update_waitlist_entry,
)
from vetcore.scheduling.errors import NotBookableOnline
from vetcore.schemas import (
    ById,
    OfClinic,
    SlotOffer,
    WaitlistEntryUpdate,
    WaitlistQuery,
)
from vetcore.schemas.base import Schema
from vetcore.values.appointments import AppointmentStatus, WaitlistStatus

pytestmark = pytest.mark.usefixtures("on_a_friday")


async def _waiting(db: Database, house: House) -> UUID:
    return (await join(db, house.made)).id


async def _offered(db: Database, house: House) -> UUID:
    entry = await join(db, house.made)
    assert await offer(db, house.made) is not None
    return entry.id


async def _entries(db: Database, house: House) -> dict[UUID, dict[str, Any]]:
    columns = [column.key for column in WaitlistEntry.__mapper__.column_attrs]
    query = select(WaitlistEntry).where(WaitlistEntry.clinic_id == house.made.clinic.id)
    async with db.session(include_deleted=True) as session:
        rows = await session.scalars(query)
        return {row.id: {name: getattr(row, name) for name in columns} for row in rows}


@dataclass(frozen=True)
class Act:
    """An operation on a wish, in what state it finds the wish, and in which it leaves it."""

    operation: Operation[Any, Any]
    found: Callable[[Database, House], Awaitable[UUID]]
    told: Callable[..., Schema]
    leaves: WaitlistStatus


ACTS = {
    "leave": Act(leave_waitlist, _waiting, ById, WaitlistStatus.WITHDRAWN),
    "leave an offer": Act(leave_waitlist, _offered, ById, WaitlistStatus.WITHDRAWN),
    "accept": Act(accept_offer, _offered, ById, WaitlistStatus.BOOKED),
    "decline": Act(decline_offer, _offered, ById, WaitlistStatus.WAITING),
    "update": Act(
        update_waitlist_entry,
        _waiting,
        lambda **given: WaitlistEntryUpdate(notes="Evenings", **given),
        WaitlistStatus.WAITING,
    ),
}


async def _refused(  # noqa: PLR0913, PLR0917
    db: Database,
    house: House,
    who: str,
    operation: Operation[Any, Any],
    command: Schema,
    error: type[VetcoreError],
) -> None:
    """Refused with that very error; nothing is written although the caller commits."""
    before = await _entries(db, house), await appointments_at(db, house)
    async with db.transaction(house.acting(who)) as session:
        with pytest.raises(error) as caught:
            await operation(session, command)
    assert type(caught.value) is error
    assert (await _entries(db, house), await appointments_at(db, house)) == before


@pytest.mark.parametrize("who", ACTORS)
async def test_who_waits_is_kept_as_having_asked(shared: Database, house: House, who: str) -> None:
    if who in OUTSIDERS:
        await _refused(shared, house, who, join_waitlist, wish(house.made), NotFound)
        return
    key = uuid4().hex
    async with shared.transaction(house.acting(who)) as session:
        entry = await join_waitlist(session, wish(house.made), key=key)
    (row,) = (await _entries(shared, house)).values()
    mine = house.id_of(who)
    assert (row["requested_by_id"], row["created_by_id"], row["updated_by_id"]) == (mine,) * 3
    assert await results_of(shared, key) == [(mine or UUID(int=0), entry.id)]
    async with shared.transaction(house.acting(who)) as session:
        with pytest.raises(AlreadyExists):
            await join_waitlist(session, wish(house.made))


@pytest.mark.parametrize("who", ACTORS)
@pytest.mark.parametrize("name", ACTS)
async def test_what_is_done_with_a_wish_is_for_its_owner_and_its_clinic(
    shared: Database, house: House, name: str, who: str
) -> None:
    act = ACTS[name]
    entry_id = await act.found(shared, house)
    if who in OUTSIDERS:
        await _refused(shared, house, who, act.operation, act.told(id=entry_id), NotFound)
        return
    before = (await _entries(shared, house))[entry_id]
    async with shared.transaction(house.acting(who)) as session:
        await act.operation(session, act.told(id=entry_id))
    row = (await _entries(shared, house))[entry_id]
    assert row["status"] is act.leaves
    assert row["updated_by_id"] == house.id_of(who)
    assert (row["created_by_id"], row["requested_by_id"]) == (None, None)
    assert row["version"] == before["version"] + 1
    for visit in (await appointments_at(shared, house)).values():
        assert visit["updated_by_id"] == house.id_of(who)
        assert visit["status"] in {AppointmentStatus.SCHEDULED, AppointmentStatus.CANCELLED}


@pytest.mark.parametrize("name", ACTS)
async def test_an_act_on_a_wish_may_name_the_version_that_it_is_for(
    shared: Database, house: House, name: str
) -> None:
    act = ACTS[name]
    entry_id = await act.found(shared, house)
    version = (await _entries(shared, house))[entry_id]["version"]
    stale = act.told(id=entry_id, version=version + 1)
    await _refused(shared, house, "owner", act.operation, stale, ConcurrentUpdate)
    async with shared.transaction(house.acting("owner")) as session:
        await act.operation(session, act.told(id=entry_id, version=version))


@pytest.mark.parametrize("who", ACTORS)
async def test_a_wish_that_is_not_there_is_not_found(
    shared: Database, house: House, who: str
) -> None:
    for act in ACTS.values():
        command = act.told(id=uuid4())
        await _refused(shared, house, who, act.operation, command, NotFound)


async def test_an_owner_neither_asks_to_be_first_nor_waits_for_what_staff_book(
    shared: Database, house: House
) -> None:
    made = house.made
    urgent = wish(made, priority="urgent")
    await _refused(shared, house, "owner", join_waitlist, urgent, PermissionDenied)
    entry_id = await _waiting(shared, house)
    sooner = WaitlistEntryUpdate(id=entry_id, priority="emergency")
    await _refused(shared, house, "owner", update_waitlist_entry, sooner, PermissionDenied)
    async with shared.transaction(house.acting("staff")) as session:
        assert (await update_waitlist_entry(session, sooner)).priority == "emergency"
    async with shared.transaction() as session:
        (await session.get_one(Clinic, made.clinic.id)).services = exams(30, online_bookable=False)
    another = wish(made, 1)
    await _refused(shared, house, "owner", join_waitlist, another, NotBookableOnline)
    async with shared.transaction(house.acting("staff")) as session:
        await join_waitlist(session, another)


async def test_an_offer_is_taken_once(shared: Database, house: House) -> None:
    entry_id = await _offered(shared, house)
    async with shared.transaction(house.acting("owner")) as session:
        booked = await accept_offer(session, ById(id=entry_id))
    assert booked.status is AppointmentStatus.SCHEDULED
    for operation in (accept_offer, decline_offer, leave_waitlist):
        command = ById(id=entry_id)
        await _refused(shared, house, "owner", operation, command, InvalidTransition)


@pytest.mark.parametrize("who", ACTORS)
async def test_slots_are_offered_by_the_clinic(shared: Database, house: House, who: str) -> None:
    entry_id = await _waiting(shared, house)
    command = SlotOffer(clinic_id=house.made.clinic.id, hold_minutes=30)
    if who not in {"staff", "system"}:
        await _refused(shared, house, who, offer_slot, command, PermissionDenied)
        return
    async with shared.transaction(house.acting(who)) as session:
        offered = await offer_slot(session, command)
    assert offered is not None
    assert offered.id == entry_id
    (visit,) = (await appointments_at(shared, house)).values()
    assert visit["created_by_id"] == house.id_of(who)
    assert visit["starts_at"] == TEN
    assert list((await _entries(shared, house))[entry_id]["offered_starts"]) == [TEN]


async def test_who_asked_is_kept_with_the_hold_and_whoever_offered_it_made_it(
    shared: Database, house: House
) -> None:
    async with shared.transaction(house.acting("owner")) as session:
        await join_waitlist(session, wish(house.made))
    async with shared.transaction(house.acting("staff")) as session:
        await offer_slot(session, SlotOffer(clinic_id=house.made.clinic.id))
    (visit,) = (await appointments_at(shared, house)).values()
    assert visit["booked_by_id"] == house.people["owner"]
    assert visit["created_by_id"] == visit["updated_by_id"] == house.people["staff"]


@pytest.mark.parametrize("who", [*ACTORS, "admin"])
async def test_offers_are_settled_by_the_clinic_and_everywhere_by_the_system(
    shared: Database, house: House, who: str
) -> None:
    here, everywhere = OfClinic(clinic_id=house.made.clinic.id), OfClinic()
    for command, allowed in (
        (here, {"staff", "system", "admin"}),
        (everywhere, {"system", "admin"}),
    ):
        if who in allowed:
            async with shared.trial(house.acting(who)) as session:
                assert await expire_offers(session, command) >= 0
        else:
            await _refused(shared, house, who, expire_offers, command, PermissionDenied)


@pytest.mark.parametrize("who", ACTORS)
async def test_a_wish_is_read_by_its_owner_and_its_clinic(
    shared: Database, house: House, who: str
) -> None:
    first = await _waiting(shared, house)
    second = (await join(shared, house.made, 1, latest_at=TEN + timedelta(hours=4))).id
    query = WaitlistQuery(clinic_id=house.made.clinic.id)
    async with shared.session(house.acting(who)) as session:
        listed = [each.id for each in (await list_waitlist(session, query)).items]
        if who in OUTSIDERS:
            assert listed == []
            with pytest.raises(NotFound):
                await get_waitlist_entry(session, ById(id=first))
            return
        assert sorted(listed) == sorted([first, second])
        assert (await get_waitlist_entry(session, ById(id=first))).id == first
        of_one = query.model_copy(update={"pet_id": house.made.pets[1].id})
        assert [each.id for each in (await list_waitlist(session, of_one)).items] == [second]


async def test_a_hold_that_was_accepted_is_an_appointment_like_any(
    shared: Database, house: House
) -> None:
    entry_id = await _offered(shared, house)
    async with shared.transaction(house.acting("owner")) as session:
        booked = await accept_offer(session, ById(id=entry_id))
        found = await session.get_one(Appointment, booked.id)
    assert found.booked_by_id is None
