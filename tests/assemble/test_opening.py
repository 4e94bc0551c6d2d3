"""A bank is founded in an empty folder and opened again; what is wrong is said before anything runs."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from tests.chains import CHAIN_ID, FUNDER, START, anvil
from tests.databases import DATABASES, fresh_database
from tests.faults import Line
from tests.founding import settings_in
from wallet_chain import identity
from wallet_chain.assemble import close_bank, open_bank
from wallet_chain.bank import Bank
from wallet_chain.errors import (
    ChainMismatch,
    ChainStateLost,
    ChainUnavailable,
    CustomerForgotten,
    CustomerKeysMissing,
    MasterKeyMissing,
    MasterKeyWrong,
    NotDeployed,
    StoreLocked,
    WalletError,
)
from wallet_chain.ids import new_id
from wallet_chain.ledger.embedded import EmbeddedChain
from wallet_chain.ledger.hashing import keccak256, to_hex
from wallet_chain.ledger.roles import role_id
from wallet_chain.ledger.rpc import InProcessConnection, Rpc
from wallet_chain.ledger.transactions import LocalSigner
from wallet_chain.settings import Settings
from wallet_chain.store.tables import Customer, Lane, Operation


def _now() -> int:
    return START


def _chain(chain_id: int = CHAIN_ID, start: int = START) -> InProcessConnection:
    chain = EmbeddedChain.in_memory(chain_id=chain_id, funder=FUNDER.address, clock=lambda: start)
    return InProcessConnection(chain)


def _open(settings: Settings, rpc: Rpc, said: list[str] | None = None) -> Bank:
    progress = (lambda _: None) if said is None else said.append
    return open_bank(settings, progress=progress, clock=_now, rpc=rpc, start=False)


def _refused(kind: type[WalletError], settings: Settings, rpc: Rpc) -> WalletError:
    with pytest.raises(kind) as caught:
        _open(settings, rpc)
    assert type(caught.value) is kind
    return caught.value


@pytest.fixture(params=DATABASES)
def founded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Settings, Rpc]]:
    """A bank that was founded and closed again."""
    settings = settings_in(tmp_path / "data", fresh_database(request.param, tmp_path))
    rpc = _chain()
    close_bank(_open(settings, rpc))
    return settings, rpc


def test_an_empty_folder_becomes_a_bank_that_runs_and_runs_again(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", _env_file=None)  # type: ignore[call-arg]
    said: list[str] = []
    bank = open_bank(settings, progress=said.append)
    try:
        token = bank.first_admin_token
        assert token is not None
        admin = identity.authenticate(bank, token)
        assert admin.role == "admin"
        grants = identity.get_principal(bank, admin, admin.principal_id).grants
        assert {grant.state for grant in grants} == {"settled"}
        book = bank.contracts.book
    finally:
        close_bank(bank)
    assert any("Creating" in line for line in said)
    mode = stat.S_IMODE(settings.master_key_path.stat().st_mode)
    assert mode == 0o600

    said.clear()
    again = open_bank(settings, progress=said.append)
    try:
        assert again.first_admin_token is None
        assert again.contracts.book == book
        assert identity.authenticate(again, token) == admin
    finally:
        close_bank(again)
    assert not any("Creating" in line for line in said)


def test_a_founded_bank_opens_again_without_a_deployment(founded: tuple[Settings, Rpc]) -> None:
    settings, rpc = founded
    head = rpc.call("eth_blockNumber", [])
    bank = _open(settings, rpc)
    assert bank.first_admin_token is None
    close_bank(bank)
    assert rpc.call("eth_blockNumber", []) == head


def test_another_master_key_does_not_open_it(founded: tuple[Settings, Rpc]) -> None:
    settings, rpc = founded
    wrong = settings.model_copy(update={"master_key": SecretStr("11" * 32)})
    _refused(MasterKeyWrong, wrong, rpc)
    garbled = settings.model_copy(update={"master_key": SecretStr("not a key")})
    _refused(MasterKeyWrong, garbled, rpc)
    close_bank(_open(settings, rpc))


def test_a_lost_master_key_is_not_replaced_by_a_new_one(tmp_path: Path) -> None:
    settings = settings_in(tmp_path).model_copy(update={"master_key": None})
    rpc = _chain()
    close_bank(_open(settings, rpc))
    key = settings.master_key_path.read_bytes()
    settings.master_key_path.unlink()
    _refused(MasterKeyMissing, settings, rpc)
    assert not settings.master_key_path.exists()
    settings.master_key_path.write_bytes(key)
    close_bank(_open(settings, rpc))


def _customer(bank: Bank, state: str = "onboarding") -> str:
    customer_id = new_id("cus")
    with bank.store.transaction() as session:
        session.add(
            Customer(
                id=customer_id,
                kind="person",
                state=state,
                custody="bank",
                country=276,
                customer_ref=to_hex(keccak256(customer_id.encode())),
                created_at=START,
                updated_at=START,
            )
        )
        session.flush()
        bank.personal.create_for(session, customer_id)
    return customer_id


def test_customers_keys_that_are_gone_are_said_and_not_made_anew(
    founded: tuple[Settings, Rpc],
) -> None:
    settings, rpc = founded
    bank = _open(settings, rpc)
    customer_id = _customer(bank)
    close_bank(bank)

    path = settings.data_dir / "customer-keys.sqlite3"
    kept = path.read_bytes()
    path.unlink()
    for _ in range(2):
        refused = _refused(CustomerKeysMissing, settings, rpc)
        assert refused.facts["customer_id"] == customer_id
    for each in settings.data_dir.glob("customer-keys.sqlite3*"):
        each.unlink()
    path.write_bytes(kept)
    close_bank(_open(settings, rpc))


def test_an_erasure_that_was_cut_short_is_finished_at_the_next_start(
    founded: tuple[Settings, Rpc],
) -> None:
    settings, rpc = founded
    bank = _open(settings, rpc)
    forgotten, other = _customer(bank, "forgotten"), _customer(bank)
    close_bank(bank)

    bank = _open(settings, rpc)
    with bank.store.reading() as session:
        assert bank.personal.seal(session, other, "still here")
        with pytest.raises(CustomerForgotten):
            bank.personal.seal(session, forgotten, "not any more")
    close_bank(bank)


def test_a_node_with_another_chain_id_is_refused(founded: tuple[Settings, Rpc]) -> None:
    settings, rpc = founded
    refused = _refused(ChainMismatch, settings, _chain(chain_id=1))
    assert (refused.facts["expected"], refused.facts["found"]) == (CHAIN_ID, 1)
    close_bank(_open(settings, rpc))


def test_a_node_with_another_chain_of_the_same_id_is_refused(
    founded: tuple[Settings, Rpc],
) -> None:
    settings, rpc = founded
    _refused(ChainMismatch, settings, _chain(start=START + 1))
    close_bank(_open(settings, rpc))


def test_a_chain_that_lost_its_blocks_is_refused(tmp_path: Path) -> None:
    settings, rpc = settings_in(tmp_path), _chain()
    empty = rpc.call("evm_snapshot", [])
    close_bank(_open(settings, rpc))
    rpc.call("evm_revert", [empty])
    _refused(ChainStateLost, settings, rpc)


def test_a_chain_that_lost_its_newest_blocks_is_refused(tmp_path: Path) -> None:
    settings, rpc = settings_in(tmp_path), _chain()
    bank = _open(settings, rpc)
    earlier = rpc.call("evm_snapshot", [])
    while bank.pipeline.step():
        pass
    close_bank(bank)
    rpc.call("evm_revert", [earlier])
    _refused(ChainStateLost, settings, rpc)


def test_a_lost_address_book_does_not_lead_to_a_second_deployment(
    founded: tuple[Settings, Rpc],
) -> None:
    settings, rpc = founded
    [book] = (settings.data_dir / "addresses").iterdir()
    content = book.read_bytes()
    book.unlink()
    _refused(NotDeployed, settings, rpc)
    book.write_bytes(content)
    close_bank(_open(settings, rpc))


def test_a_second_process_on_the_same_database_is_refused(tmp_path: Path) -> None:
    settings, rpc = settings_in(tmp_path), _chain()
    bank = _open(settings, rpc)
    refused = _refused(StoreLocked, settings, rpc)
    assert refused.facts["pid"]
    close_bank(bank)
    close_bank(_open(settings, rpc))


def test_a_node_that_is_down_is_said(tmp_path: Path) -> None:
    line = Line(_chain())
    settings = settings_in(tmp_path)
    line.cut = True
    _refused(ChainUnavailable, settings, line)
    line.cut = False
    close_bank(_open(settings, line))


@pytest.mark.parametrize("sends", [1, 7, 20])
def test_a_deployment_that_broke_off_is_made_again(tmp_path: Path, sends: int) -> None:
    line = Line(_chain())
    line.cut_after_sends = sends
    settings = settings_in(tmp_path)
    _refused(ChainUnavailable, settings, line)
    line.cut, line.cut_after_sends = False, None
    bank = _open(settings, line)
    assert bank.first_admin_token is not None
    while bank.pipeline.step():
        pass
    close_bank(bank)


def test_more_lanes_at_a_later_start_are_granted_their_power(
    founded: tuple[Settings, Rpc],
) -> None:
    settings, rpc = founded
    more = settings.model_copy(update={"relayer_lanes": 3})
    bank = _open(more, rpc)
    while bank.pipeline.step():
        pass
    with bank.store.reading() as session:
        lanes = session.scalars(select(Lane.address).where(Lane.purpose == "relayer")).all()
        states = set(session.scalars(select(Operation.state)))
    assert len(lanes) == 3
    assert states == {"settled"}
    for lane in lanes:
        relayer = role_id("RELAYER")
        assert bank.contracts.read("AccessManager", "hasRole", relayer, lane)[0]
    close_bank(bank)


def test_the_deployers_key_may_be_given(tmp_path: Path) -> None:
    settings = settings_in(tmp_path).model_copy(
        update={"deployer_key": SecretStr("0x" + "22" * 32)}
    )
    rpc = _chain()
    bank = _open(settings, rpc)
    [deployer] = _addresses(bank, "deployer")
    close_bank(bank)
    without = settings.model_copy(update={"deployer_key": None})
    again = _open(without, rpc)
    assert _addresses(again, "deployer") == [deployer]
    close_bank(again)


def _addresses(bank: Bank, purpose: str) -> list[str]:
    with bank.store.reading() as session:
        return bank.signer_keys.addresses(session, purpose)


@pytest.mark.anvil
def test_a_chain_that_asks_for_gas_is_paid_for_it(tmp_path: Path) -> None:
    with anvil() as rpc:
        funder = "0x" + "33" * 32
        settings = settings_in(tmp_path).model_copy(update={"funder_key": SecretStr(funder)})
        rich = LocalSigner.from_hex(funder).address
        rpc.call("anvil_setBalance", [rich, hex(10**24)])
        bank = open_bank(settings, rpc=rpc)
        try:
            assert bank.first_admin_token is not None
            admin = identity.authenticate(bank, bank.first_admin_token)
            grants = identity.get_principal(bank, admin, admin.principal_id).grants
            assert {grant.state for grant in grants} == {"settled"}
        finally:
            close_bank(bank)
