"""Every custom error of every contract becomes exactly one error of ours."""

import re
from collections import defaultdict
from typing import Any

import pytest
from eth_abi.abi import encode

from tests.deployed import World, signer
from wallet_chain import errors
from wallet_chain.errors import WalletError
from wallet_chain.ledger.artifacts import CONTRACTS, AbiItem, artifact
from wallet_chain.ledger.contracts import Contracts
from wallet_chain.ledger.deployment_plan import DAY_SECONDS
from wallet_chain.ledger.hashing import keccak256
from wallet_chain.ledger.revert_facts import RevertContext
from wallet_chain.ledger.revert_rules import MAPPING
from wallet_chain.ledger.reverts import (
    decode_error,
    errors_by_selector,
    refusal_from_failure,
    refusal_from_revert,
)
from wallet_chain.ledger.rpc import RpcFailure
from wallet_chain.ledger.units import Switch, currency_bytes

ERRORS = sorted(errors_by_selector().values(), key=lambda item: item.signature)
EXAMPLES: dict[str, Any] = {
    "address": "0x" + "ab" * 20,
    "bytes32": b"\xcd" * 32,
    "bytes4": b"\x12\x34\x56\x78",
    "bytes3": b"EUR",
    "string": "text",
    "bytes": b"\x01\x02",
    "int256": -1,
}


def example_of(kind: str) -> Any:
    if kind.startswith("("):
        return tuple(example_of(part) for part in kind[1:-1].split(","))
    return 1 if kind.startswith("uint") else EXAMPLES[kind]


def example(item: AbiItem) -> bytes:
    values = [example_of(kind) for kind in item.types]
    return item.selector + encode(item.types, values)


def test_no_error_of_a_contract_is_missing_and_none_is_made_up() -> None:
    names = {
        entry["name"] for c in CONTRACTS for entry in artifact(c).abi if entry["type"] == "error"
    }
    assert len(names) > 60
    assert names - MAPPING.keys() == set(), "give each of these a row in revert_rules"
    assert MAPPING.keys() - names == set(), "no contract has these any more"


def test_two_errors_of_one_name_have_the_same_arguments() -> None:
    signatures = defaultdict(set)
    for item in ERRORS:
        signatures[item.name].add((item.signature, item.names))
    assert [found for found in signatures.values() if len(found) > 1] == []


@pytest.mark.parametrize("item", ERRORS, ids=lambda item: item.name)
def test_each_error_becomes_its_class_with_a_sentence_and_json_facts(item: AbiItem) -> None:
    refusal = refusal_from_revert(example(item))
    assert type(refusal) is MAPPING[item.name].error
    assert type(refusal) in errors.every_error()
    assert refusal.detail.endswith(".")
    assert "{" not in refusal.detail
    assert all(isinstance(v, str | int | None) for v in refusal.facts.values())
    assert not any(isinstance(v, float) for v in refusal.facts.values())


@pytest.mark.parametrize("item", [i for i in ERRORS if i.types], ids=lambda item: item.name)
def test_an_error_that_is_cut_short_is_still_told(item: AbiItem) -> None:
    assert decode_error(example(item)) is not None
    refusal = refusal_from_revert(example(item)[:-1])
    assert isinstance(refusal, errors.ChainRefused)


def test_an_enumeration_s_number_beyond_our_words_does_not_hide_the_refusal() -> None:
    item = next(i for i in ERRORS if i.name == "OperationPaused")
    refusal = refusal_from_revert(item.selector + encode(["uint8"], [200]))
    assert isinstance(refusal, errors.OperationPaused)
    assert refusal.facts == {"switch": "200"}


def error(signature: str, *values: Any) -> bytes:
    types = re.sub(r"^\w+\(|\)$", "", signature).split(",")
    return keccak256(signature.encode())[:4] + encode(types, values)


def test_amounts_are_written_in_the_currency_of_the_order() -> None:
    data = error(
        "ERC20InsufficientBalance(address,uint256,uint256)", EXAMPLES["address"], 1_234, 5_000
    )
    known = refusal_from_revert(data, RevertContext("BHD"))
    assert known.facts["have"] == "1.234"
    assert known.facts["need"] == "5.000"
    assert known.facts["currency"] == "BHD"
    assert "holds 1.234 BHD, and 5.000 BHD is needed" in known.detail
    yen = refusal_from_revert(data, RevertContext("JPY"))
    assert yen.facts["have"] == "1234"
    unknown = refusal_from_revert(data)
    assert unknown.facts["have_minor"] == "1234"
    assert "have" not in unknown.facts
    assert "1234 minor units" in unknown.detail


