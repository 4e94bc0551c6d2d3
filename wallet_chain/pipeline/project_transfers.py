"""Transfers between currencies: the quotes that they used up, and where each one stands."""

from collections.abc import Callable
from typing import Any

from wallet_chain.ledger.events import DecodedEvent
from wallet_chain.ledger.hashing import ZERO_ADDRESS, ZERO_HASH
from wallet_chain.ledger.units import Rounding, word_of
from wallet_chain.pipeline.blocks import Block, Contradiction
from wallet_chain.pipeline.copying import Copy
from wallet_chain.pipeline.touched_rows import TouchedRows
from wallet_chain.store.tables import ChainAccount, ChainQuote, ChainTransfer

_CONTRACT = "CrossBorder"
_ORDER_FIELDS = (
    "quote_hash",
    "provider",
    "sender",
    "recipient",
    "source_currency",
    "source_minor",
    "target_currency",
    "target_minor",
    "purpose",
    "travel_rule",
)
"""What TransferHeld repeats of the order, in its order."""


def project_transfers(copy: Copy, block: Block) -> TouchedRows:
    """Write the quotes that were used and the transfers that changed; answers with the latter.

    Raises Contradiction when a transfer ends that was never held.
    """
    transfers = copy.rows(ChainTransfer)
    events = [e for e in block.events if e.contract == _CONTRACT and e.name in _APPLY]
    if events:
        quotes = copy.rows(ChainQuote)
        transfers.load(event.args["orderId"] for event in events)
        for event in events:
            _APPLY[event.name](block, quotes, transfers, event)
    return transfers


def recallers(copy: Copy, block: Block, transfers: TouchedRows) -> dict[str, str]:
    """Who signed each recall of the block, by the recall's order id.

    The contract takes a recall from the account that the sender has when it comes.
    """
    found: dict[str, str] = {}
    for event in block.events:
        if event.name == "TransferRecalled":
            transfer = transfers.get(event.args["orderId"])
            assert transfer is not None
            found[event.args["recall"]] = _account_then(copy, block, event, transfer["sender"])
    return found


def _account_then(copy: Copy, block: Block, event: DecodedEvent, account: str) -> str:
    replaced_later = {
        other.args["account"]
        for other in block.events
        if other.name == "AccountReplaced" and other.log_index > event.log_index
    }
    accounts = copy.rows(ChainAccount)
    while account not in replaced_later:
        accounts.load([account])
        row = accounts.get(account)
        if row is None or row["successor"] is None:
            break
        account = row["successor"]
    return account


def _quoted(block: Block, quotes: TouchedRows, _: TouchedRows, event: DecodedEvent) -> None:
    args = event.args
    quotes.set(
        {
            "quote_hash": args["quote"],
            "order_id": args["orderId"],
            "provider": args["provider"],
            "quote_id": args["quoteId"],
            "fee_minor": args["fee"],
            "rate_numerator": str(args["rateNumerator"]),
            "rate_denominator": str(args["rateDenominator"]),
            "rounding": word_of(Rounding(args["rounding"])),
            "block_number": block.number,
        }
    )


def _settled(
    block: Block, quotes: TouchedRows, transfers: TouchedRows, event: DecodedEvent
) -> None:
    args = event.args
    quote = quotes.get(args["quote"])
    if quote is None:
        raise Contradiction(
            f"Transaction {event.transaction_hash}: transfer {args['orderId']} settled without a"
            " quote."
        )
    said = (
        args["quote"],
        quote["provider"],
        args["sender"],
        args["recipient"],
        args["sourceCurrency"],
        args["sourceAmount"],
        args["targetCurrency"],
        args["targetAmount"],
        args["purpose"],
        args["travelRule"],
    )
    transfers.set(_executed(block, args["orderId"], said) | {"state": "settled"})


def _held(block: Block, _: TouchedRows, transfers: TouchedRows, event: DecodedEvent) -> None:
    args = event.args
    held = {"state": "held", "expires_at": args["expiresAt"], "two_reviewers": args["twoReviewers"]}
    transfers.set(_executed(block, args["orderId"], args["order"]) | held)


def _executed(block: Block, order_id: str, said: tuple[Any, ...]) -> dict[str, Any]:
    row: dict[str, Any] = dict(zip(_ORDER_FIELDS, said, strict=False))
    if row["travel_rule"] == ZERO_HASH:
        row["travel_rule"] = None
    return row | {
        "order_id": order_id,
        "expires_at": None,
        "two_reviewers": False,
        "approver": None,
        "reason": None,
        "block_number": block.number,
        "ended_by": None,
        "ended_block": None,
    }


def _approved(_: Block, __: TouchedRows, transfers: TouchedRows, event: DecodedEvent) -> None:
    transfers.change(_known(transfers, event), approver=event.args["by"])


def _ends(state: str) -> Callable[[Block, TouchedRows, TouchedRows, DecodedEvent], None]:
    def apply(block: Block, _: TouchedRows, transfers: TouchedRows, event: DecodedEvent) -> None:
        by = event.args.get("by")
        transfers.change(
            _known(transfers, event),
            state=state,
            reason=event.args.get("reason"),
            ended_by=None if by == ZERO_ADDRESS else by,
            ended_block=block.number,
        )

    return apply


def _known(transfers: TouchedRows, event: DecodedEvent) -> tuple[str]:
    order_id = event.args["orderId"]
    row = transfers.get(order_id)
    if row is None or row["state"] != "held":
        raise Contradiction(
            f"Transaction {event.transaction_hash}: {event.name} of transfer {order_id}, which is"
            " not held."
        )
    return (order_id,)


_APPLY: dict[str, Callable[[Block, TouchedRows, TouchedRows, DecodedEvent], None]] = {
    "QuoteUsed": _quoted,
    "TransferSettled": _settled,
    "TransferHeld": _held,
    "ReleaseApproved": _approved,
    "TransferReleased": _ends("settled"),
    "TransferRejected": _ends("rejected"),
    "TransferRefunded": _ends("refunded"),
    "TransferRecalled": _ends("recalled"),
}
