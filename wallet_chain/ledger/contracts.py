"""The deployed contracts: where they are, whether they are still themselves, and asking them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from wallet_chain.errors import (
    ChainMismatch,
    ChainStateLost,
    ContractMismatch,
    NotDeployed,
    UnknownCurrency,
    WalletError,
)
from wallet_chain.ledger.abi import CURRENCY_CONTRACT, decode_result, encode_call
from wallet_chain.ledger.hashing import (
    from_hex,
    keccak256,
    to_hex,
)
from wallet_chain.ledger.revert_facts import RevertContext
from wallet_chain.ledger.reverts import refusal_from_failure, refusal_from_revert
from wallet_chain.ledger.rpc import (
    Rpc,
    RpcFailure,
    block_by_number,
    block_number,
    chain_id,
    genesis_hash,
)
from wallet_chain.ledger.shared_calls import SharedCalls
from wallet_chain.ledger.units import NO_LIMIT, MovementKind, currency_bytes


@dataclass(frozen=True)
class AddressBook:
    """Where one deployment's contracts are, and what tells its chain from another."""

    chain_id: int
    genesis_hash: str
    deployed_block: int
    """The block of the last transaction of the deployment; events are read from block 0 anyway."""
    deployed_block_hash: str
    access_manager: str
    identity_registry: str
    transfer_policy: str
    batch: str
    payments: str
    issuance: str
    cross_border: str
    loyalty: str
    loyalty_desk: str
    offers: str
    purchases: str
    mandates: str
    gifts: str
    split_payments: str
    account_recovery: str
    anchors: str
    tokens: dict[str, str] = field(hash=False)
    """Currency code -> token."""
    code_hashes: dict[str, str] = field(hash=False)
    """Address -> keccak of its runtime code, taken from the chain when it was deployed."""

    @cached_property
    def by_name(self) -> dict[str, str]:
        """Contract name or currency code -> address."""
        return {
            "AccessManager": self.access_manager,
            "IdentityRegistry": self.identity_registry,
            "TransferPolicy": self.transfer_policy,
            "Batch": self.batch,
            "Payments": self.payments,
            "Issuance": self.issuance,
            "CrossBorder": self.cross_border,
            "Loyalty": self.loyalty,
            "LoyaltyDesk": self.loyalty_desk,
            "Offers": self.offers,
            "Purchases": self.purchases,
            "Mandates": self.mandates,
            "Gifts": self.gifts,
            "SplitPayments": self.split_payments,
            "AccountRecovery": self.account_recovery,
            "Anchors": self.anchors,
        } | self.tokens

    @cached_property
    def names(self) -> dict[str, str]:
        """Address -> contract name or currency code."""
        return {address: name for name, address in self.by_name.items()}

    def address(self, name: str) -> str:
        """The address of a contract or, by its code, of a currency's token.

        Raises UnknownCurrency when there is no such thing.
        """
        found = self.by_name.get(name)
        if found is None:
            raise UnknownCurrency(
                f"{name!r} is not a currency of this system; use one of"
                f" {', '.join(sorted(self.tokens))}.",
                currency=name,
            )
        return found

    def currency_of(self, token: str) -> str | None:
        """The code of the currency whose token this is; None for any other address."""
        name = self.names.get(token)
        return name if name in self.tokens else None

    def to_json(self) -> bytes:
        """The content of the address book's file."""
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)

    @classmethod
    def from_json(cls, content: bytes) -> "AddressBook":
        """Read what ``to_json`` wrote. Raises NotDeployed when it is something else."""
        try:
            return cls(**orjson.loads(content))
        except (TypeError, ValueError) as error:
            raise NotDeployed(
                "The address book can't be read; restore its file from a backup, or deploy anew"
                " with `wallet-chain deploy`."
            ) from error


def address_book_path(data_dir: Path, chain_id_expected: int) -> Path:
    """Where the address book of a chain is kept."""
    return data_dir / "addresses" / f"{chain_id_expected}.json"


def load_address_book(data_dir: Path, chain_id_expected: int) -> AddressBook | None:
    """The address book of a chain; None when nothing was deployed there from this folder."""
    path = address_book_path(data_dir, chain_id_expected)
    return AddressBook.from_json(path.read_bytes()) if path.exists() else None


