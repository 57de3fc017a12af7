"""What a reminder says, and where it goes."""

import asyncio
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from vetcore.models import Pet, User, VaccinationReminder

__all__ = ["Message", "Outbox", "Send", "compose"]


@dataclass(frozen=True, slots=True)
class Message:
    """An e-mail."""

    id: str
    """The same each time that it is tried: a provider sends it once (``Idempotency-Key``)."""
    to: str
    subject: str
    text: str


class Send(Protocol):
    """Hands a message to whoever delivers it; raises ``OSError`` when that does not work."""

    async def __call__(self, message: Message, /) -> None: ...


def compose(reminder: VaccinationReminder, pet: Pet, owner: User) -> Message:
    """The reminder in words."""
    return Message(
        id=str(reminder.id),
        to=owner.email,
        subject=f"{pet.name} is due for a vaccination",
        text=f"Dear {owner.first_name},\n\n{pet.name}'s next vaccination is due on "
        f"{reminder.due_on:%d %B %Y}. Please book an appointment.\n",
    )


class Outbox:
    """Appends each message to a file, as a line of JSON."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def __call__(self, message: Message, /) -> None:
        await asyncio.to_thread(self._append, json.dumps(asdict(message)) + "\n")

    def _append(self, line: str) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line)
