"""One example of each answer, made of the views themselves so that it can't have another shape."""

from collections.abc import Mapping
from typing import Any, get_args, get_origin

import orjson

from api.answers import Items, to_json
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
from api.examples_abroad import EXAMPLES_ABROAD
from api.examples_audit import EXAMPLES_AUDIT
from api.examples_collecting import EXAMPLES_COLLECTING
from api.examples_compliance import EXAMPLES_COMPLIANCE
from api.examples_log import EXAMPLES_LOG
from api.examples_loyalty import EXAMPLES_LOYALTY
from api.examples_merchants import EXAMPLES_MERCHANTS
from api.examples_payments import EXAMPLES_PAYMENTS
from api.examples_purchases import EXAMPLES_PURCHASES
from api.examples_webhooks import EXAMPLES_WEBHOOKS
from wallet_chain.audit.views import (
    AccessView,
    BalanceView,
    ChainView,
    EntryView,
    EventView,
    StatementView,
    SupplyView,
    TotalsView,
)
from wallet_chain.bank.views import Movement, OperationView, Page, Preview
from wallet_chain.identity.drafts import Personal
from wallet_chain.identity.views import (
    AliasView,
    ApiKeyView,
    BalanceLine,
    ChallengeView,
    CustomerSummary,
    CustomerView,
    DocumentView,
    HoldingsView,
    LimitsView,
    PayeeView,
    PrincipalView,
    RecoveryView,
    ReviewView,
)
from wallet_chain.issuance.views import DepositView, ReservesView, WithdrawalView
from wallet_chain.policy.views import (
    CorridorView,
    CourtOrderView,
    CurrencyView,
    PolicyView,
    TierView,
)

_CONTRACT = "0xdE709F2102306220921060314715629080E2fB77"
_MERCHANT = "cus_01JZ4X0A7C3N9P2Q4R6S8T1VWX"
_STAFF = "prn_01JZ4WQ1B2C3D4E5F6G7H8J9KM"
_TYPED_DATA: Mapping[str, Any] | None = None


_CUSTOMER_VIEW = CustomerView(
    id=CUSTOMER,
    kind="person",
    state="approved",
    custody="bank",
    country="DE",
    merchant=False,
    provider=False,
    account=ADA,
    customer_ref=hash_of("7"),
    tier=2,
    account_status="active",
    kyc_expires_at=NOW + 63_072_000,
    kyc_lapsed=False,
    personal=Personal(name="Ada Nowak", birth_date="1990-04-12", phone="+4930901820"),
    documents=(DocumentView(id_of("doc"), "passport", "9f" * 32, added_at=NOW, added_by=_STAFF),),
    aliases=("@ada",),
    review_id=None,
    operation=operation("register", CUSTOMER),
    created_at=NOW,
    updated_at=NOW,
)

_EVENT = EventView(
    block_number=1204,
    block_time=NOW,
    transaction_hash=hash_of("a"),
    transaction_index=0,
    log_index=3,
    contract=_CONTRACT,
    name="PaymentSettled",
    kind="payment",
    account=ADA,
    counterparty=SHOP,
    currency="EUR",
    money=euros(1234),
    order_id=hash_of("b"),
    reference=hash_of("c"),
    programme=None,
    arguments={"orderId": hash_of("b"), "payer": ADA, "payee": SHOP, "amount": "1234"},
)

_ENTRY = EntryView(
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
)

