"""The credentials of a veterinarian: degrees, certifications and registrations."""

from datetime import date
from enum import StrEnum, unique
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, StringConstraints, ValidationInfo

from vetcore.errors import InvalidValue
from vetcore.values.dates import Day, not_before
from vetcore.values.documents import Document, Label

__all__ = ["Credential", "CredentialKind", "WebAddress"]


@unique
class CredentialKind(StrEnum):
    """A kind of credential. The licence to practise is a field of the veterinarian instead."""

    DEGREE = "degree"
    BOARD_CERTIFICATION = "board_certification"
    ACCREDITATION = "accreditation"
    """Federal accreditation for health certificates and export papers (9 CFR 160 to 162)."""
    CONTROLLED_SUBSTANCE_REGISTRATION = "controlled_substance_registration"
    CONTINUING_EDUCATION = "continuing_education"
    LIABILITY_INSURANCE = "liability_insurance"
    OTHER = "other"


def _on_the_web(value: str, info: ValidationInfo) -> str:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.username is None
    except ValueError:
        usable = False
    if not usable:
        raise InvalidValue(
            field=info.field_name or "url",
            rule="must be a web address without a user name",
            expected="https://example.org/document.pdf",
            value=value,
        )
    return value


WebAddress = Annotated[
    str, StringConstraints(max_length=2000, pattern=r"^[^\s\p{Cc}]+$"), AfterValidator(_on_the_web)
]
"""An ``http`` or ``https`` address, kept as it was written."""


class Credential(Document):
    """One credential of a person.

    >>> diploma = Credential(kind="degree", issuer="Washington State University")
    >>> diploma.is_valid_on(date(2060, 1, 1))
    True
    """

    kind: CredentialKind
    issuer: Label
    number: Label | None = None
    issued_on: Day | None = None
    expires_on: Annotated[Day | None, not_before("issued_on")] = None
    """The last day on which it counts; None where it does not expire."""
    document_url: WebAddress | None = None

    def is_valid_on(self, day: date) -> bool:
        """Return whether the credential counts on ``day``: issued by then, and not expired."""
        issued = self.issued_on is None or self.issued_on <= day
        return issued and (self.expires_on is None or day <= self.expires_on)
