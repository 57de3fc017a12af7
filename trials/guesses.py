"""Guesses at passwords, by a stranger with many addresses, beside owners who sign in as they do.

An attempt is a guess: at one account or at any of many, from one address or from any of many, at a moment of
a clock that is moved along. Of each engine the database counts how many guesses were compared with a
password, and an independent count of windows says how many may have been. Now and then the owner of the
account that is guessed at signs in, from where they always do, and is let in.
"""

import random
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from vetcore.clock import frozen
from vetcore.database import Database
from vetcore.embedded import running_postgresql
from vetcore.identity.own import Where, sign_in
from vetcore.identity.own.errors import SignInRefused, TooManyAttempts
from vetcore.identity.own.hashing import hashing_of
from vetcore.models import User, UserCredential, UserSession
from vetcore.schemas import SignIn
from vetcore.settings.accounts import AccountsSettings
from vetcore.values.passwords import Password

__all__ = ["CI_COUNT", "attempt", "prepared"]

CI_COUNT = 150
_QUICK = AccountsSettings(hash_memory=8192, hash_rounds=1)
_START = datetime(2026, 3, 8, 12, 0, tzinfo=UTC)
_RIGHT = "ferret lantern quince oboe"
_OWNERS, _PLACES = 20, 300
_HOME = Where("192.0.2.1")


@dataclass
class _Window:
    """How often, since when: as the rule says it, and not as the table keeps it."""

    most: int
    length: timedelta
    tries: int = 0
    since: datetime = _START

    def has_room(self, now: datetime) -> bool:
        return now - self.since >= self.length or self.tries < self.most

    def count(self, now: datetime) -> None:
        if self.tries == 0 or now - self.since >= self.length:
            self.tries, self.since = 0, now
        self.tries += 1


@dataclass
class _Town:
    """One database, and what an observer of it has written down."""

    db: Database
    now: datetime = _START
    windows: dict[tuple[str, str], _Window] = field(default_factory=dict)
    compared: int = 0

    def of(self, email: str, place: str, *, is_owner: bool) -> list[_Window]:
        quarter, hour = timedelta(minutes=15), timedelta(hours=1)
        rules = {("pair", f"{email} {place}"): (5, quarter), ("place", place): (100, quarter)}
        if not is_owner:
            rules["account", email] = (100, hour)
        return [self.windows.setdefault(key, _Window(*rule)) for key, rule in rules.items()]


@asynccontextmanager
async def prepared() -> AsyncGenerator[Sequence[_Town]]:
    """A database of each engine, with owners who have signed in from home before."""
    hashed = await hashing_of(_QUICK).hashed(Password(_RIGHT))
    async with AsyncExitStack() as stack:
        server = stack.enter_context(running_postgresql())
        urls = ("sqlite:///:memory:", server.url("postgres"))
        databases = [await stack.enter_async_context(Database(url)) for url in urls]
        for db in databases:
            await db.migrate()
            async with db.transaction() as session:
                for number in range(_OWNERS):
                    owner = User(
                        email=f"owner{number}@example.com",
                        email_verified=True,
                        first_name="O",
                        last_name="Wner",
                    )
                    session.add(owner)
                    await session.flush()
                    session.add(UserCredential(user_id=owner.id, password_hash=hashed))
                    session.add(
                        UserSession(
                            user_id=owner.id,
                            token_hash=f"{number:064}",
                            created_at=_START,
                            used_at=_START,
                            verified_at=_START,
                            expires_at=_START + timedelta(days=30),
                            address=_HOME.address,
                        )
                    )
        yield [_Town(db) for db in databases]


async def attempt(towns: Sequence[_Town], chance: random.Random) -> None:
    """Guess once in each town, and now and then sign in as the owner."""
    email = f"owner{chance.choice([0, 0, 0, chance.randrange(_OWNERS)])}@example.com"
    if chance.random() < 0.1:
        email = f"nobody{chance.randrange(50)}@example.com"
    place = f"203.0.113.{chance.choice([0, 0, chance.randrange(_PLACES)])}"
    step = timedelta(seconds=chance.choice([0, 0, 0, 0, 0, 0, 0, 1, 2, 30]))
    guess = f"guess {chance.random()}"
    for town in towns:
        town.now += step
        with frozen(town.now):
            await _guess(town, email, place, guess)
    if chance.random() < 0.02:
        for town in towns:
            with frozen(town.now):
                await _owner_signs_in(town, "owner0@example.com")


async def _guess(town: _Town, email: str, place: str, guess: str) -> None:
    windows = town.of(email, place, is_owner=False)
    may = all(each.has_room(town.now) for each in windows)
    try:
        wish = SignIn(email=email, password=guess)
        await sign_in(town.db, wish, where=Where(place), settings=_QUICK)
    except SignInRefused:
        assert may, f"a guess at {email} from {place} was compared beyond the limits"
        town.compared += 1
        for each in windows:
            each.count(town.now)
    except TooManyAttempts:
        assert not may, f"a guess at {email} from {place} was refused within the limits"
    else:
        raise AssertionError("a guess was right")


async def _owner_signs_in(town: _Town, email: str) -> None:
    windows = town.of(email, _HOME.address or "", is_owner=True)
    wish = SignIn(email=email, password=_RIGHT)
    if all(each.has_room(town.now) for each in windows):
        await sign_in(town.db, wish, where=_HOME, settings=_QUICK)
        pair, at_place = windows
        pair.tries = 0
        at_place.count(town.now)
