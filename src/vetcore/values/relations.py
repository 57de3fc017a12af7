"""How people, pets and clinics come to have to do with each other."""

from enum import StrEnum, unique

__all__ = ["InvitationAnswer", "InvitationKind", "PatientOrigin"]


@unique
class PatientOrigin(StrEnum):
    """How a pet became a clinic's patient."""

    OWNER = "owner"
    """The owner registered it there."""
    INVITATION = "invitation"
    """The owner accepted the clinic's invitation."""
    CLINIC = "clinic"
    """The clinic entered the pet itself; it stands until the owner answers."""


@unique
class InvitationKind(StrEnum):
    """What somebody is invited to."""

    PATIENT = "patient"
    """To let a clinic care for a pet."""
    CO_OWNER = "co_owner"
    """To look after a pet together with its owner."""
    OWNER = "owner"
    """To become the owner of a pet that is given away."""
    COLLEAGUE = "colleague"
    """To work at a clinic."""


@unique
class InvitationAnswer(StrEnum):
    """What became of an invitation."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    """Whoever invited took it back."""
