"""Postal addresses."""

from pydantic import ValidationInfo, field_validator

from vetcore.values.contact import normalize_postal_code
from vetcore.values.countries import CountryCode
from vetcore.values.documents import STORED, Document, Label

__all__ = ["Address", "CountryCode"]


class Address(Document):
    """A postal address. A field that the country does not use is None.

    >>> str(
    ...     Address(
    ...         line1="400 Broad St",
    ...         city="Seattle",
    ...         region="WA",
    ...         postal_code="981090001",
    ...         country="us",
    ...     )
    ... )
    '400 Broad St, Seattle, WA 98109-0001, US'
    """

    line1: Label
    line2: Label | None = None
    city: Label
    region: Label | None = None
    """State, province or county, as the country's postal service writes it."""
    country: CountryCode
    postal_code: Label | None = None
    """As the country's postal service writes it: :func:`vetcore.values.contact.normalize_postal_code`."""

    @field_validator("line2", "region", "postal_code", mode="before")
    @classmethod
    def _blank_is_absent(cls, value: object) -> object:
        # Forms send an empty text for a field that was left alone.
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator("postal_code")
    @classmethod
    def _as_its_country_writes_it(cls, code: str | None, info: ValidationInfo) -> str | None:
        country = info.data.get("country")  # absent where it was refused itself
        if code is None or country is None or info.context is STORED:
            return code
        return normalize_postal_code(code, country)

    def __str__(self) -> str:
        place = " ".join(part for part in (self.region, self.postal_code) if part)
        parts = (self.line1, self.line2, self.city, place, self.country)
        return ", ".join(part for part in parts if part)
