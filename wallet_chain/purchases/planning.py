"""From what is bought to the order that is signed: for purchases, and for all that is paid by one."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import Holder
from wallet_chain.bank.orders import OrderPlan, bounded, place_operation, require_funds
from wallet_chain.bank.payees import Payee
from wallet_chain.errors import InvalidRequest, SelfPayment
from wallet_chain.ledger.hashing import ZERO_HASH
from wallet_chain.money import Money
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.purchases.asking import Settlement, ask_in_full
from wallet_chain.purchases.terms import PurchaseTerms
from wallet_chain.store.tables import Operation, Order

UINT32_MAX = 2**32 - 1
POINTS_MAX = 2**63 - 1
"""No lot holds more."""


@dataclass(frozen=True, slots=True)
class PreparedPurchase:
    """A purchase that the contract would settle now, and how."""

    payer: Holder
    merchant: Payee
    terms: PurchaseTerms
    settlement: Settlement

    @property
    def cash(self) -> Money:
        """What the payer pays in money."""
        return Money(self.settlement.cash_minor, self.terms.gross.currency)


def require_terms(terms: PurchaseTerms) -> None:
    """Raise InvalidRequest or SelfPayment for terms that make no purchase at all."""
    if terms.payer == terms.merchant:
        raise SelfPayment(
            "Payer and merchant are the same account; name another merchant.", account=terms.payer
        )
    if terms.invoice == ZERO_HASH:
        raise InvalidRequest("A purchase needs the hash of what is paid.", field="invoice")
    if not 0 <= terms.programme <= UINT32_MAX:
        raise InvalidRequest("A programme is a whole number from 1.", field="programme")
    if not 0 <= terms.points <= POINTS_MAX:
        raise InvalidRequest("points is a whole number from 0.", field="points")
    if terms.programme == 0 and (terms.points or terms.bonus != ZERO_HASH):
        raise InvalidRequest(
            "Points are spent and given in a programme; name it too.", field="programme"
        )


def prepare_purchase(
    bank: Bank, payer: Holder, merchant: Payee, terms: PurchaseTerms
) -> PreparedPurchase:
    """Ask the chain about a purchase. Call it outside of any transaction, before ``place_purchase``.

    Raises InvalidRequest, SelfPayment, and the first thing that the contract would refuse it with:
    InvoiceAlreadyPaid, NotAMerchant, the programme's, the offers', the points' and the policy's
    refusals.
    """
    require_terms(terms)
    return PreparedPurchase(payer, merchant, terms, ask_in_full(bank, terms))


def purchase_plan(
    prepared: PreparedPurchase,
    *,
    sealed_details: bytes | None = None,
    related_id: str | None = None,
    deadline: int | None = None,
) -> OrderPlan:
    """The order of a purchase.

    ``sealed_details`` is text under the payer's key, ``related_id`` the request, bill or instalment
    that is paid, ``deadline`` another than the usual one. The order's ``money`` is what the payer pays in money; the price is in the message.
    """
    terms, settlement = prepared.terms, prepared.settlement
    merchant = prepared.merchant.customer
    least = settlement.price_minor if terms.least_minor is None else terms.least_minor
    earn_least = settlement.earned if terms.earn_least is None else terms.earn_least
    return OrderPlan(
        kind="purchase",
        id_prefix="pur",
        contract="Purchases",
        signer=prepared.payer.customer,
        account=prepared.payer.account,
        message=terms.message(least, earn_least) | bounded(deadline),
        money=prepared.cash,
        counterparty_account=prepared.merchant.account,
        counterparty_customer_id=None if merchant is None else merchant.id,
        related_id=related_id,
        sealed_details=sealed_details,
    )


def place_purchase(
    bank: Bank,
    session: Session,
    caller: Caller,
    ask: Ask,
    prepared: PreparedPurchase,
    *,
    sealed_details: bytes | None = None,
    related_id: str | None = None,
    deadline: int | None = None,
) -> tuple[Order, Operation | None]:
    """Write a prepared purchase in the caller's transaction: signed and accepted where the bank keeps
    the payer's key (then with its operation), else awaiting the payer's signature.

    Raises InsufficientFunds when orders on their way leave too little.
    """
    require_funds(session, prepared.payer.account, prepared.cash)
    plan = purchase_plan(
        prepared, sealed_details=sealed_details, related_id=related_id, deadline=deadline
    )
    return place_operation(bank, session, caller, ask, plan)
