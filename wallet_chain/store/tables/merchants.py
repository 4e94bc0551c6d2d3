"""What merchants and friends ask to be paid: payment requests, bills and instalments.

Whether something was paid is nowhere here: that follows from the orders that pay it, which ``DueOrder``
names, and from what the chain says about them.
"""

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from wallet_chain.store.tables.base import Base, Bytes, Hash, Id, Json, Minor, Seconds


class PaymentRequest(Base):
    """Somebody asks to be paid: once, or again and again by a code on the counter."""

    __tablename__ = "payment_request"
    __table_args__ = (
        Index("ix_payment_request_payee", "payee_customer_id", "id"),
        Index("ix_payment_request_payer", "payer_customer_id", "id"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    payee_customer_id: Mapped[Id] = mapped_column(ForeignKey("customer.id"))
    payer_customer_id: Mapped[Id | None] = mapped_column(ForeignKey("customer.id"))
    """Who alone may pay it; null: whoever knows of it."""
    group_id: Mapped[Id | None] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(8))
    """``once`` or ``static``."""
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[Minor | None]
    """Null: the payer chooses."""
    tip_allowed: Mapped[bool]
    receivers: Mapped[Json | None]
    """``{"parts": [{"customer_id": ..., "account": ..., "amount_minor": ...}]}``: who gets a part."""
    instalments: Mapped[Json | None]
    """``{"count": 3, "months": 1, "fee_minor": 150}``, where it may be paid in parts."""
    expires_at: Mapped[Seconds | None]
    cancelled_at: Mapped[Seconds | None]
    commitment: Mapped[str] = mapped_column(String(32))
    """What the QR code carries of all the above."""
    sealed_payload: Mapped[Bytes]
    """The text of the QR code as it was handed out; it names the payee."""
    sealed_text: Mapped[Bytes]
    """``{"reference": ..., "details": ...}`` under the payee's key."""
    created_by: Mapped[Id]
    created_at: Mapped[Seconds]


class RequestGroup(Base):
    """A sum that one person laid out and shares among friends: a payment request for each."""

    __tablename__ = "request_group"

    id: Mapped[Id] = mapped_column(primary_key=True)
    customer_id: Mapped[Id] = mapped_column(ForeignKey("customer.id"), index=True)
    currency: Mapped[str] = mapped_column(String(3))
    total_minor: Mapped[Minor]
    """The whole sum, with the part that nobody is asked for."""
    sealed_title: Mapped[Bytes]
    created_at: Mapped[Seconds]


class DueOrder(Base):
    """An order that pays what was asked for. There may be several; at most one settles."""

    __tablename__ = "due_order"

    order_id: Mapped[Id] = mapped_column(ForeignKey("customer_order.id"), primary_key=True)
    """The order's row, not its hash."""
    due_id: Mapped[Id] = mapped_column(index=True)
    """The payment request, bill, instalment, or plan that is paid off."""
    gross_minor: Mapped[Minor]
    """What was due, before discounts and without the tip."""
    tip_minor: Mapped[Minor]
    invoice: Mapped[Hash] = mapped_column(index=True)
    """What stands for it on chain, where it can be used once."""
    payer_customer_id: Mapped[Id] = mapped_column(ForeignKey("customer.id"), index=True)
    created_at: Mapped[Seconds]


class Bill(Base):
    """A bill that a biller has published to a customer."""

    __tablename__ = "bill"
    __table_args__ = (
        UniqueConstraint("biller_customer_id", "number", "period"),
        Index("ix_bill_customer_id_id", "customer_id", "id"),
        Index("ix_bill_scheduled_at", "scheduled_at"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    biller_customer_id: Mapped[Id] = mapped_column(ForeignKey("customer.id"))
    customer_id: Mapped[Id] = mapped_column(ForeignKey("customer.id"))
    """Who is to pay."""
    number: Mapped[str] = mapped_column(String(35))
    """The biller's own number, e.g. of the contract or invoice."""
    period: Mapped[str] = mapped_column(String(20))
    """What it is for, e.g. ``2026-03``."""
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[Minor]
    due_at: Mapped[Seconds]
    sealed_details: Mapped[Bytes | None]
    """Under the customer's key."""
    withdrawn_at: Mapped[Seconds | None]
    scheduled_at: Mapped[Seconds | None]
    """When it is paid by itself; null: it is not."""
    tried_at: Mapped[Seconds | None]
    """When paying by itself was last tried."""
    tries: Mapped[int] = mapped_column(default=0)
    refusal: Mapped[Json | None]
    """Why the last try was refused."""
    created_by: Mapped[Id]
    created_at: Mapped[Seconds]


class InstalmentPlan(Base):
    """A payment request that is paid in parts. Nothing of it ever changes."""

    __tablename__ = "instalment_plan"

    id: Mapped[Id] = mapped_column(primary_key=True)
    request_id: Mapped[Id] = mapped_column(ForeignKey("payment_request.id"), index=True)
    payer_customer_id: Mapped[Id] = mapped_column(ForeignKey("customer.id"), index=True)
    payee_customer_id: Mapped[Id] = mapped_column(ForeignKey("customer.id"), index=True)
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[Minor]
    """What was bought, without the fee."""
    fee_minor: Mapped[Minor]
    count: Mapped[int]
    created_at: Mapped[Seconds]


class Instalment(Base):
    """One part of a plan."""

    __tablename__ = "instalment"
    __table_args__ = (UniqueConstraint("plan_id", "number"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    plan_id: Mapped[Id] = mapped_column(ForeignKey("instalment_plan.id"))
    number: Mapped[int]
    """From 1."""
    due_at: Mapped[Seconds] = mapped_column(index=True)
    principal_minor: Mapped[Minor]
    fee_minor: Mapped[Minor]
    tried_at: Mapped[Seconds | None]
    tries: Mapped[int] = mapped_column(default=0)
    refusal: Mapped[Json | None]
