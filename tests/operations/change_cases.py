"""A command for each operation on changes of what was planned, and whose it is."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from tests.operations.cases import OWNERS, THEN, VETERINARIAN, Case, by_id, change_of, wish_of
from tests.operations.worlds import World
from vetcore import schemas
from vetcore.schemas.base import Schema
from vetcore.values.appointments import SeriesScope
from vetcore.values.recurrence import Recurrence

__all__ = ["CHANGES"]


def _series(world: World) -> Schema:
    return schemas.SeriesCreate(
        first=schemas.AppointmentCreate(**wish_of(world)),
        rule=Recurrence.parse("FREQ=WEEKLY;COUNT=2"),
    )


def _series_move(world: World) -> Schema:
    return schemas.SeriesMove(id=world.id("appointments"), starts_at=THEN, scope=SeriesScope.THIS)


def _group_visit(world: World) -> Schema:
    return schemas.GroupVisitCreate(
        first=schemas.AppointmentCreate(**wish_of(world)), with_pets=(world.id("pets"),)
    )


CHANGES: Final[Mapping[str, Case]] = {
    "book_series": Case(_series, OWNERS),
    "preview_series": Case(_series, OWNERS),
    "get_series": Case(by_id("appointment_series"), OWNERS),
    "move_series": Case(_series_move, OWNERS),
    "preview_series_move": Case(_series_move, OWNERS),
    "cancel_series": Case(
        change_of(schemas.SeriesCancel, "appointments", scope=SeriesScope.ALL), OWNERS
    ),
    "book_group_visit": Case(_group_visit, OWNERS),
    "find_group_slots": Case(
        lambda w: schemas.GroupSlotQuery(
            clinic_id=w.id("clinics"),
            service="wellness_exam",
            pet_ids=(w.id("pets"),),
            start=THEN,
            end=THEN + timedelta(hours=1),
        ),
        OWNERS,
    ),
    "move_group_visit": Case(
        lambda w: schemas.GroupVisitMove(id=w.id("appointments"), starts_at=THEN), OWNERS
    ),
    "cancel_group_visit": Case(change_of(schemas.GroupVisitCancel, "appointments"), OWNERS),
    "swap_appointments": Case(
        lambda w: schemas.AppointmentSwap(id=w.id("appointments"), other_id=w.id("appointments")),
        OWNERS,
    ),
    "create_schedule_block": Case(
        lambda w: schemas.ScheduleBlockCreate(
            clinic_id=w.id("clinics"),
            label="Lunch",
            first_on=THEN.date(),
            hours="Mo-Fr 12:00-13:00",
        )
    ),
    "update_schedule_block": Case(
        change_of(schemas.ScheduleBlockUpdate, "schedule_blocks", label="Break"), VETERINARIAN
    ),
    **{
        name: Case(by_id("schedule_blocks"), VETERINARIAN)
        for name in ("delete_schedule_block", "restore_schedule_block", "get_schedule_block")
    },
    "practitioner_day": Case(
        lambda w: schemas.PractitionerDayQuery(
            practitioner_id=w.people["veterinarian"], day=THEN.date()
        ),
        VETERINARIAN,
    ),
    "preview_change": Case(
        lambda w: schemas.ChangePreview(
            create_closure=schemas.ClinicClosureCreate(
                clinic_id=w.id("clinics"),
                first_on=THEN.date(),
                last_on=THEN.date(),
                reason="Painting",
            )
        )
    ),
    "plan_moves": Case(lambda w: schemas.MovePlanQuery(appointment_ids=(w.id("appointments"),))),
    "apply_moves": Case(
        lambda w: schemas.MovePlan(
            moves=(
                schemas.PlannedMove(
                    id=w.id("appointments"),
                    starts_at=THEN,
                    practitioner_id=w.people["veterinarian"],
                ),
            )
        )
    ),
}
"""By the name of the operation."""
