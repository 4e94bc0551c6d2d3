"""Reviews of customers' KYC: the queue, and the decision by a second person."""

from sqlalchemy import ColumnElement, and_, case, select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import account_of
from wallet_chain.bank.facts import REVIEW_DECIDED, log_fact
from wallet_chain.bank.paging import cut, read_position, scope_of
from wallet_chain.bank.reasons import read_reason
from wallet_chain.bank.receipts import operation_or_none
from wallet_chain.bank.role_calls import RoleCall, accept_call, check_call
from wallet_chain.bank.sealed import opened_or_none
from wallet_chain.bank.views import Answer, Page, PageRequest
from wallet_chain.bank.witness import is_customer, looking, not_found, record_look
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import (
    FourEyes,
    InvalidRequest,
    KycIncomplete,
    ReviewNotOpen,
    TierInvalid,
)
from wallet_chain.identity.drafts import DecisionDraft, Personal, ReviewFilter
from wallet_chain.identity.showing import (
    UNDECIDED,
    documents_of,
    known_or_submitted,
    submitted_of,
)
from wallet_chain.identity.tiers import VALIDITY_SECONDS, require_complete, require_tier
from wallet_chain.identity.views import ReviewView
from wallet_chain.ledger.hashing import from_hex
from wallet_chain.ledger.units import AccountFlags
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import Customer, Operation, Review

APPROVE, MORE, REJECT = "approve", "more_information", "reject"


def get_review(bank: Bank, caller: Caller, review_id: str) -> ReviewView:
    """A review. Raises NotFound."""
    with looking(bank, caller) as session:
        return show_review(bank, session, caller, review_id)


def list_reviews(
    bank: Bank, caller: Caller, filters: ReviewFilter, request: PageRequest
) -> Page[ReviewView]:
    """The review queue, oldest first. Raises CursorInvalid."""
    scope = scope_of("reviews", filters)
    position = read_position(bank, scope, request)
    conditions: list[ColumnElement[bool]] = []
    if caller.customer_id is not None:
        conditions.append(Review.customer_id == caller.customer_id)
    if filters.customer_id is not None:
        conditions.append(Review.customer_id == filters.customer_id)
    if filters.state is not None:
        conditions.append(_state_expression() == filters.state)
    if position is not None:
        conditions.append(Review.id > position[0])
    with looking(bank, caller) as session:
        rows = session.scalars(
            select(Review)
            .outerjoin(Operation, Operation.id == Review.operation_id)
            .where(and_(True, *conditions))
            .order_by(Review.id)
            .limit(request.limit + 1)
        ).all()
        record_look(bank, session, caller, "reviews", filters.customer_id)
        return cut(
            bank,
            scope,
            request,
            rows,
            lambda row: _view(bank, session, caller, row),
            lambda row: (row.id,),
        )


def decide_review(bank: Bank, caller: Caller, ask: Ask, draft: DecisionDraft) -> Answer[ReviewView]:
    """Approve, ask for more, or reject.

    An approval registers the customer's account on chain, or renews it, with the caller's key.
    Raises NotFound, ReviewNotOpen, FourEyes (the one who submitted may not decide), KycIncomplete,
    TierInvalid, KycExpiryInvalid, PermissionRefused.
    """
    if draft.decision not in (APPROVE, MORE, REJECT):
        raise InvalidRequest(f"decision must be {APPROVE}, {MORE} or {REJECT}.", field="decision")
    if draft.decision != APPROVE:
        if draft.reason_code is None:
            raise InvalidRequest("Say why: reason_code is needed.", field="reason_code")
        read_reason(draft.reason_code)

    def check() -> RoleCall | None:
        with bank.store.reading() as session:
            review = _decidable(session, caller, draft.review_id)
            call = _approval(bank, session, review, draft)
        if call is not None:
            check_call(bank, caller, call)
        return call

    def apply(session: Session, call: RoleCall | None) -> Written:
        review = _decidable(session, caller, draft.review_id)
        return _decide(bank, session, caller, review, draft, call)

    return write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: show_review(bank, session, caller, id_),
    )


def show_review(bank: Bank, session: Session, caller: Caller, review_id: str) -> ReviewView:
    """The review, if the caller may know of it. Raises NotFound."""
    review = session.get(Review, review_id)
    if review is None or caller.customer_id not in (None, review.customer_id):
        raise not_found("review", review_id)
    record_look(bank, session, caller, "review", review.customer_id)
    return _view(bank, session, caller, review)


def review_state(session: Session, review: Review) -> str:
    """A review's state. An approval counts once the chain has taken it; one refused is undone."""
    if review.state != "approving":
        return review.state
    operation = session.get(Operation, review.operation_id)
    if operation is None or operation.state in ("rejected", "expired"):
        return "open"
    return "approved" if operation.state == "settled" else "approving"


def _state_expression() -> ColumnElement[str]:
    return case(
        (Review.state != "approving", Review.state),
        (Operation.state.in_(("rejected", "expired")), "open"),
        (Operation.state == "settled", "approved"),
        else_="approving",
    )


