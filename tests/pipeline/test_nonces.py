"""A signer's nonces: never twice, whatever happens to the database."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from wallet_chain.errors import ChainMismatch, NotReady
from wallet_chain.pipeline.nonces import begin_epoch, next_nonce
from wallet_chain.store.engine import Store

SIGNER, CONTRACT, OTHER = ("0x" + digits * 20 for digits in ("11", "22", "33"))
GENESIS = "0x" + "aa" * 32


def _begin(store: Store) -> str:
    with store.transaction() as session:
        return begin_epoch(session, 1, GENESIS)


def _next(store: Store, signer: str = SIGNER, contract: str = CONTRACT) -> int:
    with store.transaction() as session:
        return next_nonce(session, signer, contract)


def test_nonces_follow_each_other_inside_a_word(store: Store) -> None:
    _begin(store)
    drawn = [_next(store) for _ in range(5)]
    assert [nonce - drawn[0] for nonce in drawn] == list(range(5))
    assert drawn[0] & 0xFF == 0
    assert drawn[0] < 2**256


def test_a_used_up_word_is_followed_by_another(store: Store) -> None:
    _begin(store)
    with store.transaction() as session:
        drawn = [next_nonce(session, SIGNER, CONTRACT) for _ in range(257)]
    assert len(set(drawn)) == 257
    assert drawn[256] >> 8 != drawn[0] >> 8
    assert drawn[256] & 0xFF == 0


def test_signers_and_contracts_have_words_of_their_own(store: Store) -> None:
    _begin(store)
    words = {_next(store) >> 8, _next(store, OTHER) >> 8, _next(store, SIGNER, OTHER) >> 8}
    assert len(words) == 3


def test_a_new_epoch_leaves_the_old_word(store: Store) -> None:
    first = _begin(store)
    before = _next(store)
    assert _begin(store) != first
    assert _next(store) >> 8 != before >> 8


def test_parallel_callers_get_different_nonces_even_the_first_time(store: Store) -> None:
    _begin(store)
    with ThreadPoolExecutor(20) as pool:
        drawn = list(pool.map(lambda _: _next(store), range(20)))
    assert len(set(drawn)) == 20


def test_there_are_no_nonces_before_the_first_epoch(store: Store) -> None:
    with pytest.raises(NotReady):
        _next(store)


def test_a_database_of_another_chain_is_refused(store: Store) -> None:
    _begin(store)
    for chain_id, genesis in ((2, GENESIS), (1, "0x" + "bb" * 32)):
        with pytest.raises(ChainMismatch), store.transaction() as session:
            begin_epoch(session, chain_id, genesis)
