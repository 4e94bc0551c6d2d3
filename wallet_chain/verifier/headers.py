"""Block headers, and whether they are final by the rule that the trust file names."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from wallet_chain.verifier import rlp
from wallet_chain.verifier.crypto import keccak256, recover
from wallet_chain.verifier.finding import need, require
from wallet_chain.verifier.trust import Trust

BFT_MIX_HASH = bytes.fromhex("63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365")
_ROOTS = {"state": 3, "transactions": 4, "receipts": 5}
_EXTRA, _MIX_HASH = 12, 13
_SEAL = 65


class Header(NamedTuple):
    """A header's fields, none of them believed yet."""

    fields: Sequence[rlp.Item]
    hash: bytes
    number: int
    time: int
    """Unix seconds."""
    parent: bytes
    roots: Mapping[str, bytes]
    """Of ``state``, ``transactions`` and ``receipts``."""


def read_header(encoded: bytes, rule: str) -> Header:
    """A header from its encoding. Raises Invalid when it has no form, or not that of the rule."""
    fields = rlp.decode_list(encoded)
    require(15 <= len(fields) <= 21, "bad_header", "A header has 15 to 21 fields.")
    parent, mix_hash = (rlp.string(fields[at], 32) for at in (0, _MIX_HASH))
    roots = {kind: rlp.string(fields[at], 32) for kind, at in _ROOTS.items()}
    number, digest = rlp.scalar(fields[8]), keccak256(encoded)
    if rule == "qbft" and number > 0:
        require(mix_hash == BFT_MIX_HASH, "bad_header", f"Block {number} is not of QBFT.")
        vanity, validators, vote, _, _ = _qbft_extra(number, fields)
        digest = _hash_with(fields, rlp.encode([vanity, validators, vote, b"", []]))
    return Header(fields, digest, number, rlp.scalar(fields[11]), parent, roots)


def require_final(headers: Mapping[int, Header], trust: Trust) -> str:
    """Raises unless every header is final; answers with a sentence on why they are."""
    if trust.rule == "pinned":
        return _require_pinned(headers, trust)
    counts = []
    for number, header in headers.items():
        sealers = trust.sealers(number)
        need(bool(sealers), "no_sealers", f"The trust file names no sealers of block {number}.")
        if number == 0:
            require(header.hash == trust.genesis_hash, "other_chain", "Block 0 is another one.")
        elif trust.rule == "clique":
            _require_clique(header, sealers)
        else:
            counts.append(_require_qbft(header, sealers))
    if trust.rule == "clique":
        return "each block is signed by one trusted signer (Clique), which is no finality: CLIQUE-TRUST"
    fewest = min(counts, default=0)
    return f"each block is sealed by a quorum of the trusted validators (QBFT), at least {fewest}"


def _require_pinned(headers: Mapping[int, Header], trust: Trust) -> str:
    """Each block is pinned, or the parent of one that is, link by link."""
    for number, header in sorted(headers.items(), reverse=True):
        if number in trust.pinned:
            here = header.hash == trust.pinned[number]
            require(here, "other_chain", f"Block {number} is not the pinned one.")
        else:
            linked = number + 1 in headers
            need(linked, "not_pinned", f"Block {number} is not pinned, nor is the next one there.")
            linked = header.hash == headers[number + 1].parent
            require(linked, "broken_link", f"Block {number} is not the parent of the next one.")
    return "each block is pinned in the trust file or an ancestor of one that is: DEV-TRUST"


def _require_clique(header: Header, sealers: frozenset[bytes]) -> None:
    """Geth's rule."""
    extra = rlp.string(header.fields[_EXTRA])
    require(len(extra) >= 32 + _SEAL, "bad_header", f"Block {header.number} has no Clique seal.")
    signer = _signer(_hash_with(header.fields, extra[:-_SEAL]), extra[-_SEAL:])
    require(signer in sealers, "untrusted_seal", f"Block {header.number}: a stranger signed it.")


def _require_qbft(header: Header, sealers: frozenset[bytes]) -> int:
    """Besu's rule; answers with the number of seals."""
    where = f"Block {header.number}"
    vanity, validators, vote, round_number, sealed = _qbft_extra(header.number, header.fields)
    # Where a contract chooses the validators, the header does not repeat them.
    named = {rlp.string(each, 20) for each in rlp.listed(validators)} or sealers
    need(named == sealers, "other_validators", f"{where} has validators that are not trusted.")
    digest = _hash_with(header.fields, rlp.encode([vanity, validators, vote, round_number, []]))
    seals = [rlp.string(seal, _SEAL) for seal in rlp.listed(sealed)]
    signers = {_signer(digest, seal) for seal in seals}
    count, quorum = len(signers), -(-2 * len(sealers) // 3)
    require(count == len(seals), "duplicate_seal", f"{where}: one validator sealed it twice.")
    require(signers <= sealers, "untrusted_seal", f"{where}: a stranger sealed it.")
    require(count >= quorum, "too_few_seals", f"{where}: {count} seals of {quorum}.")
    return count


def _qbft_extra(number: int, fields: Sequence[rlp.Item]) -> list[rlp.Item]:
    """QBFT's extra data: vanity, validators, vote, round and seals."""
    parts = rlp.decode_list(rlp.string(fields[_EXTRA]))
    require(len(parts) == 5, "bad_header", f"Block {number} has no extra data of QBFT.")
    rlp.scalar(parts[3])
    return parts


def _hash_with(fields: Sequence[rlp.Item], extra: bytes) -> bytes:
    return keccak256(rlp.encode([*fields[:_EXTRA], extra, *fields[_MIX_HASH:]]))


def _signer(digest: bytes, seal: bytes) -> bytes:
    r, s = int.from_bytes(seal[:32], "big"), int.from_bytes(seal[32:64], "big")
    return recover(digest, r, s, seal[64], "untrusted_seal")
