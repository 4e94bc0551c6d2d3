"""Mandates and what was collected by them, gifts and what was claimed, payments to several."""

from collections.abc import Callable, Iterator
from typing import Any

from wallet_chain.ledger.events import DecodedEvent
from wallet_chain.pipeline.blocks import Block, Contradiction
from wallet_chain.pipeline.copying import Copy
from wallet_chain.pipeline.project_policy import storable
from wallet_chain.pipeline.touched_rows import TouchedRows
from wallet_chain.store.tables import (
    ChainCharge,
    ChainGift,
    ChainGiftClaim,
    ChainMandate,
    ChainSplit,
    ChainSplitPart,
)


class _Rows:
    def __init__(self, copy: Copy) -> None:
        self.mandates = copy.rows(ChainMandate)
        self.charges = copy.rows(ChainCharge)
        self.gifts = copy.rows(ChainGift)
        self.claims = copy.rows(ChainGiftClaim)
        self.splits = copy.rows(ChainSplit)
        self.parts = copy.rows(ChainSplitPart)
        self.claimers: dict[str, str] = {}

    def load(self, events: list[DecodedEvent]) -> None:
        """Read what the block may change."""
        self.mandates.load(_named(events, "mandate", "MandateCharged", "MandateEnded"))
        self.gifts.load(_named(events, "gift", "GiftClaimed", "GiftReturned"))


def project_collecting(copy: Copy, block: Block) -> dict[str, str]:
    """Write the mandates, gifts and divided payments that the block made or changed.

    Answers with who signed each claim, which its event does not tell: order id -> the gift's code.
    Raises Contradiction for what is said of a mandate or a gift that is not there.
    """
    events = [event for event in block.events if event.name in _APPLY]
    if not events:
        return {}
    rows = _Rows(copy)
    rows.load(events)
    for event in events:
        _APPLY[event.name](block, rows, event)
    return rows.claimers


def _named(events: list[DecodedEvent], argument: str, *names: str) -> Iterator[str]:
    return (event.args[argument] for event in events if event.name in names)


def _granted(block: Block, rows: _Rows, event: DecodedEvent) -> None:
    payer, merchant, currency, ceiling, days, starts_at, ends_at, *_ = event.args["mandate"]
    rows.mandates.set(
        {
            "order_id": event.args["orderId"],
            "payer": payer,
            "merchant": merchant,
            "currency": currency,
            "ceiling_minor": storable(ceiling),
            "period_days": days,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "next_period": 0,
            "collected_minor": 0,
            "ended_by": None,
            "block_number": block.number,
            "ended_block": None,
        }
    )


def _charged(block: Block, rows: _Rows, event: DecodedEvent) -> None:
    args = event.args
    mandate = _known(rows.mandates, args["mandate"], event)
    rows.mandates.change(
        (args["mandate"],),
        next_period=args["period"] + 1,
        collected_minor=storable(mandate["collected_minor"] + args["amount"]),
    )
    rows.charges.set(
        {
            "order_id": args["orderId"],
            "mandate": args["mandate"],
            "payer": args["payer"],
            "merchant": args["merchant"],
            "currency": args["currency"],
            "amount_minor": storable(args["amount"]),
            "period": args["period"],
            "log_index": event.log_index,
            **_place(block, event),
        }
    )


def _mandate_ended(block: Block, rows: _Rows, event: DecodedEvent) -> None:
    mandate = event.args["mandate"]
    _known(rows.mandates, mandate, event)
    rows.mandates.change((mandate,), ended_by=event.args["account"], ended_block=block.number)


def _given(block: Block, rows: _Rows, event: DecodedEvent) -> None:
    giver, currency, amount, shares, code, claim_until, *_ = event.args["gift"]
    rows.gifts.set(
        {
            "order_id": event.args["orderId"],
            "giver": giver,
            "currency": currency,
            "amount_minor": storable(amount),
            "shares": shares,
            "code": code,
            "claim_until": claim_until,
            "left_minor": storable(amount),
            "shares_left": shares,
            "returned_minor": 0,
            "block_number": block.number,
        }
    )


def _claimed(block: Block, rows: _Rows, event: DecodedEvent) -> None:
    args = event.args
    gift = _known(rows.gifts, args["gift"], event)
    rows.claimers[args["orderId"]] = gift["code"]
    rows.gifts.change(
        (args["gift"],), left_minor=storable(args["left"]), shares_left=gift["shares_left"] - 1
    )
    rows.claims.set(
        {
            "order_id": args["orderId"],
            "gift": args["gift"],
            "account": args["account"],
            "currency": args["currency"],
            "amount_minor": storable(args["amount"]),
            **_place(block, event),
        }
    )


def _returned(_: Block, rows: _Rows, event: DecodedEvent) -> None:
    gift = event.args["gift"]
    _known(rows.gifts, gift, event)
    returned = storable(event.args["amount"])
    rows.gifts.change((gift,), left_minor=0, shares_left=0, returned_minor=returned)


def _divided(block: Block, rows: _Rows, event: DecodedEvent) -> None:
    args = event.args
    rows.splits.set(
        {
            "order_id": args["orderId"],
            "payer": args["payer"],
            "invoice": args["invoice"],
            "currency": args["currency"],
            "total_minor": storable(args["total"]),
            "log_index": event.log_index,
            **_place(block, event),
        }
    )
    pairs = zip(args["receivers"], args["amounts"], strict=True)
    for number, (receiver, amount) in enumerate(pairs):
        rows.parts.set(
            {
                "order_id": args["orderId"],
                "number": number,
                "receiver": receiver,
                "currency": args["currency"],
                "amount_minor": storable(amount),
                "block_number": block.number,
            }
        )


def _known(rows: TouchedRows, key: str, event: DecodedEvent) -> dict[str, Any]:
    row = rows.get(key)
    if row is None:
        raise Contradiction(
            f"Transaction {event.transaction_hash}: {event.name} of {key}, which never settled."
        )
    return row


def _place(block: Block, event: DecodedEvent) -> dict[str, Any]:
    return {
        "block_number": block.number,
        "block_time": block.time,
        "transaction_hash": event.transaction_hash,
    }


_APPLY: dict[str, Callable[[Block, _Rows, DecodedEvent], None]] = {
    "MandateGranted": _granted,
    "MandateCharged": _charged,
    "MandateEnded": _mandate_ended,
    "GiftMade": _given,
    "GiftClaimed": _claimed,
    "GiftReturned": _returned,
    "SplitSettled": _divided,
}
