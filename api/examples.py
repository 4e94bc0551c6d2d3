"""One example of each answer, made of the views themselves so that it can't have another shape."""

from collections.abc import Mapping
from typing import Any, get_args, get_origin

import orjson

from api.answers import Items, to_json
from api.examples_abroad import EXAMPLES_ABROAD
from api.examples_compliance import EXAMPLES_COMPLIANCE
from api.examples_payments import EXAMPLES_PAYMENTS
from api.examples_webhooks import EXAMPLES_WEBHOOKS
from wallet_chain.audit.views import (
    AccessView,
    BalanceView,
    ChainView,
    EntryView,
    EventView,
    StatementView,
    SupplyView,
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
from wallet_chain.money import CURRENCIES, Money
from wallet_chain.policy.views import (
    CorridorView,
    CourtOrderView,
    CurrencyView,
    PolicyView,
    TierView,
)

_EUR = CURRENCIES["EUR"]
_NOW = 1_772_440_200
_ADA = "0x52908400098527886E0F7030069857D2E4169EE7"
_SHOP = "0x8617E340B3D01FA5F11F306F4090FD50E238070D"
_CONTRACT = "0xdE709F2102306220921060314715629080E2fB77"
_CUSTOMER = "cus_01JZ4WVXQ2M8K5T7R9B3C6D1EF"
_MERCHANT = "cus_01JZ4X0A7C3N9P2Q4R6S8T1VWX"
_STAFF = "prn_01JZ4WQ1B2C3D4E5F6G7H8J9KM"
_TYPED_DATA: Mapping[str, Any] | None = None


def _hash(digit: str) -> str:
    return "0x" + digit * 64


def _euros(cents: int) -> Money:
    return Money(cents, _EUR)


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


_CUSTOMER_VIEW = CustomerView(
    id=_CUSTOMER,
    kind="person",
    state="approved",
    custody="bank",
    country="DE",
    merchant=False,
    provider=False,
    account=_ADA,
    customer_ref=_hash("7"),
    tier=2,
    account_status="active",
    kyc_expires_at=_NOW + 63_072_000,
    kyc_lapsed=False,
    personal=Personal(name="Ada Nowak", birth_date="1990-04-12", phone="+4930901820"),
    documents=(DocumentView(_id("doc"), "passport", "9f" * 32, added_at=_NOW, added_by=_STAFF),),
    aliases=("@ada",),
    review_id=None,
    operation=_operation("register", _CUSTOMER),
    created_at=_NOW,
    updated_at=_NOW,
)

_EVENT = EventView(
    block_number=1204,
    block_time=_NOW,
    transaction_hash=_hash("a"),
    transaction_index=0,
    log_index=3,
    contract=_CONTRACT,
    name="PaymentSettled",
    kind="payment",
    account=_ADA,
    counterparty=_SHOP,
    currency="EUR",
    money=_euros(1234),
    order_id=_hash("b"),
    reference=_hash("c"),
    arguments={"orderId": _hash("b"), "payer": _ADA, "payee": _SHOP, "amount": "1234"},
)

_ENTRY = EntryView(
    sequence=17,
    block_number=1204,
    block_time=_NOW,
    transaction_hash=_hash("a"),
    log_index=4,
    kind="payment",
    counterparty=_SHOP,
    change=_euros(-1234),
    balance=_euros(48_766),
    reference=_hash("b"),
    head=_hash("d"),
)

_EXAMPLES: dict[Any, Any] = {
    OperationView: _operation("set_tier", "tier/2", log_index=0),
    Preview: Preview(
        would_settle=True,
        refusal=None,
        headroom={"per_payment": 100_000, "day": 248_766, "month": 1_998_766, "balance": None},
        movements=(Movement(_ADA, _euros(-1234)), Movement(_SHOP, _euros(1234))),
    ),
    CustomerView: _CUSTOMER_VIEW,
    CustomerSummary: CustomerSummary(
        id=_CUSTOMER,
        kind="person",
        state="approved",
        custody="bank",
        country="DE",
        merchant=False,
        provider=False,
        account=_ADA,
        tier=2,
        account_status="active",
        kyc_expires_at=_NOW + 63_072_000,
        created_at=_NOW,
    ),
    ReviewView: ReviewView(
        id=_id("rev"),
        customer_id=_CUSTOMER,
        requested_tier=2,
        state="approved",
        opened_at=_NOW,
        opened_by=_STAFF,
        decided_at=_NOW + 60,
        decided_by="prn_01JZ4WR0ZZYYXXWWVVTTSSRRQQ",
        granted_tier=2,
        kyc_expires_at=_NOW + 63_072_000,
        reason_code=None,
        note=None,
        submitted=None,
        operation=_operation("register", _id("rev")),
    ),
    ChallengeView: ChallengeView(
        id=_id("chl"),
        customer_id=_CUSTOMER,
        account=_ADA,
        typed_data={
            "primaryType": "AccountChallenge",
            "domain": {"name": "Wallet Chain", "version": "1", "chainId": "20260"},
            "types": {"AccountChallenge": [{"name": "account", "type": "address"}]},
            "message": {"account": _ADA},
        },
        expires_at=_NOW + 600,
    ),
    AliasView: AliasView("@ada", _CUSTOMER, _NOW),
    PayeeView: PayeeView(_SHOP, merchant=True, active=True),
    RecoveryView: RecoveryView(
        id=_id("rec"),
        customer_id=_CUSTOMER,
        old_account=_ADA,
        new_account="0x27b1fdb04752bbc536007a920d24acb045561c26",
        state="executed",
        deadline=_NOW + 86_400,
        typed_data=_TYPED_DATA,
        propose_operation=_operation("propose_recovery", _id("rec")),
        execute_operation=_operation("execute_recovery", _id("rec")),
    ),
    HoldingsView: HoldingsView(
        _CUSTOMER, _ADA, (BalanceLine(_euros(50_000), _euros(48_766)),), block_number=1204
    ),
    LimitsView: LimitsView(
        customer_id=_CUSTOMER,
        account=_ADA,
        tier=2,
        per_payment_minor=100_000,
        day_limit_minor=250_000,
        day_used_minor=1234,
        day_frees_at=_NOW + 72_000,
        month_limit_minor=2_000_000,
        month_used_minor=1234,
        month_frees_at=_NOW + 2_160_000,
        balance_limit_minor=1_000_000,
        balance_used_minor=48_766,
    ),
    PrincipalView: PrincipalView(
        id=_STAFF,
        role="operator",
        label="branch 12, desk 3",
        customer_id=None,
        signer_address="0xFB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        grants=(_operation("grant_role", _STAFF),),
        created_at=_NOW,
        disabled_at=None,
    ),
    ApiKeyView: ApiKeyView(
        id=_id("key"),
        principal_id=_STAFF,
        scopes=("*",),
        created_at=_NOW,
        expires_at=_NOW + 7_776_000,
        revoked_at=None,
        replaced_by=None,
        token=None,
    ),
    DepositView: DepositView(
        id=_id("dep"),
        customer_id=_CUSTOMER,
        account=_ADA,
        money=_euros(50_000),
        bank_reference="STMT-2026-03-02/0017",
        proposal_id=_hash("9"),
        state="minted",
        recorded_by=_STAFF,
        recorded_at=_NOW,
        propose_operation=_operation("propose_mint", _id("dep")),
        decide_operation=_operation("approve_mint", _id("dep")),
    ),
    ReservesView: ReservesView(
        "EUR", _euros(45_000_000), _euros(100_000_000), _NOW, _euros(55_000_000)
    ),
    WithdrawalView: WithdrawalView(
        id=_id("wdr"),
        customer_id=_CUSTOMER,
        account=_ADA,
        money=_euros(5000),
        payout_to="DE89370400440532013000",
        state="settled",
        payout_state="due",
        payout_reference=None,
        order_id=_hash("8"),
        reference=_hash("6"),
        deadline=_NOW + 600,
        typed_data=_TYPED_DATA,
        operation=_operation("withdrawal", _id("wdr")),
        payout_operation=None,
        created_at=_NOW,
    ),
    PolicyView: PolicyView(
        version=12,
        block_number=1204,
        tiers=(TierView(2, 100_000, 250_000, 2_000_000, 1_000_000),),
        corridors=(CorridorView("DE", "CN", "review"),),
        currencies=(
            CurrencyView("EUR", _CONTRACT, 2, "1", _euros(10_000_000), _euros(100_000_000)),
        ),
        paused=(),
    ),
    CourtOrderView: CourtOrderView(
        id=_id("crt"),
        from_account=_ADA,
        to_account=_SHOP,
        money=_euros(12_000),
        order_reference="LG Berlin 4 O 112/26",
        order_hash=_hash("4"),
        operation=_operation("court_order", _id("crt")),
        created_at=_NOW,
    ),
    EventView: _EVENT,
    StatementView: StatementView(
        account=_ADA,
        currency="EUR",
        time_from=None,
        time_to=None,
        opening=_euros(50_000),
        closing=_euros(48_766),
        lines=(_ENTRY,),
        next_cursor=None,
        block_number=1204,
    ),
    BalanceView: BalanceView(_ADA, _euros(48_766), 1204, _NOW, 17, _hash("d")),
    SupplyView: SupplyView(
        currency="EUR",
        supply=_euros(45_000_000),
        accounts_total=_euros(45_000_000),
        reserves=_euros(100_000_000),
        reserves_as_of=_NOW,
        covered=True,
        block_number=1204,
    ),
    AccessView: AccessView(
        id=88,
        at=_NOW,
        principal_id=_STAFF,
        role="compliance",
        action="customer",
        customer_id=_CUSTOMER,
        query={},
    ),
    ChainView: ChainView(
        chain_id=20260,
        genesis_hash=_hash("1"),
        indexed_block=1204,
        indexed_hash=_hash("2"),
        indexed_time=_NOW,
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
    examples |= EXAMPLES_COMPLIANCE | EXAMPLES_WEBHOOKS
    return orjson.loads(to_json(examples[view]))
