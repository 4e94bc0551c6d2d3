"""Money that leaves: a signed redemption, the burn, the bank's payout."""

from typing import Annotated, Literal

from fastapi import Query as QueryParameters

from api.access import (
    AUDITOR,
    COMPLIANCE,
    CUSTOMER,
    ISSUER_CHECKER,
    ISSUER_MAKER,
    MERCHANT,
    OPERATOR,
    Owner,
    allow,
)
from api.fields import (
    CurrencyCode,
    Form,
    MoneyForm,
    Paged,
    Signature,
    bytes_of,
    example,
    line,
    resource_id,
)
from api.refusals import MOVING, SIGNING, STAFF
from api.routes import Asked, Routes
from wallet_chain import issuance
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.views import Answer, Page, Preview
from wallet_chain.errors import (
    NotFound,
    PayoutReferenceUsed,
    RedemptionNotOpen,
    UnknownCurrency,
)
from wallet_chain.issuance.drafts import PayoutDraft, WithdrawalDraft, WithdrawalFilter
from wallet_chain.issuance.views import WithdrawalView

routes = Routes("Withdrawals")

WITHDRAW = allow(CUSTOMER, MERCHANT, scope="issuance:write", owner=Owner.VERB)
PAY_OUT = allow(OPERATOR, scope="issuance:write")
LOOK = allow(
    CUSTOMER,
    MERCHANT,
    OPERATOR,
    COMPLIANCE,
    ISSUER_MAKER,
    ISSUER_CHECKER,
    AUDITOR,
    scope="issuance:read",
    owner=Owner.VERB,
)

WithdrawalId = Annotated[str, resource_id("wdr", "withdrawal")]


class NewWithdrawal(Form):
    """Money of the caller's customer to be paid out."""

    model_config = example(
        {
            "money": {"amount": "50.00", "currency": "EUR"},
            "payout_to": "DE89370400440532013000",
        }
    )

    money: MoneyForm
    payout_to: Annotated[str, line(140)]
    """The bank account to pay to. Kept encrypted."""

    def draft(self) -> WithdrawalDraft:
        """As the verb takes it."""
        return WithdrawalDraft(self.money.read(), self.payout_to)


class SignedWithdrawal(Form):
    """The signature over the withdrawal's typed data."""

    signature: Signature


class Payout(Form):
    """The bank's payout."""

    model_config = example({"payout_reference": "SEPA-88213"})

    payout_reference: Annotated[str, line(140)]
    """Under which the payout was sent. Used once."""


class WithdrawalQuery(Paged):
    """Which withdrawals."""

    state: (
        Literal[
            "awaiting_signature", "accepted", "bound", "settled", "rejected", "cancelled", "expired"
        ]
        | None
    ) = None
    """What has become of the burn."""
    payout_state: Literal["none", "due", "confirming", "paid"] | None = None
    """What has become of the payout."""
    customer_id: Annotated[str, line(40)] | None = None
    """Whose; a customer may only name itself."""
    currency: CurrencyCode | None = None
    """ISO 4217."""

    def filter(self) -> WithdrawalFilter:
        """As the verb takes it."""
        return WithdrawalFilter(self.state, self.payout_state, self.customer_id, self.currency)


@routes.post(
    "/withdrawals",
    "Withdraw",
    WITHDRAW,
    *MOVING,
    made=True,
    chain=True,
    location="/v1/withdrawals/{id}",
)
def create_withdrawal(call: Asked, body: NewWithdrawal) -> Answer[WithdrawalView] | Preview:
    """Burn money of the caller's account; the bank then pays it out.

    A holder in self custody gets `typed_data` to sign.
    """
    draft = body.draft()
    if call.dry_run:
        return issuance.preview_withdrawal(call.bank, call.caller, draft)
    return issuance.create_withdrawal(call.bank, call.caller, call.ask, draft)


@routes.get("/withdrawals", "List withdrawals", LOOK, UnknownCurrency, NotFound)
def list_withdrawals(
    call: Asked, query: Annotated[WithdrawalQuery, QueryParameters()]
) -> Page[WithdrawalView]:
    """The withdrawals that the caller may see, newest first."""
    return issuance.list_withdrawals(call.bank, call.caller, query.filter(), query.page)


@routes.get("/withdrawals/{withdrawal_id}", "Look at a withdrawal", LOOK)
def get_withdrawal(call: Asked, withdrawal_id: WithdrawalId) -> WithdrawalView:
    """One withdrawal: whether it is burned, and whether it is paid out."""
    return issuance.get_withdrawal(call.bank, call.caller, withdrawal_id)


@routes.post(
    "/withdrawals/{withdrawal_id}/signature",
    "Hand in the signature of a withdrawal",
    WITHDRAW,
    *SIGNING,
    *MOVING,
    chain=True,
)
def sign_withdrawal(
    call: Asked, withdrawal_id: WithdrawalId, body: SignedWithdrawal
) -> Answer[WithdrawalView]:
    """Hand in the holder's signature over the withdrawal's `typed_data`; it is then accepted."""
    draft = SignatureDraft(withdrawal_id, bytes_of(body.signature))
    return issuance.sign_withdrawal(call.bank, call.caller, call.ask, draft)


@routes.post(
    "/withdrawals/{withdrawal_id}/payout",
    "Confirm a payout",
    PAY_OUT,
    *STAFF,
    RedemptionNotOpen,
    PayoutReferenceUsed,
    chain=True,
)
def confirm_payout(
    call: Asked, withdrawal_id: WithdrawalId, body: Payout
) -> Answer[WithdrawalView]:
    """Record on chain that the bank has paid out what was burned."""
    draft = PayoutDraft(withdrawal_id, body.payout_reference)
    return issuance.confirm_payout(call.bank, call.caller, call.ask, draft)
