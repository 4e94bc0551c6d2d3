"""One bundle against one trust file: the verdict."""

from dataclasses import dataclass, field
from typing import Any

from wallet_chain.verifier.canonical import exactly, hexed, number, parse
from wallet_chain.verifier.claims import check_claim
from wallet_chain.verifier.evidence import Evidence
from wallet_chain.verifier.finding import Finding, require
from wallet_chain.verifier.headers import require_final
from wallet_chain.verifier.trust import Trust

FORMAT = "wallet-chain-bundle/1"

_NEVER_PROVEN = (
    "that the contracts' code does what it should: it is trusted by its hash",
    "that those who seal blocks do not collude beyond what the finality rule bears",
    "anything that is not written on the chain: who is behind an account, and the bank's reserves",
)


@dataclass(frozen=True)
class Report:
    """The verdict and, where it is VALID, what was proven and what was not."""

    verdict: str
    """``VALID``, ``INVALID`` or ``UNPROVEN``."""
    code: str = "valid"
    detail: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    proven: tuple[str, ...] = ()
    not_proven: tuple[str, ...] = ()
    finality: str = ""


def verify(data: bytes, trust: Trust) -> Report:
    """The verdict on the bundle in these bytes."""
    try:
        return _verified(data, trust)
    except Finding as finding:
        return Report(finding.verdict, finding.code, finding.detail)


def _verified(data: bytes, trust: Trust) -> Report:
    bundle = exactly(parse(data), "bundle", "format chain_id genesis_hash claim blocks")
    require(bundle["format"] == FORMAT, "unknown_format", f"Only {FORMAT} is understood.")
    here = number(bundle["chain_id"], "chain_id") == trust.chain_id
    here = here and hexed(bundle["genesis_hash"], "genesis_hash", 32) == trust.genesis_hash
    require(here, "other_chain", "The bundle is about another chain than the trust file.")
    evidence = Evidence(bundle["blocks"], trust.rule)
    finality = require_final({at: block.header for at, block in evidence.items()}, trust)
    facts, proven, open_ = check_claim(bundle["claim"], evidence, trust)
    for block in evidence.values():
        block.finish()
    return Report("VALID", "valid", "", facts, tuple(proven), (*open_, *_NEVER_PROVEN), finality)
