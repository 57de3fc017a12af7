"""The practice of the scheduling tests, with everybody who may want something of it."""

import pytest

from tests.operations.house import House, house_at
from tests.scheduling.conftest import _shared_databases, made, on_a_friday, shared
from vetcore.database import Database

__all__ = ["_shared_databases", "house", "made", "on_a_friday", "shared"]


@pytest.fixture
async def house(shared: Database) -> House:
    """A practice with its people, in a database that other tests use as well."""
    return await house_at(shared)
