"""Execution options that engines, sessions and listeners agree on."""

from typing import Final

__all__ = ["BEGIN", "READ_ONLY", "UNLIMITED", "WITHOUT_FOREIGN_KEYS"]

BEGIN: Final = "vetcore_begin"
"""How a SQLite transaction begins, ``DEFERRED`` (default) or ``IMMEDIATE``."""

READ_ONLY: Final = "vetcore_read_only"
"""Whether a transaction only reads, as in ``Database.session()``."""

UNLIMITED: Final = "vetcore_unlimited"
"""Whether the statements of a SQLite connection may take as long as they like."""

WITHOUT_FOREIGN_KEYS: Final = "vetcore_without_foreign_keys"
"""Whether a SQLite transaction may drop a table and make it again without touching other rows.

SQLite deletes the rows of a table that it drops, and does what their foreign keys say.
"""
