"""KYC data comes in, and with it a review that somebody else decides."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import account_of
from wallet_chain.bank.facts import KYC_SUBMITTED, log_fact
from wallet_chain.bank.views import Answer
from wallet_chain.bank.witness import visible_customer
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import AccountClosed, CustomerForgotten
from wallet_chain.identity.customers import keep_documents
from wallet_chain.identity.drafts import KycDraft
from wallet_chain.identity.reviews import show_review
from wallet_chain.identity.showing import (
    UNDECIDED,
    customer_state,
    documents_of,
    known_or_submitted,
    sealed,
)
from wallet_chain.identity.tiers import merged, require_complete, require_tier
from wallet_chain.identity.views import ReviewView
from wallet_chain.ids import new_id
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import Customer, Review


def submit_kyc(bank: Bank, caller: Caller, ask: Ask, draft: KycDraft) -> Answer[ReviewView]:
    """Take KYC data and open a review, or answer the one that is open.

    The way to renew KYC that has lapsed or is about to, and to reach a higher tier, is the same.
    Data of a customer who was approved before waits in the review: until somebody else has approved
    it, screening, name checks and travel-rule records go by what was approved last.
    Raises NotFound, TierInvalid, KycIncomplete (naming what is missing), AccountClosed or
    CustomerForgotten.
    """
    require_tier(draft.requested_tier)

    def apply(session: Session, _: None) -> Written:
        customer = visible_customer(session, caller, draft.customer_id)
        _require_open(session, customer)
        review = _undecided(session, customer.id)
        personal = merged(known_or_submitted(bank, session, customer, review), draft.personal)
        seen = {document.kind for document in documents_of(session, customer.id)}
        seen |= {document.kind for document in draft.documents}
        require_complete(
            customer.kind, draft.requested_tier, personal, seen, merchant=customer.merchant
        )
        keep_documents(bank, session, caller, customer, draft.documents)
        submitted = sealed(bank, session, customer.id, personal)
        waits = _was_approved(session, customer)
        if not waits:
            customer.sealed_personal = submitted
        customer.updated_at = bank.clock()
        if customer.state == "rejected":
            customer.state = "onboarding"
        review = _open_review(bank, session, caller, draft, review)
        review.sealed_submitted = submitted if waits else None
        log_fact(bank, session, KYC_SUBMITTED, review.id, submission_facts(review), customer.id)
        return Written(review.id)

    return write_once(
        bank,
        caller,
        ask,
        check=lambda: None,
        apply=apply,
        show=lambda session, id_: show_review(bank, session, caller, id_),
    )


def _require_open(session: Session, customer: Customer) -> None:
    _, standing = account_of(session, customer)
    state = customer_state(customer, standing)
    if state == "forgotten":
        raise CustomerForgotten("This customer was erased. Make a new one.")
    if state == "closed":
        raise AccountClosed("This customer's account is closed for good. Make a new customer.")


def _was_approved(session: Session, customer: Customer) -> bool:
    """Whether anybody relies on what is known of the customer, or will once a block has it."""
    _, standing = account_of(session, customer)
    if standing is not None:
        return True
    approval = select(Review.id).where(
        Review.customer_id == customer.id, Review.state == "approving"
    )
    return session.scalars(approval.limit(1)).first() is not None


def _undecided(session: Session, customer_id: str) -> Review | None:
    return session.scalars(
        select(Review)
        .where(Review.customer_id == customer_id, Review.state.in_(UNDECIDED))
        .order_by(Review.id.desc())
    ).first()


def _open_review(
    bank: Bank, session: Session, caller: Caller, draft: KycDraft, review: Review | None
) -> Review:
    if review is None:
        review = Review(
            id=new_id("rev"),
            customer_id=draft.customer_id,
            decided_at=None,
            decided_by=None,
            granted_tier=None,
            kyc_expires_at=None,
            sealed_note=None,
            sealed_submitted=None,
            operation_id=None,
        )
        session.add(review)
    # Who submitted last may not decide: that is who vouches for what is in the data now.
    review.requested_tier = draft.requested_tier
    review.state = "open"
    review.reason_code = None
    review.opened_at = bank.clock()
    review.opened_by = caller.principal_id
    return review


def submission_facts(review: Review) -> dict[str, object]:
    """That KYC data came in, as the log commits to it; the data itself is not in it."""
    return {
        "id": review.id,
        "customer_id": review.customer_id,
        "requested_tier": review.requested_tier,
        "opened_at": review.opened_at,
        "opened_by": review.opened_by,
    }
