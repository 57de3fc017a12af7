"""A command for each operation on changes of what was planned, and whose it is."""

from collections.abc import Mapping
from typing import Final

from tests.operations.cases import OWNERS, THEN, Case
from vetcore import schemas

__all__ = ["CHANGES"]

CHANGES: Final[Mapping[str, Case]] = {
    "swap_appointments": Case(
        lambda w: schemas.AppointmentSwap(id=w.id("appointments"), other_id=w.id("appointments")),
        OWNERS,
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
