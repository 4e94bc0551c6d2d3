"""eth_getProof (EIP-1186): Merkle-Patricia proofs of an account and of its storage."""

from typing import Any

import rlp
from eth.abc import BlockHeaderAPI
from eth.rlp.accounts import Account
from eth_hash.auto import keccak
from trie.hexary import HexaryTrie

from wallet_chain.ledger.embedded.database import ChainDatabase
from wallet_chain.ledger.embedded.hexadecimal import data, quantity, word

_HASHED_NODE_BYTES_MIN = 32
_PADDED_SLOT_LENGTH = 66


def prove_account(
    database: ChainDatabase, header: BlockHeaderAPI, address: bytes, slots: list[tuple[str, int]]
) -> dict[str, Any]:
    """The account at a block, with its proof against ``stateRoot`` and each slot's proof.

    ``slots`` pairs the caller's spelling, which the answer repeats, with the slot's number. What
    is absent gets a proof of absence: an account without code, nonce and balance, or a value 0.
    """
    key = keccak(address)
    state = HexaryTrie(database, header.state_root)
    encoded = state.get(key)
    account: Account = rlp.decode(encoded, sedes=Account) if encoded else Account()
    return {
        "address": data(address),
        "accountProof": _path(state, key),
        "balance": quantity(account.balance),
        "codeHash": data(account.code_hash),
        "nonce": quantity(account.nonce),
        "storageHash": data(account.storage_root),
        "storageProof": [
            _prove_slot(database, account.storage_root, spelling, slot) for spelling, slot in slots
        ],
    }


def _prove_slot(
    database: ChainDatabase, storage_root: bytes, spelling: str, slot: int
) -> dict[str, Any]:
    storage = HexaryTrie(database, storage_root)
    key = keccak(slot.to_bytes(32, "big"))
    encoded = storage.get(key)
    return {
        "key": word(slot) if len(spelling) == _PADDED_SLOT_LENGTH else quantity(slot),
        "value": quantity(int.from_bytes(rlp.decode(encoded), "big") if encoded else 0),
        "proof": _path(storage, key),
    }


def _path(trie: HexaryTrie, key: bytes) -> list[str]:
    """The nodes from the root towards ``key``, as RLP.

    A node of less than 32 bytes is written inside its parent and has no entry of its own (Ethereum
    yellow paper, appendix D); an empty trie has no nodes.
    """
    nodes = [rlp.encode(node) for node in trie.get_proof(key)]  # type: ignore[no-untyped-call]
    return [
        data(node)
        for position, node in enumerate(nodes)
        if position == 0 or len(node) >= _HASHED_NODE_BYTES_MIN
    ]
