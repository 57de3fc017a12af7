"""Postal addresses."""

from typing import Annotated

from pydantic import StringConstraints, field_validator

from vetcore.values.documents import Document, Label

__all__ = ["Address", "CountryCode"]

CountryCode = Annotated[str, StringConstraints(to_upper=True, pattern=r"^[A-Za-z]{2}$")]
"""An ISO 3166-1 alpha-2 country code; lower case comes in, upper case is kept."""


class Address(Document):
    """A postal address; what a country does not use (region, postal code) is None."""

    line1: Label
    line2: Label | None = None
    city: Label
    region: Label | None = None
    postal_code: Label | None = None
    country: CountryCode

    @field_validator("line2", "region", "postal_code", mode="before")
    @classmethod
    def _blank_is_absent(cls, value: object) -> object:
        return None if isinstance(value, str) and not value.strip() else value
