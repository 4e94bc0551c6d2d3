"""Payment requests, their QR codes, and paying by them."""

from typing import Annotated, Literal

from fastapi import Query as QueryParameters
from pydantic import Field
from starlette.responses import Response

from api.access import AUDITOR, COMPLIANCE, CUSTOMER, MERCHANT, OPERATOR, Owner, allow
from api.fields import (
    CurrencyCode,
    Form,
    MoneyForm,
    Paged,
    Query,
    Signature,
    UnixSeconds,
    bytes_of,
    example,
    line,
    resource_id,
    text,
)
from api.merchants.refusals import BUYING, DUE, QR
from api.refusals import HOLDER, MONEY, SIGNING
from api.routes import Asked, Routes
from wallet_chain import merchants
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.views import Answer, Page, Preview
from wallet_chain.errors import (
    CustomerForgotten,
    InvalidAddress,
    InvalidRequest,
    InvoiceAlreadyPaid,
    MerchantIncomplete,
    NotAMerchant,
    NotFound,
    PayeeUnknown,
    PaymentUnderWay,
    RequestCancelled,
    RequestExpired,
    SelfPayment,
)
from wallet_chain.merchants.drafts import (
    InstalmentTerms,
    PayDraft,
    ReceiverDraft,
    RequestDraft,
    RequestFilter,
)
from wallet_chain.merchants.views import PaymentRequestView, ScannedView

SVG, PNG = "image/svg+xml", "image/png"

routes = Routes("Payment requests")

ASK = allow(CUSTOMER, MERCHANT, scope="requests:write", owner=Owner.VERB)
PAY = allow(CUSTOMER, MERCHANT, scope="payments:write", owner=Owner.VERB)
LOOK = allow(
    CUSTOMER, MERCHANT, OPERATOR, COMPLIANCE, AUDITOR, scope="requests:read", owner=Owner.VERB
)
SCAN = allow(CUSTOMER, MERCHANT, OPERATOR, COMPLIANCE, scope="requests:write", owner=Owner.VERB)

RequestId = Annotated[str, resource_id("req", "payment request")]
PayeeText = Annotated[str, line(254)]
Payload = Annotated[str, Field(min_length=1, max_length=4096)]


class ReceiverForm(Form):
    """Somebody who gets a fixed part of the amount."""

    payee: PayeeText
    """An account, an alias or a customer's id."""
    money: MoneyForm


class Instalments(Form):
    """How the amount may be paid in parts. Merchants only."""

    count: Annotated[int, Field(ge=2, le=36)]
    """How many parts; the first is paid at once."""
    months: Annotated[int, Field(ge=1, le=12)] = 1
    """Between two parts."""
    fee: MoneyForm | None = None
    """In all, beside the amount; each part carries its share."""

    def terms(self) -> InstalmentTerms:
        """As the verb takes it."""
        return InstalmentTerms(
            self.count, self.months, None if self.fee is None else self.fee.read()
        )


class NewRequest(Form):
    """What the caller's customer asks to be paid."""

    model_config = example(
        {
            "money": {"amount": "12.34", "currency": "EUR"},
            "reference": "Table 4",
            "details": "Two coffees and a cake",
            "tip_allowed": True,
        }
    )

    money: MoneyForm | None = None
    """How much; left out: the payer chooses, in `currency`."""
    currency: CurrencyCode | None = None
    """Needed only where `money` is left out."""
    static: bool = False
    """A code for a counter that is paid again and again; else it is paid once."""
    payer: PayeeText | None = None
    """Who alone may pay: an account, an alias or a customer's id; left out: whoever has the code."""
    tip_allowed: bool = False
    """Whether the payer may give a tip on top."""
    receivers: list[ReceiverForm] = Field(default_factory=list, max_length=6)
    """Who gets a part of the amount, in the same movement; the rest is the caller's."""
    instalments: Instalments | None = None
    """How the payer may pay in parts instead."""
    reference: Annotated[str, line(35)] | None = None
    """Your own, e.g. an order number. It stands on the code if it is ASCII and up to 25 long."""
    details: Annotated[str, text(140)] | None = None
    """For the payer to read. Kept encrypted."""
    expires_at: UnixSeconds | None = None
    """The last second at which it can be paid; left out: in a day, a static one never."""

    def draft(self) -> RequestDraft:
        """As the verb takes it."""
        money = None if self.money is None else self.money.read()
        currency = self.currency or (None if money is None else money.currency.code)
        if currency is None:
            raise InvalidRequest("Name the money, or the currency alone.", field="money")
        return RequestDraft(
            currency=currency,
            money=money,
            static=self.static,
            payer=self.payer,
            tip_allowed=self.tip_allowed,
            receivers=tuple(ReceiverDraft(r.payee, r.money.read()) for r in self.receivers),
            instalments=None if self.instalments is None else self.instalments.terms(),
            reference=self.reference,
            details=self.details,
            expires_at=self.expires_at,
        )


