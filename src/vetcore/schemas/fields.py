"""The types of the schemas' fields: what a field accepts, and what its error says.

The rules of names, chips and birth dates let the usual value pass in pydantic-core, and look only
at an unusual value in Python. Pets are created often, so this saves time.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Final
from uuid import UUID

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    ValidationInfo,
)

from vetcore.errors import InvalidValue
from vetcore.schemas.kinds import Explained, NotNull, Text, Weight
from vetcore.values.animals import Species
from vetcore.values.clinics import Specialty
from vetcore.values.contact import (
    normalize_email,
    normalize_name,
    normalize_phone,
    normalize_postal_code,
)
from vetcore.values.countries import CountryCode, SubdivisionCode
from vetcore.values.credentials import WebAddress
from vetcore.values.dates import Day, Instant
from vetcore.values.hours import parse_hours
from vetcore.values.licensing import normalize_dea_number, normalize_jurisdiction
from vetcore.values.microchip import normalize_microchip
from vetcore.values.money import Amount, CurrencyCode
from vetcore.values.preferences import LanguageTag
from vetcore.values.zones import zone_names

__all__ = [
    "Amount",
    "BirthDate",
    "BlockHoursText",
    "Breed",
    "ClosureHoursText",
    "Code",
    "CountryCode",
    "CurrencyCode",
    "Day",
    "DeaNumber",
    "EmailAddress",
    "ExternalId",
    "IdPart",
    "IdempotencyKey",
    "Ids",
    "Instant",
    "Jurisdiction",
    "LanguageTag",
    "Latitude",
    "Longitude",
    "MicrochipNumber",
    "NotNull",
    "OpeningHoursText",
    "PersonName",
    "PetName",
    "PetWeight",
    "PhoneNumber",
    "PostalCode",
    "Prose",
    "RegisterName",
    "RuleCode",
    "ShortText",
    "SpecialtyList",
    "SpeciesList",
    "SubdivisionCode",
    "TimeZoneName",
    "Version",
    "WebAddress",
]


_LINES: Final = r"^[\P{Cc}\t\n\r]*$"

Version = Annotated[int, Field(ge=1)]
"""The version of a row, which rises with every change."""

ShortText = Annotated[str, Text(200, example="one line of text")]
"""A line of text."""

Prose = Annotated[
    str, Text(10_000, pattern=_LINES, example="lines of text; null where there is nothing to say")
]
"""Free text; line breaks and tabs are the only control characters."""

Code = Annotated[str, Text(64, example="a number as its issuer writes it, such as VT-12345")]
"""A number or code that somebody else issued."""

RegisterName = Annotated[str, Text(32, example="the register's name, such as US-WA-Seattle")]
"""The register, such as a municipality's, in which a number is unique."""


def _opening_hours(value: str, info: ValidationInfo) -> str:
    return parse_hours(value, field=info.field_name or "opening_hours")


def _short_name(value: str) -> str:
    return normalize_name(value, longest=80)


def _jurisdiction(value: str, info: ValidationInfo) -> str:
    return normalize_jurisdiction(value, field=info.field_name or "jurisdiction")


PersonName = Annotated[str, Text(100, tidied=normalize_name, example="a name such as Ana María")]
"""A first or last name: in Unicode's composed form (NFC), single spaces."""

PetName = Annotated[str, Text(80, tidied=_short_name, example="a name such as Rex")]
"""A pet's name: in Unicode's composed form (NFC), single spaces."""

Breed = Annotated[str, Text(80, tidied=_short_name, example="a breed such as Labrador Retriever")]
"""A breed as people call it; :mod:`vetcore.values` knows the canonical names."""

BirthDate = Annotated[
    date,
    Field(ge=date(1900, 1, 1)),
    Explained("must be a day of 1900 or later", expected="ISO 8601 such as 2020-05-01"),
]
"""The day of a birth, or of a death; that it is not still to come is a rule of the schema."""

PetWeight = Annotated[Decimal, Weight()]
"""A weight in kilograms, to the tenth of a gram; what its species can weigh is the schema's rule."""

MicrochipNumber = Annotated[
    str,
    Text(
        40,
        # A manufacturer's code and 38 bits, most of them: nine chips of ten.
        usual=r"^9[0-8][0-9](?:[01][0-9]{11}|2[0-6][0-9]{10})$",
        tidied=normalize_microchip,
        rule="is not a microchip number",
        example="15 digits such as 985112345678903, or the 9 or 10 characters of an older chip",
    ),
]
"""The number of a transponder, without separators: ISO 11784, or an older scheme's."""

