"""Payments that are asked for at the same moment: judged and accepted in a few statements.

Only what is plain goes this way: a new request of a customer whose key the bank keeps, for a payment
that nothing stands against by the copied tables. All such payments share one transaction. Whatever
else is asked (a key used before, a payment that may be refused, a payer who signs by itself) is left
to ``create_payment``, which looks at it alone and finds the exact answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import bindparam, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from wallet_chain import traces
from wallet_chain.bank import Bank
from wallet_chain.bank.foresight import Foresight
from wallet_chain.bank.orders import new_order, new_signed, signed_by_us
from wallet_chain.bank.payees import alias_index, normal_alias
from wallet_chain.bank.views import Answer
from wallet_chain.errors import InvalidAddress
from wallet_chain.ledger.hashing import read_address
from wallet_chain.payments.drafts import PaymentDraft
from wallet_chain.payments.planning import DETAILS_LENGTH_MAX, payment_plan
from wallet_chain.payments.showing import show_made_payment
from wallet_chain.payments.views import PaymentView
from wallet_chain.pipeline.accept import known_on_chain
from wallet_chain.pipeline.nonces import next_nonces
from wallet_chain.pipeline.requests import Ask, Caller, keys_used, new_request, reference
from wallet_chain.store.tables import Alias, Customer, Operation, Order, Request
from wallet_chain.store.writing import add, row_of, table_of

TOGETHER_MAX = 100
"""Requests that one transaction takes."""

_customer = table_of(Customer)
_alias = table_of(Alias)
_CUSTOMERS = select(
    _customer.c.id, _customer.c.account, _customer.c.custody, _customer.c.state
).where(
    or_(
        _customer.c.id.in_(bindparam("ids", expanding=True)),
        _customer.c.account.in_(bindparam("accounts", expanding=True)),
    )
)
_ALIASES = select(_alias.c.alias_index, _alias.c.customer_id).where(
    _alias.c.alias_index.in_(bindparam("indexes", expanding=True))
)


@dataclass(frozen=True, slots=True)
class PaymentAsk:
    """One request for a payment."""

    caller: Caller
    ask: Ask
    draft: PaymentDraft
    traceparent: str | None = field(default_factory=traces.current)
    """The span of the request: a round of many requests is in nobody's."""


def accept_plain(bank: Bank, asked: Sequence[PaymentAsk]) -> list[Answer[PaymentView] | None]:
    """Accept the plain ones of at most TOGETHER_MAX requests; None for each that is not.

    Those that were accepted are durable when this returns; of the others nothing is stored. While
    the chain is away for a short time they are accepted too, and settle when it is back. Raises
    StoreBusy and StoreUnavailable, and then none was accepted.
    """
    if not bank.pipeline.is_informed:
        return [None] * len(asked)
    try:
        with bank.store.transaction() as session:
            answers = _accept(bank, session, asked)
    except IntegrityError:
        # Another process was quicker with one of them; each will find out by itself.
        return [None] * len(asked)
    if any(answer is not None for answer in answers):
        bank.pipeline.wake()
    return answers


@dataclass(frozen=True, slots=True)
class _Sides:
    payer: Customer
    payer_account: str
    payee_account: str
    payee_customer_id: str


def _accept(
    bank: Bank, session: Session, asked: Sequence[PaymentAsk]
) -> list[Answer[PaymentView] | None]:
    sides = _sides(bank, session, asked)
    plain = _plain(bank, session, asked, sides)
    nonces = next_nonces(
        session, [side.payer_account for side in plain.values()], bank.contracts.address("Payments")
    )
    answers: list[Answer[PaymentView] | None] = [None] * len(asked)
    orders: list[Order] = []
    operations: list[Operation] = []
    requests: list[Request] = []
    for (position, side), nonce in zip(plain.items(), nonces, strict=True):
        one = asked[position]
        plan = payment_plan(
            bank,
            session,
            one.draft,
            side.payer,
            side.payer_account,
            side.payee_account,
            side.payee_customer_id,
        )
        order = new_order(bank, one.caller, one.ask, plan, nonce)
        operation = new_signed(bank, order, signed_by_us(bank, order))
        operation.traceparent = one.traceparent
        orders.append(order)
        operations.append(operation)
        requests.append(
            new_request(session, one.caller, one.ask, order.id, operation.id, bank.clock())
        )
        answers[position] = Answer(show_made_payment(bank, session, one.caller, order, operation))
    add(session, Operation, [row_of(row) for row in operations])
    add(session, Order, [row_of(row) for row in orders])
    add(session, Request, [row_of(row) for row in requests])
    return answers


