"""EIP-712: the orders that customers sign, their digests, and who signed.

A message is a plain mapping with the field names of the Solidity structs; ``currency`` is the code
("EUR"), addresses are ``0x`` hex, hashes ``0x`` hex or bytes, integers ints or decimal strings;
an array is a list of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from coincurve import PublicKey

from wallet_chain.errors import SignatureInvalid
from wallet_chain.ledger.contracts import AddressBook
from wallet_chain.ledger.hashing import checksum_address, from_hex, keccak256
from wallet_chain.ledger.merchant_orders import MERCHANT_ORDERS
from wallet_chain.ledger.rpc import Rpc, RpcFailure, code_at
from wallet_chain.ledger.transactions import address_of
from wallet_chain.ledger.units import currency_bytes

DOMAIN_NAME = "Wallet Chain"
DOMAIN_VERSION = "1"

Message = Mapping[str, Any]

_DOMAIN_FIELDS = (
    ("name", "string"),
    ("version", "string"),
    ("chainId", "uint256"),
    ("verifyingContract", "address"),
)


@dataclass(frozen=True)
class OrderKind:
    """What is signed: the EIP-712 struct, and where its order goes."""

    struct: str
    fields: tuple[tuple[str, str], ...]

    @cached_property
    def type_hash(self) -> bytes:
        """Keccak of ``encodeType``."""
        return keccak256(_encode_type(self.struct, self.fields))

    @cached_property
    def encoders(self) -> tuple[tuple[str, Callable[[Any], bytes]], ...]:
        """How to write each field as one word of ``encodeData``."""
        return tuple((name, _ENCODERS[kind]) for name, kind in self.fields)


def _fields(text: str) -> tuple[tuple[str, str], ...]:
    pairs = [part.split(" ") for part in text.split(",")]
    return tuple((name, kind) for kind, name in pairs)


KINDS: dict[str, OrderKind] = {
    "payment": OrderKind(
        "Payment",
        _fields(
            "address payer,address payee,string currency,uint128 amount,bytes32 reference,"
            "bytes32 details,uint256 nonce,uint64 deadline"
        ),
    ),
    "refund": OrderKind(
        "Refund",
        _fields(
            "bytes32 payment,address from,address to,string currency,uint128 amount,"
            "bytes32 reference,uint256 nonce,uint64 deadline"
        ),
    ),
    "withdrawal": OrderKind(
        "Redemption",
        _fields(
            "address account,string currency,uint128 amount,bytes32 payout,bytes32 reference,"
            "uint256 nonce,uint64 deadline"
        ),
    ),
    "cancellation": OrderKind(
        "Cancellation",
        _fields("bytes32 order,address signer,uint256 nonce,uint64 deadline"),
    ),
    "transfer": OrderKind(
        "Transfer",
        _fields(
            "bytes32 quote,address provider,address sender,address recipient,string sourceCurrency,"
            "uint128 sourceAmount,string targetCurrency,uint128 targetAmount,string purpose,"
            "bytes32 travelRule,bytes32 reference,uint256 nonce,uint64 deadline"
        ),
    ),
    "recall": OrderKind(
        "Recall",
        _fields("bytes32 transfer,address sender,bytes32 reference,uint256 nonce,uint64 deadline"),
    ),
    "quote": OrderKind(
        "Quote",
        _fields(
            "address provider,string sourceCurrency,string targetCurrency,uint128 sourceAmount,"
            "uint128 fee,uint128 targetAmount,uint128 rateNumerator,uint128 rateDenominator,"
            "uint8 rounding,uint64 expiry,bytes32 quoteId"
        ),
    ),
    "rates": OrderKind("Rates", _fields("string source,uint64 asOf,string base,string rates")),
    "recovery": OrderKind(
        "AcceptRecovery",
        _fields("address oldAccount,address newAccount,uint64 deadline"),
    ),
    "challenge": OrderKind(
        "AccountChallenge",
        _fields("string customer,address account,bytes32 nonce,uint64 deadline"),
    ),
} | {kind: OrderKind(name, _fields(text)) for kind, (name, text) in MERCHANT_ORDERS.items()}
"""By kind. ``quote`` is what a provider of foreign exchange signs (CrossBorder), ``rates`` what a
feeder of rates does (the contracts never see it, its domain is the policy); ``recovery`` is a new key's consent (AccountRecovery); ``challenge`` shows that an
address belongs to a customer: the contracts never see it, its domain is the identity registry."""


@dataclass(frozen=True)
class Domain:
    """The EIP-712 domain: one chain, one contract."""

    chain_id: int
    verifying_contract: str

    @cached_property
    def separator(self) -> bytes:
        """``domainSeparator``, computed once."""
        return keccak256(
            keccak256(_encode_type("EIP712Domain", _DOMAIN_FIELDS))
            + keccak256(DOMAIN_NAME.encode())
            + keccak256(DOMAIN_VERSION.encode())
            + self.chain_id.to_bytes(32, "big")
            + _address(self.verifying_contract)
        )

    def to_json(self) -> dict[str, Any]:
        """As wallets expect it in ``eth_signTypedData_v4``."""
        return {
            "name": DOMAIN_NAME,
            "version": DOMAIN_VERSION,
            "chainId": self.chain_id,
            "verifyingContract": self.verifying_contract,
        }


@lru_cache(maxsize=64)
def _domain(chain_id: int, verifying_contract: str) -> Domain:
    return Domain(chain_id, verifying_contract)


def domain_for(book: AddressBook, contract: str) -> Domain:
    """The domain of a contract by name, e.g. ``Payments``."""
    return _domain(book.chain_id, book.address(contract))


def typed_data(kind: str, domain: Domain, message: Message) -> dict[str, Any]:
    """The whole EIP-712 object that viem, ethers and hardware wallets sign as it is.

    Integers of the message are decimal strings, so that no JSON reader rounds them.
    """
    order = KINDS[kind]
    return {
        "types": {
            "EIP712Domain": [{"name": n, "type": t} for n, t in _DOMAIN_FIELDS],
            order.struct: [{"name": n, "type": t} for n, t in order.fields],
        },
        "primaryType": order.struct,
        "domain": domain.to_json(),
        "message": message_json(kind, message),
    }


def message_json(kind: str, message: Message) -> dict[str, str | bool | list[str]]:
    """The message with every value but truth as a string, in the order of the struct's fields."""
    return {name: _as_text(message[name]) for name, _ in KINDS[kind].fields}


