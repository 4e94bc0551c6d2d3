"""Payments, their refunds and their cancellation."""

from typing import Annotated, Any, Literal

from fastapi import Query as QueryParameters
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from api.access import (
    AUDITOR,
    COMPLIANCE,
    CUSTOMER,
    MERCHANT,
    OPERATOR,
    Owner,
    allow,
)
from api.fields import (
    Account,
    CurrencyCode,
    Form,
    Hash,
    Moment,
    MoneyForm,
    Paged,
    Signature,
    bytes_of,
    example,
    line,
    queried_money,
    resource_id,
)
from api.refusals import CANCELLING, MONEY, MOVING, REFUNDING, SIGNING
from api.routes import Asked, Call, Routes
from wallet_chain import payments, transparency
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.views import Answer, Page, Preview
from wallet_chain.errors import (
    IdempotencyKeyInvalid,
    InvalidAddress,
    NotFound,
    PayeeUnknown,
    SelfPayment,
    WalletError,
)
from wallet_chain.payments import PaymentAsk
from wallet_chain.payments.drafts import (
    CancellationDraft,
    PaymentDraft,
    PaymentFilter,
    RefundDraft,
)
from wallet_chain.payments.views import PaymentsView, PaymentView, RefundView
from wallet_chain.pipeline.requests import Ask

BATCH_KEY_LENGTH_MAX = 250

routes = Routes("Payments")

PAY = allow(CUSTOMER, MERCHANT, scope="payments:write", owner=Owner.VERB)
LOOK = allow(
    CUSTOMER, MERCHANT, OPERATOR, COMPLIANCE, AUDITOR, scope="payments:read", owner=Owner.VERB
)

PaymentId = Annotated[str, resource_id("pay", "payment")]


class NewPayment(Form):
    """A payment by the caller's customer."""

    model_config = example(
        {
            "payee": "@kaffeehaus",
            "money": {"amount": "12.34", "currency": "EUR"},
            "details": "Invoice 1017",
        }
    )

    payee: Annotated[str, line(254)]
    """Who is paid: an account, an alias (phone number, e-mail address, `@name`) or a customer's id."""
    money: MoneyForm
    details: Annotated[str, line(140)] | None = None
    """For the payee to read. Kept encrypted; the chain has only its salted hash."""

    def draft(self) -> PaymentDraft:
        """As the verb takes it."""
        return PaymentDraft(self.payee, self.money.read(), self.details)


class NewPayments(Form):
    """Many payments out of one account."""

    model_config = example(
        {
            "payments": [
                {"payee": "@kaffeehaus", "money": {"amount": "12.34", "currency": "EUR"}},
                {"payee": "+49301234567", "money": {"amount": "5.00", "currency": "EUR"}},
            ]
        }
    )

    payments: Annotated[list[NewPayment], Field(min_length=1, max_length=payments.PAYMENTS_MAX)]
    """In the order in which they are to be accepted."""


class NewRefund(Form):
    """All or part of a payment, back to who paid it."""

    model_config = example({"money": {"amount": "2.34", "currency": "EUR"}})

    money: MoneyForm | None = None
    """How much; left out: all that was not refunded yet."""


class Signed(Form):
    """The signature over the typed data that was handed out."""

    signature: Signature


class PaymentQuery(Paged):
    """Which payments; bounds are included."""

    state: (
        Literal[
            "awaiting_signature", "accepted", "bound", "settled", "rejected", "cancelled", "expired"
        ]
        | None
    ) = None
    """What has become of it."""
    direction: Literal["out", "in"] | None = None
    """As seen from the customer."""
    customer_id: Annotated[str, line(40)] | None = None
    """Payer or payee; a customer may only name itself."""
    account: Account | None = None
    """Payer or payee."""
    counterparty: Account | None = None
    """The account on the other side."""
    currency: CurrencyCode | None = None
    """ISO 4217."""
    amount_min: Annotated[str, line(64)] | None = None
    """A decimal amount; needs `currency`."""
    amount_max: Annotated[str, line(64)] | None = None
    """A decimal amount; needs `currency`."""
    created_from: Moment | None = None
    """Unix seconds or RFC 3339."""
    created_to: Moment | None = None
    """Unix seconds or RFC 3339."""
    order_id: Hash | None = None
    """The hash of the signed order."""
    reference: Hash | None = None
    """What the order repeats of the request that it came from."""

    def filter(self) -> PaymentFilter:
        """As the verb takes it."""
        said = self.model_dump(exclude={"limit", "cursor", "amount_min", "amount_max"})
        return PaymentFilter(
            **said,
            amount_min=queried_money(self.amount_min, self.currency, "amount_min"),
            amount_max=queried_money(self.amount_max, self.currency, "amount_max"),
        )


@routes.post(
    "/payments",
    "Pay",
    PAY,
    *MOVING,
    InvalidAddress,
    PayeeUnknown,
    SelfPayment,
    made=True,
    chain=True,
    location="/v1/payments/{id}",
)
async def create_payment(call: Asked, body: NewPayment) -> Answer[PaymentView] | Preview:
    """Pay an account, an alias or a customer, out of the caller's account.

    Where the bank keeps the payer's key, the order is signed and accepted at once. A payer in self
    custody gets `typed_data` to sign with any EIP-712 wallet and hands the signature to
    `POST /v1/payments/{payment_id}/signature`. An order that was accepted settles at most once, and
    never after its `deadline`.
    """
    draft = body.draft()
    if call.dry_run:
        return await run_in_threadpool(payments.preview_payment, call.bank, call.caller, draft)
    return await call.payments.take(PaymentAsk(call.caller, call.ask, draft))


