"""From nobody to a customer with an account on chain."""

from dataclasses import asdict, replace

import pytest

from tests.town import ALL, DAY, DOCUMENTS, PERSONAL, Town, ask
from wallet_chain import identity
from wallet_chain.errors import (
    AccountClosed,
    FourEyes,
    InvalidRequest,
    KycExpiryInvalid,
    KycIncomplete,
    NotFound,
    PermissionRefused,
    ReviewNotOpen,
    TierInvalid,
    UnknownCountry,
)
from wallet_chain.identity.drafts import (
    CustomerDraft,
    CustomerFilter,
    DecisionDraft,
    DocumentDraft,
    DocumentsDraft,
    KycDraft,
    Personal,
    ReviewFilter,
    StandingDraft,
)
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import Customer


def test_a_person_is_onboarded_step_by_step(town: Town) -> None:
    made = town.customer(country="AT")
    assert (made.state, made.tier, made.account_status) == ("onboarding", None, None)
    assert made.account is not None
    assert made.country == "AT"

    review = town.submit(made.id, tier=2)
    assert (review.state, review.requested_tier) == ("open", 2)
    draft = DecisionDraft(review.id, "approve")
    decided = identity.decide_review(town.bank, town.staff("compliance"), ask(), draft).resource
    assert (decided.state, decided.granted_tier) == ("approving", 2)

    town.settle()
    seen = identity.get_customer(town.bank, town.staff("operator"), made.id)
    assert (seen.state, seen.tier, seen.account_status) == ("approved", 2, "active")
    assert seen.kyc_expires_at == town.clock() + 2 * 365 * DAY
    assert not seen.kyc_lapsed
    assert seen.personal == PERSONAL
    assert {document.kind for document in seen.documents} == {d.kind for d in DOCUMENTS}
    assert seen.operation is not None
    assert seen.operation.transaction_hash is not None
    assert identity.get_review(town.bank, town.staff("auditor"), review.id).state == "approved"


def test_the_chain_knows_the_tier_the_country_and_the_kind_but_no_name(town: Town) -> None:
    shop = identity.get_customer(town.bank, town.staff("operator"), town.shop.id)
    tier, status, country, expiry, flags = town.bank.contracts.read(
        "IdentityRegistry", "identityOf", town.shop.account
    )
    assert (tier, status, country, expiry, flags) == (4, 1, 276, shop.kyc_expires_at, 0b11)
    reference = town.bank.contracts.read("IdentityRegistry", "customerRefOf", town.shop.account)
    assert "0x" + reference.hex() == shop.customer_ref


@pytest.mark.parametrize(
    ("kind", "tier", "without", "missing"),
    [
        ("person", 1, {"phone"}, ["phone"]),
        ("person", 2, {"name", "birth_date"}, ["name", "birth_date"]),
        ("person", 3, {"city", "document_number"}, ["city", "document_number"]),
        ("business", 2, {"registration_number"}, ["registration_number"]),
    ],
)
def test_kyc_data_that_a_tier_asks_for_and_lacks_is_named(
    town: Town, kind: str, tier: int, without: set[str], missing: list[str]
) -> None:
    made = town.customer(kind=kind)
    lacking = replace(PERSONAL, **dict.fromkeys(without))
    with town.refusal(KycIncomplete) as caught:
        town.submit(made.id, tier, personal=lacking)
    assert caught.value.facts["missing"] == missing
    assert town.submit(made.id, tier).state == "open"


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        ("person", ["name", "city", "merchant_category"]),
        ("business", ["name", "registration_number", "city", "merchant_category"]),
    ],
)
def test_merchants_are_asked_at_any_tier_for_what_their_payers_read(
    town: Town, kind: str, missing: list[str]
) -> None:
    made = town.customer(kind=kind, merchant=True)
    only_phone = replace(PERSONAL, **dict.fromkeys(missing))
    with town.refusal(KycIncomplete) as caught:
        town.submit(made.id, 1, personal=only_phone)
    assert sorted(caught.value.facts["missing"]) == sorted(missing)
    review = town.submit(made.id, 1)
    with town.bank.store.transaction() as session:
        # Also what was submitted before this was asked is not approved without it.
        session.get_one(Customer, made.id).sealed_personal = town.bank.personal.seal(
            session, made.id, asdict(only_phone)
        )
    with town.refusal(KycIncomplete):
        town.approve(review.id)
    assert town.submit(made.id, 1).id == review.id
    town.approve(review.id)
    operator = town.staff("operator")
    seen = identity.get_customer(town.bank, operator, made.id)
    assert seen.personal is not None
    assert (seen.tier, seen.personal.merchant_category) == (1, "5814")


