"""The demonstration's world can exist: its amounts are written right and its limits kept."""

from collections import Counter
from fractions import Fraction

from wallet_chain.cli.world import RESERVES, WORLD
from wallet_chain.cli.world_abroad import BENEFICIARIES
from wallet_chain.cli.world_loyalty import GIFTS, PROGRAMME, PURCHASES
from wallet_chain.compliance import sample
from wallet_chain.compliance.lists import read_targets
from wallet_chain.compliance.matching import Index, Sought
from wallet_chain.compliance.names import compare
from wallet_chain.money import positive_money


def test_every_amount_has_its_currencys_decimals() -> None:
    amounts = [(each.amount, each.currency) for each in (*WORLD.deposits, *WORLD.payments)]
    amounts += [(amount, currency) for currency, amount in RESERVES.items()]
    amounts += [(each.refunded, each.currency) for each in WORLD.payments if each.refunded]
    for amount, currency in amounts:
        assert positive_money(amount, currency)


def test_nobody_pays_what_they_do_not_hold() -> None:
    held: Counter[tuple[str, str]] = Counter()
    for deposit in WORLD.deposits:
        money = positive_money(deposit.amount, deposit.currency)
        held[deposit.customer, deposit.currency] += money.amount_minor
    for payment in WORLD.payments:
        amount = positive_money(payment.amount, payment.currency).amount_minor
        held[payment.payer, payment.currency] -= amount
        held[payment.payee, payment.currency] += amount
        assert held[payment.payer, payment.currency] >= 0, payment


def test_the_loyalty_programme_can_pay_for_its_points() -> None:
    worth = Fraction(positive_money(PROGRAMME.worth, "EUR").amount_minor, PROGRAMME.points)
    per = positive_money(PROGRAMME.per, "EUR").amount_minor
    assert PROGRAMME.earned * worth <= per
    assert WORLD.names[PROGRAMME.merchant].merchant
    held: Counter[str] = Counter()
    for purchase in PURCHASES:
        assert purchase.points <= held[purchase.payer], purchase
        paid = purchase.points * worth
        assert paid.denominator == 1
        cash = positive_money(purchase.amount, "EUR").amount_minor - int(paid)
        held[purchase.payer] += cash * PROGRAMME.earned // per - purchase.points
    for gift in GIFTS:
        held[gift.giver] -= gift.points
        assert held[gift.giver] >= 0
        assert WORLD.names[gift.payee].tier
    assert held.total() * worth < positive_money(PROGRAMME.pool, "EUR").amount_minor


def test_what_was_issued_is_covered_by_reserves() -> None:
    for currency, reserves in RESERVES.items():
        issued = sum(
            positive_money(each.amount, currency).amount_minor
            for each in WORLD.deposits
            if each.currency == currency
        )
        assert 0 < issued <= positive_money(reserves, currency).amount_minor


def test_each_step_of_the_world_has_a_name_of_its_own() -> None:
    """Idempotency keys are made of these; two equal ones would be one step."""
    references = [each.bank_reference for each in WORLD.deposits]
    payments = [(p.payer, p.payee, p.amount, p.currency) for p in WORLD.payments]
    assert len(set(references)) == len(references)
    assert len(set(payments)) == len(payments)
    assert len(WORLD.names) == len(WORLD.people)


def test_there_is_one_without_kyc_one_frozen_a_merchant_and_one_with_an_own_key() -> None:
    assert [person.name for person in WORLD.people if person.tier is None] == ["jonas"]
    assert [person.name for person in WORLD.people if person.frozen] == ["viktor"]
    assert [person.name for person in WORLD.people if person.merchant] == ["kaffeehaus"]
    assert [person.name for person in WORLD.people if person.custody == "self"] == ["clara"]
    assert {person.country for person in WORLD.people} == {"DE", "US", "CN", "JP", "BH"}


def test_nobody_in_it_stands_on_the_invented_list() -> None:
    index = Index(read_targets(sample.document()).entries)
    for person in WORLD.people:
        numbers = (
            person.personal.get("document_number", ""),
            person.personal.get("registration_number", ""),
        )
        sought = Sought(person.personal.get("name"), person.kind == "business", None, numbers)
        assert index.search(sought, 80) == [], person.name


def test_beneficiaries_are_people_who_can_be_paid_and_one_is_mistyped() -> None:
    results = []
    for owner, payee, name in BENEFICIARIES:
        known = WORLD.names[payee]
        assert WORLD.names[owner].tier
        assert known.tier
        assert owner != payee
        results.append(compare(name, known.personal["name"], business=known.kind == "business"))
    assert results == ["match", "match", "close_match"]
