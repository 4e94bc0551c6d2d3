"""Quotes: what applies, what goes together best, and why the rest does not."""

from tests.purchases.market import bought, found_programme, offered, points_of, purchase
from tests.town import DAY, Town, eur
from wallet_chain import purchases
from wallet_chain.errors import InvalidRequest, OfferUnknown, ProgrammeUnknown, SelfPayment
from wallet_chain.purchases.drafts import QuoteDraft
from wallet_chain.purchases.views import PurchaseQuoteView, QuotedWay


def _quote(town: Town, amount: str, **changes: object) -> PurchaseQuoteView:
    draft = QuoteDraft(town.shop.id, eur(amount), **changes)  # type: ignore[arg-type]
    return purchases.quote_purchase(town.bank, town.anna.caller, draft)


def _refusals(quote: PurchaseQuoteView) -> dict[str, str | None]:
    return {one.id: one.refusal.code if one.refusal else None for one in quote.offers}


def _shape(way: QuotedWay) -> tuple[tuple[str, ...], int | None, int, str, int]:
    return way.offers, way.programme, way.points, way.cash.decimal, way.earned


def test_each_offer_says_whether_it_applies_or_why_not(town: Town) -> None:
    good = offered(town, "reduction", minimum=eur("10.00"), off=eur("1.00"))
    dear = offered(town, "reduction", minimum=eur("200.00"), off=eur("50.00"))
    soon = offered(town, "percentage", off=eur("9.00"), rate_bps=500, starts_at=town.clock() + DAY)
    little = offered(town, "percentage", off=eur("9.00"), rate_bps=5000, budget=eur("2.00"))
    points = offered(town, "points", programme=1, points=50)
    quote = _quote(town, "100.00")
    assert _refusals(quote) == {
        good: None,
        dear: "offer_minimum_not_reached",
        soon: "offer_not_in_time",
        little: "offer_budget_spent",
        points: "offer_mismatch",
    }
    assert quote.refusal is None
    assert quote.best is not None
    assert _shape(quote.best) == ((good,), None, 0, "99.00", 0)
    refusal = next(one.refusal for one in quote.offers if one.id == dear)
    assert refusal is not None
    assert (refusal.facts["minimum"], refusal.facts["reached"]) == ("200.00", "100.00")


def test_the_best_set_is_found_and_all_others_are_shown(town: Town) -> None:
    five_off = offered(town, "reduction", minimum=eur("50.00"), off=eur("5.00"))
    tenth = offered(town, "percentage", off=eur("50.00"), rate_bps=1000)
    alone = offered(town, "percentage", off=eur("50.00"), rate_bps=1200, combinable=False)
    bonus = offered(town, "points", programme=1, points=300)
    bought(town, town.anna, "100.00", programme=1)
    quote = _quote(town, "100.00", programme=1, points=100)
    assert quote.best is not None
    # 5.00 off, a tenth of 95.00, a euro in points; earned on 84.50, and 300 points on top.
    assert _shape(quote.best) == ((five_off, tenth, bonus), 1, 100, "84.50", 384)
    assert quote.best.earned_value == eur("3.84")
    shown = {way.offers for way in quote.ways if (way.programme, way.points) == (1, 100)}
    assert shown == {
        (),
        (five_off,),
        (tenth,),
        (alone,),
        (bonus,),
        (five_off, tenth),
        (five_off, bonus),
        (tenth, bonus),
    }
    others = {(way.offers, way.programme, way.points) for way in quote.ways} - {
        (offers, 1, 100) for offers in shown
    }
    assert others == {
        ((), 1, 0),
        ((), None, 0),
        ((five_off, tenth, bonus), 1, 0),
        ((five_off, tenth), None, 0),
    }
    # Every way can be bought as it stands, with exactly this outcome.
    made = bought(town, town.anna, "100.00", programme=1, points=100, offers=quote.best.offers)
    assert made.cash == quote.best.cash
    assert points_of(town, town.anna) == 384


def test_points_that_do_not_work_leave_the_other_ways(town: Town) -> None:
    off = offered(town, "reduction", minimum=eur("10.00"), off=eur("1.00"))
    quote = _quote(town, "10.00", programme=1, points=1)
    assert quote.refusal is not None
    assert quote.refusal.code == "points_insufficient"
    assert _refusals(quote) == {off: "points_insufficient"}
    assert quote.best is not None
    assert (quote.best.points, quote.best.offers) == (0, ())


def test_a_pool_without_money_leaves_the_way_without_the_programme(town: Town) -> None:
    found_programme(town, 2, value=(1, 1))
    for _ in range(4):
        town.fund(town.ben, "500.00")
        bought(town, town.ben, "500.00", programme=2)
    quote = _quote(town, "50.00", programme=2)
    assert quote.refusal is not None
    assert quote.refusal.code == "pool_insufficient"
    assert quote.best is not None
    assert _shape(quote.best) == ((), None, 0, "50.00", 0)


def test_an_offer_that_was_asked_for_is_shown_even_when_it_is_over(town: Town) -> None:
    over = offered(
        town, "reduction", minimum=eur("1.00"), off=eur("1.00"), ends_at=town.clock() + DAY
    )
    town.wait(DAY + 1)
    assert _quote(town, "10.00").offers == ()
    assert _refusals(_quote(town, "10.00", offers=(over,))) == {over: "offer_not_in_time"}


def test_another_merchants_offer_does_not_apply(town: Town) -> None:
    off = offered(town, "reduction", minimum=eur("1.00"), off=eur("1.00"))
    kiosk = town.welcome("kiosk", tier=4, kind="business", merchant=True)
    draft = QuoteDraft(kiosk.id, eur("10.00"), offers=(off,))
    quote = purchases.quote_purchase(town.bank, town.anna.caller, draft)
    assert _refusals(quote) == {off: "offer_mismatch"}


def test_what_makes_no_sense_is_refused(town: Town) -> None:
    with town.refusal(InvalidRequest):
        _quote(town, "10.00", points=1)
    with town.refusal(ProgrammeUnknown):
        _quote(town, "10.00", programme=7)
    with town.refusal(OfferUnknown):
        _quote(town, "10.00", offers=("off_nothing",))
    with town.refusal(SelfPayment):
        draft = QuoteDraft(town.anna.id, eur("10.00"))
        purchases.quote_purchase(town.bank, town.anna.caller, draft)
    quote = purchases.quote_purchase(
        town.bank, town.anna.caller, QuoteDraft(town.ben.id, eur("10.00"))
    )
    assert (quote.best, quote.ways) == (None, ())
    assert quote.refusal is not None
    assert quote.refusal.code == "not_a_merchant"


def test_a_quote_stores_nothing_and_reserves_nothing(town: Town) -> None:
    once = offered(town, "reduction", minimum=eur("10.00"), off=eur("1.00"), budget=eur("1.00"))
    before = town.contents()
    first, second = _quote(town, "10.00"), _quote(town, "10.00")
    assert town.contents() == before
    assert first == second
    purchase(town, town.anna, "10.00", offers=(once,))
    town.settle()
    assert _refusals(_quote(town, "10.00")) == {once: "offer_budget_spent"}
