"""Transfers abroad: from a quote and a recipient to a signed order on its way."""

import uuid
from typing import Any

from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.orders import OrderPlan, place_order, require_funds
from wallet_chain.bank.payees import Payee
from wallet_chain.bank.signing import take_signature
from wallet_chain.bank.views import Answer
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.compliance import screening, travel_rule
from wallet_chain.compliance.screening import Screened
from wallet_chain.crossborder.drafts import TransferDraft
from wallet_chain.crossborder.history import Change, enter
from wallet_chain.crossborder.quotes import promised_minor
from wallet_chain.crossborder.rescreening import keep_findings, new_findings
from wallet_chain.crossborder.showing import show_transfer
from wallet_chain.crossborder.sides import (
    find_sides,
    message_of,
    preview,
    quote_of,
    quote_terms,
    require_unused,
    source_money,
)
from wallet_chain.crossborder.vetting import Vetted, vet
from wallet_chain.crossborder.views import TransferView
from wallet_chain.errors import LiquidityInsufficient
from wallet_chain.money import Money, currency_named
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import ChainBalance, CrossBorderTransfer, Order, Quote


def create_transfer(
    bank: Bank, caller: Caller, ask: Ask, draft: TransferDraft
) -> Answer[TransferView]:
    """Send on the terms of a quote. Signed at once where the bank keeps the sender's key.

    Where a party stands on a screening list it is held for a reviewer, whatever the corridor says.
    Raises, with nothing stored: NotFound (no such quote or beneficiary of the caller's), QuoteExpired,
    QuoteAlreadyUsed, QuoteMismatch (another country than quoted for), PurposeInvalid, PayeeUnknown,
    KycMissing, SelfPayment, and whatever contract and policy say (PairClosed, AmountOutOfRange,
    RateOutOfBand, TravelRuleMissing, AccountFrozen, KycExpired, CorridorClosed, LimitExceeded,
    InsufficientFunds, ProviderUnavailable, LiquidityInsufficient ...). What only the chain finds out
    later is the transfer's ``refusal``.
    """

    def check() -> Vetted:
        return vet(bank, find_sides(bank, caller, draft), draft)

    def apply(session: Session, vetted: Vetted) -> Written:
        quote = vetted.sides.quote
        require_unused(session, quote)
        require_funds(session, vetted.sides.sender.account, source_money(quote))
        _require_liquidity(session, quote)
        order = place_order(bank, session, caller, ask, _plan(bank, vetted, draft))
        session.flush()
        _begin(bank, session, caller, vetted, draft, order)
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

    Both parties are looked up once more, since lists may have changed while the signature was awaited.
    Raises NotFound, SignatureNotAwaited, OrderExpired, SignatureInvalid, and what contract and
    policy say now.
    """
    found: list[Screened] = []

    def recheck(order: Order) -> None:
        with bank.store.reading() as session:
            quote = quote_of(session, order.id)
        preview(bank, order.message, quote)
        found.extend(new_findings(bank, order.id))

    def more_arguments(session: Session, order: Order) -> tuple[Any, ...]:
        quote = quote_of(session, order.id)
        return quote_terms(quote), quote.signature

    def function(session: Session, order: Order) -> str:
        transfer = session.get_one(CrossBorderTransfer, order.id)
        if found:
            keep_findings(bank, session, transfer, "signature", found)
            transfer.hold_wanted = True
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


def _plan(bank: Bank, vetted: Vetted, draft: TransferDraft) -> OrderPlan:
    sides, quote = vetted.sides, vetted.sides.quote
    message = message_of(sides, draft.purpose, vetted.travel_rule_hash)
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
        function=_function(vetted.hold),
    )


def _function(hold: bool) -> str:
    return "hold" if hold else "transfer"


def _customer_id(payee: Payee) -> str | None:
    return None if payee.customer is None else payee.customer.id


def _begin(
    bank: Bank,
    session: Session,
    caller: Caller,
    vetted: Vetted,
    draft: TransferDraft,
    order: Order,
) -> None:
    sides, sealed = vetted.sides, None
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
        hold_wanted=vetted.hold,
        purpose=draft.purpose,
        beneficiary_id=sides.beneficiary_id,
        travel_rule_id=None,
        screening_ids={"ids": []},
        sealed_remittance=sealed,
        created_at=order.created_at,
    )
    session.add(transfer)
    session.flush()
    if vetted.travel_rule is not None:
        transfer.travel_rule_id = travel_rule.keep(bank, session, order.id, vetted.travel_rule)
    ids = screening.keep(bank, session, order.id, "creation", vetted.screened)
    transfer.screening_ids = {"ids": ids}
    enter(session, transfer, Change(order.state, order.created_at, caller.principal_id))
