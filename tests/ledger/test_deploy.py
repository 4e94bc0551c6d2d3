"""What a deployment leaves behind on a chain."""

from dataclasses import replace

import pytest

from tests.chains import FUNDER, anvil, embedded
from tests.deployed import PEOPLE, World, deployed, signer
from wallet_chain.errors import ChainRefused, ConfigurationRefused, PermissionRefused
from wallet_chain.ledger.artifacts import artifact, guarded_functions
from wallet_chain.ledger.deploy import deploy
from wallet_chain.ledger.deployment_plan import (
    DAY_SECONDS,
    DEFAULT_RATES,
    DEFAULT_TIER_LIMITS,
    MintCaps,
    TierLimits,
    default_plan,
    price_of,
)
from wallet_chain.ledger.hashing import ZERO_ADDRESS
from wallet_chain.ledger.roles import ROLES, role_id
from wallet_chain.ledger.rpc import code_at
from wallet_chain.ledger.units import NO_LIMIT, MovementKind, currency_bytes
from wallet_chain.money import CURRENCIES


def test_every_currency_has_its_token_with_the_digits_of_iso_4217(each_world: World) -> None:
    contracts = each_world.contracts
    assert contracts.read("TransferPolicy", "currencies") == tuple(
        code.encode() for code in DEFAULT_RATES
    )
    for code in DEFAULT_RATES:
        token = contracts.read("TransferPolicy", "tokenOf", currency_bytes(code))
        assert token == contracts.address(code)
        assert contracts.read(code, "symbol") == code
        assert contracts.read(code, "name") == CURRENCIES[code].name
        assert contracts.read(code, "decimals") == CURRENCIES[code].minor_digits
        assert contracts.read(code, "totalSupply") == 0


def test_every_contract_fits_the_size_that_chains_allow(each_world: World) -> None:
    # EIP-170.
    for address, name in each_world.contracts.book.names.items():
        assert 0 < len(code_at(each_world.rpc, address)) <= 24_576, name


def test_every_restricted_function_belongs_to_the_role_of_the_list(each_world: World) -> None:
    contracts = each_world.contracts
    for guarded in guarded_functions():
        selector = artifact(guarded.contract).functions[guarded.signature].selector
        names = DEFAULT_RATES if guarded.contract == "CurrencyToken" else [guarded.contract]
        for name in names:
            target = contracts.address(name)
            role = contracts.read("AccessManager", "getTargetFunctionRole", target, selector)
            assert role == role_id(guarded.role), guarded


def test_each_contract_moves_money_by_its_own_kinds_of_movement_only(each_world: World) -> None:
    contracts = each_world.contracts
    allowed = {
        "Payments": {MovementKind.PAYMENT, MovementKind.REFUND},
        "CrossBorder": {MovementKind.EXCHANGE_IN, MovementKind.EXCHANGE_OUT},
        "Loyalty": {MovementKind.ESCROW_IN},
        "Purchases": {MovementKind.PAYMENT, MovementKind.REFUND},
        "Mandates": {MovementKind.PAYMENT},
        "Gifts": {MovementKind.ESCROW_IN},
        "SplitPayments": {MovementKind.PAYMENT},
    }
    for address, name in contracts.book.names.items():
        kinds = {k for k in MovementKind if contracts.read("EUR", "mayMove", address, k)}
        assert kinds == allowed.get(name, set()), name


def test_each_role_is_held_by_those_of_the_plan_and_by_nobody_else(each_world: World) -> None:
    contracts, book = each_world.contracts, each_world.contracts.book
    of_contracts = {
        ("MINTER", "Issuance"),
        ("BURNER", "Issuance"),
        ("RECOVERY", "AccountRecovery"),
        ("CASHIER", "LoyaltyDesk"),
        ("CASHIER", "Purchases"),
    }
    expected = {(role, contracts.address(name)) for role, name in of_contracts}
    expected |= {(role, signer(role).address) for role in PEOPLE}
    expected |= {("GOVERNOR", FUNDER.address), ("ADMIN", FUNDER.address)}
    holders = {holder for _, holder in expected} | set(book.code_hashes)
    held = {
        (role, holder)
        for role in ROLES.keys() | {"ADMIN"}
        for holder in holders
        if contracts.read("AccessManager", "hasRole", role_id(role), holder)[0]
    }
    assert held == expected
    assert {role for role, _ in expected} == ROLES.keys() | {"ADMIN"}


