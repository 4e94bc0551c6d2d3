"""From who gets how much to the order that is signed: for tips, and for what several share."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import Holder
from wallet_chain.bank.orders import OrderPlan, bounded, place_operation, require_funds
from wallet_chain.errors import InvalidRequest, SelfPayment, SplitInvalid
from wallet_chain.ledger.hashing import ZERO_HASH, from_hex
from wallet_chain.ledger.revert_facts import RevertContext
from wallet_chain.ledger.reverts import refusal_from_revert, refusal_named
from wallet_chain.ledger.units import LimitRule, MovementKind, currency_bytes
from wallet_chain.money import Currency, Money, currency_named
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import Operation, Order

RECEIVERS_MAX = 8
"""As the contract has it."""

_KIND = MovementKind.PAYMENT


@dataclass(frozen=True, slots=True)
class Part:
    """What one account gets. An account may be named again, e.g. for a tip."""

    account: str
    amount_minor: int
    customer_id: str | None = None
    """Whose account it is, where that is known here."""


@dataclass(frozen=True, slots=True)
class SplitTerms:
    """A payment to several before it has a nonce and a deadline."""

    payer: str
    """The account that pays."""
    currency: Currency
    invoice: str
    """Salted hash, ``0x`` and 64 digits, of what is paid; never zero. The chain takes it once for the
    first part's account and amount, whatever the other parts are."""
    parts: tuple[Part, ...]
    """The first gets what was asked for; those behind it are tips and others' shares."""

    @property
    def total(self) -> Money:
        """What the payer pays in all."""
        return Money(sum(part.amount_minor for part in self.parts), self.currency)

    def message(self, details_hash: str) -> dict[str, Any]:
        """The EIP-712 message without reference, nonce and deadline."""
        return {
            "payer": self.payer,
            "currency": self.currency.code,
            "invoice": self.invoice,
            "receivers": [part.account for part in self.parts],
            "amounts": [part.amount_minor for part in self.parts],
            "details": details_hash,
        }


@dataclass(frozen=True, slots=True)
class PreparedSplit:
    """A payment to several that the contract would settle now."""

    payer: Holder
    terms: SplitTerms


def terms_of(message: Mapping[str, Any]) -> SplitTerms:
    """The terms in a split order's message; it does not know whose accounts they are."""
    pairs = zip(message["receivers"], message["amounts"], strict=True)
    return SplitTerms(
        payer=message["payer"],
        currency=currency_named(message["currency"]),
        invoice=message["invoice"],
        parts=tuple(Part(account, int(amount)) for account, amount in pairs),
    )


def prepare_split(bank: Bank, payer: Holder, terms: SplitTerms) -> PreparedSplit:
    """Ask the chain about a payment to several. Call it outside of any transaction.

    Raises SplitInvalid, SelfPayment, InvalidRequest, and what the contract would refuse it with:
    InvoiceAlreadyPaid, the policy's refusal of any part (LimitExceeded also for all of them
    together), InsufficientFunds.
    """
    require_terms(terms)
    _ask(bank, terms)
    return PreparedSplit(payer, terms)


def recheck_split(bank: Bank, order: Order) -> None:
    """Ask the chain again before a signature is taken. Raises as ``prepare_split``."""
    _ask(bank, terms_of(order.message))


def split_plan(
    prepared: PreparedSplit,
    *,
    details_hash: str = ZERO_HASH,
    sealed_details: bytes | None = None,
    related_id: str | None = None,
    deadline: int | None = None,
) -> OrderPlan:
    """The order of a payment to several.

    ``details_hash`` and ``sealed_details`` are of ``PersonalKeys.salted_hash`` under the payer's key;
    ``related_id`` is the request that is paid, ``deadline`` another than the usual one.
    """
    terms = prepared.terms
    first = terms.parts[0]
    return OrderPlan(
        kind="split",
        id_prefix="spl",
        contract="SplitPayments",
        signer=prepared.payer.customer,
        account=prepared.payer.account,
        message=terms.message(details_hash) | bounded(deadline),
        money=terms.total,
        counterparty_account=first.account,
        counterparty_customer_id=first.customer_id,
        related_id=related_id,
        sealed_details=sealed_details,
    )


