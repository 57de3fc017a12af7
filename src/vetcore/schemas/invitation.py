"""Schemas of invitations: commands, queries and responses."""

from datetime import datetime
from typing import Annotated, ClassVar, Protocol
from uuid import UUID

from pydantic import Field

from vetcore.errors import InvalidValue
from vetcore.schemas.base import ById, ListQuery, Ruled, Rules, Summary, Upkeep
from vetcore.schemas.fields import Code, EmailAddress, ShortText
from vetcore.schemas.rules import to_one
from vetcore.values.people import Role
from vetcore.values.relations import InvitationAnswer, InvitationKind
from vetcore.values.terms import MembershipTerms

__all__ = [
    "ColleagueInvite",
    "InvitationAccept",
    "InvitationCodeClaim",
    "InvitationQuery",
    "InvitationRedeem",
    "InvitationResponse",
    "InvitationStaffResponse",
    "InvitationSummary",
    "PatientInvite",
]


class _Addressed(Protocol):
    """What the rule reads of an invitation."""

    @property
    def email(self) -> str | None: ...
    @property
    def user_id(self) -> UUID | None: ...


def _to_one(invitation: _Addressed, _whole: bool, /) -> None:
    to_one("user_id", invitation.user_id, invitation.email)


def _to_a_clinic(invitation: "ColleagueInvite", whole: bool, /) -> None:
    _to_one(invitation, whole)
    if not invitation.terms.role.is_staff:
        raise InvalidValue(
            field="terms",
            rule="has no role at a clinic",
            expected=", ".join(known for known in Role if known.is_staff),
            value=invitation.terms.role,
        )


class PatientInvite(Ruled):
    """A question to a pet's owner: may the clinic care for the pet?

    The clinic learns nothing of the account before the owner answers, not even whether there is one.
    """

    rules: ClassVar[Rules["PatientInvite"] | None] = _to_one

    clinic_id: UUID
    email: EmailAddress | None = None
    user_id: UUID | None = None
    pet_id: UUID | None = None
    """A pet without an owner that the clinic has entered; it becomes the person's on acceptance."""
    message: ShortText | None = None


class ColleagueInvite(Ruled):
    """The offer of a membership at a clinic. Its managers may send it."""

    rules: ClassVar[Rules["ColleagueInvite"] | None] = _to_a_clinic

    clinic_id: UUID
    email: EmailAddress | None = None
    user_id: UUID | None = None
    terms: MembershipTerms
    message: ShortText | None = None


class InvitationAccept(ById):
    """The answer yes."""

    pet_ids: Annotated[tuple[UUID, ...], Field(max_length=100)] = ()
    """The pets that the clinic may care for, where it has invited the person with their pets."""
    keep_clinics: bool = True
    """Whether the clinics of a pet that is given to the person go on caring for it."""


class InvitationCodeClaim(Upkeep):
    """Codes to send to the people who were invited by address."""

    valid_minutes: Annotated[int, Field(ge=1, le=1440)] = 30
    """How long each code can be told at the desk."""


class InvitationRedeem(ById):
    """The code that the person tells at the desk, which is their yes."""

    code: Code


class InvitationQuery(ListQuery):
    """Invitations that fit everything that is said, the latest first."""

    kind: InvitationKind | None = None
    clinic_id: UUID | None = None
    pet_id: UUID | None = None
    is_open: bool | None = None
    """Only those that wait for an answer, or only the others."""


class InvitationSummary(Summary):
    """An invitation in a list."""

    id: UUID
    kind: InvitationKind
    clinic_id: UUID | None
    pet_id: UUID | None
    expires_at: datetime
    answer: InvitationAnswer | None


class InvitationResponse(InvitationSummary):
    """An invitation as the person who is invited sees it, and whoever has invited them."""

    email: str | None
    """The address to which it was sent, where no account was named."""
    terms: MembershipTerms | None
    message: str | None
    answered_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int


class InvitationStaffResponse(InvitationResponse):
    """An invitation as the clinic's staff see it, with who entered and changed it."""

    created_by_id: UUID | None
    updated_by_id: UUID | None
