"""From who pays whom to the order that is signed."""

from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.orders import OrderPlan
from wallet_chain.errors import InvalidRequest
from wallet_chain.ledger.hashing import ZERO_HASH
from wallet_chain.payments.drafts import PaymentDraft
from wallet_chain.store.tables import Customer

DETAILS_LENGTH_MAX = 140
"""As for remittance information in ISO 20022 and SEPA."""


def require_form(draft: PaymentDraft) -> None:
    """Raise InvalidRequest for details that are too long, or empty."""
    if draft.details is not None and not 1 <= len(draft.details) <= DETAILS_LENGTH_MAX:
        raise InvalidRequest(f"details has 1 to {DETAILS_LENGTH_MAX} characters.", field="details")


def payment_plan(
    bank: Bank,
    session: Session,
    draft: PaymentDraft,
    payer: Customer,
    payer_account: str,
    payee_account: str,
    payee_customer_id: str | None,
) -> OrderPlan:
    """The order of a payment between two accounts; its details are sealed under the payer's key."""
    details_hash, sealed = ZERO_HASH, None
    if draft.details is not None:
        details_hash, sealed = bank.personal.salted_hash(session, payer.id, draft.details)
    return OrderPlan(
        kind="payment",
        id_prefix="pay",
        contract="Payments",
        signer=payer,
        account=payer_account,
        message={
            "payer": payer_account,
            "payee": payee_account,
            "currency": draft.money.currency.code,
            "amount": draft.money.amount_minor,
            "details": details_hash,
        },
        money=draft.money,
        counterparty_account=payee_account,
        counterparty_customer_id=payee_customer_id,
        sealed_details=sealed,
    )
