import logging
from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture
def untouched_logging() -> Iterator[None]:
    """Gives back the logging of the process as it was."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    configured = structlog.is_configured()
    kept = structlog.get_config()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    if configured:
        structlog.configure(**kept)
    else:
        structlog.reset_defaults()
