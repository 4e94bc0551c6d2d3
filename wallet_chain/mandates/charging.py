"""Charges: a merchant collects what a mandate allows, once a period."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import Holder, holder_of
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.orders import OrderPlan, order_money, place_order, require_funds
from wallet_chain.bank.paging import cut, read_position
from wallet_chain.bank.previews import preview, transfer
from wallet_chain.bank.sides import discreet, outcomes_of, state_of, visible_order
from wallet_chain.bank.signing import take_signature
from wallet_chain.bank.views import Answer, Movement, Page, PageRequest, Preview
from wallet_chain.bank.witness import looking, own_customer, record_look
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.clock import to_iso
from wallet_chain.errors import (
    InsufficientFunds,
    InvalidRequest,
    KindNotAllowed,
    MandateCeilingExceeded,
    MandateEnded,
    MandateNotGranted,
    MandateNotInTime,
    PeriodAlreadyCharged,
    WalletError,
)
from wallet_chain.ledger.contracts import Explanation
from wallet_chain.ledger.hashing import from_hex
from wallet_chain.ledger.typed_data import order_struct
from wallet_chain.ledger.units import MovementKind
from wallet_chain.mandates.drafts import ChargeDraft
from wallet_chain.mandates.granting import require_details, sealed_text
from wallet_chain.mandates.periods import period_at, period_end
from wallet_chain.mandates.showing import UNDER_WAY, charge_views, show_charge
from wallet_chain.mandates.views import ChargeView
from wallet_chain.money import Money
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import ChainMandate, Order


@dataclass(frozen=True, slots=True)
class _Charge:
    mandate: Order
    on_chain: ChainMandate
    merchant: Holder
    period: int
    refusal: WalletError | None
    """What the policy says, as the merchant may hear it."""


def create_charge(bank: Bank, caller: Caller, ask: Ask, draft: ChargeDraft) -> Answer[ChargeView]:
    """Collect money for the present period. Signed at once where the bank keeps the merchant's key;
    else it awaits the merchant's signature.

    Raises NotFound, KindNotAllowed (the caller is not its merchant), MandateNotGranted,
    MandateEnded, MandateNotInTime, PeriodAlreadyCharged, MandateCeilingExceeded, InvalidRequest,
    and what the policy says; of the payer's money and limits only that they do not allow it.
    """

    def check() -> _Charge:
        charge = _prepared(bank, caller, draft)
        if charge.refusal is not None:
            raise charge.refusal
        return charge

    def apply(session: Session, charge: _Charge) -> Written:
        # Two charges for one period at the same time: the second waits here, and sees the first.
        session.get_one(Order, charge.mandate.id, with_for_update=True)
        _require_uncharged(bank, session, charge.mandate, charge.period)
        _require_payers_funds(session, charge.on_chain.payer, draft.money)
        order = place_order(bank, session, caller, ask, _plan(bank, session, draft, charge))
        return Written(order.id, order.operation_id)

    return write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: show_charge(bank, session, caller, id_),
    )


def preview_charge(bank: Bank, caller: Caller, draft: ChargeDraft) -> Preview:
    """What would become of a charge now; it tells nothing of the payer's limits."""

    def check() -> tuple[Explanation, tuple[Movement, ...]]:
        charge = _prepared(bank, caller, draft)
        with bank.store.reading() as session:
            _require_uncharged(bank, session, charge.mandate, charge.period)
            if charge.refusal is None:
                _require_payers_funds(session, charge.on_chain.payer, draft.money)
        sides = (charge.on_chain.payer, charge.merchant.account)
        return Explanation(charge.refusal, {}), transfer(*sides, draft.money)

    return preview(check)


def sign_charge(bank: Bank, caller: Caller, ask: Ask, draft: SignatureDraft) -> Answer[ChargeView]:
    """Hand in the merchant's signature over a charge's typed data. Raises as ``create_charge``."""

    def recheck(order: Order) -> None:
        with bank.store.reading() as session:
            mandate = session.get_one(Order, order.related_id)
            money = order_money(order)
            on_chain = _live(bank, session, mandate, money, int(order.message["period"]))
        refusal = _refusal(bank, on_chain.payer, order.signer_account, money)
        if refusal is not None:
            raise refusal

    def more_arguments(session: Session, order: Order) -> tuple[Any, ...]:
        mandate = session.get_one(Order, order.related_id)
        return (order_struct("mandate", mandate.message),)

    return take_signature(
        bank,
        caller,
        ask,
        draft,
        kind="charge",
        recheck=recheck,
        more_arguments=more_arguments,
        show=lambda session, order: show_charge(bank, session, caller, order.id),
    )


def get_charge(bank: Bank, caller: Caller, charge_id: str) -> ChargeView:
    """A charge; both sides see it. Raises NotFound."""
    with looking(bank, caller) as session:
        return show_charge(bank, session, caller, charge_id)


def list_charges(
    bank: Bank, caller: Caller, mandate_id: str, request: PageRequest
) -> Page[ChargeView]:
    """The charges by a mandate, oldest first. Raises NotFound, CursorInvalid."""
    scope = f"charges/{mandate_id}"
    position = read_position(bank, scope, request)
    with looking(bank, caller) as session:
        mandate = visible_order(session, caller, mandate_id, "mandate")
        customer_id = mandate.signer_customer_id
        record_look(bank, session, caller, "charges", customer_id, {"id": mandate_id})
        statement = select(Order).where(Order.related_id == mandate_id, Order.kind == "charge")
        if position is not None:
            statement = statement.where(Order.id > position[0])
        rows = session.scalars(statement.order_by(Order.id).limit(request.limit + 1)).all()
        views = charge_views(bank, session, caller, rows)
    return cut(bank, scope, request, views, lambda view: view, lambda view: (view.id,))


