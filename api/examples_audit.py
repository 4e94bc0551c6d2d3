"""Examples of answers to audit questions over many lines."""

from typing import Any

from api.example_parts import ADA, CUSTOMER, NOW, SHOP, euros, hash_of, id_of
from wallet_chain.audit.views import (
    AccountBalance,
    AccountEntryView,
    AccountTotals,
    BooksView,
    CurrencyTotal,
    CustomerStatementView,
    EventTotals,
    Flow,
    FundsLine,
    FundsView,
    PowerUse,
    PrincipalSummary,
    SupplyPoint,
    SupplySeries,
    TimelineItem,
    TimelineSubject,
    TimelineView,
    TotalsView,
)

_PAID = TotalsView(1, euros(0), euros(1234))
_PAYMENT = id_of("pay")

EXAMPLES_AUDIT: dict[Any, Any] = {
    EventTotals: EventTotals(
        of="movements",
        complete=True,
        items=(CurrencyTotal("EUR", 12, euros(50_000), euros(1234), None),),
        next_cursor=None,
        block_number=1204,
    ),
    CustomerStatementView: CustomerStatementView(
        customer_id=CUSTOMER,
        currency="EUR",
        time_from=None,
        time_to=None,
        accounts=(AccountTotals(ADA, euros(50_000), euros(48_766), _PAID),),
        opening=euros(50_000),
        closing=euros(48_766),
        totals=_PAID,
        lines=(
            AccountEntryView(
                sequence=17,
                block_number=1204,
                block_time=NOW,
                transaction_hash=hash_of("a"),
                log_index=4,
                kind="payment",
                counterparty=SHOP,
                change=euros(-1234),
                balance=euros(48_766),
                reference=hash_of("b"),
                head=hash_of("d"),
                account=ADA,
            ),
        ),
        next_cursor=None,
        block_number=1204,
    ),
    BooksView: BooksView(
        currency="EUR",
        block_number=1204,
        block_time=NOW,
        supply=euros(45_000_000),
        items=(AccountBalance(ADA, euros(48_766), 17, hash_of("d")),),
        next_cursor=None,
    ),
    SupplySeries: SupplySeries(
        "EUR", (SupplyPoint(NOW, 1204, euros(45_000_000), euros(100_000_000), True),)
    ),
    Flow: Flow(NOW - 86_400, NOW, "DE", "FR", 12, euros(50_000), euros(50_000)),
    PowerUse: PowerUse(
        block_number=1180,
        block_time=NOW,
        transaction_hash=hash_of("e"),
        log_index=0,
        power="identity",
        act="freeze",
        name="AccountFrozen",
        actor=SHOP,
        principal=PrincipalSummary(id_of("prn"), "compliance"),
        account=ADA,
        currency=None,
        money=None,
        arguments={"account": ADA, "by": SHOP},
    ),
    TimelineView: TimelineView(
        of=_PAYMENT,
        subject=TimelineSubject(
            "payment", _PAYMENT, hash_of("b"), None, "settled", euros(1234), ADA, SHOP
        ),
        items=(
            TimelineItem(
                at=NOW,
                system="chain",
                what="event",
                text="The chain recorded PaymentSettled.",
                block_number=1204,
                log_index=3,
                transaction_hash=hash_of("a"),
                facts={"name": "PaymentSettled", "kind": "payment"},
            ),
        ),
        truncated=False,
    ),
    FundsView: FundsView(
        direction="back",
        method="fifo",
        account=ADA,
        currency="EUR",
        sequence=17,
        money=euros(1234),
        items=(
            FundsLine(
                step=1,
                parent_account=ADA,
                parent_sequence=17,
                account=ADA,
                counterparty=None,
                kind="mint",
                sequence=1,
                block_number=40,
                block_time=NOW - 86_400,
                transaction_hash=hash_of("f"),
                log_index=2,
                line=euros(50_000),
                attributed=euros(1234),
                ends="issued",
            ),
        ),
        held=euros(0),
        complete=True,
    ),
}
