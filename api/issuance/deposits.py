"""Money that enters: deposits, minting by two people, attested reserves."""

from typing import Annotated, Literal

from fastapi import Query as QueryParameters

from api.access import (
    ADMIN,
    AUDITOR,
    COMPLIANCE,
    CUSTOMER,
    ISSUER_CHECKER,
    ISSUER_MAKER,
    MERCHANT,
    OPERATOR,
    Owner,
    allow,
)
from api.answers import Items
from api.fields import (
    CurrencyCode,
    Form,
    MoneyForm,
    Paged,
    ReasonCode,
    Sha256,
    UnixSeconds,
    example,
    line,
    resource_id,
)
from api.refusals import ACCOUNTS, HOLDER, ISSUING, MONEY, STAFF
from api.routes import Asked, Routes
from wallet_chain import issuance
from wallet_chain.bank.views import Answer, OperationView, Page, Preview
from wallet_chain.errors import (
    AttestationInvalid,
    DepositAlreadyUsed,
    FourEyes,
    NotFound,
    ProposalNotOpen,
    UnknownCurrency,
)
from wallet_chain.issuance.drafts import (
    AttestationDraft,
    DeclineDraft,
    DepositDraft,
    DepositFilter,
    ProposalDraft,
)
from wallet_chain.issuance.views import DepositView, ReservesView

routes = Routes("Issuance")

RECORD = allow(OPERATOR, ISSUER_MAKER, scope="issuance:write")
PROPOSE = allow(ISSUER_MAKER, scope="issuance:write")
DECIDE = allow(ISSUER_CHECKER, scope="issuance:write")
ATTEST = allow(AUDITOR, scope="issuance:write")
LOOK = allow(
    CUSTOMER,
    MERCHANT,
    OPERATOR,
    COMPLIANCE,
    ISSUER_MAKER,
    ISSUER_CHECKER,
    AUDITOR,
    scope="issuance:read",
    owner=Owner.VERB,
)
LOOK_AT_RESERVES = allow(
    OPERATOR, COMPLIANCE, ISSUER_MAKER, ISSUER_CHECKER, AUDITOR, ADMIN, scope="issuance:read"
)

DepositId = Annotated[str, resource_id("dep", "deposit")]


class NewDeposit(Form):
    """Money that arrived for a customer on the bank's account."""

    model_config = example(
        {
            "customer_id": "cus_01JZ4WVXQ2M8K5T7R9B3C6D1EF",
            "money": {"amount": "500.00", "currency": "EUR"},
            "bank_reference": "STMT-2026-03-02/0017",
        }
    )

    customer_id: Annotated[str, line(40)]
    money: MoneyForm
    bank_reference: Annotated[str, line(140)]
    """As on the bank's statement. Used once per currency."""

    def draft(self) -> DepositDraft:
        """As the verb takes it."""
        return DepositDraft(self.customer_id, self.money.read(), self.bank_reference)


class Declined(Form):
    """Why a proposal is declined."""

    reason_code: ReasonCode


