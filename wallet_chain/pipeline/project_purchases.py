"""Offers and purchases: what was offered and given, how each purchase was settled and taken back."""

from collections.abc import Callable
from typing import Any

from wallet_chain.ledger.events import DecodedEvent
from wallet_chain.ledger.units import NO_LIMIT, OfferKind, word_of
from wallet_chain.pipeline.blocks import Block, Contradiction
from wallet_chain.pipeline.copying import Copy
from wallet_chain.pipeline.project_policy import storable
from wallet_chain.store.tables import (
    ChainOffer,
    ChainOfferUse,
    ChainPurchase,
    ChainPurchaseRefund,
)

_POINTS_MASK = 2**64 - 1


def points_of_lot(word: int) -> int:
    """The points of a lot as the events write it."""
    return word & _POINTS_MASK


def month_of_lot(word: int) -> int:
    """The month at whose end they expire, as the contract counts months."""
    return word >> 64


class _Rows:
    def __init__(self, copy: Copy) -> None:
        self.offers = copy.rows(ChainOffer)
        self.uses = copy.rows(ChainOfferUse)
        self.purchases = copy.rows(ChainPurchase)
        self.refunds = copy.rows(ChainPurchaseRefund)
        self.points: dict[str, dict[str, Any]] = {}
        """What Loyalty says of refunds, before Purchases tells whose they are."""

    def load(self, events: list[DecodedEvent]) -> None:
        """Read what the block may change."""
        used = {e.args["offer"] for e in events if e.name in ("OfferUsed", "OfferGivenBack")}
        self.offers.load(used | {e.args["offer"] for e in events if e.name == "OfferEnded"})
        self.uses.load(used)
        self.purchases.load(e.args["purchase"] for e in events if e.name == "PurchaseRefunded")


def project_purchases(copy: Copy, block: Block) -> None:
    """Write the offers, purchases and refunds that the block made or changed.

    Raises Contradiction for what is said of an offer or a purchase that is not there.
    """
    events = [event for event in block.events if event.name in _APPLY]
    if not events:
        return
    rows = _Rows(copy)
    rows.load(events)
    for event in events:
        _APPLY[event.name](block, rows, event)


def _published(block: Block, rows: _Rows, event: DecodedEvent) -> None:
    (
        merchant,
        kind,
        currency,
        programme,
        minimum,
        amount,
        rate_bps,
        first_purchase,
        combinable,
        starts_at,
        ends_at,
        budget,
        customer_budget,
        *_,
    ) = event.args["offer"]
    rows.offers.set(
        {
            "offer_id": event.args["orderId"],
            "merchant": merchant,
            "kind": word_of(OfferKind(kind)),
            "currency": currency,
            "programme": programme,
            "minimum_minor": storable(minimum),
            "amount": storable(amount),
            "rate_bps": rate_bps,
            "first_purchase": first_purchase,
            "combinable": combinable,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "budget": None if budget == NO_LIMIT else storable(budget),
            "customer_budget": None if customer_budget == NO_LIMIT else storable(customer_budget),
            "used": 0,
            "uses": 0,
            "ended": False,
            "block_number": block.number,
            "ended_block": None,
        }
    )


def _offer_ended(block: Block, rows: _Rows, event: DecodedEvent) -> None:
    offer = _known_offer(rows, event)
    rows.offers.change((offer["offer_id"],), ended=True, ended_block=block.number)


def _given(sign: int) -> Callable[[Block, _Rows, DecodedEvent], None]:
    def apply(_: Block, rows: _Rows, event: DecodedEvent) -> None:
        offer = _known_offer(rows, event)
        uses = offer["uses"] + 1 if sign > 0 else offer["uses"]
        rows.offers.change((offer["offer_id"],), used=storable(event.args["used"]), uses=uses)
        if offer["customer_budget"] is None:
            return
        key = (offer["offer_id"], event.args["customer"])
        row = rows.uses.get(*key) or {"offer_id": key[0], "customer": key[1], "used": 0}
        rows.uses.set(row | {"used": storable(row["used"] + sign * event.args["amount"])})

    return apply


