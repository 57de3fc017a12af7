"""The insurance of pets."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from vetcore.values.dates import Day, not_before
from vetcore.values.documents import Document, Label
from vetcore.values.money import Amount, CurrencyCode, in_minor_units

__all__ = ["InsurancePolicy"]


class InsurancePolicy(Document):
    """A pet's insurance, with what a clinic needs for bills and advice."""

    provider: Label
    policy_number: Label
    plan: Label | None = None
    starts_on: Day | None = None
    ends_on: Annotated[Day | None, not_before("starts_on")] = None
    """The last day of cover."""
    currency: CurrencyCode = "USD"
    annual_limit: Annotated[Amount | None, in_minor_units] = None
    deductible: Annotated[Amount | None, in_minor_units] = None
    reimbursement_percent: Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)] | None = None
    """The share of the bill, above the deductible, that the insurer pays back: 0 to 100."""
    exclusions: Annotated[tuple[Label, ...], Field(max_length=100)] = ()

    def covers(self, day: date) -> bool:
        """Return whether the policy runs on ``day``. Its exclusions are not looked at."""
        begun = self.starts_on is None or self.starts_on <= day
        return begun and (self.ends_on is None or day <= self.ends_on)
