"""Each further version of a stored transaction beside the first: nothing but the fee may differ."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.ledger.hashing import keccak256, to_hex
from wallet_chain.ledger.replacing import emptied, read_signed
from wallet_chain.pipeline.difference import Difference
from wallet_chain.store.tables import Transaction, TransactionVersion


def version_differences(session: Session) -> Iterator[Difference]:
    """Versions that say something else than they may."""
    statement = (
        select(TransactionVersion, Transaction)
        .join(Transaction, Transaction.id == TransactionVersion.transaction_id)
        .order_by(TransactionVersion.transaction_id, TransactionVersion.number)
    )
    before: TransactionVersion | None = None
    for version, first in session.execute(statement.execution_options(yield_per=500)):
        same = before is not None and before.transaction_id == version.transaction_id
        detail = _fault(version, first, before if same else None)
        if detail is not None:
            yield Difference("transaction_version", version.hash, detail)
        before = version


def _fault(
    version: TransactionVersion, first: Transaction, before: TransactionVersion | None
) -> str | None:
    if to_hex(keccak256(bytes(version.raw))) != version.hash:
        return "Its bytes have another hash."
    if version.number != (1 if before is None else before.number) + 1:
        return "A version before it is missing."
    if version.kind == "fee" and before is not None and before.kind == "filler":
        return f"Carries something again after nonce {first.nonce} was to be filled."
    contents, fees = read_signed(bytes(version.raw))
    expected, _ = read_signed(bytes(first.raw))
    if version.kind == "filler":
        expected = emptied(expected, first.lane_address)
    if contents != expected:
        return f"Has other contents than a {version.kind} version of {first.hash} may have."
    if fees.max_fee_per_gas != version.max_fee_per_gas:
        return f"Offers {fees.max_fee_per_gas} wei, not {version.max_fee_per_gas}."
    return None
