"""What a process does not use, it does not load."""

import subprocess
import sys

import pytest

LOADED = "import sys; {}; print('\\n'.join(sys.modules))"

DIALECTS = {"sqlalchemy.dialects.postgresql", "sqlalchemy.dialects.sqlite"}
SQLITE = {"aiosqlite", "sqlite3", "vetcore.database.sqlite_engine"}


def _loaded_by(statement: str) -> set[str]:
    command = [sys.executable, "-c", LOADED.format(statement)]
    return set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())


@pytest.mark.parametrize(
    ("statement", "unused"),
    [
        ("import vetcore", {"vetcore.database", "vetcore.settings", "sqlalchemy", "pydantic"}),
        (
            "from vetcore import Database",
            {"alembic", "structlog", "pydantic_settings", "vetcore.models", "vetcore.migrations"},
        ),
        (
            "import vetcore.models, vetcore.schemas, vetcore.scheduling",
            {
                "holidays",
                "opening_hours",
                "phonenumbers",
                "vetcore.database.cleaning",
                "vetcore.models.retention",
                "vetcore.scheduling.booking",
                "vetcore.schemas.base",
                "vetcore.settings.sections",
                "vetcore.values.hours",
                "vetcore.values.reference",
                *DIALECTS,
                *SQLITE,
            },
        ),
        (
            "from vetcore.scheduling import book, find_slots",
            {
                "icalendar",
                "vetcore.scheduling.calendar",
                "vetcore.scheduling.day",
                "vetcore.scheduling.series",
                "vetcore.scheduling.waitlist",
            },
        ),
        (
            "from vetcore.operations import book_appointment",
            {
                "vetcore.directory",
                "vetcore.medical",
                "vetcore.operations.pets",
                "vetcore.operations.slots",
                "vetcore.schemas.pet",
                *DIALECTS,
                *SQLITE,
            },
        ),
        (
            "from vetcore import Database; import vetcore.models; Database('postgresql://u@h/d')",
            {"sqlalchemy.dialects.sqlite", *SQLITE},
        ),
        (
            "from vetcore import Database; import vetcore.models; Database('sqlite://')",
            {"asyncpg", "sqlalchemy.dialects.postgresql"},
        ),
    ],
)
def test_what_is_not_used_is_not_loaded(statement: str, unused: set[str]) -> None:
    assert _loaded_by(statement) & unused == set()


def test_every_function_of_scheduling_is_found_by_its_name() -> None:
    code = """
import vetcore.scheduling as scheduling
assert dir(scheduling) == scheduling.__all__
for name in scheduling.__all__:
    assert getattr(scheduling, name).__module__.startswith(("vetcore.scheduling.", "vetcore.models."))
try:
    scheduling.no_such_name
except AttributeError as error:
    assert "no_such_name" in str(error)
else:
    raise AssertionError
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_operation_is_in_the_list_whatever_was_asked_for_before() -> None:
    code = """
import vetcore.operations as operations
operations.book_appointment
assert len(operations.OPERATIONS) > 100
assert dir(operations) == sorted(operations.__all__)
for name in set(operations.__all__) - {"OPERATIONS"}:
    assert getattr(operations, name).__module__.startswith("vetcore.operations.")
try:
    operations.no_such_name
except AttributeError as error:
    assert "no_such_name" in str(error)
else:
    raise AssertionError
"""
    subprocess.run([sys.executable, "-c", code], check=True)
