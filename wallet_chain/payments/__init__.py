"""Signed payments, refunds and cancellations."""

from wallet_chain.payments.bulk import PAYMENTS_MAX, Outcome, create_payments
from wallet_chain.payments.cancelling import cancel_payment, sign_cancellation
from wallet_chain.payments.notifying import follow
from wallet_chain.payments.paying import create_payment, preview_payment, sign_payment
from wallet_chain.payments.refunding import (
    create_refund,
    get_refund,
    list_refunds,
    preview_refund,
    sign_refund,
)
from wallet_chain.payments.searching import get_payment, list_payments
from wallet_chain.payments.together import TOGETHER_MAX, PaymentAsk, accept_plain

__all__ = [
    "PAYMENTS_MAX",
    "TOGETHER_MAX",
    "Outcome",
    "PaymentAsk",
    "accept_plain",
    "cancel_payment",
    "create_payment",
    "create_payments",
    "create_refund",
    "follow",
    "get_payment",
    "get_refund",
    "list_payments",
    "list_refunds",
    "preview_payment",
    "preview_refund",
    "sign_cancellation",
    "sign_payment",
    "sign_refund",
]
