"""Customers: making, finding, KYC data, standing, erasure."""

from typing import Annotated, Any, Literal

from fastapi import Query as QueryParameters
from pydantic import Field

from api.access import AUDITOR, COMPLIANCE, CUSTOMER, MERCHANT, OPERATOR, Owner, allow
from api.fields import (
    Account,
    CountryCode,
    Form,
    Paged,
    ReasonCode,
    Sha256,
    example,
    line,
    resource_id,
)
from api.refusals import ACCOUNTS, NODE, STAFF
from api.routes import Asked, Routes
from wallet_chain import identity
from wallet_chain.bank.views import Answer, Page
from wallet_chain.errors import (
    AccountInvalid,
    AccountNotFrozen,
    CustomerForgotten,
    CustomerNotForgettable,
    InvalidAddress,
    KycIncomplete,
    KycMissing,
    TierInvalid,
    UnknownCountry,
)
from wallet_chain.identity.drafts import (
    CustomerDraft,
    CustomerFilter,
    DocumentDraft,
    DocumentsDraft,
    ForgetDraft,
    KycDraft,
    Personal,
    StandingDraft,
)
from wallet_chain.identity.views import (
    CustomerSummary,
    CustomerView,
    HoldingsView,
    LimitsView,
    ReviewView,
)

routes = Routes("Customers")

ONBOARD = allow(OPERATOR, COMPLIANCE, scope="identity:write")
FIND = allow(OPERATOR, COMPLIANCE, AUDITOR, scope="identity:read")
LOOK = allow(
    CUSTOMER, MERCHANT, OPERATOR, COMPLIANCE, AUDITOR, scope="identity:read", owner=Owner.PATH
)
SUBMIT = allow(CUSTOMER, MERCHANT, OPERATOR, COMPLIANCE, scope="identity:write", owner=Owner.PATH)
STAND = allow(COMPLIANCE, scope="identity:write")

CustomerId = Annotated[str, resource_id("cus", "customer")]

