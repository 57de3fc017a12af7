"""Relations of the sample world that are not, or not yet: what has ended, and what waits."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from vetcore.models import Clinic, ClinicPatient, Invitation, Pet, StaffMembership, User
from vetcore.samples.reading import ago
from vetcore.values.people import Role
from vetcore.values.relations import InvitationKind, PatientOrigin

__all__ = ["former_colleague", "former_patient", "invitation"]


def former_patient(pet: Pet, clinic: Clinic, key: UUID, today: date) -> ClinicPatient:
    """Return the registration of a pet at a clinic that its owner left three months ago."""
    return ClinicPatient(
        id=key,
        pet_id=pet.id,
        clinic_id=clinic.id,
        origin=PatientOrigin.OWNER,
        agreed_at=_noon(ago("2y", today)),
        agreed_by_id=pet.owner_id,
        ended_at=_noon(ago("3m", today)),
    )


def former_colleague(person: User, clinic: Clinic, key: UUID, today: date) -> StaffMembership:
    """Return the membership of somebody who left a clinic four months ago."""
    return StaffMembership(
        id=key,
        user_id=person.id,
        clinic_id=clinic.id,
        role=Role.RECEPTIONIST,
        starts_on=ago("3y", today),
        ends_on=ago("4m", today),
    )


def invitation(pet: Pet, invited: User, key: UUID, today: date) -> Invitation:
    """Return an invitation to look after a pet together with its owner, which waits for an answer."""
    return Invitation(
        id=key,
        kind=InvitationKind.CO_OWNER,
        pet_id=pet.id,
        user_id=invited.id,
        expires_at=_noon(today + timedelta(days=14)),
        message="While I am at sea",
        created_by_id=pet.owner_id,
    )


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)
