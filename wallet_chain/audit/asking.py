"""From the filters of a question to the conditions and the ways by which its events are found."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session

from wallet_chain.audit.drafts import EventFilter
from wallet_chain.audit.named import Named, accounts_of, named_by
from wallet_chain.audit.periods import Blocks, blocks_of, require_order
from wallet_chain.audit.searching import Conditions, Question, Way
from wallet_chain.bank import Bank
from wallet_chain.bank.witness import not_found
from wallet_chain.errors import InvalidRequest
from wallet_chain.ledger.hashing import read_address
from wallet_chain.money import currency_named
from wallet_chain.pipeline.project_events import READINGS
from wallet_chain.store.tables import ChainEvent, ChainProgramme, CrossBorderTransfer, Customer

_POOL = ("PoolDeposited", "PoolWithdrawn", "PoolReturned")
MERCHANT_FIRST = tuple(n for n, r in READINGS.items() if r.account == "merchant" or n in _POOL)
"""Events whose ``account`` is the merchant."""
MERCHANT_SECOND = tuple(n for n, r in READINGS.items() if r.counterparty == "merchant")
"""Events whose ``counterparty`` is the merchant."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters as they were understood: accounts for customers, blocks for moments."""

    filters: EventFilter
    blocks: Blocks
    own: tuple[frozenset[str], ...] = ()
    """Each of these sets has an account that took part, on either side."""
    other: str | None = None
    """The account on the other side of the first set; without one: on either side."""
    merchants: frozenset[str] | None = None
    kinds: tuple[str, ...] | None = None
    """The kinds that may have the event's name or a merchant; null: any."""
    named: Named | None = None

    def up_to_now(self) -> "Asked":
        """The same about the blocks that are indexed now, whatever is added meanwhile."""
        return replace(self, blocks=replace(self.blocks, cursor=self.blocks.last + 1))


def require_sense(filters: EventFilter) -> None:
    """Raise InvalidRequest, InvalidAddress or UnknownCurrency for what can't be meant."""
    for account in (filters.account, filters.counterparty):
        if account is not None:
            read_address(account)
    low, high = filters.amount_min_minor, filters.amount_max_minor
    if filters.currency is not None:
        currency_named(filters.currency)
    elif low is not None or high is not None:
        raise InvalidRequest("Amounts need a currency to be compared in.", field="currency")
    if low is not None and high is not None and low > high:
        raise InvalidRequest("The largest amount is below the smallest.", field="amount_max")
    require_order(filters)


def understand(
    bank: Bank, session: Session, filters: EventFilter, asking: str | None = None
) -> Asked:
    """Look up what the filters name; for a customer (``asking``) only among what is its own, so that
    what belongs to others is answered like what does not exist.

    Raises InvalidRequest, InvalidAddress, UnknownCurrency, and NotFound for a customer, merchant,
    programme, UETR or reference that is not known here, and for a block that is not indexed.
    """
    require_sense(filters)
    own = []
    if filters.account is not None:
        own.append(frozenset([read_address(filters.account)]))
    if filters.customer is not None:
        own.append(accounts_of(session, filters.customer))
    merchants = None
    if filters.merchant is not None:
        merchants = _merchants(session, filters.merchant, asking)
    if filters.programme is not None and session.get(ChainProgramme, filters.programme) is None:
        raise not_found("programme", str(filters.programme))
    other = filters.counterparty
    return Asked(
        filters=filters,
        own=tuple(own),
        other=None if other is None else read_address(other),
        merchants=merchants,
        kinds=_kinds(filters, merchants),
        named=_named(bank, session, filters, asking),
        blocks=blocks_of(bank, session, filters),
    )


def question_of(asked: Asked) -> Question:
    """The conditions, and every way by which an index leads to what they leave."""

    def conditions(event: type[ChainEvent]) -> Conditions:
        return tuple(_conditions(asked, event))

    return Question(conditions, _bounds(asked, ChainEvent), _ways(asked), asked.filters.newest)


def between(asked: Asked, accounts: frozenset[str]) -> Question:
    """What moved from one of the accounts to another, of the currency and in the blocks asked for."""
    question = question_of(asked)

    def conditions(event: type[ChainEvent]) -> Conditions:
        both = (event.account.in_(accounts), event.counterparty.in_(accounts))
        return (*question.conditions(event), *both)

    return replace(question, conditions=conditions, ways=(_way_between(accounts, accounts),))


def _merchants(session: Session, merchant: str, asking: str | None) -> frozenset[str]:
    if merchant.startswith("cus_"):
        if asking is not None and session.get(Customer, merchant) is None:
            # Like one with whom the customer never dealt.
            return frozenset()
        return accounts_of(session, merchant, "merchant")
    return frozenset([read_address(merchant)])


def _kinds(filters: EventFilter, merchants: frozenset[str] | None) -> tuple[str, ...] | None:
    kinds: set[str] | None = None
    if merchants is not None:
        kinds = {READINGS[name].kind for name in MERCHANT_FIRST + MERCHANT_SECOND}
    if filters.name is not None:
        reading = READINGS.get(filters.name)
        of_name = set() if reading is None else {reading.kind}
        if filters.name == "Transfer":
            of_name.add("direct_transfer")
        kinds = of_name if kinds is None else kinds & of_name
    if filters.kind is not None:
        kinds = {filters.kind} if kinds is None else kinds & {filters.kind}
    return None if kinds is None else tuple(sorted(kinds))


