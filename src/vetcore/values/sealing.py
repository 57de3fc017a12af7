"""The kinds of seals, and the reasons for which what is signed may be released."""

from enum import StrEnum

__all__ = ["ReleaseReason", "SealKind"]


class SealKind(StrEnum):
    """What a link of a clinic's chain was made for."""

    RECORD = "record"
    """A record was signed."""
    ADDENDUM = "addendum"
    """An addendum was written."""
    MOVE = "move"
    """A signed record was moved, since its pet is the same animal as another one."""
    RELEASE = "release"
    """Signed rows were changed or removed under a release."""
    HEAD = "head"
    """Nothing but the chain so far."""


class ReleaseReason(StrEnum):
    """Why what is signed is changed or removed."""

    RETENTION = "retention"
    """The law no longer makes the clinic keep it."""
    MIGRATION = "migration"
    """The schema, or the form of what is stored, changes."""
    COPY = "copy"
    """Rows are brought in from another database."""
    TESTING = "testing"
    """A database for tests is emptied."""
