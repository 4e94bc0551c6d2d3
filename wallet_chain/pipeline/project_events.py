"""Every log of our contracts as a line that can be searched: who, with whom, how much, why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wallet_chain.ledger.events import DecodedEvent
from wallet_chain.ledger.hashing import ZERO_ADDRESS, ZERO_HASH
from wallet_chain.ledger.units import MovementKind
from wallet_chain.pipeline.blocks import Block
from wallet_chain.pipeline.copying import Copy
from wallet_chain.pipeline.project_money import Movement
from wallet_chain.pipeline.project_policy import storable
from wallet_chain.pipeline.touched_rows import TouchedRows
from wallet_chain.store.tables import ChainEvent


@dataclass(frozen=True, slots=True)
class Reading:
    """What an event means, and which of its arguments say who and how much."""

    kind: str
    account: str | None = None
    counterparty: str | None = None
    amount: str | None = None
    order_id: str | None = None
    reference: str | None = None
    currency: str | None = None
    proposal: str | None = None
    """The argument with a proposal's id, where only the proposal knows account and amount."""
    transfer: bool = False
    """Whether only the transfer abroad knows the sides and the amount sent."""


_OF_TRANSFER = {
    "account": "sender",
    "counterparty": "recipient",
    "currency": "source_currency",
    "amount_minor": "source_minor",
}
_CONFIGURATION = Reading("configuration")
_ACCESS = Reading("access", account="account")
_POLICY = Reading("policy", currency="currency")
_PAIR = Reading("policy", currency="source")

READINGS: Mapping[str, Reading] = {
    # Money
    "Transfer": Reading("transfer", "from", "to", "value"),
    "EntryRecorded": Reading("entry", order_id="ref"),
    "CourtOrderExecuted": Reading("court_order", "from", "to", "value", reference="orderReference"),
    "PaymentSettled": Reading(
        "payment", "payer", "payee", "amount", "orderId", "reference", "currency"
    ),
    "PaymentRefunded": Reading(
        "refund", "from", "to", "amount", "orderId", "reference", "currency"
    ),
    "Redeemed": Reading(
        "withdrawal", "account", None, "amount", "orderId", "reference", "currency"
    ),
    "TransferSettled": Reading(
        "transfer_abroad", order_id="orderId", reference="reference", transfer=True
    ),
    "TransferHeld": Reading("hold", order_id="orderId", reference="reference", transfer=True),
    "QuoteUsed": Reading("quote", "provider", order_id="orderId"),
    "ReleaseApproved": Reading("release_approval", order_id="orderId", transfer=True),
    "TransferReleased": Reading("release", order_id="orderId", transfer=True),
    "TransferRejected": Reading("return", order_id="orderId", transfer=True),
    "TransferRefunded": Reading("hold_refund", order_id="orderId", transfer=True),
    "TransferRecalled": Reading("recall", order_id="orderId", reference="reference", transfer=True),
    "PayoutConfirmed": Reading("payout", order_id="orderId", reference="payoutReference"),
    "OrderRejected": Reading("rejection", "signer", order_id="orderId", reference="reference"),
    "OrderCancelled": Reading("cancellation", "signer", order_id="orderId"),
    "ItemFailed": Reading("item_failure"),
    "MintProposed": Reading("mint_proposal", "to", None, "amount", None, "reference", "currency"),
    "MintApproved": Reading("mint", proposal="proposalId"),
    "MintDeclined": Reading("mint_decline", proposal="proposalId"),
    "Anchored": Reading("anchor"),
    "ReservesAttested": Reading("attestation", amount="amount", currency="currency"),
    # Purchases, and what belongs to them
    "PurchaseSettled": Reading(
        "purchase", "payer", "merchant", "gross", "orderId", "reference", "currency"
    ),
    "PurchaseRefunded": Reading(
        "purchase_refund", "merchant", "payer", "amount", "orderId", "reference", "currency"
    ),
    "PointsEarned": Reading("points", "customer", "merchant", None, "orderId"),
    "PointsSpent": Reading("points", "customer", "merchant", "value", "orderId"),
    "PointsTakenBack": Reading("points", "customer", "merchant", None, "orderId"),
    "PointsRestored": Reading("points", "customer", "merchant", "amount", "orderId"),
    "PointsTransferred": Reading("points", "from", "to", None, "orderId", "reference"),
    "PointsReleased": Reading("points", "account"),
    "PointsMoved": Reading("points", "from", "to"),
    "PoolDeposited": Reading("pool", "account", None, "amount", "orderId", "reference", "currency"),
    "PoolWithdrawn": Reading("pool", "account", None, "amount", "orderId", "reference", "currency"),
    "PoolReturned": Reading("pool", "account", None, "amount", currency="currency"),
    "ProgrammeCreated": Reading("programme", "owner", currency="currency"),
    "ProgrammeClosed": Reading("programme"),
    "MemberSet": Reading("programme", "merchant"),
    "EarningSet": Reading("programme", "account", "merchant", None, "orderId", "reference"),
    "OfferPublished": Reading("offer", "merchant", None, None, "orderId", "reference"),
    "OfferEnded": Reading("offer", "merchant", None, None, "orderId", "reference"),
    "OfferUsed": Reading("offer", "customer", None, None, "orderId"),
    "OfferGivenBack": Reading("offer", "customer", None, None, "orderId"),
    "MandateGranted": Reading("mandate", "payer", None, None, "orderId", "reference"),
    "MandateCharged": Reading(
        "charge", "payer", "merchant", "amount", "orderId", "reference", "currency"
    ),
    "MandateEnded": Reading("mandate", "account", None, None, "orderId", "reference"),
    "GiftMade": Reading("gift", "giver", None, None, "orderId", "reference"),
    "GiftClaimed": Reading(
        "gift", "account", "giver", "amount", "orderId", "reference", "currency"
    ),
    "GiftReturned": Reading("gift", "giver", None, "amount", "gift", None, "currency"),
    "SplitSettled": Reading("split", "payer", None, "total", "orderId", "reference", "currency"),
    # People
    "AccountRegistered": Reading("registration", "account"),
    "AccountUpdated": Reading("identity_update", "account"),
    "AccountFrozen": Reading("freeze", "account"),
    "AccountUnfrozen": Reading("unfreeze", "account"),
    "AccountClosed": Reading("closure", "account"),
    "AccountReplaced": Reading("replacement", "account", "successor"),
    "RecoveryProposed": Reading("recovery_proposal", "oldAccount", "newAccount"),
    "RecoveryExecuted": Reading("recovery", "oldAccount", "newAccount"),
    "RecoveryWithdrawn": Reading("recovery_withdrawal", "oldAccount", "newAccount"),
    "UsageMoved": Reading("usage", "from", "to"),
    # Rules
    "CurrencyAdded": _POLICY,
    "PriceSet": _POLICY,
    "TierLimitsSet": _POLICY,
    "CorridorSet": _POLICY,
    "CapsSet": _POLICY,
    "PairSet": _PAIR,
    "MaxAttestationAgeSet": _POLICY,
    "Paused": Reading("pause"),
    "Unpaused": Reading("unpause"),
    # Powers
    "RoleGranted": _ACCESS,
    "RoleRevoked": _ACCESS,
    "RoleAdminChanged": _ACCESS,
    "RoleGuardianChanged": _ACCESS,
    "RoleGrantDelayChanged": _ACCESS,
    "RoleLabel": _ACCESS,
    "TargetAdminDelayUpdated": _ACCESS,
    "TargetClosed": _ACCESS,
    "TargetFunctionRoleUpdated": _ACCESS,
    "OperationScheduled": Reading("access", account="caller"),
    "OperationExecuted": _ACCESS,
    "OperationCanceled": _ACCESS,
    # How the contracts are put together
    "AuthorityUpdated": _CONFIGURATION,
    "PolicyReplaced": _CONFIGURATION,
    "TargetSet": _CONFIGURATION,
    "MoverSet": _CONFIGURATION,
    "ModulesSet": _CONFIGURATION,
    "EIP712DomainChanged": _CONFIGURATION,
    "Approval": _CONFIGURATION,
}
"""Each event of every contract, by name; a test compares it with the ABIs."""

