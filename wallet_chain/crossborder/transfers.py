"""Transfers abroad: from a quote and a recipient to a signed order on its way."""

import re
import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import Holder, holder_of
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.orders import OrderPlan, place_order, require_funds
from wallet_chain.bank.payees import Payee, find_payee
from wallet_chain.bank.signing import take_signature
from wallet_chain.bank.views import Answer
from wallet_chain.bank.witness import not_found, own_customer
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.countries import country_code
from wallet_chain.crossborder.drafts import TransferDraft
from wallet_chain.crossborder.history import Change, enter
from wallet_chain.crossborder.quote_views import taken
from wallet_chain.crossborder.quotes import promised_minor
from wallet_chain.crossborder.showing import show_transfer
from wallet_chain.crossborder.views import TransferView
from wallet_chain.errors import (
    InvalidRequest,
    LiquidityInsufficient,
    PurposeInvalid,
    QuoteAlreadyUsed,
    QuoteExpired,
    QuoteMismatch,
    SelfPayment,
)
from wallet_chain.ledger.hashing import ZERO_HASH
from wallet_chain.ledger.revert_facts import RevertContext
from wallet_chain.ledger.typed_data import KINDS, order_struct
from wallet_chain.money import Money, currency_named
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import (
    ChainAccount,
    ChainBalance,
    CrossBorderTransfer,
    Order,
    Quote,
)

REMITTANCE_LENGTH_MAX = 140
"""As for unstructured remittance information in ISO 20022."""

_PURPOSE = re.compile(r"[A-Z0-9]{4}", re.ASCII)
_TERMS = ("fee", "rateNumerator", "rateDenominator", "rounding", "expiry", "quoteId")
"""Fields of a quote that the contract takes beside the order, in its order."""


@dataclass(frozen=True, slots=True)
class Sides:
    """Who sends on the terms of which quote to whom."""

    sender: Holder
    recipient: Payee
    quote: Quote


@dataclass(frozen=True, slots=True)
class Fate:
    """What the contract would do with a transfer now."""

    held: bool
    expires_at: int | None


def create_transfer(
    bank: Bank, caller: Caller, ask: Ask, draft: TransferDraft
) -> Answer[TransferView]:
    """Send on the terms of a quote. Signed at once where the bank keeps the sender's key.

    Raises, with nothing stored: NotFound (no such quote of the caller's), QuoteExpired,
    QuoteAlreadyUsed, QuoteMismatch (another country than quoted for), PurposeInvalid, PayeeUnknown,
    KycMissing, SelfPayment, and whatever contract and policy say (PairClosed, AmountOutOfRange,
    RateOutOfBand, TravelRuleMissing, AccountFrozen, KycExpired, CorridorClosed, LimitExceeded,
    InsufficientFunds, ProviderUnavailable, LiquidityInsufficient ...). What only the chain finds out
    later is the transfer's ``refusal``.
    """

    def check() -> Sides:
        sides = find_sides(bank, caller, draft)
        ask_contract(bank, sides, draft.purpose)
        return sides

    def apply(session: Session, sides: Sides) -> Written:
        _require_unused(session, sides.quote)
        require_funds(session, sides.sender.account, source_money(sides.quote))
        _require_liquidity(session, sides.quote)
        order = place_order(bank, session, caller, ask, _plan(bank, sides, draft))
        session.flush()
        _begin(bank, session, caller, sides, draft, order)
        return Written(order.id, order.operation_id)

    return write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: show_transfer(bank, session, caller, id_),
    )


