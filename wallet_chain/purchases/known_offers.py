"""Offers by the ids that callers use, and of which merchant they are."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.errors import InvalidRequest, OfferUnknown
from wallet_chain.ledger.hashing import ZERO_HASH
from wallet_chain.purchases.terms import SLOTS
from wallet_chain.store.tables import ChainAccount, ChainOffer, Order

_SLOT_OF_KIND = {"reduction": "reduction", "percentage": "percentage", "points": "bonus"}


def slot_of(offer: ChainOffer) -> str:
    """The offer's place in a purchase order."""
    return _SLOT_OF_KIND[offer.kind]


def offers_named(session: Session, ids: Sequence[str]) -> list[ChainOffer]:
    """Published offers by ``off_...`` or by their id on chain. Raises OfferUnknown."""
    found = []
    for text in ids:
        offer_id: str | None = text.lower()
        if text.startswith("off_"):
            order = session.get(Order, text)
            offer_id = order.order_id if order is not None and order.kind == "offer" else None
        row = None if offer_id is None else session.get(ChainOffer, offer_id)
        if row is None:
            raise OfferUnknown(
                f"There is no published offer {text}; leave it out, or look for those of the"
                " merchant with GET /v1/offers.",
                offer=text,
            )
        found.append(row)
    return found


def in_slots(offers: Iterable[ChainOffer]) -> dict[str, str]:
    """The offers by their place in a purchase order, zero where there is none.

    Raises InvalidRequest when two are of one kind.
    """
    slots = dict.fromkeys(SLOTS, ZERO_HASH)
    for offer in offers:
        if slots[slot_of(offer)] != ZERO_HASH:
            raise InvalidRequest(
                f"A purchase takes one offer of each kind at most; name one {offer.kind}.",
                field="offers",
            )
        slots[slot_of(offer)] = offer.offer_id
    return slots


def public_ids(session: Session, offer_ids: Iterable[str]) -> dict[str, str]:
    """``off_...`` by the id on chain, for those that were published here."""
    rows = session.execute(
        select(Order.order_id, Order.id).where(
            Order.order_id.in_(list(offer_ids)), Order.kind == "offer"
        )
    )
    return {row[0]: row[1] for row in rows}


def all_accounts(session: Session, account: str) -> list[str]:
    """Every account of the one to whom this account belongs: keys are replaced, offers stay."""
    row = session.get(ChainAccount, account)
    if row is None:
        return [account]
    statement = select(ChainAccount.account).where(ChainAccount.customer_ref == row.customer_ref)
    return list(session.scalars(statement))