def _prepared(bank: Bank, caller: Caller, draft: ChargeDraft) -> _Charge:
    require_details(draft.details)
    with bank.store.reading() as session:
        mandate = visible_order(session, caller, draft.mandate_id, "mandate")
        merchant = holder_of(session, own_customer(session, caller), "merchant")
        if mandate.counterparty_customer_id != merchant.customer.id:
            raise KindNotAllowed("Only the mandate's merchant collects by it.")
        on_chain = _live(bank, session, mandate, draft.money, None)
        period = period_at(on_chain.starts_at, on_chain.period_days, bank.clock())
        _require_uncharged(bank, session, mandate, period)
        session.expunge_all()
    refusal = _refusal(bank, on_chain.payer, merchant.account, draft.money)
    return _Charge(mandate, on_chain, merchant, period, refusal)


def _live(
    bank: Bank, session: Session, mandate: Order, money: Money, period: int | None
) -> ChainMandate:
    """The mandate as the chain has it, if it allows to collect this now: what the contract asks, in
    its order. ``period`` is that of a charge that was made before; null: the present one."""
    row = session.get(ChainMandate, mandate.order_id)
    if row is None:
        state = state_of(bank, mandate, outcomes_of(session, [mandate])[mandate.id])
        raise MandateNotGranted(
            f"Mandate {mandate.id} was not granted: it is {state}. Collect once it is active.",
            mandate=mandate.id,
            state=state,
        )
    if row.ended_by is not None:
        raise MandateEnded(
            f"Mandate {mandate.id} was ended; ask the payer for a new one.", mandate=mandate.id
        )
    now = bank.clock()
    if not row.starts_at <= now <= row.ends_at:
        starts_at, ends_at = to_iso(row.starts_at), to_iso(row.ends_at)
        raise MandateNotInTime(
            f"Mandate {mandate.id} holds from {starts_at} to {ends_at}.",
            mandate=mandate.id,
            starts_at=starts_at,
            ends_at=ends_at,
        )
    current = period_at(row.starts_at, row.period_days, now)
    if current < row.next_period or (period is not None and period < row.next_period):
        raise _charged_before(mandate, current)
    if money.currency.code != row.currency:
        raise InvalidRequest(
            f"A mandate is collected in its own currency, {row.currency}.", field="money"
        )
    if money.amount_minor > row.ceiling_minor:
        ceiling = Money(row.ceiling_minor, money.currency)
        raise MandateCeilingExceeded(
            f"Mandate {mandate.id} allows {ceiling} in a period, and {money} is asked for.",
            mandate=mandate.id,
            ceiling=ceiling.decimal,
            asked=money.decimal,
            currency=row.currency,
        )
    return row


def _require_uncharged(bank: Bank, session: Session, mandate: Order, period: int) -> None:
    """The chain knows what was collected; this adds what is on its way."""
    charges = [
        one
        for one in session.scalars(
            select(Order).where(Order.related_id == mandate.id, Order.kind == "charge")
        )
        if int(one.message["period"]) == period
    ]
    outcomes = outcomes_of(session, charges)
    if any(state_of(bank, one, outcomes[one.id]) in (*UNDER_WAY, "settled") for one in charges):
        raise _charged_before(mandate, period)


def _charged_before(mandate: Order, period: int) -> PeriodAlreadyCharged:
    return PeriodAlreadyCharged(
        f"Period {period} of mandate {mandate.id} was collected before; wait for the next one.",
        mandate=mandate.id,
        period=period,
    )


def _require_payers_funds(session: Session, payer: str, money: Money) -> None:
    try:
        require_funds(session, payer, money)
    except InsufficientFunds as refusal:
        raise discreet(refusal) from refusal


def _refusal(bank: Bank, payer: str, merchant: str, money: Money) -> WalletError | None:
    refusal = bank.contracts.refusal_of(
        MovementKind.PAYMENT, payer, merchant, money.currency.code, money.amount_minor
    )
    return None if refusal is None else discreet(refusal)


def _plan(bank: Bank, session: Session, draft: ChargeDraft, charge: _Charge) -> OrderPlan:
    mandate, row, merchant = charge.mandate, charge.on_chain, charge.merchant
    details_hash, sealed = sealed_text(bank, session, merchant.customer.id, draft.details)
    end = min(period_end(row.starts_at, row.period_days, charge.period), row.ends_at)
    return OrderPlan(
        kind="charge",
        id_prefix="chg",
        contract="Mandates",
        signer=merchant.customer,
        account=merchant.account,
        message={
            "mandate": from_hex(mandate.order_id),
            "merchant": merchant.account,
            "currency": draft.money.currency.code,
            "amount": draft.money.amount_minor,
            "period": charge.period,
            "details": details_hash,
            # Later it would be for another period.
            "deadline": min(bank.clock() + bank.settings.order_ttl_seconds, end),
        },
        money=draft.money,
        counterparty_account=row.payer,
        counterparty_customer_id=mandate.signer_customer_id,
        related_id=mandate.id,
        sealed_details=sealed,
        more_arguments=(order_struct("mandate", mandate.message),),
    )
