"""The capacity in which somebody acts, on which many rules depend."""

from enum import StrEnum, unique

__all__ = ["Capacity"]


@unique
class Capacity(StrEnum):
    """The capacity in which somebody acts on a row: as its owner, as staff, or as the system.

    Rules that depend on the capacity take it as the argument ``by``. For example, an owner is bound
    by the notice for cancelling, and staff are not. An operation finds the capacity out from the
    row (``vetcore.operations``).
    """

    OWNER = "owner"
    """A pet's owner or co-owner, or whoever acts on their own account."""
    STAFF = "staff"
    """Somebody who works at the clinic concerned, or an administrator of the platform."""
    SYSTEM = "system"
    """No person acts, but a job, a migration or the clinic's own command line."""

    @property
    def is_staff(self) -> bool:
        """Whether the rules for staff hold. They hold for the system as well."""
        return self is not Capacity.OWNER
