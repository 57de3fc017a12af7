"""Schemas of changes to what was planned: what one would make impossible, swaps, and plans of moves."""

from collections import Counter
from typing import Annotated, ClassVar, Final, Protocol
from uuid import UUID

from pydantic import Field

from vetcore.errors import InvalidValue
from vetcore.schemas.appointment import Overrides
from vetcore.schemas.base import ById, Ruled, Rules
from vetcore.schemas.block import ScheduleBlockCreate, ScheduleBlockUpdate
from vetcore.schemas.clinic import ClinicClosureCreate, ClinicClosureUpdate, ClinicUpdate
from vetcore.schemas.fields import Instant, Prose, Version
from vetcore.schemas.membership import StaffMembershipEnd, StaffMembershipUpdate
from vetcore.schemas.veterinarian import TimeOffCreate, TimeOffUpdate
from vetcore.values.services import ServiceCode

__all__ = [
    "AppointmentMove",
    "AppointmentSwap",
    "ChangePreview",
    "MovePlan",
    "MovePlanQuery",
    "PlannedMove",
]

_CHANGES: Final = (
    "update_clinic",
    "create_closure",
    "update_closure",
    "delete_closure",
    "create_schedule_block",
    "update_schedule_block",
    "delete_schedule_block",
    "create_time_off",
    "update_time_off",
    "delete_time_off",
    "update_membership",
    "end_membership",
    "delete_membership",
    "delete_room",
    "delete_equipment",
)


class _Changes(Protocol):
    """What the rule reads of a preview."""

    @property
    def model_fields_set(self) -> set[str]: ...


def _one_change(preview: _Changes, _whole: bool, /) -> None:
    given = [name for name in _CHANGES if getattr(preview, name) is not None]
    if len(given) != 1:
        raise InvalidValue(
            field="update_clinic" if not given else given[1],
            rule="must be given, or another change, and only one",
            expected=f"one of {', '.join(_CHANGES)}",
            value=", ".join(given) or None,
        )


class ChangePreview(Ruled):
    """A change that is not made yet: one command, under the name of the operation that takes it."""

    rules: ClassVar[Rules["ChangePreview"] | None] = _one_change

    update_clinic: ClinicUpdate | None = None
    create_closure: ClinicClosureCreate | None = None
    update_closure: ClinicClosureUpdate | None = None
    delete_closure: ById | None = None
    create_schedule_block: ScheduleBlockCreate | None = None
    update_schedule_block: ScheduleBlockUpdate | None = None
    delete_schedule_block: ById | None = None
    create_time_off: TimeOffCreate | None = None
    update_time_off: TimeOffUpdate | None = None
    delete_time_off: ById | None = None
    update_membership: StaffMembershipUpdate | None = None
    end_membership: StaffMembershipEnd | None = None
    delete_membership: ById | None = None
    delete_room: ById | None = None
    delete_equipment: ById | None = None


class AppointmentMove(ById):
    """An appointment to move, and its new time."""

    starts_at: Instant
    """The new start."""
    clinic_id: UUID | None = None
    """Another clinic; None means the same."""
    service: ServiceCode | None = None
    """Another service, by its code in the clinic's catalogue; None means the same."""
    practitioner_id: UUID | None = None
    """Another person to see the pet; None means the same or, at another clinic, whoever is free."""
    room_id: UUID | None = None
    """Another room; None means the same where it is free, else the first that is."""
    overrides: Overrides = ()
    """Codes of the rules (hours, notice) that are set aside; for staff, and never occupancy."""
    squeeze_reason: Prose | None = None
    """Why it may be placed beside what its practitioner or its room is occupied with; for staff."""
    internal_notes: Prose | None = None
    """What staff add to their notes."""


class AppointmentSwap(ById):
    """Two appointments at one clinic that exchange their times, practitioners and rooms."""

    other_id: UUID
    """The appointment whose place it takes, and which takes its place."""
    other_version: Version | None = None
    """The version of the other for which the swap was decided."""
    overrides: Overrides = ()
    """Codes of the rules (hours, notice) that are set aside for both; for staff."""


def _something_to_move(query: "_Moves", _whole: bool, /) -> None:
    if (query.change is None) is not bool(query.appointment_ids):
        raise InvalidValue(
            field="appointment_ids",
            rule="or a change must be given, and not both",
            expected="the appointments to move, or what makes some impossible",
        )


class _Moves(Protocol):
    """What the rule reads of a question for a plan."""

    @property
    def appointment_ids(self) -> tuple[UUID, ...]: ...
    @property
    def change(self) -> ChangePreview | None: ...


class MovePlanQuery(Ruled):
    """Which appointments to find other slots for: those named, or those that a change would end."""

    rules: ClassVar[Rules["MovePlanQuery"] | None] = _something_to_move

    appointment_ids: Annotated[tuple[UUID, ...], Field(max_length=200)] = ()
    change: ChangePreview | None = None
    """A change that is not made yet. The slots are free after it."""
    within_days: Annotated[int, Field(ge=1, le=90)] = 30
    """How far from its own start, or from now, a slot is looked for."""


class PlannedMove(ById):
    """An appointment with a slot to which it can be moved."""

    starts_at: Instant
    practitioner_id: UUID
    room_id: UUID | None = None
    """None where the service needs no room."""


def _each_once(plan: "_Planned", _whole: bool, /) -> None:
    for key, times in Counter(each.id for each in plan.moves).items():
        if times > 1:
            raise InvalidValue(
                field="moves",
                rule="has an appointment twice",
                expected="each appointment once",
                value=key,
            )


class _Planned(Protocol):
    """What the rule reads of a plan."""

    @property
    def moves(self) -> tuple[PlannedMove, ...]: ...


class MovePlan(Ruled):
    """Moves to be made together. Whoever confirms the plan sends it back, as it is or changed."""

    rules: ClassVar[Rules["MovePlan"] | None] = _each_once

    moves: Annotated[tuple[PlannedMove, ...], Field(max_length=200)]
    """In the order in which they are made."""
    unplaced: Annotated[tuple[UUID, ...], Field(max_length=1000)] = ()
    """Appointments for which no slot was found. They are left alone."""