def test_documents_that_a_tier_asks_for_are_named(town: Town) -> None:
    made = town.customer()
    operator = town.staff("operator")
    draft = KycDraft(made.id, 4, PERSONAL, ())
    with town.refusal(KycIncomplete) as caught:
        identity.submit_kyc(town.bank, operator, ask(), draft)
    assert caught.value.facts["missing"] == [
        "document:identity_card|passport",
        "document:in_person_record",
    ]
    identity.add_documents(town.bank, operator, ask(), DocumentsDraft(made.id, DOCUMENTS))
    assert identity.submit_kyc(town.bank, operator, ask(), draft).resource.state == "open"


def test_less_is_needed_for_the_lowest_tier(town: Town) -> None:
    made = town.customer()
    only_phone = Personal(phone="+49305550100")
    draft = KycDraft(made.id, 1, only_phone)
    review = identity.submit_kyc(town.bank, town.staff("operator"), ask(), draft).resource
    town.approve(review.id)
    assert identity.get_customer(town.bank, town.staff("operator"), made.id).tier == 1


def test_what_was_submitted_before_is_kept(town: Town) -> None:
    made = town.customer()
    first = KycDraft(made.id, 1, Personal(phone="+49305550100"))
    operator = town.staff("operator")
    identity.submit_kyc(town.bank, operator, ask(), first)
    more = KycDraft(made.id, 2, Personal(name="Nina Roth", birth_date="1999-09-09"))
    identity.submit_kyc(town.bank, operator, ask(), more)
    known = identity.get_customer(town.bank, operator, made.id).personal
    assert known == Personal(name="Nina Roth", birth_date="1999-09-09", phone="+49305550100")


def test_who_submitted_may_not_decide(town: Town) -> None:
    made = town.customer()
    officer = town.staff("compliance")
    draft = KycDraft(made.id, 2, PERSONAL, DOCUMENTS)
    review = identity.submit_kyc(town.bank, officer, ask(), draft).resource
    decision = DecisionDraft(review.id, "approve")
    with town.refusal(FourEyes):
        identity.decide_review(town.bank, officer, ask(), decision)

    other = town.hire("compliance", town.staff("admin"))
    assert identity.decide_review(town.bank, other, ask(), decision).resource.state == "approving"


def test_an_officer_asks_for_more_and_gets_it(town: Town) -> None:
    made = town.customer()
    review = town.submit(made.id)
    officer = town.staff("compliance")
    draft = DecisionDraft(review.id, "more_information", reason_code="unreadable", note="page 2")
    asked = identity.decide_review(town.bank, officer, ask(), draft).resource
    assert (asked.state, asked.note) == ("more_information", "page 2")
    customer = town.key_to_call(made.id)
    assert identity.get_review(town.bank, customer, review.id).note is None

    again = town.submit(made.id)
    assert (again.id, again.state) == (review.id, "open")
    town.approve(review.id)
    assert identity.get_customer(town.bank, officer, made.id).state == "approved"


def test_a_rejected_customer_has_no_account_and_may_try_again(town: Town) -> None:
    made = town.customer()
    review = town.submit(made.id)
    officer = town.staff("compliance")
    draft = DecisionDraft(review.id, "reject", reason_code="not_credible")
    identity.decide_review(town.bank, officer, ask(), draft)
    town.settle()
    assert identity.get_customer(town.bank, officer, made.id).state == "rejected"
    with town.refusal(ReviewNotOpen):
        identity.decide_review(town.bank, officer, ask(), DecisionDraft(review.id, "approve"))

    fresh = town.submit(made.id)
    assert fresh.id != review.id
    assert identity.get_customer(town.bank, officer, made.id).state == "onboarding"


