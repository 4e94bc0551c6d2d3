"""Examples of what the purchases capability answers."""

from typing import Any

from api.example_parts import ADA, CUSTOMER, NOW, SHOP, euros, hash_of, id_of, operation
from wallet_chain.bank.views import Refusal
from wallet_chain.purchases.views import (
    OfferView,
    PurchaseQuoteView,
    PurchaseRefundView,
    PurchaseView,
    QuotedOffer,
    QuotedWay,
    ReturnView,
    SettlementView,
)

_OFFER = OfferView(
    id=id_of("off"),
    order_id=hash_of("9"),
    state="settled",
    good=True,
    merchant_account=SHOP,
    kind="reduction",
    currency="EUR",
    programme=None,
    minimum=euros(10_000),
    off=euros(1_500),
    rate_bps=None,
    points=None,
    first_purchase=False,
    combinable=True,
    starts_at=NOW,
    ends_at=NOW + 2_592_000,
    budget=euros(150_000),
    customer_budget=None,
    used=euros(1_500),
    budget_points=None,
    customer_budget_points=None,
    used_points=None,
    uses=1,
    ended=False,
    deadline=NOW + 600,
    typed_data=None,
    ending=None,
    operation=operation("offer", id_of("off")),
    created_at=NOW,
)

_WAY = QuotedWay(
    offers=(id_of("off"),),
    programme=1,
    points=50,
    reduction=euros(1_500),
    percentage=euros(0),
    points_value=euros(50),
    cash=euros(10_450),
    bonus=0,
    earned=104,
    earned_value=euros(104),
)

_QUOTE = PurchaseQuoteView(
    merchant_account=SHOP,
    money=euros(12_000),
    programme=1,
    points=50,
    best=_WAY,
    ways=(
        QuotedWay(
            offers=(),
            programme=1,
            points=50,
            reduction=euros(0),
            percentage=euros(0),
            points_value=euros(50),
            cash=euros(11_950),
            bonus=0,
            earned=119,
            earned_value=euros(119),
        ),
    ),
    offers=(
        QuotedOffer(id_of("off"), hash_of("9"), "reduction", applies=True, refusal=None),
        QuotedOffer(
            hash_of("8"),
            hash_of("8"),
            "percentage",
            applies=False,
            refusal=Refusal(
                "offer_minimum_not_reached",
                f"Offer {hash_of('8')} needs 200.00 EUR, and 120.00 EUR is left to pay when its turn"
                " comes.",
                retryable=False,
                facts={
                    "offer": hash_of("8"),
                    "minimum": "200.00",
                    "reached": "120.00",
                    "currency": "EUR",
                },
            ),
        ),
    ),
    refusal=None,
)

_PURCHASE = PurchaseView(
    id=id_of("pur"),
    state="settled",
    payer_account=ADA,
    payer_customer_id=CUSTOMER,
    merchant_account=SHOP,
    merchant_customer_id=None,
    money=euros(12_000),
    cash=euros(10_450),
    programme=1,
    points=50,
    offers=(hash_of("9"),),
    settlement=SettlementView(
        reduction=euros(1_500),
        percentage=euros(0),
        points_value=euros(50),
        cash=euros(10_450),
        bonus=0,
        earned=104,
        expires="2027-03",
    ),
    refunded=euros(6_000),
    refunded_cash=euros(5_225),
    refunded_points=25,
    invoice=hash_of("6"),
    related_id=None,
    details="Table 7",
    order_id=hash_of("b"),
    reference=hash_of("c"),
    deadline=NOW + 600,
    typed_data=None,
    operation=operation("purchase", id_of("pur")),
    created_at=NOW,
)

EXAMPLES_PURCHASES: dict[Any, Any] = {
    OfferView: _OFFER,
    PurchaseQuoteView: _QUOTE,
    PurchaseView: _PURCHASE,
    PurchaseRefundView: PurchaseRefundView(
        id=id_of("rpu"),
        purchase_id=id_of("pur"),
        state="settled",
        merchant_account=SHOP,
        payer_account=ADA,
        money=euros(6_000),
        returned=ReturnView(
            cash=euros(5_225),
            compensation=euros(0),
            deposited=euros(25),
            restored=25,
            postponed=0,
            taken_back=52,
            gone=0,
        ),
        order_id=hash_of("e"),
        reference=hash_of("f"),
        deadline=NOW + 600,
        typed_data=None,
        operation=operation("purchase_refund", id_of("rpu")),
        created_at=NOW,
    ),
}
