"""``vetcore demo``: the main job, on both engines, in a database of its own."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from tests.cli.conftest import Run, call
from vetcore import clock
from vetcore.database import Database


def _at(url: str, tmp_path: Path, backend: str) -> list[str]:
    """The options for a demo on the engine under test, in a place that is empty."""
    return ["--url", url] if backend == "postgresql" else ["--keep", str(tmp_path / "demo.db")]


async def _schemas(url: str) -> set[str]:
    async with Database(url) as db, db.session() as session:
        names = await session.scalars(
            text("SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)'")
        )
        return set(names)


def test_it_shows_a_day_what_is_free_what_is_near_and_what_is_due(
    vetcore: Run, empty_url: str, tmp_path: Path, backend: str
) -> None:
    shown = vetcore("demo", *_at(empty_url, tmp_path, backend))
    assert shown.exit_code == 0, shown.stderr
    for title in (
        "Driftwood Animal Hospital",
        "Who and where",
        "Who comes; and when there is time for a wellness exam",
        "Nearest to Seattle's waterfront",
        "Vaccinations due",
    ):
        assert title in shown.stdout
    for veterinarian in ("Jonas Lindqvist", "Miriam Okafor", "Priya Raman"):
        assert veterinarian in shown.stdout
    assert max(map(len, shown.stdout.splitlines())) <= 80
    assert "…" not in shown.stdout, "nothing is cut off at 80 columns"


def test_it_shows_the_database_refusing_each_kind_of_double_booking(
    vetcore: Run, empty_url: str, tmp_path: Path, backend: str
) -> None:
    options = _at(empty_url, tmp_path, backend)
    summary = json.loads(vetcore("demo", "--json", *options).stdout)
    *taken, closed, past = (entry["error"] for entry in summary["refused"])
    assert [error["details"]["resource"] for error in taken] == ["practitioner", "room", "pet"]
    assert {error["code"] for error in taken} == {"slot_taken"}
    assert (closed["code"], past["code"]) == ("clinic_closed", "in_the_past")
    assert summary["imported"]["inserted"] > 100


@pytest.fixture(scope="module")
def summary() -> Any:
    """What a demonstration tells programs."""
    return json.loads(call("demo", "--json").stdout)


def test_the_summary_for_programs_is_whole(summary: Any) -> None:
    assert summary["seconds"] < 10
    assert summary["rows"]["clinics"] >= 15
    assert len(summary["appointments"]) >= 20
    assert len(summary["nearest"]) == 6
    assert summary["due"]
    kilometres = [entry["distance_km"] for entry in summary["nearest"]]
    assert kilometres == sorted(kilometres)


@pytest.mark.parametrize(
    "today",
    [
        datetime(2026, 3, 7, 20, tzinfo=UTC),  # the clocks change that night
        datetime(2026, 10, 31, 20, tzinfo=UTC),
        datetime(2026, 11, 5, 20, tzinfo=UTC),  # the only Wednesday ahead is a holiday
        datetime(2030, 12, 24, 20, tzinfo=UTC),  # both are
        datetime(2028, 2, 29, 20, tzinfo=UTC),
    ],
)
def test_it_works_on_any_day(vetcore: Run, today: datetime) -> None:
    with clock.frozen(today):
        summary = json.loads(vetcore("demo", "--json").stdout)
    assert len(summary["appointments"]) >= 15
    assert len(summary["refused"]) == 5
    assert today.date().isoformat() < summary["day"]


def test_nobody_is_in_two_places_at_once(summary: Any) -> None:
    booked = summary["appointments"]
    for one in booked:
        for other in booked:
            apart = one["ends_at"] <= other["starts_at"] or other["ends_at"] <= one["starts_at"]
            if one is not other and not apart:
                assert one["pet"] != other["pet"]
                if one["squeezed_in"] or other["squeezed_in"]:
                    continue
                for resource in ("practitioner", "room"):
                    assert one[resource] != other[resource]


def test_free_starts_are_wall_time_within_the_day(summary: Any) -> None:
    zone = ZoneInfo(summary["clinic"]["timezone"])
    starts = [datetime.fromisoformat(at) for each in summary["free"].values() for at in each]
    assert starts
    for start in starts:
        assert start.utcoffset() == timedelta(0), "programs read UTC"
        there = start.astimezone(zone)
        assert there.date().isoformat() == summary["day"]
        assert 8 <= there.hour < 18


def test_progress_is_told_on_standard_error_and_quiet_leaves_it_out(vetcore: Run) -> None:
    told = vetcore("demo")
    assert "Booked" in told.stderr
    assert "Booked" not in told.stdout
    assert vetcore("demo", "--quiet").stderr == ""


def test_an_embedded_postgresql_serves_as_well(vetcore: Run) -> None:
    shown = vetcore("demo", "--engine", "postgresql", "--json")
    assert shown.exit_code == 0, shown.output
    assert "PostgreSQL" in json.loads(shown.stdout)["database"]


def test_a_temporary_database_is_gone_afterwards(
    vetcore: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert vetcore("demo").exit_code == 0
    assert list(tmp_path.iterdir()) == []


def test_a_kept_database_can_be_asked_afterwards(vetcore: Run, tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    assert vetcore("demo", "--keep", str(path)).exit_code == 0
    near = vetcore("nearby", "47.6", "-122.33", "--json", url=f"sqlite:///{path}")
    assert json.loads(near.stdout)["items"][0]["city"] == "Seattle"
    assert vetcore("db", "check", url=f"sqlite:///{path}").exit_code == 0


def test_a_file_that_is_there_is_never_written_to(vetcore: Run, tmp_path: Path) -> None:
    path = tmp_path / "precious.db"
    path.write_bytes(b"precious")
    for options in (("--keep", str(path)), ("--url", f"sqlite:///{path}")):
        result = vetcore("demo", *options)
        assert result.exit_code == 1
        assert "there already" in result.stderr
    assert path.read_bytes() == b"precious"


@pytest.mark.parametrize("backend", ["postgresql"])
def test_a_given_postgresql_is_left_as_it_was(vetcore: Run, database_url: str) -> None:
    before = asyncio.run(_schemas(database_url))
    assert vetcore("demo", url=database_url).exit_code == 0
    assert asyncio.run(_schemas(database_url)) == before
    near = vetcore("nearby", "47.6", "-122.33", "--json", url=database_url)
    assert json.loads(near.stdout)["items"] == [], "the tables that were there are empty still"


@pytest.mark.parametrize("backend", ["postgresql"])
def test_a_named_schema_is_kept_and_never_used_twice(vetcore: Run, empty_url: str) -> None:
    named = ("demo", "--tenant", "trial")
    assert vetcore(*named, url=empty_url).exit_code == 0
    assert "trial" in asyncio.run(_schemas(empty_url))
    due = json.loads(vetcore("due", "--json", "--tenant", "trial", url=empty_url).stdout)
    assert due["items"]
    again = vetcore(*named, url=empty_url)
    assert again.exit_code == 1
    assert "trial already" in again.stderr


def test_it_does_not_touch_the_database_of_the_environment(
    vetcore: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VETCORE_DATABASE_URL", f"sqlite:///{tmp_path}/production.db")
    assert vetcore("demo").exit_code == 0
    assert not (tmp_path / "production.db").exists()


@pytest.mark.parametrize(
    "contradiction",
    [
        ("--url", "sqlite:///x.db", "--engine", "sqlite"),
        ("--url", "sqlite:///x.db", "--keep", "y.db"),
        ("--engine", "postgresql", "--keep", "y.db"),
        ("--tenant", "trial"),
    ],
)
def test_contradictory_options_are_a_usage_error(
    vetcore: Run, contradiction: tuple[str, ...]
) -> None:
    assert vetcore("demo", *contradiction).exit_code == 2


def test_a_series_is_booked_and_moved_from_the_third_on(summary: Any) -> None:
    series = summary["series"]
    zone = ZoneInfo(summary["clinic"]["timezone"])
    booked, moved = (
        [datetime.fromisoformat(at).astimezone(zone) for at in series[which]]
        for which in ("booked", "moved")
    )
    assert len(booked) == len(moved) == 4
    assert moved[:2] == booked[:2]
    assert len({(at.weekday(), at.time()) for at in booked}) == 1
    assert len({(at.weekday(), at.time()) for at in moved[2:]}) == 1
    assert moved[2].date() > booked[2].date()