def _named(bank: Bank, session: Session, filters: EventFilter, asking: str | None) -> Named | None:
    named = None
    if filters.uetr is not None:
        transfer = CrossBorderTransfer
        wanted = select(transfer.order_id).where(transfer.uetr == filters.uetr.lower())
        if asking is not None:
            sides = (transfer.sender_customer_id, transfer.recipient_customer_id)
            wanted = wanted.where(or_(*(side == asking for side in sides)))
        order_id = session.scalar(wanted)
        if order_id is None:
            raise not_found("transfer with the UETR", filters.uetr)
        named = Named(orders=frozenset([order_id]))
    if filters.free_reference is not None:
        found = named_by(bank, session, filters.free_reference, asking)
        named = found if named is None else named & found
    return named


def _bounds(asked: Asked, event: type[ChainEvent]) -> Conditions:
    blocks, bounds = asked.blocks, []
    if blocks.first > 0:
        bounds.append(event.block_number >= blocks.first)
    if blocks.last < blocks.cursor:
        bounds.append(event.block_number <= blocks.last)
    return tuple(bounds)


def _conditions(asked: Asked, event: type[ChainEvent]) -> Iterable[ColumnElement[bool]]:
    filters = asked.filters
    yield from _bounds(asked, event)
    yield from _of_sides(asked, event)
    for column, value in (
        (event.kind, filters.kind),
        (event.name, filters.name),
        (event.currency, filters.currency),
        (event.programme, filters.programme),
        (event.order_id, _lower(filters.order_id)),
        (event.reference, _lower(filters.reference)),
        (event.transaction_hash, _lower(filters.transaction_hash)),
    ):
        if value is not None:
            yield column == value
    if filters.amount_min_minor is not None:
        yield event.amount_minor >= filters.amount_min_minor
    if filters.amount_max_minor is not None:
        yield event.amount_minor <= filters.amount_max_minor
    if asked.named is not None:
        yield or_(false(), *(and_(*branch) for branch in _of_named(asked.named, event)))


def _of_sides(asked: Asked, event: type[ChainEvent]) -> Iterable[ColumnElement[bool]]:
    for position, accounts in enumerate(asked.own):
        first, second = event.account.in_(accounts), event.counterparty.in_(accounts)
        if asked.other is not None and position == 0:
            yield or_(
                and_(first, event.counterparty == asked.other),
                and_(event.account == asked.other, second),
            )
        else:
            yield or_(first, second)
    if asked.other is not None and not asked.own:
        yield or_(event.account == asked.other, event.counterparty == asked.other)
    if asked.merchants is not None:
        yield or_(
            and_(event.account.in_(asked.merchants), event.name.in_(MERCHANT_FIRST)),
            and_(event.counterparty.in_(asked.merchants), event.name.in_(MERCHANT_SECOND)),
        )


def _ways(asked: Asked) -> tuple[Way, ...]:
    event, filters = ChainEvent, asked.filters
    for column, value in (
        (event.order_id, filters.order_id),
        (event.transaction_hash, filters.transaction_hash),
        (event.reference, filters.reference),
    ):
        if value is not None:
            return (Way(((column == value.lower(),),), narrow=True),)
    if asked.named is not None:
        return (Way(_of_named(asked.named, event), narrow=True),)
    ways = [_way_of(accounts) for accounts in asked.own]
    if asked.other is not None:
        first = asked.own[:1]
        ways[:1] = [_way_between(first[0], [asked.other])] if first else [_way_of([asked.other])]
    if asked.merchants is not None:
        ways.append(_way_of(asked.merchants))
    if filters.programme is not None:
        ways.append(Way(((event.programme == filters.programme,),)))
    ways += _by_amount(filters)
    if asked.kinds is not None:
        ways.append(Way(tuple((event.kind == kind,) for kind in asked.kinds)))
    if filters.currency is not None:
        ways.append(Way(((event.currency == filters.currency,),)))
    return tuple(ways) or (Way(((),)),)


def _way_of(accounts: Iterable[str]) -> Way:
    sides = (ChainEvent.account, ChainEvent.counterparty)
    return Way(tuple((side == account,) for account in sorted(accounts) for side in sides))


def _way_between(some: Iterable[str], others: Iterable[str]) -> Way:
    event = ChainEvent
    pairs = {pair for a in some for b in others for pair in ((a, b), (b, a))}
    return Way(tuple((event.account == a, event.counterparty == b) for a, b in sorted(pairs)))


def _by_amount(filters: EventFilter) -> list[Way]:
    low, high = filters.amount_min_minor, filters.amount_max_minor
    if low is None and high is None:
        return []
    currency, amount = ChainEvent.currency == filters.currency, ChainEvent.amount_minor
    if low == high:
        return [Way(((currency, amount == low),))]
    span: list[ColumnElement[bool]] = [amount.is_not(None)]
    if low is not None:
        span.append(amount >= low)
    if high is not None:
        span.append(amount <= high)
    return [Way(((currency, *span),), ordered=False)]


def _of_named(named: Named, event: type[ChainEvent]) -> tuple[Conditions, ...]:
    columns = (
        (event.order_id, named.orders),
        (event.reference, named.references),
        (event.transaction_hash, named.transactions),
    )
    return tuple((column == value,) for column, values in columns for value in sorted(values))


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()
