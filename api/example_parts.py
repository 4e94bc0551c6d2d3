"""Who and what the examples of answers speak of."""

from wallet_chain.bank.views import OperationView
from wallet_chain.money import CURRENCIES, Money

NOW = 1_772_440_200
"""Unix seconds."""
ADA = "0x52908400098527886E0F7030069857D2E4169EE7"
SHOP = "0x8617E340B3D01FA5F11F306F4090FD50E238070D"
CUSTOMER = "cus_01JZ4WVXQ2M8K5T7R9B3C6D1EF"


def hash_of(digit: str) -> str:
    """A hash that is nothing but this hex digit."""
    return "0x" + digit * 64


def euros(cents: int) -> Money:
    """An amount in EUR, from cents."""
    return Money(cents, CURRENCIES["EUR"])


def id_of(prefix: str) -> str:
    """An identifier of this kind."""
    return f"{prefix}_01JZ4WVXQ2M8K5T7R9B3C6D1EF"


def operation(kind: str, resource_id: str, *, log_index: int | None = 3) -> OperationView:
    """An operation that has settled."""
    return OperationView(
        id=id_of("op"),
        kind=kind,
        resource_id=resource_id,
        state="settled",
        refusal=None,
        transaction_hash=hash_of("a"),
        block_number=1204,
        log_index=log_index,
        accepted_at=NOW,
        finished_at=NOW + 1,
    )
