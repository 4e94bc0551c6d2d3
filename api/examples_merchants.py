"""Examples of what the merchants capability answers."""

from typing import Any

from api.example_parts import ADA, CUSTOMER, NOW, SHOP, euros, hash_of, id_of, operation
from wallet_chain.merchants.views import (
    DuePaymentView,
    InstalmentTermsView,
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
}