def test_a_decision_needs_a_reason_unless_it_approves(town: Town) -> None:
    review = town.submit(town.customer().id)
    officer = town.staff("compliance")
    for decision in ("reject", "more_information"):
        with town.refusal(InvalidRequest):
            identity.decide_review(town.bank, officer, ask(), DecisionDraft(review.id, decision))
    with town.refusal(InvalidRequest):
        draft = DecisionDraft(review.id, "reject", reason_code="Not A Code")
        identity.decide_review(town.bank, officer, ask(), draft)
    with town.refusal(InvalidRequest):
        identity.decide_review(town.bank, officer, ask(), DecisionDraft(review.id, "maybe"))
    assert town.approve(review.id).granted_tier == 2


def test_a_review_is_decided_once(town: Town) -> None:
    review = town.submit(town.customer().id)
    decision = DecisionDraft(review.id, "approve")
    officer = town.staff("compliance")
    identity.decide_review(town.bank, officer, ask(), decision)
    for _ in range(2):
        with town.refusal(ReviewNotOpen):
            identity.decide_review(town.bank, officer, ask(), decision)
        town.settle()


def test_a_tier_may_be_granted_below_what_was_asked_but_not_above(town: Town) -> None:
    review = town.submit(town.customer().id, tier=2)
    officer = town.staff("compliance")
    for tier in (3, 0, 5):
        with town.refusal(TierInvalid):
            draft = DecisionDraft(review.id, "approve", tier=tier)
            identity.decide_review(town.bank, officer, ask(), draft)
    assert town.approve(review.id, tier=1).granted_tier == 1


def test_kyc_can_not_be_granted_into_the_past(town: Town) -> None:
    review = town.submit(town.customer().id)
    with town.refusal(KycExpiryInvalid):
        town.approve(review.id, kyc_expires_at=town.clock())
    assert town.approve(review.id, kyc_expires_at=town.clock() + DAY).kyc_expires_at == (
        town.clock() + DAY
    )


def test_a_higher_tier_is_a_new_review_and_an_update_on_chain(town: Town) -> None:
    review = town.submit(town.anna.id, tier=3)
    assert identity.get_customer(town.bank, town.anna.caller, town.anna.id).review_id == review.id
    town.approve(review.id)
    anna = identity.get_customer(town.bank, town.anna.caller, town.anna.id)
    assert (anna.tier, anna.account, anna.review_id) == (3, town.anna.account, None)
    assert town.balance(town.anna) == "500.00"


def test_staff_without_the_power_on_chain_is_refused_by_the_chain(town: Town) -> None:
    review = town.submit(town.customer().id)
    decision = DecisionDraft(review.id, "approve")
    maker = town.staff("issuer-maker")
    with town.refusal(PermissionRefused):
        identity.decide_review(town.bank, maker, ask(), decision)
    without_key = Caller("prn_x", "compliance", None, None, ("*",))
    with town.refusal(PermissionRefused):
        identity.decide_review(town.bank, without_key, ask(), decision)
    assert town.approve(review.id).state == "approving"


def test_customers_can_not_decide_about_themselves(town: Town) -> None:
    review = town.submit(town.anna.id)
    decision = DecisionDraft(review.id, "approve")
    with town.refusal(NotFound):
        identity.decide_review(town.bank, town.anna.caller, ask(), decision)
    town.approve(review.id)


def test_customers_submit_their_own_kyc_and_nobody_elses(town: Town) -> None:
    made = town.customer()
    draft = KycDraft(made.id, 2, PERSONAL, DOCUMENTS)
    with town.refusal(NotFound):
        identity.submit_kyc(town.bank, town.anna.caller, ask(), draft)
    own = town.key_to_call(made.id)
    assert identity.submit_kyc(town.bank, own, ask(), draft).resource.opened_by == own.principal_id


def test_an_approval_that_the_chain_rejects_leaves_the_review_open(town: Town) -> None:
    first, second = town.customer(), town.customer()
    officer = town.staff("compliance")
    review = town.submit(first.id)
    identity.decide_review(town.bank, officer, ask(), DecisionDraft(review.id, "approve"))
    # Both pass the check; the chain executes the first of two equal registrations only.
    town.point_at_same_account(first.id, second.id)
    other = town.submit(second.id)
    identity.decide_review(town.bank, officer, ask(), DecisionDraft(other.id, "approve"))
    town.settle()

    seen = identity.get_review(town.bank, officer, other.id)
    assert seen.state == "open"
    assert seen.operation is not None
    assert seen.operation.refusal is not None
    assert seen.operation.refusal.code == "account_exists"


