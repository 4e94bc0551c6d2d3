"""Puts the contracts on a chain, sets them up, hands out the roles, and notes where they are.

The order is that of ``contracts/README.md``. Until a function is given to a role it needs ADMIN,
which the deployer holds; so the settings come first and no role is lent for them.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from wallet_chain.ledger.abi import CURRENCY_CONTRACT, encode_call, encoder
from wallet_chain.ledger.artifacts import artifact, guarded_functions
from wallet_chain.ledger.contracts import AddressBook
from wallet_chain.ledger.deployment_plan import DeploymentPlan
from wallet_chain.ledger.hashing import checksum_address, from_hex, keccak256, to_hex
from wallet_chain.ledger.rlp_encoding import integer, rlp_encode
from wallet_chain.ledger.roles import ROLES, role_id
from wallet_chain.ledger.rpc import Rpc, RpcFailure, chain_id, genesis_hash
from wallet_chain.ledger.sending import Sender
from wallet_chain.ledger.transactions import LocalSigner
from wallet_chain.ledger.units import AccountFlags, MovementKind, currency_bytes
from wallet_chain.money import currency_named

Progress = Callable[[str], None]

_CALLS_PER_TRANSACTION = 40
"""Keeps a multicall far below every chain's limit of gas for one transaction."""

_FOLLOWERS_OF_POLICY = (
    "Payments",
    "Issuance",
    "CrossBorder",
    "Loyalty",
    "LoyaltyDesk",
    "Purchases",
    "Mandates",
    "Gifts",
    "SplitPayments",
    "AccountRecovery",
)
_BATCH_TARGETS = (
    "Payments",
    "Issuance",
    "CrossBorder",
    "LoyaltyDesk",
    "Offers",
    "Purchases",
    "Mandates",
    "Gifts",
    "SplitPayments",
)
_ESCROWS = ("CrossBorder", "Loyalty", "Gifts")
"""Contracts that hold money of others."""

_CONTRACT_GRANTS = (
    ("MINTER", "Issuance"),
    ("BURNER", "Issuance"),
    ("RECOVERY", "AccountRecovery"),
    ("CASHIER", "LoyaltyDesk"),
    ("CASHIER", "Purchases"),
)

_MOVERS = {
    "Payments": (MovementKind.PAYMENT, MovementKind.REFUND),
    "CrossBorder": (MovementKind.EXCHANGE_IN, MovementKind.EXCHANGE_OUT),
    "Loyalty": (MovementKind.ESCROW_IN,),
    "Purchases": (MovementKind.PAYMENT, MovementKind.REFUND),
    "Mandates": (MovementKind.PAYMENT,),
    "Gifts": (MovementKind.ESCROW_IN,),
    "SplitPayments": (MovementKind.PAYMENT,),
}
"""Which contracts move other people's money, and by what kinds of movement."""

_ESCROW_COUNTRY = 276
"""A system account has no corridor; the registry wants a country all the same."""


def deploy(
    rpc: Rpc, deployer: LocalSigner, plan: DeploymentPlan, progress: Progress
) -> AddressBook:
    """Deploy everything and answer with the address book, which the caller must keep.

    The deployer needs funds where the chain asks for gas, and stays the administrator. When this
    fails half way nothing is in use yet: deploy again, the unfinished contracts are left behind.
    Raises ChainUnavailable, or the refusal of the transaction that failed.
    """
    return _Deployment(rpc, deployer, plan, progress).run()


