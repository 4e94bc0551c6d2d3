"""The only place that knows all parts: from settings to a bank that works.

On an empty folder it makes the master key, the database, the chain, the keys and the contracts. Each
step is kept before the next begins, so a first start that was interrupted goes on where it can, and
deploys again where nothing was in use yet.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain import (
    crossborder,
    gifts,
    loyalty,
    mandates,
    merchants,
    payments,
    proofs,
    purchases,
    transparency,
)
from wallet_chain.bank import Bank
from wallet_chain.clock import Clock, clock_ahead
from wallet_chain.errors import (
    ChainMismatch,
    ChainRefused,
    ChainStateLost,
    ChainUnavailable,
    MasterKeyMissing,
    NotDeployed,
)
from wallet_chain.identity.api_keys import add_key
from wallet_chain.identity.drafts import ApiKeyDraft, PrincipalDraft
from wallet_chain.identity.staff import add_principal
from wallet_chain.keys.key_halves import KeyHalves
from wallet_chain.keys.personal import PersonalKeys
from wallet_chain.keys.signer_keys import SignerKeys
from wallet_chain.keys.vault import Vault, create_master_key_file, load_master_key
from wallet_chain.ledger.contracts import (
    AddressBook,
    Contracts,
    address_book_path,
    load_address_book,
    save_address_book,
)
from wallet_chain.ledger.deploy import deploy
from wallet_chain.ledger.deployment_plan import DeploymentPlan, default_plan
from wallet_chain.ledger.embedded import ChainProcess, ChainProcessError, start_process
from wallet_chain.ledger.nodes import Nodes
from wallet_chain.ledger.roles import role_id
from wallet_chain.ledger.rpc import NodeConnection, Rpc, RpcFailure, chain_id, genesis_hash
from wallet_chain.ledger.sending import Sender
from wallet_chain.ledger.transactions import LocalSigner, fee_policy
from wallet_chain.notify import Deliverer
from wallet_chain.pipeline.accept import accept_role_call
from wallet_chain.pipeline.engine import Pipeline
from wallet_chain.pipeline.lanes import ensure_lane
from wallet_chain.pipeline.nonces import begin_epoch
from wallet_chain.settings import Settings
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import DatabaseEpoch, DataKey, Lane, Operation, Principal
from wallet_chain.traces import open_traces

Progress = Callable[[str], None]

PRODUCT = "product"
"""Who does what is done at a start, where operations name their principal."""

FIRST_KEY_SECONDS = 365 * 86_400
_GRANTS_SECONDS_MAX = 60

DEPLOYMENT_GAS = 120_000_000
"""More than a deployment and many years of grants use."""


def _silent(_: str) -> None:
    """Say nothing."""


def open_bank(
    settings: Settings,
    *,
    progress: Progress = _silent,
    clock: Clock | None = None,
    rpc: Rpc | None = None,
    start: bool = True,
    works: bool = True,
) -> Bank:
    """Open the bank that lives in ``settings.data_dir``, or found it there.

    ``rpc`` takes the place of the chain that the settings name, ``clock`` that of the machine's.
    Without ``start`` the pipeline does not run by itself: call ``bank.pipeline.step()``. A bank that
    does not work (``works``) accepts and answers, beside processes on its database that bring to the
    chain what it accepts. End it with ``close_bank``.

    Raises StoreLocked (another process runs here), StoreUnavailable, MasterKeyMissing,
    MasterKeyWrong, ChainUnavailable, ChainMismatch, ChainStateLost, NotDeployed, ContractMismatch.
    """
    clock = clock or clock_ahead(settings.days_ahead)
    with ExitStack() as resources:
        progress("Opening the database")
        store = _open_store(settings, clock, resources)
        vault = _open_vault(settings, store, progress)
        signer_keys = SignerKeys(store, vault, clock)
        signer_keys.unlock()
        store.fingerprint_key = vault.derived_key("request fingerprints")
        personal = _open_personal(settings, store, vault, resources)
        keys = _chain_keys(settings, store, signer_keys)
        _require_own_chain_id(settings, store)
        if rpc is None:
            rpc = _open_chain(settings, keys.deployer, resources, progress)
        _bind_to_chain(settings, store, rpc)
        book = load_address_book(settings.data_dir, settings.chain_id)
        if book is None:
            book = _found(settings, store, rpc, signer_keys.signer(keys.deployer), keys, progress)
        contracts = Contracts(rpc, book)
        contracts.check()
        pipeline = Pipeline(store, rpc, contracts, signer_keys, settings, clock)
        if isinstance(rpc, Nodes):
            pipeline.nodes = rpc.states
        pipeline.traces.to = traces = open_traces(settings.otlp_endpoint, resources)
        bank = Bank(
            settings=settings,
            clock=clock,
            store=store,
            rpc=rpc,
            contracts=contracts,
            signer_keys=signer_keys,
            personal=personal,
            vault=vault,
            pipeline=pipeline,
            traces=traces,
        )
        pipeline.followers += [crossborder.follow, payments.follow, purchases.follow]
        pipeline.followers += [mandates.follow, gifts.follow, loyalty.follow]
        pipeline.chores["tending transfers across borders"] = partial(crossborder.tend, bank)
        pipeline.chores["releasing expired points"] = partial(loyalty.tend, bank)
        pipeline.chores["collecting what is due"] = partial(merchants.tend, bank)
        pipeline.chores["returning gifts"] = partial(gifts.tend, bank)
        pipeline.chores["closing the day"] = partial(proofs.close_days, bank)
        pipeline.chores["signing the log"] = partial(transparency.tend, bank)
        pipeline.chores["anchoring the log"] = partial(transparency.anchor_daily, bank)
        _ready(bank, keys)
        resources.callback(pipeline.stop)
        if not works:
            pipeline.start_onlooking()
        elif start:
            progress("Reading the chain")
            pipeline.start()
            _wait_for_grants(bank, progress)
            webhooks = Deliverer(bank)
            resources.callback(webhooks.stop)
            webhooks.start()
        else:
            pipeline.prepare()
        bank.resources = resources.pop_all()
        return bank


def close_bank(bank: Bank) -> None:
    """Stop the pipeline and the chain's process, and let the database go."""
    bank.resources.close()


