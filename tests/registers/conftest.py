"""What the tests of registers share."""

from pathlib import Path
from uuid import uuid4

import pytest

from tests.registers.samples import Write


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a register with a name of its own."""

    def written(*lines: str, encoding: str = "utf-8", end: str = "\r\n") -> Path:
        path = tmp_path / f"{uuid4().hex}.csv"
        path.write_bytes(end.join([*lines, ""]).encode(encoding))
        return path

    return written
