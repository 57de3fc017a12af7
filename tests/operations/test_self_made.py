"""Cases in which somebody had made a right for themselves, through the operations.

``tests/access/test_self_made_rights.py`` searches for others, and a trial compares both.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.examples import clinic, membership, pet, user
from tests.operations.scenes import LATER, Scene, fresh, scene, stored
from vetcore import clock, operations, schemas
from vetcore.database import Acting, Database
from vetcore.errors import InvalidTransition, InvalidValue, NotFound, PermissionDenied
from vetcore.models import (
    Appointment,
    ClinicPatient,
    Invitation,
    Passkey,
    Pet,
    User,
    UserCredential,
    UserIdentity,
    Veterinarian,
)
from vetcore.values.animals import Species
from vetcore.values.clinics import ServiceType
from vetcore.values.people import Role
from vetcore.values.terms import MembershipTerms

NOW = LATER - timedelta(days=2)


async def _do(db: Database, who: UUID | None, name: str, command: Any, **more: Any) -> Any:
    operation: Any = getattr(operations, name)
    async with db.transaction(Acting(who)) as session:
        return await operation(session, command, **more)


async def _sees(db: Database, who: UUID, name: str, key: UUID) -> bool:
    try:
        await _do(db, who, name, schemas.ById(id=key))
    except NotFound:
        return False
    return True


@pytest.fixture
async def made(db: Database) -> Scene:
    return await scene(db)


async def _unregistered(db: Database, made: Scene) -> Pet:
    """A pet of the owner's that no clinic cares for."""
    animal = pet(made.people["owner"], name="Free")
    await stored(db, animal)
    return animal


def _wish(made: Scene, animal: Pet) -> Any:
    return schemas.AppointmentCreate(
        clinic_id=made.clinic.id,
        service=ServiceType.WELLNESS_EXAM,
        pet_id=animal.id,
        starts_at=LATER,
    )


async def _entered(db: Database, made: Scene, **given: Any) -> Pet:
    """A pet that the desk enters."""
    wish = schemas.PetCreate(
        **{"name": "New", "species": Species.DOG, "primary_clinic_id": made.clinic.id} | given
    )
    entered: Pet = await _do(db, made.who("receptionist"), "create_pet", wish)
    return entered


async def _registration(db: Database, animal: UUID, at: UUID) -> ClinicPatient:
    async with db.session() as session:
        query = select(ClinicPatient).where(
            ClinicPatient.pet_id == animal, ClinicPatient.clinic_id == at
        )
        return (await session.scalars(query)).one()


async def test_what_a_clinic_enters_itself_is_not_agreed_to(db: Database, made: Scene) -> None:
    entered = await _entered(db, made)
    row = await _registration(db, entered.id, made.clinic.id)
    assert (row.agreed_at, row.agreed_by_id, row.counts_for_owner) == (None, None, False)


async def test_a_slot_that_is_offered_makes_a_patient_once_the_owner_takes_it(
    db: Database, made: Scene
) -> None:
    animal = await _unregistered(db, made)
    desk, owner = made.who("receptionist"), made.who("owner")
    with clock.frozen(NOW):
        wish = schemas.WaitlistEntryCreate(
            clinic_id=made.clinic.id,
            service=ServiceType.WELLNESS_EXAM,
            pet_id=animal.id,
            earliest_at=LATER,
            latest_at=LATER + timedelta(hours=1),
        )
        waits = await _do(db, owner, "join_waitlist", wish)
        offer = schemas.SlotOffer(clinic_id=made.clinic.id)
        assert await _do(db, desk, "offer_slot", offer) is not None
        assert not await _sees(db, desk, "get_pet", animal.id)
        await _do(db, owner, "accept_offer", schemas.ById(id=waits.id))
        assert await _sees(db, desk, "get_pet", animal.id)


