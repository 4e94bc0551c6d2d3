"""A bank with staff and customers on a real chain in this process, for tests to act in.

It is founded once for each kind of database and session; every test gets a copy of the database and
the chain set back to the same block.
"""

import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.chains import START
from tests.contents import contents_of
from wallet_chain import identity, issuance, payments
from wallet_chain.bank import Bank
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.views import PageRequest
from wallet_chain.errors import WalletError
from wallet_chain.identity.drafts import (
    AccountDraft,
    ChallengeDraft,
    CustomerDraft,
    DecisionDraft,
    DocumentDraft,
    KycDraft,
    Personal,
    PrincipalDraft,
)
from wallet_chain.identity.views import CustomerView, ReviewView
from wallet_chain.issuance.drafts import AttestationDraft, DepositDraft, ProposalDraft
from wallet_chain.issuance.views import DepositView
from wallet_chain.ledger.hashing import keccak256
from wallet_chain.ledger.rpc import transaction_count
from wallet_chain.ledger.transactions import Fees, LocalSigner, send_raw, sign_transaction
from wallet_chain.ledger.typed_data import order_struct
from wallet_chain.money import Money, positive_money
from wallet_chain.payments import PaymentAsk
from wallet_chain.payments.drafts import PaymentDraft
from wallet_chain.payments.views import PaymentView
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import Customer

MASTER_KEY = "5a" * 32
DAY = 86_400

PERSONAL = Personal(
    name="Anna Becker",
    birth_date="1991-04-17",
    phone="+49305550101",
    street="Lindenweg 4",
    city="Berlin",
    postal_code="10117",
    document_number="C01X0006H",
    registration_number="HRB 12345",
    merchant_category="5814",
)
DOCUMENTS = tuple(
    DocumentDraft(kind, keccak256(kind.encode()).hex())
    for kind in ("passport", "trade_register", "in_person_record")
)

STAFF = ("operator", "compliance", "issuer-maker", "issuer-checker", "auditor")

_numbers = itertools.count(1)


class StillClock:
    """A clock that stands until a test moves it; the chain and the product share it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> int:
        return self.now

    def advance(self, seconds: int) -> None:
        """Let time pass."""
        self.now += seconds


@dataclass(frozen=True)
class Person:
    """A customer with an API caller; ``signer`` where the customer keeps an own key."""

    id: str
    account: str
    caller: Caller
    signer: LocalSigner | None = None


@dataclass
class Cast:
    """Who is there."""

    staff: dict[str, Caller] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)


def eur(amount: str) -> Money:
    """An amount of euro."""
    return positive_money(amount, "EUR")


def ask(key: str | None = None, body: Mapping[str, Any] | None = None, path: str = "/v1/x") -> Ask:
    """A write's envelope; a key that was not used before unless one is given."""
    return Ask("POST", path, body or {}, key or f"key-{next(_numbers)}")


ALL = PageRequest(limit=200)


