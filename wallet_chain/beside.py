"""Opens a bank beside a running server, or without one: for what only looks, and for keys.

It takes no lock, makes no master key, deploys nothing, binds nothing and indexes nothing.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from wallet_chain.bank import Bank
from wallet_chain.clock import Clock, clock_ahead
from wallet_chain.errors import ChainUnavailable, NotDeployed
from wallet_chain.keys.key_halves import KeyHalves
from wallet_chain.keys.personal import PersonalKeys
from wallet_chain.keys.signer_keys import SignerKeys
from wallet_chain.keys.vault import Vault, load_master_key
from wallet_chain.ledger.contracts import (
    AddressBook,
    Contracts,
    address_book_path,
    load_address_book,
)
from wallet_chain.ledger.embedded.process import ChainProcessError, port_path, start_process
from wallet_chain.ledger.rpc import NodeConnection, RpcFailure, genesis_hash
from wallet_chain.pipeline.engine import Pipeline
from wallet_chain.settings import Settings
from wallet_chain.store.engine import Store


@contextmanager
def bank_beside(settings: Settings, clock: Clock | None = None) -> Iterator[Bank]:
    """The bank that lives in ``settings.data_dir``; its pipeline stands still.

    Where no server runs, the embedded chain is started for as long as this lasts.
    Raises NotDeployed when there is no bank yet, MasterKeyMissing, MasterKeyWrong,
    ChainUnavailable, StoreUnavailable.
    """
    book = load_address_book(settings.data_dir, settings.chain_id)
    if book is None:
        path = address_book_path(settings.data_dir, settings.chain_id)
        raise NotDeployed(
            f"There is no bank in {settings.data_dir} yet: {path} is missing. Start the server once"
            " with `wallet-chain run`, or name another folder with --data-dir.",
            path=str(path),
        )
    clock = clock or clock_ahead(settings.days_ahead)
    with ExitStack() as resources:
        store = Store.open(settings.store_url, clock)
        resources.callback(store.close)
        vault = Vault(load_master_key(settings))
        signer_keys = SignerKeys(store, vault, clock)
        signer_keys.unlock()
        store.fingerprint_key = vault.derived_key("request fingerprints")
        halves = KeyHalves(settings.key_halves_url)
        resources.callback(halves.close)
        rpc = _chain(settings, store, signer_keys, book, resources)
        contracts = Contracts(rpc, book)
        yield Bank(
            settings=settings,
            clock=clock,
            store=store,
            rpc=rpc,
            contracts=contracts,
            signer_keys=signer_keys,
            personal=PersonalKeys(vault, halves),
            vault=vault,
            pipeline=Pipeline(store, rpc, contracts, signer_keys, settings, clock),
        )


def _chain(
    settings: Settings,
    store: Store,
    signer_keys: SignerKeys,
    book: AddressBook,
    resources: ExitStack,
) -> NodeConnection:
    """A connection to the chain of the settings, or to the embedded one that a server has."""
    if settings.chain == "rpc":
        return _connect(settings.rpc_url, resources)
    path = settings.data_dir / "chain.sqlite3"
    running = port_path(path)
    if running.exists():
        connection = _connect(f"http://127.0.0.1:{running.read_text('ascii').strip()}", resources)
        if _serves(connection, book):
            return connection
    with store.reading() as session:
        funder = signer_keys.addresses(session, "deployer")[0]
    try:
        process = start_process(
            path,
            chain_id=settings.chain_id,
            funder=funder,
            port=settings.embedded_port,
            fast_evm=settings.embedded_fast_evm,
            days_ahead=settings.days_ahead,
        )
    except ChainProcessError as error:
        raise ChainUnavailable(
            f"The embedded chain in {path} did not start: {error}", path=str(path)
        ) from error
    resources.callback(process.stop)
    return _connect(process.url, resources)


def _connect(url: str, resources: ExitStack) -> NodeConnection:
    connection = NodeConnection(url)
    resources.callback(connection.close)
    return connection


def _serves(connection: NodeConnection, book: AddressBook) -> bool:
    """Whether the chain of the address book answers here, and not whatever took its port since."""
    try:
        return genesis_hash(connection) == book.genesis_hash
    except (ChainUnavailable, RpcFailure):
        return False
