"""How a user wants to be reached, and when."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum, unique
from typing import Annotated

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from vetcore.errors import InvalidValue
from vetcore.values.dates import WallTime
from vetcore.values.documents import Document
from vetcore.values.frozenjson import FrozenJson

__all__ = ["LanguageTag", "NotificationChannel", "Preferences", "QuietHours"]

LanguageTag = Annotated[
    str, StringConstraints(max_length=35, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
]
"""A language tag as in BCP 47, such as ``en``, ``pt-BR`` or ``zh-Hant-TW``."""


@unique
class NotificationChannel(StrEnum):
    """A way in which the platform reaches a person."""

    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"


class QuietHours(Document):
    """A daily span of wall-clock time, in the user's zone, in which nothing is sent.

    ``start`` belongs to the span, and ``end`` does not. A span that ends before it starts goes over
    midnight.

    >>> night = QuietHours(start=time(22), end=time(7))
    >>> night.contains(time(23, 30)), night.contains(time(6, 59)), night.contains(time(7))
    (True, True, False)
    """

    start: WallTime
    end: WallTime

    @field_validator("end")
    @classmethod
    def _some_of_the_day(cls, end: time, info: ValidationInfo) -> time:
        if info.data.get("start") == end:
            raise InvalidValue(
                field="end",
                rule="must differ from start",
                expected="a span shorter than a day; switch the channels off for silence",
                value=end.isoformat(),
            )
        return end

    def contains(self, wall_time: time) -> bool:
        """Return whether ``wall_time``, in the user's zone, lies in the quiet hours."""
        if self.start < self.end:
            return self.start <= wall_time < self.end
        return wall_time >= self.start or wall_time < self.end


class Preferences(Document):
    """What a user chose. The defaults hold for somebody who chose nothing."""

    email_enabled: bool = True
    sms_enabled: bool = False
    push_enabled: bool = False
    reminder_lead_days: Annotated[
        tuple[Annotated[int, Field(ge=0, le=365)], ...], Field(max_length=10)
    ] = (7, 1)
    """How many days before an appointment or a due date reminders go out; empty means none.

    The longest comes first, each once. :func:`vetcore.medical.claim_reminders` gives out one
    reminder for a due date, from the longest on; later ones are the sender's.
    """
    quiet_hours: QuietHours | None = None
    language: LanguageTag | None = None
    """The language of messages; None means that of the user's locale."""
    marketing_opt_in: bool = False
    extra: FrozenJson = {}  # noqa: RUF012 -- validated, and so frozen; a JSON schema can show it
    """What a consumer of the package keeps beside; vetcore does not read it."""

    @field_validator("reminder_lead_days")
    @classmethod
    def _longest_first(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(sorted(set(days), reverse=True))

    @property
    def channels(self) -> tuple[NotificationChannel, ...]:
        """The channels on which the user wants to be reached.

        >>> Preferences(sms_enabled=True).channels
        (<NotificationChannel.EMAIL: 'email'>, <NotificationChannel.SMS: 'sms'>)
        """
        enabled = {
            NotificationChannel.EMAIL: self.email_enabled,
            NotificationChannel.SMS: self.sms_enabled,
            NotificationChannel.PUSH: self.push_enabled,
        }
        return tuple(channel for channel, chosen in enabled.items() if chosen)

    def wants_reminder(
        self, due_on: date, at: datetime, channel: NotificationChannel | None = None
    ) -> bool:
        """Return whether a reminder may go out for what is due on ``due_on``.

        ``at`` is what the user's clock shows. A reminder may go out from the first of
        ``reminder_lead_days`` on, even after the due day, but never in quiet hours. It goes out on
        ``channel``, or on any channel that the user chose if none is named.

        >>> careful = Preferences(reminder_lead_days=(7, 1))
        >>> careful.wants_reminder(date(2026, 3, 16), datetime(2026, 3, 9))
        True
        >>> careful.wants_reminder(date(2026, 3, 17), datetime(2026, 3, 9))
        False
        """
        if not self.reminder_lead_days or at.date() < due_on - timedelta(
            days=max(self.reminder_lead_days)
        ):
            return False
        wanted = self.channels if channel is None else (channel,)
        return any(self.allows(each, at.time()) for each in wanted)

    def allows(self, channel: NotificationChannel, wall_time: time) -> bool:
        """Return whether a message may go out on ``channel`` at the user's local ``wall_time``."""
        quiet = self.quiet_hours is not None and self.quiet_hours.contains(wall_time)
        return channel in self.channels and not quiet
