"""A merchant's day adds up to the account's own entries on chain."""

import csv
import io
from datetime import UTC, datetime

from tests.merchants.test_bills import bill
from tests.merchants.till import asked, paid
from tests.purchases.market import publish
from tests.town import DAY, Town, ask, eur
from wallet_chain import identity, mandates, merchants, purchases
from wallet_chain.errors import InvalidRequest, NotFound, UnknownCurrency
from wallet_chain.identity.drafts import RecoveryDraft
from wallet_chain.ledger.units import OfferKind
from wallet_chain.mandates.drafts import ChargeDraft, MandateDraft
from wallet_chain.merchants.drafts import InstalmentTerms, PlanDraft, SettlementQuery
from wallet_chain.merchants.views import MerchantSettlementView
from wallet_chain.purchases.drafts import PurchaseDraft, PurchaseRefundDraft
from wallet_chain.store.tables import ChainPurchase


def today(town: Town) -> str:
    return datetime.fromtimestamp(town.clock(), tz=UTC).strftime("%Y-%m-%d")


def report(town: Town, day: str | None = None, currency: str = "EUR") -> MerchantSettlementView:
    query = SettlementQuery(town.shop.id, day or today(town), currency)
    found = merchants.settlement_of(town.bank, town.shop.caller, query)
    assert found.difference.amount_minor == 0
    assert found.net == found.entries
    assert found.closing.amount_minor - found.opening.amount_minor == found.net.amount_minor
    return found


def a_busy_day(town: Town) -> None:
    """A purchase with everything, half of it refunded, a tip, a bill, an instalment, a payment."""
    off = publish(town, OfferKind.REDUCTION, minimum=100_00, amount=15_00)
    paid(town, town.anna, asked(town, town.shop, "50.00").id, programme=1)
    draft = PurchaseDraft(town.shop.id, eur("120.00"), 1, 50, (off,))
    bought = purchases.create_purchase(town.bank, town.anna.caller, ask(), draft).resource
    town.settle()
    half = PurchaseRefundDraft(bought.id, eur("60.00"))
    purchases.create_purchase_refund(town.bank, town.shop.caller, ask(), half)
    town.settle()
    tipped = asked(town, town.shop, "30.00", tip_allowed=True, receivers={town.clara.id: "10.00"})
    paid(town, town.ben, tipped.id, tip="2.50")
    merchants.pay_bill(town.bank, town.ben.caller, ask(), bill(town, town.ben).id)
    offered = asked(town, town.shop, "90.00", instalments=InstalmentTerms(3))
    merchants.create_plan(town.bank, town.ben.caller, ask(), PlanDraft(offered.id))
    town.settle()
    town.paid(town.ben, town.shop.id, "7.00")
    town.paid(town.shop, town.anna.id, "3.00")


def test_every_kind_of_movement_is_told_and_adds_up(town: Town) -> None:
    before = report(town).other
    a_busy_day(town)
    found = report(town)
    lines = {line.kind: line for line in found.lines}
    assert {"purchase", "payment_request", "bill", "instalment", "purchase_refund"} <= set(lines)
    assert (lines["purchase"].gross, lines["purchase"].net) == (eur("120.00"), eur("105.00"))
    assert (lines["purchase"].discounts, lines["purchase"].points) == (eur("15.00"), eur("0.50"))
    # Half of 104.50 in money, and 25 points that came back at a cent each.
    assert found.refunds == eur("52.50")
    assert lines["payment_request"].gross == eur("70.00")
    assert (found.tips, lines["payment_request"].net) == (eur("2.50"), eur("72.50"))
    assert (lines["bill"].net, lines["instalment"].net) == (eur("40.00"), eur("30.00"))
    assert (lines["payment_in"].net, lines["payment_out"].net.decimal) == (eur("7.00"), "-3.00")
    assert found.gross == eur("260.00")
    assert found.cash == eur("247.00")
    assert found.other.amount_minor - before.amount_minor == 4_00
    assert not found.complete
    town.wait(DAY)
    ended = report(town, found.day)
    assert ended.complete
    assert (ended.lines, ended.closing) == (found.lines, found.closing)
    assert report(town).opening == found.closing
    assert report(town, currency="JPY").lines == ()


def test_what_mandates_bring_is_told(town: Town) -> None:
    terms = MandateDraft(
        merchant=town.shop.id, ceiling=eur("20.00"), ends_at=town.clock() + 90 * DAY
    )
    granted = mandates.grant_mandate(town.bank, town.anna.caller, ask(), terms).resource
    town.settle()
    draft = ChargeDraft(granted.id, eur("12.00"))
    mandates.create_charge(town.bank, town.shop.caller, ask(), draft)
    town.settle()
    assert report(town).charges == eur("12.00")


def test_a_replaced_key_does_not_tear_the_day_apart(town: Town) -> None:
    paid(town, town.anna, asked(town, town.shop, "50.00").id)
    identity.propose_recovery(town.bank, town.staff("operator"), ask(), RecoveryDraft(town.shop.id))
    town.settle()
    identity.execute_recovery(town.bank, town.staff("compliance"), ask(), town.shop.id)
    town.settle()
    found = report(town)
    assert len(found.accounts) == 2
    assert found.closing == eur("130.00")


def test_a_line_that_the_entries_do_not_carry_shows_as_a_difference(town: Town) -> None:
    paid(town, town.anna, asked(town, town.shop, "50.00").id)
    with town.bank.store.transaction() as session:
        session.query(ChainPurchase).one().cash_minor += 1
    query = SettlementQuery(town.shop.id, today(town), "EUR")
    told = merchants.settlement_of(town.bank, town.shop.caller, query)
    assert told.difference == eur("0.01")


def test_the_csv_says_the_same(town: Town) -> None:
    a_busy_day(town)
    found = report(town)
    query = SettlementQuery(town.shop.id, found.day, "EUR")
    written = merchants.settlement_csv(town.bank, town.shop.caller, query).decode()
    rows = {row["kind"]: row for row in csv.DictReader(io.StringIO(written))}
    for line in found.lines:
        assert rows[line.kind]["net"] == line.net.decimal
        assert rows[line.kind]["count"] == str(line.count)
    assert rows["difference"]["net"] == "0.00"
    assert rows["closing"]["net"] == found.closing.decimal


def test_a_report_is_for_its_merchant_and_staff(town: Town) -> None:
    def ask_for(customer_id: str, day: str = "2026-03-01", currency: str = "EUR") -> None:
        query = SettlementQuery(customer_id, day, currency)
        merchants.settlement_of(town.bank, town.shop.caller, query)

    with town.refusal(NotFound):
        ask_for(town.anna.id)
    with town.refusal(InvalidRequest):
        ask_for(town.shop.id, day="2026-02-30")
    with town.refusal(InvalidRequest):
        ask_for(town.shop.id, day="9999-12-31")
    with town.refusal(UnknownCurrency):
        ask_for(town.shop.id, currency="XAU")
    query = SettlementQuery(town.anna.id, "2026-03-01", "EUR")
    auditor = town.staff("auditor")
    assert merchants.settlement_of(
        town.bank, auditor, SettlementQuery(town.shop.id, "2026-03-01", "EUR")
    )
    with town.refusal(NotFound):
        merchants.settlement_of(town.bank, auditor, query)
