"""The tree of the log in the database, against RFC 6962 written down a second time, recursively."""

import hashlib
from itertools import pairwise

import pytest

from wallet_chain.store.engine import Store
from wallet_chain.store.merkle import (
    EMPTY_ROOT,
    append,
    consistency_proof,
    inclusion_proof,
    root_at,
)
from wallet_chain.witness.tree import root_from_consistency, root_from_inclusion

SIZES = (*range(1, 34), 63, 64, 65)
LEAVES = [b"leaf %d" % number for number in range(65)]


def plain_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = plain_root(leaves[:split]), plain_root(leaves[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


@pytest.fixture
def grown(store: Store) -> Store:
    """A log of 65 leaves, which came in portions."""
    bounds = [0, 1, 4, 5, 12, 31, 32, 33, 65]
    for first, end in pairwise(bounds):
        with store.transaction() as session:
            append(session, first, LEAVES[first:end])
    return store


def test_the_root_at_every_size_is_that_of_the_rfc(grown: Store) -> None:
    with grown.reading() as session:
        assert root_at(session, 0) == EMPTY_ROOT == plain_root([])
        for size in SIZES:
            assert root_at(session, size) == plain_root(LEAVES[:size])


def test_the_known_roots_of_certificate_transparency_come_out(store: Store) -> None:
    # The vectors that RFC 6962's authors publish with their reference implementation.
    leaves = [bytes.fromhex(leaf) for leaf in ("", "00", "10", "2021", "3031", "40414243")]
    with store.transaction() as session:
        append(session, 0, leaves)
        roots = [root_at(session, size).hex() for size in (1, 2, 3, 6)]
    assert roots == [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    ]


def test_every_entry_is_proven_at_every_size(grown: Store) -> None:
    with grown.reading() as session:
        for size in SIZES:
            root = plain_root(LEAVES[:size])
            for index in range(size):
                proof = inclusion_proof(session, index, size)
                assert root_from_inclusion(LEAVES[index], index, size, proof) == root


def test_every_size_is_proven_to_begin_every_later_one(grown: Store) -> None:
    with grown.reading() as session:
        for size in SIZES:
            for earlier in range(1, size + 1):
                proof = consistency_proof(session, earlier, size)
                old, new = plain_root(LEAVES[:earlier]), plain_root(LEAVES[:size])
                assert root_from_consistency(earlier, size, old, proof) == new


def test_a_proof_of_another_history_leads_elsewhere(grown: Store) -> None:
    with grown.reading() as session:
        proof = consistency_proof(session, 21, 50)
    forged = plain_root([b"other", *LEAVES[1:21]])
    assert root_from_consistency(21, 50, forged, proof) is None
    for at in range(len(proof)):
        changed = [*proof[:at], bytes(32), *proof[at + 1 :]]
        assert root_from_consistency(21, 50, plain_root(LEAVES[:21]), changed) != plain_root(
            LEAVES[:50]
        )
