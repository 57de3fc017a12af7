"""Who is free for what: closures, time off, memberships, licences, species, services."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.examples import clinic, membership, pet, user, veterinarian
from tests.scheduling.availability import (
    DAY,
    MONDAY,
    MORNING,
    WHOLE_DAY,
    add,
    at,
    away,
    closure,
    exams,
    find,
    hourly_practice,
    starts,
)
from tests.scheduling.practice import NOW, Practice
from vetcore.database import Database, Session
from vetcore.errors import NotFound
from vetcore.models import StaffMembership
from vetcore.scheduling.errors import (
    ClinicNotActive,
    PetNotBookable,
    ServiceNotOffered,
    SpeciesNotTreated,
)
from vetcore.values.animals import PetStatus, Species
from vetcore.values.clinics import ClinicStatus, LicenseStatus, ServiceType

pytestmark = pytest.mark.usefixtures("on_a_friday")


async def test_on_a_closed_day_nothing_is_listed(shared: Database) -> None:
    made = await hourly_practice(shared)
    await add(shared, closure(made, first_on=MONDAY - DAY))
    assert await starts(shared, made) == []
    assert await starts(shared, made, MONDAY + DAY) == WHOLE_DAY


async def test_a_closure_of_another_clinic_or_one_that_was_withdrawn_closes_nothing(
    shared: Database,
) -> None:
    made = await hourly_practice(shared)
    elsewhere = clinic()
    await add(shared, elsewhere)
    await add(shared, closure(made, clinic_id=elsewhere.id), closure(made, deleted_at=NOW))
    assert await starts(shared, made) == WHOLE_DAY


async def test_a_dated_exception_replaces_the_hours_of_the_week(shared: Database) -> None:
    made = await hourly_practice(shared)
    await add(shared, closure(made, opening_hours="10:30-12:30,19:00-21:00"))
    assert await starts(shared, made) == ["10:30", "11:30", "19:00", "20:00"]
    assert await starts(shared, made, MONDAY + DAY) == WHOLE_DAY


async def test_closed_wins_over_an_exception_and_the_later_of_two_exceptions_holds(
    shared: Database,
) -> None:
    made = await hourly_practice(shared)
    tuesday = MONDAY + DAY
    await add(
        shared,
        closure(made, tuesday, opening_hours="09:00-11:00"),
        closure(made, last_on=tuesday, opening_hours="15:00-17:00"),
        closure(made),
    )
    assert await starts(shared, made) == []
    assert await starts(shared, made, tuesday) == ["09:00", "10:00"]


async def test_a_closure_leaves_the_night_before_whole_and_takes_its_own_night(
    shared: Database,
) -> None:
    made = await hourly_practice(shared, opening_hours="Mo-Fr 20:00-02:00")
    tuesday = MONDAY + DAY
    await add(shared, closure(made, tuesday))
    assert await starts(shared, made, tuesday) == ["00:00", "01:00"]
    assert await starts(shared, made, tuesday + DAY) == ["20:00", "21:00", "22:00", "23:00"]


async def test_time_off_wins_over_an_exception(shared: Database) -> None:
    made = await hourly_practice(shared)
    withdrawn = away(made, "11:00", "12:00")
    withdrawn.deleted_at = NOW
    await add(
        shared, closure(made, opening_hours="08:00-12:00"), away(made, "09:30", "10:01"), withdrawn
    )
    assert await starts(shared, made) == ["08:00", "11:00"]
    assert await starts(shared, made, practitioner_id=made.vets[1].user_id) == MORNING


async def test_hours_of_work_narrow_the_opening_hours_and_never_widen_them(
    shared: Database,
) -> None:
    made = await hourly_practice(shared)
    async with shared.transaction() as session:
        post = await _post(session, made)
        post.working_hours = "Mo 06:00-10:00,15:30-20:00; Tu 12:00-13:00"
    assert await starts(shared, made) == ["08:00", "09:00", "16:00", "17:00"]
    ninety = timedelta(minutes=90)
    assert await starts(shared, made, duration=ninety) == ["08:00", "16:00"]
    assert await starts(shared, made, MONDAY + DAY) == []


async def _post(session: Session, made: Practice) -> StaffMembership:
    query = select(StaffMembership).where(StaffMembership.user_id == made.vets[0].user_id)
    return (await session.scalars(query)).one()


async def test_a_post_lasts_from_its_first_to_its_last_day(shared: Database) -> None:
    made = await hourly_practice(shared)
    async with shared.transaction() as session:
        post = await _post(session, made)
        post.starts_on, post.ends_on = MONDAY + DAY, MONDAY + 2 * DAY
    days = [await starts(shared, made, MONDAY + number * DAY) for number in range(4)]
    assert days == [[], WHOLE_DAY, WHOLE_DAY, []]


async def test_a_night_shift_on_the_last_day_of_a_post_goes_on_after_midnight(
    shared: Database,
) -> None:
    made = await hourly_practice(shared, opening_hours="Mo-Su 22:00-02:00")
    async with shared.transaction() as session:
        (await _post(session, made)).ends_on = MONDAY
    assert await starts(shared, made, MONDAY + DAY) == ["00:00", "01:00"]


async def test_who_has_no_post_here_or_has_left_is_not_listed(shared: Database) -> None:
    made = await hourly_practice(shared)
    stranger, retired, elsewhere = user(), user(), clinic()
    other = veterinarian(stranger)
    await add(shared, stranger, retired, elsewhere)
    await add(shared, other, veterinarian(retired, deleted_at=NOW))
    await add(shared, membership(stranger, elsewhere), membership(retired, made.clinic))
    async with shared.transaction() as session:
        (await _post(session, made)).deleted_at = NOW
    slots = await find(shared, made, at("08:00"), at("08:01"), practitioner_id=None)
    assert [slot.practitioner_id for slot in slots] == [made.vets[1].user_id]
    assert await starts(shared, made, practitioner_id=other.user_id) == []


@pytest.mark.parametrize(
    ("expires", "listed"), [(MONDAY - DAY, False), (MONDAY, True), (None, True)]
)
async def test_a_licence_is_good_through_its_last_day(
    shared: Database, expires: date | None, listed: bool
) -> None:
    made = await hourly_practice(shared)
    async with shared.transaction() as session:
        vet = await session.get_one(type(made.vets[0]), made.vets[0].id)
        vet.license_expires_on = expires
    assert await starts(shared, made) == (WHOLE_DAY if listed else [])
    assert (await starts(shared, made, MONDAY + DAY) == []) is (expires is not None)


@pytest.mark.parametrize("status", LicenseStatus)
async def test_only_a_licence_in_force_counts(shared: Database, status: LicenseStatus) -> None:
    made = await hourly_practice(shared)
    async with shared.transaction() as session:
        (await session.get_one(type(made.vets[0]), made.vets[0].id)).license_status = status
    assert bool(await starts(shared, made)) is (status is LicenseStatus.ACTIVE)


async def test_a_veterinarian_is_listed_for_the_species_they_treat(shared: Database) -> None:
    made = await hourly_practice(shared)
    async with shared.transaction() as session:
        vet = await session.get_one(type(made.vets[0]), made.vets[0].id)
        vet.species_treated = (Species.CAT, Species.RABBIT)
    assert await starts(shared, made, pet_id=made.pets[0].id) == []
    assert await starts(shared, made, species=Species.DOG) == []
    assert await starts(shared, made, species=Species.RABBIT) == WHOLE_DAY
    assert await starts(shared, made) == WHOLE_DAY


async def test_a_species_that_clinic_or_service_is_not_for_is_refused(shared: Database) -> None:
    for given in (
        {"species_treated": (Species.CAT,)},
        {"services": exams(species=(Species.CAT,))},
    ):
        made = await hourly_practice(shared, **given)
        with pytest.raises(SpeciesNotTreated):
            await starts(shared, made, species=Species.DOG)
        with pytest.raises(SpeciesNotTreated):
            await starts(shared, made, pet_id=made.pets[0].id)
        assert await starts(shared, made, species=Species.CAT) == WHOLE_DAY


async def test_a_service_that_is_not_offered_is_refused(shared: Database) -> None:
    made = await hourly_practice(shared)
    with pytest.raises(ServiceNotOffered):
        await starts(shared, made, service=ServiceType.GROOMING)


@pytest.mark.parametrize("status", ClinicStatus)
async def test_only_a_clinic_in_business_is_booked(shared: Database, status: ClinicStatus) -> None:
    made = await hourly_practice(shared, status=status)
    if status is ClinicStatus.ACTIVE:
        assert await starts(shared, made) == WHOLE_DAY
        return
    with pytest.raises(ClinicNotActive):
        await starts(shared, made)


@pytest.mark.parametrize("status", PetStatus)
async def test_a_pet_that_died_or_was_given_away_is_not_booked(
    shared: Database, status: PetStatus
) -> None:
    made = await hourly_practice(shared)
    animal = pet(status=status)
    await add(shared, animal)
    if status in {PetStatus.ACTIVE, PetStatus.LOST}:
        assert await starts(shared, made, pet_id=animal.id) == WHOLE_DAY
        return
    with pytest.raises(PetNotBookable):
        await starts(shared, made, pet_id=animal.id)


async def test_what_there_is_not_is_not_found(shared: Database) -> None:
    made = await hourly_practice(shared)
    with pytest.raises(NotFound):
        await starts(shared, made, pet_id=made.clinic.id)
    made.clinic.id = made.pets[0].id
    with pytest.raises(NotFound):
        await starts(shared, made)
