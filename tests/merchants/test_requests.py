"""Payment requests: asked, scanned, paid once, and refused."""

from dataclasses import replace

import pytest

from tests.merchants.till import asked, changed, paid, pay, seen, sign
from tests.purchases.market import publish
from tests.town import ALL, DAY, PERSONAL, Town, ask, eur
from wallet_chain import merchants
from wallet_chain.bank.views import PageRequest
from wallet_chain.errors import (
    AmountNotRequested,
    AmountTooLarge,
    InsufficientFunds,
    InvalidRequest,
    InvoiceAlreadyPaid,
    KycMissing,
    NotAMerchant,
    NotFound,
    PaymentUnderWay,
    PointsInsufficient,
    QrAltered,
    QrForeign,
    RequestCancelled,
    RequestExpired,
    SelfPayment,
    TipNotAllowed,
    UnknownCurrency,
)
from wallet_chain.ledger.units import OfferKind
from wallet_chain.merchants.drafts import (
    InstalmentTerms,
    PayDraft,
    ReceiverDraft,
    RequestDraft,
    RequestFilter,
)
from wallet_chain.merchants.emvco import read, row
from wallet_chain.money import positive_money
from wallet_chain.pipeline.requests import Caller
from wallet_chain.pipeline.verify import verify
from wallet_chain.store.tables import PaymentRequest

PART = ReceiverDraft("@nobody", eur("1.00"))


def test_a_request_is_paid_once_by_a_purchase(town: Town) -> None:
    made = asked(town, town.shop, "12.34", reference="Table 4", details="Two coffees")
    assert (made.state, made.merchant, made.payee_name) == ("open", True, "Anna Becker")
    done = paid(town, town.anna, made.id)
    (payment,) = done.payments
    assert (payment.kind, payment.state, payment.cash) == ("purchase", "settled", eur("12.34"))
    assert done.state == "paid"
    assert (done.reference, done.details) == ("Table 4", "Two coffees")
    assert (town.balance(town.anna), town.balance(town.shop)) == ("487.66", "92.34")
    with town.refusal(InvoiceAlreadyPaid):
        pay(town, town.ben, made.id)
    assert seen(town, town.shop, made.id).payments[0].payer_customer_id is None
    assert seen(town, town.ben, made.id).payments == ()
    assert verify(town.bank.store, town.bank.rpc, town.bank.contracts) == []


def test_offers_and_points_apply_to_a_request(town: Town) -> None:
    off = publish(town, OfferKind.REDUCTION, minimum=100_00, amount=15_00)
    paid(town, town.anna, asked(town, town.shop, "50.00").id, programme=1)
    made = asked(town, town.shop, "120.00")
    done = paid(town, town.anna, made.id, programme=1, points=50, offers=(off,))
    (payment,) = done.payments
    assert (payment.gross, payment.cash) == (eur("120.00"), eur("104.50"))
    other = asked(town, town.shop, "10.00")
    with town.refusal(PointsInsufficient):
        pay(town, town.ben, other.id, programme=1, points=10)


def test_the_same_request_to_pay_answers_the_same_and_a_dry_run_writes_nothing(
    town: Town,
) -> None:
    made = asked(town, town.shop, "10.00")
    before = town.contents()
    told = merchants.preview_pay(town.bank, town.anna.caller, PayDraft(made.id))
    assert (told.would_settle, len(told.movements)) == (True, 2)
    refused = merchants.preview_pay(
        town.bank, town.anna.caller, PayDraft(made.id, money=eur("11.00"))
    )
    assert refused.refusal is not None
    assert refused.refusal.code == "amount_not_requested"
    assert town.contents() == before
    one = ask()
    first = merchants.pay_request(town.bank, town.anna.caller, one, PayDraft(made.id))
    town.settle()
    again = merchants.pay_request(town.bank, town.anna.caller, one, PayDraft(made.id))
    assert (first.replayed, again.replayed) == (False, True)
    assert again.resource.payments[0].id == first.resource.payments[0].id
    assert again.resource.state == "paid"


def test_while_one_pays_nobody_else_does(town: Town) -> None:
    made = asked(town, town.shop, "10.00")
    pay(town, town.anna, made.id)
    assert seen(town, town.shop, made.id).state == "under_way"
    with town.refusal(PaymentUnderWay):
        pay(town, town.ben, made.id)
    with town.refusal(PaymentUnderWay):
        merchants.cancel_request(town.bank, town.shop.caller, ask(), made.id)
    town.settle()
    assert seen(town, town.shop, made.id).state == "paid"
    with town.refusal(InvoiceAlreadyPaid):
        merchants.cancel_request(town.bank, town.shop.caller, ask(), made.id)


