"""What the operating system is asked for a PostgreSQL of our own, and what is said when it refuses."""

import os
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from vetcore.embedded import EmbeddedPostgreSQL, installations, processes, server
from vetcore.embedded.installations import Installation
from vetcore.embedded.processes import Account, alive, unprivileged
from vetcore.errors import ConfigurationError

NOWHERE = Installation(Path("/nowhere"), "15.18")


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> Account:
    """Another user's account, who may do nothing at all."""

    def refuse(account: Account, command: Sequence[str], *, cwd: Path = Path("/")) -> bool:
        del account, command, cwd
        return False

    monkeypatch.setattr(Account, "can", refuse)
    return Account("nobody")


def test_a_program_that_is_not_there_cannot_be_run() -> None:
    assert Account().can(["/bin/sh", "-c", "exit 0"])
    assert not Account().can(["/bin/sh", "-c", "exit 1"])
    assert not Account().can(["/nowhere/postgres"])


def test_who_is_not_root_runs_the_server_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert unprivileged() == Account()


def test_root_needs_another_user(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [
        SimpleNamespace(pw_name=name, pw_uid=uid, pw_gid=uid)
        for name, uid in (("root", 0), ("ann", 1000), ("nobody", 65534))
    ]
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    for known, chosen in ((entries, "nobody"), (entries[:2], "ann")):
        monkeypatch.setattr("pwd.getpwall", lambda known=known: known)
        assert unprivileged().name == chosen
    monkeypatch.setattr("pwd.getpwall", lambda: entries[:1])
    with pytest.raises(ConfigurationError, match="no other user"):
        unprivileged()


def test_windows_is_told_to_name_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "os", SimpleNamespace(name="nt"))
    with pytest.raises(ConfigurationError, match="name a server"):
        unprivileged()


def test_without_proc_the_system_says_who_is_alive(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As on macOS."""
    monkeypatch.setattr(processes, "_PROC", tmp_path)
    assert alive(os.getpid())
    assert not alive(2**22 + 1)

    def forbid(pid: int, signal: int) -> None:
        raise PermissionError(pid, signal)

    monkeypatch.setattr(os, "kill", forbid)
    assert alive(1), "though another user's"


def test_without_a_directory_that_the_server_can_write_in_it_is_said(
    nobody: Account, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(os, "access", lambda path, _mode: path == str(tmp_path))
    with pytest.raises(ConfigurationError, match="set TMPDIR"):
        server._temporary_directory(nobody)
    assert list(tmp_path.iterdir()) == []


def test_a_directory_to_keep_that_the_server_cannot_reach_is_named(
    nobody: Account, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError, match="nobody") as caught:
        server._kept_directory(tmp_path, nobody)
    assert caught.value.details["directory"] == str(tmp_path / "postgresql")
    assert server._kept_directory(tmp_path, Account()) == tmp_path / "postgresql"


def test_what_initdb_says_is_passed_on_and_leaves_nothing_behind(tmp_path: Path) -> None:
    initdb = tmp_path / "initdb"
    initdb.write_text("#!/bin/sh\necho no locale\nexit 1\n")
    initdb.chmod(0o755)
    with pytest.raises(ConfigurationError, match="no locale"):
        server._initialise(tmp_path / "data", Installation(tmp_path, "15.18"), Account())
    assert not (tmp_path / "data").exists()


def test_an_installation_that_the_server_user_cannot_run_is_passed_over(
    nobody: Account, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(server, "installations", lambda: iter([NOWHERE]))
    with pytest.raises(ConfigurationError, match="No usable PostgreSQL"):
        server._choose(None, tmp_path, nobody, tmp_path)


@pytest.mark.parametrize(("version", "is_used"), [("9.6", False), ("13.23", False), ("14.0", True)])
def test_servers_before_14_and_a_wheel_that_is_not_installed_are_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str, is_used: bool
) -> None:
    found = Installation(tmp_path / "bin", version)
    extensions = tmp_path / "share" / "extension"
    extensions.mkdir(parents=True)
    for extension in installations.EXTENSIONS:
        (extensions / f"{extension}.control").touch()
    monkeypatch.setattr(installations, "_directories", lambda: [found.bin])
    monkeypatch.setattr(installations, "inspect", lambda _directory: found)
    monkeypatch.setattr(installations, "_WHEEL", "no_such_wheel")
    assert list(installations.installations()) == [found] * is_used


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("echo $LC_ALL", "C"),
        ("echo 14.0; exit 1", ""),
        ("sleep 60", ""),
    ],
)
def test_a_program_that_fails_or_hangs_says_nothing(
    monkeypatch: pytest.MonkeyPatch, program: str, said: str
) -> None:
    monkeypatch.setattr(installations, "_VERSION_TIMEOUT_SECONDS", 5 if said else 0.5)
    assert installations._output(["sh", "-c", program]) == said
    assert installations._output(["/no/such/program"]) == ""


def test_a_server_that_does_not_run_has_nothing_to_end(tmp_path: Path) -> None:
    told: list[Any] = []
    server = EmbeddedPostgreSQL(NOWHERE, tmp_path, tmp_path, False, Account(), told.append)
    server.stop()
    server.crash()
    assert told == []


def test_waiting_for_what_does_not_come_ends() -> None:
    assert server._wait_for(lambda: True, 0)
    assert not server._wait_for(lambda: False, 0)
