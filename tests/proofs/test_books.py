"""The whole book of a currency: customers, escrows, supply and attested reserves."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.proofs.asking import book, book_facts, head_of, lives, rewritten, trust_of
from tests.proofs.samples import Sample
from tests.proofs.test_forms import assert_both_say
from tests.town import Town, ask, eur
from wallet_chain import gifts
from wallet_chain.errors import ReservesShort
from wallet_chain.gifts.drafts import GiftDraft
from wallet_chain.proofs.books import bundle_of, read_book
from wallet_chain.proofs.states import attestation_word
from wallet_chain.verifier import read_trust, verify

Edit = Callable[[dict[str, Any]], object]


def short_of_reserves(town: Town) -> None:
    """An auditor finds less than what was issued."""
    lives(town)
    town.attest("1000.00")


def test_customers_and_escrows_hold_the_supply_under_the_attested_reserves(town: Town) -> None:
    lives(town)
    before = book_facts(town)
    assert (before["escrowed"], before["escrows"]) == ("0", {})
    gifts.create_gift(town.bank, town.anna.caller, ask(), GiftDraft(eur("7.00")))
    town.settle()
    town.attest("5000.00")
    attested_at = town.clock()
    town.wait(600)
    found = book_facts(town)
    supply = town.bank.contracts.read("EUR", "totalSupply")
    assert found["escrows"] == {"Gifts": "700"}
    assert (found["supply"], found["escrowed"]) == (str(supply), "700")
    assert found["customers"] == str(supply - 700)
    assert found["reserves"] == {
        "amount": "500000",
        "as_of": str(attested_at),
        "age_seconds": str(town.clock() - attested_at),
    }
    assert town.bank.contracts.read("Issuance", "reservesOf", b"EUR") == (500_000, attested_at)
    report = verify(book(town), trust_of(town))
    [holds, covers] = report.proven
    assert f"customers hold {supply - 700}, escrows hold 700, together the supply" in holds
    assert covers == f"reserves of 500000, attested on chain as of {attested_at}, cover the supply"
    assert book(town) == book(town)


def test_reserves_that_fall_short_prove_nothing(town: Town) -> None:
    short_of_reserves(town)
    with pytest.raises(ReservesShort) as caught:
        book(town)
    assert caught.value.facts == {"currency": "EUR", "supply": "1600.00", "reserves": "1000.00"}
    report = verify(book(town, under_reserves=False), trust_of(town))
    assert report.verdict == "VALID"
    assert "that the bank's reserves cover the supply" in report.not_proven
    assert "reserves" not in report.facts


@pytest.mark.node
def test_a_bank_that_claims_reserves_it_lacks_is_found_out(
    town_in_a_file: Town, tmp_path: Path
) -> None:
    town = town_in_a_file
    short_of_reserves(town)
    with town.bank.store.reading() as session:
        said = read_book(town.bank, session, "EUR", head_of(town))
    claimed = bundle_of(town.bank, said, under_reserves=True, pinned_block=None)
    value = json.loads(claimed)
    value["claim"]["reserves"]["amount"] = value["claim"]["supply"]
    trust = {
        "format": "wallet-chain-trust/1",
        "chain_id": value["chain_id"],
        "genesis_hash": value["genesis_hash"],
    }
    known = trust_of(town)
    trust |= {
        "finality": {
            "rule": "pinned",
            "blocks": {str(at): "0x" + known.pinned[at].hex() for at in known.pinned},
        },
        "contracts": {
            each.name: {"address": "0x" + at.hex(), "code_hash": "0x" + each.code_hash.hex()}
            for at, each in known.contracts.items()
        },
    }
    cases = [("reserves_short", claimed), ("state_differs", rewritten(value))]
    assert_both_say(tmp_path, trust, cases)


@pytest.mark.node
def test_each_change_to_a_book_has_its_name(samples: list[Sample], tmp_path: Path) -> None:
    plain = next(sample for sample in samples if sample.name == "total, pinned")
    gift_contract = plain.trust["contracts"]["Gifts"]["address"]

    def edited(edit: Edit) -> bytes:
        value = json.loads(plain.bundle)
        edit(value["claim"])
        return rewritten(value)

    def held(claim: dict[str, Any]) -> dict[str, str]:
        return next(a for a in claim["accounts"] if a["account"] == gift_contract)

    def folded(claim: dict[str, Any]) -> None:
        """Amount and date in one number, which is then a very large amount."""
        amount, as_of = (int(claim["reserves"][name]) for name in ("amount", "as_of"))
        claim["reserves"] = {"amount": str(attestation_word(amount, as_of)), "as_of": "0"}

    assert held(json.loads(plain.bundle)["claim"])["balance"] == "700"
    cases: list[tuple[str, Edit]] = [
        ("state_differs", lambda c: c["reserves"].update(amount="99999999999999")),
        ("state_differs", lambda c: c["reserves"].update(as_of="1800000001")),
        ("state_differs", folded),
        ("wrong_form", lambda c: c["reserves"].pop("as_of")),
        ("wrong_form", lambda c: c.update(reserves="")),
        ("unused_evidence", lambda c: c.pop("reserves")),
        ("state_differs", lambda c: held(c).update(balance="0")),
        ("wrong_node", lambda c: c["accounts"].pop(0)),
        ("total_differs", lambda c: c["accounts"].pop()),
        ("state_differs", lambda c: c.update(supply="1")),
        ("not_in_order", lambda c: c["accounts"].insert(1, c["accounts"][0])),
    ]
    assert_both_say(tmp_path, plain.trust, [(code, edited(edit)) for code, edit in cases])


@pytest.mark.node
def test_who_holds_in_escrow_is_said_by_the_trust_file(
    samples: list[Sample], tmp_path: Path
) -> None:
    plain = next(sample for sample in samples if sample.name == "total, pinned")
    contracts = plain.trust["contracts"]

    def trusting(changed: dict[str, Any]) -> dict[str, Any]:
        return plain.trust | {"contracts": changed}

    def without(name: str) -> dict[str, Any]:
        return {each: said for each, said in contracts.items() if each != name}

    other_code = contracts["Gifts"] | {"code_hash": "0x" + "00" * 32}
    for changed, code in (
        (contracts | {"Gifts": other_code}, "other_code"),
        (without("Issuance"), "unknown_contract"),
    ):
        assert_both_say(tmp_path, trusting(changed), [(code, plain.bundle)])
    # To whom Gifts is a stranger, its money is a customer's, and its code in the bundle too much.
    report = verify(plain.bundle, read_trust(trusting(without("Gifts"))))
    assert report.verdict == "INVALID"