def test_who_keeps_an_own_key_signs_and_others_may_be_quicker(town: Town) -> None:
    made = asked(town, town.shop, "10.00")
    first = pay(town, town.clara, made.id).payments[0]
    assert first.state == "awaiting_signature"
    paid(town, town.anna, made.id)
    with town.refusal(InvoiceAlreadyPaid):
        sign(town, town.clara, made.id, first)
    other = asked(town, town.shop, "10.00")
    assert paid(town, town.clara, other.id).state == "paid"
    assert town.balance(town.clara) == "490.00"


def test_a_tip_and_other_receivers_are_paid_in_one_movement(town: Town) -> None:
    made = asked(town, town.shop, "30.00", tip_allowed=True, receivers={town.ben.id: "10.00"})
    done = paid(town, town.anna, made.id, tip="2.50")
    (payment,) = done.payments
    assert (payment.kind, payment.cash, payment.tip) == ("split", eur("32.50"), eur("2.50"))
    assert town.balance(town.anna) == "467.50"
    assert (town.balance(town.ben), town.balance(town.shop)) == ("510.00", "102.50")
    with town.refusal(InvoiceAlreadyPaid):
        pay(town, town.clara, made.id)


def test_a_tip_is_for_requests_that_take_one_and_goes_without_points(town: Town) -> None:
    plain, tipped = (
        asked(town, town.shop, "10.00"),
        asked(town, town.shop, "10.00", tip_allowed=True),
    )
    with town.refusal(TipNotAllowed):
        pay(town, town.anna, plain.id, tip="1.00")
    with town.refusal(AmountNotRequested):
        pay(town, town.anna, tipped.id, tip=positive_money("100", "JPY"))
    with town.refusal(InvalidRequest):
        pay(town, town.anna, tipped.id, tip="1.00", programme=1)
    assert paid(town, town.anna, tipped.id, programme=1).payments[0].kind == "purchase"


def test_people_ask_one_another(town: Town) -> None:
    made = asked(town, town.ben, "20.00", payer=town.anna.id, details="Pizza")
    assert (made.merchant, made.payee_name) == (False, "Anna B.")
    assert read(made.payload or "").fields["52"] == "0000"
    with town.refusal(NotFound):
        pay(town, town.clara, made.id)
    done = paid(town, town.anna, made.id)
    assert (done.state, done.payments[0].kind) == ("paid", "split")
    assert (town.balance(town.anna), town.balance(town.ben)) == ("480.00", "520.00")


def test_an_open_amount_is_chosen_by_the_payer_and_paid_once(town: Town) -> None:
    made = asked(town, town.shop)
    with town.refusal(AmountNotRequested):
        pay(town, town.anna, made.id)
    assert paid(town, town.anna, made.id, money="7.00").state == "paid"
    with town.refusal(InvoiceAlreadyPaid):
        pay(town, town.ben, made.id, money="8.00")


def test_a_static_code_is_paid_again_and_again(town: Town) -> None:
    made = asked(town, town.shop, "3.20", static=True)
    for payer in (town.anna, town.anna, town.ben):
        assert paid(town, payer, made.id).state == "open"
    assert town.balance(town.shop) == "89.60"
    assert len(seen(town, town.shop, made.id).payments) == 3
    assert len(seen(town, town.anna, made.id).payments) == 2
    merchants.cancel_request(town.bank, town.shop.caller, ask(), made.id)
    with town.refusal(RequestCancelled):
        pay(town, town.anna, made.id)


def test_what_has_expired_or_was_withdrawn_is_not_paid(town: Town) -> None:
    brief = asked(town, town.shop, "5.00", expires_at=town.clock() + 60)
    usual = asked(town, town.shop, "5.00")
    withdrawn = asked(town, town.shop, "5.00")
    merchants.cancel_request(town.bank, town.shop.caller, ask(), withdrawn.id)
    with town.refusal(RequestCancelled):
        pay(town, town.anna, withdrawn.id)
    with town.refusal(RequestCancelled):
        merchants.cancel_request(town.bank, town.shop.caller, ask(), withdrawn.id)
    with town.refusal(NotFound):
        merchants.cancel_request(town.bank, town.anna.caller, ask(), usual.id)
    town.clock.advance(60)
    pay(town, town.ben, brief.id)
    town.settle()
    town.clock.advance(1)
    other = asked(town, town.shop, "5.00", expires_at=town.clock() + 60)
    town.clock.advance(61)
    with town.refusal(RequestExpired):
        pay(town, town.anna, other.id)
    town.clock.advance(DAY)
    with town.refusal(RequestExpired):
        pay(town, town.anna, usual.id)
    states = {id_: seen(town, town.shop, id_).state for id_ in (brief.id, usual.id, withdrawn.id)}
    assert list(states.values()) == ["paid", "expired", "cancelled"]