EVENT_KINDS: tuple[str, ...] = tuple(
    sorted({reading.kind for reading in READINGS.values()} | {"direct_transfer"})
)
"""Every value of ``ChainEvent.kind``. ``direct_transfer`` is a holder's own ERC-20 transfer;
``transfer`` and ``entry`` are the money side of a payment, mint or other act with its own line."""


def project_events(
    copy: Copy,
    block: Block,
    movements: list[Movement],
    proposals: TouchedRows,
    transfers: TouchedRows,
) -> list[dict[str, Any]]:
    """Write a line for every event, and answer with these.

    ``proposals`` and ``transfers`` hold those that the block changed.
    """
    moved = {movement.log_index: movement for movement in movements}
    lines = [
        _line(block, event, moved.get(event.log_index), proposals, transfers)
        for event in block.events
    ]
    copy.add(ChainEvent, lines)
    return lines


def _line(
    block: Block,
    event: DecodedEvent,
    movement: Movement | None,
    proposals: TouchedRows,
    transfers: TouchedRows,
) -> dict[str, Any]:
    reading, args = READINGS[event.name], event.args
    line: dict[str, Any] = {
        "block_number": block.number,
        "log_index": event.log_index,
        "block_time": block.time,
        "transaction_hash": event.transaction_hash,
        "transaction_index": event.transaction_index,
        "contract": event.address,
        "name": event.name,
        "kind": reading.kind,
        "account": _party(args, reading.account),
        "counterparty": _party(args, reading.counterparty),
        "currency": event.currency if reading.currency is None else args.get(reading.currency),
        "amount_minor": None if reading.amount is None else storable(args[reading.amount]),
        "order_id": _hash(args, reading.order_id),
        "reference": _hash(args, reading.reference),
        "programme": args.get("programme") or None,
        "arguments": {name: _json(value) for name, value in args.items()},
    }
    if movement is not None:
        line["order_id"] = movement.reference if movement.reference != ZERO_HASH else None
        if movement.kind is MovementKind.DIRECT:
            line["kind"] = "direct_transfer"
    if reading.proposal is not None:
        proposal = proposals.get(args[reading.proposal])
        assert proposal is not None
        line |= {name: proposal[name] for name in ("account", "currency", "amount_minor")}
    if reading.transfer:
        transfer = transfers.get(args["orderId"])
        assert transfer is not None
        line |= {name: transfer[column] for name, column in _OF_TRANSFER.items()}
    return line


def _party(args: Mapping[str, Any], name: str | None) -> str | None:
    address = None if name is None else args.get(name)
    return None if address == ZERO_ADDRESS else address


def _hash(args: Mapping[str, Any], name: str | None) -> str | None:
    word = None if name is None else args.get(name)
    return None if word == ZERO_HASH else word


def _json(value: Any) -> Any:
    """Integers as decimal strings, which every reader of JSON keeps exactly; bytes as hex."""
    if isinstance(value, str):
        # PostgreSQL can't store this character.
        return value.replace("\x00", "")
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, bytes):
        return "0x" + value.hex()
    return [_json(one) for one in value]
