"""Each operation is a span and a count, for whoever has OpenTelemetry."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from vetcore.database import Database
from vetcore.errors import NotFound
from vetcore.operations import cancel_appointment, declaring, list_appointments
from vetcore.schemas import AppointmentCancel, AppointmentQuery


class _Seen(NamedTuple):
    spans: InMemorySpanExporter
    metrics: InMemoryMetricReader

    def counts(self) -> dict[tuple[str, str], int]:
        """How often each operation ended in each way."""
        data: Any = self.metrics.get_metrics_data()
        return {
            (point.attributes["operation"], point.attributes["outcome"]): point.value
            for resource in data.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == "vetcore.operations"
            for point in metric.data.data_points
        }


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Seen]:
    """Providers of this test's own: those of a process can be set only once."""
    spans, metrics = InMemorySpanExporter(), InMemoryMetricReader()
    tracing, metering = TracerProvider(), MeterProvider([metrics])
    tracing.add_span_processor(SimpleSpanProcessor(spans))
    monkeypatch.setattr("opentelemetry.trace.get_tracer_provider", lambda: tracing)
    monkeypatch.setattr("opentelemetry.metrics._internal.get_meter_provider", lambda: metering)
    declaring.instruments.cache_clear()
    yield _Seen(spans, metrics)
    declaring.instruments.cache_clear()


async def test_an_operation_is_a_span_and_a_count(db: Database, seen: _Seen) -> None:
    async with db.session() as session:
        await list_appointments(session, AppointmentQuery())
        await list_appointments(session, AppointmentQuery())
    assert [span.name for span in seen.spans.get_finished_spans()] == [
        "vetcore.list_appointments",
        "vetcore.list_appointments",
    ]
    assert seen.counts() == {("list_appointments", "done"): 2}


async def test_a_refusal_is_counted_under_its_code_and_marks_the_span(
    db: Database, seen: _Seen
) -> None:
    with pytest.raises(NotFound):
        await db.run(lambda session: cancel_appointment(session, AppointmentCancel(id=uuid4())))
    (span,) = seen.spans.get_finished_spans()
    assert (span.name, span.status.status_code) == ("vetcore.cancel_appointment", StatusCode.ERROR)
    assert seen.counts() == {("cancel_appointment", "not_found"): 1}