def place_split(
    bank: Bank,
    session: Session,
    caller: Caller,
    ask: Ask,
    prepared: PreparedSplit,
    *,
    details_hash: str = ZERO_HASH,
    sealed_details: bytes | None = None,
    related_id: str | None = None,
    deadline: int | None = None,
) -> tuple[Order, Operation | None]:
    """Write a prepared payment to several in the caller's transaction: signed and accepted where the
    bank keeps the payer's key (then with its operation), else awaiting the payer's signature.

    Raises InsufficientFunds when orders on their way leave too little.
    """
    require_funds(session, prepared.payer.account, prepared.terms.total)
    plan = split_plan(
        prepared,
        details_hash=details_hash,
        sealed_details=sealed_details,
        related_id=related_id,
        deadline=deadline,
    )
    return place_operation(bank, session, caller, ask, plan)


def require_terms(terms: SplitTerms) -> None:
    """Raise SplitInvalid, InvalidRequest or SelfPayment for terms that can't be."""
    count = len(terms.parts)
    if not 1 <= count <= RECEIVERS_MAX:
        raise SplitInvalid(
            f"A payment names 1 to {RECEIVERS_MAX} receivers; this one has {count}.",
            receivers=count,
            most=RECEIVERS_MAX,
        )
    if any(part.amount_minor <= 0 for part in terms.parts):
        raise SplitInvalid("Each receiver gets more than nothing.", receivers=count)
    if any(part.account == terms.payer for part in terms.parts):
        raise SelfPayment(
            "The payer is among the receivers; leave that part out.", account=terms.payer
        )
    if terms.invoice == ZERO_HASH:
        raise InvalidRequest(
            "A payment to several needs the hash of what is paid.", field="invoice"
        )


def _ask(bank: Bank, terms: SplitTerms) -> None:
    currency, first = terms.currency.code, terms.parts[0]
    context = RevertContext(currency)
    paid_by = bank.contracts.read(
        "SplitPayments",
        "paidBy",
        first.account,
        currency_bytes(currency),
        first.amount_minor,
        from_hex(terms.invoice),
    )
    if any(paid_by):
        arguments = {"merchant": first.account, "invoice": from_hex(terms.invoice)}
        raise refusal_named("InvoiceAlreadyPaid", arguments, context)
    movements = [
        (currency_bytes(currency), int(_KIND), terms.payer, part.account, part.amount_minor)
        for part in terms.parts
    ]
    for told in bank.contracts.read("TransferPolicy", "explainMany", movements):
        if told:
            raise refusal_from_revert(told, context)
    _require_total(bank, terms, context)


def _require_total(bank: Bank, terms: SplitTerms, context: RevertContext) -> None:
    """Each part may be allowed while all of them together are not."""
    currency, total = terms.currency.code, terms.total.amount_minor
    balance = bank.contracts.read(currency, "balanceOf", terms.payer)
    if balance < total:
        arguments = {"sender": terms.payer, "balance": balance, "needed": total}
        raise refusal_named("ERC20InsufficientBalance", arguments, context)
    room = bank.contracts.explain(
        _KIND, terms.payer, terms.parts[0].account, currency, total
    ).headroom
    for name, rule in (("day", LimitRule.DAY), ("month", LimitRule.MONTH)):
        limit, used, asked = room[f"{name}_limit"], room[f"{name}_used"] or 0, room["asked"] or 0
        if limit is not None and used + asked > limit:
            facts = {"limit": limit, "used": used, "asked": asked}
            arguments = {"rule": int(rule), "freesAt": room[f"{name}_frees_at"] or 0, **facts}
            raise refusal_named("LimitExceeded", arguments, context)
