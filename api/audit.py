"""The books: events, statements, balances at any block, supply, and who looked."""

from collections.abc import Iterator
from typing import Annotated, Literal

from fastapi import Path
from fastapi import Query as QueryParameters
from pydantic import Field
from starlette.responses import Response, StreamingResponse

from api.access import (
    ADMIN,
    AUDITOR,
    COMPLIANCE,
    CUSTOMER,
    ISSUER_CHECKER,
    ISSUER_MAKER,
    MERCHANT,
    OPERATOR,
    ROLES,
    STAFF,
    Owner,
    allow,
)
from api.answers import Items
from api.fields import Account, CurrencyCode, Hash, Moment, Paged, Query, line
from api.refusals import MONEY, NODE
from api.routes import Asked, Routes
from wallet_chain import audit
from wallet_chain.audit.drafts import AccessFilter, BalanceQuery, EventFilter, StatementQuery
from wallet_chain.audit.views import (
    AccessView,
    BalanceView,
    ChainView,
    EventView,
    StatementView,
    SupplyView,
)
from wallet_chain.bank.views import OperationView, Page
from wallet_chain.errors import (
    AccountUnknown,
    InvalidAddress,
    InvalidRequest,
    NotFound,
    NotReady,
    UnknownCurrency,
)
from wallet_chain.money import positive_money

routes = Routes("Audit")

EVENTS = allow(CUSTOMER, MERCHANT, COMPLIANCE, AUDITOR, scope="audit:read", owner=Owner.VERB)
WITNESSES = allow(COMPLIANCE, AUDITOR, ADMIN, scope="audit:read")
SUPPLY = allow(
    OPERATOR, COMPLIANCE, ISSUER_MAKER, ISSUER_CHECKER, AUDITOR, ADMIN, scope="audit:read"
)
CHAIN = allow(*STAFF, scope="audit:read")
BOOKS = allow(
    CUSTOMER, MERCHANT, OPERATOR, COMPLIANCE, AUDITOR, scope="audit:read", owner=Owner.VERB
)
OPERATION = allow(*ROLES, scope="audit:read", owner=Owner.VERB)

READING = (NotFound, NotReady)
"""What the books answer before their first block, or about a block or account that they lack."""

CSV, JSON_LINES, XML = "text/csv", "application/jsonl", "application/xml"
PARQUET = "application/vnd.apache.parquet"
EXPORTED = {"csv": CSV, "jsonl": JSON_LINES, "parquet": PARQUET}
BLOCK_MAX = 2**63 - 1

Block = Annotated[int, Field(ge=0, le=BLOCK_MAX)]
AccountInPath = Annotated[
    str,
    Path(
        pattern=r"^0x[0-9a-fA-F]{40}$",
        description="The account's address.",
        examples=["0x52908400098527886E0F7030069857D2E4169EE7"],
    ),
]
OperationId = Annotated[
    str,
    Path(
        pattern=r"^op_[0-9A-HJKMNP-TV-Z]{26}$",
        description="The operation's id.",
        examples=["op_01JZ4WVXQ2M8K5T7R9B3C6D1EF"],
    ),
]
Export = Literal["csv", "jsonl", "parquet"]


