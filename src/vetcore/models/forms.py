"""The columns whose text is stored in a single form, which is that of the schemas."""

import re
from functools import lru_cache
from typing import Annotated, Final
from unicodedata import normalize

from sqlalchemy.orm import mapped_column

from vetcore.errors import InvalidValue
from vetcore.models.types import NormalText
from vetcore.values.contact import normalize_email, normalize_phone, normalize_postal_code
from vetcore.values.licensing import normalize_dea_number, normalize_jurisdiction
from vetcore.values.microchip import normalize_microchip
from vetcore.values.money import CURRENCIES
from vetcore.values.zones import zone_named

__all__ = [
    "CurrencyCode",
    "DeaNumber",
    "EmailAddress",
    "Jurisdiction",
    "LanguageTag",
    "LicenseNumber",
    "MicrochipNumber",
    "Name",
    "PhoneNumber",
    "PostalCode",
    "ServiceCode",
    "TimeZoneName",
]

_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_SERVICE: Final = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")

_NOBODYS: Final = re.compile(r"[^@\s]+@[a-z0-9.-]+\.(?:invalid|test)")
"""Names that are reserved (RFC 2606): made up where an account has no address, or is erased."""


@lru_cache(maxsize=4096)
def _email(text: str) -> str:
    return normalize_email(text)


def _address(text: str, *, field: str) -> str:
    made_up = text.strip().lower()
    if _NOBODYS.fullmatch(made_up):
        return made_up
    try:
        return _email(text)
    except InvalidValue:
        return normalize_email(text, field=field)


def _phone(text: str, *, field: str) -> str:
    return normalize_phone(text, field=field)


def _postal_code(text: str, *, field: str) -> str:
    return normalize_postal_code(text, field=field)


def _line(text: str, *, field: str) -> str:  # noqa: ARG001 -- every text has one
    """Unicode's composed form and single spaces."""
    return " ".join(normalize("NFC", text).split())


def _zone(text: str, *, field: str) -> str:
    name = text.strip()
    try:
        return zone_named(name).key
    except InvalidValue as error:
        raise InvalidValue(
            field=field,
            rule="is not a time zone of the IANA database",
            expected="a name such as America/New_York or Europe/London",
            value=text,
        ) from error


def _currency(text: str, *, field: str) -> str:
    code = text.strip().upper()
    if code not in CURRENCIES:
        raise InvalidValue(
            field=field,
            rule="is not an ISO 4217 currency",
            expected="three letters such as USD, EUR or GBP",
            value=text,
        )
    return code


def _language(text: str, *, field: str) -> str:
    tag = text.strip()
    if not _LANGUAGE.fullmatch(tag):
        raise InvalidValue(
            field=field,
            rule="is not a language tag",
            expected="a tag such as en, pt-BR or zh-Hant-TW",
            value=text,
        )
    return tag


def _service(text: str, *, field: str) -> str:
    # A member of an enumeration is stored and given back as the text that it is.
    code = str(text)
    if not _SERVICE.fullmatch(code):
        raise InvalidValue(
            field=field,
            rule="is no code of a service",
            expected="small letters and digits, joined by _, such as nail_trim",
            value=text,
        )
    return code


CurrencyCode = Annotated[str, mapped_column(NormalText(3, _currency))]
DeaNumber = Annotated[str, mapped_column(NormalText(9, normalize_dea_number))]
EmailAddress = Annotated[str, mapped_column(NormalText(254, _address))]
Jurisdiction = Annotated[str, mapped_column(NormalText(16, normalize_jurisdiction))]
LanguageTag = Annotated[str, mapped_column(NormalText(35, _language))]
LicenseNumber = Annotated[str, mapped_column(NormalText(64, _line))]
MicrochipNumber = Annotated[str, mapped_column(NormalText(15, normalize_microchip))]
Name = Annotated[str, mapped_column(NormalText(200, _line))]
PhoneNumber = Annotated[str, mapped_column(NormalText(16, _phone))]
PostalCode = Annotated[str, mapped_column(NormalText(16, _postal_code))]
ServiceCode = Annotated[str, mapped_column(NormalText(64, _service))]
TimeZoneName = Annotated[str, mapped_column(NormalText(64, _zone))]
