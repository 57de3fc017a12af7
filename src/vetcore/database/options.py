"""Execution options by which engines, sessions and those who listen to them agree."""

from typing import Final

__all__ = ["BEGIN", "READ_ONLY"]

BEGIN: Final = "vetcore_begin"
"""How a SQLite transaction begins, ``DEFERRED`` (default) or ``IMMEDIATE``."""

READ_ONLY: Final = "vetcore_read_only"
"""Whether a transaction only reads, as in ``Database.session()``."""
