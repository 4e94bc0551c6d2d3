"""What the tables say about each kind of event."""

from pathlib import Path

import pytest
from sqlalchemy import select

from tests.databases import fresh_database
from tests.deployed import World, signer
from tests.pipeline.bench import ANNA, BERT, SHOP, Bench, freeze_reason, settings
from tests.pipeline.conftest import Now
from wallet_chain.ledger.artifacts import CONTRACTS, artifact
from wallet_chain.ledger.hashing import ZERO_HASH, keccak256, to_hex
from wallet_chain.ledger.typed_data import domain_for, order_digest, order_struct
from wallet_chain.pipeline.digest import state_digest
from wallet_chain.pipeline.order_facts import batch_items, order_facts
from wallet_chain.pipeline.project_events import EVENT_KINDS, READINGS
from wallet_chain.pipeline.project_money import history_head
from wallet_chain.pipeline.verify import verify
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import (
    ChainAccount,
    ChainBalance,
    ChainCurrency,
    ChainEntry,
    ChainEvent,
    ChainOrder,
    ChainPolicy,
    ChainProposal,
)

EUR = b"EUR"


def test_every_event_of_every_contract_has_a_meaning() -> None:
    events = {item.name: item for name in CONTRACTS for item in artifact(name).events.values()}
    assert READINGS.keys() == events.keys()
    for name, reading in READINGS.items():
        arguments = {argument.removesuffix("_") for argument in events[name].names}
        used = {reading.counterparty, reading.amount, reading.order_id, reading.reference}
        used |= {reading.currency, reading.proposal}
        if reading.kind not in ("access", "policy"):
            used.add(reading.account)
        else:
            used.discard(reading.currency)
        assert used - {None} <= arguments, name
        assert reading.kind in EVENT_KINDS


def test_an_order_is_read_from_its_calldata(bench: Bench) -> None:
    reference = b"\x05" * 32
    _, payment, _ = bench.signed_payment(5, nonce=2**200 + 7, reference=reference)
    facts = order_facts(payment)
    assert facts is not None
    assert (facts.kind, facts.signer, facts.nonce) == ("payment", ANNA.address, 2**200 + 7)
    assert (facts.currency, facts.reference) == ("EUR", to_hex(reference))
    assert order_facts(b"\x00" * 300) is None
    assert order_facts(payment[:100]) is None
    target = bench.contracts.address("Payments")
    batch = bench.contracts.encode("Batch", "execute", [(target, payment)])
    assert batch_items(batch) == [(target, payment)]
    assert batch_items(batch[:100]) == batch_items(payment) == []


def test_an_order_with_arrays_is_read_from_where_its_first_word_points_to(bench: Bench) -> None:
    reference = b"\x06" * 32
    message = {
        "payer": ANNA.address,
        "currency": "EUR",
        "invoice": b"\x07" * 32,
        "receivers": [SHOP.address, SHOP.address],
        "amounts": [1_000, 250],
        "details": ZERO_HASH,
        "reference": reference,
        "nonce": 2**200 + 8,
        "deadline": 2_000_000_000,
    }
    struct = order_struct("split", message)
    calldata = bench.contracts.encode("SplitPayments", "paySplit", struct, b"\x01" * 65)
    facts = order_facts(calldata)
    assert facts is not None
    assert (facts.kind, facts.signer, facts.nonce) == ("split", ANNA.address, 2**200 + 8)
    assert (facts.currency, facts.reference) == ("EUR", to_hex(reference))
    assert order_facts(calldata[:100]) is None
    assert order_facts(calldata[:4] + b"\xff" * 32 + calldata[36:]) is None