class _Deployment:
    """One deployment in progress."""

    def __init__(
        self, rpc: Rpc, deployer: LocalSigner, plan: DeploymentPlan, progress: Progress
    ) -> None:
        self._rpc = rpc
        self._deployer = deployer
        self._plan = plan
        self._progress = progress
        self._sender = Sender(rpc, deployer)
        self._addresses: dict[str, str] = {}

    def run(self) -> AddressBook:
        """Every step in its order."""
        self._create_contracts()
        self._set_up()
        self._restrict_functions()
        self._grant_roles()
        return self._book()

    def _create_contracts(self) -> None:
        manager = self._create("AccessManager", self._deployer.address)
        registry = self._create("IdentityRegistry", manager)
        policy = self._create("TransferPolicy", registry, manager)
        batch = self._create("Batch", manager)
        for code, _ in self._plan.currencies:
            currency = currency_named(code)
            arguments = (currency.name, currency_bytes(code), currency.minor_digits)
            self._create(CURRENCY_CONTRACT, *arguments, policy, manager, name=code)
        self._create("Payments", policy, registry, batch, manager)
        self._create("Issuance", policy, batch, manager)
        self._create("CrossBorder", policy, registry, batch, manager)
        loyalty = self._create("Loyalty", policy, manager)
        self._create("LoyaltyDesk", policy, registry, loyalty, batch, manager)
        offers = self._create("Offers", loyalty, batch, manager)
        self._create("Purchases", policy, registry, loyalty, offers, batch, manager)
        self._create("Mandates", policy, registry, batch, manager)
        self._create("Gifts", policy, registry, batch, manager)
        self._create("SplitPayments", policy, batch, manager)
        self._create("AccountRecovery", policy, registry, manager)
        self._create("Anchors", manager)
        self._sender.settle()

    def _create(self, kind: str, *arguments: Any, name: str | None = None) -> str:
        name = name or kind
        self._progress(f"Creating {name}")
        code = artifact(kind)
        data = code.bytecode + encoder(code.constructor_types)(arguments)
        address = created_address(self._deployer.address, self._sender.next_nonce)
        self._sender.send(f"creation of {name}", None, data)
        self._addresses[name] = address
        return address

    def _set_up(self) -> None:
        self._progress("Setting currencies, limits and caps")
        for target in _BATCH_TARGETS:
            self._call("Batch", "setTarget", self._addresses[target], True)
        for code, price in self._plan.currencies:
            self._call("TransferPolicy", "addCurrency", self._addresses[code], price)
        for tier, limits in sorted(self._plan.tier_limits.items()):
            self._call("TransferPolicy", "setTierLimits", tier, limits.words())
        for code, caps in self._plan.caps.items():
            arguments = (currency_bytes(code), caps.per_mint_minor, caps.per_day_minor)
            self._call("Issuance", "setCaps", *arguments)
        for code, _ in self._plan.currencies:
            self._set_up_movers(code)
        self._set_up_escrows()
        self._call("AccountRecovery", "setModules", [self._addresses["Loyalty"]])
        self._sender.settle()

    def _set_up_movers(self, code: str) -> None:
        for mover, kinds in _MOVERS.items():
            data = encode_call(CURRENCY_CONTRACT, "setMover", self._addresses[mover], kinds)
            self._sender.send(f"{code}.setMover", self._addresses[code], data)

    def _set_up_escrows(self) -> None:
        for name in _ESCROWS:
            reference = keccak256(name.encode())
            standing = (1, _ESCROW_COUNTRY, 0, int(AccountFlags.SYSTEM), reference)
            self._call("IdentityRegistry", "register", self._addresses[name], *standing)

    def _call(self, contract: str, function: str, *arguments: Any) -> None:
        data = encode_call(contract, function, *arguments)
        self._sender.send(f"{contract}.{function}", self._addresses[contract], data)

    def _restrict_functions(self) -> None:
        self._progress("Giving each function to its role")
        selectors: dict[tuple[str, str], list[bytes]] = defaultdict(list)
        for guarded in guarded_functions():
            kind = artifact(guarded.contract).functions[guarded.signature]
            for name in self._named(guarded.contract):
                selectors[name, guarded.role].append(kind.selector)
        self._manage(
            "roles of functions",
            [
                ("setTargetFunctionRole", self._addresses[name], chosen, role_id(role))
                for (name, role), chosen in selectors.items()
            ],
        )

    def _named(self, kind: str) -> list[str]:
        if kind == CURRENCY_CONTRACT:
            return [code for code, _ in self._plan.currencies]
        return [kind]

    def _grant_roles(self) -> None:
        self._progress("Granting the roles")
        calls: list[tuple[Any, ...]] = [("labelRole", role, name) for name, role in ROLES.items()]
        for role, contract in _CONTRACT_GRANTS:
            calls.append(("grantRole", ROLES[role], self._addresses[contract], 0))
        for role, holders in self._plan.grants.items():
            calls += [("grantRole", ROLES[role], holder, 0) for holder in holders]
        self._manage("grants", calls + self._governor())

    def _governor(self) -> list[tuple[Any, ...]]:
        """The deployer replaces policies with a delay, and can't shorten it on the quiet.

        A new grant of the role, or another role for its functions, waits as long. AccessManager
        lets these two delays themselves begin five days after they are set.
        """
        delay = self._plan.governor_delay_seconds
        governor = ROLES["GOVERNOR"]
        bound = ["Batch", "Offers", *_FOLLOWERS_OF_POLICY, *self._named(CURRENCY_CONTRACT)]
        return [
            ("grantRole", governor, self._deployer.address, delay),
            ("setGrantDelay", governor, delay),
            *(("setTargetAdminDelay", self._addresses[name], delay) for name in bound),
        ]

    def _manage(self, what: str, calls: list[tuple[Any, ...]]) -> None:
        """Many calls to the AccessManager in few transactions."""
        encoded = [encode_call("AccessManager", function, *a) for function, *a in calls]
        for start in range(0, len(encoded), _CALLS_PER_TRANSACTION):
            chunk = encoded[start : start + _CALLS_PER_TRANSACTION]
            data = encode_call("AccessManager", "multicall", chunk)
            self._sender.send(what, self._addresses["AccessManager"], data)
        self._sender.settle()

    def _book(self) -> AddressBook:
        self._progress("Noting addresses and code hashes")
        last = self._sender.last_receipt
        codes = [code for code, _ in self._plan.currencies]
        named = self._addresses
        return AddressBook(
            chain_id=chain_id(self._rpc),
            genesis_hash=genesis_hash(self._rpc),
            deployed_block=int(last["blockNumber"], 16),
            deployed_block_hash=last["blockHash"],
            access_manager=named["AccessManager"],
            identity_registry=named["IdentityRegistry"],
            transfer_policy=named["TransferPolicy"],
            batch=named["Batch"],
            payments=named["Payments"],
            issuance=named["Issuance"],
            cross_border=named["CrossBorder"],
            loyalty=named["Loyalty"],
            loyalty_desk=named["LoyaltyDesk"],
            offers=named["Offers"],
            purchases=named["Purchases"],
            mandates=named["Mandates"],
            gifts=named["Gifts"],
            split_payments=named["SplitPayments"],
            account_recovery=named["AccountRecovery"],
            anchors=named["Anchors"],
            tokens={code: named[code] for code in codes},
            code_hashes=self._code_hashes(),
        )

    def _code_hashes(self) -> dict[str, str]:
        # Immutables make the code of each deployment its own, so the hash comes from the chain.
        addresses = list(self._addresses.values())
        answers = self._rpc.batch([("eth_getCode", [a, "latest"]) for a in addresses])
        hashes: dict[str, str] = {}
        for address, answer in zip(addresses, answers, strict=True):
            if isinstance(answer, RpcFailure):
                raise answer
            hashes[address] = to_hex(keccak256(from_hex(answer)))
        return hashes


def created_address(creator: str, nonce: int) -> str:
    """Where a creation with this nonce puts its contract (Ethereum Yellow Paper, section 7)."""
    return checksum_address(keccak256(rlp_encode([from_hex(creator), integer(nonce)]))[12:])