def sign_transfer(
    bank: Bank, caller: Caller, ask: Ask, draft: SignatureDraft
) -> Answer[TransferView]:
    """Hand in the sender's signature over a transfer's typed data.

    Raises NotFound, SignatureNotAwaited, OrderExpired, SignatureInvalid, and what contract and
    policy say now.
    """

    def recheck(order: Order) -> None:
        with bank.store.reading() as session:
            quote = quote_of(session, order.id)
        _preview(bank, order.message, quote)

    def more_arguments(session: Session, order: Order) -> tuple[Any, ...]:
        quote = quote_of(session, order.id)
        return quote_terms(quote), quote.signature

    def function(session: Session, order: Order) -> str:
        transfer = session.get_one(CrossBorderTransfer, order.id)
        enter(session, transfer, Change("accepted", bank.clock(), caller.principal_id))
        return _function(transfer.hold_wanted)

    return take_signature(
        bank,
        caller,
        ask,
        draft,
        kind="transfer",
        recheck=recheck,
        more_arguments=more_arguments,
        show=lambda session, order: show_transfer(bank, session, caller, order.id),
        function=function,
    )


def find_sides(bank: Bank, caller: Caller, draft: TransferDraft) -> Sides:
    """Look up quote and both parties, and refuse what needs no chain to be refused."""
    _require_form(draft)
    with bank.store.reading() as session:
        sender = holder_of(session, own_customer(session, caller), "sender")
        quote = session.get(Quote, draft.quote_id)
        if quote is None or quote.customer_id != sender.customer.id:
            raise not_found("quote", draft.quote_id)
        recipient = find_payee(bank, session, draft.recipient)
        standing = session.get(ChainAccount, recipient.account)
        _require_unused(session, quote)
    if bank.clock() > quote.expires_at:
        raise QuoteExpired(
            "The quote has expired; ask for a new one.", quote_id=quote.id, expiry=quote.expires_at
        )
    if recipient.account == sender.account:
        raise SelfPayment("Sender and recipient are the same account.", account=sender.account)
    quoted_for = quote.target_country
    if quoted_for is not None and standing is not None:
        country = country_code(standing.country)
        if country != quoted_for:
            raise QuoteMismatch(
                f"The quote is for a recipient in {quoted_for}, and this one is in {country}; ask for"
                " a quote with that recipient_country.",
                quoted=quoted_for,
                recipient=country,
            )
    return Sides(sender, recipient, quote)


def ask_contract(bank: Bank, sides: Sides, purpose: str) -> Fate:
    """What the contract would do with the transfer now. Raises its refusal."""
    message = message_of(sides, purpose) | {
        "reference": ZERO_HASH,
        # Any nonce does that is not used: the real one is drawn when the order is written.
        "nonce": secrets.randbits(256),
    }
    return _preview(bank, message, sides.quote)


def message_of(sides: Sides, purpose: str) -> dict[str, Any]:
    """The EIP-712 message of the transfer, but for reference and nonce."""
    quote = sides.quote
    return {
        "quote": quote.quote_hash,
        "provider": quote.provider_account,
        "sender": sides.sender.account,
        "recipient": sides.recipient.account,
        "sourceCurrency": quote.source_currency,
        "sourceAmount": quote.source_minor,
        "targetCurrency": quote.target_currency,
        "targetAmount": quote.target_minor,
        "purpose": purpose,
        "travelRule": ZERO_HASH,
        # Whatever is not executed by then never is: the quote has expired.
        "deadline": quote.expires_at,
    }


def quote_terms(quote: Quote) -> tuple[Any, ...]:
    """The quote's terms as the contract takes them beside the order."""
    struct = order_struct("quote", quote.message)
    names = list(quote_fields())
    return tuple(struct[names.index(name)] for name in _TERMS)


def quote_fields() -> tuple[str, ...]:
    """The names of a quote's fields, in the order of the typed data."""
    return tuple(name for name, _ in KINDS["quote"].fields)


def quote_of(session: Session, transfer_id: str) -> Quote:
    """The quote that a transfer uses."""
    transfer = session.get_one(CrossBorderTransfer, transfer_id)
    return session.get_one(Quote, transfer.quote_id)


def source_money(quote: Quote) -> Money:
    """What is sent."""
    return Money(quote.source_minor, currency_named(quote.source_currency))


