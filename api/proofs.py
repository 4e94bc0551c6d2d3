"""Bundles: files that prove an answer, to be checked by somebody else's program."""

from typing import Annotated, Literal

from fastapi import Path
from fastapi import Query as QueryParameters
from pydantic import Field
from starlette.responses import Response

from api.access import (
    AUDITOR,
    COMPLIANCE,
    CUSTOMER,
    MERCHANT,
    OPERATOR,
    ROLES,
    Owner,
    allow,
)
from api.audit import AccountInPath, Balance, Block, StatementPeriod
from api.fields import Hash, Paged, Query
from api.refusals import PROVING
from api.routes import Asked, Routes
from wallet_chain import proofs
from wallet_chain.bank.views import Page
from wallet_chain.errors import (
    AccountUnknown,
    InvalidAddress,
    NotFound,
    ProofUnavailable,
    ReservesShort,
    UnknownCurrency,
)
from wallet_chain.proofs.drafts import (
    BalanceProof,
    CloseFilter,
    EventProof,
    StatementProof,
    TotalProof,
)
from wallet_chain.proofs.views import CloseView

routes = Routes("Audit")

WHOLE = allow(COMPLIANCE, AUDITOR, scope="audit:read")
OWN = allow(CUSTOMER, MERCHANT, OPERATOR, COMPLIANCE, AUDITOR, scope="audit:read", owner=Owner.VERB)
EVERYBODY = allow(*ROLES, scope="audit:read", owner=Owner.VERB)

BUNDLE = "application/vnd.wallet-chain.bundle+json"
TRUST = "application/vnd.wallet-chain.trust+json"

CurrencyInPath = Annotated[
    str, Path(pattern="^[A-Z]{3}$", description="ISO 4217.", examples=["EUR"])
]


_DATE = r"^\d{4}-\d{2}-\d{2}$"

Day = Annotated[str, Field(pattern=_DATE, examples=["2026-03-01"])]
DayInPath = Annotated[str, Path(pattern=_DATE, description="In UTC.", examples=["2026-03-01"])]


class Pinned(Query):
    """Where a bundle leads to on a chain whose blocks carry no seals of validators."""

    pinned_block: Block | None = None
    """Lead to this block by parent hashes, because the verifier's trust file pins it. Default: the last
    block that the proof needs."""


class EventToProve(Pinned):
    """Which event."""

    transaction_hash: Hash
    """The transaction that it happened in."""
    log_index: Annotated[int, QueryParameters(ge=0, le=2**31 - 1)]
    """Its position among the block's logs, as the event says."""


class BalanceToProve(Balance, Pinned):
    """Whose balance, and when."""


class StatementToProve(StatementPeriod, Pinned):
    """Which lines."""

    evidence: Literal["receipts", "heads"] | None = None
    """`receipts`: each line with the receipt in which it stands, whole; for roles that see everybody's
    events, and their default. `heads`: the lines and both states; complete too, without blocks and
    times."""


class Total(Pinned):
    """When."""

    block: Block | None = None
    """At the end of this block; default: the last indexed one."""
    under_reserves: bool = True
    """Whether to prove as well that the attested reserves cover the supply."""


class ClosesAsked(Paged):
    """Which closes; days are included."""

    currency: Annotated[str, Field(pattern="^[A-Z]{3}$", examples=["EUR"])] | None = None
    """ISO 4217."""
    day_from: Day | None = None
    """From this day on, in UTC."""
    day_to: Day | None = None
    """Up to this day, in UTC."""

    def filter(self) -> CloseFilter:
        """As the verb takes it."""
        return CloseFilter(self.currency, self.day_from, self.day_to)


class TrustQuery(Query):
    """As of when."""

    block: Block | None = None
    """Pin this block, on a chain without seals; default: the last indexed one."""