def test_prices_limits_and_caps_are_those_of_the_plan(each_world: World) -> None:
    contracts = each_world.contracts
    plan = default_plan({})
    for code, price in plan.currencies:
        assert contracts.read("TransferPolicy", "priceOf", currency_bytes(code)) == (price, price)
        per_mint, per_day, used = contracts.read("Issuance", "capsOf", currency_bytes(code))
        assert MintCaps(per_mint, per_day) == plan.caps[code]
        assert used == 0
    for tier, limits in DEFAULT_TIER_LIMITS.items():
        assert contracts.read("TransferPolicy", "tierLimits", tier) == limits.words()
    assert DEFAULT_TIER_LIMITS[4].words()[3] == NO_LIMIT


def test_a_policy_can_be_replaced_only_after_the_delay(world: World) -> None:
    book = world.contracts.book
    data = world.contracts.encode("Payments", "setPolicy", book.transfer_policy)
    at_once = world.contracts.preflight(FUNDER.address, book.payments, data)
    assert isinstance(at_once, ConfigurationRefused)
    assert "schedule it first" in at_once.detail

    schedule = world.contracts.encode("AccessManager", "schedule", book.payments, data, 0)
    assert world.send(FUNDER, book.access_manager, schedule)["status"] == "0x1"
    early = world.contracts.preflight(FUNDER.address, book.payments, data)
    assert isinstance(early, ConfigurationRefused)
    assert "has not passed yet" in early.detail

    world.rpc.call("evm_increaseTime", [2 * DAY_SECONDS])
    world.rpc.call("evm_mine", [])
    assert world.contracts.preflight(FUNDER.address, book.payments, data) is None
    assert world.send(FUNDER, book.payments, data)["status"] == "0x1"


def test_a_contract_is_named_a_mover_only_after_the_delay(world: World) -> None:
    book, contracts = world.contracts.book, world.contracts
    newcomer, euro = book.batch, book.address("EUR")
    data = contracts.encode("EUR", "setMover", newcomer, [MovementKind.PAYMENT])
    at_once = contracts.preflight(FUNDER.address, euro, data)
    assert isinstance(at_once, ConfigurationRefused)
    assert "schedule it first" in at_once.detail

    schedule = contracts.encode("AccessManager", "schedule", euro, data, 0)
    assert world.send(FUNDER, book.access_manager, schedule)["status"] == "0x1"
    assert isinstance(contracts.preflight(FUNDER.address, euro, data), ConfigurationRefused)
    assert not contracts.read("EUR", "mayMove", newcomer, MovementKind.PAYMENT)

    world.rpc.call("evm_increaseTime", [2 * DAY_SECONDS])
    world.rpc.call("evm_mine", [])
    assert world.send(FUNDER, euro, data)["status"] == "0x1"
    assert contracts.read("EUR", "mayMove", newcomer, MovementKind.PAYMENT)
    assert not contracts.read("EUR", "mayMove", newcomer, MovementKind.REFUND)
    assert not contracts.read("USD", "mayMove", newcomer, MovementKind.PAYMENT)


