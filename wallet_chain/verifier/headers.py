"""Block headers, and whether they are final by the rule that the trust file names."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from wallet_chain.verifier import rlp
from wallet_chain.verifier.crypto import keccak256, recover
from wallet_chain.verifier.finding import Invalid, need, require
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
    for position in (0, *_ROOTS.values(), _MIX_HASH):
        rlp.string(fields[position], 32)
    number = rlp.scalar(fields[8])
    plain = keccak256(encoded)
    if rule == "qbft" and number > 0:
        require(fields[_MIX_HASH] == BFT_MIX_HASH, "bad_header", f"Block {number} is not of QBFT.")
        plain = _hash_with(fields, _qbft_extra(number, fields, keep_round=False))
    roots = {kind: rlp.string(fields[at]) for kind, at in _ROOTS.items()}
    return Header(fields, plain, number, rlp.scalar(fields[11]), rlp.string(fields[0]), roots)


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
    return (
        "each block is sealed by a quorum of the trusted validators (QBFT), at least"
        f" {min(counts, default=0)}"
    )


def _require_pinned(headers: Mapping[int, Header], trust: Trust) -> str:
    """Each block is pinned, or the parent of one that is, link by link."""
    for number, header in sorted(headers.items(), reverse=True):
        pinned, above = trust.pinned.get(number), headers.get(number + 1)
        here = pinned in (None, header.hash)
        require(here, "other_chain", f"Block {number} is not the pinned one.")
        if pinned is None:
            linked = above is not None
            need(
                linked,
                "not_pinned",
                f"Block {number} is neither pinned nor linked to a pinned one.",
            )
            linked = above is not None and above.parent == header.hash
            require(linked, "broken_link", f"Block {number} is not the parent of the next one.")
    return "each block is pinned in the trust file or an ancestor of one that is: DEV-TRUST"


def _require_clique(header: Header, sealers: frozenset[bytes]) -> None:
    extra = rlp.string(header.fields[_EXTRA])
    require(len(extra) >= 32 + _SEAL, "bad_header", f"Block {header.number} has no Clique seal.")
    signer = _signer(_hash_with(header.fields, extra[:-_SEAL]), extra[-_SEAL:])
    require(signer in sealers, "untrusted_seal", f"Block {header.number}: a stranger signed it.")


def _require_qbft(header: Header, sealers: frozenset[bytes]) -> int:
    """Besu's rule; answers with the number of seals."""
    number = header.number
    extra = rlp.decode_list(rlp.string(header.fields[_EXTRA]))
    # Where a contract chooses the validators, the header does not repeat them.
    named = {rlp.string(each, 20) for each in rlp.listed(extra[1])} or sealers
    need(
        named == sealers, "other_validators", f"Block {number} has validators that are not trusted."
    )
    digest = _hash_with(header.fields, _qbft_extra(number, header.fields, keep_round=True))
    seals = [rlp.string(seal, _SEAL) for seal in rlp.listed(extra[4])]
    signers = {_signer(digest, seal) for seal in seals}
    count, quorum = len(signers), -(-2 * len(sealers) // 3)
    require(
        count == len(seals), "duplicate_seal", f"Block {number}: one validator sealed it twice."
    )
    require(signers <= sealers, "untrusted_seal", f"Block {number}: a stranger sealed it.")
    require(count >= quorum, "too_few_seals", f"Block {number}: {count} seals of {quorum}.")
    return count


def _qbft_extra(number: int, fields: Sequence[rlp.Item], *, keep_round: bool) -> bytes:
    """QBFT's extra data without seals, as they sign it, or as the block's hash covers it."""
    parts = rlp.decode_list(rlp.string(fields[_EXTRA]))
    require(len(parts) == 5, "bad_header", f"Block {number} has no extra data of QBFT.")
    rlp.scalar(parts[3])
    return rlp.encode([*parts[:3], parts[3] if keep_round else b"", []])


def _hash_with(fields: Sequence[rlp.Item], extra: bytes) -> bytes:
    return keccak256(rlp.encode([*fields[:_EXTRA], extra, *fields[_MIX_HASH:]]))


def _signer(digest: bytes, seal: bytes) -> bytes:
    r, s = int.from_bytes(seal[:32], "big"), int.from_bytes(seal[32:64], "big")
    try:
        return recover(digest, r, s, seal[64])
    except Invalid as error:
        raise Invalid("untrusted_seal", "A block's seal is no signature.") from error
