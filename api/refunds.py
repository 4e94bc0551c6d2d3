"""Refunds of payments and of purchases, one family by their ids."""

from typing import Annotated

from fastapi import Path

from api.fields import bytes_of
from api.payments import LOOK, PAY, Signed
from api.refusals import REFUNDING, SIGNING
from api.routes import Asked, Routes
from wallet_chain import payments, purchases
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.views import Answer
from wallet_chain.payments.views import RefundView
from wallet_chain.purchases.views import PurchaseRefundView

routes = Routes("Refunds")

OF_PURCHASE = "rpu_"

RefundId = Annotated[
    str,
    Path(
        pattern=r"^(ref|rpu)_[0-9A-HJKMNP-TV-Z]{26}$",
        description="The id of the refund: `ref_...` of a payment, `rpu_...` of a purchase.",
        examples=["ref_01JZ4WVXQ2M8K5T7R9B3C6D1EF"],
    ),
]


@routes.get("/refunds/{refund_id}", "Look at a refund", LOOK)
def get_refund(call: Asked, refund_id: RefundId) -> RefundView | PurchaseRefundView:
    """One refund of a payment or of a purchase, with its receipt once it is on chain."""
    if refund_id.startswith(OF_PURCHASE):
        return purchases.get_purchase_refund(call.bank, call.caller, refund_id)
    return payments.get_refund(call.bank, call.caller, refund_id)


@routes.post(
    "/refunds/{refund_id}/signature",
    "Hand in the signature of a refund",
    PAY,
    *SIGNING,
    *REFUNDING,
    chain=True,
)
def sign_refund(
    call: Asked, refund_id: RefundId, body: Signed
) -> Answer[RefundView] | Answer[PurchaseRefundView]:
    """Hand in the signature of who was paid over the refund's `typed_data`; it is then accepted."""
    draft = SignatureDraft(refund_id, bytes_of(body.signature))
    if refund_id.startswith(OF_PURCHASE):
        return purchases.sign_purchase_refund(call.bank, call.caller, call.ask, draft)
    return payments.sign_refund(call.bank, call.caller, call.ask, draft)
