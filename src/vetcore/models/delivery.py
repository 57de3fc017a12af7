"""The ledger of webhook deliveries. Each is applied once."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from vetcore.models.base import Base, Code
from vetcore.models.types import BoundedText

__all__ = ["WebhookDelivery"]


class WebhookDelivery(Base):
    """A delivery that was applied. The row is written in the transaction of what it changed."""

    __tablename__ = "webhook_deliveries"

    source: Mapped[Code] = mapped_column(primary_key=True)
    """Who sends: ``clerk``."""
    delivery_id: Mapped[str] = mapped_column(BoundedText(100), primary_key=True)
    """The sender's identifier of the delivery: the header ``svix-id``."""
    event_type: Mapped[Code]
    subject: Mapped[str | None] = mapped_column(BoundedText(100))
    """The sender's identifier of what the event is about."""
    occurred_at: Mapped[datetime | None]
    received_at: Mapped[datetime]

    __table_args__ = (Index("ix_webhook_deliveries_received_at", "received_at"),)
