"""What a customer holds, and what its tier still allows."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import account_of, holder_of
from wallet_chain.bank.orders import pending_minor
from wallet_chain.bank.witness import looking, record_look, visible_customer
from wallet_chain.identity.views import BalanceLine, HoldingsView, LimitsView
from wallet_chain.ledger.units import REFERENCE_CURRENCY, MovementKind
from wallet_chain.money import Money, currency_named
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import ChainBalance, ChainCursor


def get_balances(bank: Bank, caller: Caller, customer_id: str) -> HoldingsView:
    """What the customer holds in each currency, as of the last indexed block. Raises NotFound."""
    with looking(bank, caller) as session:
        customer = visible_customer(session, caller, customer_id)
        record_look(bank, session, caller, "balances", customer_id)
        account, _ = account_of(session, customer)
        cursor = session.scalars(select(ChainCursor)).first()
        return HoldingsView(
            customer_id=customer_id,
            account=account,
            balances=() if account is None else _lines(session, account),
            block_number=0 if cursor is None else cursor.number,
        )


def get_limits(bank: Bank, caller: Caller, customer_id: str) -> LimitsView:
    """The limits of the customer's tier and what is used of them, as the chain counts now.

    Raises NotFound and KycMissing.
    """
    with looking(bank, caller) as session:
        customer = visible_customer(session, caller, customer_id)
        record_look(bank, session, caller, "limits", customer_id)
        holder = holder_of(session, customer, "customer")
        account, tier = holder.account, holder.standing.tier
    # A payment to itself is refused, but its headroom shows both sides of the account's limits.
    room = bank.contracts.explain(
        MovementKind.PAYMENT, account, account, REFERENCE_CURRENCY, 1
    ).headroom
    return LimitsView(
        customer_id=customer_id,
        account=account,
        tier=tier,
        per_payment_minor=room["per_payment"],
        day_limit_minor=room["day_limit"],
        day_used_minor=room["day_used"] or 0,
        day_frees_at=room["day_frees_at"] or None,
        month_limit_minor=room["month_limit"],
        month_used_minor=room["month_used"] or 0,
        month_frees_at=room["month_frees_at"] or None,
        balance_limit_minor=room["balance_limit"],
        balance_used_minor=room["balance_used"] or 0,
    )


def _lines(session: Session, account: str) -> tuple[BalanceLine, ...]:
    rows = session.scalars(
        select(ChainBalance).where(ChainBalance.account == account).order_by(ChainBalance.currency)
    )
    lines = []
    for row in rows:
        currency = currency_named(row.currency)
        pending = pending_minor(session, account, row.currency)
        lines.append(
            BalanceLine(
                balance=Money(row.balance_minor, currency),
                available=Money(max(row.balance_minor - pending, 0), currency),
            )
        )
    return tuple(lines)