def save_address_book(data_dir: Path, book: AddressBook) -> Path:
    """Write the address book so that a crash leaves the old file or the new one, never a part."""
    path = address_book_path(data_dir, book.chain_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_bytes(book.to_json())
    unfinished.replace(path)
    return path


@dataclass(frozen=True)
class Explanation:
    """What would become of a movement now."""

    refusal: WalletError | None
    """None when it would be allowed."""
    headroom: dict[str, int | None]
    """How near it is to each limit, in minor units of the reference currency; None: no limit.
    ``day_frees_at`` and ``month_frees_at`` are Unix seconds, 0 when nothing needs to free."""


_HEADROOM = (
    "asked",
    "per_payment",
    "day_limit",
    "day_used",
    "month_limit",
    "month_used",
    "balance_limit",
    "balance_used",
    "day_frees_at",
    "month_frees_at",
    "policy_version",
)
_LIMITS = frozenset({"per_payment", "day_limit", "month_limit", "balance_limit"})


_Movement = tuple[bytes, int, str, str, int]
"""Currency, kind, from, to, amount: the contract's Query."""

_MOVEMENTS_AT_ONCE = 64


class Contracts:
    """Encodes calls of the deployed contracts and reads from them. Safe to use from many threads."""

    def __init__(self, rpc: Rpc, book: AddressBook) -> None:
        self.rpc = rpc
        self.book = book
        self._refusals = SharedCalls(self._refusals_of, _MOVEMENTS_AT_ONCE)

    def address(self, contract: str) -> str:
        """See ``AddressBook.address``."""
        return self.book.address(contract)

    def encode(self, contract: str, function: str, *args: Any) -> bytes:
        """Calldata. ``function`` is a name, or a signature where the name is overloaded."""
        return encode_call(self._kind(contract), function, *args)

    def read(
        self,
        contract: str,
        function: str,
        *args: Any,
        block: int | str = "latest",
        sender: str | None = None,
        context: RevertContext | None = None,
    ) -> Any:
        """Call a view function; one output is answered as it is, several as a tuple.

        Addresses come as EIP-55, structs as tuples. Raises the refusal that a revert maps to, in
        the words of ``context``, or ChainUnavailable.
        """
        kind = self._kind(contract)
        target = self.address(contract)
        data = encode_call(kind, function, *args)
        answer = self._eth_call(target, data, sender, block, context)
        return decode_result(kind, function, answer)

    def read_many(
        self, calls: list[tuple[str, str, tuple[Any, ...]]], block: int | str
    ) -> list[Any]:
        """``read`` for many calls at one block, in one request to the node."""
        requests = [
            ("eth_call", [_call(self.address(c), self.encode(c, f, *a), None), _tag(block)])
            for c, f, a in calls
        ]
        results = []
        for (contract, function, _), outcome in zip(calls, self.rpc.batch(requests), strict=True):
            if isinstance(outcome, RpcFailure):
                raise refusal_from_failure(outcome)
            results.append(decode_result(self._kind(contract), function, from_hex(outcome)))
        return results

    def try_many(
        self, calls: list[tuple[str, str, tuple[Any, ...]]], context: RevertContext
    ) -> list[Any | WalletError]:
        """``read_many`` of the latest block, with each refusal in place of its call's result."""
        requests = [
            ("eth_call", [_call(self.address(c), self.encode(c, f, *a), None), "latest"])
            for c, f, a in calls
        ]
        return [
            refusal_from_failure(outcome, context)
            if isinstance(outcome, RpcFailure)
            else decode_result(self._kind(contract), function, from_hex(outcome))
            for (contract, function, _), outcome in zip(
                calls, self.rpc.batch(requests), strict=True
            )
        ]

    def preflight(
        self,
        sender: str,
        target: str,
        calldata: bytes,
        *,
        block: int | str = "latest",
        context: RevertContext | None = None,
    ) -> WalletError | None:
        """What the chain would refuse a call with, were it sent now (or at an earlier block), in the
        words of ``context``."""
        try:
            self._eth_call(target, calldata, sender, block, context)
        except WalletError as refusal:
            return refusal
        return None

    def explain(
        self, kind: MovementKind, sender: str, receiver: str, currency: str, amount_minor: int
    ) -> Explanation:
        """Ask the policy what would become of a movement; it asks the token for its part.

        ``sender`` is the zero address for a mint, ``receiver`` for a redemption.
        """
        code = currency_bytes(currency)
        refusal, headroom = self.read(
            "TransferPolicy", "explain", code, int(kind), sender, receiver, amount_minor
        )
        found = refusal_from_revert(refusal, RevertContext(currency)) if refusal else None
        return Explanation(found, _headroom(headroom))

    def refusal_of(
        self, kind: MovementKind, sender: str, receiver: str, currency: str, amount_minor: int
    ) -> WalletError | None:
        """What ``explain`` gives as the refusal, without the headroom, at a fraction of its cost.

        Threads that ask at the same time share one call.
        """
        return self._refusals.ask(
            (currency_bytes(currency), int(kind), sender, receiver, amount_minor)
        )

    def _refusals_of(self, movements: Sequence[_Movement]) -> list[WalletError | None]:
        told = self.read("TransferPolicy", "explainMany", list(movements))
        return [
            refusal_from_revert(refusal, RevertContext(currency.rstrip(b"\0").decode()))
            if refusal
            else None
            for refusal, (currency, *_) in zip(told, movements, strict=True)
        ]

    def check(self) -> None:
        """Make sure that the node serves the chain and the contracts of the address book.

        Raises ChainMismatch (another chain id or genesis), ChainStateLost (the block of the
        deployment is gone or another), NotDeployed (no code) or ContractMismatch (other code).
        """
        self._check_chain()
        addresses = sorted(self.book.code_hashes)
        outcomes = self.rpc.batch([("eth_getCode", [a, "latest"]) for a in addresses])
        for address, outcome in zip(addresses, outcomes, strict=True):
            if isinstance(outcome, RpcFailure):
                raise refusal_from_failure(outcome)
            self._check_code(address, from_hex(outcome))

    def _check_chain(self) -> None:
        served = chain_id(self.rpc)
        if served != self.book.chain_id:
            raise ChainMismatch(
                f"The node serves chain {served}, this system lives on chain {self.book.chain_id}."
                " Point WALLET_CHAIN_RPC_URL at a node of that chain.",
                expected=self.book.chain_id,
                found=served,
            )
        genesis = genesis_hash(self.rpc)
        if genesis != self.book.genesis_hash:
            raise ChainMismatch(
                f"The node's chain has the id {served} but another first block than the one that"
                " this system was deployed on. Point WALLET_CHAIN_RPC_URL at the right node.",
                expected=self.book.genesis_hash,
                found=genesis,
            )
        block = block_by_number(self.rpc, self.book.deployed_block)
        if block is None or block["hash"] != self.book.deployed_block_hash:
            raise ChainStateLost(
                f"The node no longer has block {self.book.deployed_block} of this system's"
                f" deployment (its head is {block_number(self.rpc)}). Restore the node from its"
                " backup or let it synchronise; do not deploy again.",
                block=self.book.deployed_block,
                expected=self.book.deployed_block_hash,
                found=None if block is None else block["hash"],
            )

    def _check_code(self, address: str, code: bytes) -> None:
        name = self.book.names.get(address, address)
        if not code:
            raise NotDeployed(
                f"There is no contract at {address}, where {name} should be. Check that the address"
                " book belongs to this chain.",
                contract=name,
                address=address,
            )
        found = to_hex(keccak256(code))
        if found != self.book.code_hashes[address]:
            raise ContractMismatch(
                f"The code at {address} is not the {name} that was deployed there. Do not go on:"
                " find out whether the node or the address book was changed.",
                contract=name,
                address=address,
                expected=self.book.code_hashes[address],
                found=found,
            )

    def _eth_call(
        self,
        target: str,
        data: bytes,
        sender: str | None,
        block: int | str,
        context: RevertContext | None = None,
    ) -> bytes:
        try:
            answer = self.rpc.call("eth_call", [_call(target, data, sender), _tag(block)])
        except RpcFailure as failure:
            said = context or RevertContext(self.book.currency_of(target))
            raise refusal_from_failure(failure, said) from failure
        return from_hex(answer)

    def _kind(self, contract: str) -> str:
        return CURRENCY_CONTRACT if contract in self.book.tokens else contract


def _call(target: str, data: bytes, sender: str | None) -> dict[str, str]:
    call = {"to": target, "data": to_hex(data)}
    return call if sender is None else call | {"from": sender}


def _tag(block: int | str) -> str:
    return hex(block) if isinstance(block, int) else block


def _headroom(values: tuple[int, ...]) -> dict[str, int | None]:
    named = zip(_HEADROOM, values, strict=True)
    return {n: None if n in _LIMITS and v == NO_LIMIT else v for n, v in named}
