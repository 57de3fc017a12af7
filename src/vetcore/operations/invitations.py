"""What is done with invitations: sent, answered, taken back, and told at the desk."""

from contextlib import suppress
from datetime import timedelta
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import delete, select

from vetcore import clock
from vetcore.access import Permission, has_permission, load_actor
from vetcore.database import ReadSession, Session
from vetcore.database.locking import locked
from vetcore.database.paging import Page, page
from vetcore.errors import (
    AlreadyExists,
    InvalidTransition,
    InvalidValue,
    NotAuthenticated,
    NotFound,
)
from vetcore.models import Invitation, Pet, PetCoOwner, StaffMembership, User
from vetcore.operations.asking import Asked
from vetcore.operations.declaring import operation, reading
from vetcore.operations.listing import narrowed
from vetcore.operations.patients import hand_over, registered
from vetcore.operations.people import account_of
from vetcore.schemas import (
    ById,
    ColleagueInvite,
    InvitationAccept,
    InvitationQuery,
    PatientInvite,
    StaffMembershipCreate,
)
from vetcore.values.people import Role, UserStatus
from vetcore.values.relations import InvitationAnswer, InvitationKind, PatientOrigin
from vetcore.values.terms import MembershipTerms

__all__ = [
    "accept_invitation",
    "addressee",
    "answered",
    "decline_invitation",
    "get_invitation",
    "invite",
    "invite_colleague",
    "invite_patient",
    "list_invitations",
    "offered_pet",
    "open_invitation",
    "withdraw_invitation",
]

_VALID: Final = timedelta(days=14)


async def invite(asked: Asked, session: Session, kind: InvitationKind, **more: Any) -> Invitation:
    """Return a new invitation with the id of the command; it asks no permission.

    Raises:
        NotFound: an account is named that does not exist, or was deleted.
    """
    if more.get("user_id") is not None:
        await account_of(session, more["user_id"])
    row = Invitation(id=asked.id, kind=kind, expires_at=clock.now() + _VALID, **more)
    session.add(row)
    await session.flush()
    return row


@operation(permission=Permission.PATIENT_INVITE, entity=Invitation, keyed=True)
async def invite_patient(session: Session, wish: PatientInvite, asked: Asked) -> Invitation:
    """Ask a pet's owner to let the clinic care for it.

    The answer is the same whether there is such an account or not.

    Raises:
        NotFound: there is no such pet, or it is none that they may see.
        InvalidValue: the pet has an owner, who would be asked to register it.
    """
    asked.require_at(wish.clinic_id)
    if wish.pet_id is not None:
        pet, _ = await asked.take(Pet, wish.pet_id, permission=Permission.PET_READ)
        if pet.owner_id is not None:
            raise InvalidValue(
                field="pet_id", rule="has an owner", expected="a pet that nobody has claimed"
            )
    return await invite(asked, session, InvitationKind.PATIENT, **_given(wish))


@operation(permission=Permission.STAFF_MANAGE, entity=Invitation, keyed=True)
async def invite_colleague(session: Session, wish: ColleagueInvite, asked: Asked) -> Invitation:
    """Offer somebody a membership at a clinic. They work there once they have accepted."""
    asked.require_at(wish.clinic_id)
    return await invite(asked, session, InvitationKind.COLLEAGUE, **_given(wish))


def _given(wish: PatientInvite | ColleagueInvite) -> dict[str, Any]:
    return {name: getattr(wish, name) for name in type(wish).model_fields}


# Answers ------------------------------------------------------------------------------------------


@operation(
    permission=Permission.INVITATION_ANSWER,
    entity=Invitation,
    versioned=True,
    keyed=True,
    errors=(InvalidTransition, AlreadyExists),
)
async def accept_invitation(session: Session, act: InvitationAccept, asked: Asked) -> Invitation:
    """Accept an invitation: from now on the relation counts.

    Raises:
        InvalidTransition: it was answered or withdrawn before, or its time is over.
        AlreadyExists: the person has a membership there from that day on.
        NotFound: there is no such invitation of theirs, or no such pet.
        InvalidValue: no pet is named that the clinic may care for.
        PermissionDenied: somebody has invited themselves to work at a clinic.
    """
    row = await open_invitation(asked, act.id, InvitationAnswer.ACCEPTED)
    person = await _person(session, asked, row)
    await _come_true(session, asked, row, person, act)
    return await answered(session, row, InvitationAnswer.ACCEPTED)