@dataclass(frozen=True, slots=True)
class _ChainKeys:
    """Addresses of the keys that the product itself uses on chain."""

    deployer: str
    relayers: tuple[str, ...]
    anchor: str
    """Notes the transparency log's root on chain."""


def _open_store(settings: Settings, clock: Clock, resources: ExitStack) -> Store:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    store = Store.open(settings.store_url, clock)
    resources.callback(store.close)
    if store.is_sqlite:
        resources.enter_context(store.lock_process(_lock_path(store)))
    store.migrate()
    return store


def _lock_path(store: Store) -> Path:
    return Path(f"{store.url.database}.lock")


def _open_vault(settings: Settings, store: Store, progress: Progress) -> Vault:
    try:
        return Vault(load_master_key(settings))
    except MasterKeyMissing:
        with store.reading() as session:
            if session.scalars(select(DataKey.id)).first() is not None:
                # A new key could never open what the lost one has locked.
                raise
    progress("Making the master key")
    return Vault(create_master_key_file(settings.master_key_path))


def _open_personal(
    settings: Settings, store: Store, vault: Vault, resources: ExitStack
) -> PersonalKeys:
    halves = KeyHalves(settings.key_halves_url)
    resources.callback(halves.close)
    personal = PersonalKeys(vault, halves)
    with store.reading() as session:
        personal.recover(session)
    return personal


def _chain_keys(settings: Settings, store: Store, signer_keys: SignerKeys) -> _ChainKeys:
    with store.transaction() as session:
        # Who deployed stays the administrator, so a key that is stored wins over the setting.
        deployers = signer_keys.addresses(session, "deployer")
        if not deployers:
            deployers = [_make_deployer(settings, session, signer_keys)]
        relayers = signer_keys.addresses(session, "relayer")
        while len(relayers) < settings.relayer_lanes:
            relayers.append(signer_keys.create(session, "relayer", PRODUCT))
        anchors = signer_keys.addresses(session, transparency.ANCHOR)
        if not anchors:
            anchors = [signer_keys.create(session, transparency.ANCHOR, PRODUCT)]
    return _ChainKeys(deployers[0], tuple(relayers), anchors[0])


def _make_deployer(settings: Settings, session: Session, signer_keys: SignerKeys) -> str:
    if settings.deployer_key is None:
        return signer_keys.create(session, "deployer", PRODUCT)
    key = settings.deployer_key.get_secret_value().removeprefix("0x")
    return signer_keys.add(session, "deployer", PRODUCT, bytes.fromhex(key))


def _open_chain(settings: Settings, funder: str, resources: ExitStack, progress: Progress) -> Nodes:
    urls = (settings.rpc_url, *settings.more_rpc_urls)
    if settings.chain == "embedded":
        progress("Starting the chain")
        urls = (_start_embedded(settings, funder, resources).url,)
    nodes = Nodes([NodeConnection(url) for url in urls])
    resources.callback(nodes.close)
    nodes.start()
    return nodes


def _start_embedded(settings: Settings, funder: str, resources: ExitStack) -> ChainProcess:
    path = settings.data_dir / "chain.sqlite3"
    if not path.exists() and address_book_path(settings.data_dir, settings.chain_id).exists():
        # A new chain in its place would start with empty accounts.
        raise ChainStateLost(
            f"The chain's file {path} is gone. Restore it from a backup; what the database holds"
            " alone does not bring the money back.",
            path=str(path),
        )
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
    return process


