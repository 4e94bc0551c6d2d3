"""A sum that friends share."""

import pytest

from tests.merchants.till import paid, seen
from tests.town import Town, ask, eur
from wallet_chain import merchants
from wallet_chain.bank.views import PageRequest
from wallet_chain.errors import (
    InvalidRequest,
    InvoiceAlreadyPaid,
    NotFound,
    PayeeUnknown,
    SelfPayment,
)
from wallet_chain.merchants.drafts import GroupDraft, RequestFilter, ShareDraft
from wallet_chain.merchants.views import RequestGroupView
from wallet_chain.money import positive_money


def share(town: Town, total: str, title: str = "Pizza", **parts: str) -> RequestGroupView:
    shares = tuple(ShareDraft(getattr(town, who).id, eur(part)) for who, part in parts.items())
    draft = GroupDraft(eur(total), shares, title)
    return merchants.create_group(town.bank, town.ben.caller, ask(), draft).resource


def test_each_friend_is_asked_for_a_part_and_who_paid_is_seen(town: Town) -> None:
    made = share(town, "36.00", anna="12.00", clara="11.99")
    assert (made.title, made.requested, made.paid.decimal) == ("Pizza", eur("23.99"), "0.00")
    annas, claras = made.shares
    assert (annas.state, annas.payer_customer_id) == ("open", town.anna.id)
    asked = seen(town, town.anna, annas.request_id)
    assert (asked.money, asked.details, asked.group_id) == (eur("12.00"), "Pizza", None)
    with town.refusal(NotFound):
        seen(town, town.anna, claras.request_id)
    with town.refusal(NotFound):
        merchants.get_group(town.bank, town.anna.caller, made.id)
    paid(town, town.anna, annas.request_id)
    now = merchants.get_group(town.bank, town.ben.caller, made.id)
    assert [one.state for one in now.shares] == ["paid", "open"]
    assert (now.paid, town.balance(town.ben)) == (eur("12.00"), "512.00")
    with town.refusal(InvoiceAlreadyPaid):
        paid(town, town.anna, annas.request_id)
    paid(town, town.clara, claras.request_id)
    assert merchants.get_group(town.bank, town.staff("auditor"), made.id).paid == eur("23.99")
    found = merchants.list_requests(
        town.bank, town.ben.caller, RequestFilter(group_id=made.id), PageRequest()
    )
    assert len(found.items) == 2


def test_a_share_has_a_form(town: Town) -> None:
    one = ShareDraft(town.anna.id, eur("5.00"))
    for refusal, draft in (
        (InvalidRequest, GroupDraft(eur("4.99"), (one,), "Pizza")),
        (InvalidRequest, GroupDraft(eur("10.00"), (one, one), "Pizza")),
        (InvalidRequest, GroupDraft(eur("10.00"), (), "Pizza")),
        (InvalidRequest, GroupDraft(eur("10.00"), (one,) * 31, "Pizza")),
        (InvalidRequest, GroupDraft(eur("10.00"), (one,), "")),
        (InvalidRequest, GroupDraft(eur("10.00"), (one,), "Pizza", town.clock())),
        (InvalidRequest, GroupDraft(positive_money("10", "JPY"), (one,), "Pizza")),
        (SelfPayment, GroupDraft(eur("9.00"), (ShareDraft(town.ben.id, eur("1.00")),), "Pizza")),
        (PayeeUnknown, GroupDraft(eur("9.00"), (ShareDraft("@nobody", eur("1.00")),), "Pizza")),
    ):
        with town.refusal(refusal):
            merchants.create_group(town.bank, town.ben.caller, ask(), draft)
            pytest.fail(str(draft))
