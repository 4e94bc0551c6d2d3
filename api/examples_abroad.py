"""Examples of what the cross-border capability answers."""

from typing import Any

from api.example_parts import ADA, CUSTOMER, NOW, euros, hash_of, operation
from wallet_chain.bank.views import Refusal
from wallet_chain.crossborder.views import (
    CheckView,
    FeeScheduleView,
    HistoryView,
    PairView,
    QuoteView,
    RatesView,
    RateView,
    TransferPreview,
    TransferView,
)
from wallet_chain.money import CURRENCIES, Money

_LI = "0x8617E340B3D01FA5F11F306F4090FD50E238070D"
_PROVIDER = "0x27b1fdb04752bbc536007a920d24acb045561c26"
_TRANSFER = "cbt_01JZ4WVXQ2M8K5T7R9B3C6D1EF"
_QUOTE = "quo_01JZ4WVXQ2M8K5T7R9B3C6D1EF"
_BATCH = "fxr_01JZ4WVXQ2M8K5T7R9B3C6D1EF"


def _cny(minor: int) -> Money:
    return Money(minor, CURRENCIES["CNY"])


_QUOTE_VIEW = QuoteView(
    id=_QUOTE,
    state="used",
    source=euros(10_000),
    fee=euros(100),
    target=_cny(76_833),
    fixed="source",
    rate="7.761",
    rate_numerator="7761",
    rate_denominator="1000",
    rounding="target_down",
    mid_rate="7.8",
    mid_source="European Central Bank",
    mid_as_of=NOW - 40_000,
    spread_bps=50,
    cost_percent="1.50",
    smallest=euros(500),
    largest=euros(5_000_000),
    recipient_country="CN",
    provider_account=_PROVIDER,
    quote_hash=hash_of("7"),
    signature="0x" + "1b" * 65,
    message={"provider": _PROVIDER, "sourceCurrency": "EUR", "sourceAmount": "10000"},
    expires_at=NOW + 300,
    created_at=NOW,
)

EXAMPLES_ABROAD: dict[Any, Any] = {
    QuoteView: _QUOTE_VIEW,
    TransferView: TransferView(
        id=_TRANSFER,
        uetr="8f14e45f-ceea-467f-a2f1-8c1d2b3e4f50",
        state="settled",
        sender_account=ADA,
        sender_customer_id=CUSTOMER,
        recipient_account=_LI,
        recipient_customer_id=None,
        provider_account=_PROVIDER,
        quote_id=_QUOTE,
        source=euros(10_000),
        fee=euros(100),
        target=_cny(76_833),
        rate_numerator="7761",
        rate_denominator="1000",
        purpose="GDDS",
        remittance="Invoice 1017",
        beneficiary_id="ben_01JZ4WVXQ2M8K5T7R9B3C6D1EF",
        travel_rule_id=None,
        travel_rule_hash=None,
        order_id=hash_of("b"),
        reference=hash_of("c"),
        deadline=NOW + 300,
        hold_reason=None,
        screenings=(),
        hold_expires_at=None,
        hold_seconds_left=None,
        two_reviewers=None,
        approved_by=None,
        refusal=None,
        typed_data=None,
        history=(
            HistoryView(1, "accepted", NOW, "prn_01JZ4WQ1B2C3D4E5F6G7H8J9KM", None, None),
            HistoryView(2, "settled", NOW + 1, "chain", None, hash_of("a")),
        ),
        recall=None,
        operation=operation("transfer", _TRANSFER, log_index=5),
        decision=None,
        created_at=NOW,
    ),
    TransferPreview: TransferPreview(
        would_settle=False,
        refusal=Refusal("corridor_closed", "Money may not move from country 276 to country 408."),
        headroom={"per_payment": 600_000, "day": 1_250_000, "month": None, "balance": None},
        movements=(),
        would_hold=False,
        checks=(CheckView("kyc", "passed", None), CheckView("limits", "passed", None)),
        quote=_QUOTE_VIEW,
    ),
    PairView: PairView(
        source_currency="EUR",
        target_currency="CNY",
        state="open",
        band_bps=200,
        review_seconds=86_400,
        amount_min=euros(100),
        amount_max=euros(10_000_000),
        review_from=euros(1_000_000),
        two_reviewers_from=None,
        travel_rule_from=euros(100_000),
        mid_rate="7.8",
        mid_as_of=NOW - 40_000,
        providers=2,
    ),
    FeeScheduleView: FeeScheduleView(
        id="fee_01JZ4WVXQ2M8K5T7R9B3C6D1EF",
        provider_customer_id=CUSTOMER,
        source_currency="EUR",
        target_currency="CNY",
        source_country=None,
        target_country="CN",
        tier=None,
        from_amount=euros(0),
        spread_bps=50,
        fee_bps=30,
        fee_minimum=euros(100),
        smallest=euros(500),
        largest=euros(5_000_000),
        set_at=NOW,
    ),
    RateView: RateView("CNY", "7.8", "European Central Bank", NOW - 40_000, True, NOW),
    RatesView: RatesView(
        source="European Central Bank",
        as_of=NOW - 40_000,
        rates={"CNY": "7.8", "USD": "1.1628"},
        operations=(operation("price", _BATCH, log_index=5),),
    ),
}
