"""How entries come out: in JSON or in lines, with their context, from every library."""

import asyncio
import io
import json
import logging
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import structlog
from sqlalchemy import literal, select, text

from vetcore import clock
from vetcore.database import Database
from vetcore.database.driver import rows_of
from vetcore.logging import bind, configure
from vetcore.settings import DatabaseSettings, LoggingSettings

pytestmark = pytest.mark.usefixtures("untouched_logging")


class Output(io.StringIO):
    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]


@pytest.fixture
def output() -> Output:
    stream = Output()
    configure(LoggingSettings(format="json"), stream=stream)
    return stream


log = structlog.stdlib.get_logger("vetcore.test")


def test_an_entry_is_one_line_of_json_with_time_level_and_logger(output: Output) -> None:
    with clock.frozen(datetime(2026, 3, 8, 9, 30, tzinfo=UTC)):
        log.warning("booked %s", "Rex", pet_id=(pet_id := uuid4()), minutes=30)
    assert output.entries() == [
        {
            "event": "booked Rex",
            "level": "warning",
            "logger": "vetcore.test",
            "timestamp": "2026-03-08T09:30:00.000+00:00",
            "pet_id": str(pet_id),
            "minutes": 30,
        }
    ]


def test_entries_of_the_standard_library_come_out_the_same_way(output: Output) -> None:
    with bind(request_id="r-1"):
        logging.getLogger("another.package").error("to %s", "ann@example.com", extra={"pet": "Rex"})
    (entry,) = output.entries()
    assert entry | {"timestamp": ""} == {
        "event": "to [email]",
        "level": "error",
        "logger": "another.package",
        "pet": "Rex",
        "request_id": "r-1",
        "timestamp": "",
    }


def test_a_traceback_is_logged_without_what_is_private(output: Output) -> None:
    try:
        int("ann@example.com")
    except ValueError:
        log.exception("failed")
    (entry,) = output.entries()
    assert "ValueError: invalid literal for int() with base 10: '[email]'" in entry["exception"]
    assert "Traceback" in entry["exception"]


def test_what_is_below_the_level_is_not_logged() -> None:
    stream = Output()
    configure(LoggingSettings(format="json", level="ERROR"), stream=stream)
    log.warning("too little")
    logging.getLogger("another.package").warning("too little")
    log.error("enough")
    assert [entry["event"] for entry in stream.entries()] == ["enough"]


def test_people_get_lines_without_colours_where_there_is_no_terminal() -> None:
    stream = Output()
    configure(LoggingSettings(format="console"), stream=stream)
    log.warning("slow statement", milliseconds=12.5, owner="ann@example.com")
    (line,) = stream.getvalue().splitlines()
    assert "slow statement" in line
    assert "milliseconds=12.5" in line
    assert "owner=[email]" in line
    assert "\x1b" not in line


def test_configuring_again_replaces_what_was_there() -> None:
    first, second = Output(), Output()
    logging.getLogger().addHandler(logging.StreamHandler(first))
    configure(LoggingSettings(format="json"), stream=first)
    configure(LoggingSettings(format="json"), stream=second)
    log.warning("once")
    assert first.getvalue() == ""
    assert len(second.entries()) == 1


def test_handlers_of_other_kinds_stay(caplog: pytest.LogCaptureFixture, output: Output) -> None:
    logging.getLogger("another.package").warning("seen by both")
    assert "seen by both" in caplog.text
    assert len(output.entries()) == 1


def test_what_was_bound_before_is_back_afterwards(output: Output) -> None:
    with bind(request_id="outer", actor="ann"):
        with bind(request_id="inner"):
            log.info("in")
        log.info("out")
    log.info("gone")
    seen = [(entry.get("request_id"), entry.get("actor")) for entry in output.entries()]
    assert seen == [("inner", "ann"), ("outer", "ann"), (None, None)]


def test_it_is_back_after_an_error_too(output: Output) -> None:
    with pytest.raises(RuntimeError), bind(request_id="inner"):
        raise RuntimeError
    log.info("after")
    assert "request_id" not in output.entries()[0]


async def test_tasks_do_not_see_what_another_bound(output: Output) -> None:
    async def handle(request_id: str) -> None:
        with bind(request_id=request_id):
            for _ in range(3):
                await asyncio.sleep(0)
                log.info(request_id)

    await asyncio.gather(*(handle(f"r-{number}") for number in range(10)))
    assert len(output.entries()) == 30
    assert all(entry["event"] == entry["request_id"] for entry in output.entries())


async def test_slow_statements_are_logged_with_their_time_and_without_values(
    empty_url: str, output: Output
) -> None:
    slow = DatabaseSettings(slow_statement=0.0)
    async with Database(empty_url, settings=slow) as db, db.session() as session:
        with bind(request_id="r-1"):
            await session.execute(text("SELECT CAST(:name AS VARCHAR(20))"), {"name": "Rex"})
    entry = next(each for each in output.entries() if "VARCHAR" in each.get("statement", ""))
    assert entry["event"] == "slow statement"
    assert entry["logger"] == "vetcore.database"
    assert entry["request_id"] == "r-1"
    assert entry["milliseconds"] >= 0
    assert "Rex" not in json.dumps(entry)


async def test_slow_statements_on_the_drivers_own_connection_are_logged_too(
    database_url: str, output: Output
) -> None:
    slow = DatabaseSettings(slow_statement=0.0)
    statement = select(literal("a slow one"))
    async with Database(database_url, settings=slow) as db, db.session() as session:
        rows = await rows_of(session, statement, {})
    assert [tuple(row) for row in rows] == [("a slow one",)]
    assert [entry["event"] for entry in output.entries()].count("slow statement") >= 1
    assert output.entries()[-1]["statement"].startswith("SELECT")


async def test_slow_is_measured_in_seconds(empty_url: str, output: Output) -> None:
    patient = DatabaseSettings(slow_statement=60)
    async with Database(empty_url, settings=patient) as db:
        await db.ping()
    assert output.entries() == []


def test_importing_vetcore_configures_nothing() -> None:
    code = (
        "import logging, vetcore.database, vetcore.logging, structlog\n"
        "assert not structlog.is_configured()\n"
        "assert logging.getLogger().handlers == []\n"
        "assert logging.getLogger('vetcore').handlers == []\n"
        "assert logging.getLogger().level == logging.WARNING\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
