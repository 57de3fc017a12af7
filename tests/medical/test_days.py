"""What is said to have happened has begun somewhere on Earth."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from vetcore import clock
from vetcore.errors import InvalidValue
from vetcore.medical.dates import not_in_the_future

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _on_a_monday() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


@pytest.mark.parametrize(
    ("when", "is_taken"),
    [
        (NOON, True),
        (NOON + timedelta(microseconds=1), False),
        (date(2026, 3, 10), True),
        (date(2026, 3, 11), False),
    ],
)
def test_what_happened_has_begun_somewhere(when: date, *, is_taken: bool) -> None:
    if is_taken:
        not_in_the_future(when, "performed_on")
        return
    with pytest.raises(InvalidValue, match="performed_on: lies in the future") as refused:
        not_in_the_future(when, "performed_on")
    latest = NOON if isinstance(when, datetime) else date(2026, 3, 10)
    assert refused.value.details["expected"] == f"{latest.isoformat()} or earlier"