@pytest.mark.parametrize("keeps_the_new_row", [True, False])
async def test_a_clinic_does_not_keep_a_pet_by_merging_it_with_one_that_it_entered(
    db: Database, made: Scene, *, keeps_the_new_row: bool
) -> None:
    animal, manager = await _unregistered(db, made), made.who("manager")
    with clock.frozen(NOW) as stopped:
        visit = await _do(db, made.who("owner"), "book_appointment", _wish(made, animal))
        entered = await _entered(db, made)
        kept, gone = (entered, animal) if keeps_the_new_row else (animal, entered)
        merge = schemas.PetMerge(id=kept.id, other_id=gone.id)
        await _do(db, manager, "merge_pets", merge)
        assert await _sees(db, manager, "get_pet", kept.id)
        await _do(
            db, made.who("owner"), "cancel_appointment", schemas.AppointmentCancel(id=visit.id)
        )
        stopped.move(timedelta(days=3))
        assert not await _sees(db, manager, "get_pet", kept.id)


async def test_a_visit_that_the_owner_has_cancelled_gives_nothing_once_its_day_is_over(
    db: Database, made: Scene
) -> None:
    animal, desk = await _unregistered(db, made), made.who("receptionist")
    with clock.frozen(NOW) as stopped:
        visit = await _do(db, made.who("owner"), "book_appointment", _wish(made, animal))
        await _do(
            db, made.who("owner"), "cancel_appointment", schemas.AppointmentCancel(id=visit.id)
        )
        # The clinic makes a visit of it again, and one of its own.
        await _do(db, desk, "reinstate_appointment", schemas.AppointmentAct(id=visit.id))
        assert (await fresh(db, visit)).patient_until is None
        stopped.move_to(LATER)
        for name in ("check_in_appointment", "start_appointment", "complete_appointment"):
            operation: Any = getattr(operations, name)
            await _do(db, desk, name, operation.command(id=visit.id))
        stopped.move(timedelta(days=2))
        assert not await _sees(db, desk, "get_pet", animal.id)
        with pytest.raises(NotFound):
            await _do(db, made.who("manager"), "delete_pet", schemas.ById(id=animal.id))


async def test_a_clinics_own_visit_is_not_carried_by_one_that_was_cancelled(
    db: Database, made: Scene
) -> None:
    animal, desk = await _unregistered(db, made), made.who("receptionist")
    with clock.frozen(NOW) as stopped:
        visit = await _do(db, made.who("owner"), "book_appointment", _wish(made, animal))
        await _do(
            db, made.who("owner"), "cancel_appointment", schemas.AppointmentCancel(id=visit.id)
        )
        own = await _do(db, desk, "book_appointment", _wish(made, animal))
        stopped.move_to(LATER)
        for name in ("check_in_appointment", "start_appointment", "complete_appointment"):
            operation: Any = getattr(operations, name)
            await _do(db, desk, name, operation.command(id=own.id))
        row: Appointment = await fresh(db, own)
        assert row.patient_until is None


async def test_an_owner_who_confirms_what_the_desk_has_booked_agrees_to_it(
    db: Database, made: Scene
) -> None:
    animal, desk, owner = await _unregistered(db, made), made.who("receptionist"), made.who("owner")
    with clock.frozen(NOW):
        patient = schemas.ClinicPatientAct(pet_id=animal.id, clinic_id=made.clinic.id)
        await _do(db, owner, "register_patient", patient)
        visit = await _do(db, desk, "book_appointment", _wish(made, animal))
        assert visit.patient_until is None
        confirmed = await _do(db, owner, "confirm_appointment", schemas.AppointmentAct(id=visit.id))
        assert confirmed.patient_until > LATER


async def test_who_accepts_one_clinics_invitation_agrees_to_no_other(
    db: Database, made: Scene
) -> None:
    other, manager, taker = clinic(name="Other"), made.who("manager"), user(email_verified=True)
    await stored(db, other, taker)
    await stored(db, membership(made.people["manager"], other, role=Role.CLINIC_MANAGER))
    here = await _do(
        db,
        manager,
        "create_pet",
        schemas.PetCreate(name="A", species=Species.DOG, primary_clinic_id=made.clinic.id),
    )
    there = await _do(
        db,
        manager,
        "create_pet",
        schemas.PetCreate(name="A", species=Species.DOG, primary_clinic_id=other.id),
    )
    await _do(db, manager, "merge_pets", schemas.PetMerge(id=here.id, other_id=there.id))
    invite = schemas.PatientInvite(clinic_id=made.clinic.id, email=taker.email, pet_id=here.id)
    invitation = await _do(db, manager, "invite_patient", invite)
    await _do(db, taker.id, "accept_invitation", schemas.InvitationAccept(id=invitation.id))
    agreed = await _registration(db, here.id, made.clinic.id)
    entered = await _registration(db, here.id, other.id)
    assert agreed.agreed_by_id == taker.id
    assert agreed.counts_for_owner
    assert (entered.agreed_at, entered.counts_for_owner) == (None, False)


