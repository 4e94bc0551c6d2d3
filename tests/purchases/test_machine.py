"""Purchases, refunds, offers, pools and expiries in any order, beside a model in plain Python.

Whatever happens, the contracts on a real chain agree with the model to the last minor unit and the
last point: money, points by month, who paid for them, pools, reserves and budgets. What the model
refuses the product refuses, and the other way round. ``MACHINE_EXAMPLES`` and ``MACHINE_STEPS`` make
it longer; then the runs are new ones each time.
"""

import os
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.founding import Founded
from tests.purchases.market import placed, role_call
from tests.purchases.reference import LOYALTY, Market, Offer, Programme, month_of
from tests.purchases.trading import (
    EUR,
    PROGRAMMES,
    giving,
    person,
    prepare_trade,
    released,
    slot_of_kind,
)
from tests.town import DAY, ask
from wallet_chain import purchases
from wallet_chain.errors import WalletError
from wallet_chain.ledger.hashing import ZERO_ADDRESS, from_hex
from wallet_chain.money import Money
from wallet_chain.purchases.drafts import OfferDraft, PurchaseDraft, PurchaseRefundDraft
from wallet_chain.store.tables import ChainOffer, ChainPurchase, Operation, Order

EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "0"))
STEPS = int(os.environ.get("MACHINE_STEPS", "30"))
CUSTOMERS, MERCHANTS = ("anna", "ben"), ("shop", "kiosk")
YEAR_OF_KYC = 300 * DAY
MONTHS_SEEN = 15


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Founded:
    """Two merchants, a programme of one and a coalition of both."""
    return Founded("sqlite", tmp_path_factory.mktemp("machine"), prepare_trade)


