"""A customer's account: showing that a key is theirs, aliases to be paid by, moving to a new key."""

from typing import Annotated

from fastapi import Path
from fastapi import Query as QueryParameters

from api.access import (
    AUDITOR,
    COMPLIANCE,
    CUSTOMER,
    MERCHANT,
    OPERATOR,
    Owner,
    allow,
)
from api.fields import Account, Form, Query, Signature, bytes_of, example, line
from api.identity.customers import CustomerId
from api.refusals import ACCOUNTS, NODE, STAFF
from api.routes import Asked, Routes
from wallet_chain import identity
from wallet_chain.bank.views import Answer
from wallet_chain.errors import (
    AccountExists,
    AccountInvalid,
    AliasTaken,
    ChallengeInvalid,
    CustomerForgotten,
    FourEyes,
    InvalidAddress,
    KycMissing,
    PayeeUnknown,
    RecoveryNotOpen,
    SignatureInvalid,
    SignatureNotAwaited,
)
from wallet_chain.identity.drafts import (
    AcceptanceDraft,
    AccountDraft,
    AliasDraft,
    ChallengeDraft,
    RecoveryDraft,
)
from wallet_chain.identity.views import (
    AliasView,
    ChallengeView,
    CustomerView,
    PayeeView,
    RecoveryView,
)

routes = Routes("Customers")

OWN = allow(CUSTOMER, MERCHANT, OPERATOR, scope="identity:write", owner=Owner.PATH)
PROPOSE = allow(OPERATOR, scope="identity:write")
EXECUTE = allow(COMPLIANCE, scope="identity:write")
LOOK = allow(
    CUSTOMER, MERCHANT, OPERATOR, COMPLIANCE, AUDITOR, scope="identity:read", owner=Owner.PATH
)
RESOLVE = allow(CUSTOMER, MERCHANT, OPERATOR, COMPLIANCE, scope="payments:read", owner=Owner.VERB)

AliasInPath = Annotated[
    str,
    Path(
        min_length=1,
        max_length=254,
        description="The alias, percent-encoded.",
        examples=["@kaffeehaus"],
    ),
]


class NewChallenge(Form):
    """The account that is to be shown to be the customer's."""

    account: Account


class SignedChallenge(Form):
    """The account's signature over the challenge."""

    model_config = example(
        {"challenge_id": "chl_01JZ4WVXQ2M8K5T7R9B3C6D1EF", "signature": "0x" + "1b" * 65}
    )

    challenge_id: Annotated[str, line(40)]
    signature: Signature


class NewAlias(Form):
    """A name to pay to."""

    alias: Annotated[str, line(254, examples=["@kaffeehaus"])]
    """A phone number, an e-mail address or `@name`."""


class NewRecovery(Form):
    """Where the account moves to."""

    new_account: Account | None = None
    """The customer's new key, in self custody; left out where the bank keeps the key."""


class Acceptance(Form):
    """The new key's signature over the recovery's typed data."""

    signature: Signature


class PayeeQuery(Query):
    """Whom to look for."""

    payee: Annotated[str, line(254)]
    """An account, an alias or a customer's id."""


@routes.post(
    "/customers/{customer_id}/account-challenges",
    "Ask for a challenge to sign",
    OWN,
    InvalidAddress,
    AccountExists,
    CustomerForgotten,
    made=True,
)
def create_challenge(
    call: Asked, customer_id: CustomerId, body: NewChallenge
) -> Answer[ChallengeView]:
    """For customers in self custody: typed data that the account's key signs as it is."""
    draft = ChallengeDraft(customer_id, body.account)
    return identity.create_challenge(call.bank, call.caller, call.ask, draft)


@routes.post(
    "/customers/{customer_id}/account",
    "Register an account in self custody",
    OWN,
    ChallengeInvalid,
    SignatureInvalid,
    AccountExists,
    CustomerForgotten,
    *NODE,
)
def register_account(
    call: Asked, customer_id: CustomerId, body: SignedChallenge
) -> Answer[CustomerView]:
    """Hand in the signed challenge: the account is then the customer's."""
    draft = AccountDraft(customer_id, body.challenge_id, bytes_of(body.signature))
    return identity.register_account(call.bank, call.caller, call.ask, draft)


@routes.post(
    "/customers/{customer_id}/aliases",
    "Add an alias",
    OWN,
    AliasTaken,
    CustomerForgotten,
    made=True,
)
def add_alias(call: Asked, customer_id: CustomerId, body: NewAlias) -> Answer[AliasView]:
    """Let others pay to a phone number, an e-mail address or a name.

    Customers may choose `@name`s; phone numbers and e-mail addresses are noted by the bank's staff.
    """
    draft = AliasDraft(customer_id, body.alias)
    return identity.add_alias(call.bank, call.caller, call.ask, draft)


@routes.delete("/customers/{customer_id}/aliases/{alias}", "Remove an alias", OWN)
def remove_alias(call: Asked, customer_id: CustomerId, alias: AliasInPath) -> Answer[CustomerView]:
    """Let nobody pay to this alias any more; it is then free for others."""
    draft = AliasDraft(customer_id, alias)
    return identity.remove_alias(call.bank, call.caller, call.ask, draft)


@routes.get("/payees", "Find a payee", RESOLVE, PayeeUnknown)
def resolve_payee(call: Asked, query: Annotated[PayeeQuery, QueryParameters()]) -> PayeeView:
    """Where money to an alias, customer or account would go. Says nothing about the person."""
    return identity.resolve_payee(call.bank, call.caller, query.payee)


@routes.post(
    "/customers/{customer_id}/recoveries",
    "Propose to move an account to a new key",
    PROPOSE,
    *STAFF,
    *ACCOUNTS,
    KycMissing,
    InvalidAddress,
    AccountExists,
    AccountInvalid,
    CustomerForgotten,
    made=True,
    chain=True,
)
def propose_recovery(
    call: Asked, customer_id: CustomerId, body: NewRecovery
) -> Answer[RecoveryView]:
    """The first of two people proposes to move identity, balances and limits to a new key.

    In self custody the answer has `typed_data`, which the new key signs.
    """
    draft = RecoveryDraft(customer_id, body.new_account)
    return identity.propose_recovery(call.bank, call.caller, call.ask, draft)


@routes.post(
    "/customers/{customer_id}/recoveries/acceptance",
    "Hand in the new key's signature",
    PROPOSE,
    *STAFF,
    *ACCOUNTS,
    SignatureInvalid,
    SignatureNotAwaited,
    RecoveryNotOpen,
    chain=True,
)
def accept_recovery(call: Asked, customer_id: CustomerId, body: Acceptance) -> Answer[RecoveryView]:
    """Hand in the new key's consent; the proposal then goes to the chain."""
    draft = AcceptanceDraft(customer_id, bytes_of(body.signature))
    return identity.accept_recovery(call.bank, call.caller, call.ask, draft)


@routes.post(
    "/customers/{customer_id}/recoveries/execute",
    "Move the account to its new key",
    EXECUTE,
    *STAFF,
    *ACCOUNTS,
    RecoveryNotOpen,
    FourEyes,
    chain=True,
)
def execute_recovery(call: Asked, customer_id: CustomerId) -> Answer[RecoveryView]:
    """The second person executes: everything moves in one transaction."""
    return identity.execute_recovery(call.bank, call.caller, call.ask, customer_id)


@routes.get("/customers/{customer_id}/recoveries/latest", "Look at the latest recovery", LOOK)
def get_recovery(call: Asked, customer_id: CustomerId) -> RecoveryView:
    """How far the latest move to a new key is."""
    return identity.get_recovery(call.bank, call.caller, customer_id)
