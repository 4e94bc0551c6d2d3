"""The verifier needs neither the product nor its libraries nor a network."""

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT, syntax, under
from tests.proofs.asking import lives, statement
from tests.town import Town
from wallet_chain import proofs
from wallet_chain.ledger.hashing import from_hex, keccak256
from wallet_chain.ledger.units import MovementKind, word_of
from wallet_chain.proofs.states import SUPPLY_SLOT, account_slot
from wallet_chain.verifier import claims

CODE_LINES_MAX = 700
"""Without empty lines, comments and docstrings."""

# Refuses every library but the two, and every connection.
ALONE = """
import runpy, socket, sys
from importlib.metadata import packages_distributions

ALLOWED = {"coincurve", "sha3", "_pysha3", "cffi", "_cffi_backend", "asn1crypto", "wallet_chain"}

class Refuse:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        outside = top in packages and top not in ALLOWED
        if outside or name.startswith("wallet_chain.") and not name.startswith("wallet_chain.verifier"):
            raise ImportError(f"{name} is not here")

def refuse(*_):
    raise OSError("there is no network")

packages = set(packages_distributions())
sys.meta_path.insert(0, Refuse())
socket.socket = socket.create_connection = refuse
sys.argv[0] = "wallet-chain-verify"
runpy.run_module("wallet_chain.verifier", run_name="__main__")
"""


@pytest.fixture
def files(town_in_a_file: Town, tmp_path: Path) -> tuple[Path, Path]:
    """A bundle and a trust file."""
    town = town_in_a_file
    lives(town)
    bundle, trust = tmp_path / "bundle.json", tmp_path / "trust.json"
    bundle.write_bytes(statement(town))
    trust.write_bytes(proofs.trust_file(town.bank, town.staff("auditor")))
    return bundle, trust


def run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], cwd=cwd, capture_output=True, text=True, check=False
    )


def test_it_runs_without_the_product_its_libraries_and_a_network(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    bundle, trust = files
    told = run("-c", ALONE, str(bundle), "--trust", str(trust), "--json", cwd=ROOT)
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["verdict"] == "VALID"
    bundle.write_bytes(bundle.read_bytes()[:-1])
    told = run("-c", ALONE, str(bundle), "--trust", str(trust), cwd=ROOT)
    assert (told.returncode, told.stdout[:20]) == (1, "INVALID (not_json): ")
    blind = run("-c", ALONE, str(bundle), "--trust", str(tmp_path / "none.json"), cwd=ROOT)
    assert blind.returncode == 2
    assert "none.json" in blind.stderr


def test_it_is_installed_by_itself(files: tuple[Path, Path], tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    shutil.copytree(ROOT / "wallet_chain" / "verifier", source)
    pip = ("-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index")
    installed = run(*pip, "--target", str(target), str(source), cwd=tmp_path)
    assert installed.returncode == 0, installed.stderr
    assert not (target / "wallet_chain" / "ledger").exists()
    alone = (
        f"import sys; sys.path.insert(0, {str(target)!r}); sys.path = [p for p in sys.path if p]\n"
    )
    from_target = alone + "import wallet_chain.verifier as v; print(v.__file__)"
    where = run("-I", "-c", from_target, cwd=tmp_path)
    assert where.stdout.startswith(str(target)), where.stderr


def test_it_stays_small_enough_to_be_read() -> None:
    total = 0
    for name in under("wallet_chain/verifier/", ends=(".py",)):
        told: set[int] = set()
        for node in ast.walk(syntax(name)):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                told.update(range(node.lineno, (node.end_lineno or 0) + 1))
        for number, line in enumerate((ROOT / name).read_text("utf-8").splitlines(), start=1):
            total += number not in told and line.strip() != "" and not line.strip().startswith("#")
    assert total < CODE_LINES_MAX


def test_verifier_and_product_know_the_storage_of_the_compiled_token() -> None:
    compiled = json.loads((ROOT / "wallet_chain/ledger/artifacts/CurrencyToken.json").read_text())
    layout = {entry["label"]: entry for entry in compiled["storageLayout"]["storage"]}
    accounts, supply = layout["_accounts"], layout["_totalSupply"]
    assert (accounts["slot"], accounts["offset"]) == ("2", 0)
    assert accounts["type"].startswith("t_mapping(t_address,t_struct(Account)")
    assert (supply["slot"], supply["offset"]) == ("3", 0)
    compiled = json.loads((ROOT / "wallet_chain/ledger/artifacts/Issuance.json").read_text())
    layout = {entry["label"]: entry for entry in compiled["storageLayout"]["storage"]}
    attested = layout["_attestations"]
    assert (attested["slot"], attested["offset"]) == ("5", 0)
    assert attested["type"].startswith("t_mapping(t_bytes3,t_struct(Attestation)")
    members = compiled["storageLayout"]["types"][attested["type"][len("t_mapping(t_bytes3,") : -1]]
    assert [(m["label"], m["slot"], m["offset"]) for m in members["members"]] == [
        ("amount", "0", 0),
        ("asOf", "0", 16),
    ]
    account = "0x" + "ab" * 20
    slot = keccak256(bytes(12) + from_hex(account) + (2).to_bytes(32, "big"))
    assert account_slot(account) == slot
    assert (3).to_bytes(32, "big") == SUPPLY_SLOT
    assert [word_of(kind) for kind in MovementKind] == claims.KINDS
