"""How signed orders ended: settled, rejected or cancelled.

A transfer that is held is a settled order: it has done what it can, and its money is in escrow.
"""

from collections.abc import Callable, Mapping
from typing import Any

from wallet_chain.ledger.events import DecodedEvent
from wallet_chain.ledger.hashing import ZERO_ADDRESS, ZERO_HASH, from_hex
from wallet_chain.pipeline.blocks import Block, Contradiction
from wallet_chain.pipeline.copying import Copy
from wallet_chain.pipeline.order_facts import batch_items, order_facts
from wallet_chain.pipeline.project_policy import storable
from wallet_chain.pipeline.touched_rows import TouchedRows
from wallet_chain.store.tables import ChainOrder

_UNKNOWN_KIND = "order"
"""Where the event does not tell: a payment or refund that was cancelled, or that was voided by a
batch which another contract called."""


def project_orders(copy: Copy, block: Block, signers: Mapping[str, str]) -> list[dict[str, Any]]:
    """Write how the block's orders ended; answers with the rows of those that ended in it.

    ``signers`` says who signed each recall and each claim of a gift, which their events do not.
    """
    events = [event for event in block.events if event.name in _APPLY]
    if not events:
        return []
    orders = copy.rows(ChainOrder)
    named = _order_ids(events)
    orders.load(named)
    for event in events:
        _APPLY[event.name](block, orders, event)
    for order_id, signer in signers.items():
        orders.change((order_id,), signer=signer)
    rows = [row for order_id in named if (row := orders.get(order_id)) is not None]
    return [row for row in rows if row["block_number"] == block.number]


def _order_ids(events: list[DecodedEvent]) -> list[str]:
    names = ("orderId", "payment", "purchase", "cancellation", "recall")
    found = (event.args[name] for event in events for name in names if name in event.args)
    return list(dict.fromkeys(found))


def _ended(block: Block, event: DecodedEvent, kind: str, signer: str) -> dict[str, Any]:
    reference = event.args.get("reference")
    return {
        "order_id": event.args["orderId"],
        "outcome": "settled",
        "kind": kind,
        "contract": event.address,
        "signer": signer,
        "nonce": str(event.args["nonce"]) if "nonce" in event.args else None,
        "reference": None if reference == ZERO_HASH else reference,
        "block_number": block.number,
        "log_index": event.log_index,
        "transaction_hash": event.transaction_hash,
        "reason": None,
        "refunded_minor": 0,
        "payout_reference": None,
    }


def _settled(block: Block, orders: TouchedRows, event: DecodedEvent) -> None:
    # A cancellation may name an order whose nonce it does not hold; execution is what counts.
    orders.set(_ended(block, event, "payment", event.args["payer"]))


def _refunded(block: Block, orders: TouchedRows, event: DecodedEvent) -> None:
    orders.set(_ended(block, event, "refund", event.args["from"]))
    payment = event.args["payment"]
    _require(orders, payment, event)
    orders.change((payment,), refunded_minor=event.args["refundedTotal"])


def _redeemed(block: Block, orders: TouchedRows, event: DecodedEvent) -> None:
    orders.set(_ended(block, event, "withdrawal", event.args["account"]))


def _paid_out(_block: Block, orders: TouchedRows, event: DecodedEvent) -> None:
    order_id = event.args["orderId"]
    _require(orders, order_id, event)
    orders.change((order_id,), payout_reference=event.args["payoutReference"])


def _exchanged(block: Block, orders: TouchedRows, event: DecodedEvent) -> None:
    orders.set(_ended(block, event, "transfer", event.args["sender"]))


def _recalled(block: Block, orders: TouchedRows, event: DecodedEvent) -> None:
    row = _ended(block, event, "recall", ZERO_ADDRESS)
    orders.set(row | {"order_id": event.args["recall"]})


def _rejected(block: Block, orders: TouchedRows, event: DecodedEvent) -> None:
    row = _ended(block, event, _kind_in_batch(block, event), event.args["signer"])
    orders.set(row | {"outcome": "rejected", "reason": event.args["reason"]})


def _cancelled(block: Block, orders: TouchedRows, event: DecodedEvent) -> None:
    cancellation = _ended(block, event, "cancellation", event.args["signer"])
    orders.set(cancellation | {"order_id": event.args["cancellation"]})
    # What executed before stays executed, whatever a later cancellation says; but one that named an
    # order in vain must not stand in the way of the one that voids it.
    named = orders.get(event.args["orderId"])
    if named is None or named["outcome"] == "cancelled":
        kind = "withdrawal" if event.contract == "Issuance" else _UNKNOWN_KIND
        row = _ended(block, event, kind, event.args["signer"])
        orders.set(row | {"outcome": "cancelled"})


def _plain(kind: str, signer: str) -> Callable[[Block, TouchedRows, DecodedEvent], None]:
    """An order that its event tells all about; ``signer`` is the argument with who signed it."""

    def apply(block: Block, orders: TouchedRows, event: DecodedEvent) -> None:
        orders.set(_ended(block, event, kind, event.args[signer]))

    return apply


def _claimed(block: Block, orders: TouchedRows, event: DecodedEvent) -> None:
    orders.set(_ended(block, event, "claim", ZERO_ADDRESS))


def _purchase_refunded(block: Block, orders: TouchedRows, event: DecodedEvent) -> None:
    orders.set(_ended(block, event, "purchase_refund", event.args["merchant"]))
    purchase = event.args["purchase"]
    _require(orders, purchase, event)
    orders.change((purchase,), refunded_minor=storable(event.args["refundedTotal"]))


def _require(orders: TouchedRows, order_id: str, event: DecodedEvent) -> None:
    if orders.get(order_id) is None:
        raise Contradiction(
            f"Transaction {event.transaction_hash}: {event.name} for order {order_id}, which never"
            " settled."
        )


def _kind_in_batch(block: Block, event: DecodedEvent) -> str:
    """The kind of a voided order, which its event does not tell, from the batch that carried it."""
    transaction = block.transactions[event.transaction_index]
    for target, data in batch_items(from_hex(transaction["input"])):
        facts = order_facts(data) if target == event.address else None
        if facts and (facts.signer, facts.nonce) == (event.args["signer"], event.args["nonce"]):
            return facts.kind
    return _UNKNOWN_KIND


_APPLY: dict[str, Callable[[Block, TouchedRows, DecodedEvent], None]] = {
    "PaymentSettled": _settled,
    "PaymentRefunded": _refunded,
    "TransferSettled": _exchanged,
    "TransferHeld": _exchanged,
    "TransferRecalled": _recalled,
    "Redeemed": _redeemed,
    "EarningSet": _plain("earning", "account"),
    "PoolDeposited": _plain("pool_deposit", "account"),
    "PoolWithdrawn": _plain("pool_withdrawal", "account"),
    "PointsTransferred": _plain("points_transfer", "from"),
    "OfferPublished": _plain("offer", "merchant"),
    "OfferEnded": _plain("offer_end", "merchant"),
    "PurchaseSettled": _plain("purchase", "payer"),
    "PurchaseRefunded": _purchase_refunded,
    "MandateGranted": _plain("mandate", "payer"),
    "MandateCharged": _plain("charge", "merchant"),
    "MandateEnded": _plain("mandate_end", "account"),
    "GiftMade": _plain("gift", "giver"),
    "GiftClaimed": _claimed,
    "SplitSettled": _plain("split", "payer"),
    "PayoutConfirmed": _paid_out,
    "OrderRejected": _rejected,
    "OrderCancelled": _cancelled,
}
