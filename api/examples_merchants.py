"""Examples of what the merchants capability answers."""

from typing import Any

from api.example_parts import ADA, CUSTOMER, NOW, SHOP, euros, hash_of, id_of, operation
from wallet_chain.merchants.views import (
    BillView,
    DuePaymentView,
    InstalmentPlanView,
    InstalmentTermsView,
    InstalmentView,
    PaymentRequestView,
    ReceiverView,
    ScannedView,
)

_TERMS = InstalmentTermsView(count=3, months=1, fee=euros(150))
_PAYMENT = DuePaymentView(
    id=id_of("spl"),
    kind="split",
    state="settled",
    payer_customer_id=CUSTOMER,
    gross=euros(1234),
    tip=euros(150),
    cash=euros(1384),
    order_id=hash_of("b"),
    deadline=NOW + 600,
    typed_data=None,
    operation=operation("split", id_of("spl")),
    created_at=NOW,
)


def _part(number: int, principal: int, state: str) -> InstalmentView:
    return InstalmentView(
        number=number,
        due_at=NOW + (number - 1) * 2_678_400,
        money=euros(principal + 33),
        principal=euros(principal),
        fee=euros(33),
        state=state,
        last_refusal=None,
    )


EXAMPLES_MERCHANTS: dict[Any, Any] = {
    PaymentRequestView: PaymentRequestView(
        id=id_of("req"),
        kind="once",
        state="paid",
        payee_account=SHOP,
        payee_customer_id=None,
        payee_name="Kaffeehaus Mitte GmbH",
        merchant=True,
        payer_customer_id=None,
        group_id=None,
        currency="EUR",
        money=euros(1234),
        tip_allowed=True,
        receivers=(ReceiverView(ADA, euros(200)),),
        instalments=None,
        reference="Table 4",
        details="Two coffees and a cake",
        expires_at=NOW + 86_400,
        payload=None,
        payments=(_PAYMENT,),
        created_at=NOW,
    ),
    ScannedView: ScannedView(
        request_id=id_of("req"),
        kind="once",
        state="open",
        payee_account=SHOP,
        payee_name="Kaffeehaus Mitte GmbH",
        merchant=True,
        active=True,
        merchant_category="5814",
        country="DE",
        city="Berlin",
        currency="EUR",
        money=euros(18_000),
        tip_allowed=False,
        instalments=_TERMS,
        reference="Order 1017",
        details=None,
        expires_at=NOW + 86_400,
    ),
    BillView: BillView(
        id=id_of("bil"),
        state="open",
        overdue=False,
        biller_account=SHOP,
        biller_name="Stadtwerke Mitte AG",
        customer_id=CUSTOMER,
        number="C-1017",
        period="2026-03",
        money=euros(3990),
        due_at=NOW + 864_000,
        details="Electricity in March",
        scheduled_at=NOW + 777_600,
        last_refusal=None,
        payments=(),
        created_at=NOW,
    ),
    InstalmentPlanView: InstalmentPlanView(
        id=id_of("ipl"),
        request_id=id_of("req"),
        state="active",
        payer_customer_id=CUSTOMER,
        payee_customer_id="cus_01JZ4X0A7C3N9P2Q4R6S8T1VWX",
        amount=euros(10_000),
        fee=euros(99),
        paid=euros(3366),
        payoff=euros(6667),
        instalments=(
            _part(1, 3333, "paid"),
            _part(2, 3333, "open"),
            _part(3, 3334, "open"),
        ),
        payments=(),
        created_at=NOW,
    ),
}
