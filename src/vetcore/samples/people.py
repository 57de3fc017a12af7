"""The people of the sample world."""

import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from vetcore.models import Clinic, User, Veterinarian
from vetcore.samples.reading import ago
from vetcore.values.address import Address
from vetcore.values.clinics import Specialty
from vetcore.values.credentials import Credential, CredentialKind
from vetcore.values.people import Role
from vetcore.values.preferences import Preferences

__all__ = ["owner", "staff_member", "veterinarian"]

_LOCALES = {
    "AU": "en-AU",
    "BR": "pt-BR",
    "CA": "en-CA",
    "DE": "de-DE",
    "GB": "en-GB",
    "JP": "ja-JP",
    "NP": "ne-NP",
    "US": "en-US",
    "WS": "sm-WS",
}


def _email(first_name: str, last_name: str) -> str:
    letters = unicodedata.normalize("NFKD", f"{first_name}.{last_name}").lower()
    return "".join(c for c in letters if c.isascii() and (c.isalnum() or c == ".")) + "@example.com"


def staff_member(given: dict[str, str], clinic: Clinic, key: UUID) -> User:
    """Return a person who works at ``clinic``, from a row of ``staff.csv``."""
    return User(
        id=key,
        email=_email(given["first_name"], given["last_name"]),
        email_verified=True,
        first_name=given["first_name"],
        last_name=given["last_name"],
        role=Role(given["role"]),
        locale=_LOCALES[clinic.address.country],
        timezone=clinic.timezone,
    )


def veterinarian(
    given: dict[str, str], person: User, clinic: Clinic, key: UUID, today: date
) -> Veterinarian:
    """Return the veterinarian that ``person`` is. The licence is of the clinic's jurisdiction."""
    return Veterinarian(
        id=key,
        user_id=person.id,
        license_number=given["license"],
        license_jurisdiction=clinic.license_jurisdiction or clinic.address.country,
        license_expires_on=date(today.year + 1, 12, 31),
        credentials=(
            Credential(
                kind=CredentialKind.DEGREE, issuer="Example University", issued_on=ago("9y", today)
            ),
        ),
        specializations=tuple(Specialty(name) for name in given["specialties"].split()),
        species_treated=clinic.species_treated,
        languages=tuple(given["languages"].split()),
    )


def owner(given: dict[str, str], clinic: Clinic, key: UUID, today: date) -> User:
    """Return a pet owner who lives near ``clinic``, from a row of ``owners.csv``."""
    agreed = datetime.combine(ago("1y2m", today), time(12), UTC) + timedelta(minutes=key.int % 600)
    return User(
        id=key,
        email=_email(given["first_name"], given["last_name"]),
        email_verified=True,
        phone=given["phone"] or None,
        first_name=given["first_name"],
        last_name=given["last_name"],
        role=Role.PET_OWNER,
        locale=_LOCALES[clinic.address.country],
        timezone=clinic.timezone,
        address=Address(
            line1=given["line1"],
            city=clinic.address.city,
            region=clinic.address.region,
            postal_code=given["postal_code"] or None,
            country=clinic.address.country,
        ),
        preferences=Preferences(sms_enabled=bool(given["phone"])),
        terms_accepted_at=agreed,
        privacy_accepted_at=agreed,
    )