class EventCriteria(Query):
    """Which events, in any combination; bounds are included."""

    account: Account | None = None
    """Took part, on either side."""
    counterparty: Account | None = None
    """The account on the other side."""
    currency: CurrencyCode | None = None
    """ISO 4217."""
    kind: Annotated[str, line(24, examples=["payment"])] | None = None
    """`payment`, `refund`, `mint`, `redemption`, `freeze` ..."""
    name: Annotated[str, line(48, examples=["PaymentSettled"])] | None = None
    """The Solidity event's name."""
    amount_min: Annotated[str, line(64)] | None = None
    """A decimal amount; needs `currency`."""
    amount_max: Annotated[str, line(64)] | None = None
    """A decimal amount; needs `currency`."""
    time_from: Moment | None = None
    """By block time; Unix seconds or RFC 3339."""
    time_to: Moment | None = None
    """By block time; Unix seconds or RFC 3339."""
    block_from: Block | None = None
    """By block number."""
    block_to: Block | None = None
    """By block number."""
    order_id: Hash | None = None
    """The hash of a signed order."""
    reference: Hash | None = None
    """What an order repeats of the request that it came from."""
    transaction_hash: Hash | None = None
    """The transaction that it happened in."""
    customer: Annotated[str, line(40, examples=["cus_01JZ4WVXQ2M8K5T7R9B3C6D1EF"])] | None = None
    """Took part, with any account that it has or had."""
    merchant: Annotated[str, line(42)] | None = None
    """Was the merchant of it: a customer's id or an account."""
    programme: Annotated[int, Field(ge=1, le=2**32 - 1)] | None = None
    """The loyalty programme that it is about."""
    uetr: Annotated[str, line(36)] | None = None
    """Of a transfer abroad."""
    free_reference: Annotated[str, line(255)] | None = None
    """As somebody wrote it: an `Idempotency-Key`, or the reference of a deposit, payout or court order."""
    newest: Literal["true", "false"] = "false"
    """Whether the newest come first."""

    def filter(self) -> EventFilter:
        """As the verb takes it."""
        said = self.model_dump(include=_PLAIN_CRITERIA)
        return EventFilter(
            **said,
            newest=self.newest == "true",
            amount_min_minor=self._minor(self.amount_min, "amount_min"),
            amount_max_minor=self._minor(self.amount_max, "amount_max"),
        )

    def _minor(self, amount: str | None, field: str) -> int | None:
        if amount is None:
            return None
        if self.currency is None:
            raise InvalidRequest(f"{field}: name the currency too.", field="currency")
        return positive_money(amount, self.currency).amount_minor


_PLAIN_CRITERIA = set(EventCriteria.model_fields) - {"amount_min", "amount_max", "newest"}


class EventQuery(EventCriteria, Paged):
    """A page of events."""


class EventExport(EventCriteria):
    """A file of events."""

    format: Export = "csv"
    """`csv`, `jsonl` (one JSON object a line) or `parquet`."""


class Balance(Query):
    """Whose balance, and when."""

    account: Account
    """Whose."""
    currency: CurrencyCode
    """ISO 4217."""
    block: Block | None = None
    """At the end of this block."""
    at: Moment | None = None
    """At this moment; not together with `block`. Neither: at the last indexed block."""


class StatementPeriod(Query):
    """Which lines of an account's history."""

    currency: CurrencyCode
    """ISO 4217."""
    time_from: Moment | None = None
    """By block time, included; Unix seconds or RFC 3339."""
    time_to: Moment | None = None
    """By block time, included; Unix seconds or RFC 3339."""


class Span(Query):
    """A period by time, by block, or both."""

    time_from: Moment | None = None
    """By block time, included; Unix seconds or RFC 3339."""
    time_to: Moment | None = None
    """By block time, included; Unix seconds or RFC 3339."""
    block_from: Block | None = None
    """By block number, included."""
    block_to: Block | None = None
    """By block number, included."""


class StatementSpan(StatementPeriod, Span):
    """Which lines of an account's history, by time or by block."""

    def of(self, account: str) -> StatementQuery:
        """As the verb takes it."""
        period = (self.time_from, self.time_to, self.block_from, self.block_to)
        return StatementQuery(account, self.currency, *period)


class StatementPage(StatementSpan, Paged):
    """A page of a statement."""


class StatementFile(StatementSpan):
    """A statement as a file."""

    format: Export = "csv"
    """`csv`, `jsonl` (one JSON object a line) or `parquet`."""


class AccessQuery(Paged):
    """Which looks."""

    customer_id: Annotated[str, line(40)] | None = None
    """Who was looked at."""
    principal_id: Annotated[str, line(40)] | None = None
    """Who looked."""
    role: Annotated[str, line(24)] | None = None
    """In which role."""
    action: Annotated[str, line(80)] | None = None
    """What was done, such as `customer` or `events`."""
    time_from: Moment | None = None
    """Included; Unix seconds or RFC 3339."""
    time_to: Moment | None = None
    """Included; Unix seconds or RFC 3339."""

    def filter(self) -> AccessFilter:
        """As the verb takes it."""
        return AccessFilter(**self.model_dump(exclude={"limit", "cursor"}))


class ChainQuery(Query):
    """How much to say."""

    digest: Literal["true", "false"] = "false"
    """Also a digest over all that was derived from the chain. Takes a while on a long one."""


@routes.get("/audit/events", "Search events", EVENTS, *MONEY, InvalidAddress, *READING)
def list_events(call: Asked, query: Annotated[EventQuery, QueryParameters()]) -> Page[EventView]:
    """Every event of every contract, with the block, transaction and log it comes from.

    A customer has to name an account of its own, or itself. A page examines a bounded number of events:
    it may have fewer items than `limit`, even none, while `next_cursor` asks for those that follow.
    """
    return audit.list_events(call.bank, call.caller, query.filter(), query.page)


