"""Mandates, gifts and payments to several in the tables, beside what the contracts answer."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.chains import embedded
from tests.deployed import World, deployed, rolled_back, signer
from tests.mall import Mall
from tests.pipeline.bench import ANNA, BERT, SHOP, Bench, settings
from tests.pipeline.conftest import Now
from wallet_chain.ledger.hashing import ZERO_HASH, keccak256, to_hex
from wallet_chain.ledger.typed_data import domain_for, order_digest, order_struct
from wallet_chain.pipeline.digest import state_digest
from wallet_chain.pipeline.reindex import reindex
from wallet_chain.pipeline.verify import verify
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import (
    Base,
    ChainBalance,
    ChainCharge,
    ChainGift,
    ChainGiftClaim,
    ChainMandate,
    ChainOrder,
    ChainSplit,
    ChainSplitPart,
)

CODE, CLARA = signer("code of a gift"), signer("clara")
DAY = 86_400


@pytest.fixture(scope="module")
def street(now: Now) -> World:
    """A merchant and three customers, two of them with money."""
    world = deployed(embedded(now))
    for person in (ANNA, BERT, CLARA):
        world.register(person.address)
    Mall(world).merchant(SHOP)
    for person in (ANNA, BERT):
        world.mint("EUR", person.address, 1_000_00)
    return world


@pytest.fixture
def mall(street: World) -> Mall:
    return Mall(street)


@pytest.fixture
def bench(street: World, store: Store, now: Now) -> Iterator[Bench]:
    before = now.seconds
    with rolled_back(street.rpc):
        yield Bench(street, store, now, settings()).open()
    now.seconds = before


def _rows(bench: Bench, model: type[Base], *columns: str) -> list[tuple[Any, ...]]:
    bench.settle()
    with bench.store.reading() as session:
        rows = session.execute(select(*(getattr(model, name) for name in columns)))
        return sorted(tuple(row) for row in rows)


def _verified(bench: Bench) -> None:
    bench.settle()
    assert verify(bench.store, bench.node, bench.contracts) == []
    with bench.store.reading() as session:
        before = state_digest(session)
    again = reindex(bench.store, bench.node, bench.contracts, 0, lambda _: None)
    assert again == before


def _id(mall: Mall, contract: str, kind: str, message: dict[str, Any]) -> bytes:
    return order_digest(kind, domain_for(mall.world.contracts.book, contract), message)


def _grant(mall: Mall, now: Now) -> tuple[bytes, tuple[Any, ...]]:
    message, struct, _ = mall.order(
        ANNA,
        "mandate",
        payer=ANNA.address,
        merchant=SHOP.address,
        currency="EUR",
        ceiling=50_00,
        periodDays=7,
        startsAt=now.seconds,
        endsAt=now.seconds + 365 * DAY,
        details=ZERO_HASH,
    )
    return _id(mall, "Mandates", "mandate", message), struct


def _charge(
    mall: Mall, mandate: bytes, struct: tuple[Any, ...], amount: int, period: int
) -> dict[str, Any]:
    message, _, _ = mall.order(
        SHOP,
        "charge",
        struct,
        mandate=mandate,
        merchant=SHOP.address,
        currency="EUR",
        amount=amount,
        period=period,
        details=ZERO_HASH,
    )
    return message


def _give(mall: Mall, now: Now, amount: int, shares: int) -> tuple[bytes, tuple[Any, ...]]:
    message, struct, _ = mall.order(
        ANNA,
        "gift",
        giver=ANNA.address,
        currency="EUR",
        amount=amount,
        shares=shares,
        code=CODE.address,
        claimUntil=now.seconds + DAY,
        details=ZERO_HASH,
    )
    return _id(mall, "Gifts", "gift", message), struct


def _claim(mall: Mall, gift: bytes, struct: tuple[Any, ...], who: Any, amount: int) -> bytes:
    message, _, _ = mall.order(
        CODE,
        "claim",
        struct,
        gift=gift,
        code=CODE.address,
        account=who.address,
        amount=amount,
    )
    return _id(mall, "Gifts", "claim", message)


def test_a_mandate_is_copied_with_what_was_collected_and_who_ended_it(
    bench: Bench, mall: Mall, now: Now
) -> None:
    start = now.seconds
    mandate, struct = _grant(mall, now)
    _charge(mall, mandate, struct, 30_00, 0)
    now.seconds += 15 * DAY
    mall.world.rpc.call("evm_mine", [])
    _charge(mall, mandate, struct, 50_00, 2)

    names = ("order_id", "payer", "merchant", "ceiling_minor", "period_days", "starts_at")
    assert _rows(bench, ChainMandate, *names) == [
        (to_hex(mandate), ANNA.address, SHOP.address, 50_00, 7, start)
    ]
    assert _rows(bench, ChainMandate, "next_period", "collected_minor", "ended_by") == [
        (3, 80_00, None)
    ]
    assert _rows(bench, ChainCharge, "period", "amount_minor", "merchant", "payer") == [
        (0, 30_00, SHOP.address, ANNA.address),
        (2, 50_00, SHOP.address, ANNA.address),
    ]
    mall.order(ANNA, "mandate_end", struct, mandate=mandate, account=ANNA.address)
    assert _rows(bench, ChainMandate, "ended_by") == [(ANNA.address,)]
    signers = {(k, s) for k, s in _rows(bench, ChainOrder, "kind", "signer")}
    assert {
        ("mandate", ANNA.address),
        ("charge", SHOP.address),
        ("mandate_end", ANNA.address),
    } <= signers
    _verified(bench)


def test_a_gift_is_copied_with_its_claims_and_what_went_back(
    bench: Bench, mall: Mall, now: Now
) -> None:
    gift, struct = _give(mall, now, 10_00, 3)
    claim = _claim(mall, gift, struct, BERT, 3_34)
    names = ("order_id", "giver", "code", "amount_minor", "left_minor", "shares_left")
    assert _rows(bench, ChainGift, *names) == [
        (to_hex(gift), ANNA.address, CODE.address, 10_00, 6_66, 2)
    ]
    assert _rows(bench, ChainGiftClaim, "order_id", "account", "amount_minor") == [
        (to_hex(claim), BERT.address, 3_34)
    ]
    with bench.store.reading() as session:
        assert session.get_one(ChainOrder, to_hex(claim)).signer == CODE.address
    _verified(bench)
    now.seconds += DAY + 1
    mall.world.rpc.call("evm_mine", [])
    mall.anyone("Gifts", "returnRest", struct)
    assert _rows(bench, ChainGift, "left_minor", "shares_left", "returned_minor") == [(0, 0, 6_66)]
    _verified(bench)


def test_a_payment_to_several_is_copied_with_its_parts(bench: Bench, mall: Mall) -> None:
    invoice = keccak256(b"invoice of the shop")
    message, _, _ = mall.order(
        ANNA,
        "split",
        payer=ANNA.address,
        currency="EUR",
        invoice=invoice,
        receivers=[SHOP.address, CLARA.address, SHOP.address],
        amounts=[20_00, 3_00, 1_00],
        details=ZERO_HASH,
    )
    order_id = to_hex(_id(mall, "SplitPayments", "split", message))
    assert _rows(bench, ChainSplit, "order_id", "payer", "invoice", "total_minor") == [
        (order_id, ANNA.address, to_hex(invoice), 24_00)
    ]
    assert _rows(bench, ChainSplitPart, "number", "receiver", "amount_minor") == [
        (0, SHOP.address, 20_00),
        (1, CLARA.address, 3_00),
        (2, SHOP.address, 1_00),
    ]
    _verified(bench)


def test_orders_that_a_batch_voids_have_their_kind(bench: Bench, mall: Mall, now: Now) -> None:
    """A claim by a stranger to the bank, whose event the batch alone explains."""
    gift, struct = _give(mall, now, 10_00, 2)
    stranger = signer("nobody")
    message = {
        "gift": gift,
        "code": CODE.address,
        "account": stranger.address,
        "amount": 1,
        "reference": keccak256(b"voided"),
        "nonce": 77,
        "deadline": now.seconds + 600,
    }
    digest = _id(mall, "Gifts", "claim", message)
    data = bench.contracts.encode(
        "Gifts", "claim", order_struct("claim", message), CODE.sign_digest(digest), struct
    )
    items = [(bench.contracts.address("Gifts"), data)]
    mall.world.call("RELAYER", "Batch", "execute", items)
    bench.settle()
    with bench.store.reading() as session:
        order = session.get_one(ChainOrder, to_hex(digest))
    assert (order.kind, order.outcome, order.signer) == ("claim", "rejected", CODE.address)


@pytest.mark.parametrize(
    ("model", "column", "value"),
    [
        (ChainMandate, "next_period", 9),
        (ChainMandate, "collected_minor", 1),
        (ChainGift, "left_minor", 5_00),
        (ChainGift, "shares_left", 9),
        (ChainGiftClaim, "account", CLARA.address),
        (ChainGiftClaim, "amount_minor", 1),
        (ChainSplitPart, "amount_minor", 1),
        (ChainSplit, "invoice", "0x" + "12" * 32),
    ],
)
def test_what_differs_from_the_contracts_is_found(
    bench: Bench, mall: Mall, now: Now, model: type[Base], column: str, value: Any
) -> None:
    mandate, struct = _grant(mall, now)
    _charge(mall, mandate, struct, 30_00, 0)
    gift, terms = _give(mall, now, 10_00, 3)
    _claim(mall, gift, terms, BERT, 3_34)
    mall.order(
        ANNA,
        "split",
        payer=ANNA.address,
        currency="EUR",
        invoice=keccak256(b"invoice"),
        receivers=[SHOP.address],
        amounts=[20_00],
        details=ZERO_HASH,
    )
    _verified(bench)
    with bench.store.transaction() as session:
        session.execute(update(model).values({column: value}))
    found = verify(bench.store, bench.node, bench.contracts)
    # Once by the replay, and once more by the contracts themselves.
    assert len([one for one in found if one.where.startswith("chain_")]) >= 2, found


def test_money_that_no_gift_accounts_for_is_found(bench: Bench, mall: Mall, now: Now) -> None:
    _give(mall, now, 10_00, 3)
    _verified(bench)
    gifts = bench.contracts.address("Gifts")
    with bench.store.transaction() as session:
        row = session.get_one(ChainBalance, (gifts, "EUR"))
        row.balance_minor += 1
    found = verify(bench.store, bench.node, bench.contracts)
    assert [one.key for one in found if one.where == "chain_gift"] == ["EUR"]
