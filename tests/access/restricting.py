"""Databases with restricted sessions, for tests."""

from typing import Any

from vetcore.access import enable_row_level_security
from vetcore.database import Database
from vetcore.settings.signing import TEST_KEY
from vetcore.values.signatures import TEST_KEYS

LOGIN = "vetcore_test_reader"
PASSWORD = "only-for-tests"


def reader_url(db: Database) -> str:
    """Where a restricted session of ``db`` connects."""
    url = db.url.set(username=LOGIN, password=PASSWORD)
    return url.render_as_string(hide_password=False)


def with_restricted(db: Database, **given: Any) -> Database:
    """The same database, whose owner can open restricted sessions, once they are enabled."""
    values: dict[str, Any] = {
        "restricted_url": reader_url(db),
        "restricted_key": TEST_KEY,
        "keys": TEST_KEYS,
    }
    return Database(db.url, **({"tenant": db.tenant} | values | given))


async def enabled(db: Database) -> Database:
    """The same database, not opened yet, with restricted sessions enabled."""
    async with with_restricted(db) as owner:
        await enable_row_level_security(owner)
    return with_restricted(db)
