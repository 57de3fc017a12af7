"""Which rows ``vetcore db clean`` removes after a time, and which it never removes."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_

from vetcore.database.cleaning import Retention, Sweep
from vetcore.models.base import Base
from vetcore.values.appointments import AppointmentStatus

__all__ = ["retention"]


def retention() -> Retention:
    """Return which rows of each table are removed after a time. All models must be known."""
    tables: Any = Base.metadata.tables
    appointments, pets = tables["appointments"].c, tables["pets"].c
    waiting, deliveries = tables["waitlist_entries"].c, tables["webhook_deliveries"].c
    reminders = tables["vaccination_reminders"].c
    held = appointments.status.in_([AppointmentStatus.HELD, AppointmentStatus.EXPIRED])
    commands = tables["command_keys"].c
    sessions, links = tables["user_sessions"].c, tables["account_links"].c
    keys, limits = tables["api_keys"].c, tables["sign_in_limits"].c
    # A pet that is still due on that day would be reminded once more.
    still_due = exists().where(
        pets.id == reminders.pet_id, pets.next_vaccination_due_on == reminders.due_on
    )
    over: dict[str, tuple[str, Callable[[datetime], ColumnElement[bool]]]] = {
        "user_sessions": (
            "sessions",
            lambda before: or_(sessions.ended_at < before, sessions.expires_at < before),
        ),
        "account_links": ("links to accounts", lambda before: links.expires_at < before),
        "api_keys": (
            "API keys",
            lambda before: or_(keys.revoked_at < before, keys.expires_at < before),
        ),
        "sign_in_limits": ("tries to sign in", lambda before: limits.until < before),
    }
    return Retention(
        sweeps=(
            Sweep(
                "waitlist entries",
                "waitlist_days",
                tables["waitlist_entries"],
                lambda before: waiting.latest_at < before,
            ),
            Sweep(
                "expired holds",
                "holds_days",
                tables["appointments"],
                lambda before: and_(held, appointments.hold_expires_at < before),
            ),
            Sweep(
                "keys of commands",
                "keys_days",
                tables["command_keys"],
                lambda before: commands.created_at < before,
            ),
            Sweep(
                "webhook deliveries",
                "deliveries_days",
                tables["webhook_deliveries"],
                lambda before: deliveries.received_at < before,
            ),
            Sweep(
                "sent reminders",
                "reminders_days",
                tables["vaccination_reminders"],
                lambda before: and_(reminders.sent_at < before, ~still_due),
            ),
            *(
                Sweep(name, "sessions_days", tables[table], is_over)
                for table, (name, is_over) in over.items()
            ),
        ),
        kept={"medical_records": tables["medical_records"].c.signed_at.is_not(None)},
    )
