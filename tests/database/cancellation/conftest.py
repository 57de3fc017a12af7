"""What holds for every test of a cancellation."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator

import pytest


@pytest.fixture(autouse=True)
async def complaints(caplog: pytest.LogCaptureFixture) -> AsyncIterator[None]:
    """Nothing is logged as an error, by us, by asyncio or by SQLAlchemy."""
    loop = asyncio.get_running_loop()
    told: list[str] = []
    loop.set_exception_handler(lambda _, context: told.append(context["message"]))
    gc.freeze()  # what is there already has nothing to tell, and takes long to look through
    yield
    gc.collect()
    gc.unfreeze()
    await asyncio.sleep(0)
    loop.set_exception_handler(None)
    told += [
        each.getMessage()
        for each in caplog.get_records("call")
        if each.levelno >= logging.WARNING and each.name.startswith(("sqlalchemy", "asyncio"))
    ]
    assert told == []