def _decidable(session: Session, caller: Caller, review_id: str) -> Review:
    review = session.get(Review, review_id)
    if review is None or is_customer(caller):
        raise not_found("review", review_id)
    state = review_state(session, review)
    if state not in UNDECIDED:
        raise ReviewNotOpen(
            f"This review is {state}. Submit KYC data again to open a new one.", state=state
        )
    if review.opened_by == caller.principal_id:
        raise FourEyes(
            "You submitted this KYC data; somebody else must decide about it.",
            submitted_by=review.opened_by,
        )
    return review


def _approval(
    bank: Bank, session: Session, review: Review, draft: DecisionDraft
) -> RoleCall | None:
    if draft.decision != APPROVE:
        return None
    tier = _granted_tier(review, draft)
    customer = session.get(Customer, review.customer_id)
    assert customer is not None
    personal = known_or_submitted(bank, session, customer, review) or Personal()
    seen = {document.kind for document in documents_of(session, customer.id)}
    require_complete(customer.kind, tier, personal, seen, merchant=customer.merchant)
    account, standing = account_of(session, customer)
    if account is None:
        raise KycIncomplete(
            "The customer keeps an own key and has registered no account yet: ask for a challenge,"
            " have it signed, and hand the signature in.",
            missing=["account"],
        )
    expiry = _expiry(bank, tier, draft)
    terms = (tier, customer.country, expiry, flags_of(customer))
    if standing is not None:
        return RoleCall("renewal", "IdentityRegistry", "update", (account, *terms))
    reference = from_hex(customer.customer_ref)
    return RoleCall("registration", "IdentityRegistry", "register", (account, *terms, reference))


def flags_of(customer: Customer) -> int:
    """What the chain is told about a customer beside the tier."""
    flags = AccountFlags(0)
    if customer.kind == "business":
        flags |= AccountFlags.BUSINESS
    if customer.merchant:
        flags |= AccountFlags.MERCHANT
    if customer.provider:
        flags |= AccountFlags.PROVIDER
    return int(flags)


def _granted_tier(review: Review, draft: DecisionDraft) -> int:
    tier = review.requested_tier if draft.tier is None else draft.tier
    require_tier(tier)
    if tier > review.requested_tier:
        raise TierInvalid(
            f"Tier {review.requested_tier} was asked for; {tier} is more than that.",
            tier=tier,
            requested=review.requested_tier,
        )
    return tier


def _expiry(bank: Bank, tier: int, draft: DecisionDraft) -> int:
    if draft.kyc_expires_at is not None:
        return draft.kyc_expires_at
    return bank.clock() + VALIDITY_SECONDS[tier]


def _decide(
    bank: Bank,
    session: Session,
    caller: Caller,
    review: Review,
    draft: DecisionDraft,
    call: RoleCall | None,
) -> Written:
    review.decided_at = bank.clock()
    review.decided_by = caller.principal_id
    review.reason_code = draft.reason_code
    if draft.note:
        review.sealed_note = bank.personal.seal(session, review.customer_id, draft.note)
    if call is not None:
        operation = accept_call(bank, session, caller, call, review.customer_id)
        review.state = "approving"
        review.granted_tier, review.kyc_expires_at = call.arguments[1], call.arguments[3]
        review.operation_id = operation.id
        _take_over(bank, session, review)
        _log(bank, session, review, draft.decision)
        return Written(review.id, operation.id)
    review.state = MORE if draft.decision == MORE else "rejected"
    _log(bank, session, review, draft.decision)
    customer = session.get(Customer, review.customer_id)
    assert customer is not None
    if draft.decision == REJECT:
        review.sealed_submitted = None
    if draft.decision == REJECT and customer.state == "onboarding":
        customer.state = "rejected"
    return Written(review.id)


def _log(bank: Bank, session: Session, review: Review, decision: str) -> None:
    facts = decision_facts(review) | {"decision": decision}
    log_fact(bank, session, REVIEW_DECIDED, review.id, facts, review.customer_id)


def decision_facts(review: Review) -> dict[str, object]:
    """A decision as the log commits to it, as far as the review itself still says it."""
    return {
        "id": review.id,
        "customer_id": review.customer_id,
        "decided_at": review.decided_at,
        "decided_by": review.decided_by,
        "granted_tier": review.granted_tier,
        "kyc_expires_at": review.kyc_expires_at,
        "reason_code": review.reason_code,
        "operation_id": review.operation_id,
    }


def _take_over(bank: Bank, session: Session, review: Review) -> None:
    """From now on what was approved is what is known."""
    if review.sealed_submitted is None:
        return
    customer = session.get_one(Customer, review.customer_id)
    customer.sealed_personal = review.sealed_submitted
    customer.updated_at = bank.clock()
    review.sealed_submitted = None


def _view(bank: Bank, session: Session, caller: Caller, review: Review) -> ReviewView:
    note = None
    if not is_customer(caller):
        note = opened_or_none(bank, session, review.customer_id, review.sealed_note)
    return ReviewView(
        id=review.id,
        customer_id=review.customer_id,
        requested_tier=review.requested_tier,
        state=review_state(session, review),
        opened_at=review.opened_at,
        opened_by=review.opened_by,
        decided_at=review.decided_at,
        decided_by=review.decided_by,
        granted_tier=review.granted_tier,
        kyc_expires_at=review.kyc_expires_at,
        reason_code=review.reason_code,
        note=note,
        submitted=submitted_of(bank, session, review),
        operation=operation_or_none(session, review.operation_id),
    )
