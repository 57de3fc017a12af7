"""A Clerk instance that lives for a while: what happens to its users, event by event."""

from collections.abc import Iterator
from random import Random
from typing import Any

from .clerk_events import created, deleted, updated


class History:
    """Random events in the order in which they happened.

    As at Clerk, an address is the primary one of one user at a time; who leaves an address makes
    it free for another, and who deletes an account may sign up again.
    """

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._free = [f"pool{number}@example.com" for number in range(12)]
        self._living: dict[str, dict[str, Any]] = {}
        self._second = 1.0
        self._born = 0
        self.locals = [
            *((f"local{number}@example.com", True) for number in range(6)),
            *((f"doubtful{number}@example.com", False) for number in range(6)),
        ]
        """Accounts that the clinic made before: address, and whether it is verified."""
        # An owner whom the clinic knows signs up once, with that address.
        self._known = [address for address, _ in self.locals]

    def events(self, count: int) -> Iterator[dict[str, Any]]:
        for _ in range(count):
            self._second += self._chance.choice([0.001, 0.5, 3])
            yield self._next()

    def _next(self) -> dict[str, Any]:
        if not self._living or (len(self._living) < 15 and self._chance.random() < 0.3):
            return self._sign_up()
        name = self._chance.choice(list(self._living))
        if self._chance.random() < 0.2:
            self._release(self._living.pop(name))
            return deleted(name, self._second)
        person = self._living[name]
        getattr(self, self._chance.choice(_CHANGES))(person)
        return updated(name, self._second, **person)

    def _sign_up(self) -> dict[str, Any]:
        self._born += 1
        name = f"user_{self._born}"
        known = self._known and self._chance.random() < 0.4
        person = {
            "email": self._known.pop() if known else self._take(),
            "verified": self._chance.random() < 0.7,
            "first_name": self._chance.choice(["Ana", "Zoë", None]),
        }
        self._living[name] = person
        return created(name, self._second, **person)

    def _take(self) -> str | None:
        if not self._free or self._chance.random() < 0.1:
            return None
        return self._free.pop(self._chance.randrange(len(self._free)))

    def _release(self, person: dict[str, Any]) -> None:
        address = person["email"]
        if address is not None and address.startswith("pool"):
            self._free.append(address)

    def move(self, person: dict[str, Any]) -> None:
        if person["email"] is None or person["email"].startswith("pool"):
            address = self._take()
            self._release(person)
            person["email"], person["verified"] = address, self._chance.random() < 0.7

    def verify(self, person: dict[str, Any]) -> None:
        person["verified"] = True

    def rename(self, person: dict[str, Any]) -> None:
        person["first_name"] = self._chance.choice(["Ana", "Bo", "Chidi", None])
        person["last_name"] = self._chance.choice(["Silva", "O'Neil", "李", None])

    def telephone(self, person: dict[str, Any]) -> None:
        person["phone"] = self._chance.choice(["+12065550123", "+442079460958", None])
        person["phone_verified"] = self._chance.random() < 0.7

    def ban(self, person: dict[str, Any]) -> None:
        person["banned"] = not person.get("banned")

    def promote(self, person: dict[str, Any]) -> None:
        role = self._chance.choice(["receptionist", "veterinarian", "clinic_manager", "king"])
        person["public_metadata"] = {"role": role}
        person["unsafe_metadata"] = {"role": "platform_admin"}


_CHANGES = ["move", "verify", "rename", "telephone", "ban", "promote"]
