"""What a timeline says of an order that others act upon."""

from tests.town import Town, ask, eur
from wallet_chain import audit, issuance
from wallet_chain.issuance.drafts import PayoutDraft, WithdrawalDraft


def test_a_state_is_the_orders_whatever_is_done_about_it_afterwards(town: Town) -> None:
    draft = WithdrawalDraft(eur("10.00"), "IBAN")
    made = issuance.create_withdrawal(town.bank, town.anna.caller, ask(), draft).resource
    town.settle()
    payout = PayoutDraft(made.id, "R1")
    issuance.confirm_payout(town.bank, town.staff("operator"), ask(), payout)
    for caller, accepted in ((town.anna.caller, 1), (town.staff("auditor"), 2)):
        view = audit.get_timeline(town.bank, caller, made.id)
        assert view.subject.state == "settled"
        assert [item.what for item in view.items].count("accepted") == accepted
    expired = town.pay(town.clara, town.ben.account, "1.00")
    assert audit.get_timeline(town.bank, town.clara.caller, expired.id).subject.state == (
        "awaiting_signature"
    )
    town.wait(expired.deadline + 1 - town.clock())
    assert audit.get_timeline(town.bank, town.clara.caller, expired.id).subject.state == "expired"