@routes.post(
    "/payments/batch",
    "Pay many at once",
    PAY,
    *MOVING,
    InvalidAddress,
    PayeeUnknown,
    SelfPayment,
    chain=True,
    body_limit="batch_bytes_max",
)
async def create_payments(call: Asked, body: NewPayments) -> Answer[PaymentsView]:
    """Pay up to 1,000 payees. Each payment is made or refused by itself, in the order given.

    The Idempotency-Key of payment number n is that of the request with `/n` behind it, from 0: send
    the same request again and what was made is answered again, what was refused is tried again. A
    payment that is asked for at `POST /v1/payments` with that key is the same one.
    """
    if len(call.ask.idempotency_key) > BATCH_KEY_LENGTH_MAX:
        raise IdempotencyKeyInvalid(
            f"Here an Idempotency-Key has at most {BATCH_KEY_LENGTH_MAX} characters, since each"
            " payment's number is put behind it."
        )
    asked = [
        _one_of_many(call, number, form, said)
        for number, (form, said) in enumerate(
            zip(body.payments, call.ask.body["payments"], strict=True)
        )
    ]
    offered = {place: one for place, one in enumerate(asked) if isinstance(one, PaymentAsk)}
    plain = await call.payments.offer(list(offered.values()))
    known: dict[int, payments.Outcome] = {}
    for place, outcome in zip(offered, plain, strict=True):
        if isinstance(outcome, Answer | WalletError):
            known[place] = outcome
        elif outcome is not None:
            raise outcome
    made = await run_in_threadpool(payments.create_payments, call.bank, asked, known)
    codes = [
        refusal.code
        for line in made.resource.items
        if (refusal := line.refusal) is not None
        and transparency.is_refusal(
            refusal.code, line.status, retryable=refusal.retryable, write=True
        )
    ]
    if codes and not call.repeated:
        # Each line as if it had been asked for by itself.
        await run_in_threadpool(call.refusals.note, call.caller, "POST /payments", codes)
    return made


def _one_of_many(
    call: Call, number: int, form: NewPayment, said: dict[str, Any]
) -> PaymentAsk | WalletError:
    """The request for one payment of many, as if it had been sent by itself."""
    path, key = call.ask.path.removesuffix("/batch"), f"{call.ask.idempotency_key}/{number}"
    try:
        return PaymentAsk(call.caller, Ask(call.ask.method, path, said, key), form.draft())
    except WalletError as refusal:
        return refusal


@routes.get("/payments", "List and search payments", LOOK, *MONEY, InvalidAddress, NotFound)
def list_payments(
    call: Asked, query: Annotated[PaymentQuery, QueryParameters()]
) -> Page[PaymentView]:
    """The payments that the caller may see, newest first, in any combination of filters."""
    return payments.list_payments(call.bank, call.caller, query.filter(), query.page)


@routes.get("/payments/{payment_id}", "Look at a payment", LOOK)
def get_payment(call: Asked, payment_id: PaymentId) -> PaymentView:
    """One payment, with its receipt once it is on chain."""
    return payments.get_payment(call.bank, call.caller, payment_id)


@routes.post(
    "/payments/{payment_id}/signature",
    "Hand in the signature of a payment",
    PAY,
    *SIGNING,
    *MOVING,
    chain=True,
)
def sign_payment(call: Asked, payment_id: PaymentId, body: Signed) -> Answer[PaymentView]:
    """Hand in the payer's signature over the payment's `typed_data`; the order is then accepted."""
    draft = SignatureDraft(payment_id, bytes_of(body.signature))
    return payments.sign_payment(call.bank, call.caller, call.ask, draft)


@routes.post(
    "/payments/{payment_id}/cancel",
    "Cancel a payment",
    PAY,
    *CANCELLING,
    chain=True,
)
def cancel_payment(call: Asked, payment_id: PaymentId) -> Answer[PaymentView]:
    """Void a payment that has not settled. The chain decides which of the two comes first.

    A payer in self custody gets `cancellation.typed_data` to sign.
    """
    draft = CancellationDraft(payment_id)
    return payments.cancel_payment(call.bank, call.caller, call.ask, draft)


@routes.post(
    "/payments/{payment_id}/cancel/signature",
    "Hand in the signature of a cancellation",
    PAY,
    *SIGNING,
    *CANCELLING,
    chain=True,
)
def sign_cancellation(call: Asked, payment_id: PaymentId, body: Signed) -> Answer[PaymentView]:
    """Hand in the payer's signature over the cancellation's `typed_data`."""
    draft = SignatureDraft(payment_id, bytes_of(body.signature))
    return payments.sign_cancellation(call.bank, call.caller, call.ask, draft)


@routes.post(
    "/payments/{payment_id}/refunds",
    "Refund a payment",
    PAY,
    *REFUNDING,
    made=True,
    chain=True,
    location="/v1/refunds/{id}",
)
def create_refund(
    call: Asked, payment_id: PaymentId, body: NewRefund
) -> Answer[RefundView] | Preview:
    """Pay back all or part of a payment that the caller received, to who paid it.

    All refunds of a payment together never exceed it; the contract holds to that.
    """
    draft = RefundDraft(payment_id, body.money.read() if body.money is not None else None)
    if call.dry_run:
        return payments.preview_refund(call.bank, call.caller, draft)
    return payments.create_refund(call.bank, call.caller, call.ask, draft)


@routes.get("/payments/{payment_id}/refunds", "List the refunds of a payment", LOOK)
def list_refunds(
    call: Asked, payment_id: PaymentId, query: Annotated[Paged, QueryParameters()]
) -> Page[RefundView]:
    """The refunds of a payment, oldest first."""
    return payments.list_refunds(call.bank, call.caller, payment_id, query.page)
