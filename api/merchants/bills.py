"""Bills of merchants to customers."""

from typing import Annotated, Literal

from fastapi import Query as QueryParameters

from api.access import AUDITOR, COMPLIANCE, CUSTOMER, MERCHANT, OPERATOR, Owner, allow
from api.fields import Form, MoneyForm, Paged, UnixSeconds, example, line, resource_id, text
from api.merchants.refusals import SETTLING
from api.refusals import HOLDER, MONEY
from api.routes import Asked, Routes
from wallet_chain import merchants
from wallet_chain.bank.views import Answer, Page, Preview
from wallet_chain.errors import (
    BillExists,
    BillWithdrawn,
    InvalidAddress,
    InvoiceAlreadyPaid,
    NotAMerchant,
    NotFound,
    PayeeUnknown,
    PaymentUnderWay,
    ScheduleInvalid,
    SelfPayment,
)
from wallet_chain.merchants.drafts import BillDraft, BillFilter, ScheduleDraft
from wallet_chain.merchants.views import BillView

routes = Routes("Bills")

PUBLISH = allow(MERCHANT, scope="bills:write", owner=Owner.VERB)
PAY = allow(CUSTOMER, MERCHANT, scope="payments:write", owner=Owner.VERB)
LOOK = allow(
    CUSTOMER, MERCHANT, OPERATOR, COMPLIANCE, AUDITOR, scope="bills:read", owner=Owner.VERB
)

BillId = Annotated[str, resource_id("bil", "bill")]


class NewBill(Form):
    """A bill."""

    model_config = example(
        {
            "customer": "@ada",
            "number": "C-1017",
            "period": "2026-03",
            "money": {"amount": "39.90", "currency": "EUR"},
            "due_at": 1_774_000_000,
            "details": "Electricity in March",
        }
    )

    customer: Annotated[str, line(254)]
    """Who is to pay: an account, an alias or a customer's id."""
    number: Annotated[str, line(35)]
    """Your own number, e.g. of the contract."""
    period: Annotated[str, line(20)]
    """What it is for. Number and period together are used once."""
    money: MoneyForm
    due_at: UnixSeconds
    """When it should be paid."""
    details: Annotated[str, text(140)] | None = None
    """For the customer to read. Kept encrypted."""

    def draft(self) -> BillDraft:
        """As the verb takes it."""
        return BillDraft(
            self.customer, self.number, self.period, self.money.read(), self.due_at, self.details
        )


class NewSchedule(Form):
    """When a bill is paid by itself."""

    model_config = example({"at": 1_773_900_000})

    at: UnixSeconds
    """At the latest a day after the bill is due."""


class BillQuery(Paged):
    """Which bills."""

    direction: Literal["in", "out"] | None = None
    """`in`: the customer is the biller; `out`: it is to pay."""
    state: Literal["open", "paid", "withdrawn"] | None = None
    """What has become of it; what is just being paid counts as open."""
    customer_id: Annotated[str, line(40)] | None = None
    """Biller or payer; a customer may only name itself."""
    number: Annotated[str, line(35)] | None = None
    """The biller's number."""


@routes.post(
    "/bills",
    "Publish a bill",
    PUBLISH,
    *MONEY,
    *HOLDER,
    BillExists,
    InvalidAddress,
    NotAMerchant,
    PayeeUnknown,
    SelfPayment,
    made=True,
    location="/v1/bills/{id}",
)
def publish_bill(call: Asked, body: NewBill) -> Answer[BillView]:
    """Bill a customer, who sees it at once. The same number and period are never billed twice."""
    return merchants.publish_bill(call.bank, call.caller, call.ask, body.draft())


@routes.get("/bills", "List bills", LOOK, NotFound)
def list_bills(call: Asked, query: Annotated[BillQuery, QueryParameters()]) -> Page[BillView]:
    """Bills of the customer and to it, newest first."""
    chosen = BillFilter(**query.model_dump(exclude={"limit", "cursor"}))
    return merchants.list_bills(call.bank, call.caller, chosen, query.page)


@routes.get("/bills/{bill_id}", "Look at a bill", LOOK)
def get_bill(call: Asked, bill_id: BillId) -> BillView:
    """One bill with its payments."""
    return merchants.get_bill(call.bank, call.caller, bill_id)


@routes.post(
    "/bills/{bill_id}/withdraw",
    "Withdraw a bill",
    PUBLISH,
    BillWithdrawn,
    InvoiceAlreadyPaid,
    PaymentUnderWay,
)
def withdraw_bill(call: Asked, bill_id: BillId) -> Answer[BillView]:
    """Take back a bill that was not paid. Its number and period stay used."""
    return merchants.withdraw_bill(call.bank, call.caller, call.ask, bill_id)


@routes.post(
    "/bills/{bill_id}/pay",
    "Pay a bill",
    PAY,
    *SETTLING,
    BillWithdrawn,
    PaymentUnderWay,
    chain=True,
)
def pay_bill(call: Asked, bill_id: BillId) -> Answer[BillView] | Preview:
    """Pay a bill. The chain takes its invoice once, so the same bill can't be paid twice.

    A payer in self custody finds `typed_data` in the first of `payments`, and hands in the signature at
    `POST /v1/purchases/{purchase_id}/signature`.
    """
    if call.dry_run:
        return merchants.preview_pay_bill(call.bank, call.caller, bill_id)
    return merchants.pay_bill(call.bank, call.caller, call.ask, bill_id)


@routes.post(
    "/bills/{bill_id}/schedule",
    "Have a bill paid by itself",
    PAY,
    *HOLDER,
    BillWithdrawn,
    InvoiceAlreadyPaid,
    PaymentUnderWay,
    ScheduleInvalid,
)
def schedule_bill(call: Asked, bill_id: BillId, body: NewSchedule) -> Answer[BillView]:
    """Name the time at which the bill is paid by itself; another time takes the place of the first.

    Only where the bank keeps the payer's key. A try that is refused is noted in `last_refusal` and made
    again a day later, seven times at most.
    """
    draft = ScheduleDraft(bill_id, body.at)
    return merchants.schedule_bill(call.bank, call.caller, call.ask, draft)


@routes.delete("/bills/{bill_id}/schedule", "Have a bill not paid by itself", PAY)
def unschedule_bill(call: Asked, bill_id: BillId) -> Answer[BillView]:
    """Let it not be paid by itself any more. A payment that is under way already goes on."""
    return merchants.unschedule_bill(call.bank, call.caller, call.ask, bill_id)
