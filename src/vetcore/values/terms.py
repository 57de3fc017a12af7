"""Terms of memberships at clinics, as they are offered."""

from typing import Annotated

from pydantic import Field

from vetcore.values.clinics import Employment
from vetcore.values.dates import Day, not_before
from vetcore.values.documents import Document
from vetcore.values.people import Role

__all__ = ["MembershipTerms"]


class MembershipTerms(Document):
    """What somebody is to be at a clinic, from and until days of its calendar, both included."""

    role: Role
    employment: Employment = Employment.FULL_TIME
    starts_on: Day
    ends_on: Annotated[Day | None, not_before("starts_on")] = None
    working_hours: Annotated[str, Field(max_length=2000)] | None = None
    """In the clinic's wall time; None means whenever the clinic is open."""