def _sides(bank: Bank, session: Session, asked: Sequence[PaymentAsk]) -> list[_Sides | None]:
    """Who pays whom; None where that takes a closer look."""
    named = [_payee_named(bank, each.draft.payee) for each in asked]
    indexes = {"indexes": sorted({name for name in named if _is_index(name)})}
    aliases = {row[0]: row[1] for row in session.connection().execute(_ALIASES, indexes)}
    payees = [aliases.get(name, name) for name in named]
    wanted = {each.caller.customer_id or "" for each in asked} | set(payees)
    by_name: dict[str, Customer] = {}
    asking = {"ids": sorted(wanted), "accounts": sorted(wanted)}
    for id_, account, custody, state in session.connection().execute(_CUSTOMERS, asking):
        if account is not None and state != "forgotten":
            customer = Customer(id=id_, account=account, custody=custody, state=state)
            by_name[id_] = by_name[account] = customer
    return [
        _side(by_name.get(each.caller.customer_id or ""), by_name.get(payee), each.draft)
        for each, payee in zip(asked, payees, strict=True)
    ]


def _payee_named(bank: Bank, text: str) -> str:
    """A payee's account, customer id or alias index; empty where it is none of these."""
    if text.startswith("cus_"):
        return text
    if text.startswith(("0x", "0X")):
        try:
            return read_address(text)
        except InvalidAddress:
            return ""
    alias = normal_alias(text)
    return "" if alias is None else alias_index(bank, alias)


def _is_index(name: str) -> bool:
    return not name.startswith(("cus_", "0x"))


def _side(payer: Customer | None, payee: Customer | None, draft: PaymentDraft) -> _Sides | None:
    if payer is None or payee is None or payer.custody != "bank":
        return None
    if draft.details is not None and not 1 <= len(draft.details) <= DETAILS_LENGTH_MAX:
        return None
    assert payer.account is not None
    assert payee.account is not None
    return _Sides(payer, payer.account, payee.account, payee.id)


def _plain(
    bank: Bank, session: Session, asked: Sequence[PaymentAsk], sides: Sequence[_Sides | None]
) -> dict[int, _Sides]:
    """The requests that nothing stands against, by their place."""
    found = {position: side for position, side in enumerate(sides) if side is not None}
    if not found:
        return {}
    used = keys_used(session, [(asked[position].caller, asked[position].ask) for position in found])
    references = {position: _reference(bank, asked[position]) for position in found}
    on_chain = known_on_chain(session, references.values())
    foresight = Foresight(
        session,
        (side.payer_account for side in found.values()),
        (side.payee_account for side in found.values()),
        bank.clock(),
    )
    plain = {}
    for position, side in found.items():
        key = (asked[position].caller.principal_id, asked[position].ask.idempotency_key)
        if key in used or (references[position], side.payer_account) in on_chain:
            continue
        # Of equal requests in one round the first is accepted, and the others will find it.
        used.add(key)
        money = asked[position].draft.money
        if foresight.lets_through(side.payer_account, side.payee_account, money):
            plain[position] = side
    return plain


def _reference(bank: Bank, one: PaymentAsk) -> str:
    return reference(bank.settings.tenant, one.caller.principal_id, one.ask.idempotency_key)
