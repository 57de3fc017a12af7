"""Invitations."""

from datetime import timedelta
from typing import Any

from vetcore import clock
from vetcore.models import Invitation
from vetcore.testing.factories.chance import chance, parent
from vetcore.testing.factories.clinics import make_clinic
from vetcore.testing.factories.registering import factory
from vetcore.values.people import Role
from vetcore.values.relations import InvitationKind
from vetcore.values.terms import MembershipTerms

__all__ = ["make_invitation"]


@factory
def make_invitation(**overrides: Any) -> Invitation:
    """The offer of a membership at a clinic that waits for an answer, to somebody's address."""
    take = chance()
    made = dict(overrides)
    kind = InvitationKind(made.setdefault("kind", InvitationKind.COLLEAGUE))
    if kind in {InvitationKind.COLLEAGUE, InvitationKind.PATIENT}:
        parent(made, "clinic", make_clinic)
    usual: dict[str, Any] = {**take.row(), "expires_at": clock.now() + timedelta(days=14)}
    if kind is InvitationKind.COLLEAGUE:
        usual["terms"] = MembershipTerms(role=Role.RECEPTIONIST, starts_on=take.today())
    if made.get("user_id") is None:
        usual["email"] = f"invited{take.number('invited')}@example.com"
    return Invitation(**usual | made)
