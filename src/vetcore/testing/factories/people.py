"""People: accounts, veterinarians and their absences, memberships."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from vetcore.models import StaffMembership, TimeOff, User, Veterinarian
from vetcore.testing.factories.chance import chance, parent
from vetcore.testing.factories.clinics import make_clinic
from vetcore.testing.factories.places import PLACES, address_in, email_of, phone_in, place
from vetcore.testing.factories.registering import factory
from vetcore.values.clinics import Specialty
from vetcore.values.credentials import Credential, CredentialKind
from vetcore.values.people import Role
from vetcore.values.walltime import zone_named

__all__ = ["make_staff_membership", "make_time_off", "make_user", "make_veterinarian"]


@factory
def make_user(*, country: str | None = None, **overrides: Any) -> User:
    """Make a person with an account, who is a pet owner unless ``role`` says otherwise.

    Args:
        country: where they live, as ISO 3166-1; else where the address or the time zone says.
        overrides: columns and relations.
    """
    take = chance()
    address = overrides.get("address")
    there = place(
        country=country or (address.country if address else None),
        timezone=overrides.get("timezone"),
    )
    made: dict[str, Any] = {
        **take.row(),
        "email_verified": True,
        "phone": phone_in(there),
        "first_name": take.choice(there.first_names),
        "last_name": take.choice(there.last_names),
        "locale": there.locale,
        "timezone": there.timezone,
        "address": address_in(there),
        "terms_accepted_at": _midday(take.days_ago(30, 900)),
    }
    made |= overrides
    made.setdefault("privacy_accepted_at", made["terms_accepted_at"])
    if "email" not in made:
        made["email"] = email_of(made["first_name"], made["last_name"])
    return User(**made)


def _midday(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


@factory
def make_veterinarian(**overrides: Any) -> Veterinarian:
    """Make a veterinarian with an account. The licence is valid for at least a year.

    The licence is of the jurisdiction in which they live. They have no membership yet: see
    :func:`make_staff_membership`.
    """
    take = chance()
    made = dict(overrides)
    person = parent(made, "user", make_user, role=Role.VETERINARIAN)
    licensed = take.days_ago(1000, 9000)
    jurisdiction = overrides.get("license_jurisdiction") or _jurisdiction(person)
    usual: dict[str, Any] = {
        **take.row(),
        "license_number": f"VT-{take.number('license')}",
        "license_jurisdiction": jurisdiction,
        "license_expires_on": date(take.today().year + take.random.randint(1, 3), 12, 31),
        "credentials": (
            Credential(kind=CredentialKind.DEGREE, issuer="Example University", issued_on=licensed),
        ),
        "specializations": (take.choice(tuple(Specialty)),) if take.one_in(3) else (),
        "languages": (person.locale.partition("-")[0] if person else "en",),
    }
    return Veterinarian(**usual | made)


def _jurisdiction(person: User | None) -> str:
    address = person.address if person else None
    if address is None:
        return "US-WA"
    known = [each for each in PLACES if each.country == address.country]
    near = [each for each in known if each.region == address.region]
    return near[0].jurisdiction if near else address.country


@factory
def make_time_off(**overrides: Any) -> TimeOff:
    """Make an absence of a week or two, some weeks from now, from midnight to midnight.

    ``practitioner`` is a user, and ``veterinarian`` a veterinarian in their place.
    """
    take = chance()
    made = dict(overrides)
    if "veterinarian" in made:
        vet: Veterinarian = made.pop("veterinarian")
        made.setdefault("practitioner", vet.user)
    person = parent(made, "practitioner", lambda: make_veterinarian().user)
    zone = zone_named(person.timezone if person else "UTC")
    first = take.today() + timedelta(days=take.random.randint(20, 60))
    begin = datetime.combine(first, time(), zone).astimezone(UTC)
    begin = made.setdefault("starts_at", begin)
    made.setdefault("ends_at", begin + timedelta(days=take.choice((7, 14))))
    return TimeOff(**{**take.row()} | made)


@factory
def make_staff_membership(**overrides: Any) -> StaffMembership:
    """Make a membership at a clinic that began some years ago and has no end."""
    take = chance()
    made = dict(overrides)
    clinic = parent(made, "clinic", make_clinic)
    about: dict[str, Any] = {"role": made.get("role", Role.VETERINARIAN)}
    if clinic is not None:
        about |= {"timezone": clinic.timezone, "country": clinic.address.country}
    person = parent(made, "user", make_user, **about)
    if "role" not in made:
        held = person.role if person else None
        made["role"] = held if held and held.is_staff else Role.VETERINARIAN
    ends_on: date | None = made.get("ends_on")
    starts_on = take.days_ago(400, 3000)
    if ends_on is not None:
        starts_on = min(starts_on, ends_on - timedelta(days=30))
    return StaffMembership(**{**take.row(), "starts_on": starts_on} | made)