def test_a_payment_that_the_chain_refuses_leaves_the_request_open(town: Town) -> None:
    made = asked(town, town.shop, "400.00")
    town.pay(town.anna, town.ben.id, "200.00")
    with town.refusal(InsufficientFunds):
        pay(town, town.anna, made.id)
    town.settle()
    with town.refusal(InsufficientFunds):
        pay(town, town.anna, made.id)
    tipped = asked(town, town.shop, "300.00", tip_allowed=True)
    with town.refusal(InsufficientFunds):
        pay(town, town.anna, tipped.id, tip="1.00")
    assert paid(town, town.ben, made.id).state == "paid"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("f54", "0.01"),
        ("f54", None),
        ("f53", "392"),
        ("f59", "Another Shop"),
        ("f60", "Hamburg"),
        ("f52", "0742"),
        ("f58", "FR"),
        ("f01", "11"),
        ("f55", "01"),
        ("f62", "0507Table 5"),
        ("f61", "10117"),
    ],
)
def test_a_code_with_any_field_changed_fails_however_good_its_checksum(
    town: Town, field: str, value: str | None
) -> None:
    made = asked(town, town.shop, "12.34", reference="Table 4")
    assert made.payload is not None
    told = merchants.read_code(town.bank, town.anna.caller, made.payload)
    assert (told.request_id, told.money, told.active) == (made.id, eur("12.34"), True)
    with town.refusal(QrAltered) as caught:
        merchants.read_code(town.bank, town.anna.caller, changed(made.payload, **{field: value}))
    assert caught.value.facts["field"] == field.removeprefix("f")


def test_a_code_of_another_request_pays_nobody(town: Town) -> None:
    anna, bank = town.anna.caller, town.bank
    one, other = asked(town, town.shop, "12.34"), asked(town, town.ben, "12.34")
    assert one.payload is not None
    assert other.payload is not None
    pasted = changed(one.payload, f26=read(other.payload).fields["26"])
    with town.refusal(QrAltered):
        merchants.read_code(bank, anna, pasted)
    template = dict(read(one.payload).templates["26"])
    for field, value in (
        ("01", other.id.removeprefix("req_")),
        ("01", "0" * 26),
        ("01", "../../etc"),
        ("02", "A" * 26),
        ("02", "a"),
    ):
        forged = changed(one.payload, f26=row(template | {field: value}))
        with town.refusal(QrAltered):
            merchants.read_code(bank, anna, forged)
    with town.refusal(QrForeign):
        merchants.read_code(bank, anna, changed(one.payload, f26=row({"00": "com.other"})))
    with town.refusal(QrAltered):
        pay(town, town.anna, one.id, payload=other.payload)
    assert paid(town, town.anna, one.id, payload=one.payload).state == "paid"
    assert merchants.read_code(bank, anna, one.payload).state == "paid"


def test_a_row_that_was_changed_does_not_fit_the_code_any_more(town: Town) -> None:
    made = asked(town, town.shop, "12.34")
    assert made.payload is not None
    with town.bank.store.transaction() as session:
        session.get_one(PaymentRequest, made.id).amount_minor = 99_99
    with town.refusal(QrAltered) as caught:
        merchants.read_code(town.bank, town.anna.caller, made.payload)
    assert caught.value.facts["field"] == "26"


def test_the_books_say_who_is_paid_not_the_sticker(town: Town) -> None:
    made = asked(town, town.shop, static=True)
    assert made.payload is not None
    renamed = replace(PERSONAL, name="Kaffeehaus Schönhauser Straße GmbH", city="Köln")
    town.approve(town.submit(town.shop.id, 4, personal=renamed).id)
    told = merchants.read_code(town.bank, town.anna.caller, made.payload)
    assert (told.payee_name, told.city) == (renamed.name, "Köln")
    assert (told.merchant_category, told.country) == ("5814", "DE")
    later = read(asked(town, town.shop, static=True).payload or "")
    assert (later.fields["59"], later.fields["60"]) == ("Kaffeehaus Schonhauser St", "Koln")


