"""Decisions about KYC, taken by another person than who submitted it."""

from typing import Annotated, Literal

from fastapi import Query as QueryParameters
from pydantic import Field

from api.access import AUDITOR, COMPLIANCE, OPERATOR, allow
from api.fields import Form, Paged, ReasonCode, UnixSeconds, example, line, resource_id, text
from api.refusals import ACCOUNTS, STAFF
from api.routes import Asked, Routes
from wallet_chain import identity
from wallet_chain.bank.views import Answer, Page
from wallet_chain.errors import (
    AccountExists,
    AccountInvalid,
    CustomerForgotten,
    FourEyes,
    KycExpiryInvalid,
    KycIncomplete,
    ReviewNotOpen,
    TierInvalid,
)
from wallet_chain.identity.drafts import DecisionDraft, ReviewFilter
from wallet_chain.identity.views import ReviewView

routes = Routes("Reviews")

LOOK = allow(OPERATOR, COMPLIANCE, AUDITOR, scope="identity:read")
DECIDE = allow(COMPLIANCE, scope="identity:write")

ReviewId = Annotated[str, resource_id("rev", "review")]


class Decision(Form):
    """How the review ends, or that it needs more."""

    model_config = example({"decision": "approve", "tier": 2})

    decision: Literal["approve", "more_information", "reject"]
    tier: Annotated[int, Field(ge=0, le=255)] | None = None
    """Granted tier, at most the one requested; left out: the one requested. Approvals only."""
    kyc_expires_at: UnixSeconds | None = None
    """Left out: the tier's usual validity from now. Approvals only."""
    reason_code: ReasonCode | None = None
    """Needed for `more_information` and `reject`."""
    note: Annotated[str, text(1000)] | None = None
    """For the file; kept encrypted."""

    def draft(self, review_id: str) -> DecisionDraft:
        """As the verb takes it."""
        return DecisionDraft(review_id, **self.model_dump())


class ReviewQuery(Paged):
    """Which reviews."""

    state: Literal["open", "more_information", "approving", "approved", "rejected"] | None = None
    """How far they have come."""
    customer_id: Annotated[str, line(40)] | None = None
    """Whose."""


@routes.get("/reviews", "List reviews", LOOK)
def list_reviews(call: Asked, query: Annotated[ReviewQuery, QueryParameters()]) -> Page[ReviewView]:
    """The review queue, oldest first; `state=open` is what waits for a decision."""
    chosen = ReviewFilter(query.state, query.customer_id)
    return identity.list_reviews(call.bank, call.caller, chosen, query.page)


@routes.get("/reviews/{review_id}", "Look at a review", LOOK)
def get_review(call: Asked, review_id: ReviewId) -> ReviewView:
    """One review, and the operation that wrote it to the chain."""
    return identity.get_review(call.bank, call.caller, review_id)


@routes.post(
    "/reviews/{review_id}/decision",
    "Decide a review",
    DECIDE,
    *STAFF,
    *ACCOUNTS,
    AccountExists,
    AccountInvalid,
    CustomerForgotten,
    FourEyes,
    KycExpiryInvalid,
    KycIncomplete,
    ReviewNotOpen,
    TierInvalid,
    chain=True,
)
def decide_review(call: Asked, review_id: ReviewId, body: Decision) -> Answer[ReviewView]:
    """Approve to a tier, ask for more, or reject. An approval registers the account on chain."""
    return identity.decide_review(call.bank, call.caller, call.ask, body.draft(review_id))