def order_digest(kind: str, domain: Domain, message: Message) -> bytes:
    """The 32 bytes that are signed, which are also the order's id on chain (EIP-712).

    Raises ValueError or KeyError when the message does not fit the kind.
    """
    order = KINDS[kind]
    words = [encode(message[name]) for name, encode in order.encoders]
    struct_hash = keccak256(order.type_hash + b"".join(words))
    return keccak256(b"\x19\x01" + domain.separator + struct_hash)


def order_struct(kind: str, message: Message) -> tuple[Any, ...]:
    """The order as the ABI's tuple: ``currency`` as bytes3, hashes as bytes, integers as ints."""
    return tuple(_abi_value(name, kind_of, message[name]) for name, kind_of in KINDS[kind].fields)


_CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_HALF_ORDER = _CURVE_ORDER // 2


def recover(digest: bytes, signature: bytes) -> str:
    """The EIP-55 address whose key made a 65-byte signature ``r || s || v``.

    Raises SignatureInvalid for every form that the contracts refuse: another length, v other than
    27 or 28, an s in the upper half (EIP-2), or no point on the curve.
    """
    if len(signature) != 65:
        raise SignatureInvalid(
            f"A signature is 65 bytes (r, s, v); this one has {len(signature)}.",
            length=len(signature),
        )
    if signature[64] not in (27, 28):
        raise SignatureInvalid(
            f"The last byte (v) of a signature is 27 or 28; this one is {signature[64]}.",
            v=signature[64],
        )
    if int.from_bytes(signature[32:64], "big") > _HALF_ORDER:
        raise SignatureInvalid(
            "The signature's s is in the upper half of the curve's order; replace s by n - s and"
            " flip v (EIP-2), or sign again.",
            reason="high_s",
        )
    try:
        key = PublicKey.from_signature_and_message(
            signature[:64] + bytes((signature[64] - 27,)), digest, hasher=None
        )
    except ValueError as error:
        raise SignatureInvalid("The bytes are not a signature over this order.") from error
    return address_of(key.format(compressed=False))