@dataclass
class Town:
    """The bank, everybody in it, and short words for what tests do often."""

    bank: Bank
    clock: StillClock
    cast: Cast

    def __getattr__(self, name: str) -> Person:
        """``town.anna``."""
        people = self.__dict__["cast"].people
        if name not in people:
            raise AttributeError(name)
        return people[name]  # type: ignore[no-any-return]

    def staff(self, role: str) -> Caller:
        """The caller in this role."""
        return self.cast.staff[role]

    def settle(self) -> None:
        """Let the pipeline work until there is nothing left to do."""
        while self.bank.pipeline.step():
            pass

    @contextmanager
    def refusal(self, kind: type[WalletError]) -> Iterator[pytest.ExceptionInfo[WalletError]]:
        """What is done inside is refused with this error, and leaves nothing behind."""
        before = self.contents()
        with pytest.raises(kind) as caught:
            yield caught
        # A subclass would hide that another refusal came first.
        assert type(caught.value) is kind
        assert self.contents() == before

    def contents(self) -> dict[str, Any]:
        """See ``contents_of``."""
        return contents_of(self.bank.store)

    def wait(self, seconds: int) -> None:
        """Let time pass, on the chain too."""
        self.clock.advance(seconds)
        self.bank.rpc.call("evm_mine", [])
        self.settle()

    # --- identity -------------------------------------------------------------------------------

    def hire(self, role: str, by: Caller) -> Caller:
        """A new member of staff with powers on chain."""
        made = identity.create_principal(self.bank, by, ask(), PrincipalDraft(role, f"{role} desk"))
        self.settle()
        return Caller(made.resource.id, role, None, made.resource.signer_address, ("*",))

    def customer(self, **changes: Any) -> CustomerView:
        """A customer without KYC."""
        draft = CustomerDraft(**({"kind": "person", "country": "DE"} | changes))
        return identity.create_customer(self.bank, self.staff("operator"), ask(), draft).resource

    def key_to_call(self, customer_id: str, role: str = "customer") -> Caller:
        """A caller for a customer."""
        draft = PrincipalDraft(role, "app", customer_id)
        made = identity.create_principal(self.bank, self.staff("admin"), ask(), draft).resource
        return Caller(made.id, role, customer_id, None, ("*",))

    def submit(self, customer_id: str, tier: int = 2, **changes: Any) -> ReviewView:
        """Complete KYC data, by the operator."""
        draft = KycDraft(customer_id, tier, changes.get("personal", PERSONAL), DOCUMENTS)
        return identity.submit_kyc(self.bank, self.staff("operator"), ask(), draft).resource

    def approve(self, review_id: str, **changes: Any) -> ReviewView:
        """The review approved, and on chain."""
        draft = DecisionDraft(review_id, "approve", **changes)
        made = identity.decide_review(self.bank, self.staff("compliance"), ask(), draft).resource
        self.settle()
        return made

    def welcome(
        self, name: str, tier: int = 2, key: LocalSigner | None = None, **changes: Any
    ) -> Person:
        """A customer with approved KYC and a caller, known as ``town.<name>`` from now on."""
        made = self.customer(custody="self" if key else "bank", **changes)
        caller = self.key_to_call(made.id, "merchant" if changes.get("merchant") else "customer")
        if key is not None:
            self.register_own_key(made.id, caller, key)
        self.approve(self.submit(made.id, tier).id)
        account = identity.get_customer(self.bank, caller, made.id).account
        assert account is not None
        person = Person(made.id, account, caller, key)
        self.cast.people[name] = person
        return person

    def register_own_key(self, customer_id: str, caller: Caller, key: LocalSigner) -> None:
        """Show that an address is the customer's."""
        draft = ChallengeDraft(customer_id, key.address)
        challenge = identity.create_challenge(self.bank, caller, ask(), draft).resource
        signature = key.sign_digest(digest_of(challenge.typed_data))
        signed = AccountDraft(customer_id, challenge.id, signature)
        identity.register_account(self.bank, caller, ask(), signed)

    def point_at_same_account(self, first_id: str, second_id: str) -> None:
        """Let the second customer's row name the first one's account, as no verb ever would."""
        with self.bank.store.transaction() as session:
            first = session.get_one(Customer, first_id)
            second = session.get_one(Customer, second_id)
            account, first.account = first.account, None
            session.flush()
            second.account = account

    # --- money ----------------------------------------------------------------------------------

    def attest(self, amount: str, currency: str = "EUR") -> None:
        """Fresh reserves."""
        draft = AttestationDraft(positive_money(amount, currency), self.clock(), "ab" * 32)
        issuance.attest_reserves(self.bank, self.staff("auditor"), ask(), draft)
        self.settle()

    def deposit(
        self, person: Person, amount: str, currency: str = "EUR", reference: str | None = None
    ) -> DepositView:
        """A recorded deposit."""
        line = reference or f"Statement line {next(_numbers)}"
        draft = DepositDraft(person.id, positive_money(amount, currency), line)
        return issuance.record_deposit(self.bank, self.staff("operator"), ask(), draft).resource

    def propose(self, deposit_id: str) -> DepositView:
        """The deposit proposed, and on chain."""
        maker, draft = self.staff("issuer-maker"), ProposalDraft(deposit_id)
        made = issuance.propose_mint(self.bank, maker, ask(), draft).resource
        self.settle()
        return made

    def mint(self, deposit_id: str) -> None:
        """A recorded deposit, issued."""
        made = self.propose(deposit_id)
        checker = self.staff("issuer-checker")
        issuance.approve_mint(self.bank, checker, ask(), ProposalDraft(made.id))
        self.settle()

    def fund(
        self, person: Person, amount: str, currency: str = "EUR", reference: str | None = None
    ) -> None:
        """Money, from a deposit to the customer's account."""
        self.mint(self.deposit(person, amount, currency, reference).id)

    def pay(self, payer: Person, payee: str, amount: str, **changes: Any) -> PaymentView:
        """A payment in EUR, accepted, or refused as the API would."""
        draft = PaymentDraft(
            payee, positive_money(amount, changes.pop("currency", "EUR")), **changes
        )
        one = PaymentAsk(payer.caller, ask(), draft)
        (made,) = payments.accept_plain(self.bank, [one])
        if made is None:
            made = payments.create_payment(self.bank, one.caller, one.ask, draft)
        return made.resource

    def paid(self, payer: Person, payee: str, amount: str, **changes: Any) -> PaymentView:
        """A payment in EUR, final."""
        made = self.pay(payer, payee, amount, **changes)
        if payer.signer is not None:
            assert made.typed_data is not None
            signature = payer.signer.sign_digest(digest_of(made.typed_data))
            draft = SignatureDraft(made.id, signature)
            payments.sign_payment(self.bank, payer.caller, ask(), draft)
        self.settle()
        return payments.get_payment(self.bank, payer.caller, made.id)

    def send_past_the_bank(self, message: Mapping[str, Any], signature: bytes) -> None:
        """A signed payment sent to the contract by a stranger, as anybody may."""
        stranger = LocalSigner(keccak256(b"a stranger"))
        contracts = self.bank.contracts
        order = order_struct("payment", message)
        transaction = sign_transaction(
            stranger,
            chain_id=contracts.book.chain_id,
            nonce=transaction_count(self.bank.rpc, stranger.address),
            to=contracts.address("Payments"),
            data=contracts.encode("Payments", "pay", order, signature),
            gas=2_000_000,
            fees=Fees(),
        )
        send_raw(self.bank.rpc, transaction)
        self.settle()

    def balance(self, person: Person, currency: str = "EUR") -> str:
        """What a customer holds, in decimal."""
        lines = identity.get_balances(self.bank, person.caller, person.id).balances
        found = [line.balance.decimal for line in lines if line.balance.currency.code == currency]
        return found[0] if found else "0.00"


def digest_of(typed_data: Mapping[str, Any]) -> bytes:
    """The EIP-712 digest, by eth-account: code that is not ours, as a wallet would use."""
    from eth_account.messages import encode_typed_data

    message = encode_typed_data(full_message=dict(typed_data))
    return keccak256(b"\x19" + message.version + message.header + message.body)
