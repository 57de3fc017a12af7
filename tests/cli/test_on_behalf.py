"""``--as EMAIL``: a command acts as somebody, who may do with it what they may do anywhere."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.conftest import MONDAY, Run
from vetcore import clock

OWNER = "abigail.fenwick@owner.example"
STRANGER = "marcus.oyelaran@owner.example"


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[None]:
    with clock.frozen(MONDAY):
        yield


def answer(vetcore: Run, *arguments: str, url: str, code: int = 0) -> Any:
    result = vetcore(*arguments, "--json", url=url)
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)