@routes.get(
    "/audit/events/export",
    "Export events",
    EVENTS,
    *MONEY,
    InvalidAddress,
    *READING,
    media_types=(CSV, JSON_LINES, PARQUET),
)
def export_events(call: Asked, query: Annotated[EventExport, QueryParameters()]) -> Response:
    """All events that match, as CSV, as one JSON object a line, or as Apache Parquet, streamed."""
    lines = audit.export_events(call.bank, call.caller, query.filter(), query.format)
    return _file(lines, query.format, "events")


@routes.get(
    "/audit/balances",
    "Look at a balance at any time",
    BOOKS,
    UnknownCurrency,
    InvalidAddress,
    AccountUnknown,
    *READING,
)
def balance_at(call: Asked, query: Annotated[Balance, QueryParameters()]) -> BalanceView:
    """What an account held at the end of a block, or at a moment."""
    asked = BalanceQuery(query.account, query.currency, query.block, query.at)
    return audit.balance_at(call.bank, call.caller, asked)


@routes.get("/audit/supply", "Compare supply and reserves", SUPPLY, NotReady)
def supply_against_reserves(call: Asked) -> Items[SupplyView]:
    """Each currency's supply, what all accounts add up to, and its attested reserves."""
    return Items(audit.supply_against_reserves(call.bank, call.caller))


@routes.get(
    "/audit/statements/{account}",
    "Read a statement",
    BOOKS,
    UnknownCurrency,
    InvalidAddress,
    AccountUnknown,
    *READING,
)
def get_statement(
    call: Asked, account: AccountInPath, query: Annotated[StatementPage, QueryParameters()]
) -> StatementView:
    """An account's lines in a currency, with the balances before and after."""
    return audit.get_statement(call.bank, call.caller, query.of(account), query.page)


@routes.get(
    "/audit/statements/{account}/export",
    "Export a statement",
    BOOKS,
    UnknownCurrency,
    InvalidAddress,
    AccountUnknown,
    *READING,
    media_types=(CSV, JSON_LINES, PARQUET),
)
def export_statement(
    call: Asked, account: AccountInPath, query: Annotated[StatementFile, QueryParameters()]
) -> Response:
    """A whole statement, as CSV, as one JSON object a line, or as Apache Parquet, streamed."""
    lines = audit.export_statement(call.bank, call.caller, query.of(account), query.format)
    return _file(lines, query.format, "statement")


@routes.get(
    "/audit/statements/{account}/camt.053",
    "Read a statement as camt.053",
    BOOKS,
    UnknownCurrency,
    InvalidAddress,
    AccountUnknown,
    *READING,
    media_types=(XML,),
)
def get_bank_statement(
    call: Asked, account: AccountInPath, query: Annotated[StatementSpan, QueryParameters()]
) -> Response:
    """A whole period of an account as a message of ISO 20022 (camt.053.001.08): opening balance, every
    line with the UETR where it is a transfer abroad, closing balance. Streamed."""
    pieces = audit.export_bank_statement(call.bank, call.caller, query.of(account))
    return StreamingResponse(pieces, media_type=XML)


@routes.get("/audit/accesses", "See who looked", WITNESSES, NotFound)
def list_accesses(
    call: Asked, query: Annotated[AccessQuery, QueryParameters()]
) -> Page[AccessView]:
    """Every look of staff at a customer or at the books. Nothing here is ever changed."""
    return audit.list_accesses(call.bank, call.caller, query.filter(), query.page)


@routes.get("/audit/chain", "See how far the books are", CHAIN, *NODE)
def get_chain(call: Asked, query: Annotated[ChainQuery, QueryParameters()]) -> ChainView:
    """The chain, its head, the last block that is in the books, and the contracts."""
    return audit.get_chain(call.bank, call.caller, query.digest == "true")


@routes.get("/operations/{operation_id}", "Look at an operation", OPERATION)
def get_operation(call: Asked, operation_id: OperationId) -> OperationView:
    """One thing on its way to the chain: its state, and its receipt once it is there."""
    return audit.get_operation(call.bank, call.caller, operation_id)


def _file(lines: Iterator[bytes], kind: Export, name: str) -> Response:
    return StreamingResponse(
        lines,
        media_type=EXPORTED[kind],
        headers={"Content-Disposition": f'attachment; filename="{name}.{kind}"'},
    )