class PayForm(Form):
    """How a request is paid."""

    model_config = example({"tip": {"amount": "1.50", "currency": "EUR"}})

    money: MoneyForm | None = None
    """Needed where the amount is open; else left out, or exactly what was asked for."""
    tip: MoneyForm | None = None
    """On top, where the request takes one."""
    payload: Payload | None = None
    """The text of the code that was scanned. It must be the request's own, unchanged."""
    programme: Annotated[int, Field(ge=1, le=2**32 - 1)] | None = None
    """In which points are spent and earned."""
    points: Annotated[int, Field(ge=0, le=2**63 - 1)] = 0
    """To be spent."""
    offers: list[Annotated[str, line(80)]] = Field(default_factory=list, max_length=3)
    """Offers that must apply, by their id."""
    best_offers: bool = False
    """Take the offers that give the most; then name none."""

    def draft(self, request_id: str) -> PayDraft:
        """As the verb takes it."""
        return PayDraft(
            due_id=request_id,
            money=None if self.money is None else self.money.read(),
            tip=None if self.tip is None else self.tip.read(),
            payload=self.payload,
            programme=self.programme,
            points=self.points,
            offers=tuple(self.offers),
            best_offers=self.best_offers,
        )


class SignedPayment(Form):
    """The signature over the payment's typed data."""

    signature: Signature


class ScannedText(Form):
    """The text of a code."""

    model_config = example({"payload": "0002010102125204581453039785802DE5911KAFFEEHAUS6006BERLIN"})

    payload: Payload
    """As scanned, to the last character."""


class RequestQuery(Paged):
    """Which payment requests."""

    direction: Literal["in", "out"] | None = None
    """`in`: the customer is to be paid; `out`: it is to pay."""
    state: Literal["open", "paid", "expired", "cancelled"] | None = None
    """What has become of it; what is just being paid counts as open."""
    kind: Literal["once", "static"] | None = None
    """Whether it is paid once, or again and again."""
    customer_id: Annotated[str, line(40)] | None = None
    """Payee or payer; a customer may only name itself."""
    group_id: Annotated[str, line(40)] | None = None
    """Those of a shared sum."""


class CodeQuery(Query):
    """How the code is drawn."""

    format: Literal["svg", "png"] = "svg"
    """A drawing that can be scaled, or pixels."""
    scale: Annotated[int, Field(ge=1, le=40)] = 8
    """Pixels a module."""


@routes.post(
    "/payment-requests",
    "Ask to be paid",
    ASK,
    *MONEY,
    *HOLDER,
    InvalidAddress,
    MerchantIncomplete,
    NotAMerchant,
    PayeeUnknown,
    SelfPayment,
    made=True,
    location="/v1/payment-requests/{id}",
)
def create_payment_request(call: Asked, body: NewRequest) -> Answer[PaymentRequestView]:
    """Make a payment request with its QR code: for one payment, or static for a counter.

    The code follows EMVCo's merchant-presented format. It carries the request's id and a commitment to
    payee, amount and expiry, so it can be neither changed nor pasted onto another one.
    """
    return merchants.create_request(call.bank, call.caller, call.ask, body.draft())


