"""What Python repeats of the contracts' sources, compared with them."""

import re
from enum import IntEnum, IntFlag
from pathlib import Path

import pytest

from wallet_chain.errors import InvalidAddress, UnknownCurrency
from wallet_chain.ledger import units
from wallet_chain.ledger.artifacts import artifact, guarded_functions
from wallet_chain.ledger.hashing import checksum_address, from_hex, keccak256, read_address, to_hex
from wallet_chain.ledger.roles import CONTRACT_ROLES, ROLES, STAFF_POWERS, role_id
from wallet_chain.ledger.units import amount_text, currency_bytes, currency_code, word_of

CONTRACTS = Path(__file__).parent.parent.parent / "contracts"


def source(name: str) -> str:
    return (CONTRACTS / name).read_text("utf-8")


def snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper()


@pytest.mark.parametrize(
    ("kind", "file"),
    [
        (units.MovementKind, "MovementKind.sol"),
        (units.Status, "identity/IIdentityRegistry.sol"),
        (units.Switch, "policy/ITransferPolicy.sol"),
        (units.LimitRule, "policy/ITransferPolicy.sol"),
        (units.Corridor, "policy/ITransferPolicy.sol"),
        (units.ProposalState, "money/IIssuance.sol"),
        (units.ProgrammeKind, "loyalty/ILoyalty.sol"),
        (units.MemberState, "loyalty/ILoyalty.sol"),
        (units.OfferKind, "loyalty/IOffers.sol"),
    ],
)
def test_each_enumeration_is_solidity_s(kind: type[IntEnum], file: str) -> None:
    body = re.search(rf"enum {kind.__name__} {{(.*?)}}", source(file), re.DOTALL)
    assert body is not None
    members = [snake(name) for name in re.findall(r"\w+", body[1])]
    assert [member.name for member in kind] == members
    assert [int(member) for member in kind] == list(range(len(members)))


def test_the_flags_of_an_account_are_solidity_s() -> None:
    found = re.findall(r"constant FLAG_(\w+) = (\d+);", source("identity/IdentityWord.sol"))
    ours: list[IntFlag] = list(units.AccountFlags)
    assert {name: int(value) for name, value in found} == {f.name: f.value for f in ours}


def test_the_roles_are_solidity_s_and_each_guarded_function_names_one() -> None:
    found = re.findall(r"constant (\w+) = (\d+);", source("Roles.sol"))
    assert {name: int(number) for name, number in found} == ROLES
    for guarded in guarded_functions():
        assert role_id(guarded.role) >= 0
        assert guarded.signature in artifact(guarded.contract).functions


def test_every_power_of_people_belongs_to_one_role_of_the_api_at_most() -> None:
    given = [power for powers in STAFF_POWERS.values() for power in powers]
    assert len(given) == len(set(given))
    assert set(given) == ROLES.keys() - CONTRACT_ROLES - {"RELAYER", "ANCHOR", "GOVERNOR"}


def test_nobody_holds_both_sides_of_a_step_that_needs_two() -> None:
    for maker, checker in (
        ("ISSUER_MAKER", "ISSUER_CHECKER"),
        ("RECOVERY_MAKER", "RECOVERY_CHECKER"),
        ("ATTESTOR", "ISSUER_MAKER"),
        ("ATTESTOR", "ISSUER_CHECKER"),
    ):
        assert not any({maker, checker} <= set(powers) for powers in STAFF_POWERS.values())


def test_a_role_is_known_by_its_name() -> None:
    assert role_id("ADMIN") == 0
    assert role_id("PAYOUT") == ROLES["PAYOUT"]
    with pytest.raises(KeyError):
        role_id("OWNER")


def test_a_currency_is_three_letters_on_chain() -> None:
    assert currency_bytes("EUR") == b"EUR"
    assert currency_code(b"EUR" + bytes(29)) == "EUR"
    assert currency_code(b"XYZ") == "XYZ"
    with pytest.raises(UnknownCurrency):
        currency_bytes("XYZ")
    assert amount_text(1234, "BHD") == "1.234"
    assert amount_text(1234, "XYZ") == "1234"
    assert word_of(units.LimitRule.PER_PAYMENT) == "per_payment"


# Examples of EIP-55.
CHECKSUMMED = [
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
]


@pytest.mark.parametrize("address", CHECKSUMMED)
def test_an_address_gets_the_checksum_of_eip_55(address: str) -> None:
    for form in (address, address.lower(), "0x" + address[2:].upper()):
        assert checksum_address(form) == address
        assert read_address(form) == address
    assert checksum_address(from_hex(address)) == address


@pytest.mark.parametrize(
    "text",
    ["", "0x", "0x12", CHECKSUMMED[0][2:], CHECKSUMMED[0] + "0", "0x" + "g" * 40, "nobody"],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidAddress):
        read_address(text)


def test_an_address_with_a_typing_error_is_refused() -> None:
    mistyped = CHECKSUMMED[0].replace("5aAe", "5aae")
    assert checksum_address(mistyped) == CHECKSUMMED[0]
    with pytest.raises(InvalidAddress, match="checksum"):
        read_address(mistyped)


def test_bytes_and_hex_go_both_ways() -> None:
    assert to_hex(b"") == "0x"
    assert from_hex("0x0aFF") == b"\x0a\xff"
    for text in ("", "0a", "0xg0", "0x1"):
        with pytest.raises(ValueError):  # noqa: PT011
            from_hex(text)
    assert to_hex(keccak256(b"")) == (
        "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    )


def test_what_is_shipped_beside_the_contracts_is_none_of_them() -> None:
    assert artifact("Batch").name == "Batch"
    with pytest.raises(KeyError, match="none of the contracts"):
        artifact("roles")
