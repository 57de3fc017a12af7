"""Pet insurance."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field, StringConstraints

from vetcore.values.documents import Document, Label, Money

__all__ = ["InsurancePolicy"]


class InsurancePolicy(Document):
    """A pet's insurance, as far as a clinic needs it."""

    provider: Label
    policy_number: Label
    plan: Label | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    annual_limit: Money | None = None
    deductible: Money | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "USD"
    reimbursement_percent: Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)] | None = None
    exclusions: tuple[Label, ...] = ()