@operation(
    permission=Permission.INVITATION_ANSWER,
    entity=Invitation,
    versioned=True,
    keyed=True,
    errors=(InvalidTransition,),
)
async def decline_invitation(session: Session, act: ById, asked: Asked) -> Invitation:
    """Decline an invitation. Nothing comes of it.

    Raises:
        InvalidTransition: it was answered or withdrawn before, or its time is over.
    """
    row = await open_invitation(asked, act.id, InvitationAnswer.DECLINED)
    await _person(session, asked, row)
    return await answered(session, row, InvitationAnswer.DECLINED)


@operation(
    permission=Permission.INVITATION_WITHDRAW,
    entity=Invitation,
    versioned=True,
    keyed=True,
    errors=(InvalidTransition,),
)
async def withdraw_invitation(session: Session, act: ById, asked: Asked) -> Invitation:
    """Take an invitation back that has not been answered.

    Raises:
        InvalidTransition: it was answered or withdrawn before, or its time is over.
    """
    row = await open_invitation(asked, act.id, InvitationAnswer.WITHDRAWN)
    return await answered(session, row, InvitationAnswer.WITHDRAWN)


async def open_invitation(asked: Asked, key: UUID, wanted: InvitationAnswer) -> Invitation:
    """Return an invitation that waits for an answer, locked.

    Raises:
        InvalidTransition: it was answered or withdrawn before, or its time is over.
    """
    row, _ = await asked.take(Invitation, key)
    over = row.expires_at <= clock.now()
    if row.answer is not None or over:
        current = row.answer.value if row.answer is not None else "expired"
        raise InvalidTransition(entity="invitation", current=current, requested=wanted, allowed=())
    return row


async def _person(session: Session, asked: Asked, row: Invitation) -> User:
    """Return the person who is invited: whoever acts, unless the system does."""
    if asked.actor is not None:
        person = await account_of(session, asked.actor.user_id)
        by_address = row.user_id is None and person.email_verified and person.email == row.email
        if row.user_id == person.id or by_address:
            return person
        raise asked.denied(on=f"Invitation {row.id}")
    return await addressee(session, row)


async def addressee(session: Session, row: Invitation) -> User:
    """Return the account that an invitation is for.

    Raises:
        NotFound: there is none in use, or nobody has verified that address.
    """
    query = select(User).where(User.status == UserStatus.ACTIVE)
    if row.user_id is not None:
        query = query.where(User.id == row.user_id)
    else:
        query = query.where(User.email == row.email, User.email_verified)
    person = await session.scalar(query)
    if person is None:
        raise NotFound(entity=User, key=row.user_id or row.id)
    return person


async def answered(session: Session, row: Invitation, answer: InvitationAnswer) -> Invitation:
    """Note what became of an invitation."""
    row.answer, row.answered_at, row.code_hash = answer, clock.now(), None
    await session.flush()
    return row


async def _come_true(
    session: Session, asked: Asked, row: Invitation, person: User, act: InvitationAccept
) -> None:
    if row.kind is InvitationKind.COLLEAGUE:
        if row.created_by_id == person.id:
            # Nobody gives themselves a role: somebody else has to want them in it.
            raise asked.denied(on=f"Invitation {row.id}, which is one's own")
        await _require_still_managed(session, row)
        await _employ(session, row, person)
    elif row.kind is InvitationKind.CO_OWNER:
        pet = await _pet_on_offer(session, row)
        key = {"pet_id": pet.id, "user_id": person.id}
        if pet.owner_id != person.id and await session.get(PetCoOwner, key) is None:
            session.add(PetCoOwner(**key))
            await session.flush()
    elif row.kind is InvitationKind.OWNER:
        pet = await _pet_on_offer(session, row)
        await hand_over(session, pet, person.id, keeps_clinics=act.keep_clinics)
        await _part(session, row, person)
    else:
        await _become_patients(session, asked, row, person, act.pet_ids)


async def _require_still_managed(session: Session, row: Invitation) -> None:
    """Refuse an invitation of somebody who manages the clinic no more.

    Raises:
        InvalidTransition: they do not.
    """
    if row.created_by_id is None:
        return
    with suppress(NotAuthenticated):
        inviter = await load_actor(session, row.created_by_id)
        if has_permission(inviter, Permission.STAFF_MANAGE, cast("UUID", row.clinic_id)):
            return
    raise _withdrawn()


