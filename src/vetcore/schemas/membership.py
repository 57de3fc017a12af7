"""Schemas of memberships at clinics: commands, queries and responses."""

from datetime import date, datetime
from typing import ClassVar, Protocol
from uuid import UUID

from vetcore.errors import InvalidValue
from vetcore.schemas.base import ById, Create, ListQuery, Rules, Summary, Update
from vetcore.schemas.fields import Day, NotNull, OpeningHoursText
from vetcore.schemas.rules import in_order
from vetcore.values.clinics import Employment
from vetcore.values.people import Role

__all__ = [
    "StaffMembershipCreate",
    "StaffMembershipEnd",
    "StaffMembershipQuery",
    "StaffMembershipResponse",
    "StaffMembershipStaffResponse",
    "StaffMembershipSummary",
    "StaffMembershipUpdate",
]


class _Fields(Protocol):
    """What the rules read of a membership."""

    @property
    def role(self) -> Role | None: ...
    @property
    def starts_on(self) -> date | None: ...
    @property
    def ends_on(self) -> date | None: ...


def _fits_together(membership: _Fields, _whole: bool, /) -> None:
    starts, ends = membership.starts_on, membership.ends_on
    in_order("starts_on", starts, "ends_on", ends, strictly=False)
    if (role := membership.role) is not None and not role.is_staff:
        raise InvalidValue(
            field="role",
            rule="is not a role at a clinic",
            expected=", ".join(known for known in Role if known.is_staff),
            value=role,
        )


class StaffMembershipCreate(Create):
    """A new membership, from one local day of the clinic to another, both included.

    The clinic's managers may send it.
    """

    rules: ClassVar[Rules["StaffMembershipCreate"] | None] = _fits_together

    user_id: UUID
    clinic_id: UUID
    role: Role
    employment: Employment = Employment.FULL_TIME
    starts_on: Day
    ends_on: Day | None = None
    working_hours: OpeningHoursText | None = None
    """Hours in the clinic's wall time; None means whenever the clinic is open."""


class StaffMembershipUpdate(Update):
    """A change to a membership. The clinic's managers may send it."""

    rules: ClassVar[Rules["StaffMembershipUpdate"] | None] = _fits_together

    role: NotNull[Role] = None
    employment: NotNull[Employment] = None
    starts_on: NotNull[Day] = None
    ends_on: Day | None = None
    working_hours: OpeningHoursText | None = None


class StaffMembershipEnd(ById):
    """A membership to end, and its last day."""

    ends_on: Day
    """The last day, by the clinic's calendar, on which it is held."""


class StaffMembershipQuery(ListQuery):
    """Which memberships to list: those that meet every given condition, by their first day."""

    clinic_id: UUID | None = None
    user_id: UUID | None = None
    held_on: Day | None = None
    """Only memberships that hold on this day, by the clinic's calendar."""


class StaffMembershipSummary(Summary):
    """A membership as a list shows it to the clinic's staff."""

    id: UUID
    user_id: UUID
    clinic_id: UUID
    role: Role
    starts_on: date
    ends_on: date | None


class StaffMembershipResponse(StaffMembershipSummary):
    """A membership as colleagues see it: person, role and dates, without the terms."""

    working_hours: str | None
    created_at: datetime
    updated_at: datetime
    version: int


class StaffMembershipStaffResponse(StaffMembershipResponse):
    """A membership as its holder and the clinic's managers see it, with its terms."""

    employment: Employment
    created_by_id: UUID | None
    updated_by_id: UUID | None