@routes.get("/audit/proofs/events", "Prove an event", WHOLE, *PROVING, media_types=(BUNDLE,))
def prove_event(call: Asked, query: Annotated[EventToProve, QueryParameters()]) -> Response:
    """A bundle that proves an event: its transaction, its receipt and the block's header.

    Receipt and transaction are whole, so a batch shows the orders of everybody in it.
    """
    asked = EventProof(query.transaction_hash, query.log_index, query.pinned_block)
    return _file(proofs.prove_event(call.bank, call.caller, asked), "event")


@routes.get(
    "/audit/proofs/balances",
    "Prove a balance",
    OWN,
    UnknownCurrency,
    InvalidAddress,
    AccountUnknown,
    *PROVING,
    media_types=(BUNDLE,),
)
def prove_balance(call: Asked, query: Annotated[BalanceToProve, QueryParameters()]) -> Response:
    """A bundle that proves what an account held at the end of a block, from the state of the chain."""
    asked = BalanceProof(query.account, query.currency, query.block, query.at, query.pinned_block)
    return _file(proofs.prove_balance(call.bank, call.caller, asked), "balance")


@routes.get(
    "/audit/proofs/statements/{account}",
    "Prove a statement",
    OWN,
    UnknownCurrency,
    InvalidAddress,
    AccountUnknown,
    *PROVING,
    media_types=(BUNDLE,),
)
def prove_statement(
    call: Asked, account: AccountInPath, query: Annotated[StatementToProve, QueryParameters()]
) -> Response:
    """A bundle that proves each line of a statement and that none is missing. At most 5,000 lines."""
    asked = StatementProof(
        account,
        query.currency,
        query.time_from,
        query.time_to,
        query.evidence,
        query.pinned_block,
    )
    return _file(proofs.prove_statement(call.bank, call.caller, asked), "statement")


@routes.get(
    "/audit/proofs/totals/{currency}",
    "Prove the whole book of a currency",
    WHOLE,
    UnknownCurrency,
    ReservesShort,
    *PROVING,
    media_types=(BUNDLE,),
)
def prove_total(
    call: Asked, currency: CurrencyInPath, query: Annotated[Total, QueryParameters()]
) -> Response:
    """A bundle that proves the whole book of a currency: what each account held, customers' and the
    contracts' that hold money in escrow; that together it is the supply; and that the reserves
    attested on chain cover it. At most 10,000 accounts."""
    asked = TotalProof(currency, query.block, query.under_reserves, query.pinned_block)
    return _file(proofs.prove_total(call.bank, call.caller, asked), "total")


@routes.get("/audit/closes", "List daily closes", WHOLE, UnknownCurrency)
def list_closes(call: Asked, query: Annotated[ClosesAsked, QueryParameters()]) -> Page[CloseView]:
    """Each currency's book at the last block of each UTC day, the latest first. A day is closed when a
    block of a later day is final; one that is missing here was not proven before the node lost its
    state."""
    return proofs.list_closes(call.bank, call.caller, query.filter(), query.page)


@routes.get(
    "/audit/closes/{day}/{currency}",
    "Get a daily close",
    WHOLE,
    UnknownCurrency,
    NotFound,
    ProofUnavailable,
    media_types=(BUNDLE,),
)
def get_close(call: Asked, day: DayInPath, currency: CurrencyInPath) -> Response:
    """The bundle of a currency's whole book at the end of a day, as it was taken; its digest stands in
    the transparency log. On a chain without seals have its block pinned in the trust file."""
    return _file(proofs.get_close(call.bank, call.caller, day, currency), f"close-{day}-{currency}")


@routes.get("/audit/trust", "Get a trust file", EVERYBODY, *PROVING, media_types=(TRUST,))
def get_trust(call: Asked, query: Annotated[TrustQuery, QueryParameters()]) -> Response:
    """What a verifier has to believe beforehand, as this bank sees it: chain, genesis, contracts with
    their code, finality rule. Compare it with what somebody else has before you rely on it."""
    return _file(proofs.trust_file(call.bank, call.caller, query.block), "trust", TRUST)


def _file(content: bytes, name: str, media_type: str = BUNDLE) -> Response:
    return Response(
        content,
        media_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}.json"'},
    )