class Machine(RuleBasedStateMachine):
    """Random trade. Bound to a town by the test."""

    founded: ClassVar[Founded]
    folders: ClassVar[pytest.TempPathFactory]
    seen: ClassVar[Counter[str]]
    """What happened in all runs, and what was refused."""

    sales = Bundle("sales")
    offers = Bundle("offers")

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = self.folders.mktemp("run")
        self.town = self.stack.enter_context(self.founded.visit(folder))
        self.began = self.town.clock()
        self.market = Market(
            self.began,
            {name: self._balance(person(self.town, name).account) for name in self._names()}
            | {LOYALTY: 30_00},
            {
                number: Programme(one.owner, one.value, one.months, dict(one.earning))
                for number, one in PROGRAMMES.items()
            },
        )
        self.market.programmes[1].pools["shop"] = 20_00
        self.market.programmes[2].pools["shop"] = 10_00 * 4

    def teardown(self) -> None:
        self.stack.close()

    @initialize(target=sales, gross=st.integers(10_00, 30_00), number=st.sampled_from((1, 2)))
    def begin(self, gross: int, number: int) -> Any:
        """Points of two months, and a purchase that spends of both: what comes back first matters."""
        first = self.buy("anna", "shop", number, gross, 0, [])
        self.wait(31)
        self.buy("anna", "shop", number, gross, 0, [])
        held = self.market.programmes[number].spendable("anna", self.town.clock())
        both = self.buy("anna", "shop", number, 20_00, (held - 8) // 4 * 4, [])
        return multiple(first, both)

    # --- what happens ------------------------------------------------------------------------

    @rule(
        target=sales,
        payer=st.sampled_from(CUSTOMERS),
        merchant=st.sampled_from(MERCHANTS),
        number=st.sampled_from((0, 1, 2)),
        gross=st.integers(1, 40_00),
        points=st.sampled_from((0, 0, 1, 4, 8, 20, 44)),
        chosen=st.just([]) | st.lists(offers, max_size=3),
    )
    def buy(
        self,
        payer: str,
        merchant: str,
        number: int,
        gross: int,
        points: int,
        chosen: list[str],
    ) -> Any:
        if number == 1 and merchant == "kiosk":
            number = 2
        points = points if number else 0
        slots = {slot_of_kind(self.market.offers[one].kind): one for one in chosen}
        if not number:
            slots.pop("bonus", None)
        draft = PurchaseDraft(
            person(self.town, merchant).account,
            Money(gross, EUR),
            number or None,
            points,
            tuple(slots.values()),
        )
        made = self._tried(
            lambda: (
                purchases.create_purchase(
                    self.town.bank, person(self.town, payer).caller, ask(), draft
                ).resource
            )
        )
        key = "" if made is None else made.id
        self.market.now = self.town.clock()
        works = self.market.buy(key, payer, merchant, number, gross, points, slots)
        assert works == (made is not None), (payer, merchant, number, gross, points, slots)
        return multiple() if made is None else key

    @rule(sale=sales, part=st.sampled_from((2, 3, 7, 97)))
    def refund_a_part(self, sale: str, part: int) -> None:
        self._refund(sale, part)

    @rule(sale=sales)
    def refund_all(self, sale: str) -> None:
        self._refund(sale, 1)

    @rule(sale=sales)
    def spend_and_refund(self, sale: str) -> None:
        """What somebody might try who wants to keep points of a purchase that is taken back."""
        bought = self.market.purchases[sale]
        if bought.programme:
            points = self.market.programmes[bought.programme].spendable(
                bought.payer, self.town.clock()
            )
            self.buy(bought.payer, bought.merchant, bought.programme, 20_00, points // 4 * 4, [])
        self._refund(sale, 2)

    def _refund(self, sale: str, part: int) -> None:
        bought = self.market.purchases[sale]
        amount = max(1, bought.gross // part)
        draft = PurchaseRefundDraft(sale, Money(amount, EUR))
        merchant = person(self.town, bought.merchant)
        made = self._tried(
            lambda: (
                purchases.create_purchase_refund(
                    self.town.bank, merchant.caller, ask(), draft
                ).resource
            )
        )
        assert self.market.refund(sale, amount) == (made is not None)

    @rule(
        target=offers,
        merchant=st.sampled_from(MERCHANTS),
        kind=st.sampled_from(("reduction", "percentage", "points")),
        minimum=st.integers(1, 20_00),
        amount=st.integers(1, 3_00),
        rate_bps=st.integers(1, 10_000),
        first_purchase=st.booleans(),
        combinable=st.sampled_from((True, True, False)),
        days=st.integers(1, 60),
        budget=st.none() | st.integers(1, 6_00),
        customer_budget=st.none() | st.integers(1, 4_00),
    )
    def publish(self, merchant: str, kind: str, **said: Any) -> str:
        amount, days = said.pop("amount"), said.pop("days")
        budgets = {name: said.pop(name) for name in ("budget", "customer_budget")}
        minimum = max(said.pop("minimum"), amount if kind == "reduction" else 0)
        rate_bps = 0 if kind == "reduction" else said.pop("rate_bps")
        said.pop("rate_bps", None)
        ends_at = self.town.clock() + days * DAY
        draft = OfferDraft(
            kind,
            "EUR",
            ends_at,
            minimum=Money(minimum, EUR),
            rate_bps=rate_bps or None,
            **said,
            **giving(kind, amount, budgets),
        )
        caller = person(self.town, merchant).caller
        made = purchases.publish_offer(self.town.bank, caller, ask(), draft).resource
        self.town.settle()
        programme = 2 if kind == "points" else 0
        self.market.offers[made.id] = Offer(
            merchant, kind, programme, minimum, amount, rate_bps, ends_at=ends_at, **said, **budgets
        )
        return made.id

    @rule(offer=offers)
    def end(self, offer: str) -> None:
        known = self.market.offers[offer]
        caller = person(self.town, known.merchant).caller
        made = self._tried(
            lambda: purchases.end_offer(self.town.bank, caller, ask(), offer).resource.ending
        )
        assert known.ended == (made is None)
        known.ended = True

    @rule(
        number=st.sampled_from((1, 2)),
        account=st.sampled_from(MERCHANTS),
        amount=st.integers(1, 5_00),
        inwards=st.booleans(),
    )
    def move_pool(self, number: int, account: str, amount: int, inwards: bool) -> None:
        holder = person(self.town, account)
        said = {"programme": number, "account": holder.account, "currency": "EUR", "amount": amount}
        kind, function = ("pool_deposit", "deposit") if inwards else ("pool_withdrawal", "withdraw")
        state = placed(self.town, holder, kind, "LoyaltyDesk", function, said)
        move = self.market.deposit if inwards else self.market.withdraw
        assert move(number, account, amount) == (state == "settled")

    @rule(
        number=st.sampled_from((1, 2)), giver=st.sampled_from(CUSTOMERS), points=st.integers(1, 30)
    )
    def give(self, number: int, giver: str, points: int) -> None:
        receiver = "ben" if giver == "anna" else "anna"
        holder = person(self.town, giver)
        said = {"programme": number, "from": holder.account, "points": points}
        said["to"] = person(self.town, receiver).account
        state = placed(self.town, holder, "points_transfer", "LoyaltyDesk", "transferPoints", said)
        self.market.now = self.town.clock()
        assert self.market.give(number, giver, receiver, points) == (state == "settled")

    @rule(days=st.sampled_from((1, 9, 31, 45)))
    @precondition(lambda self: self.town.clock() < self.began + YEAR_OF_KYC)
    def wait(self, days: int) -> None:
        self.town.wait(days * DAY)
        self.market.now = self.town.clock()

    @rule(number=st.sampled_from((1, 2)), account=st.sampled_from(MERCHANTS), ago=st.integers(0, 2))
    def release(self, number: int, account: str, ago: int) -> None:
        month = month_of(self.town.clock()) - ago
        done = released(self.town, number, month, person(self.town, account).account)
        self.market.now = self.town.clock()
        assert self.market.release(number, month, account) == done

    @rule(number=st.sampled_from((1, 2)), likely=st.integers(0, 5))
    def close(self, number: int, likely: int) -> None:
        if likely == 0 and not self.market.programmes[number].closed:
            role_call(self.town, "closeProgramme", (number,))
            self.market.programmes[number].closed = True

    # --- what must hold ----------------------------------------------------------------------

    @invariant()
    def the_contracts_agree(self) -> None:
        market, town = self.market, self.town
        for name in self._names():
            assert self._balance(person(town, name).account) == market.money[name], name
        loyalty = town.bank.contracts.address("Loyalty")
        assert self._balance(loyalty) == market.money[LOYALTY]
        held = 0
        for number, programme in market.programmes.items():
            held += self._programme_agrees(number, programme)
        assert held == market.money[LOYALTY]
        self._budgets_agree()
        self._tables_agree()

    def _programme_agrees(self, number: int, programme: Programme) -> int:
        """Answers with the money that its pools and its reserve are."""
        first = month_of(self.began)
        people = {name: person(self.town, name).account for name in self._names()}
        accounts = people | {"everybody": ZERO_ADDRESS}
        calls: list[tuple[str, str, tuple[Any, ...]]] = [("Loyalty", "programmeOf", (number,))]
        calls += [("Loyalty", "poolOf", (number, people[name])) for name in MERCHANTS]
        for account in accounts.values():
            calls.append(("Loyalty", "lotsOf", (number, account, first, MONTHS_SEEN)))
        (_, closed, reserve), *rest = self.town.bank.contracts.read_many(calls, "latest")
        pools, lots = rest[: len(MERCHANTS)], rest[len(MERCHANTS) :]
        assert (closed, reserve) == (programme.closed, programme.reserve)
        assert pools == [programme.pools[name] for name in MERCHANTS]
        months = range(first, first + MONTHS_SEEN)
        for name, (points, issued) in zip(accounts, lots, strict=True):
            if name == "everybody":
                assert list(points) == [programme.total[month] for month in months]
                assert list(issued) == [programme.issued_in(month) for month in months]
            else:
                assert list(points) == [programme.held[name, month] for month in months], name
                assert list(issued) == [programme.issued[name, month] for month in months], name
        assert reserve == sum(programme.total.values()) * programme.value[0]
        parts = sum(pools) + reserve
        assert parts % programme.value[1] == 0
        return int(parts // programme.value[1])

    def _budgets_agree(self) -> None:
        with self.town.bank.store.reading() as session:
            for offer_id, offer in self.market.offers.items():
                order_id = session.get_one(Order, offer_id).order_id
                row = session.get_one(ChainOffer, order_id)
                _, ended, used = self.town.bank.contracts.read(
                    "Offers", "offerOf", from_hex(order_id)
                )
                assert (row.used, row.ended) == (used, ended) == (offer.used, offer.ended)

    def _tables_agree(self) -> None:
        with self.town.bank.store.reading() as session:
            for key, bought in self.market.purchases.items():
                order_id = session.get_one(Order, key).order_id
                row = session.get_one(ChainPurchase, order_id)
                here = (row.refunded_minor, row.refunded_cash_minor, row.gone)
                assert here == (bought.refunded, bought.money_back, bought.gone)
                there = self.town.bank.contracts.read("Purchases", "refundedOf", from_hex(order_id))
                assert tuple(there) == here

    # --- words -------------------------------------------------------------------------------

    def _names(self) -> tuple[str, ...]:
        return (*CUSTOMERS, *MERCHANTS)

    def _balance(self, account: str) -> int:
        return int(self.town.bank.contracts.read("EUR", "balanceOf", account))

    def _tried(self, act: Callable[[], Any]) -> Any:
        """What was made, and settled; None when it was refused before anything was stored."""
        try:
            made = act()
        except WalletError as refusal:
            self.seen[refusal.code] += 1
            return None
        self.town.settle()
        with self.town.bank.store.reading() as session:
            operation = session.get_one(Operation, made.operation.id)
            assert operation.state == "settled", operation.refusal
        self.seen[operation.kind] += 1
        return made


@pytest.mark.slow
def test_the_contracts_agree_with_the_model_in_any_order(
    founded: Founded, tmp_path_factory: pytest.TempPathFactory
) -> None:
    Machine.founded, Machine.folders, Machine.seen = founded, tmp_path_factory, Counter()
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=EXAMPLES or 10,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not EXAMPLES,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
            # To make a finding smaller takes longer than to understand it.
            phases=[Phase.generate],
        ),
    )
    # A machine that is refused everything agrees with any model.
    print(dict(Machine.seen))
    assert Machine.seen["purchase"] > 10
    assert Machine.seen["purchase_refund"] > 5
