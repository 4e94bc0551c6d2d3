"""Where a currency's token keeps what is proven: balance, number of entries and head in one slot."""

from collections.abc import Mapping, Sequence
from typing import Any

from wallet_chain.bank import Bank
from wallet_chain.errors import ChainStateLost
from wallet_chain.ledger.hashing import from_hex, keccak256, to_hex
from wallet_chain.proofs.assembling import Assembly
from wallet_chain.store.tables import ChainBalance, ChainEntry

_ACCOUNTS, _SUPPLY = 2, 3
_ATTESTED = 5
"""Of Issuance."""
_AMOUNT_BITS = 128
_WORD = 32
_HEAD = 19
_BALANCE_BITS, _ENTRIES_BITS = 64, 40

SUPPLY_SLOT = _SUPPLY.to_bytes(_WORD, "big")


def account_slot(account: str) -> bytes:
    """The slot of an account in the token's mapping."""
    return keccak256(from_hex(account).rjust(_WORD, b"\x00") + _ACCOUNTS.to_bytes(_WORD, "big"))


def attestation_slot(currency: str) -> bytes:
    """The slot of a currency's last attestation in the mapping of Issuance."""
    return keccak256(currency.encode().ljust(_WORD, b"\x00") + _ATTESTED.to_bytes(_WORD, "big"))


def attestation_word(amount_minor: int, as_of: int) -> int:
    """What Issuance stores of an attestation."""
    return as_of << _AMOUNT_BITS | amount_minor


def state_of(row: ChainEntry | ChainBalance | None) -> dict[str, str]:
    """What the books say, as a claim says it; an account without a line has nothing."""
    if row is None:
        return {"balance": "0", "entries": "0", "head": to_hex(bytes(_HEAD))}
    head = to_hex(from_hex(row.head)[:_HEAD])
    return {"balance": str(row.balance_minor), "entries": str(row.sequence), "head": head}


def need_states(
    bank: Bank,
    assembly: Assembly,
    block_number: int,
    currency: str,
    expected: Sequence[Mapping[str, str]],
    accounts: Sequence[str],
    supply_minor: int | None = None,
) -> None:
    """Prove what a token keeps of these accounts, and first its supply where it is given.

    Raises ProofUnavailable; ChainStateLost when the contract says otherwise than the books.
    """
    slots = [account_slot(account) for account in accounts]
    said = [_word(state) for state in expected]
    if supply_minor is not None:
        slots, said = [SUPPLY_SLOT, *slots], [supply_minor, *said]
    found = assembly.need_state(block_number, bank.contracts.book.address(currency), slots)
    if found != said:
        raise ChainStateLost(
            f"At block {block_number} the node proves another state of {currency} than the books"
            " have; run `wallet-chain verify`.",
            block=block_number,
        )


def _word(state: Mapping[str, Any]) -> int:
    head = int(state["head"], 16)
    return (
        head << _BALANCE_BITS + _ENTRIES_BITS
        | int(state["entries"]) << _BALANCE_BITS
        | int(state["balance"])
    )