def test_a_payment_is_two_lines_two_balances_and_an_order(bench: Bench) -> None:
    with bench.store.reading() as session:
        before = session.get_one(ChainBalance, (ANNA.address, "EUR"))
    payment = bench.pay(12_34)
    bench.settle()
    ended = bench.read(payment)
    with bench.store.reading() as session:
        anna = session.get_one(ChainBalance, (ANNA.address, "EUR"))
        shop = session.get_one(ChainBalance, (SHOP.address, "EUR"))
        lines = session.scalars(
            select(ChainEntry)
            .where(ChainEntry.reference == payment.order_id)
            .order_by(ChainEntry.change_minor)
        ).all()
        order = session.get_one(ChainOrder, payment.order_id)
        (event,) = session.scalars(
            select(ChainEvent).where(ChainEvent.name == "PaymentSettled")
        ).all()
    assert (anna.balance_minor, shop.balance_minor) == (1_000_00 - 12_34, 12_34)
    assert [(line.account, line.change_minor) for line in lines] == [
        (ANNA.address, -12_34),
        (SHOP.address, 12_34),
    ]
    assert [line.counterparty for line in lines] == [SHOP.address, ANNA.address]
    assert {line.kind for line in lines} == {"payment"}
    assert shop.head == history_head(
        ZERO_HASH, 1, 3, ANNA.address, SHOP.address, 12_34, str(payment.order_id)
    )
    assert (anna.sequence, anna.head) == (before.sequence + 1, lines[0].head)
    assert (order.outcome, order.kind, order.signer) == ("settled", "payment", ANNA.address)
    assert (order.block_number, order.log_index) == (ended.block_number, ended.log_index)
    assert (event.kind, event.account, event.counterparty) == (
        "payment",
        ANNA.address,
        SHOP.address,
    )
    assert (event.currency, event.amount_minor, event.order_id) == ("EUR", 12_34, payment.order_id)
    assert event.arguments["amount"] == "1234"


def test_a_refused_order_keeps_its_reason_and_kind(bench: Bench) -> None:
    payment = bench.pay(5_000_00)
    bench.settle()
    with bench.store.reading() as session:
        order = session.get_one(ChainOrder, payment.order_id)
        event = session.scalars(select(ChainEvent).where(ChainEvent.kind == "rejection")).one()
    assert (order.outcome, order.kind) == ("rejected", "payment")
    assert order.reason
    assert event.account == ANNA.address


def test_a_mint_tells_who_got_how_much(bench: Bench) -> None:
    with bench.store.reading() as session:
        events = session.scalars(select(ChainEvent).where(ChainEvent.kind == "mint")).all()
        proposals = session.scalars(select(ChainProposal)).all()
        currency = session.get_one(ChainCurrency, "EUR")
    assert {(event.account, event.amount_minor, event.currency) for event in events} == {
        (ANNA.address, 1_000_00, "EUR"),
        (BERT.address, 1_000_00, "EUR"),
    }
    assert {proposal.state for proposal in proposals} == {"minted"}
    assert {proposal.checker for proposal in proposals} == {signer("ISSUER_CHECKER").address}
    assert currency.supply_minor == currency.reserves_minor == 2_000_00


def test_an_attestation_beyond_all_money_does_not_stop_the_index(bench: Bench) -> None:
    attested = (EUR, 2**127, bench.world.now(), keccak256(b"typing error"))
    call = bench.role_call("ATTESTOR", "Issuance", "attestReserves", *attested)
    huge = (EUR, ANNA.address, 2**127, b"\x01" * 32, b"\x02" * 32)
    proposal = bench.role_call("ISSUER_MAKER", "Issuance", "propose", *huge)
    bench.settle()
    assert bench.state(call) == bench.state(proposal) == "settled"
    with bench.store.reading() as session:
        assert session.get_one(ChainCurrency, "EUR").reserves_minor == 2**63 - 1
        events = session.scalars(select(ChainEvent).where(ChainEvent.kind == "attestation"))
        assert str(2**127) in {event.arguments["amount"] for event in events}
    assert verify(bench.store, bench.node, bench.contracts) == []


def test_the_settings_of_the_policy_are_readable(bench: Bench) -> None:
    pause = bench.role_call("PAUSER", "TransferPolicy", "pause", 0)
    bench.settle()
    assert bench.state(pause) == "settled"
    with bench.store.reading() as session:
        values = {row.setting: row.value for row in session.scalars(select(ChainPolicy))}
    assert values["tier/1"] == {
        "per_payment": "25000",
        "day": "60000",
        "month": "600000",
        "balance": "125000",
    }
    assert values["tier/4"]["balance"] is None
    assert values["switch/outgoing"] == {"paused": True}
    assert values["caps/EUR"].keys() == {"per_mint", "per_day"}
    refused = bench.pay(1)
    bench.settle()
    reason = bench.read(refused).refusal
    assert reason is not None
    assert reason["code"] == "operation_paused"


