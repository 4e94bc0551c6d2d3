"""Questions over many lines of the books: totals, flows, powers, histories, and where money went."""

from typing import Annotated, Literal

from fastapi import Query as QueryParameters
from pydantic import Field

from api.access import (
    ADMIN,
    AUDITOR,
    COMPLIANCE,
    CUSTOMER,
    MERCHANT,
    OPERATOR,
    Owner,
    allow,
)
from api.audit import BOOKS, EVENTS, READING, SUPPLY, Block, EventCriteria, Span
from api.fields import (
    Account,
    CountryCode,
    CurrencyCode,
    Hash,
    Moment,
    Paged,
    Query,
    line,
    resource_id,
)
from api.refusals import MONEY
from api.routes import Asked, Routes
from wallet_chain import audit
from wallet_chain.audit.drafts import (
    BooksQuery,
    CustomerStatementQuery,
    FlowQuery,
    FundsQuery,
    PowerFilter,
    SeriesQuery,
)
from wallet_chain.audit.views import (
    BooksView,
    CustomerStatementView,
    EventTotals,
    Flow,
    FundsView,
    PowerUse,
    SupplySeries,
    TimelineView,
)
from wallet_chain.bank.views import Page
from wallet_chain.errors import InvalidAddress, UnknownCountry, UnknownCurrency

routes = Routes("Audit")

ALL = allow(COMPLIANCE, AUDITOR, scope="audit:read")
POWERS = allow(COMPLIANCE, AUDITOR, ADMIN, scope="audit:read")
HISTORY = allow(
    CUSTOMER, MERCHANT, OPERATOR, COMPLIANCE, AUDITOR, scope="audit:read", owner=Owner.VERB
)

CustomerId = Annotated[str, resource_id("cus", "customer")]


class TotalsQuery(EventCriteria):
    """Which events to add up."""

    cursor: Annotated[str, line(400)] | None = None
    """`next_cursor` of the answer before, which was not complete."""


class CustomerPeriod(Span, Paged):
    """A page of a customer's statement."""

    currency: CurrencyCode
    """ISO 4217."""


class AllBalances(Paged):
    """When, and in which currency."""

    currency: CurrencyCode
    """ISO 4217."""
    block: Block | None = None
    """At the end of this block."""
    at: Moment | None = None
    """At this moment; not together with `block`. Neither: at the last indexed block."""


class SupplyOverTime(Query):
    """Which currency, and which moments."""

    currency: CurrencyCode
    """ISO 4217."""
    time_from: Moment | None = None
    """The first moment; default: the first block."""
    time_to: Moment | None = None
    """The last moment; default: the last block."""
    points: Annotated[int, Field(ge=2, le=400)] = 100
    """How many moments, evenly spread, both ends among them."""


class FlowCriteria(Span, Paged):
    """Which flows, and by which periods they are added up."""

    by: Literal["country", "corridor"] = "country"
    """`country`: payments in one currency. `corridor`: transfers abroad from currency to currency."""
    period: Literal["all", "day", "month", "year"] = "all"
    """In UTC; at most 400 of them."""
    currency: CurrencyCode | None = None
    """What was sent."""
    from_country: CountryCode | None = None
    """The payer's, as the registry has it; `??` for accounts of no customer."""
    to_country: CountryCode | None = None
    """The payee's."""


class PowerCriteria(Span, Paged):
    """Which uses of powers."""

    power: Annotated[str, line(24, examples=["issuance"])] | None = None
    """`issuance`, `reserves`, `court`, `identity`, `recovery`, `roles`, `policy`, `emergency`, `review`,
    `loyalty` or `configuration`."""
    actor: Annotated[str, line(42)] | None = None
    """A member of staff (`prn_...`) or the address of a key."""
    account: Account | None = None
    """Whom it was about."""


class TimelineQuery(Query):
    """Of what."""

    of: Annotated[str, line(80, examples=["pay_01JZ4WVXQ2M8K5T7R9B3C6D1EF"])]
    """An id of whatever was asked for, an operation's id, an order's hash, the reference on chain, the
    hash of a transaction with one operation, or a UETR."""


