"""Totals of transfers abroad: each side's money in the currency that it moved in."""

from tests.crossborder.abroad import quoted, send, sent
from tests.proofs.asking import book_facts
from tests.town import Person, Town, ask
from wallet_chain import audit, crossborder
from wallet_chain.audit.drafts import EventFilter
from wallet_chain.crossborder.drafts import RejectionDraft


def _of(town: Town, person: Person, kind: str) -> list[tuple[str | None, int, str, str]]:
    asked = EventFilter(account=person.account, kind=kind)
    items = audit.total_events(town.bank, town.staff("auditor"), asked, None).items
    return [
        (one.currency, one.count, one.came_in.decimal, one.went_out.decimal)
        for one in items
        if one.came_in is not None and one.went_out is not None
    ]


def test_what_is_under_review_stands_in_the_whole_book_as_escrow(town: Town) -> None:
    sent(town, town.uma, town.ali, "USD 100.00", "BHD")
    for currency in ("USD", "BHD"):
        found = book_facts(town, currency)
        held = town.bank.contracts.read("CrossBorder", "escrowed", currency.encode())
        assert held > 0
        assert found["escrows"] == {"CrossBorder": str(held)}
        assert int(found["customers"]) + held == int(found["supply"])


def test_the_recipient_abroad_got_none_of_what_the_sender_gave(town: Town) -> None:
    send(town, town.anna, town.li, quoted(town, town.anna, "EUR 100.00", "CNY"))
    town.settle()
    assert _of(town, town.anna, "transfer_abroad") == [("EUR", 1, "0.00", "100.00")]
    assert _of(town, town.li, "transfer_abroad") == [("EUR", 1, "0.00", "0.00")]


def test_what_is_sent_back_comes_to_the_sender_and_leaves_no_recipient(town: Town) -> None:
    transfer = sent(town, town.uma, town.ali, "USD 100.00", "BHD")
    draft = RejectionDraft(transfer.id, "RR04")
    crossborder.reject_transfer(town.bank, town.staff("compliance"), ask(), draft)
    town.settle()
    assert _of(town, town.uma, "hold") == [("USD", 1, "0.00", "100.00")]
    assert _of(town, town.uma, "return") == [("USD", 1, "100.00", "0.00")]
    assert _of(town, town.ali, "return") == [("USD", 1, "0.00", "0.00")]