def _withdrawn() -> InvalidTransition:
    return InvalidTransition(
        entity="invitation", current="withdrawn", requested="accepted", allowed=()
    )


async def _employ(session: Session, row: Invitation, person: User) -> None:
    terms = cast("MembershipTerms", row.terms)
    given: dict[str, Any] = {name: getattr(terms, name) for name in MembershipTerms.model_fields}
    clinic_id = cast("UUID", row.clinic_id)
    made = StaffMembershipCreate(user_id=person.id, clinic_id=clinic_id, **given)
    session.add(made.make(StaffMembership))
    await session.flush()


async def _pet_on_offer(session: Session, row: Invitation) -> Pet:
    """Return the pet that is shared or given away, if whoever offered it still may."""
    pet = await offered_pet(session, row)
    if not await _may_still_offer(session, row, pet):
        raise _withdrawn()
    return pet


async def offered_pet(session: Session, row: Invitation) -> Pet:
    """Return the pet of an invitation as it is now, locked.

    Raises:
        NotFound: it was deleted meanwhile.
    """
    return await locked(session, Pet, cast("UUID", row.pet_id))


async def _may_still_offer(session: Session, row: Invitation, pet: Pet) -> bool:
    """Return whether whoever offered the pet still looks after it, if anybody does."""
    inviter_id = row.created_by_id
    if inviter_id is None or pet.owner_id in {None, inviter_id}:
        return True
    shares = await _looks_after(session, pet, inviter_id)
    if row.kind is InvitationKind.CO_OWNER and shares:
        return True
    inviter = await session.get(User, inviter_id)
    return inviter is not None and inviter.role is Role.PLATFORM_ADMIN


async def _looks_after(session: Session, pet: Pet, person_id: UUID) -> bool:
    """Return whether somebody owns a pet, or shares it."""
    key = {"pet_id": pet.id, "user_id": person_id}
    return pet.owner_id == person_id or await session.get(PetCoOwner, key) is not None


async def _part(session: Session, row: Invitation, owner: User) -> None:
    """Let the co-owners of a pet that has another owner go, unless they were to stay."""
    gone = delete(PetCoOwner).where(PetCoOwner.pet_id == row.pet_id)
    if row.keeps_co_owners:
        gone = gone.where(PetCoOwner.user_id == owner.id)
    await session.execute(gone)


async def _become_patients(
    session: Session, asked: Asked, row: Invitation, person: User, pet_ids: tuple[UUID, ...]
) -> None:
    clinic_id: Any = row.clinic_id
    wanted = list(dict.fromkeys(pet_ids))
    if row.pet_id is not None:
        pet = await offered_pet(session, row)
        if pet.owner_id is None:
            await hand_over(session, pet, person.id, keeps_clinics=True, clinic_id=clinic_id)
            wanted.append(pet.id)
    if not wanted:
        raise InvalidValue(
            field="pet_ids", rule="is missing", expected="the pets that the clinic may care for"
        )
    for key in wanted:
        pet, _ = await asked.take(Pet, key, permission=Permission.PET_READ)
        if not await _looks_after(session, pet, person.id):
            raise NotFound(entity=Pet, key=key)
        await registered(session, key, clinic_id, PatientOrigin.INVITATION, agreed_by=person.id)


# Reading ------------------------------------------------------------------------------------------


@reading(permission=Permission.INVITATION_READ, entity=Invitation)
async def get_invitation(_session: ReadSession, wanted: ById, asked: Asked) -> Invitation:
    """Return one invitation."""
    row, _ = await asked.take(Invitation, wanted.id, lock=False)
    return row


@reading(permission=Permission.INVITATION_READ, entity=Invitation)
async def list_invitations(
    session: ReadSession, wanted: InvitationQuery, asked: Asked
) -> Page[Invitation]:
    """Return the invitations that whoever acts may see, the latest first."""
    row = Invitation
    query = narrowed(
        asked.seen(select(row), row),
        (row.kind, wanted.kind),
        (row.clinic_id, wanted.clinic_id),
        (row.pet_id, wanted.pet_id),
    )
    if wanted.is_open is not None:
        waits = row.answer.is_(None) & (row.expires_at > clock.now())
        query = query.where(waits if wanted.is_open else ~waits)
    latest_first = [row.created_at.desc(), row.id.desc()]
    return await page(session, query, order_by=latest_first, limit=wanted.limit, after=wanted.after)