def test_the_queue_lists_what_waits_oldest_first(town: Town) -> None:
    reviews = [town.submit(town.customer().id) for _ in range(3)]
    town.approve(reviews[0].id)
    officer = town.staff("compliance")

    def queue(state: str) -> list[str]:
        page = identity.list_reviews(town.bank, officer, ReviewFilter(state=state), ALL)
        return [review.id for review in page.items]

    assert queue("open") == [reviews[1].id, reviews[2].id]
    assert reviews[0].id in queue("approved")
    own = identity.list_reviews(town.bank, town.anna.caller, ReviewFilter(), ALL).items
    assert {review.customer_id for review in own} == {town.anna.id}


def test_customers_are_listed_by_state_kind_country_and_account(town: Town) -> None:
    made = town.customer(country="CN")
    operator = town.staff("operator")

    def found(**filters: str) -> set[str]:
        page = identity.list_customers(town.bank, operator, CustomerFilter(**filters), ALL)
        return {customer.id for customer in page.items}

    assert found(state="onboarding") == {made.id}
    assert found(state="approved") == {
        town.anna.id,
        town.ben.id,
        town.shop.id,
        town.clara.id,
    }
    assert found(kind="business") == {town.shop.id}
    assert found(country="CN") == {made.id}
    assert found(country="FR", state="approved") == {town.clara.id}
    assert found(account=town.anna.account) == {town.anna.id}
    assert found(account="0x" + "ab" * 20) == set()
    own = identity.list_customers(town.bank, town.anna.caller, CustomerFilter(), ALL).items
    assert [customer.id for customer in own] == [town.anna.id]


def test_a_customer_sees_only_itself(town: Town) -> None:
    assert identity.get_customer(town.bank, town.anna.caller, town.anna.id).id == town.anna.id
    for who in (town.ben.id, "cus_01J00000000000000000000000"):
        with pytest.raises(NotFound):
            identity.get_customer(town.bank, town.anna.caller, who)
        with pytest.raises(NotFound):
            identity.get_balances(town.bank, town.anna.caller, who)
        with pytest.raises(NotFound):
            identity.get_limits(town.bank, town.anna.caller, who)


def test_what_is_no_customer_is_refused(town: Town) -> None:
    operator = town.staff("operator")
    with town.refusal(UnknownCountry):
        town.customer(country="XX")
    for changes in ({"kind": "robot"}, {"custody": "nobody"}):
        with town.refusal(InvalidRequest):
            town.customer(**changes)
    draft = CustomerDraft("person", "DE")
    assert identity.create_customer(town.bank, operator, ask(), draft).resource.kind == "person"


def test_a_document_is_named_by_its_hash(town: Town) -> None:
    made = town.customer()
    operator = town.staff("operator")
    with town.refusal(InvalidRequest):
        draft = DocumentsDraft(made.id, (DocumentDraft("passport", "abc"),))
        identity.add_documents(town.bank, operator, ask(), draft)
    right = DocumentsDraft(made.id, (DocumentDraft("passport", "AB" * 32),))
    seen = identity.add_documents(town.bank, operator, ask(), right).resource
    assert [document.sha256 for document in seen.documents] == ["ab" * 32]


def test_a_closed_customer_submits_nothing_more(town: Town) -> None:
    made = town.customer()
    draft = StandingDraft(made.id, "asked_for_it")
    identity.close_customer(town.bank, town.staff("compliance"), ask(), draft)
    with town.refusal(AccountClosed):
        town.submit(made.id)
    assert town.submit(town.customer().id).state == "open"


def test_limits_show_what_is_used_and_when_it_frees(town: Town) -> None:
    town.paid(town.anna, town.ben.account, "200.00")
    limits = identity.get_limits(town.bank, town.anna.caller, town.anna.id)
    assert (limits.tier, limits.per_payment_minor) == (2, 1_000_00)
    assert (limits.day_limit_minor, limits.day_used_minor) == (2_500_00, 200_00)
    assert (limits.month_limit_minor, limits.month_used_minor) == (20_000_00, 200_00)
    assert (limits.balance_limit_minor, limits.balance_used_minor) == (10_000_00, 300_00)
    shop = identity.get_limits(town.bank, town.shop.caller, town.shop.id)
    assert shop.balance_limit_minor is None