async def test_a_colleague_accepts_for_a_pet_of_their_own(db: Database, made: Scene) -> None:
    desk = made.people["receptionist"]
    own = pet(desk, name="Own", primary_clinic_id=made.clinic.id)
    await stored(db, own)
    invite = schemas.PatientInvite(clinic_id=made.clinic.id, user_id=desk.id)
    invitation = await _do(db, made.who("manager"), "invite_patient", invite)
    accept = schemas.InvitationAccept(id=invitation.id, pet_ids=(own.id,))
    await _do(db, desk.id, "accept_invitation", accept)
    with pytest.raises(InvalidTransition):
        await _do(db, desk.id, "accept_invitation", accept)


@pytest.mark.parametrize(
    "change",
    [
        {"ends_on": None},
        {"ends_on": date(2031, 1, 1)},
        {"starts_on": date(2019, 1, 1)},
    ],
    ids=["without end", "later", "earlier"],
)
async def test_a_membership_lasts_no_longer_than_its_holder_accepted(
    db: Database, made: Scene, change: dict[str, Any]
) -> None:
    helper = user()
    await stored(db, helper)
    held = membership(helper, made.clinic, role=Role.RECEPTIONIST, ends_on=date(2030, 1, 1))
    await stored(db, held)
    with pytest.raises(InvalidValue, match="accepted"):
        await _do(
            db,
            made.who("manager"),
            "update_membership",
            schemas.StaffMembershipUpdate(id=held.id, **change),
        )
    shorter = schemas.StaffMembershipUpdate(id=held.id, ends_on=date(2029, 1, 1))
    await _do(db, made.who("manager"), "update_membership", shorter)


async def _invited(db: Database, made: Scene, person: User) -> Invitation:
    wish = schemas.ColleagueInvite(
        clinic_id=made.clinic.id,
        user_id=person.id,
        terms=MembershipTerms(role=Role.CLINIC_MANAGER, starts_on=date(2020, 1, 1)),
    )
    invitation: Invitation = await _do(db, made.who("manager"), "invite_colleague", wish)
    return invitation


async def test_the_invitation_of_a_manager_who_has_left_is_worth_nothing(
    db: Database, made: Scene
) -> None:
    friend = user()
    await stored(db, friend)
    invitation = await _invited(db, made, friend)
    async with db.session() as session:
        held = await operations.list_memberships(
            session, schemas.StaffMembershipQuery(user_id=made.who("manager"))
        )
    yesterday = (datetime.now(UTC) - timedelta(days=2)).date()
    await _do(
        db,
        made.who("manager"),
        "end_membership",
        schemas.StaffMembershipEnd(id=held.items[0].id, ends_on=yesterday),
    )
    with pytest.raises(InvalidTransition, match="withdrawn"):
        await _do(db, friend.id, "accept_invitation", schemas.InvitationAccept(id=invitation.id))


async def test_an_account_that_was_opened_at_one_clinic_is_not_anothers(
    db: Database, made: Scene
) -> None:
    desk, other = made.people["receptionist"], clinic(name="Other")
    colleague = user()
    await stored(db, other, colleague)
    opened = await _do(
        db,
        desk.id,
        "create_user",
        schemas.UserCreate(email="new@example.com", first_name="N", last_name="Ew"),
    )
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date()
    await stored(
        db,
        membership(desk, other, role=Role.RECEPTIONIST, starts_on=tomorrow),
        membership(colleague, other, role=Role.RECEPTIONIST),
    )
    with clock.frozen(datetime.now(UTC) + timedelta(days=3)):
        for place, counts in ((other, False), (made.clinic, True)):
            entered = await _entered(db, made, owner_id=opened.id, primary_clinic_id=place.id)
            row = await _registration(db, entered.id, place.id)
            assert row.counts_for_owner is counts
        assert not await _sees(db, colleague.id, "get_user", opened.id)