def _preview(bank: Bank, message: Any, quote: Quote) -> Fate:
    context = RevertContext(quote.source_currency, quote.provider_account, quote.target_currency)
    held, expires_at = bank.contracts.read(
        "CrossBorder",
        "preview",
        order_struct("transfer", message),
        quote_terms(quote),
        context=context,
    )
    return Fate(held, expires_at if held else None)


def _require_form(draft: TransferDraft) -> None:
    if not _PURPOSE.fullmatch(draft.purpose):
        raise PurposeInvalid(
            "purpose is a code of ISO 20022's external list of purposes: four capital letters or"
            " digits, such as GDDS.",
            purpose=draft.purpose[:16],
        )
    text = draft.remittance
    if text is not None and not 1 <= len(text) <= REMITTANCE_LENGTH_MAX:
        raise InvalidRequest(
            f"remittance has 1 to {REMITTANCE_LENGTH_MAX} characters.", field="remittance"
        )


def _require_unused(session: Session, quote: Quote) -> None:
    if taken(session, quote.id):
        raise QuoteAlreadyUsed(
            "Another transfer has this quote; ask for a new one.", quote_id=quote.id
        )


def _require_liquidity(session: Session, quote: Quote) -> None:
    """What the chain does not know yet: other transfers on their way through the provider."""
    promised = promised_minor(session, quote.provider_account, quote.target_currency)
    if promised == 0:
        return
    row = session.get(ChainBalance, (quote.provider_account, quote.target_currency))
    free = (0 if row is None else row.balance_minor) - promised
    if free < quote.target_minor:
        currency = currency_named(quote.target_currency)
        raise LiquidityInsufficient(
            f"The provider has {Money(max(free, 0), currency)} left and"
            f" {Money(quote.target_minor, currency)} is needed; ask for a new quote.",
            account=quote.provider_account,
            have=Money(max(free, 0), currency).decimal,
            need=Money(quote.target_minor, currency).decimal,
            currency=currency.code,
        )


def _plan(bank: Bank, sides: Sides, draft: TransferDraft) -> OrderPlan:
    quote = sides.quote
    message = message_of(sides, draft.purpose)
    latest = bank.clock() + bank.settings.order_ttl_seconds
    message["deadline"] = min(int(message["deadline"]), latest)
    return OrderPlan(
        kind="transfer",
        id_prefix="cbt",
        contract="CrossBorder",
        signer=sides.sender.customer,
        account=sides.sender.account,
        message=message,
        money=source_money(quote),
        counterparty_account=sides.recipient.account,
        counterparty_customer_id=_customer_id(sides.recipient),
        more_arguments=(quote_terms(quote), quote.signature),
        function=_function(hold=False),
    )


def _function(hold: bool) -> str:
    return "hold" if hold else "transfer"


def _customer_id(payee: Payee) -> str | None:
    return None if payee.customer is None else payee.customer.id


def _begin(
    bank: Bank,
    session: Session,
    caller: Caller,
    sides: Sides,
    draft: TransferDraft,
    order: Order,
) -> None:
    sealed = None
    if draft.remittance is not None:
        sealed = bank.personal.seal(session, sides.sender.customer.id, draft.remittance)
    transfer = CrossBorderTransfer(
        id=order.id,
        uetr=str(uuid.uuid4()),
        quote_id=sides.quote.id,
        order_id=order.order_id,
        sender_customer_id=sides.sender.customer.id,
        recipient_customer_id=_customer_id(sides.recipient),
        recipient_account=sides.recipient.account,
        state=order.state,
        hold_wanted=False,
        purpose=draft.purpose,
        beneficiary_id=None,
        travel_rule_id=None,
        screening_ids={"ids": []},
        sealed_remittance=sealed,
        created_at=order.created_at,
    )
    session.add(transfer)
    session.flush()
    enter(session, transfer, Change(order.state, order.created_at, caller.principal_id))
