"""Programmes, purchases and refunds straight on the contracts, for tests of what is copied."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.deployed import GERMANY, World, signer
from wallet_chain.ledger.deployment_plan import DAY_SECONDS
from wallet_chain.ledger.events import DecodedEvent, decode_log
from wallet_chain.ledger.hashing import ZERO_HASH, from_hex, keccak256
from wallet_chain.ledger.transactions import LocalSigner
from wallet_chain.ledger.typed_data import domain_for, order_digest, order_struct
from wallet_chain.ledger.units import AccountFlags, MemberState, ProgrammeKind

_FUNCTIONS = {
    "pool_deposit": ("LoyaltyDesk", "deposit"),
    "pool_withdrawal": ("LoyaltyDesk", "withdraw"),
    "earning": ("LoyaltyDesk", "setEarning"),
    "points_transfer": ("LoyaltyDesk", "transferPoints"),
    "purchase": ("Purchases", "purchase"),
    "purchase_refund": ("Purchases", "refundPurchase"),
    "mandate": ("Mandates", "grant"),
    "charge": ("Mandates", "charge"),
    "mandate_end": ("Mandates", "endMandate"),
    "gift": ("Gifts", "give"),
    "claim": ("Gifts", "claim"),
    "split": ("SplitPayments", "paySplit"),
}


@dataclass
class Bought:
    """A purchase that happened: what a refund has to present."""

    order_id: str
    order: tuple[Any, ...]
    message: dict[str, Any]
    settlement: tuple[Any, ...]


@dataclass
class Mall:
    """Ways to make things happen, each in a block of its own."""

    world: World
    nonces: Any = field(default_factory=lambda: count(1))

    def merchant(self, who: LocalSigner) -> None:
        """Register an account as a merchant's."""
        expiry = self.world.now() + 900 * DAY_SECONDS
        flags = AccountFlags.BUSINESS | AccountFlags.MERCHANT
        reference = keccak256(who.address.encode())
        arguments = (who.address, 4, GERMANY, expiry, int(flags), reference)
        self.world.call("REGISTRAR", "IdentityRegistry", "register", *arguments)

    def programme(
        self,
        owner: LocalSigner,
        kind: ProgrammeKind = ProgrammeKind.COALITION,
        *,
        value: tuple[int, int] = (1, 1),
        months: int = 3,
        transferable: bool = True,
    ) -> int:
        """Create a programme in EUR; answers with its number."""
        terms = (int(kind), owner.address, b"EUR", *value, months, transferable)
        self.world.call("LOYALTY", "Loyalty", "createProgramme", terms)
        return int(self.world.contracts.read("Loyalty", "programmeCount"))

    def join(
        self, programme: int, merchant: LocalSigner, state: MemberState = MemberState.ACTIVE
    ) -> None:
        """Admit or suspend a merchant."""
        self.world.call("LOYALTY", "Loyalty", "setMember", programme, merchant.address, int(state))

    def earning(
        self, programme: int, account: LocalSigner, merchant: LocalSigner, points: int, per: int
    ) -> None:
        """Set how points are earned."""
        self.order(
            account,
            "earning",
            programme=programme,
            account=account.address,
            merchant=merchant.address,
            points=points,
            perMinor=per,
        )

    def deposit(self, programme: int, by: LocalSigner, amount: int) -> None:
        """Put money into a pool."""
        self.order(
            by,
            "pool_deposit",
            programme=programme,
            account=by.address,
            currency="EUR",
            amount=amount,
        )

    def withdraw(self, programme: int, by: LocalSigner, amount: int) -> None:
        """Take money out of a pool."""
        self.order(
            by,
            "pool_withdrawal",
            programme=programme,
            account=by.address,
            currency="EUR",
            amount=amount,
        )

    def give(self, programme: int, by: LocalSigner, to: LocalSigner, points: int) -> None:
        """Give points to another customer."""
        fields = {"from": by.address, "to": to.address, "points": points}
        self.order(by, "points_transfer", programme=programme, **fields)

    def buy(
        self, payer: LocalSigner, merchant: LocalSigner, gross: int, programme: int, points: int = 0
    ) -> Bought:
        """A purchase without offers."""
        number = next(self.nonces)
        message, order, receipt = self.order(
            payer,
            "purchase",
            payer=payer.address,
            merchant=merchant.address,
            invoice=keccak256(f"invoice {number}".encode()),
            currency="EUR",
            gross=gross,
            least=gross,
            programme=programme,
            points=points,
            earnLeast=0,
            reduction=ZERO_HASH,
            percentage=ZERO_HASH,
            bonus=ZERO_HASH,
        )
        settled = next(e for e in self.events(receipt) if e.name == "PurchaseSettled")
        return Bought(settled.args["orderId"], order, message, settled.args["settlement"])

    def refund(self, bought: Bought, merchant: LocalSigner, amount: int, payer: str = "") -> None:
        """Take back a part of a purchase's gross amount."""
        self.order(
            merchant,
            "purchase_refund",
            bought.order,
            bought.settlement,
            purchase=from_hex(bought.order_id),
            merchant=merchant.address,
            payer=payer or bought.message["payer"],
            currency="EUR",
            amount=amount,
        )

    def release(self, programme: int, month: int, account: str) -> None:
        """Free what was set aside for a month that is over, as anybody."""
        self.anyone("Loyalty", "release", programme, month, account)

    def month(self) -> int:
        """The contract's present month, by its newest block."""
        return int(self.world.contracts.read("Loyalty", "currentMonth"))

    def order(
        self, by: LocalSigner, kind: str, *more: Any, **fields: Any
    ) -> tuple[dict[str, Any], tuple[Any, ...], dict[str, Any]]:
        """Sign an order and send it in a transaction of its own, which must succeed."""
        contract, function = _FUNCTIONS[kind]
        message = fields | {
            "reference": keccak256(b"reference"),
            "nonce": next(self.nonces),
            "deadline": self.world.now() + 600,
        }
        digest = order_digest(kind, domain_for(self.world.contracts.book, contract), message)
        order = order_struct(kind, message)
        signature = by.sign_digest(digest)
        return message, order, self.anyone(contract, function, order, signature, *more)

    def anyone(self, contract: str, function: str, *arguments: Any) -> dict[str, Any]:
        """A call by somebody without any role, which must succeed."""
        data = self.world.contracts.encode(contract, function, *arguments)
        receipt = self.world.send(
            signer("a stranger"), self.world.contracts.address(contract), data
        )
        assert receipt["status"] == "0x1"
        return receipt

    def events(self, receipt: dict[str, Any]) -> list[DecodedEvent]:
        """What a transaction said."""
        decoded = (decode_log(self.world.contracts.book, log) for log in receipt["logs"])
        return [event for event in decoded if event is not None]

    def recover(self, old: LocalSigner, new: LocalSigner) -> None:
        """Move a frozen account to a new key; it stays frozen."""
        deadline = self.world.now() + 600
        acceptance = {"oldAccount": old.address, "newAccount": new.address, "deadline": deadline}
        domain = domain_for(self.world.contracts.book, "AccountRecovery")
        accepted = new.sign_digest(order_digest("recovery", domain, acceptance))
        self.world.call(
            "RECOVERY_MAKER",
            "AccountRecovery",
            "propose",
            old.address,
            new.address,
            deadline,
            accepted,
        )
        self.world.call("RECOVERY_CHECKER", "AccountRecovery", "execute", old.address, new.address)
