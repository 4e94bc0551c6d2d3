"""What is in a bank's database, in numbers: equal before and after whatever was refused."""

from typing import Any

from sqlalchemy import func, select

from wallet_chain.pipeline.digest import state_digest
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import (
    Alias,
    ApiKey,
    Beneficiary,
    Challenge,
    Customer,
    Deposit,
    Document,
    NameCheck,
    Operation,
    Order,
    OrderNonce,
    Payout,
    Principal,
    Recovery,
    Request,
    Review,
    ScreeningEntry,
    ScreeningList,
    SignerKey,
    TravelRuleRecord,
)

WRITTEN = (Alias, ApiKey, Challenge, Customer, Deposit, Document, Operation, Order, OrderNonce)
WRITTEN += (Payout, Principal, Recovery, Request, Review, SignerKey)
WRITTEN += (Beneficiary, NameCheck, ScreeningEntry, ScreeningList, TravelRuleRecord)


def contents_of(store: Store) -> dict[str, Any]:
    """How many rows there are of what verbs write, and the digest of the copy of the chain."""
    with store.reading() as session:
        counts: dict[str, Any] = {
            table.__tablename__: session.scalar(select(func.count()).select_from(table))
            for table in WRITTEN
        }
        return counts | {"digest": state_digest(session)}
