"""Clerk's events and a provider's tokens, which claim the same addresses and come in any order."""

import asyncio
import json
import random
from typing import Any

from sqlalchemy import select

from tests.examples import user
from vetcore.clock import frozen
from vetcore.database import Database
from vetcore.identity.clerk import apply_event, parse_event
from vetcore.identity.door import Credentials, OidcTokens, authenticate
from vetcore.models import User, UserIdentity

from .clerk_events import NOON, accounts, add, created, updated, visible
from .forging import signed
from .test_forgeries import OIDC, _oidc_claims

WORKERS = 8
KEPT = [f"kept{number}@example.com" for number in range(5)]
"""Addresses of accounts that were made here, and verified here; no provider says that they are verified."""
SHARED = [f"shared{number}@example.com" for number in range(5)]
"""Addresses of people who are known to both providers, verified in both."""

_Said = tuple[str, dict[str, Any]]


def _clerk(chance: random.Random, second: float) -> _Said:
    number = chance.randrange(10)
    make = created if chance.random() < 0.3 else updated
    absurd = {"updated_at": chance.choice([0, 253_402_300_799_999])}
    return "clerk", make(
        f"user_{number}",
        chance.choice([second, 7]),
        email=(SHARED + KEPT)[number],
        verified=number < len(SHARED),
        first_name=chance.choice(["Ana", "Bo", None]),
        banned=number >= len(SHARED) and chance.random() < 0.2,
        **(absurd if chance.random() < 0.1 else {}),
    )


def _provider(chance: random.Random) -> _Said:
    number = chance.randrange(15)
    address = [*SHARED, *KEPT, *(f"own{each}@example.com" for each in range(5))][number]
    is_verified = address not in KEPT
    issued = int(NOON.timestamp()) - chance.choice([0, 0, 1, 59])
    said = _oidc_claims(
        sub=f"subject-{number}", email=address, email_verified=is_verified, iat=issued, nbf=issued
    )
    return "provider", said


async def _told(db: Database, said: _Said) -> None:
    kind, content = said
    if kind == "provider":
        shown = Credentials.of({"authorization": f"Bearer {signed(content)}"})
        await authenticate(db, shown, OidcTokens(OIDC))
        return
    event = parse_event(json.dumps(content).encode())
    assert event is not None
    await db.run(lambda session: apply_event(session, event))


async def _left(db: Database) -> list[str]:
    """Each account, with who it is to the provider."""
    async with db.session() as session:
        known = {each.user_id: each.subject for each in await session.scalars(select(UserIdentity))}
    return sorted(
        str((known.get(each.id), sorted(visible(each).items()))) for each in await accounts(db)
    )


async def test_a_thousand_events_of_two_providers_leave_what_each_once_in_order_leaves(
    db: Database, twin: Database
) -> None:
    chance = random.Random(13)
    story = [_clerk(chance, number) for number in range(250)]
    story += [_provider(chance) for _ in range(250)]
    thousand = story + chance.choices(story, k=500)
    chance.shuffle(thousand)
    for each in (db, twin):
        await add(each, *(user(email=address, email_verified=True) for address in KEPT))
    with frozen(NOON):
        for said in story:
            await _told(twin, said)
        waiting = iter(thousand)

        async def work() -> None:
            for said in waiting:
                await _told(db, said)

        await asyncio.gather(*(work() for _ in range(WORKERS)))
    left = await _left(db)
    assert left == await _left(twin)
    # Five here, five in both, five that only Clerk claims, ten that only the provider claims.
    assert len(left) == 25
    everybody = {each.email: each for each in await accounts(db)}
    assert all(everybody[address].email_verified for address in [*KEPT, *SHARED])
    assert all(everybody[address].clerk_user_id is None for address in KEPT)


async def test_an_address_that_a_provider_gives_to_somebody_else_opens_no_account(
    db: Database,
) -> None:
    async def signs_in(subject: str) -> User:
        shown = Credentials.of({"authorization": f"Bearer {signed(_oidc_claims(sub=subject))}"})
        acting = await authenticate(db, shown, OidcTokens(OIDC))
        async with db.session() as session:
            return await session.get_one(User, acting.actor)

    with frozen(NOON):
        first = await signs_in("who-has-left")
        second = await signs_in("who-came-after")
    assert first.email == "ana@example.com"
    assert second.id != first.id
    assert not second.email_verified
