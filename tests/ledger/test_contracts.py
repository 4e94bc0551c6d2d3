"""The address book, its check against the chain, and asking the contracts."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.chains import CHAIN_ID, FUNDER, anvil, embedded
from tests.deployed import World, deployed, rolled_back, signer
from wallet_chain.errors import (
    AccountUnknown,
    ChainMismatch,
    ChainRefused,
    ChainStateLost,
    ContractMismatch,
    InsufficientFunds,
    LimitExceeded,
    NotDeployed,
    PermissionRefused,
    UnknownCurrency,
    WalletError,
)
from wallet_chain.ledger.contracts import (
    AddressBook,
    Contracts,
    address_book_path,
    load_address_book,
    save_address_book,
)
from wallet_chain.ledger.embedded import EmbeddedChain
from wallet_chain.ledger.hashing import ZERO_ADDRESS, ZERO_HASH, to_hex
from wallet_chain.ledger.rpc import InProcessConnection
from wallet_chain.ledger.units import MovementKind


def test_an_address_book_is_read_back_as_it_was_written(world: World, tmp_path: Path) -> None:
    book = world.contracts.book
    assert load_address_book(tmp_path, CHAIN_ID) is None
    path = save_address_book(tmp_path, book)
    assert path == address_book_path(tmp_path, CHAIN_ID)
    assert load_address_book(tmp_path, CHAIN_ID) == book
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"chain_id": 1, "more": 2}'])
def test_an_address_book_that_is_something_else_is_refused(content: bytes) -> None:
    with pytest.raises(NotDeployed, match="can't be read"):
        AddressBook.from_json(content)


def test_the_check_passes_on_the_chain_of_the_deployment(each_world: World) -> None:
    each_world.contracts.check()


def test_another_chain_id_is_refused(each_world: World) -> None:
    book = replace(each_world.contracts.book, chain_id=1)
    with pytest.raises(ChainMismatch) as refusal:
        Contracts(each_world.rpc, book).check()
    assert refusal.value.facts == {"expected": 1, "found": CHAIN_ID}


def test_another_chain_with_the_same_id_is_refused(world: World) -> None:
    other = embedded(lambda: 1_900_000_000)
    with pytest.raises(ChainMismatch, match="another first block"):
        Contracts(other, world.contracts.book).check()


@pytest.mark.anvil
def test_a_node_that_lost_the_blocks_of_the_deployment_is_noticed(tmp_path: Path) -> None:
    genesis = tmp_path / "genesis.json"
    genesis.write_text(f'{{"config": {{"chainId": {CHAIN_ID}}}, "alloc": {{}}}}')
    with anvil("--init", str(genesis), "--timestamp", "1800000000") as rpc:
        rpc.call("anvil_setBalance", [FUNDER.address, hex(10**24)])
        book = deployed(rpc).contracts.book
    same = ("--init", str(genesis), "--timestamp", "1800000000")
    with anvil(*same) as empty, pytest.raises(ChainStateLost, match="no longer has block"):
        Contracts(empty, book).check()


def test_a_chain_that_was_set_back_is_noticed() -> None:
    rpc = embedded()
    with rolled_back(rpc):
        lost = deployed(rpc).contracts
        lost.check()
    with pytest.raises(ChainStateLost) as refusal:
        lost.check()
    assert refusal.value.facts["found"] is None
    # A chain that grew again to the same height has other blocks there.
    rpc.call("evm_increaseTime", [5])
    deployed(rpc)
    with pytest.raises(ChainStateLost) as refusal:
        lost.check()
    assert refusal.value.facts["found"] is not None


@pytest.mark.anvil
def test_altered_code_is_noticed() -> None:
    with anvil() as rpc:
        rpc.call("anvil_setBalance", [FUNDER.address, hex(10**24)])
        world = deployed(rpc)
        book = world.contracts.book
        code = rpc.call("eth_getCode", [book.payments, "latest"])
        altered = code[:-2] + ("00" if code[-2:] != "00" else "01")
        rpc.call("anvil_setCode", [book.payments, altered])
        with pytest.raises(ContractMismatch) as refusal:
            world.contracts.check()
        assert refusal.value.facts["contract"] == "Payments"
        rpc.call("anvil_setCode", [book.payments, "0x"])
        with pytest.raises(NotDeployed, match="Payments should be"):
            world.contracts.check()
        rpc.call("anvil_setCode", [book.payments, code])
        world.contracts.check()


def test_a_name_that_is_no_contract_is_an_unknown_currency(world: World) -> None:
    with pytest.raises(UnknownCurrency, match="BHD, CNY, EUR, JPY, USD"):
        world.contracts.address("CHF")


def test_a_refusal_of_a_read_is_the_mapped_error(each_world: World) -> None:
    with pytest.raises(UnknownCurrency) as refusal:
        each_world.contracts.read("TransferPolicy", "tokenOf", b"XXX")
    assert refusal.value.facts == {"currency": "XXX"}


def test_a_read_can_look_at_an_earlier_block(each_world: World) -> None:
    account = signer("holder").address
    before = each_world.contracts.book.deployed_block
    each_world.register(account)
    assert each_world.contracts.read("IdentityRegistry", "identityOf", account)[0] == 4
    earlier = each_world.contracts.read("IdentityRegistry", "identityOf", account, block=before)
    assert earlier[0] == 0


def test_addresses_come_with_their_checksum(each_world: World) -> None:
    authority = each_world.contracts.read("Payments", "authority")
    assert authority == each_world.contracts.book.access_manager
    assert each_world.contracts.read("AccountRecovery", "modules") == (
        each_world.contracts.book.loyalty,
    )


def test_many_reads_in_one_request_answer_like_single_ones(each_world: World) -> None:
    account = signer("holder").address
    calls: list[tuple[str, str, tuple[object, ...]]] = [
        ("EUR", "accountState", (account,)),
        ("JPY", "totalSupply", ()),
        ("IdentityRegistry", "customerRefOf", (account,)),
    ]
    singly = [each_world.contracts.read(c, f, *a) for c, f, a in calls]
    assert each_world.contracts.read_many(calls, "latest") == singly
    assert singly == [(0, 0, bytes(32)), 0, bytes(32)]


def test_one_refusal_among_many_reads_is_raised(each_world: World) -> None:
    calls: list[tuple[str, str, tuple[object, ...]]] = [
        ("EUR", "totalSupply", ()),
        ("TransferPolicy", "tokenOf", (b"XXX",)),
    ]
    with pytest.raises(UnknownCurrency):
        each_world.contracts.read_many(calls, "latest")


def test_a_read_where_no_contract_is_says_so(world: World) -> None:
    book = replace(world.contracts.book, payments=signer("nobody").address)
    with pytest.raises(NotDeployed):
        Contracts(world.rpc, book).read("Payments", "nonceUsed", ZERO_ADDRESS, 0)


def test_a_preflight_tells_what_the_chain_would_refuse_with(each_world: World) -> None:
    contracts = each_world.contracts
    account = signer("holder").address
    data = contracts.encode("IdentityRegistry", "freeze", account, bytes(32))
    registry = contracts.address("IdentityRegistry")
    assert isinstance(contracts.preflight(FUNDER.address, registry, data), PermissionRefused)
    freezer = signer("FREEZER").address
    assert isinstance(contracts.preflight(freezer, registry, data), AccountUnknown)
    each_world.register(account)
    assert contracts.preflight(freezer, registry, data) is None


def explained(world: World, payer: str, payee: str, amount_minor: int) -> WalletError | None:
    explanation = world.contracts.explain(MovementKind.PAYMENT, payer, payee, "EUR", amount_minor)
    return explanation.refusal


def test_an_explanation_has_the_refusal_and_the_room_below_each_limit(each_world: World) -> None:
    payer, payee = signer("payer").address, signer("payee").address
    assert isinstance(explained(each_world, payer, payee, 1), AccountUnknown)
    each_world.register(payer, tier=1)
    each_world.register(payee, tier=4)
    lacking = explained(each_world, payer, payee, 100)
    assert isinstance(lacking, InsufficientFunds)
    assert lacking.facts["have"] == "0.00"
    assert lacking.facts["need"] == "1.00"
    each_world.mint("EUR", payer, 100_000)
    allowed = each_world.contracts.explain(MovementKind.PAYMENT, payer, payee, "EUR", 250_00)
    assert allowed.refusal is None
    assert allowed.headroom["per_payment"] == 250_00
    assert allowed.headroom["day_used"] == 0
    assert allowed.headroom["balance_limit"] is None
    beyond = explained(each_world, payer, payee, 250_01)
    assert isinstance(beyond, LimitExceeded)
    assert beyond.facts == {
        "rule": "per_payment",
        "limit": "250.00",
        "used": "0.00",
        "asked": "250.01",
        "currency": "EUR",
        "frees_at": None,
    }


def test_an_explanation_agrees_with_what_the_payment_is_refused_with(each_world: World) -> None:
    payer, payee = signer("payer"), signer("payee")
    each_world.register(payer.address, tier=1)
    each_world.register(payee.address)
    each_world.mint("EUR", payer.address, 100_000)
    for amount_minor in (250_00, 250_01, 100_001):
        order = each_world.signed(
            payer, each_world.payment(payer.address, payee.address, amount_minor)
        )
        payments = each_world.contracts.address("Payments")
        happens = each_world.contracts.preflight(FUNDER.address, payments, order)
        told = explained(each_world, payer.address, payee.address, amount_minor)
        assert type(told) is type(happens)


def test_a_node_that_fails_without_a_revert_is_not_taken_for_a_refusal(world: World) -> None:
    with pytest.raises(ChainRefused, match="node refused"):
        world.contracts.read("EUR", "totalSupply", block="0xffffff")


def test_an_embedded_chain_in_a_file_keeps_the_deployment(tmp_path: Path) -> None:
    def opened() -> EmbeddedChain:
        path = tmp_path / "chain.sqlite3"
        return EmbeddedChain.open(
            path, chain_id=CHAIN_ID, funder=FUNDER.address, clock=lambda: 1_800_000_000
        )

    with opened() as chain:
        book = deployed(InProcessConnection(chain)).contracts.book
    with opened() as chain:
        contracts = Contracts(InProcessConnection(chain), book)
        contracts.check()
        assert to_hex(contracts.read("EUR", "accountState", FUNDER.address)[2]) == ZERO_HASH