def test_an_error_that_names_its_currency_needs_no_context() -> None:
    data = error("MintCapExceeded(bytes3,uint256,uint256)", b"JPY", 5, 7)
    refusal = refusal_from_revert(data, RevertContext("EUR"))
    assert refusal.facts == {"cap": "5", "asked": "7", "currency": "JPY"}


@pytest.mark.parametrize(
    ("rule", "words"),
    [(0, "a single payment"), (1, "in 24 hours"), (2, "in 30 days"), (3, "may hold at most")],
)
def test_a_limit_says_which_it_is_and_when_it_frees(rule: int, words: str) -> None:
    signature = "LimitExceeded(uint8,uint256,uint256,uint256,uint64)"
    later = refusal_from_revert(error(signature, rule, 100, 40, 70, 1_800_000_000))
    assert words in later.detail
    assert "It fits from 2027-01-15T08:00:00Z" in later.detail
    assert later.facts["frees_at"] == "2027-01-15T08:00:00Z"
    assert later.facts["limit"] == "1.00"
    never = refusal_from_revert(error(signature, rule, 100, 40, 170, 0))
    assert never.facts["frees_at"] is None
    assert "Move less" in never.detail


def test_a_moment_beyond_the_calendar_can_still_be_told() -> None:
    refusal = refusal_from_revert(error("OrderExpired(uint64)", 2**64 - 1))
    assert refusal.facts["deadline"] == "9999-12-31T23:59:59Z"


def test_silence_is_a_lack_of_gas_and_strange_words_are_passed_on() -> None:
    assert isinstance(refusal_from_revert(b""), errors.OrderOutOfGas)
    text = refusal_from_revert(error("Error(string)", "old words"))
    assert isinstance(text, errors.ChainRefused)
    assert "old words" in text.detail
    panic = refusal_from_revert(error("Panic(uint256)", 0x11))
    assert isinstance(panic, errors.ChainRefused)
    assert "0x11" in panic.detail
    strange = refusal_from_revert(b"\xde\xad\xbe\xef" + b"x" * 5_000)
    assert isinstance(strange, errors.ChainRefused)
    assert "0xdeadbeef" in strange.detail
    assert len(strange.facts["data"]) < 600
    broken = refusal_from_revert(keccak256(b"Error(string)")[:4] + b"\xff" * 64)
    assert "cut short" in broken.detail


def test_a_node_s_own_refusal_is_not_a_contract_s() -> None:
    refusal = refusal_from_failure(RpcFailure(-32000, "header not found"))
    assert isinstance(refusal, errors.ChainRefused)
    assert "header not found" in refusal.detail


@pytest.mark.parametrize(
    "data",
    [
        "0x" + keccak256(b"OnlyBatch()")[:4].hex(),
        {"data": "0x" + keccak256(b"OnlyBatch()")[:4].hex(), "message": "reverted"},
        "Reverted 0x" + keccak256(b"OnlyBatch()")[:4].hex(),
    ],
)
def test_revert_data_is_found_wherever_a_node_puts_it(data: Any) -> None:
    refusal = refusal_from_failure(RpcFailure(3, "execution reverted", data))
    assert isinstance(refusal, errors.PermissionRefused)


@pytest.mark.parametrize("data", [None, 5, "no hex", "0xzz", {"other": 1}])
def test_revert_data_in_no_known_form_is_no_data(data: Any) -> None:
    failure = RpcFailure(3, "execution reverted", data)
    assert failure.revert_data is None
    assert failure.is_revert
    assert isinstance(refusal_from_failure(failure), errors.ChainRefused)


# --- on a real chain ------------------------------------------------------------------------------


def refused_payment(world: World, message: dict[str, Any]) -> WalletError | None:
    payments = world.contracts.address("Payments")
    order = world.signed(signer("payer"), message)
    return world.contracts.preflight(signer("RELAYER").address, payments, order)


