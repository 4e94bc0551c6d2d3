"""Sends a deployment's transactions one after another and waits until all are mined."""

from typing import Any

from wallet_chain.clock import monotonic_seconds, pause
from wallet_chain.errors import ChainRefused, ChainUnavailable, WalletError
from wallet_chain.ledger.classify import SendOutcome, classify_failure
from wallet_chain.ledger.reverts import refusal_from_failure
from wallet_chain.ledger.rpc import Rpc, RpcFailure, chain_id, transaction_count
from wallet_chain.ledger.transactions import (
    LocalSigner,
    SignedTransaction,
    fee_policy,
    receipt_of,
    send_raw,
    sign_transaction,
)

GAS_MAX = 10_000_000
"""For one transaction; below the 2**24 that EIP-7825 allows."""

_TRANSFER_GAS = 21_000

MINED_WITHIN_SECONDS = 180.0
_LOOK_EVERY_SECONDS = 0.1

_TRY_LATER = frozenset({SendOutcome.POOL_FULL, SendOutcome.NONCE_TOO_HIGH})
_REFUSED = frozenset({SendOutcome.UNKNOWN, SendOutcome.NEVER_FITS, SendOutcome.REFUSED_FOR_GOOD})
_TAKEN = frozenset({SendOutcome.ACCEPTED, SendOutcome.ALREADY_KNOWN})


class Sender:
    """One account's transactions in the order of their nonces, nobody else using the account."""

    def __init__(self, rpc: Rpc, signer: LocalSigner) -> None:
        self._rpc = rpc
        self._signer = signer
        self._chain_id = chain_id(rpc)
        self._fees = fee_policy(rpc)
        self._waiting: list[tuple[str, SignedTransaction]] = []
        self.next_nonce = transaction_count(rpc, signer.address)
        self.last_receipt: dict[str, Any] = {}

    def send(self, what: str, to: str | None, data: bytes, *, value: int = 0) -> None:
        """Send a call, or a creation when ``to`` is None; ``what`` names it in errors.

        ``value`` is in wei.
        """
        transaction = sign_transaction(
            self._signer,
            chain_id=self._chain_id,
            nonce=self.next_nonce,
            to=to,
            data=data,
            gas=GAS_MAX if data else _TRANSFER_GAS,
            fees=self._fees,
            value=value,
        )
        outcome = self._hand_over(what, transaction)
        if outcome in _TRY_LATER:
            # The node keeps only a few of one sender: let it mine those first.
            self.settle()
            outcome = self._hand_over(what, transaction)
        if outcome not in _TAKEN:
            raise ChainRefused(f"The node did not take the {what} ({outcome.value}).", step=what)
        self.next_nonce += 1
        self._waiting.append((what, transaction))

    def settle(self) -> None:
        """Wait until everything that was sent is mined, and make sure that it succeeded.

        Raises the refusal of the first that did not, or ChainUnavailable when the chain stands.
        """
        deadline = monotonic_seconds() + MINED_WITHIN_SECONDS
        for what, transaction in self._waiting:
            receipt = receipt_of(self._rpc, transaction.hash)
            while receipt is None:
                if monotonic_seconds() > deadline:
                    raise ChainUnavailable(
                        f"The {what} was sent but is not mined after {MINED_WITHIN_SECONDS:.0f}"
                        " seconds. Check that the chain makes blocks, then deploy again.",
                        transaction_hash=transaction.hash,
                    )
                pause(_LOOK_EVERY_SECONDS)
                receipt = receipt_of(self._rpc, transaction.hash)
            if int(receipt["status"], 16) != 1:
                raise self._reason(what, transaction, receipt)
            self.last_receipt = receipt
        self._waiting.clear()

    def _hand_over(self, what: str, transaction: SignedTransaction) -> SendOutcome:
        try:
            send_raw(self._rpc, transaction)
        except RpcFailure as failure:
            outcome = classify_failure(failure)
            if outcome in _REFUSED:
                raise ChainRefused(
                    f"The node refused the {what}: {failure.message}. Put that right and deploy"
                    " again.",
                    step=what,
                    reason=failure.message[:200],
                ) from failure
            return outcome
        return SendOutcome.ACCEPTED

    def _reason(
        self, what: str, transaction: SignedTransaction, receipt: dict[str, Any]
    ) -> WalletError:
        """Why a mined transaction failed, from calling it again on the block before."""
        before = hex(max(int(receipt["blockNumber"], 16) - 1, 0))
        sent = self._rpc.call("eth_getTransactionByHash", [transaction.hash])
        call = {"from": sent["from"], "data": sent["input"], "gas": sent["gas"]}
        if sent.get("to"):
            call["to"] = sent["to"]
        try:
            self._rpc.call("eth_call", [call, before])
        except RpcFailure as failure:
            return refusal_from_failure(failure)
        return ChainRefused(
            f"The {what} failed on chain without a reason.",
            step=what,
            transaction_hash=transaction.hash,
        )