_KYC_EXAMPLE: dict[str, Any] = {
    "requested_tier": 2,
    "personal": {"name": "Ada Nowak", "birth_date": "1990-04-12", "phone": "+49 30 901820"},
    "documents": [
        {
            "kind": "passport",
            "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        }
    ],
}


class NewCustomer(Form):
    """A person or business."""

    model_config = example({"kind": "person", "country": "DE", "custody": "bank"})

    kind: Literal["person", "business"]
    country: CountryCode
    custody: Literal["bank", "self"] = "bank"
    """Who keeps the account's key: the bank, or the customer."""
    merchant: bool = False
    provider: bool = False
    """Whether it exchanges currencies for others; a business whose key the bank keeps."""

    def draft(self) -> CustomerDraft:
        """As the verb takes it."""
        return CustomerDraft(self.kind, self.country, self.custody, self.merchant, self.provider)


class PersonalForm(Form):
    """What is known about the customer. Kept encrypted under a key of the customer's own."""

    name: Annotated[str, line(140)] | None = None
    """Full name of a person, registered name of a business."""
    birth_date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None
    """`YYYY-MM-DD`; persons only."""
    phone: Annotated[str, line(32)] | None = None
    email: Annotated[str, line(254)] | None = None
    street: Annotated[str, line(140)] | None = None
    city: Annotated[str, line(80)] | None = None
    postal_code: Annotated[str, line(16)] | None = None
    document_number: Annotated[str, line(40)] | None = None
    """Number of the passport or identity card that was shown."""
    registration_number: Annotated[str, line(40)] | None = None
    """In the trade register; businesses only."""
    merchant_category: Annotated[str, Field(pattern=r"^[0-9]{4}$", examples=["5814"])] | None = None
    """The merchant category code of ISO 18245, four digits; merchants only."""


class DocumentForm(Form):
    """Evidence that was looked at. The document itself is never taken."""

    kind: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$", examples=["passport"])]
    """`passport`, `identity_card`, `proof_of_address`, `trade_register`, `in_person_record` ..."""
    sha256: Sha256


Documents = Annotated[list[DocumentForm], Field(max_length=20)]


class Kyc(Form):
    """KYC data for a tier. A field of `personal` that is left out stays as it was."""

    model_config = example(_KYC_EXAMPLE)

    requested_tier: Annotated[int, Field(ge=0, le=255)]
    """1 to 4; the higher, the more is asked and the more may be moved."""
    personal: PersonalForm
    documents: Documents = Field(default_factory=list)

    def draft(self, customer_id: str) -> KycDraft:
        """As the verb takes it."""
        return KycDraft(
            customer_id,
            self.requested_tier,
            Personal(**self.personal.model_dump()),
            _documents(self.documents),
        )


class MoreDocuments(Form):
    """More evidence."""

    model_config = example({"documents": _KYC_EXAMPLE["documents"]})

    documents: Annotated[list[DocumentForm], Field(min_length=1, max_length=20)]


class Standing(Form):
    """Why the account's standing changes."""

    reason_code: ReasonCode


class CustomerQuery(Paged):
    """Which customers."""

    state: Literal["onboarding", "approved", "rejected", "closed", "forgotten"] | None = None
    """How far they have come."""
    kind: Literal["person", "business"] | None = None
    """Persons or businesses."""
    country: CountryCode | None = None
    """ISO 3166-1 alpha-2."""
    account: Account | None = None
    """Whose account this is or was."""

    def filter(self) -> CustomerFilter:
        """As the verb takes it."""
        return CustomerFilter(self.state, self.kind, self.country, self.account)


def _documents(forms: list[DocumentForm]) -> tuple[DocumentDraft, ...]:
    return tuple(DocumentDraft(form.kind, form.sha256) for form in forms)


@routes.post(
    "/customers",
    "Create a customer",
    ONBOARD,
    UnknownCountry,
    made=True,
    location="/v1/customers/{id}",
)
def create_customer(call: Asked, body: NewCustomer) -> Answer[CustomerView]:
    """Make a customer. Nothing can be moved until KYC data was submitted and approved."""
    return identity.create_customer(call.bank, call.caller, call.ask, body.draft())


@routes.get("/customers", "List and find customers", FIND, UnknownCountry, InvalidAddress)
def list_customers(
    call: Asked, query: Annotated[CustomerQuery, QueryParameters()]
) -> Page[CustomerSummary]:
    """Customers without their personal data, newest first. The look is recorded."""
    return identity.list_customers(call.bank, call.caller, query.filter(), query.page)


@routes.get("/customers/{customer_id}", "Look at a customer", LOOK)
def get_customer(call: Asked, customer_id: CustomerId) -> CustomerView:
    """One customer with personal data. A look by staff is recorded."""
    return identity.get_customer(call.bank, call.caller, customer_id)


@routes.put(
    "/customers/{customer_id}/kyc",
    "Submit KYC data",
    SUBMIT,
    TierInvalid,
    KycIncomplete,
    CustomerForgotten,
    *ACCOUNTS,
)
def submit_kyc(call: Asked, customer_id: CustomerId, body: Kyc) -> Answer[ReviewView]:
    """Submit, complete or renew KYC data. Opens a review, or answers the one that asked for more."""
    return identity.submit_kyc(call.bank, call.caller, call.ask, body.draft(customer_id))


@routes.post(
    "/customers/{customer_id}/documents",
    "Add documents",
    SUBMIT,
    CustomerForgotten,
)
def add_documents(
    call: Asked, customer_id: CustomerId, body: MoreDocuments
) -> Answer[CustomerView]:
    """Record evidence that was looked at, by its hash."""
    draft = DocumentsDraft(customer_id, _documents(body.documents))
    return identity.add_documents(call.bank, call.caller, call.ask, draft)


@routes.post(
    "/customers/{customer_id}/freeze",
    "Freeze a customer's account",
    STAND,
    *STAFF,
    *ACCOUNTS,
    KycMissing,
    chain=True,
)
def freeze_customer(call: Asked, customer_id: CustomerId, body: Standing) -> Answer[CustomerView]:
    """Freeze the account on chain: it neither pays nor is paid, but by order of a court."""
    draft = StandingDraft(customer_id, body.reason_code)
    return identity.freeze_customer(call.bank, call.caller, call.ask, draft)


@routes.post(
    "/customers/{customer_id}/unfreeze",
    "Unfreeze a customer's account",
    STAND,
    *STAFF,
    *ACCOUNTS,
    AccountNotFrozen,
    KycMissing,
    chain=True,
)
def unfreeze_customer(call: Asked, customer_id: CustomerId, body: Standing) -> Answer[CustomerView]:
    """Lift the freeze."""
    draft = StandingDraft(customer_id, body.reason_code)
    return identity.unfreeze_customer(call.bank, call.caller, call.ask, draft)


@routes.post(
    "/customers/{customer_id}/close",
    "Close a customer's account",
    STAND,
    *STAFF,
    *ACCOUNTS,
    AccountInvalid,
    KycMissing,
    CustomerNotForgettable,
    chain=True,
)
def close_customer(call: Asked, customer_id: CustomerId, body: Standing) -> Answer[CustomerView]:
    """Close the account for good; what it holds has to be withdrawn before."""
    draft = StandingDraft(customer_id, body.reason_code)
    return identity.close_customer(call.bank, call.caller, call.ask, draft)


@routes.post(
    "/customers/{customer_id}/forget",
    "Erase a customer",
    STAND,
    CustomerNotForgettable,
    CustomerForgotten,
    *NODE,
)
def forget_customer(call: Asked, customer_id: CustomerId) -> Answer[CustomerView]:
    """Destroy the customer's key, and with it all personal data. There is no way back."""
    return identity.forget_customer(call.bank, call.caller, call.ask, ForgetDraft(customer_id))


@routes.get("/customers/{customer_id}/balances", "Look at a customer's balances", LOOK)
def get_balances(call: Asked, customer_id: CustomerId) -> HoldingsView:
    """What the customer holds in each currency, and what of it is not yet promised elsewhere."""
    return identity.get_balances(call.bank, call.caller, customer_id)


@routes.get(
    "/customers/{customer_id}/limits",
    "Look at a customer's limits",
    LOOK,
    *NODE,
    *ACCOUNTS,
    KycMissing,
)
def get_limits(call: Asked, customer_id: CustomerId) -> LimitsView:
    """The tier's limits, what is used of them, and when it frees."""
    return identity.get_limits(call.bank, call.caller, customer_id)
