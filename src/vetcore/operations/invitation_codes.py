"""Codes of invitations, which owners tell at the desk."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from hmac import compare_digest
from typing import Final, cast
from uuid import UUID

from sqlalchemy import or_, select

from vetcore import clock
from vetcore.access import Permission
from vetcore.database import Session
from vetcore.errors import InvalidTransition
from vetcore.models import Invitation, User
from vetcore.operations.asking import Asked
from vetcore.operations.declaring import operation
from vetcore.operations.invitations import addressee, answered, offered_pet, open_invitation
from vetcore.operations.patients import hand_over, registered
from vetcore.schemas import InvitationCodeClaim, InvitationRedeem
from vetcore.values.people import UserStatus
from vetcore.values.relations import InvitationAnswer, InvitationKind, PatientOrigin

__all__ = ["CodeToSend", "claim_invitation_codes", "redeem_invitation"]

_ATTEMPTS: Final = 5
"""How often a code may be told wrongly."""
_DIGITS: Final = 8


@dataclass(frozen=True, slots=True)
class CodeToSend:
    """A code that a job sends to the person who is invited. Nobody else ever sees it."""

    invitation: Invitation
    code: str


@operation(permission=Permission.SYSTEM_RUN, entity=Invitation)
async def claim_invitation_codes(
    session: Session, wanted: InvitationCodeClaim, asked: Asked
) -> list[CodeToSend]:
    """Make codes for the open invitations that have none, for a job to send; commit before you send.

    Only invitations to pets that a clinic has entered, and whose address somebody has verified, get
    one: the code told at the desk is the owner's yes. Who works at the desk never sees it before.
    """
    asked.require_system()
    now = clock.now()
    query = (
        select(Invitation)
        .join(User, User.email == Invitation.email)
        .where(
            Invitation.kind == InvitationKind.PATIENT,
            Invitation.pet_id.is_not(None),
            Invitation.answer.is_(None),
            Invitation.expires_at > now,
            or_(Invitation.code_hash.is_(None), Invitation.code_expires_at <= now),
            User.email_verified,
            User.status == UserStatus.ACTIVE,
        )
        .order_by(Invitation.id)
        .limit(wanted.limit)
        .with_for_update(skip_locked=True, of=Invitation)
    )
    made: list[CodeToSend] = []
    for row in await session.scalars(query):
        code = "".join(secrets.choice("0123456789") for _ in range(_DIGITS))
        row.code_hash, row.code_attempts = _hash(row, code), 0
        row.code_expires_at = now + timedelta(minutes=wanted.valid_minutes)
        made.append(CodeToSend(row, code))
    await session.flush()
    return made


def _hash(row: Invitation, code: str) -> str:
    return hashlib.sha256(f"{row.id}:{code}".encode()).hexdigest()


@operation(
    permission=Permission.PATIENT_INVITE,
    entity=Invitation,
    versioned=True,
    errors=(InvalidTransition,),
)
async def redeem_invitation(session: Session, act: InvitationRedeem, asked: Asked) -> bool:
    """Take the code that the owner tells at the desk, which is their yes.

    A wrong code counts, and so the transaction is to be committed: after five of them, the code is
    worth nothing.

    Returns:
        Whether it was the right one, in time.

    Raises:
        InvalidTransition: the invitation was answered or withdrawn before, or its time is over.
    """
    row = await open_invitation(asked, act.id, InvitationAnswer.ACCEPTED)
    now = clock.now()
    valid = (
        row.code_hash is not None
        and row.code_expires_at is not None
        and row.code_expires_at > now
        and row.code_attempts < _ATTEMPTS
    )
    row.code_attempts += 1
    if not valid or not compare_digest(row.code_hash or "", _hash(row, act.code)):
        await session.flush()
        return False
    person = await addressee(session, row)
    pet = await offered_pet(session, row)
    if pet.owner_id is None:
        await hand_over(session, pet, person.id, keeps_clinics=True, clinic_id=row.clinic_id)
    if pet.owner_id == person.id:
        clinic_id = cast("UUID", row.clinic_id)
        await registered(session, pet.id, clinic_id, PatientOrigin.INVITATION, agreed_by=person.id)
    await answered(session, row, InvitationAnswer.ACCEPTED)
    return True
