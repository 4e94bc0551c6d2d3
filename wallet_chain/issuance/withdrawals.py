"""Withdrawals: the holder signs a redemption order, the chain burns, the bank pays out."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import Holder, holder_of
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.orders import OrderPlan, order_money, place_order, require_funds
from wallet_chain.bank.previews import preview
from wallet_chain.bank.references import read_reference
from wallet_chain.bank.signing import take_signature
from wallet_chain.bank.views import Answer, Movement, Preview
from wallet_chain.bank.witness import own_customer
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.issuance.drafts import WithdrawalDraft
from wallet_chain.issuance.views import WithdrawalView
from wallet_chain.issuance.withdrawal_views import show_withdrawal
from wallet_chain.ledger.contracts import Explanation
from wallet_chain.ledger.hashing import ZERO_ADDRESS
from wallet_chain.ledger.units import MovementKind
from wallet_chain.money import Money
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import Order


@dataclass(frozen=True, slots=True)
class _Prepared:
    holder: Holder
    payout_to: str
    explanation: Explanation


def create_withdrawal(
    bank: Bank, caller: Caller, ask: Ask, draft: WithdrawalDraft
) -> Answer[WithdrawalView]:
    """Take money out of the wallet of the caller's customer, to be paid out by the bank.

    Raises NotFound, KycMissing, InvalidRequest, InsufficientFunds, and what the policy says.
    """

    def check() -> _Prepared:
        prepared = _prepared(bank, caller, draft)
        if prepared.explanation.refusal is not None:
            raise prepared.explanation.refusal
        return prepared

    def apply(session: Session, prepared: _Prepared) -> Written:
        require_funds(session, prepared.holder.account, draft.money)
        plan = _plan(bank, session, prepared, draft.money)
        order = place_order(bank, session, caller, ask, plan)
        return Written(order.id, order.operation_id)

    return write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: show_withdrawal(bank, session, caller, id_),
    )


def preview_withdrawal(bank: Bank, caller: Caller, draft: WithdrawalDraft) -> Preview:
    """What would become of a withdrawal now."""

    def check() -> tuple[Explanation, tuple[Movement, ...]]:
        prepared = _prepared(bank, caller, draft)
        account = prepared.holder.account
        if prepared.explanation.refusal is None:
            with bank.store.reading() as session:
                require_funds(session, account, draft.money)
        burned = Money(-draft.money.amount_minor, draft.money.currency)
        return prepared.explanation, (Movement(account, burned),)

    return preview(check)


def sign_withdrawal(
    bank: Bank, caller: Caller, ask: Ask, draft: SignatureDraft
) -> Answer[WithdrawalView]:
    """Hand in the holder's signature over a withdrawal's typed data.

    Raises NotFound, SignatureNotAwaited, OrderExpired, SignatureInvalid, and what the policy says
    now.
    """

    def recheck(order: Order) -> None:
        refusal = _explain(bank, order.signer_account, order_money(order)).refusal
        if refusal is not None:
            raise refusal

    return take_signature(
        bank,
        caller,
        ask,
        draft,
        kind="withdrawal",
        recheck=recheck,
        more_arguments=lambda _session, _order: (),
        show=lambda session, order: show_withdrawal(bank, session, caller, order.id),
    )


def _prepared(bank: Bank, caller: Caller, draft: WithdrawalDraft) -> _Prepared:
    payout_to = read_reference(draft.payout_to, "payout_to")
    with bank.store.reading() as session:
        holder = holder_of(session, own_customer(session, caller), "payer")
    return _Prepared(holder, payout_to, _explain(bank, holder.account, draft.money))


def _explain(bank: Bank, account: str, money: Money) -> Explanation:
    return bank.contracts.explain(
        MovementKind.REDEMPTION, account, ZERO_ADDRESS, money.currency.code, money.amount_minor
    )


def _plan(bank: Bank, session: Session, prepared: _Prepared, money: Money) -> OrderPlan:
    customer = prepared.holder.customer
    payout_hash, sealed = bank.personal.salted_hash(session, customer.id, prepared.payout_to)
    return OrderPlan(
        kind="withdrawal",
        id_prefix="wdr",
        contract="Issuance",
        signer=customer,
        account=prepared.holder.account,
        message={
            "account": prepared.holder.account,
            "currency": money.currency.code,
            "amount": money.amount_minor,
            "payout": payout_hash,
        },
        money=money,
        sealed_details=sealed,
    )