def test_what_is_asked_has_a_form(town: Town) -> None:
    now = town.clock()
    for field, refusal, draft in (
        ("currency", UnknownCurrency, RequestDraft("XAU")),
        ("money", InvalidRequest, RequestDraft("EUR", positive_money("5", "JPY"))),
        ("past", InvalidRequest, RequestDraft("EUR", expires_at=now)),
        ("far", InvalidRequest, RequestDraft("EUR", expires_at=now + 367 * DAY)),
        ("reference", InvalidRequest, RequestDraft("EUR", reference="x" * 36)),
        ("details", InvalidRequest, RequestDraft("EUR", details="")),
        ("static", InvalidRequest, RequestDraft("EUR", static=True, payer=town.anna.id)),
        ("self", SelfPayment, RequestDraft("EUR", payer=town.shop.id)),
        ("much", AmountTooLarge, RequestDraft("EUR", eur("12345678901.00"))),
        ("open", InvalidRequest, RequestDraft("EUR", receivers=(PART,))),
        ("all", InvalidRequest, RequestDraft("EUR", eur("1.00"), receivers=(PART,))),
        (
            "twice",
            InvalidRequest,
            RequestDraft(
                "EUR",
                eur("9.00"),
                receivers=(ReceiverDraft(town.ben.id, eur("1.00")),) * 2,
            ),
        ),
        (
            "own",
            SelfPayment,
            RequestDraft("EUR", eur("9.00"), receivers=(ReceiverDraft(town.shop.id, eur("1.00")),)),
        ),
        ("few", InvalidRequest, RequestDraft("EUR", eur("9.00"), instalments=InstalmentTerms(1))),
        ("open parts", InvalidRequest, RequestDraft("EUR", instalments=InstalmentTerms(3))),
        ("cents", InvalidRequest, RequestDraft("EUR", eur("0.02"), instalments=InstalmentTerms(3))),
    ):
        with town.refusal(refusal):
            merchants.create_request(town.bank, town.shop.caller, ask(), draft)
            pytest.fail(field)
    with town.refusal(NotAMerchant):
        asked(town, town.ben, "9.00", instalments=InstalmentTerms(3))
    nobody = town.key_to_call(town.customer().id)
    with town.refusal(KycMissing):
        merchants.create_request(town.bank, nobody, ask(), RequestDraft("EUR"))
    made = asked(town, town.shop, "1.00")
    with town.refusal(SelfPayment):
        pay(town, town.shop, made.id)


def test_requests_are_listed_by_side_and_state_in_parts(town: Town) -> None:
    bank = town.bank
    mine = [asked(town, town.shop, f"{n}.00", payer=town.anna.id) for n in range(1, 4)]
    asked(town, town.shop, "9.00", payer=town.ben.id)
    paid(town, town.anna, mine[0].id)
    merchants.cancel_request(bank, town.shop.caller, ask(), mine[1].id)

    def ids(caller: Caller, **filters: str) -> list[str]:
        page = merchants.list_requests(bank, caller, RequestFilter(**filters), ALL)
        return [one.id for one in page.items]

    assert len(ids(town.shop.caller)) == 4
    assert ids(town.anna.caller) == [one.id for one in reversed(mine)]
    assert ids(town.anna.caller, direction="in") == []
    assert ids(town.anna.caller, state="paid") == [mine[0].id]
    assert ids(town.anna.caller, state="cancelled") == [mine[1].id]
    assert ids(town.anna.caller, state="open", direction="out") == [mine[2].id]
    assert len(ids(town.staff("auditor"), customer_id=town.anna.id)) == 3
    first = merchants.list_requests(bank, town.shop.caller, RequestFilter(), PageRequest(3))
    rest = merchants.list_requests(
        bank, town.shop.caller, RequestFilter(), PageRequest(3, first.next_cursor)
    )
    assert (len(first.items), len(rest.items), rest.next_cursor) == (3, 1, None)
    with town.refusal(NotFound):
        ids(town.anna.caller, customer_id=town.ben.id)
    with town.refusal(InvalidRequest):
        ids(town.staff("operator"), direction="in")


def test_codes_are_drawn_for_who_made_them(town: Town) -> None:
    made = asked(town, town.shop, "1.00")
    svg = merchants.code_picture(town.bank, town.shop.caller, made.id, "svg", 4)
    png = merchants.code_picture(town.bank, town.shop.caller, made.id, "png", 4)
    assert svg.startswith(b"<svg")
    assert png.startswith(b"\x89PNG")
    with town.refusal(NotFound):
        merchants.code_picture(town.bank, town.anna.caller, made.id, "svg", 4)