async def test_an_account_is_its_holders_once_they_have_claimed_it(
    db: Database, made: Scene
) -> None:
    desk = made.who("receptionist")
    wish = schemas.UserCreate(email="new@example.com", first_name="N", last_name="Ew")
    opened = await _do(db, desk, "create_user", wish, key="one")
    assert (await _do(db, desk, "create_user", wish, key="one")).id == opened.id
    claimed = schemas.UserUpdate(id=opened.id, email_verified=True, phone="+12065550100")
    await _do(db, None, "update_user", claimed)
    with pytest.raises(NotFound):
        await _do(db, desk, "create_user", wish, key="one")


_ONCE_USED = {
    "a password": lambda key: UserCredential(user_id=key, confirmed_at=datetime.now(UTC)),
    "a provider": lambda key: UserIdentity(
        issuer="https://id.example.org", subject="1", user_id=key, created_at=datetime.now(UTC)
    ),
    "a passkey": lambda key: Passkey(
        user_id=key, credential_id="c", public_key=b"k", name="Phone", created_at=datetime.now(UTC)
    ),
}


@pytest.mark.parametrize("way", _ONCE_USED)
async def test_whoever_has_used_an_account_keeps_it_when_their_address_changes(
    db: Database, made: Scene, way: str
) -> None:
    """Whoever opened it for them has no more part in it, though the new address is not verified."""
    desk = made.who("receptionist")
    wish = schemas.UserCreate(email="new@example.com", first_name="N", last_name="Ew")
    opened = await _do(db, desk, "create_user", wish, key="one")
    await stored(db, _ONCE_USED[way](opened.id))
    with pytest.raises(NotFound):
        await _do(db, desk, "create_user", wish, key="one")
    entered = await _entered(db, made, owner_id=opened.id)
    assert not (await _registration(db, entered.id, made.clinic.id)).counts_for_owner
    assert not await _sees(db, desk, "get_user", opened.id)


async def test_who_shares_a_pet_that_a_clinic_entered_is_no_client_of_it(
    db: Database, made: Scene
) -> None:
    desk, friend = made.who("receptionist"), user()
    await stored(db, friend)
    wish = schemas.UserCreate(email="new@example.com", first_name="N", last_name="Ew")
    opened = await _do(db, desk, "create_user", wish)
    entered = await _entered(db, made, owner_id=opened.id)
    shared = await _do(
        db, opened.id, "share_pet", schemas.PetShare(id=entered.id, user_id=friend.id)
    )
    await _do(db, friend.id, "accept_invitation", schemas.InvitationAccept(id=shared.id))
    assert await _sees(db, desk, "get_user", opened.id)
    assert not await _sees(db, desk, "get_user", friend.id)
    shown = await _do(db, desk, "list_co_owners", schemas.ById(id=entered.id))
    assert shown == []
    shown = await _do(db, opened.id, "list_co_owners", schemas.ById(id=entered.id))
    assert [each.id for each in shown] == [friend.id]


async def test_a_manager_makes_no_veterinarian_of_a_client(db: Database, made: Scene) -> None:
    wish = schemas.VeterinarianCreate(
        user_id=made.who("owner"), license_number="N1", license_jurisdiction="US-WA"
    )
    assert await _sees(db, made.who("manager"), "get_user", made.who("owner"))
    with pytest.raises(PermissionDenied):
        await _do(db, made.who("manager"), "create_veterinarian", wish)
    colleague = wish.model_copy(update={"user_id": made.who("receptionist")})
    entered: Veterinarian = await _do(db, made.who("manager"), "create_veterinarian", colleague)
    assert entered.user_id == made.who("receptionist")


async def test_a_visit_that_was_missed_gives_nothing_when_the_desk_says_that_it_takes_place(
    db: Database, made: Scene
) -> None:
    animal, desk = await _unregistered(db, made), made.who("receptionist")
    with clock.frozen(NOW) as stopped:
        visit = await _do(db, made.who("owner"), "book_appointment", _wish(made, animal))
        stopped.move_to(LATER + timedelta(days=3))
        for name in ("check_in_appointment", "start_appointment", "complete_appointment"):
            operation: Any = getattr(operations, name)
            await _do(db, desk, name, operation.command(id=visit.id))
        assert not await _sees(db, desk, "get_pet", animal.id)
