"""Examples of what the payments capability answers."""

from typing import Any

from api.example_parts import (
    ADA,
    CUSTOMER,
    NOW,
    SHOP,
    euros,
    hash_of,
    id_of,
    operation,
)
from wallet_chain.bank.views import Refusal
from wallet_chain.payments.views import PaymentLine, PaymentsView, PaymentView, RefundView

_PAYMENT = PaymentView(
    id=id_of("pay"),
    state="settled",
    payer_account=ADA,
    payer_customer_id=CUSTOMER,
    payee_account=SHOP,
    payee_customer_id=None,
    money=euros(1234),
    refunded=euros(0),
    details="Invoice 1017",
    order_id=hash_of("b"),
    reference=hash_of("c"),
    deadline=NOW + 600,
    typed_data=None,
    cancellation=None,
    operation=operation("payment", id_of("pay")),
    created_at=NOW,
)

EXAMPLES_PAYMENTS: dict[Any, Any] = {
    PaymentView: _PAYMENT,
    PaymentsView: PaymentsView(
        made=1,
        refused=1,
        items=(
            PaymentLine(index=0, status=201, payment=_PAYMENT, refusal=None),
            PaymentLine(
                index=1,
                status=422,
                payment=None,
                refusal=Refusal(
                    "payee_unknown",
                    "Nobody here has this account, alias or id. Check it with the payee and try"
                    " again.",
                    retryable=False,
                    facts={},
                ),
            ),
        ),
    ),
    RefundView: RefundView(
        id=id_of("ref"),
        payment_id=id_of("pay"),
        state="settled",
        from_account=SHOP,
        to_account=ADA,
        money=euros(234),
        order_id=hash_of("e"),
        reference=hash_of("f"),
        deadline=NOW + 600,
        typed_data=None,
        operation=operation("refund", id_of("ref")),
        created_at=NOW,
    ),
}
