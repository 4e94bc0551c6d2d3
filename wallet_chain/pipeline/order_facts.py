"""What a signed order says about itself, read from the calldata that carries it.

Every order is a struct in front of its signature. Its plain words have a fixed place, from the start
of the arguments or, when the struct holds an array, from where its first word points to.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from eth_abi.abi import decode as abi_decode
from eth_abi.exceptions import DecodingError

from wallet_chain.ledger.artifacts import artifact
from wallet_chain.ledger.hashing import ZERO_HASH, checksum_address, to_hex
from wallet_chain.ledger.revert_facts import RevertContext
from wallet_chain.ledger.units import currency_code

_SELECTOR_BYTES = 4
_WORD = 32
_KINDS = {
    ("Payments", "pay"): "payment",
    ("Payments", "refund"): "refund",
    ("Issuance", "redeem"): "withdrawal",
    ("Payments", "cancel"): "cancellation",
    ("CrossBorder", "transfer"): "transfer",
    ("CrossBorder", "hold"): "transfer",
    ("CrossBorder", "recall"): "recall",
    ("LoyaltyDesk", "setEarning"): "earning",
    ("LoyaltyDesk", "deposit"): "pool_deposit",
    ("LoyaltyDesk", "withdraw"): "pool_withdrawal",
    ("LoyaltyDesk", "transferPoints"): "points_transfer",
    ("Offers", "publish"): "offer",
    ("Offers", "end"): "offer_end",
    ("Purchases", "purchase"): "purchase",
    ("Purchases", "refundPurchase"): "purchase_refund",
    ("Mandates", "grant"): "mandate",
    ("Mandates", "charge"): "charge",
    ("Mandates", "endMandate"): "mandate_end",
    ("Gifts", "give"): "gift",
    ("Gifts", "claim"): "claim",
    ("SplitPayments", "paySplit"): "split",
}
"""Which function takes which kind of order; ``cancel`` is the same in every contract."""
_SIGNER_FIELDS = ("payer", "from", "account", "signer", "sender", "merchant", "giver")
_SIGNERS = {"purchase_refund": "merchant", "claim": "code"}
"""Whose field comes first would mislead: kind -> the field with the signer."""
_CURRENCY_FIELDS = ("currency", "sourceCurrency")


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """The fields of an order that its way to the chain depends on."""

    kind: str
    signer: str
    nonce: int
    currency: str | None
    reference: str | None
    """Null when the order has none, or zero."""
    provider: str | None = None
    """Who exchanges the order's currency for another."""
    provider_currency: str | None = None
    """The currency that the provider gives."""

    def is_ended_by(self, signer: str, nonce: str | None) -> bool:
        """Whether an event with this signer and nonce (in decimal, if it tells it) is about this.

        Anybody may sign a cancellation that names somebody else's order, or another nonce than the
        order's; it does nothing to the order.
        """
        return self.signer == signer and nonce in (None, str(self.nonce))

    @property
    def context(self) -> RevertContext:
        """What is needed to tell a refusal of the order in its own words."""
        return RevertContext(self.currency, self.provider, self.provider_currency)


def order_facts(calldata: bytes) -> OrderFacts | None:
    """What the order in this calldata says; None when it is no order of ours."""
    layout = _layouts().get(calldata[:_SELECTOR_BYTES])
    struct = b"" if layout is None else _struct(layout, calldata[_SELECTOR_BYTES:])
    if layout is None or len(struct) < _WORD * layout.words:
        return None
    return OrderFacts(
        kind=layout.kind,
        signer=_address(_word(struct, layout.signer)),
        nonce=int.from_bytes(_word(struct, layout.nonce), "big"),
        currency=_optional(struct, layout.currency, currency_code),
        reference=_optional(struct, layout.reference, _reference),
        provider=_optional(struct, layout.provider, _address),
        provider_currency=_optional(struct, layout.provider_currency, currency_code),
    )


def batch_items(calldata: bytes) -> list[tuple[str, bytes]]:
    """Target and calldata of each item of a ``Batch.execute``; empty when it is another call."""
    execute = artifact("Batch").functions["execute"]
    if calldata[:_SELECTOR_BYTES] != execute.selector:
        return []
    try:
        (items,) = abi_decode(execute.types, calldata[_SELECTOR_BYTES:])
    except DecodingError:
        return []
    return [(checksum_address(target), data) for target, data in items]


@dataclass(frozen=True, slots=True)
class _Layout:
    kind: str
    pointed_to: bool
    """Whether the arguments begin with the place of the struct, and not with the struct."""
    words: int
    signer: int
    nonce: int
    currency: int | None
    reference: int | None
    provider: int | None
    provider_currency: int | None


def _struct(layout: _Layout, arguments: bytes) -> bytes:
    if not layout.pointed_to:
        return arguments
    return arguments[int.from_bytes(_word(arguments, 0), "big") :]


def _word(words: bytes, position: int) -> bytes:
    return words[_WORD * position : _WORD * (position + 1)]


def _optional(struct: bytes, position: int | None, read: Any) -> Any:
    return None if position is None else read(_word(struct, position))


def _address(word: bytes) -> str:
    return checksum_address(word[12:])


def _reference(word: bytes) -> str | None:
    text = to_hex(word)
    return None if text == ZERO_HASH else text


@cache
def _layouts() -> Mapping[bytes, _Layout]:
    found = {}
    for (contract, function), kind in _KINDS.items():
        compiled = artifact(contract)
        entry = next(e for e in compiled.abi if e.get("name") == function)
        parts = entry["inputs"][0]["components"]
        names = [part["name"] for part in parts]
        found[compiled.functions[function].selector] = _Layout(
            kind=kind,
            pointed_to=any(part["type"].endswith("[]") for part in parts),
            words=len(names),
            signer=names.index(_signer_field(kind, names)),
            nonce=names.index("nonce"),
            currency=_place(names, *_CURRENCY_FIELDS),
            reference=_place(names, "reference_"),
            provider=_place(names, "provider"),
            provider_currency=_place(names, "targetCurrency"),
        )
    return found


def _signer_field(kind: str, names: list[str]) -> str:
    return _SIGNERS.get(kind) or next(name for name in _SIGNER_FIELDS if name in names)


def _place(names: list[str], *candidates: str) -> int | None:
    return next((names.index(name) for name in candidates if name in names), None)
