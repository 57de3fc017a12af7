"""The docstrings that a reader is given to judge."""

import pytest
from tools.docstrings import described, drawn, main


def test_a_seed_draws_the_same_twenty() -> None:
    assert drawn(7) == drawn(7)
    assert len(set(drawn(7))) == 20
    assert drawn(7) != drawn(8)


def test_they_are_of_what_is_public() -> None:
    names = {each.name for each in described()}
    assert "vetcore.operations.appointments.move_appointment" in names
    assert "vetcore.database.core.Database.transaction" in names
    assert not [name for name in names if "._" in name and not name.startswith("vetcore._")]


def test_they_are_printed_with_their_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seed", "3", "--count", "2"]) == 0
    printed = capsys.readouterr().out
    for each in drawn(3, 2):
        assert each.name in printed
        assert each.doc.partition("\n")[0] in printed
