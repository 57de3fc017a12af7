"""How a user wants to be reached."""

from datetime import time
from enum import StrEnum, unique
from typing import Annotated

from pydantic import Field, JsonValue, StringConstraints

from vetcore.values.documents import Document

__all__ = ["NotificationChannel", "Preferences", "QuietHours"]


@unique
class NotificationChannel(StrEnum):
    """The ways in which the platform reaches a person."""

    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"


class QuietHours(Document):
    """A span of wall-clock time, in the user's zone, in which no message is sent."""

    start: time
    end: time


class Preferences(Document):
    """What a user chose; the defaults hold for somebody who chose nothing."""

    email_enabled: bool = True
    sms_enabled: bool = False
    push_enabled: bool = False
    reminder_lead_days: tuple[Annotated[int, Field(ge=0, le=365)], ...] = (7, 1)
    quiet_hours: QuietHours | None = None
    language: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")] = (
        "en"
    )
    marketing_opt_in: bool = False
    extra: dict[str, JsonValue] = Field(default_factory=dict)
