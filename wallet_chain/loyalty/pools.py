"""Pools, and how points are earned: orders that whoever pays for points signs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import Holder, holder_of
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.orders import OrderPlan, place_order, require_funds
from wallet_chain.bank.payees import find_payee
from wallet_chain.bank.previews import preview, transfer
from wallet_chain.bank.signing import take_signature
from wallet_chain.bank.views import Answer, Movement, Preview
from wallet_chain.bank.witness import own_customer
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import InvalidRequest, ProgrammeMismatch
from wallet_chain.ledger.contracts import Explanation
from wallet_chain.ledger.hashing import ZERO_HASH, from_hex
from wallet_chain.ledger.units import MovementKind, currency_bytes
from wallet_chain.loyalty.asking import require_possible
from wallet_chain.loyalty.drafts import EarningDraft, PoolDraft
from wallet_chain.loyalty.known import NUMBER_MAX, Programme, programme_on_chain
from wallet_chain.loyalty.showing import show_programme_order, visible_programme_order
from wallet_chain.loyalty.views import ProgrammeOrderView
from wallet_chain.money import Money
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import Order

_DESK_FUNCTIONS = {"pool_deposit": "deposit", "pool_withdrawal": "withdraw"}


@dataclass(frozen=True, slots=True)
class _Prepared:
    """An order that the contract would take now."""

    kind: str
    programme: Programme
    holder: Holder
    message: dict[str, Any]
    money: Money | None


def deposit(bank: Bank, caller: Caller, ask: Ask, draft: PoolDraft) -> Answer[ProgrammeOrderView]:
    """Put money of the caller's into its pool, to pay for points.

    Raises NotFound, ProgrammeUnknown, ProgrammeClosed, ProgrammeMismatch (another currency),
    NotProgrammePayer, KycMissing, InsufficientFunds, and what the policy says.
    """
    return _place(bank, caller, ask, lambda: _prepared_pool(bank, caller, draft, "pool_deposit"))


def withdraw(bank: Bank, caller: Caller, ask: Ask, draft: PoolDraft) -> Answer[ProgrammeOrderView]:
    """Take out of the caller's pool what is not set aside for points.

    Raises NotFound, ProgrammeUnknown, ProgrammeMismatch, PoolInsufficient, KycMissing, and what the
    policy says.
    """
    return _place(bank, caller, ask, lambda: _prepared_pool(bank, caller, draft, "pool_withdrawal"))


def preview_deposit(bank: Bank, caller: Caller, draft: PoolDraft) -> Preview:
    """What would become of a deposit now."""
    return _preview(bank, caller, draft, "pool_deposit")


def preview_withdrawal(bank: Bank, caller: Caller, draft: PoolDraft) -> Preview:
    """What would become of a withdrawal now."""
    return _preview(bank, caller, draft, "pool_withdrawal")


def set_earning(
    bank: Bank, caller: Caller, ask: Ask, draft: EarningDraft
) -> Answer[ProgrammeOrderView]:
    """Say how many points are earned at a merchant, out of the caller's pool.

    Raises InvalidRequest, NotFound, ProgrammeUnknown, ProgrammeClosed, ProgrammeMismatch, PayeeUnknown,
    InvalidAddress, NotProgrammePayer, MerchantNotInProgramme, EarningTooHigh (points would be worth
    more than what is paid), KycMissing.
    """
    if not 0 <= draft.points <= NUMBER_MAX:
        raise InvalidRequest(f"points is 0 to {NUMBER_MAX}.", field="points")
    if draft.per.amount_minor > NUMBER_MAX:
        raise InvalidRequest("per is too large; name fewer points for less.", field="per")
    return _place(bank, caller, ask, lambda: _prepared_earning(bank, caller, draft))


def sign_programme_order(
    bank: Bank, caller: Caller, ask: Ask, draft: SignatureDraft
) -> Answer[ProgrammeOrderView]:
    """Hand in the signature over an order's typed data.

    Raises NotFound, SignatureNotAwaited, OrderExpired, SignatureInvalid, and what the contract says
    now.
    """
    with bank.store.reading() as session:
        kind = visible_programme_order(session, caller, draft.resource_id).kind

    def recheck(order: Order) -> None:
        with bank.store.reading() as session:
            programme = programme_on_chain(session, str(order.message["programme"]))
        _ask(bank, programme, order.kind, order.message)

    return take_signature(
        bank,
        caller,
        ask,
        draft,
        kind=kind,
        recheck=recheck,
        more_arguments=lambda _session, _order: (),
        show=lambda session, order: show_programme_order(bank, session, caller, order.id),
    )


def _place(
    bank: Bank, caller: Caller, ask: Ask, check: Callable[[], _Prepared]
) -> Answer[ProgrammeOrderView]:
    def apply(session: Session, prepared: _Prepared) -> Written:
        if prepared.kind == "pool_deposit" and prepared.money is not None:
            require_funds(session, prepared.holder.account, prepared.money)
        order = place_order(bank, session, caller, ask, _plan(prepared))
        return Written(order.id, order.operation_id)

    return write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: show_programme_order(bank, session, caller, id_),
    )


def _preview(bank: Bank, caller: Caller, draft: PoolDraft, kind: str) -> Preview:
    def check() -> tuple[Explanation, tuple[Movement, ...]]:
        prepared = _prepared_pool(bank, caller, draft, kind)
        account, loyalty = prepared.holder.account, bank.contracts.address("Loyalty")
        sides, way = (account, loyalty), MovementKind.ESCROW_IN
        if kind == "pool_withdrawal":
            sides, way = (loyalty, account), MovementKind.ESCROW_RETURN
        else:
            with bank.store.reading() as session:
                require_funds(session, account, draft.money)
        currency, minor = draft.money.currency.code, draft.money.amount_minor
        return bank.contracts.explain(way, *sides, currency, minor), transfer(*sides, draft.money)

    return preview(check)


def _prepared_pool(bank: Bank, caller: Caller, draft: PoolDraft, kind: str) -> _Prepared:
    with bank.store.reading() as session:
        programme = programme_on_chain(session, draft.programme)
        holder = holder_of(session, own_customer(session, caller), "merchant")
    message = {
        "programme": programme.number,
        "account": holder.account,
        "currency": draft.money.currency.code,
        "amount": draft.money.amount_minor,
    }
    _ask(bank, programme, kind, message)
    return _Prepared(kind, programme, holder, message, draft.money)


def _prepared_earning(bank: Bank, caller: Caller, draft: EarningDraft) -> _Prepared:
    with bank.store.reading() as session:
        programme = programme_on_chain(session, draft.programme)
        holder = holder_of(session, own_customer(session, caller), "merchant")
        merchant = holder.account
        if draft.merchant is not None:
            merchant = find_payee(bank, session, draft.merchant).account
    if draft.per.currency.code != programme.chain.currency:
        raise ProgrammeMismatch(
            f"Points of programme {programme.number} are earned for {programme.chain.currency}.",
            programme=programme.number,
            asked_currency=draft.per.currency.code,
        )
    message = {
        "programme": programme.number,
        "account": holder.account,
        "merchant": merchant,
        "points": draft.points,
        "perMinor": draft.per.amount_minor,
    }
    _ask(bank, programme, "earning", message)
    return _Prepared("earning", programme, holder, message, None)


def _ask(bank: Bank, programme: Programme, kind: str, message: Any) -> None:
    """Raise what the contract would refuse the order with now."""
    if kind == "earning":
        fields = (message["account"], message["merchant"])
        numbers = (int(message["points"]), int(message["perMinor"]))
        require_possible(bank, programme, "setEarning", programme.number, *fields, *numbers)
        return
    require_possible(
        bank,
        programme,
        _DESK_FUNCTIONS[kind],
        programme.number,
        message["account"],
        currency_bytes(message["currency"]),
        int(message["amount"]),
        from_hex(ZERO_HASH),
    )


def _plan(prepared: _Prepared) -> OrderPlan:
    return OrderPlan(
        kind=prepared.kind,
        id_prefix="pgo",
        contract="LoyaltyDesk",
        signer=prepared.holder.customer,
        account=prepared.holder.account,
        message=prepared.message,
        money=prepared.money,
    )
