"""Before a lane is used: its nonce is compared with the chain, its key opened, its gas paid for."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.clock import Clock
from wallet_chain.errors import NotFound
from wallet_chain.ledger.rpc import Rpc, RpcFailure, ask
from wallet_chain.ledger.transactions import Fees, LocalSigner, sign_transaction
from wallet_chain.pipeline.bound_rows import store_bound
from wallet_chain.pipeline.lanes import LaneOwnership, ensure_lane, halt, start_at
from wallet_chain.pipeline.terms import Terms
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import Lane, Transaction

Signers = Callable[[str], LocalSigner]

_TRANSFER_GAS = 21_000
_LOW_TRANSACTIONS = 4
"""With funds for fewer transactions than this an account is topped up ..."""
_TOP_UP_TRANSACTIONS = 40
"""... to funds for so many."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Need:
    """A lane that has work, and the most gas that one of its transactions asks for."""

    address: str
    gas: int


class Readiness:
    """Which lanes may be used now."""

    def __init__(
        self,
        store: Store,
        rpc: Rpc,
        chain_id: int,
        signers: Signers,
        ownership: LaneOwnership,
        funder: str | None,
        clock: Clock,
    ) -> None:
        self._store = store
        self._rpc = rpc
        self._chain_id = chain_id
        self._signers = signers
        self._ownership = ownership
        self._funder = funder
        self._clock = clock
        self._compared: set[str] = set()
        self.unfunded: set[str] = set()
        """Lanes that wait for money to pay for gas with."""

    def ready(self, needs: Iterable[Need], terms: Terms) -> list[str]:
        """The lanes of these that may be used. Raises ChainUnavailable and LaneLost."""
        wanted = {need.address: need for need in needs}
        self.compare([address for address in wanted if address not in self._compared])
        usable = [address for address in wanted if address in self._compared]
        usable = [address for address in usable if self._opens(address)]
        if terms.fees.is_free:
            self.unfunded.clear()
            return usable
        return [address for address in usable if self._is_funded(wanted[address], terms.fees)]

    def compare(self, addresses: list[str]) -> None:
        """Compare lanes with the chain: one used for the first time starts at the chain's nonce.

        One whose account the chain has seen more often than it was used here is halted: its key
        was used elsewhere, or this database is an older backup. Raises ChainUnavailable.
        """
        if not addresses:
            return
        # The chain first: what this product sends meanwhile can only raise the stored nonce.
        counts = self._rpc.batch([("eth_getTransactionCount", [a, "latest"]) for a in addresses])
        with self._store.transaction() as session:
            for address, count in zip(addresses, counts, strict=True):
                if not isinstance(count, RpcFailure):
                    self._compare_one(session, address, int(count, 16))

    def _compare_one(self, session: Session, address: str, count: int) -> None:
        start_at(session, address, count)
        lane = session.get(Lane, address, populate_existing=True)
        if lane is None or lane.next_nonce is None:
            return
        if count > lane.next_nonce:
            halt(
                session,
                address,
                f"The chain has seen {count} transactions of this account, {lane.next_nonce} are"
                " known here: an older backup, or its key is used elsewhere.",
            )
            return
        self._compared.add(address)

    def _opens(self, address: str) -> bool:
        try:
            self._signers(address)
        except NotFound as missing:
            with self._store.transaction() as session:
                halt(session, address, f"There is no key to sign with: {missing.detail}")
            return False
        return True

    def _is_funded(self, need: Need, fees: Fees) -> bool:
        per_transaction = need.gas * fees.max_fee_per_gas
        balance = int(ask(self._rpc, "eth_getBalance", [need.address, "latest"]), 16)
        if balance < _LOW_TRANSACTIONS * per_transaction and need.address != self._funder:
            balance += self._top_up(need.address, _TOP_UP_TRANSACTIONS * per_transaction, fees)
        enough = balance >= per_transaction
        (self.unfunded.discard if enough else self.unfunded.add)(need.address)
        return enough

    def _top_up(self, address: str, amount_wei: int, fees: Fees) -> int:
        """Send for money; answers with what is there at once."""
        if self._funder is not None:
            self._bind_transfer(self._funder, address, amount_wei, fees)
            return 0
        try:
            # A development node gives what is asked for; others don't know the method.
            self._rpc.call("anvil_setBalance", [address, hex(amount_wei)])
        except RpcFailure:
            _log.error("lane %s has no money for gas and there is no funder", address)
            return 0
        return amount_wei

    def _bind_transfer(self, funder: str, address: str, amount_wei: int, fees: Fees) -> None:
        with self._store.transaction() as session:
            ensure_lane(session, funder, "funder")
        self.compare([funder])
        signer = self._signers(funder)
        with self._store.transaction() as session:
            under_way = select(Transaction.id).where(
                Transaction.lane_address == funder, Transaction.state.in_(("bound", "sent"))
            )
            owned = self._ownership.take(session, [funder])
            if not owned or session.scalars(under_way.limit(1)).first() is not None:
                return
            lane = owned[0]
            assert lane.next_nonce is not None
            signed = sign_transaction(
                signer,
                chain_id=self._chain_id,
                nonce=lane.next_nonce,
                to=address,
                data=b"",
                gas=_TRANSFER_GAS,
                fees=fees,
                value=amount_wei,
            )
            store_bound(
                session,
                lane_address=funder,
                nonce=lane.next_nonce,
                kind="funding",
                signed=signed,
                operation_ids=(),
                now=self._clock(),
            )
            self._ownership.use_nonce(session, lane, lane.next_nonce)