ExternalId = Annotated[str, Text(64, example="an id as the other system writes it")]
"""The id that another system has given."""

IdempotencyKey = Annotated[
    str, Text(100, example="text that is new for each intent, such as a UUID")
]
"""Names an intent, so that stating it twice does not do it twice."""

Ids = Annotated[tuple[UUID, ...], Field(max_length=1000)]
"""Rows of which a list is asked for."""

IdPart = Annotated[
    str,
    Text(
        36,
        usual=None,
        pattern=r"^(?:-?[0-9a-f]){4,32}$",
        rule="is no part of an id",
        example="at least four of its digits, such as 7b90dd78",
    ),
]
"""The beginning or the end of an id, as people read it from a screen."""

RuleCode = Annotated[
    str,
    Text(
        64,
        usual=None,
        pattern=r"^[a-z][a-z0-9_]*$",
        rule="is not the code of a rule",
        example="small letters and underscores, such as minimum_notice",
    ),
]
"""The code of a rule, as its error carries it."""

DeaNumber = Annotated[
    str,
    Text(
        12,
        usual=None,
        tidied=normalize_dea_number,
        rule="is not a DEA number",
        example="two letters and seven digits, the last of which checks the others: AB1234563",
    ),
]
"""A registration with the Drug Enforcement Administration (21 CFR 1301)."""

Latitude = Annotated[float, Field(ge=-90, le=90)]
"""WGS84 degrees, north positive."""

Longitude = Annotated[float, Field(ge=-180, le=180)]
"""WGS84 degrees, east positive."""

ClosureHoursText = Annotated[
    str,
    Text(200, example="times such as 10:00-14:00; null for a day on which the clinic is closed"),
    AfterValidator(_opening_hours),
]
"""The hours of a dated exception, in the syntax of OpenStreetMap."""

BlockHoursText = Annotated[
    str,
    Text(500, example="days and times such as Mo-Fr 12:00-13:00"),
    AfterValidator(_opening_hours),
]
"""When a block recurs, in the syntax of OpenStreetMap and by the clinic's clock."""

PostalCode = Annotated[
    str,
    Text(
        16,
        usual=r"^[A-Z0-9](?:[ -]?[A-Z0-9]){2,11}$",
        tidied=normalize_postal_code,
        rule="is not a postal code",
        example="3 to 12 letters and digits such as 98107",
    ),
]
"""A postal code of whichever country: in capitals, with single spaces or hyphens."""

EmailAddress = Annotated[
    str,
    Text(
        254,
        usual=None,
        tidied=normalize_email,
        rule="is not an e-mail address",
        example="an address such as ana@example.com",
    ),
]
"""An e-mail address in the one form that is stored."""

PhoneNumber = Annotated[
    str,
    Text(
        40,
        usual=None,
        tidied=normalize_phone,
        rule="is not a telephone number in international form",
        example="E.164 such as +12065550123",
    ),
]
"""A telephone number in international form, kept as E.164."""

Jurisdiction = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=6), AfterValidator(_jurisdiction)
]
"""The country, or the part of it, whose board issues licences: ISO 3166-1 or -2."""

OpeningHoursText = Annotated[
    str,
    Text(2000, example="the opening_hours syntax of OpenStreetMap, such as Mo-Fr 08:00-18:00"),
    AfterValidator(_opening_hours),
]
"""Opening or working hours in the syntax of OpenStreetMap, in the clinic's wall time."""


SpeciesList = Annotated[tuple[Species, ...], Field(max_length=100)]
"""Kinds of animals; empty means all."""

SpecialtyList = Annotated[tuple[Specialty, ...], Field(max_length=100)]
"""Fields in which somebody is a specialist."""


def _known_zone(value: str, info: ValidationInfo) -> str:
    if value not in zone_names():
        raise InvalidValue(
            field=info.field_name or "timezone",
            rule="is not a time zone of the IANA database",
            expected="a name such as America/New_York or Europe/London",
            value=value,
        )
    return value


TimeZoneName = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=64), AfterValidator(_known_zone)
]
"""The name of a zone in the IANA database."""