def paying(world: World) -> dict[str, Any]:
    """A payment that would settle."""
    payer, payee = signer("payer").address, signer("payee").address
    world.register(payer, tier=1)
    world.register(payee)
    world.mint("EUR", payer, 500_00)
    message = world.payment(payer, payee, 10_00)
    assert refused_payment(world, message) is None
    return message


def freeze(world: World, name: str) -> None:
    world.call("FREEZER", "IdentityRegistry", "freeze", signer(name).address, bytes(32))


def test_a_frozen_side_is_named(each_world: World) -> None:
    message = paying(each_world)
    freeze(each_world, "payee")
    refusal = refused_payment(each_world, message)
    assert isinstance(refusal, errors.AccountFrozen)
    assert refusal.facts == {"account": signer("payee").address}
    freeze(each_world, "payer")
    refusal = refused_payment(each_world, message)
    assert isinstance(refusal, errors.AccountFrozen)
    assert refusal.facts == {"account": signer("payer").address}


def test_a_closed_account_is_named(each_world: World) -> None:
    message = paying(each_world)
    payee = signer("payee").address
    each_world.call("REGISTRAR", "IdentityRegistry", "close", payee, bytes(32))
    assert isinstance(refused_payment(each_world, message), errors.AccountClosed)


def test_kyc_that_lapses_stops_money(world: World) -> None:
    message = paying(world)
    world.rpc.call("evm_increaseTime", [366 * DAY_SECONDS])
    world.rpc.call("evm_mine", [])
    refusal = refused_payment(world, message | {"deadline": world.now() + 5})
    assert isinstance(refusal, errors.KycExpired)
    assert refusal.facts["account"] == signer("payer").address


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"currency": "CHF"}, errors.UnknownCurrency),
        ({"amount": 0}, errors.AmountNotPositive),
        ({"deadline": 1}, errors.OrderExpired),
        ({"payee": signer("stranger").address}, errors.AccountUnknown),
        ({"payer": signer("REGISTRAR").address}, errors.SignatureInvalid),
        ({"amount": 250_01}, errors.LimitExceeded),
    ],
)
def test_each_wrong_order_gets_its_own_refusal(
    each_world: World, change: dict[str, Any], expected: type[WalletError]
) -> None:
    message = paying(each_world)
    assert type(refused_payment(each_world, message | change)) is expected


def test_paying_oneself_is_refused(each_world: World) -> None:
    message = paying(each_world)
    refusal = refused_payment(each_world, message | {"payee": message["payer"]})
    assert isinstance(refusal, errors.SelfPayment)


def test_an_order_is_used_once(each_world: World) -> None:
    message = paying(each_world)
    each_world.batch(each_world.signed(signer("payer"), message))
    refusal = refused_payment(each_world, message)
    assert isinstance(refusal, errors.OrderAlreadyUsed)
    assert refusal.facts["nonce"] == str(message["nonce"])


def test_what_is_paused_says_what_and_that_later_may_do(each_world: World) -> None:
    message = paying(each_world)
    each_world.call("PAUSER", "TransferPolicy", "pause", int(Switch.OUTGOING))
    refusal = refused_payment(each_world, message)
    assert isinstance(refusal, errors.OperationPaused)
    assert refusal.facts == {"switch": "outgoing"}
    assert refusal.retryable


def test_one_person_can_t_issue_alone(each_world: World) -> None:
    code, deposit = currency_bytes("EUR"), keccak256(b"deposit")
    both = signer("ISSUER_MAKER")
    contracts: Contracts = each_world.contracts
    payee = signer("payee").address
    each_world.call("ISSUER_MAKER", "Issuance", "propose", code, payee, 5, deposit, deposit)
    proposal = contracts.read("Issuance", "proposalOfDeposit", code, deposit)
    data = contracts.encode("Issuance", "approve", proposal)
    refusal = contracts.preflight(both.address, contracts.address("Issuance"), data)
    assert isinstance(refusal, errors.PermissionRefused)
    stale = contracts.preflight(
        signer("ISSUER_CHECKER").address, contracts.address("Issuance"), data
    )
    assert isinstance(stale, errors.ReservesStale)
    assert stale.facts["as_of"] is None