class FundsCriteria(Query):
    """Which line's money, in which direction, how far."""

    direction: Literal["back", "forward"] = "back"
    """`back`: where it came from. `forward`: where it went."""
    account: Account | None = None
    """With `currency` and `sequence`: the line. With `order_id`: which side of it."""
    currency: CurrencyCode | None = None
    """ISO 4217. With `order_id`: only its movements in this currency."""
    sequence: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None
    """The line's number in the account's history."""
    order_id: Hash | None = None
    """The order whose largest movement is meant."""
    steps: Annotated[int, Field(ge=1, le=6)] = 3
    """How many movements away."""
    width: Annotated[int, Field(ge=1, le=50)] = 10
    """How many parts of each sum, at most."""


@routes.get("/audit/events/totals", "Add events up", EVENTS, *MONEY, InvalidAddress, *READING)
def total_events(call: Asked, query: Annotated[TotalsQuery, QueryParameters()]) -> EventTotals:
    """How many events match, and how much money they are about, in each currency.

    Without `kind` or `name`: movements of money, each once. With an account or a customer: what came in
    and went out there, and between a customer's own accounts; without: what was issued, redeemed, and
    moved between accounts.
    """
    return audit.total_events(call.bank, call.caller, query.filter(), query.cursor)


@routes.get(
    "/audit/customers/{customer_id}/statement",
    "Read a customer's statement",
    BOOKS,
    UnknownCurrency,
    *READING,
)
def get_customer_statement(
    call: Asked, customer_id: CustomerId, query: Annotated[CustomerPeriod, QueryParameters()]
) -> CustomerStatementView:
    """The lines of all accounts that a customer has or had, in the order of the chain."""
    period = (query.time_from, query.time_to, query.block_from, query.block_to)
    asked = CustomerStatementQuery(customer_id, query.currency, *period)
    return audit.get_customer_statement(call.bank, call.caller, asked, query.page)


@routes.get("/audit/balances/all", "List all balances at any time", ALL, UnknownCurrency, *READING)
def list_balances(call: Asked, query: Annotated[AllBalances, QueryParameters()]) -> BooksView:
    """Every account's balance in a currency at the end of a block, or at a moment, by address."""
    asked = BooksQuery(query.currency, query.block, query.at)
    return audit.list_balances(call.bank, call.caller, asked, query.page)


@routes.get(
    "/audit/supply/series", "See supply and reserves over time", SUPPLY, UnknownCurrency, *READING
)
def supply_series(call: Asked, query: Annotated[SupplyOverTime, QueryParameters()]) -> SupplySeries:
    """A currency's supply and attested reserves at evenly spread moments, for a plot."""
    asked = SeriesQuery(query.currency, query.time_from, query.time_to, query.points)
    return audit.supply_series(call.bank, call.caller, asked)


@routes.get(
    "/audit/flows",
    "See flows between countries",
    ALL,
    UnknownCurrency,
    UnknownCountry,
    *READING,
)
def list_flows(call: Asked, query: Annotated[FlowCriteria, QueryParameters()]) -> Page[Flow]:
    """What was paid from one country to another, or along which corridor of currencies, by period."""
    asked = FlowQuery(**query.model_dump(exclude={"limit", "cursor"}))
    return audit.list_flows(call.bank, call.caller, asked, query.page)


@routes.get("/audit/powers", "See who used which power", POWERS, InvalidAddress, *READING)
def list_powers(call: Asked, query: Annotated[PowerCriteria, QueryParameters()]) -> Page[PowerUse]:
    """Mints, attestations, freezes, court orders, roles, rules, pauses: who did it and when, newest
    first."""
    asked = PowerFilter(**query.model_dump(exclude={"limit", "cursor"}))
    return audit.list_powers(call.bank, call.caller, asked, query.page)


@routes.get("/audit/timeline", "Read the history of a payment", HISTORY, *READING)
def get_timeline(call: Asked, query: Annotated[TimelineQuery, QueryParameters()]) -> TimelineView:
    """What happened to one payment, transfer or other request in all systems: asked, ordered, signed,
    screened, accepted, sent, mined, recorded, told. At most 500 items."""
    return audit.get_timeline(call.bank, call.caller, query.of)


@routes.get("/audit/funds", "Follow a sum", ALL, UnknownCurrency, InvalidAddress, *READING)
def follow_funds(call: Asked, query: Annotated[FundsCriteria, QueryParameters()]) -> FundsView:
    """Where the money of a line came from or went, first in, first out, over some steps.

    Accounts are heaps: the rule says which money leaves first, and proves nobody's intention.
    """
    return audit.follow_funds(call.bank, call.caller, FundsQuery(**query.model_dump()))
