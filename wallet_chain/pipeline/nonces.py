"""Nonces of signed orders: bits of a bitmap that the contract keeps for each signer.

Bits are taken in sequence inside a word of 256, because another bit of a used word costs a third of
the gas of a fresh word. The word itself is drawn at random, again at each start of the product, so
that a database restored from a backup never hands out a bit that it has handed out before.
"""

import secrets
from collections import Counter, deque
from collections.abc import Sequence

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from wallet_chain.errors import ChainMismatch, NotReady
from wallet_chain.store.tables import DatabaseEpoch, OrderNonce
from wallet_chain.store.writing import add_missing, table_of

_WORD_BITS = 248
_BITS_PER_WORD = 256
_nonce = table_of(OrderNonce)
_epoch = table_of(DatabaseEpoch)
_TAKE_NEXT_BIT = (
    update(_nonce)
    .where(
        _nonce.c.signer == bindparam("of_signer"),
        _nonce.c.contract == bindparam("for_contract"),
        _nonce.c.next_bit < _BITS_PER_WORD,
        _nonce.c.database_epoch == select(_epoch.c.epoch).where(_epoch.c.id == 1).scalar_subquery(),
    )
    .values(next_bit=_nonce.c.next_bit + 1)
    .returning(_nonce.c.word, _nonce.c.next_bit)
)
_WORDS = (
    select(_nonce.c.signer, _nonce.c.word, _nonce.c.next_bit)
    .where(
        _nonce.c.signer.in_(bindparam("signers", expanding=True)),
        _nonce.c.contract == bindparam("for_contract"),
        _nonce.c.database_epoch == select(_epoch.c.epoch).where(_epoch.c.id == 1).scalar_subquery(),
    )
    # In one order everywhere, so that two processes never wait for each other.
    .order_by(_nonce.c.signer)
    .with_for_update()
)
_TAKE_BITS = (
    update(_nonce)
    .where(
        _nonce.c.signer == bindparam("of_signer"), _nonce.c.contract == bindparam("for_contract")
    )
    .values(next_bit=_nonce.c.next_bit + bindparam("bits"))
)


def begin_epoch(session: Session, chain_id: int, genesis_hash: str) -> str:
    """Start a new epoch of this database; call it once at each start of the product.

    The first call binds the database to its chain. Raises ChainMismatch when it belongs to another.
    """
    row = session.get(DatabaseEpoch, 1, with_for_update=True)
    epoch = secrets.token_hex(16)
    if row is None:
        session.add(DatabaseEpoch(id=1, epoch=epoch, chain_id=chain_id, genesis_hash=genesis_hash))
        return epoch
    if (row.chain_id, row.genesis_hash) != (chain_id, genesis_hash):
        raise ChainMismatch(
            f"This database belongs to chain {row.chain_id} with the first block"
            f" {row.genesis_hash}; the node serves chain {chain_id} with {genesis_hash}. Use the"
            " node of that chain, or another database.",
            expected=row.genesis_hash,
            found=genesis_hash,
        )
    row.epoch = epoch
    return epoch


def next_nonce(session: Session, signer: str, contract: str) -> int:
    """A nonce (uint256) that no order of this signer to this contract had; never handed back.

    Raises NotReady before the first ``begin_epoch``.
    """
    taken = (
        session.connection()
        .execute(_TAKE_NEXT_BIT, {"of_signer": signer, "for_contract": contract})
        .one_or_none()
    )
    if taken is not None:
        return int(taken.word) << 8 | int(taken.next_bit) - 1
    return _first_of_word(session, signer, contract)


def next_nonces(session: Session, signers: Sequence[str], contract: str) -> list[int]:
    """A nonce for each of these signers to one contract, as ``next_nonce`` gives them, in few
    statements. A signer may stand more than once."""
    wanted = Counter(signers)
    found = session.connection().execute(
        _WORDS, {"signers": sorted(wanted), "for_contract": contract}
    )
    nonces: dict[str, deque[int]] = {}
    taken = []
    for signer, word, next_bit in found:
        count = wanted[signer]
        if next_bit + count <= _BITS_PER_WORD:
            first = int(word) << 8 | next_bit
            nonces[signer] = deque(range(first, first + count))
            taken.append({"of_signer": signer, "for_contract": contract, "bits": count})
    if taken:
        session.connection().execute(_TAKE_BITS, taken)
    return [
        nonces[signer].popleft() if signer in nonces else next_nonce(session, signer, contract)
        for signer in signers
    ]


def _first_of_word(session: Session, signer: str, contract: str) -> int:
    """The nonce of a signer who has none yet, or whose word is full or of an earlier epoch."""
    epoch = session.scalar(select(DatabaseEpoch.epoch).where(DatabaseEpoch.id == 1))
    if epoch is None:
        raise NotReady("The product is starting; ask again in a moment.")
    fresh = {"word": _draw_word(), "next_bit": 0, "database_epoch": epoch}
    add_missing(session, OrderNonce, [{"signer": signer, "contract": contract, **fresh}])
    row = session.get_one(OrderNonce, (signer, contract), with_for_update=True)
    if row.database_epoch != epoch or row.next_bit >= _BITS_PER_WORD:
        row.word, row.next_bit, row.database_epoch = _draw_word(), 0, epoch
    nonce = int(row.word) << 8 | row.next_bit
    row.next_bit += 1
    session.flush()
    return nonce


def _draw_word() -> str:
    return str(secrets.randbits(_WORD_BITS))
