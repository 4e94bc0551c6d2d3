"""Examples of what the payments capability answers."""

from typing import Any

from wallet_chain.bank.views import OperationView, Refusal
from wallet_chain.money import CURRENCIES, Money
from wallet_chain.payments.views import PaymentLine, PaymentsView, PaymentView, RefundView

_NOW = 1_772_440_200
_ADA = "0x52908400098527886E0F7030069857D2E4169EE7"
_SHOP = "0x8617E340B3D01FA5F11F306F4090FD50E238070D"
_CUSTOMER = "cus_01JZ4WVXQ2M8K5T7R9B3C6D1EF"


def _hash(digit: str) -> str:
    return "0x" + digit * 64


def _euros(cents: int) -> Money:
    return Money(cents, CURRENCIES["EUR"])


def _id(prefix: str) -> str:
    return f"{prefix}_01JZ4WVXQ2M8K5T7R9B3C6D1EF"


def _operation(kind: str, resource_id: str, *, log_index: int | None = 3) -> OperationView:
    return OperationView(
        id=_id("op"),
        kind=kind,
        resource_id=resource_id,
        state="settled",
        refusal=None,
        transaction_hash=_hash("a"),
        block_number=1204,
        log_index=log_index,
        accepted_at=_NOW,
        finished_at=_NOW + 1,
    )


_PAYMENT = PaymentView(
    id=_id("pay"),
    state="settled",
    payer_account=_ADA,
    payer_customer_id=_CUSTOMER,
    payee_account=_SHOP,
    payee_customer_id=None,
    money=_euros(1234),
    refunded=_euros(0),
    details="Invoice 1017",
    order_id=_hash("b"),
    reference=_hash("c"),
    deadline=_NOW + 600,
    typed_data=None,
    cancellation=None,
    operation=_operation("payment", _id("pay")),
    created_at=_NOW,
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
        id=_id("ref"),
        payment_id=_id("pay"),
        state="settled",
        from_account=_SHOP,
        to_account=_ADA,
        money=_euros(234),
        order_id=_hash("e"),
        reference=_hash("f"),
        deadline=_NOW + 600,
        typed_data=None,
        operation=_operation("refund", _id("ref")),
        created_at=_NOW,
    ),
}