@routes.get("/payment-requests", "List payment requests", LOOK, NotFound)
def list_payment_requests(
    call: Asked, query: Annotated[RequestQuery, QueryParameters()]
) -> Page[PaymentRequestView]:
    """Requests that the customer made and those made to it, newest first."""
    chosen = RequestFilter(**query.model_dump(exclude={"limit", "cursor"}))
    return merchants.list_requests(call.bank, call.caller, chosen, query.page)


@routes.get("/payment-requests/{request_id}", "Look at a payment request", LOOK)
def get_payment_request(call: Asked, request_id: RequestId) -> PaymentRequestView:
    """One request with its payments. Who may pay it sees it, and its own payments only."""
    return merchants.get_request(call.bank, call.caller, request_id)


@routes.get(
    "/payment-requests/{request_id}/code",
    "Draw the QR code of a payment request",
    LOOK,
    media_types=(SVG, PNG),
)
def draw_code(
    call: Asked, request_id: RequestId, query: Annotated[CodeQuery, QueryParameters()]
) -> Response:
    """The code as SVG or PNG, with error correction of level M and its quiet zone."""
    drawn = merchants.code_picture(call.bank, call.caller, request_id, query.format, query.scale)
    return Response(drawn, media_type=SVG if query.format == "svg" else PNG)


@routes.post(
    "/payment-requests/{request_id}/cancel",
    "Withdraw a payment request",
    ASK,
    InvoiceAlreadyPaid,
    PaymentUnderWay,
    RequestCancelled,
)
def cancel_payment_request(call: Asked, request_id: RequestId) -> Answer[PaymentRequestView]:
    """Let nobody pay it any more. What was paid, or is just being paid, can't be withdrawn.

    A payment that awaits its payer's signature keeps nobody from it, and can't be signed any more."""
    return merchants.cancel_request(call.bank, call.caller, call.ask, request_id)


@routes.post(
    "/payment-requests/{request_id}/pay",
    "Pay a payment request",
    PAY,
    *DUE,
    *QR,
    *BUYING,
    chain=True,
)
def pay_payment_request(
    call: Asked, request_id: RequestId, body: PayForm
) -> Answer[PaymentRequestView] | Preview:
    """Pay what was asked for, once. Send the scanned `payload` along, and it is checked too.

    A merchant is paid by a purchase, in which offers and points apply. With a tip or other receivers,
    and between people, all are paid in one movement or nobody. A payer in self custody finds
    `typed_data` in the last of `payments` and hands in its signature.
    """
    draft = body.draft(request_id)
    if call.dry_run:
        return merchants.preview_pay(call.bank, call.caller, draft)
    return merchants.pay_request(call.bank, call.caller, call.ask, draft)


@routes.post(
    "/payment-requests/{request_id}/signature",
    "Hand in the signature of a request's payment",
    PAY,
    *SIGNING,
    *BUYING,
    RequestCancelled,
    RequestExpired,
    chain=True,
)
def sign_request_payment(
    call: Asked, request_id: RequestId, body: SignedPayment
) -> Answer[PaymentRequestView]:
    """Hand in the payer's signature over the `typed_data` of the payment that it made last."""
    draft = SignatureDraft(request_id, bytes_of(body.signature))
    return merchants.sign_request(call.bank, call.caller, call.ask, draft)


@routes.post("/qr/read", "Read a scanned QR code", SCAN, *QR, CustomerForgotten, NotFound)
def read_code(call: Asked, body: ScannedText) -> ScannedView:
    """Who would be paid by a code, and what: as it stands in the books, whatever the sticker says.

    A code that was changed, put together from others, read badly or made elsewhere is refused with
    what is wrong with it. Nothing is written.
    """
    return merchants.read_code(call.bank, call.caller, body.payload)
