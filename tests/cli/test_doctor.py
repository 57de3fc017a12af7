"""``vetcore doctor`` on both engines, sound and unsound."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.access.restricting import LOGIN, reader_url, with_restricted
from tests.cli.conftest import Process, Run
from tests.examples import clinic
from vetcore import clock
from vetcore.access import enable_row_level_security
from vetcore.cli import calendars, examination
from vetcore.cli.examination import _server
from vetcore.database import Database
from vetcore.settings.signing import TEST_KEY
from vetcore.values.zones import ZoneData, zone_data, zone_named

NOWHERE = "postgresql://ann:hunter2@127.0.0.1:1/nowhere"


def _examined(vetcore: Run, url: str) -> tuple[int, dict[str, Any]]:
    result = vetcore("doctor", "--json", url=url)
    return result.exit_code, json.loads(result.stdout)


def _verdicts(report: dict[str, Any]) -> dict[str, str]:
    return {finding["subject"]: finding["verdict"] for finding in report["findings"]}


def test_a_sound_installation_is_found_sound(vetcore: Run, database_url: str) -> None:
    code, report = _examined(vetcore, database_url)
    assert code == 0, report
    assert report["ok"] is True
    verdicts = _verdicts(report)
    assert set(verdicts.values()) == {"ok"}, report
    looked_at = {"configuration", "connection", "server", "extensions", "schema"}
    if database_url.startswith("postgresql"):
        looked_at |= {"pool", "encryption", "clock", "row security"}
    assert looked_at <= set(verdicts)


def test_it_reads_well_at_eighty_columns(vetcore: Run, database_url: str) -> None:
    shown = vetcore("doctor", "--all", url=database_url)
    assert shown.exit_code == 0
    assert "no faults, no warnings" in shown.stdout
    assert "DATABASE_POOL_SIZE" in shown.stdout
    assert max(map(len, shown.stdout.splitlines())) <= 80
    assert "…\n" not in shown.stdout.replace("(VETCORE_…)", "")


def test_a_schema_that_is_not_there_is_a_fault(vetcore: Run, empty_url: str) -> None:
    if empty_url.startswith("sqlite"):
        vetcore("db", "wait", url=empty_url)
    code, report = _examined(vetcore, empty_url)
    assert (code, report["ok"]) == (3, False)
    assert _verdicts(report)["schema"] == "fault"
    advice = next(found["advice"] for found in report["findings"] if found["subject"] == "schema")
    assert "vetcore db upgrade" in advice


async def _execute(url: str, statement: str) -> None:
    async with Database(url) as db, db.transaction() as session:
        await session.execute(text(statement))


def test_a_schema_that_drifted_is_a_fault_that_names_the_difference(
    vetcore: Run, database_url: str
) -> None:
    asyncio.run(_execute(database_url, "DROP INDEX ix_clinics_name"))
    code, report = _examined(vetcore, database_url)
    assert code == 3
    detail = next(found["detail"] for found in report["findings"] if found["subject"] == "schema")
    assert "ix_clinics_name" in detail


def test_a_database_that_does_not_answer_is_a_fault_and_the_rest_is_left_out(vetcore: Run) -> None:
    code, report = _examined(vetcore, NOWHERE)
    assert code == 3
    assert _verdicts(report)["connection"] == "fault"
    assert "schema" not in _verdicts(report)


def test_no_secret_is_shown(vetcore: Run) -> None:
    for options in (("--json",), ("--all",)):
        shown = vetcore("doctor", *options, url=NOWHERE).output
        assert "hunter" not in shown


def test_settings_are_shown_with_the_place_they_come_from(
    vetcore: Run, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VETCORE_DATABASE_POOL_SIZE", "7")
    _, report = _examined(vetcore, database_url)
    settings = {setting["name"]: setting for setting in report["settings"]}
    assert settings["VETCORE_DATABASE_POOL_SIZE"]["value"] == "7"
    assert settings["VETCORE_DATABASE_POOL_SIZE"]["origin"] == "environment"
    assert settings["VETCORE_DATABASE_URL"]["origin"] == "command line"
    assert settings["VETCORE_DATABASE_ECHO"]["origin"] == "default"


def test_every_wrong_setting_is_named_at_once(
    vetcore: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VETCORE_DATABASE_POOL_SIZE", "many")
    monkeypatch.setenv("VETCORE_LOGGING_LEVEL", "loud")
    result = vetcore("doctor")
    assert result.exit_code == 3
    assert "VETCORE_DATABASE_POOL_SIZE" in result.stdout
    assert "VETCORE_LOGGING_LEVEL" in result.stdout


@pytest.mark.parametrize("backend", ["postgresql"])
def test_row_security_is_off_or_on_or_half_set_up(
    vetcore: Run, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found() -> tuple[str, str]:
        _, report = _examined(vetcore, database_url)
        finding = next(f for f in report["findings"] if f["subject"] == "row security")
        return finding["verdict"], finding["detail"]

    service = with_restricted(Database(database_url))
    assert found() == ("ok", "off: services filter with access.visible()")
    monkeypatch.setenv("VETCORE_DATABASE_RESTRICTED_URL", reader_url(service))
    verdict, detail = found()
    assert verdict == "fault"
    assert "VETCORE_DATABASE_RESTRICTED_KEY" in detail
    monkeypatch.setenv("VETCORE_DATABASE_RESTRICTED_KEY", TEST_KEY)
    verdict, detail = found()
    assert verdict == "fault"
    assert "enable_row_level_security" in detail

    async def enable() -> None:
        async with service:
            await enable_row_level_security(service)

    asyncio.run(enable())
    assert found() == ("ok", f"on: restricted sessions connect as {LOGIN}")
    asyncio.run(_execute(database_url, "DROP VIEW vetcore_own.pets"))
    assert found()[0] == "fault"
    monkeypatch.delenv("VETCORE_DATABASE_RESTRICTED_URL")
    assert found()[0] == "warning"


def test_an_unknown_setting_is_a_warning(
    vetcore: Run, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VETCORE_WEATHER", "fair")
    code, report = _examined(vetcore, database_url)
    assert code == 0
    assert _verdicts(report)["configuration"] == "warning"


def test_flags_are_named_and_a_file_that_cannot_be_read_is_a_fault(
    vetcore: Run, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "flags.json"
    file.write_text('{"waitlist": {"rollout": 25}}', "utf-8")
    monkeypatch.setenv("VETCORE_FLAGS_FILE", str(file))
    code, report = _examined(vetcore, database_url)
    assert code == 0
    detail = next(found["detail"] for found in report["findings"] if found["subject"] == "flags")
    assert "waitlist" in detail
    file.write_text('{"waitlist": {"rollout": "much"}}', "utf-8")
    code, report = _examined(vetcore, database_url)
    assert code == 3
    assert _verdicts(report)["flags"] == "fault"


_ISSUER = {"ISSUER": "https://clerk.example.com"}
_PARTY = {"AUTHORIZED_PARTIES": "https://app.example.com"}
_SECRET = {"WEBHOOK_SECRETS": f"whsec_{'A' * 32}"}


@pytest.mark.parametrize(
    ("clerk", "findings"),
    [
        ({}, [("Clerk", "ok", "not used")]),
        (
            _ISSUER | _PARTY | _SECRET,
            [("session tokens", "ok", "clerk.example.com"), ("webhooks", "ok", "by 1 secret")],
        ),
        (_ISSUER | _PARTY, [("session tokens", "ok", "app."), ("webhooks", "ok", "not set")]),
        (_SECRET, [("session tokens", "ok", "not set"), ("webhooks", "ok", "by 1 secret")]),
        (_ISSUER, [("session tokens", "warning", "AUTHORIZED_PARTIES"), ("webhooks", "ok", "")]),
        (_PARTY, [("session tokens", "fault", "CLERK_ISSUER"), ("webhooks", "ok", "")]),
        (
            {"JWKS_URL": "https://keys.example.com"},
            [("session tokens", "fault", "CLERK_ISSUER and VETCORE_CLERK_AUTH"), ("webhooks", "ok", "")],
        ),
        (
            {"WEBHOOK_SECRETS": f"whsec_{'A' * 32},whsec_AAAA"},
            [("session tokens", "ok", ""), ("webhooks", "fault", "secret 2 is not usable")],
        ),
    ],
)  # fmt: skip
def test_what_clerks_settings_lack_is_told(
    vetcore: Run,
    monkeypatch: pytest.MonkeyPatch,
    clerk: dict[str, str],
    findings: list[tuple[str, str, str]],
) -> None:
    for name, value in clerk.items():
        monkeypatch.setenv(f"VETCORE_CLERK_{name}", value)
    _, report = _examined(vetcore, NOWHERE)
    told = {found["subject"]: (found["verdict"], found["detail"]) for found in report["findings"]}
    assert {"Clerk", "session tokens", "webhooks"} & set(told) == {each for each, _, _ in findings}
    for subject, verdict, detail in findings:
        assert told[subject][0] == verdict
        assert detail in told[subject][1]


def test_session_tokens_without_their_extra_are_a_fault_that_names_it(
    vetcore_process: Process, tmp_path: Path
) -> None:
    # A package of that name that cannot be imported, as if it were not installed.
    (tmp_path / "jwt.py").write_text("raise ImportError")
    environ = {f"VETCORE_CLERK_{name}": value for name, value in (_ISSUER | _PARTY).items()}
    result = vetcore_process(
        "doctor", "--json", "--url", NOWHERE, PYTHONPATH=str(tmp_path), **environ
    )
    found = [f for f in json.loads(result.stdout)["findings"] if f["subject"] == "session tokens"]
    assert [each["verdict"] for each in found] == ["fault"]
    assert "vetcore[clerk]" in found[0]["detail"]


@pytest.mark.parametrize("backend", ["postgresql"])
def test_a_pool_larger_than_the_server_is_a_fault(
    vetcore: Run, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VETCORE_DATABASE_POOL_SIZE", "900")
    code, report = _examined(vetcore, database_url)
    assert code == 3
    assert _verdicts(report)["pool"] == "fault"


@pytest.mark.parametrize("backend", ["postgresql"])
def test_a_pool_for_which_there_is_no_room_now_is_a_warning(
    vetcore: Run, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def most() -> int:
        async with Database(database_url) as db, db.session() as session:
            reserved = int(await session.scalar(text("SHOW superuser_reserved_connections")) or 0)
            return int(await session.scalar(text("SHOW max_connections")) or 0) - reserved

    monkeypatch.setenv("VETCORE_DATABASE_POOL_SIZE", str(asyncio.run(most())))
    monkeypatch.setenv("VETCORE_DATABASE_MAX_OVERFLOW", "0")
    code, report = _examined(vetcore, database_url)
    assert (code, _verdicts(report)["pool"]) == (0, "warning")


@pytest.mark.parametrize("backend", ["postgresql"])
def test_a_clock_that_differs_from_the_servers_is_told(vetcore: Run, database_url: str) -> None:
    with clock.frozen(clock.now() + timedelta(minutes=3)):
        _, report = _examined(vetcore, database_url)
    assert _verdicts(report)["clock"] != "ok"


def test_no_file_to_examine_is_a_fault(vetcore: Run, tmp_path: Path) -> None:
    code, report = _examined(vetcore, f"sqlite:///{tmp_path}/nowhere.db")
    assert (code, _verdicts(report)["connection"]) == (3, "fault")


@pytest.mark.parametrize("backend", ["sqlite"])
def test_no_time_zones_are_a_fault(
    vetcore: Run, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendars, "zone_names", frozenset)
    code, report = _examined(vetcore, database_url)
    assert (code, _verdicts(report)["time zones"]) == (3, "fault")


def test_a_sqlite_without_what_we_need_is_a_fault(
    vetcore: Run, database_url: str, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "_SQLITE_MODULES" if backend == "sqlite" else "EXTENSIONS"
    monkeypatch.setattr(examination, name, ("rtree", "no_such_thing"))
    code, report = _examined(vetcore, database_url)
    assert code == 3
    found = next(each for each in report["findings"] if each["subject"] == "extensions")
    assert "no_such_thing" in found["detail"]


@pytest.mark.parametrize(
    ("dialect", "version", "verdict"),
    [
        ("postgresql", "13.14", "fault"),
        ("postgresql", "14.0", "ok"),
        ("postgresql", "18.1", "ok"),
        ("sqlite", "3.34.1", "fault"),
        ("sqlite", "3.35.0", "ok"),
    ],
)
def test_servers_that_are_too_old_are_a_fault(dialect: str, version: str, verdict: str) -> None:
    assert _server(dialect, version).verdict == verdict


def test_which_time_zone_data_are_used_is_told(vetcore: Run, database_url: str) -> None:
    _, report = _examined(vetcore, database_url)
    found = next(each for each in report["findings"] if each["subject"] == "time zones")
    assert zone_data().version in found["detail"]


async def _store(url: str, **given: Any) -> None:
    async with Database(url) as db, db.transaction() as session:
        session.add(clinic(name="Fjord Vets", **given))


@pytest.mark.parametrize("backend", ["sqlite"])
def test_zones_of_clinics_that_the_system_has_otherwise_are_named(
    vetcore: Run, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(_store(database_url, timezone="America/Vancouver"))
    asyncio.run(_store(database_url, timezone="Europe/London", license_number=None))
    monkeypatch.setattr(calendars, "zone_data", lambda: ZoneData("2026b", "2025b"))
    monkeypatch.setattr(
        calendars,
        "system_zone",
        lambda name: zone_named(name.replace("Vancouver", "Los_Angeles")),
    )
    with clock.frozen(datetime(2026, 10, 1, tzinfo=UTC)):
        code, report = _examined(vetcore, database_url)
    found = next(each for each in report["findings"] if each["subject"] == "clinics' clocks")
    assert (code, found["verdict"]) == (0, "warning")
    assert "America/Vancouver from 2026-11-01" in found["detail"]
    assert "Europe/London" not in found["detail"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"address": {"line1": "1", "city": "X", "country": "LK"}}, "Fjord Vets (LK)"),
        ({"subdivision": "US-ZZ"}, "Fjord Vets (US-ZZ)"),
        ({"subdivision": "US-WA"}, None),
        ({"subdivision": "US-ZZ", "opening_hours": "Mo-Fr 08:00-18:00"}, None),
    ],
)
def test_clinics_whose_holidays_are_not_known_are_named(
    vetcore: Run, database_url: str, given: dict[str, Any], told: str | None
) -> None:
    """The calendar of Sri Lanka is made anew each year, and ends."""
    asyncio.run(_store(database_url, **{"opening_hours": "Mo-Fr 08:00-18:00; PH off"} | given))
    with clock.frozen(datetime(2060, 1, 1, tzinfo=UTC)):
        code, report = _examined(vetcore, database_url)
    found = next(each for each in report["findings"] if each["subject"] == "public holidays")
    assert code == 0
    assert found["verdict"] == ("ok" if told is None else "warning")
    assert told is None or told in found["detail"]
