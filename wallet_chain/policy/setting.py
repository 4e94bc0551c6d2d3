"""Changing the rules: each change is a call on chain with an administrator's key."""

from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.receipts import operation_view
from wallet_chain.bank.role_calls import RoleCall, accept_call, check_call
from wallet_chain.bank.views import Answer, OperationView
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.countries import country_number
from wallet_chain.errors import InvalidRequest, TierInvalid
from wallet_chain.ledger.units import NO_LIMIT, Corridor, Switch, currency_bytes
from wallet_chain.money import currency_named
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.policy.drafts import (
    CapsDraft,
    CorridorDraft,
    PriceDraft,
    SwitchDraft,
    TierDraft,
)
from wallet_chain.policy.prices import read_price
from wallet_chain.store.tables import Operation

TIERS = (1, 2, 3, 4)


def set_tier(bank: Bank, caller: Caller, ask: Ask, draft: TierDraft) -> Answer[OperationView]:
    """Set a tier's limits. Raises TierInvalid, ConfigurationRefused, PermissionRefused."""
    if draft.tier not in TIERS:
        raise TierInvalid(f"There is no tier {draft.tier}; tiers are 1 to 4.", tier=draft.tier)
    limits = (
        _limit(draft.per_payment_minor, "per_payment_minor"),
        _limit(draft.day_minor, "day_minor"),
        _limit(draft.month_minor, "month_minor"),
        _limit(draft.balance_minor, "balance_minor"),
    )
    call = RoleCall("tier_limits", "TransferPolicy", "setTierLimits", (draft.tier, limits))
    return _set(bank, caller, ask, call, f"tier/{draft.tier}")


def set_corridor(
    bank: Bank, caller: Caller, ask: Ask, draft: CorridorDraft
) -> Answer[OperationView]:
    """Open, close or mark for review the way from one country to another.

    Raises UnknownCountry, InvalidRequest, PermissionRefused.
    """
    if draft.status.upper() not in Corridor.__members__:
        raise InvalidRequest("status is open, review or closed.", field="status")
    pair = (country_number(draft.from_country), country_number(draft.to_country))
    state = int(Corridor[draft.status.upper()])
    call = RoleCall("corridor", "TransferPolicy", "setCorridor", (*pair, state))
    return _set(bank, caller, ask, call, f"corridor/{pair[0]}/{pair[1]}")


def set_price(bank: Bank, caller: Caller, ask: Ask, draft: PriceDraft) -> Answer[OperationView]:
    """Set what a currency is worth in the reference currency, for counting limits.

    A price may move between half and twice its anchor; with ``anchor`` the anchor itself moves.
    Raises UnknownCurrency, InvalidRequest, ConfigurationRefused, PermissionRefused.
    """
    currency = currency_named(draft.currency)
    bank.contracts.address(currency.code)
    function = "setPriceAnchor" if draft.anchor else "setPrice"
    arguments = (currency_bytes(currency.code), read_price(draft.price, currency))
    call = RoleCall("price", "TransferPolicy", function, arguments)
    return _set(bank, caller, ask, call, f"price/{currency.code}")


def set_caps(bank: Bank, caller: Caller, ask: Ask, draft: CapsDraft) -> Answer[OperationView]:
    """Set the most that may be minted in one proposal and in any 24 hours.

    Raises UnknownCurrency, InvalidRequest, ConfigurationRefused, PermissionRefused.
    """
    currency = currency_named(draft.currency)
    bank.contracts.address(currency.code)
    if {draft.per_mint.currency, draft.per_day.currency} != {currency}:
        raise InvalidRequest(f"The caps of {currency.code} are in {currency.code}.", field="caps")
    amounts = (draft.per_mint.amount_minor, draft.per_day.amount_minor)
    call = RoleCall("caps", "Issuance", "setCaps", (currency_bytes(currency.code), *amounts))
    return _set(bank, caller, ask, call, f"caps/{currency.code}")


def set_switch(bank: Bank, caller: Caller, ask: Ask, draft: SwitchDraft) -> Answer[OperationView]:
    """Pause or resume. Raises InvalidRequest, ConfigurationRefused (it is so already),
    PermissionRefused."""
    if draft.switch.upper() not in Switch.__members__:
        names = ", ".join(name.lower() for name in Switch.__members__)
        raise InvalidRequest(f"switch is one of {names}.", field="switch")
    function = "pause" if draft.paused else "unpause"
    switch = int(Switch[draft.switch.upper()])
    call = RoleCall(function, "TransferPolicy", function, (switch,))
    return _set(bank, caller, ask, call, f"switch/{draft.switch.lower()}")


def _set(
    bank: Bank, caller: Caller, ask: Ask, call: RoleCall, setting: str
) -> Answer[OperationView]:
    def apply(session: Session, _: None) -> Written:
        operation = accept_call(bank, session, caller, call, setting)
        return Written(operation.id, operation.id)

    return write_once(
        bank,
        caller,
        ask,
        check=lambda: check_call(bank, caller, call),
        apply=apply,
        show=lambda session, id_: operation_view(session.get_one(Operation, id_)),
    )


def _limit(amount_minor: int | None, field: str) -> int:
    if amount_minor is None:
        return NO_LIMIT
    if not 0 <= amount_minor < NO_LIMIT:
        raise InvalidRequest(f"{field} is no amount; null means without limit.", field=field)
    return amount_minor
