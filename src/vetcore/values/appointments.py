"""The states of an appointment: which may follow which, and which of them occupy a slot."""

from collections.abc import Mapping
from enum import StrEnum, unique

__all__ = ["AppointmentPriority", "AppointmentStatus", "SeriesScope", "WaitlistStatus"]


@unique
class AppointmentStatus(StrEnum):
    """The state in which an appointment is.

    >>> AppointmentStatus.CONFIRMED.may_become(AppointmentStatus.CANCELLED)
    True
    >>> AppointmentStatus.COMPLETED.may_become(AppointmentStatus.CANCELLED)
    False
    >>> AppointmentStatus.NO_SHOW.occupies
    False
    """

    HELD = "held"
    """Reserved until ``hold_expires_at`` while somebody decides or pays."""
    SCHEDULED = "scheduled"
    CONFIRMED = "confirmed"
    CHECKED_IN = "checked_in"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    EXPIRED = "expired"
    """A hold that nobody confirmed in time."""

    @property
    def occupies(self) -> bool:
        """Whether an appointment in this state occupies its practitioner, room and pet."""
        return self not in {
            AppointmentStatus.CANCELLED,
            AppointmentStatus.NO_SHOW,
            AppointmentStatus.EXPIRED,
        }

    @property
    def successors(self) -> frozenset["AppointmentStatus"]:
        """The states that may follow this one."""
        return _SUCCESSORS[self]

    @property
    def is_final(self) -> bool:
        """Whether no other state may follow this one."""
        return not self.successors

    def may_become(self, other: "AppointmentStatus") -> bool:
        """Return whether an appointment in this state may change to the state ``other``."""
        return other in self.successors

    @classmethod
    def occupying(cls) -> tuple["AppointmentStatus", ...]:
        """Return the states in which an appointment occupies its slot, in order of declaration."""
        return tuple(status for status in cls if status.occupies)

    @classmethod
    def to_come(cls) -> tuple["AppointmentStatus", ...]:
        """Return the states of a visit that has not begun, in which it may be moved or cancelled."""
        return cls.HELD, cls.SCHEDULED, cls.CONFIRMED


_SUCCESSORS: Mapping[AppointmentStatus, frozenset[AppointmentStatus]] = {
    AppointmentStatus.HELD: frozenset(
        {
            AppointmentStatus.SCHEDULED,
            AppointmentStatus.CONFIRMED,
            AppointmentStatus.CANCELLED,
            AppointmentStatus.EXPIRED,
        }
    ),
    AppointmentStatus.SCHEDULED: frozenset(
        {
            AppointmentStatus.CONFIRMED,
            AppointmentStatus.CHECKED_IN,
            AppointmentStatus.CANCELLED,
            AppointmentStatus.NO_SHOW,
        }
    ),
    AppointmentStatus.CONFIRMED: frozenset(
        {AppointmentStatus.CHECKED_IN, AppointmentStatus.CANCELLED, AppointmentStatus.NO_SHOW}
    ),
    AppointmentStatus.CHECKED_IN: frozenset(
        {AppointmentStatus.IN_PROGRESS, AppointmentStatus.CANCELLED}
    ),
    AppointmentStatus.IN_PROGRESS: frozenset(
        {AppointmentStatus.COMPLETED, AppointmentStatus.CANCELLED}
    ),
    AppointmentStatus.COMPLETED: frozenset(),
    # Reactivation takes the slot again, and so may find it taken.
    AppointmentStatus.CANCELLED: frozenset({AppointmentStatus.SCHEDULED}),
    AppointmentStatus.NO_SHOW: frozenset(
        {AppointmentStatus.SCHEDULED, AppointmentStatus.CHECKED_IN}
    ),
    AppointmentStatus.EXPIRED: frozenset(),
}


@unique
class AppointmentPriority(StrEnum):
    """How urgent a visit is."""

    ROUTINE = "routine"
    URGENT = "urgent"
    EMERGENCY = "emergency"


@unique
class SeriesScope(StrEnum):
    """Which appointments of a series an act is about. None that has begun or is over is among them."""

    THIS = "this"
    FOLLOWING = "following"
    """This one, and those at a later place of the series."""
    ALL = "all"


@unique
class WaitlistStatus(StrEnum):
    """The state in which a wish for an earlier appointment is."""

    WAITING = "waiting"
    OFFERED = "offered"
    """A slot is held for the wish. It returns to waiting if the hold runs out."""
    BOOKED = "booked"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    """The last moment at which a slot was acceptable has passed."""

    @property
    def is_open(self) -> bool:
        """Whether the wish may still lead to a slot."""
        return self in {WaitlistStatus.WAITING, WaitlistStatus.OFFERED}
