"""In what capacity somebody acts: the one answer to "who asks" on which rules depend."""

from enum import StrEnum, unique

__all__ = ["Capacity"]


@unique
class Capacity(StrEnum):
    """In what capacity somebody acts on a row.

    Rules that differ by who asks take it as ``by``: an owner is bound by the notice for cancelling,
    staff are not. An operation finds it out from the row (``vetcore.operations``).
    """

    OWNER = "owner"
    """A pet's owner or co-owner, or whoever acts on their own account."""
    STAFF = "staff"
    """Somebody who works at the clinic concerned, or an administrator of the platform."""
    SYSTEM = "system"
    """Nobody in person: a job, a migration, the clinic's own command line."""

    @property
    def is_staff(self) -> bool:
        """Whether the rules for staff hold: the system acts on the clinic's behalf."""
        return self is not Capacity.OWNER