def _require_own_chain_id(settings: Settings, store: Store) -> None:
    """Say that the chain id was changed before a chain with another one is looked for."""
    with store.reading() as session:
        bound_to = session.scalar(select(DatabaseEpoch.chain_id))
    if bound_to not in (None, settings.chain_id):
        raise ChainMismatch(
            f"This database lives on chain {bound_to}, but WALLET_CHAIN_CHAIN_ID is"
            f" {settings.chain_id}. Correct the chain id, or name another data directory.",
            expected=bound_to,
            found=settings.chain_id,
        )


def _bind_to_chain(settings: Settings, store: Store, rpc: Rpc) -> None:
    served = chain_id(rpc)
    if served != settings.chain_id:
        raise ChainMismatch(
            f"The node serves chain {served}, but WALLET_CHAIN_CHAIN_ID is {settings.chain_id}."
            " Point WALLET_CHAIN_RPC_URL at the right node, or correct the chain id.",
            expected=settings.chain_id,
            found=served,
        )
    genesis = genesis_hash(rpc)
    with store.transaction() as session:
        begin_epoch(session, served, genesis)


def _found(
    settings: Settings,
    store: Store,
    rpc: Rpc,
    deployer: LocalSigner,
    keys: _ChainKeys,
    progress: Progress,
) -> AddressBook:
    """Deploy the contracts. Raises NotDeployed when they must have been deployed before."""
    with store.reading() as session:
        if session.scalars(select(Principal.id)).first() is not None:
            path = address_book_path(settings.data_dir, settings.chain_id)
            raise NotDeployed(
                f"This database is in use, but the address book {path} is missing. Restore it from"
                " a backup; a new deployment would start with empty accounts.",
                path=str(path),
            )
    _pay_for_gas(settings, rpc, deployer.address)
    book = deploy(rpc, deployer, _plan(keys), progress)
    save_address_book(settings.data_dir, book)
    return book


def _plan(keys: _ChainKeys) -> DeploymentPlan:
    return default_plan({"RELAYER": keys.relayers, "ANCHOR": (keys.anchor,)})


def _pay_for_gas(settings: Settings, rpc: Rpc, deployer: str) -> None:
    """Give the deployer money where the chain asks for it. Raises ChainRefused."""
    fees = fee_policy(rpc)
    needed_wei = DEPLOYMENT_GAS * fees.max_fee_per_gas
    if int(rpc.call("eth_getBalance", [deployer, "latest"]), 16) >= needed_wei:
        return
    if settings.funder_key is not None:
        funder = Sender(rpc, LocalSigner.from_hex(settings.funder_key.get_secret_value()))
        funder.send("money for the deployment", deployer, b"", value=needed_wei)
        funder.settle()
        return
    try:
        rpc.call("anvil_setBalance", [deployer, hex(needed_wei)])
    except RpcFailure as failure:
        raise ChainRefused(
            f"This chain asks for gas. Set WALLET_CHAIN_FUNDER_KEY to a key that can pay, or give"
            f" {deployer} {needed_wei} wei.",
            deployer=deployer,
            needed_wei=str(needed_wei),
        ) from failure


def _ready(bank: Bank, keys: _ChainKeys) -> None:
    """Lanes for the product's own keys, and on the first start an administrator with an API key."""
    with bank.store.transaction() as session:
        first_start = session.scalars(select(Principal.id)).first() is None
        transparency.found_log(bank, session)
        ensure_lane(session, keys.deployer, "deployer")
        ensure_lane(session, keys.anchor, "staff")
        known = set(session.scalars(select(Lane.address).where(Lane.purpose == "relayer")))
        for relayer in keys.relayers:
            if relayer in known:
                continue
            ensure_lane(session, relayer, "relayer")
            if not first_start:
                _grant_relayer(bank, session, keys.deployer, relayer)
        if first_start:
            admin = PrincipalDraft(role="admin", label="First administrator")
            principal = add_principal(bank, session, PRODUCT, admin)
            draft = ApiKeyDraft(principal.id, valid_seconds=FIRST_KEY_SECONDS)
            _, bank.first_admin_token = add_key(bank, session, draft)


def _grant_relayer(bank: Bank, session: Session, deployer: str, relayer: str) -> None:
    calldata = bank.contracts.encode("AccessManager", "grantRole", role_id("RELAYER"), relayer, 0)
    accept_role_call(
        session,
        kind="grant",
        resource_id=PRODUCT,
        principal_id=PRODUCT,
        lane_address=deployer,
        target=bank.contracts.address("AccessManager"),
        calldata=calldata,
        now=bank.clock(),
    )


def _wait_for_grants(bank: Bank, progress: Progress) -> None:
    """A role that is still on its way would be refused: better to wait here than there."""
    with bank.store.reading() as session:
        waiting = session.scalars(
            select(Operation.id).where(
                Operation.kind == "grant", Operation.state.in_(("accepted", "bound"))
            )
        ).all()
    if waiting:
        progress("Granting powers on chain")
    for operation_id in waiting:
        bank.wait_final(operation_id, _GRANTS_SECONDS_MAX)
