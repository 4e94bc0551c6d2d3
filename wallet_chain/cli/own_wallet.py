"""The wallet of the demonstration's customer who keeps their own key."""

from collections.abc import Mapping
from typing import Any

from wallet_chain.ledger.transactions import LocalSigner
from wallet_chain.ledger.typed_data import KINDS, Domain, order_digest


def sign(private_key: str, typed_data: Mapping[str, Any]) -> str:
    """Sign typed data of the API (EIP-712) with a key in hex; 65 bytes in hex, as wallets give."""
    domain = typed_data["domain"]
    kind = next(kind for kind, order in KINDS.items() if order.struct == typed_data["primaryType"])
    digest = order_digest(
        kind, Domain(domain["chainId"], domain["verifyingContract"]), typed_data["message"]
    )
    return "0x" + LocalSigner.from_hex(private_key).sign_digest(digest).hex()


def address_of_key(private_key: str) -> str:
    """The account that a key in hex belongs to."""
    return LocalSigner.from_hex(private_key).address