_ERC1271_SELECTOR = keccak256(b"isValidSignature(bytes32,bytes)")[:4]


def check_signature(rpc: Rpc, signer: str, digest: bytes, signature: bytes) -> bool:
    """Whether the signer's key, or its wallet contract (ERC-1271), accepts the signature.

    A key is tried first, as the contracts do; nobody can have the key of a contract's address.
    Raises ChainUnavailable when the node must be asked and does not answer.
    """
    try:
        if recover(digest, signature) == checksum_address(signer):
            return True
    except SignatureInvalid:
        # A wallet contract may use any form of signature; only it can tell.
        pass
    return bool(code_at(rpc, signer)) and _contract_accepts(rpc, signer, digest, signature)


def _contract_accepts(rpc: Rpc, wallet: str, digest: bytes, signature: bytes) -> bool:
    padded = signature + b"\x00" * (-len(signature) % 32)
    data = (
        _ERC1271_SELECTOR
        + digest
        + (64).to_bytes(32, "big")
        + len(signature).to_bytes(32, "big")
        + padded
    )
    try:
        answer = rpc.call("eth_call", [{"to": wallet, "data": "0x" + data.hex()}, "latest"])
    except RpcFailure as failure:
        if failure.is_revert:
            return False
        raise
    # The magic value fills the first four of 32 bytes; the rest must be zero, as OpenZeppelin asks.
    return from_hex(answer)[:32] == _ERC1271_SELECTOR + b"\x00" * 28


def _encode_type(struct: str, fields: tuple[tuple[str, str], ...]) -> bytes:
    return f"{struct}({','.join(f'{kind} {name}' for name, kind in fields)})".encode()


def _as_text(value: Any) -> str | bool | list[str]:
    if isinstance(value, bool):
        return value
    if isinstance(value, list | tuple):
        return [_text_of(one) for one in value]
    return _text_of(value)


def _text_of(value: Any) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)


def _address(value: Any) -> bytes:
    raw = value if isinstance(value, bytes) else from_hex(value)
    if len(raw) != 20:
        raise ValueError("an address has 20 bytes")
    return b"\x00" * 12 + raw


def _bytes32(value: Any) -> bytes:
    raw: bytes = value if isinstance(value, bytes) else from_hex(value)
    if len(raw) != 32:
        raise ValueError("a hash has 32 bytes")
    return raw


def _flag(value: Any) -> bytes:
    if not isinstance(value, bool):
        raise ValueError("a flag is true or false")
    return int(value).to_bytes(32, "big")


def _unsigned(bits: int) -> Callable[[Any], bytes]:
    def encode(value: Any) -> bytes:
        number = int(value)
        if not 0 <= number < 1 << bits:
            raise ValueError(f"{number} does not fit uint{bits}")
        return number.to_bytes(32, "big")

    return encode


def _array(encode: Callable[[Any], bytes]) -> Callable[[Any], bytes]:
    """EIP-712: an array is the hash of its elements, a word each."""

    def encode_all(values: Any) -> bytes:
        if not isinstance(values, list | tuple):
            raise ValueError("an array is a list")
        return keccak256(b"".join(encode(value) for value in values))

    return encode_all


@lru_cache(maxsize=1024)
def _string(value: str) -> bytes:
    return keccak256(value.encode())


_ENCODERS: dict[str, Callable[[Any], bytes]] = {
    "address": _address,
    "address[]": _array(_address),
    "bytes32": _bytes32,
    "string": _string,
    "bool": _flag,
    "uint8": _unsigned(8),
    "uint16": _unsigned(16),
    "uint32": _unsigned(32),
    "uint40": _unsigned(40),
    "uint64": _unsigned(64),
    "uint64[]": _array(_unsigned(64)),
    "uint128": _unsigned(128),
    "uint256": _unsigned(256),
}


_CURRENCY_FIELDS = frozenset({"currency", "sourceCurrency", "targetCurrency"})


def _abi_value(name: str, kind: str, value: Any) -> Any:
    if name in _CURRENCY_FIELDS:
        return currency_bytes(value)
    if name == "purpose":
        return str(value).encode()
    if kind == "bytes32":
        return _bytes32(value)
    if kind.endswith("[]"):
        return [_abi_value(name, kind[:-2], one) for one in value]
    return int(value) if kind.startswith("uint") else value
