"""What every command has in common: its voice, on a terminal and for programs."""

import json
from pathlib import Path
from typing import Any

import pytest

from vetcore.cli.context import Terminal
from vetcore.cli.demo.stage import stage
from vetcore.cli.progress import step
from vetcore.errors import ConfigurationError


def test_a_step_spins_on_a_terminal_and_ends_in_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with step(Terminal(), "Loading") as result:
        result.done = "Loaded 3 rows"
    told = capsys.readouterr()
    assert "Loading …" in told.err
    assert "Loaded 3 rows" in told.err
    assert told.out == ""


def test_what_has_no_form_in_json_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal(as_json=True)
    terminal.answer({"path": Path("x")})
    assert json.loads(capsys.readouterr().out) == {"path": "x"}
    with pytest.raises(TypeError, match="object has no form in JSON"):
        terminal.answer({"thing": object()})


def test_a_demonstration_takes_place_in_a_database_that_is_named(tmp_path: Path) -> None:
    place: dict[str, Any] = {"engine": None, "keep": None, "tenant": None}
    with stage(f"sqlite:///{tmp_path}/demo.db", **place) as chosen:
        assert chosen.kept is not None
        assert chosen.kept.endswith(f":///{tmp_path}/demo.db")
    with stage("sqlite://", **place) as chosen:
        assert chosen.kept is None, "it is gone with the process"
    with (
        pytest.raises(ConfigurationError, match="SQLite has none"),
        stage("sqlite:///x.db", **place | {"tenant": "trial"}),
    ):
        pass
