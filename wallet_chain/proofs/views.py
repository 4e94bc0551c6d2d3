"""What is told of proofs that are kept."""

from dataclasses import dataclass

from wallet_chain.money import Money


@dataclass(frozen=True, slots=True)
class CloseView:
    """A currency's book at the last block of a UTC day."""

    day: str
    """The date, like ``2026-03-01``."""
    currency: str
    block_number: int
    block_hash: str
    accounts: int
    supply: Money
    customers: Money
    """What all accounts hold that are no contracts of this system."""
    escrowed: Money
    """What contracts hold for others."""
    reserves: Money
    """As attested last; 0 before the first attestation."""
    reserves_as_of: int
    """Unix seconds; 0 before the first attestation."""
    covered: bool
    """Whether the reserves are at least the supply; the bundle proves it then."""
    digest: str
    """SHA-256 of the bundle, in hex; it stands in the transparency log."""
    size: int
    """Bytes of the bundle."""
    taken_at: int
    log_subject: str
    """What the log's entry of kind ``daily_close`` is about."""
