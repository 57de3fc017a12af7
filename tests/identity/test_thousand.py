"""The promise of the whole: whatever the sender's retries and races do, the story's end is one."""

import asyncio
import random
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from tests.examples import user
from vetcore.clock import frozen
from vetcore.database import Database, Session
from vetcore.identity.clerk import Outcome, receive
from vetcore.models import WebhookDelivery
from vetcore.values.people import UserStatus

from .clerk_events import NOON, SECRET, Sent, accounts, at, sent, visible
from .clerk_history import History

WORKERS = 8


async def _state(db: Database) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Every account by every column that says something, and the ledger."""
    people = sorted(
        # Whether it is an account that the clinic made, which none may take the place of.
        str((each.created_at == at(0), sorted(visible(each).items())))
        for each in await accounts(db)
    )
    ledger = select(
        WebhookDelivery.source,
        WebhookDelivery.delivery_id,
        WebhookDelivery.event_type,
        WebhookDelivery.subject,
        WebhookDelivery.occurred_at,
    ).order_by(WebhookDelivery.delivery_id)
    async with db.session() as session:
        return people, [tuple(row) for row in await session.execute(ledger)]


async def _apply_in_order(db: Database, story: list[Sent]) -> None:
    """Each once; in one transaction, which is quicker and no other to the last of them."""
    with frozen(NOON):
        async with db.transaction() as session:
            for each in story:
                outcome = await receive(
                    session, headers=each.headers, body=each.body, secrets=[SECRET]
                )
                assert outcome is not Outcome.REPEATED
                session.expunge_all()


class Workers:
    """Eight that take deliveries off one queue, each in transactions on a connection of its own."""

    def __init__(self, db: Database, deliveries: list[Sent]) -> None:
        self._db = db
        self._waiting = iter(deliveries)
        self.connections: set[int] = set()
        self._open = self.most_open = 0

    async def work(self) -> list[Outcome]:
        with frozen(NOON):
            return [await self._db.run(self._receiving(each)) for each in self._waiting]

    def _receiving(self, delivery: Sent) -> Any:
        async def apply(session: Session) -> Outcome:
            raw = await (await session.connection()).get_raw_connection()
            self.connections.add(id(raw.driver_connection))
            self._open += 1
            self.most_open = max(self.most_open, self._open)
            try:
                return await receive(
                    session, headers=delivery.headers, body=delivery.body, secrets=[SECRET]
                )
            finally:
                self._open -= 1

        return apply


async def test_a_thousand_shuffled_and_repeated_deliveries_leave_what_each_once_in_order_leaves(
    db: Database, twin: Database
) -> None:
    chance = random.Random(7)
    history = History(chance)
    for each in (db, twin):
        async with each.transaction() as session:
            session.add_all(
                user(email=address, email_verified=verified, first_name="Local", created_at=at(0))
                for address, verified in history.locals
            )
    locals_ = {each.id for each in await accounts(db)}
    events = list(history.events(250))
    story = [sent(event, f"msg_{number}") for number, event in enumerate(events)]
    await _apply_in_order(twin, story)
    # Half of what comes again is the very request, half another attempt, signed anew.
    again = chance.choices(range(len(story)), k=1000 - len(story))
    thousand = story + [
        sent(
            events[number],
            f"msg_{number}",
            sent_at=NOON + timedelta(seconds=chance.randint(1, 299)),
        )
        if chance.random() < 0.5
        else story[number]
        for number in again
    ]
    chance.shuffle(thousand)

    workers = Workers(db, thousand)
    shares = await asyncio.gather(*(workers.work() for _ in range(WORKERS)))
    outcomes = [each for share in shares for each in share]

    assert len(outcomes) == 1000
    assert outcomes.count(Outcome.REPEATED) == 1000 - len(story)
    assert await _state(db) == await _state(twin)
    # They raced: SQLite lets one write at a time, so there the race is for its turn.
    assert len(workers.connections) >= (WORKERS if db.dialect == "postgresql" else 1)
    assert workers.most_open >= (WORKERS if db.dialect == "postgresql" else 1)
    assert min(len(share) for share in shares) > 20, "none was kept out"
    # The story is one that could go wrong.
    assert outcomes.count(Outcome.OUTDATED) > 100
    everybody = await accounts(db)
    assert {each.status for each in everybody} >= {UserStatus.ACTIVE, UserStatus.DELETED}
    assert locals_ & {each.id for each in everybody if each.clerk_user_id}
