"""Freeze, unfreeze and close: what compliance does to an account, with a reason on chain."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import account_of, holder_of
from wallet_chain.bank.orders import has_open_orders
from wallet_chain.bank.reasons import read_reason
from wallet_chain.bank.role_calls import RoleCall, accept_call, check_call
from wallet_chain.bank.views import Answer
from wallet_chain.bank.witness import visible_customer
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import AccountClosed, CustomerForgotten, CustomerNotForgettable
from wallet_chain.identity.drafts import StandingDraft
from wallet_chain.identity.showing import show_customer
from wallet_chain.identity.views import CustomerView
from wallet_chain.money import Money, currency_named
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import (
    ChainAccount,
    ChainBalance,
    ChainGift,
    ChainMember,
    ChainOrder,
    ChainPoints,
    ChainProgramme,
    ChainProposal,
    CrossBorderTransfer,
    Customer,
    Deposit,
    Order,
    Quote,
)


def freeze_customer(
    bank: Bank, caller: Caller, ask: Ask, draft: StandingDraft
) -> Answer[CustomerView]:
    """Stop all movements of the account but those ordered by a court.

    Raises NotFound, KycMissing (no account yet), AccountFrozen, AccountClosed, PermissionRefused.
    """
    return _standing_call(bank, caller, ask, draft, "freeze")


def unfreeze_customer(
    bank: Bank, caller: Caller, ask: Ask, draft: StandingDraft
) -> Answer[CustomerView]:
    """Let the account move again. Raises as ``freeze_customer``, and AccountNotFrozen."""
    return _standing_call(bank, caller, ask, draft, "unfreeze")


def _standing_call(
    bank: Bank, caller: Caller, ask: Ask, draft: StandingDraft, function: str
) -> Answer[CustomerView]:
    reason = read_reason(draft.reason_code)

    def check() -> RoleCall:
        with bank.store.reading() as session:
            customer = visible_customer(session, caller, draft.customer_id)
            account = holder_of(session, customer, "customer").account
        call = RoleCall(function, "IdentityRegistry", function, (account, reason))
        check_call(bank, caller, call)
        return call

    def apply(session: Session, call: RoleCall) -> Written:
        operation = accept_call(bank, session, caller, call, draft.customer_id)
        return Written(draft.customer_id, operation.id)

    return write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: show_customer(bank, session, caller, id_),
    )


def close_customer(
    bank: Bank, caller: Caller, ask: Ask, draft: StandingDraft
) -> Answer[CustomerView]:
    """Close the account for good; what is known about the customer is kept.

    Raises NotFound, CustomerNotForgettable (money or open orders remain), AccountFrozen,
    AccountClosed, PermissionRefused.
    """
    reason = read_reason(draft.reason_code)

    def check() -> RoleCall | None:
        with bank.store.reading() as session:
            customer = visible_customer(session, caller, draft.customer_id)
            if customer.state == "forgotten":
                raise CustomerForgotten("This customer was erased, which closed the account.")
            if customer.state == "closed":
                raise AccountClosed("This customer is closed already.")
            require_nothing_left(bank, session, customer)
            call = closing_call(session, customer, reason)
        if call is not None:
            check_call(bank, caller, call)
        return call

    def apply(session: Session, call: RoleCall | None) -> Written:
        customer = visible_customer(session, caller, draft.customer_id)
        require_nothing_left(bank, session, customer)
        customer.updated_at = bank.clock()
        if call is None:
            customer.state = "closed"
            return Written(customer.id)
        operation = accept_call(bank, session, caller, call, customer.id)
        return Written(customer.id, operation.id)

    return write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: show_customer(bank, session, caller, id_),
    )


def closing_call(session: Session, customer: Customer, reason: bytes) -> RoleCall | None:
    """The call that closes the customer's account; None when the chain does not know one."""
    account, standing = account_of(session, customer)
    if standing is None:
        return None
    return RoleCall("close", "IdentityRegistry", "close", (account, reason))


