"""What a veterinarian may show: degrees, certifications, registrations."""

from datetime import date
from enum import StrEnum, unique

from vetcore.values.documents import Document, Label

__all__ = ["Credential", "CredentialKind"]


@unique
class CredentialKind(StrEnum):
    """The kinds of credential."""

    DEGREE = "degree"
    BOARD_CERTIFICATION = "board_certification"
    ACCREDITATION = "accreditation"
    CONTROLLED_SUBSTANCE_REGISTRATION = "controlled_substance_registration"
    CONTINUING_EDUCATION = "continuing_education"
    OTHER = "other"


class Credential(Document):
    """One credential of a person."""

    kind: CredentialKind
    issuer: Label
    number: Label | None = None
    issued_on: date | None = None
    expires_on: date | None = None
    document_url: Label | None = None