class NewAttestation(Form):
    """What an outside auditor saw in the reserve accounts of a currency."""

    model_config = example(
        {
            "money": {"amount": "1000000.00", "currency": "EUR"},
            "as_of": 1772440200,
            "document_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        }
    )

    money: MoneyForm
    as_of: UnixSeconds
    """The moment that was looked at, in Unix seconds."""
    document_sha256: Sha256
    """Of the signed report."""


class DepositQuery(Paged):
    """Which deposits."""

    state: (
        Literal["recorded", "proposing", "proposed", "approving", "declining", "minted", "declined"]
        | None
    ) = None
    """How far its money is issued."""
    customer_id: Annotated[str, line(40)] | None = None
    """Whose; a customer may only name itself."""
    currency: CurrencyCode | None = None
    """ISO 4217."""

    def filter(self) -> DepositFilter:
        """As the verb takes it."""
        return DepositFilter(self.state, self.customer_id, self.currency)


@routes.post(
    "/deposits",
    "Record a deposit",
    RECORD,
    *MONEY,
    *HOLDER,
    *ACCOUNTS,
    *ISSUING,
    DepositAlreadyUsed,
    NotFound,
    made=True,
    location="/v1/deposits/{id}",
)
def record_deposit(call: Asked, body: NewDeposit) -> Answer[DepositView] | Preview:
    """Record money that arrived at the bank for a customer. Nothing is minted yet."""
    draft = body.draft()
    if call.dry_run:
        return issuance.preview_deposit(call.bank, call.caller, draft)
    return issuance.record_deposit(call.bank, call.caller, call.ask, draft)


@routes.get("/deposits", "List deposits", LOOK, UnknownCurrency, NotFound)
def list_deposits(
    call: Asked, query: Annotated[DepositQuery, QueryParameters()]
) -> Page[DepositView]:
    """The deposits that the caller may see, newest first."""
    return issuance.list_deposits(call.bank, call.caller, query.filter(), query.page)


@routes.get("/deposits/{deposit_id}", "Look at a deposit", LOOK)
def get_deposit(call: Asked, deposit_id: DepositId) -> DepositView:
    """One deposit, and how far its money is issued."""
    return issuance.get_deposit(call.bank, call.caller, deposit_id)


@routes.post(
    "/deposits/{deposit_id}/propose",
    "Propose to mint a deposit",
    PROPOSE,
    *ISSUING,
    *ACCOUNTS,
    *STAFF,
    DepositAlreadyUsed,
    chain=True,
)
def propose_mint(call: Asked, deposit_id: DepositId) -> Answer[DepositView] | Preview:
    """The first of two people proposes, on chain, to mint what was deposited."""
    draft = ProposalDraft(deposit_id)
    if call.dry_run:
        return issuance.preview_propose(call.bank, call.caller, draft)
    return issuance.propose_mint(call.bank, call.caller, call.ask, draft)


@routes.post(
    "/deposits/{deposit_id}/approve",
    "Approve a proposal: mint",
    DECIDE,
    *ISSUING,
    *ACCOUNTS,
    *STAFF,
    FourEyes,
    chain=True,
)
def approve_mint(call: Asked, deposit_id: DepositId) -> Answer[DepositView] | Preview:
    """The second person approves; the contract mints within its caps and the attested reserves."""
    draft = ProposalDraft(deposit_id)
    if call.dry_run:
        return issuance.preview_approve(call.bank, call.caller, draft)
    return issuance.approve_mint(call.bank, call.caller, call.ask, draft)


@routes.post(
    "/deposits/{deposit_id}/decline",
    "Decline a proposal",
    DECIDE,
    *STAFF,
    ProposalNotOpen,
    FourEyes,
    chain=True,
)
def decline_mint(call: Asked, deposit_id: DepositId, body: Declined) -> Answer[DepositView]:
    """Decline the proposal for good; its deposit reference stays used."""
    draft = DeclineDraft(deposit_id, body.reason_code)
    return issuance.decline_mint(call.bank, call.caller, call.ask, draft)


@routes.post(
    "/reserves",
    "Attest reserves",
    ATTEST,
    *MONEY,
    *STAFF,
    AttestationInvalid,
    made=True,
    chain=True,
    location="/v1/operations/{id}",
)
def attest_reserves(call: Asked, body: NewAttestation) -> Answer[OperationView]:
    """Attest, as an outside auditor, what lies in the reserve accounts of a currency.

    The supply of the currency can't grow beyond it, nor at all once the attestation is old.
    """
    draft = AttestationDraft(body.money.read(), body.as_of, body.document_sha256)
    return issuance.attest_reserves(call.bank, call.caller, call.ask, draft)


@routes.get("/reserves", "Look at supply and reserves", LOOK_AT_RESERVES)
def list_reserves(call: Asked) -> Items[ReservesView]:
    """Each currency's supply, its attested reserves, and what may still be minted."""
    return Items(issuance.list_reserves(call.bank, call.caller))