def require_nothing_left(bank: Bank, session: Session, customer: Customer) -> None:
    """Raise CustomerNotForgettable while the customer is owed anything or may still be.

    That is money in an account, an order that may still execute, a deposit that is not issued or
    declined, a withdrawal whose payout is not confirmed, a transfer abroad that is held with the
    customer as its sender, recipient or provider, a gift of the customer's of which something is left,
    and a pool with money in it, free or set aside for points that are still out. Points themselves
    are in nobody's way: they run out.
    """
    left = {
        "balances": _balances(session, customer),
        "open_orders": has_open_orders(bank, session, customer.id),
        "open_deposits": _has_open_deposits(session, customer.id),
        "open_payouts": _has_open_payouts(session, customer.id),
        "held_transfers": _held_transfers(session, customer.id),
        "gifts": _open_gifts(session, customer),
        "pools": _pools(session, customer),
    }
    if any(left.values()):
        what = ", ".join(name.replace("_", " ") for name, value in left.items() if value)
        raise CustomerNotForgettable(
            f"There is something left ({what}). Withdraw the money, let open orders, held transfers"
            " and gifts end, confirm payouts and empty pools first.",
            **left,
        )


def _balances(session: Session, customer: Customer) -> list[dict[str, str]]:
    rows = session.scalars(
        select(ChainBalance)
        .join(ChainAccount, ChainAccount.account == ChainBalance.account)
        .where(ChainAccount.customer_ref == customer.customer_ref, ChainBalance.balance_minor > 0)
        .order_by(ChainBalance.currency)
    )
    return [Money(row.balance_minor, currency_named(row.currency)).to_json() for row in rows]


def _has_open_deposits(session: Session, customer_id: str) -> bool:
    ended = select(ChainProposal.proposal_id).where(ChainProposal.state.in_(("minted", "declined")))
    return (
        session.scalars(
            select(Deposit.id)
            .where(
                Deposit.customer_id == customer_id,
                or_(Deposit.proposal_id.is_(None), Deposit.proposal_id.not_in(ended)),
            )
            .limit(1)
        ).first()
        is not None
    )


def _has_open_payouts(session: Session, customer_id: str) -> bool:
    return (
        session.scalars(
            select(Order.id)
            .join(ChainOrder, ChainOrder.order_id == Order.order_id)
            .where(
                Order.signer_customer_id == customer_id,
                Order.kind == "withdrawal",
                ChainOrder.outcome == "settled",
                ChainOrder.payout_reference.is_(None),
            )
            .limit(1)
        ).first()
        is not None
    )


def _held_transfers(session: Session, customer_id: str) -> list[str]:
    """Transfers whose money is in escrow and would come to this customer, or come back."""
    return list(
        session.scalars(
            select(CrossBorderTransfer.id)
            .join(Quote, Quote.id == CrossBorderTransfer.quote_id)
            .where(
                CrossBorderTransfer.state == "held",
                or_(
                    CrossBorderTransfer.sender_customer_id == customer_id,
                    CrossBorderTransfer.recipient_customer_id == customer_id,
                    Quote.provider_customer_id == customer_id,
                ),
            )
            .order_by(CrossBorderTransfer.id)
            .limit(20)
        )
    )


def _open_gifts(session: Session, customer: Customer) -> list[str]:
    """Order ids of gifts of which something is left, which would come back to the customer."""
    accounts = select(ChainAccount.account).where(
        ChainAccount.customer_ref == customer.customer_ref
    )
    return list(
        session.scalars(
            select(ChainGift.order_id)
            .where(ChainGift.giver.in_(accounts), ChainGift.left_minor > 0)
            .order_by(ChainGift.order_id)
            .limit(20)
        )
    )


def _pools(session: Session, customer: Customer) -> list[int]:
    """The programmes in which the customer has money, or will have again when points run out."""
    accounts = select(ChainAccount.account).where(
        ChainAccount.customer_ref == customer.customer_ref
    )
    pools = session.execute(
        select(ChainProgramme.programme, ChainProgramme.value_denominator, ChainMember.free_parts)
        .join(ChainMember, ChainMember.programme == ChainProgramme.programme)
        .where(ChainMember.account.in_(accounts))
    )
    # Less than a minor unit can't be paid out to anybody.
    free = {programme for programme, parts, held in pools if int(held) >= parts}
    issued = session.scalars(
        select(ChainPoints.programme).where(
            ChainPoints.account.in_(accounts), ChainPoints.issued > 0
        )
    )
    return sorted(free | set(issued))