def test_a_withdrawal_burns_and_its_payout_is_noted(bench: Bench) -> None:
    message = {
        "account": ANNA.address,
        "currency": "EUR",
        "amount": 4_00,
        "payout": keccak256(b"iban"),
        "reference": keccak256(b"request"),
        "nonce": 5,
        "deadline": bench.world.now() + 600,
    }
    digest = order_digest("withdrawal", domain_for(bench.contracts.book, "Issuance"), message)
    calldata = bench.contracts.encode(
        "Issuance", "redeem", order_struct("withdrawal", message), ANNA.sign_digest(digest)
    )
    bench.world.send(ANNA, bench.contracts.address("Issuance"), calldata)
    bench.world.call("PAYOUT", "Issuance", "confirmPayout", digest, b"\x09" * 32)
    bench.settle()
    with bench.store.reading() as session:
        order = session.get_one(ChainOrder, to_hex(digest))
        assert (order.kind, order.payout_reference) == ("withdrawal", "0x" + "09" * 32)
        assert session.get_one(ChainCurrency, "EUR").supply_minor == 2_000_00 - 4_00
        line = session.scalars(select(ChainEntry).where(ChainEntry.kind == "redemption")).one()
        assert line.counterparty is None
    assert verify(bench.store, bench.node, bench.contracts) == []


def test_a_recovered_account_hands_everything_to_its_successor(bench: Bench) -> None:
    new, deadline = signer("anna's new key"), bench.world.now() + 600
    acceptance = {"oldAccount": ANNA.address, "newAccount": new.address, "deadline": deadline}
    digest = order_digest(
        "recovery", domain_for(bench.contracts.book, "AccountRecovery"), acceptance
    )
    bench.role_call("FREEZER", "IdentityRegistry", "freeze", ANNA.address, freeze_reason())
    bench.settle()
    proposal = (ANNA.address, new.address, deadline, new.sign_digest(digest))
    bench.world.call("RECOVERY_MAKER", "AccountRecovery", "propose", *proposal)
    bench.world.call("RECOVERY_CHECKER", "AccountRecovery", "execute", ANNA.address, new.address)
    bench.settle()
    with bench.store.reading() as session:
        old = session.get_one(ChainAccount, ANNA.address)
        successor = session.get_one(ChainAccount, new.address)
        assert (old.status, old.successor) == ("replaced", new.address)
        assert (successor.status, successor.customer_ref) == ("frozen", old.customer_ref)
        assert session.get_one(ChainBalance, (ANNA.address, "EUR")).balance_minor == 0
        assert session.get_one(ChainBalance, (new.address, "EUR")).balance_minor == 1_000_00
    assert verify(bench.store, bench.node, bench.contracts) == []


def test_a_holders_own_transfer_is_told_from_a_payment(bench: Bench) -> None:
    data = bench.contracts.encode("EUR", "transfer", SHOP.address, 9)
    assert bench.world.send(ANNA, bench.contracts.address("EUR"), data)["status"] == "0x1"
    bench.settle()
    with bench.store.reading() as session:
        event = session.scalars(
            select(ChainEvent).where(ChainEvent.kind == "direct_transfer")
        ).one()
    assert (event.name, event.amount_minor, event.order_id) == ("Transfer", 9, None)
    assert verify(bench.store, bench.node, bench.contracts) == []


@pytest.mark.postgres
def test_both_databases_have_the_same_digest(customers: World, tmp_path: Path, now: Now) -> None:
    digests = set()
    for kind in ("sqlite", "postgresql"):
        store = Store.open(fresh_database(kind, tmp_path), now)
        store.migrate()
        Bench(customers, store, now, settings()).open()
        with store.reading() as session:
            digests.add(state_digest(session))
        store.close()
    assert len(digests) == 1