def test_the_administrator_can_t_go_around_the_delay(world: World) -> None:
    book, contracts = world.contracts.book, world.contracts
    # AccessManager lets the delays of the delays begin five days after they are set.
    world.rpc.call("evm_increaseTime", [5 * DAY_SECONDS + 1])
    world.rpc.call("evm_mine", [])
    accomplice = signer("accomplice").address
    governor = ROLES["GOVERNOR"]

    grant = contracts.encode("AccessManager", "grantRole", governor, accomplice, 0)
    assert world.send(FUNDER, book.access_manager, grant)["status"] == "0x1"
    replace_policy = contracts.encode("Payments", "setPolicy", book.transfer_policy)
    refusal = contracts.preflight(accomplice, book.payments, replace_policy)
    assert isinstance(refusal, PermissionRefused)

    selector = artifact("Payments").functions["setPolicy"].selector
    for target in (book.payments, book.batch, book.address("JPY"), book.account_recovery):
        other_role = contracts.encode(
            "AccessManager", "setTargetFunctionRole", target, [selector], ROLES["PAUSER"]
        )
        refusal = contracts.preflight(FUNDER.address, book.access_manager, other_role)
        assert isinstance(refusal, ConfigurationRefused), target
        assert "schedule it first" in refusal.detail


def test_a_deployment_can_move_money_at_once(each_world: World) -> None:
    payer, payee = signer("payer"), signer("payee")
    for account in (payer, payee):
        each_world.register(account.address)
    each_world.mint("EUR", payer.address, 10_000)
    message = each_world.payment(payer.address, payee.address, 2_500)
    each_world.batch(each_world.signed(payer, message))
    assert each_world.contracts.read("EUR", "balanceOf", payee.address) == 2_500


def test_a_second_deployment_from_the_same_account_is_a_system_of_its_own() -> None:
    first = deployed(embedded())
    second = deployed(first.rpc)
    old, new = first.contracts.book, second.contracts.book
    assert set(old.code_hashes).isdisjoint(new.code_hashes)
    assert old.deployed_block < new.deployed_block
    assert old.code_hashes[old.payments] != new.code_hashes[new.payments]
    first.contracts.check()
    second.contracts.check()


def test_a_step_that_fails_says_why_and_nothing_is_left_in_use() -> None:
    rpc = embedded()
    too_much = replace(default_plan({}), tier_limits={1: TierLimits(1, 2**40, None, None)})
    with pytest.raises(ConfigurationRefused, match="larger than can be counted"):
        deploy(rpc, FUNDER, too_much, lambda _: None)
    deploy(rpc, FUNDER, default_plan({}), lambda _: None)


@pytest.mark.anvil
def test_a_deployer_without_money_is_told_so_where_gas_costs_some() -> None:
    with anvil() as rpc, pytest.raises(ChainRefused, match=r"(?i)insufficient funds"):
        deploy(rpc, signer("poor"), default_plan({}), lambda _: None)


def test_each_step_is_told_as_it_begins() -> None:
    steps: list[str] = []
    deploy(embedded(), FUNDER, default_plan({}), steps.append)
    assert steps[0] == "Creating AccessManager"
    assert "Creating JPY" in steps
    assert steps[-1] == "Noting addresses and code hashes"


def test_a_plan_that_could_not_be_carried_out_is_refused() -> None:
    with pytest.raises(ValueError, match="MINTER"):
        replace(default_plan({}), grants={"MINTER": (ZERO_ADDRESS,)})
    with pytest.raises(ValueError, match="GOVERNOR"):
        default_plan({"GOVERNOR": (ZERO_ADDRESS,)})


def test_a_price_is_reference_minor_units_for_one_minor_unit_rounded_up() -> None:
    assert price_of("EUR", DEFAULT_RATES["EUR"]) == 10**18
    # A yen has no minor unit: one of them is 0.58 cents.
    assert price_of("JPY", DEFAULT_RATES["JPY"]) == 58 * 10**16
    # A fils is a thousandth of a dinar: 0.228 cents.
    assert price_of("BHD", DEFAULT_RATES["BHD"]) == 228 * 10**15
    assert price_of("CNY", DEFAULT_RATES["CNY"]) == 128_205_128_205_128_206
