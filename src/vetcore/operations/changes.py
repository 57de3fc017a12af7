"""Operations on changes of what was planned: what a change makes impossible, and moves of many."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, NamedTuple, TypeVar, cast
from uuid import UUID

from sqlalchemy import inspect, select

from vetcore import clock, scheduling
from vetcore.access import Permission
from vetcore.database import ReadSession, Session
from vetcore.errors import HoldExpired, InvalidTransition, NotBookable, SlotTaken
from vetcore.models import (
    Appointment,
    Clinic,
    ClinicClosure,
    Entity,
    Equipment,
    Room,
    ScheduleBlock,
    StaffMembership,
    TimeOff,
    Veterinarian,
)
from vetcore.operations.appointments import OF_STAFF
from vetcore.operations.asking import Asked
from vetcore.operations.blocks import require_block_fits
from vetcore.operations.declaring import operation, reading
from vetcore.operations.memberships import require_no_later
from vetcore.operations.naming import named, require_version
from vetcore.operations.outcomes import seen_of
from vetcore.operations.people import take_practitioner
from vetcore.scheduling import PlanConflict, Preview, supposing
from vetcore.scheduling.supposing import Supposed
from vetcore.schemas import (
    AppointmentSwap,
    ById,
    ChangePreview,
    MovePlan,
    MovePlanQuery,
    ScheduleBlockCreate,
    StaffMembershipEnd,
    StaffMembershipUpdate,
)
from vetcore.schemas.base import Create, Update
from vetcore.values.capacity import Capacity

__all__ = ["apply_moves", "plan_moves", "preview_change", "swap_appointments"]

E = TypeVar("E", bound=Entity)


class _Change(NamedTuple):
    """A change that is supposed, and whose visits it concerns."""

    supposed: Supposed
    clinic_id: UUID | None = None
    practitioner_id: UUID | None = None


@reading(permission=Permission.APPOINTMENT_RUN, entity=Appointment)
async def preview_change(session: ReadSession, wanted: ChangePreview, asked: Asked) -> Preview:
    """Return which appointments a change would make impossible, before it is made.

    The change is the command that would make it. Whoever runs the clinic's appointments may ask;
    whether they may make the change is asked when they make it. After the change, the same
    appointments are listed as impossible.

    Raises:
        InvalidValue: the change breaks a rule together with the row.
        ConcurrentUpdate: the row is no longer at the version that the change names.
    """
    _, found = await _foreseen(session, wanted, asked)
    seen = await seen_of(session, found.impossible)
    hidden = len(found.impossible) - len(seen)
    return Preview(
        tuple(seen), found.already & {each.appointment.id for each in seen}, elsewhere=hidden
    )


async def _foreseen(
    session: ReadSession, wanted: ChangePreview, asked: Asked
) -> tuple[_Change, Preview]:
    """The change, and what it would make impossible, whoever may see it."""
    change = await _change(session, wanted, asked)
    found = await scheduling.preview(
        session,
        change.supposed,
        clinic_id=change.clinic_id,
        practitioner_id=change.practitioner_id,
    )
    return change, found


async def _change(session: ReadSession, wanted: ChangePreview, asked: Asked) -> _Change:
    (name,) = (each for each in ChangePreview.model_fields if getattr(wanted, each) is not None)
    command: Any = getattr(wanted, name)
    if name == "update_clinic":
        _, clinic = await _change_of(asked, Clinic, command, Permission.CLINIC_READ)
        asked.require_at(clinic.id)
        return _Change(supposing.with_terms(clinic), clinic.id)
    if name == "delete_room":
        room, _ = await _change_of(asked, Room, command, Permission.ROOM_READ)
        asked.require_at(room.clinic_id)
        return _Change(supposing.without_room(room.id), room.clinic_id)
    if name == "delete_equipment":
        piece, _ = await _change_of(asked, Equipment, command, Permission.EQUIPMENT_READ)
        asked.require_at(piece.clinic_id)
        return _Change(supposing.without_equipment(piece.id), piece.clinic_id)
    if name.endswith("closure"):
        before, after = await _change_of(asked, ClinicClosure, command, Permission.CLOSURE_READ)
        clinic_id = (before or after).clinic_id
        asked.require_at(clinic_id)
        return _Change(supposing.with_closure(before, after), clinic_id)
    if name.endswith("block"):
        return await _block(session, asked, command)
    if name.endswith("time_off"):
        return await _absence(session, asked, command)
    return await _membership(session, asked, command)


async def _block(session: ReadSession, asked: Asked, command: Any) -> _Change:
    before, after = await _change_of(asked, ScheduleBlock, command, Permission.BLOCK_READ)
    block = before or after
    asked.require_at(block.clinic_id)
    if isinstance(command, ScheduleBlockCreate):
        await require_block_fits(session, command, asked)
    supposed = supposing.with_block(before, after)
    return _Change(supposed, block.clinic_id, block.practitioner_id)


async def _absence(session: ReadSession, asked: Asked, command: Any) -> _Change:
    before, after = await _change_of(asked, TimeOff, command, Permission.TIME_OFF_READ)
    who = (before or after).practitioner_id
    asked.require_somewhere()
    await take_practitioner(asked, session, who)
    return _Change(supposing.with_absence(who, before, after), practitioner_id=who)


async def _membership(session: ReadSession, asked: Asked, command: Any) -> _Change:
    before, after = await _change_of(asked, StaffMembership, command, Permission.STAFF_READ)
    asked.require_at(before.clinic_id)
    vet = await session.scalar(select(Veterinarian).where(Veterinarian.user_id == before.user_id))
    away = await session.scalars(
        select(TimeOff).where(
            TimeOff.practitioner_id == before.user_id, TimeOff.ends_at > clock.now()
        )
    )
    supposed = supposing.with_membership(vet, before, after, away.all())
    return _Change(supposed, before.clinic_id, before.user_id)


async def _change_of(
    asked: Asked, entity: type[E], command: Any, permission: Permission
) -> tuple[Any, Any]:
    """The row as it is, and as the command would leave it; None where there is none."""
    if isinstance(command, Create):
        return None, command.make(SimpleNamespace)
    key = named(command) if isinstance(command, Update) else command.id
    row, _ = await asked.take(entity, key, lock=False, permission=permission)
    if command.version is not None:
        require_version(row, command.version)
    if isinstance(command, StaffMembershipEnd):
        require_no_later(cast("Any", row), command)
        command = StaffMembershipUpdate(ends_on=command.ends_on)
    if isinstance(command, ById):
        return row, None
    changed = SimpleNamespace(
        **{each.key: getattr(row, each.key) for each in inspect(entity).column_attrs}
    )
    command.apply_to(changed)
    return row, changed


@reading(permission=Permission.APPOINTMENT_RUN, entity=Appointment, errors=(InvalidTransition,))
async def plan_moves(session: ReadSession, wanted: MovePlanQuery, asked: Asked) -> MovePlan:
    """Return a free slot for each of some appointments, for staff to confirm. Nothing is written.

    They are those that are named, or those that a change would make impossible. Each keeps its
    service, and its practitioner where they are free; no two get one slot. :func:`apply_moves` takes
    the plan, as it is or changed.

    Raises:
        InvalidTransition: one of those that are named has begun, or is over.
        InvalidValue: the change breaks a rule together with the row.
        ConcurrentUpdate: the row is no longer at the version that the change names.
    """
    supposed = None
    if wanted.change is not None:
        change, found = await _foreseen(session, wanted.change, asked)
        supposed = change.supposed
        rows = [each.appointment for each in await seen_of(session, found.impossible)]
    else:
        rows = [
            (await asked.take(Appointment, key, lock=False))[0]
            for key in dict.fromkeys(wanted.appointment_ids)
        ]
    return await scheduling.plan_moves(
        session, rows, within=timedelta(days=wanted.within_days), supposed=supposed
    )


@operation(
    permission=Permission.APPOINTMENT_RUN,
    entity=Appointment,
    errors=(PlanConflict,),
)
async def apply_moves(session: Session, plan: MovePlan, asked: Asked) -> list[Appointment]:
    """Move the appointments of a plan, all of them or none. The answer is in the plan's order.

    Raises:
        PlanConflict: some cannot be moved any more; it says which, and why.
    """
    asked.require_in_scope(Permission.APPOINTMENT_MOVE)
    asked.require_somewhere()
    # By id, as everybody locks several.
    for key in sorted(each.id for each in plan.moves):
        await asked.take(Appointment, key)
    return await scheduling.apply_moves(session, plan)


async def _swapped(
    session: Session, key: UUID, command: AppointmentSwap
) -> tuple[Appointment, Appointment]:
    """The two appointments as they are now, where the key has swapped them before."""
    everything = {"include_deleted": True, "populate_existing": True}
    one = await session.get_one(Appointment, key, execution_options=everything)
    other = await session.get_one(Appointment, command.other_id, execution_options=everything)
    return one, other


@operation(
    permission=Permission.APPOINTMENT_MOVE,
    also=OF_STAFF,
    entity=Appointment,
    versioned=True,
    keyed=True,
    again=_swapped,
    errors=(SlotTaken, NotBookable, HoldExpired, InvalidTransition),
)
async def swap_appointments(
    session: Session, swap: AppointmentSwap, asked: Asked
) -> tuple[Appointment, Appointment]:
    """Let two appointments exchange their times, practitioners and rooms, or change nothing.

    Each is judged as if it were moved to the place of the other, at its own length. The answer has
    them in the order of the command.

    Raises:
        SlotTaken: one of them does not fit into the other's place.
        NotBookable: a rule refuses it for one of them, or an owner is too late.
        HoldExpired: one of them is a hold that has run out.
        InvalidTransition: one of them has begun, or is over.
        InvalidValue: they are at different clinics, or are the same.
    """
    by = Capacity.SYSTEM
    # By id, as everybody locks several.
    for key in sorted({swap.id, swap.other_id}):
        row, found = await asked.take(Appointment, key)
        # What binds an owner of one of them binds the swap.
        by = by if by is Capacity.OWNER else found
        if key == swap.other_id and swap.other_version is not None:
            require_version(row, swap.other_version)
    return await scheduling.swap(session, swap.id, swap.other_id, by=by, overrides=swap.overrides)
