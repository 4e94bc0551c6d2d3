"""Notifications: who wants to hear, what happened, and how far each has been told."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from wallet_chain.store.tables.base import Base, Bytes, Id, Json, Seconds


class WebhookEndpoint(Base):
    """Where events are sent."""

    __tablename__ = "webhook_endpoint"

    id: Mapped[Id] = mapped_column(primary_key=True)
    """``whe_``."""
    customer_id: Mapped[Id | None] = mapped_column(ForeignKey("customer.id"), index=True)
    """Whose events it gets; null for those of the whole bank."""
    url: Mapped[str] = mapped_column(String(500))
    kinds: Mapped[Json]
    """``{"kinds": ["transfer.settled", ...]}``; an empty list is every kind."""
    state: Mapped[str] = mapped_column(String(12))
    """``enabled``; ``gone`` once the receiver answered 410; ``deleted``."""
    created_by: Mapped[Id]
    created_at: Mapped[Seconds]
    ended_at: Mapped[Seconds | None]

    __table_args__ = (CheckConstraint("state in ('enabled', 'gone', 'deleted')", name="state"),)


class WebhookSecret(Base):
    """A key that an endpoint's events are signed with; two of them while one replaces another."""

    __tablename__ = "webhook_secret"

    id: Mapped[Id] = mapped_column(primary_key=True)
    """``whs_``."""
    endpoint_id: Mapped[Id] = mapped_column(ForeignKey("webhook_endpoint.id"), index=True)
    sealed: Mapped[Bytes]
    """The secret's bytes, under the master key."""
    created_at: Mapped[Seconds]
    expires_at: Mapped[Seconds | None]
    """When it stops signing; null for the present one."""


class WebhookEvent(Base):
    """One change that somebody wanted to hear of, exactly as it is sent. Never changed."""

    __tablename__ = "webhook_event"
    __table_args__ = (UniqueConstraint("resource_id", "sequence"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    """``evt_``; the ``webhook-id`` by which a receiver knows what it has had already."""
    resource_id: Mapped[Id]
    sequence: Mapped[int]
    """Rises with each event of the resource."""
    kind: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(Text)
    """The JSON that is sent, byte for byte the same each time."""
    customer_id: Mapped[Id | None] = mapped_column(index=True)
    """One side, who may see it."""
    other_customer_id: Mapped[Id | None] = mapped_column(index=True)
    """The other side."""
    created_at: Mapped[Seconds]


class WebhookDelivery(Base):
    """One event on its way to one endpoint; a replay is another delivery of the same event."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index("ix_webhook_delivery_due", "state", "next_at"),
        CheckConstraint(
            "state in ('pending', 'delivered', 'exhausted', 'dropped')",
            name="state",
        ),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    """``whd_``."""
    event_id: Mapped[Id] = mapped_column(ForeignKey("webhook_event.id"), index=True)
    endpoint_id: Mapped[Id] = mapped_column(ForeignKey("webhook_endpoint.id"), index=True)
    state: Mapped[str] = mapped_column(String(12))
    """``pending`` until the receiver answered 2xx (``delivered``), every attempt was made
    (``exhausted``), or the endpoint ended (``dropped``)."""
    attempts: Mapped[int]
    next_at: Mapped[Seconds]
    """Not before; moved ahead while an attempt is under way, so that nobody else makes it too."""
    last_status: Mapped[int | None]
    """The receiver's HTTP status at the last attempt; null where there was no answer."""
    last_problem: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[Seconds]
    ended_at: Mapped[Seconds | None]