def _known_offer(rows: _Rows, event: DecodedEvent) -> dict[str, Any]:
    row = rows.offers.get(event.args["offer"])
    if row is None:
        raise Contradiction(
            f"Transaction {event.transaction_hash}: {event.name} of offer {event.args['offer']},"
            " which was never published."
        )
    return row


def _settled(block: Block, rows: _Rows, event: DecodedEvent) -> None:
    args = event.args
    reduction, percentage, points_minor, cash, bonus, earned, month, lots = args["settlement"]
    rows.purchases.set(
        {
            "order_id": args["orderId"],
            "payer": args["payer"],
            "merchant": args["merchant"],
            "invoice": args["invoice"],
            "currency": args["currency"],
            "gross_minor": storable(args["gross"]),
            "programme": args["programme"],
            "reduction_minor": storable(reduction),
            "percentage_minor": storable(percentage),
            "points_minor": points_minor,
            "cash_minor": cash,
            "points": storable(sum(points_of_lot(lot) for lot in lots)),
            "bonus": bonus,
            "earned": earned,
            "expiry_month": month,
            "lots": [str(lot) for lot in lots],
            "refunded_minor": 0,
            "refunded_cash_minor": 0,
            "refunded_points": 0,
            "gone": 0,
            **_place(block, event),
        }
    )


def _points_of_refund(_: Block, rows: _Rows, event: DecodedEvent) -> None:
    args = event.args
    said = rows.points.setdefault(args["orderId"], dict(_NO_POINTS))
    if event.name == "PointsTakenBack":
        said |= {"taken_back": args["points"], "gone": args["gone"]}
    else:
        said |= {
            "deposited_minor": args["amount"],
            "postponed": storable(args["postponed"]),
            "restored_lots": [str(lot) for lot in args["lots"]],
        }


_NO_POINTS: dict[str, Any] = {
    "deposited_minor": 0,
    "postponed": 0,
    "restored_lots": [],
    "taken_back": 0,
    "gone": 0,
}


def _refunded(block: Block, rows: _Rows, event: DecodedEvent) -> None:
    args = event.args
    points = rows.points.get(args["orderId"], _NO_POINTS)
    purchase = rows.purchases.get(args["purchase"])
    if purchase is None:
        raise Contradiction(
            f"Transaction {event.transaction_hash}: a refund of purchase {args['purchase']}, which"
            " never settled."
        )
    rows.refunds.set(
        points
        | {
            "order_id": args["orderId"],
            "purchase": args["purchase"],
            "merchant": args["merchant"],
            "payer": args["payer"],
            "currency": args["currency"],
            "amount_minor": storable(args["amount"]),
            "money_minor": args["money"],
            "compensation_minor": args["compensation"],
            "restored": storable(args["restored"]),
            **_place(block, event),
        }
    )
    rows.purchases.change(
        (args["purchase"],),
        refunded_minor=storable(args["refundedTotal"]),
        refunded_cash_minor=purchase["refunded_cash_minor"] + args["money"],
        refunded_points=storable(purchase["refunded_points"] + args["restored"]),
        gone=purchase["gone"] + points["gone"],
    )


def _place(block: Block, event: DecodedEvent) -> dict[str, Any]:
    return {
        "block_number": block.number,
        "block_time": block.time,
        "log_index": event.log_index,
        "transaction_hash": event.transaction_hash,
    }


_APPLY: dict[str, Callable[[Block, _Rows, DecodedEvent], None]] = {
    "OfferPublished": _published,
    "OfferEnded": _offer_ended,
    "OfferUsed": _given(1),
    "OfferGivenBack": _given(-1),
    "PurchaseSettled": _settled,
    "PointsTakenBack": _points_of_refund,
    "PointsRestored": _points_of_refund,
    "PurchaseRefunded": _refunded,
}
