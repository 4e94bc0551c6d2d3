"""What more than one capability is asked."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SignatureDraft:
    """The holder's signature (65 bytes, or what an ERC-1271 wallet takes) over an order."""

    resource_id: str
    """``pay_``, ``ref_``, ``wdr_`` or ``can_``."""
    signature: bytes
