"""A trust file: what a verifier has to believe beforehand, as this bank sees it.

Whoever verifies should have it from somebody else as well, or compare it with what others have: a
bank that lies about its chain would lie here too.
"""

from typing import Any

import orjson

from wallet_chain.bank import Bank
from wallet_chain.bank.books import block_asked
from wallet_chain.errors import ChainStateLost, ProofUnavailable
from wallet_chain.ledger.roots import block_hash, is_sealed
from wallet_chain.ledger.rpc import RpcFailure, block_by_number
from wallet_chain.pipeline.requests import Caller

FORMAT = "wallet-chain-trust/1"


def trust_file(bank: Bank, caller: Caller, block_number: int | None = None) -> bytes:  # noqa: ARG001
    """Chain, genesis, contracts with their code, and the finality rule, as of a block (default: the
    last indexed one). Holds nothing that is secret.

    On a chain without seals of validators the block is pinned by its hash.
    Raises NotFound, NotReady, ChainUnavailable, ChainStateLost, ProofUnavailable.
    """
    with bank.store.reading() as session:
        indexed = block_asked(bank, session, block_number, None)
        number, known = indexed.number, indexed.hash
    header = block_by_number(bank.rpc, number)
    if header is None or block_hash(header) != known:
        raise ChainStateLost(f"The node's block {number} is not the indexed one.", block=number)
    book = bank.contracts.book
    finality: dict[str, Any] = {"rule": "pinned", "blocks": {str(number): known}}
    if is_sealed(header):
        era = {"from_block": "0", "sealers": _validators(bank, number)}
        finality = {"rule": "qbft", "eras": [era]}
    trust = {
        "format": FORMAT,
        "chain_id": str(book.chain_id),
        "genesis_hash": book.genesis_hash,
        "finality": finality,
        "contracts": {
            name: {"address": address.lower(), "code_hash": book.code_hashes[address]}
            for name, address in book.by_name.items()
        },
    }
    return orjson.dumps(trust, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)


def _validators(bank: Bank, number: int) -> list[str]:
    try:
        named = bank.rpc.call("qbft_getValidatorsByBlockNumber", [hex(number)])
    except RpcFailure as failure:
        raise ProofUnavailable(
            f"The node does not tell its validators ({failure.message}); have the operator enable"
            " its QBFT methods.",
            block=number,
        ) from failure
    return sorted(str(each).lower() for each in named)
