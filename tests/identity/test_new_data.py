"""What an approved customer submits anew counts for nothing before somebody has approved it."""

from dataclasses import replace

from tests.town import DOCUMENTS, PERSONAL, Town, ask
from wallet_chain import identity
from wallet_chain.bank.known import known_facts
from wallet_chain.identity.drafts import DecisionDraft, KycDraft, Personal
from wallet_chain.store.tables import Customer


def test_new_data_of_an_approved_customer_counts_once_it_is_approved(town: Town) -> None:
    operator, officer = town.staff("operator"), town.staff("compliance")
    before = identity.get_customer(town.bank, operator, town.anna.id).personal
    draft = KycDraft(town.anna.id, 2, Personal(name="Tax Office Berlin"), DOCUMENTS)
    review = identity.submit_kyc(town.bank, town.anna.caller, ask(), draft).resource
    more = KycDraft(town.anna.id, 2, Personal(city="Potsdam"))
    assert identity.submit_kyc(town.bank, town.anna.caller, ask(), more).resource.id == review.id

    waiting = identity.get_review(town.bank, officer, review.id).submitted
    assert before is not None
    assert waiting == replace(before, name="Tax Office Berlin", city="Potsdam")
    assert _known(town) == (before.name, before.city)
    assert identity.get_customer(town.bank, operator, town.anna.id).personal == before

    reject = DecisionDraft(review.id, "reject", reason_code="not_credible")
    assert identity.decide_review(town.bank, officer, ask(), reject).resource.submitted is None
    assert _known(town) == (before.name, before.city)
    again = identity.submit_kyc(town.bank, town.anna.caller, ask(), more).resource
    assert again.submitted == replace(before, city="Potsdam")
    town.approve(again.id)
    assert _known(town) == (before.name, "Potsdam")
    assert identity.get_review(town.bank, officer, again.id).submitted is None


def test_data_that_comes_while_an_approval_is_on_its_way_waits_as_well(town: Town) -> None:
    made = town.customer()
    review = town.submit(made.id)
    decision = DecisionDraft(review.id, "approve")
    identity.decide_review(town.bank, town.staff("compliance"), ask(), decision)
    late = KycDraft(made.id, 2, Personal(name="Somebody Else"))
    own = town.key_to_call(made.id)
    submitted = identity.submit_kyc(town.bank, own, ask(), late).resource.submitted
    town.settle()
    assert submitted is not None
    assert submitted.name == "Somebody Else"
    known = identity.get_customer(town.bank, town.staff("operator"), made.id)
    assert known.personal == PERSONAL


def _known(town: Town) -> tuple[str | None, str | None]:
    """Anna's name and city, as screening, name checks and travel-rule records read them."""
    with town.bank.store.reading() as session:
        facts = known_facts(town.bank, session, session.get_one(Customer, town.anna.id))
    return facts.name, facts.city
