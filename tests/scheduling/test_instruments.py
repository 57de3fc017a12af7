"""Sentry and OpenTelemetry beside us: they see every statement of booking, and break nothing."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
import sentry_sdk
from opentelemetry import trace
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from sentry_sdk.integrations import sqlalchemy as of_sentry
from sentry_sdk.transport import Transport
from sqlalchemy import Engine, bindparam, event, func, literal, select

from tests.scheduling.practice import HALF_AN_HOUR, TEN, Practice
from vetcore.database import Database, Session
from vetcore.database.driver import copy_in, is_postgresql, rows_of
from vetcore.errors import VetcoreError
from vetcore.models import Appointment
from vetcore.scheduling import book, find_slots
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType

Seen = Callable[[], list[tuple[str, bool]]]
"""Statements in the order in which they ended, each with whether it failed."""

ZERO = select(literal(1) / bindparam("divisor", type_=literal(1).type))


@pytest.fixture
def opentelemetry(db: Database) -> Iterator[Seen]:
    memory = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(memory))
    instrumentor = SQLAlchemyInstrumentor()
    # It names versions of SQLAlchemy up to 2.0, and works with 2.1.
    instrumentor.instrument(
        engine=db.engine.sync_engine, tracer_provider=provider, skip_dep_check=True
    )

    def seen() -> list[tuple[str, bool]]:
        return [
            (str(span.attributes["db.statement"]), span.status.status_code is StatusCode.ERROR)
            for span in memory.get_finished_spans()
            if span.kind is trace.SpanKind.CLIENT and "db.statement" in (span.attributes or {})
        ]

    yield seen
    instrumentor.uninstrument()


class _Kept(Transport):
    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(options)
        self.spans: list[dict[str, Any]] = []

    def capture_envelope(self, envelope: Any) -> None:
        for item in envelope.items:
            self.spans += (item.payload.json or {}).get("spans", [])


@pytest.fixture
def sentry() -> Iterator[Seen]:
    sentry_sdk.init(
        dsn="https://key@sentry.invalid/1",
        transport=_Kept,
        traces_sample_rate=1.0,
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[of_sentry.SqlalchemyIntegration()],
    )
    transaction = sentry_sdk.start_transaction(name="booking")
    transaction.__enter__()

    def seen() -> list[tuple[str, bool]]:
        transaction.__exit__(None, None, None)
        kept: Any = sentry_sdk.get_client().transport
        return [
            (span["description"], span.get("status") == "internal_error")
            for span in kept.spans
            if span["op"] == "db"
        ]

    yield seen
    with suppress(Exception):
        transaction.__exit__(None, None, None)
    sentry_sdk.init()
    for name, listener in (
        ("before_cursor_execute", of_sentry._before_cursor_execute),
        ("after_cursor_execute", of_sentry._after_cursor_execute),
        ("handle_error", of_sentry._handle_error),
    ):
        if event.contains(Engine, name, listener):
            event.remove(Engine, name, listener)
    sentry_sdk.integrations._installed_integrations.discard("sqlalchemy")
    sentry_sdk.integrations._processed_integrations.discard("sqlalchemy")


@pytest.fixture(params=["opentelemetry", "sentry"])
def seen(request: pytest.FixtureRequest) -> Seen:
    found: Seen = request.getfixturevalue(request.param)
    return found


@pytest.mark.usefixtures("on_a_friday")
async def test_finding_and_booking_is_seen_whole(db: Database, made: Practice, seen: Seen) -> None:
    async with db.transaction() as session:
        assert await find_slots(
            session,
            clinic_id=made.clinic.id,
            service=ServiceType.WELLNESS_EXAM,
            start=TEN,
            end=TEN + HALF_AN_HOUR,
            by=Capacity.STAFF,
        )
        await book(session, made.request(), by=Capacity.STAFF)
    async with db.session() as session:
        assert await session.scalar(select(func.count()).select_from(Appointment)) == 1
    spans = seen()
    assert any("INSERT INTO appointments" in statement for statement, _ in spans)
    read = [statement for statement, _ in spans if "veterinarians" in statement]
    assert read, "the listing's own statement is there"
    assert not any(failed for _, failed in spans)


@pytest.mark.parametrize("backend", ["postgresql"])  # SQLite has no fast path: it is SQLAlchemy's
async def test_an_error_of_a_fast_statement_is_seen_as_an_error(db: Database, seen: Seen) -> None:
    async with db.transaction() as session:
        with pytest.raises(VetcoreError):
            await rows_of(session, ZERO, {"divisor": 0})
        await session.rollback()
    assert [failed for statement, failed in seen() if "SELECT" in statement][-1:] == [True]


async def test_rows_that_are_copied_in_are_seen(db: Database, seen: Seen) -> None:
    async with db.transaction() as session:
        if not is_postgresql(session):
            return  # There is no COPY.

        async def lines() -> Any:
            yield b"1\n"

        await session.execute(select(1))
        await _table(session)
        await copy_in(session, "brought", ["number"], lines(), schema="pg_temp")
    assert ("COPY pg_temp.brought (number) FROM STDIN", False) in seen()


async def _table(session: Session) -> None:
    connection = await session.connection()
    await connection.exec_driver_sql("CREATE TEMPORARY TABLE brought (number text)")


async def test_a_listener_may_change_a_fast_statement_and_hears_all_of_it(db: Database) -> None:
    heard: list[Any] = []
    engine = db.engine.sync_engine

    def before(
        _connection: Any, cursor: Any, sql: str, values: Any, context: Any, _many: bool
    ) -> Any:
        heard.append((cursor is context.cursor, context.statement == sql, context.dialect.name))
        return f"{sql} /* seen */", values

    def after(
        _connection: Any, _cursor: Any, sql: str, _values: Any, context: Any, _many: bool
    ) -> None:
        heard.append((sql.endswith("/* seen */"), context is not None))

    event.listen(engine, "before_cursor_execute", before, retval=True)
    event.listen(engine, "after_cursor_execute", after)
    try:
        async with db.transaction() as session:
            await session.execute(select(1))
            heard.clear()
            assert len(await rows_of(session, select(literal("one")), {})) == 1
    finally:
        event.remove(engine, "before_cursor_execute", before)
        event.remove(engine, "after_cursor_execute", after)
    assert heard[:2] == [(True, True, db.dialect), (True, True)]
