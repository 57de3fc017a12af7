"""Changes to an appointment, and the errors that refuse them."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.scheduling.changes import (
    Change,
)
from tests.scheduling.practice import (
    Practice,
    stored,
)
from tests.scheduling.steps import by_staff
from vetcore.database import Database
from vetcore.errors import NotBookable
from vetcore.models import (
    Appointment,
)

HOUR = timedelta(hours=1)


async def apply_change(db: Database, made: Practice, change: Change) -> None:
    async with db.transaction() as session:
        await change(session, made)


async def refused(
    db: Database,
    booked: Appointment,
    step: Callable[..., Awaitable[object]],
    code: str,
    **given: Any,
) -> None:
    """``step`` is refused by that rule, and nothing is written although the caller commits."""
    before = await stored(db, booked)
    async with db.transaction() as session:
        with pytest.raises(NotBookable) as caught:
            await by_staff(step)(session, booked.id, **given)
    assert caught.value.code == code
    after = await stored(db, booked)
    assert (after.status, after.version) == (before.status, before.version)