_EXAMPLES: dict[Any, Any] = {
    OperationView: operation("set_tier", "tier/2", log_index=0),
    Preview: Preview(
        would_settle=True,
        refusal=None,
        headroom={"per_payment": 100_000, "day": 248_766, "month": 1_998_766, "balance": None},
        movements=(Movement(ADA, euros(-1234)), Movement(SHOP, euros(1234))),
    ),
    CustomerView: _CUSTOMER_VIEW,
    CustomerSummary: CustomerSummary(
        id=CUSTOMER,
        kind="person",
        state="approved",
        custody="bank",
        country="DE",
        merchant=False,
        provider=False,
        account=ADA,
        tier=2,
        account_status="active",
        kyc_expires_at=NOW + 63_072_000,
        created_at=NOW,
    ),
    ReviewView: ReviewView(
        id=id_of("rev"),
        customer_id=CUSTOMER,
        requested_tier=2,
        state="approved",
        opened_at=NOW,
        opened_by=_STAFF,
        decided_at=NOW + 60,
        decided_by="prn_01JZ4WR0ZZYYXXWWVVTTSSRRQQ",
        granted_tier=2,
        kyc_expires_at=NOW + 63_072_000,
        reason_code=None,
        note=None,
        submitted=None,
        operation=operation("register", id_of("rev")),
    ),
    ChallengeView: ChallengeView(
        id=id_of("chl"),
        customer_id=CUSTOMER,
        account=ADA,
        typed_data={
            "primaryType": "AccountChallenge",
            "domain": {"name": "Wallet Chain", "version": "1", "chainId": "20260"},
            "types": {"AccountChallenge": [{"name": "account", "type": "address"}]},
            "message": {"account": ADA},
        },
        expires_at=NOW + 600,
    ),
    AliasView: AliasView("@ada", CUSTOMER, NOW),
    PayeeView: PayeeView(SHOP, merchant=True, active=True),
    RecoveryView: RecoveryView(
        id=id_of("rec"),
        customer_id=CUSTOMER,
        old_account=ADA,
        new_account="0x27b1fdb04752bbc536007a920d24acb045561c26",
        state="executed",
        deadline=NOW + 86_400,
        typed_data=_TYPED_DATA,
        propose_operation=operation("propose_recovery", id_of("rec")),
        execute_operation=operation("execute_recovery", id_of("rec")),
    ),
    HoldingsView: HoldingsView(
        CUSTOMER, ADA, (BalanceLine(euros(50_000), euros(48_766)),), block_number=1204
    ),
    LimitsView: LimitsView(
        customer_id=CUSTOMER,
        account=ADA,
        tier=2,
        per_payment_minor=100_000,
        day_limit_minor=250_000,
        day_used_minor=1234,
        day_frees_at=NOW + 72_000,
        month_limit_minor=2_000_000,
        month_used_minor=1234,
        month_frees_at=NOW + 2_160_000,
        balance_limit_minor=1_000_000,
        balance_used_minor=48_766,
    ),
    PrincipalView: PrincipalView(
        id=_STAFF,
        role="operator",
        label="branch 12, desk 3",
        customer_id=None,
        signer_address="0xFB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        grants=(operation("grant_role", _STAFF),),
        created_at=NOW,
        disabled_at=None,
    ),
    ApiKeyView: ApiKeyView(
        id=id_of("key"),
        principal_id=_STAFF,
        scopes=("*",),
        created_at=NOW,
        expires_at=NOW + 7_776_000,
        revoked_at=None,
        replaced_by=None,
        token=None,
    ),
    DepositView: DepositView(
        id=id_of("dep"),
        customer_id=CUSTOMER,
        account=ADA,
        money=euros(50_000),
        bank_reference="STMT-2026-03-02/0017",
        proposal_id=hash_of("9"),
        state="minted",
        recorded_by=_STAFF,
        recorded_at=NOW,
        propose_operation=operation("propose_mint", id_of("dep")),
        decide_operation=operation("approve_mint", id_of("dep")),
    ),
    ReservesView: ReservesView(
        "EUR", euros(45_000_000), euros(100_000_000), NOW, euros(55_000_000)
    ),
    WithdrawalView: WithdrawalView(
        id=id_of("wdr"),
        customer_id=CUSTOMER,
        account=ADA,
        money=euros(5000),
        payout_to="DE89370400440532013000",
        state="settled",
        payout_state="due",
        payout_reference=None,
        order_id=hash_of("8"),
        reference=hash_of("6"),
        deadline=NOW + 600,
        typed_data=_TYPED_DATA,
        operation=operation("withdrawal", id_of("wdr")),
        payout_operation=None,
        created_at=NOW,
    ),
    PolicyView: PolicyView(
        version=12,
        block_number=1204,
        tiers=(TierView(2, 100_000, 250_000, 2_000_000, 1_000_000),),
        corridors=(CorridorView("DE", "CN", "review"),),
        currencies=(CurrencyView("EUR", _CONTRACT, 2, "1", euros(10_000_000), euros(100_000_000)),),
        paused=(),
    ),
    CourtOrderView: CourtOrderView(
        id=id_of("crt"),
        from_account=ADA,
        to_account=SHOP,
        money=euros(12_000),
        order_reference="LG Berlin 4 O 112/26",
        order_hash=hash_of("4"),
        operation=operation("court_order", id_of("crt")),
        created_at=NOW,
    ),
    EventView: _EVENT,
    StatementView: StatementView(
        account=ADA,
        currency="EUR",
        time_from=None,
        time_to=None,
        opening=euros(50_000),
        closing=euros(48_766),
        totals=TotalsView(1, euros(0), euros(1234)),
        lines=(_ENTRY,),
        next_cursor=None,
        block_number=1204,
    ),
    BalanceView: BalanceView(ADA, euros(48_766), 1204, NOW, 17, hash_of("d")),
    SupplyView: SupplyView(
        currency="EUR",
        supply=euros(45_000_000),
        accounts_total=euros(45_000_000),
        reserves=euros(100_000_000),
        reserves_as_of=NOW,
        covered=True,
        block_number=1204,
    ),
    AccessView: AccessView(
        id=88,
        at=NOW,
        principal_id=_STAFF,
        role="compliance",
        action="customer",
        customer_id=CUSTOMER,
        query={},
    ),
    ChainView: ChainView(
        chain_id=20260,
        genesis_hash=hash_of("1"),
        indexed_block=1204,
        indexed_hash=hash_of("2"),
        indexed_time=NOW,
        head_block=1204,
        digest=None,
        stopped_reason=None,
        contracts={"Payments": _CONTRACT},
    ),
}


def example_of(view: Any) -> Any:
    """An example of this answer, as JSON values."""
    if get_origin(view) in (Page, Items):
        listed = {"items": [example_of(get_args(view)[0])]}
        return listed | ({"next_cursor": None} if get_origin(view) is Page else {})
    examples = _EXAMPLES | EXAMPLES_PAYMENTS | EXAMPLES_ABROAD
    examples |= EXAMPLES_COMPLIANCE | EXAMPLES_WEBHOOKS | EXAMPLES_PURCHASES | EXAMPLES_LOYALTY
    examples |= EXAMPLES_MERCHANTS
    examples |= EXAMPLES_COLLECTING | EXAMPLES_AUDIT | EXAMPLES_LOG
    return orjson.loads(to_json(examples[view]))
