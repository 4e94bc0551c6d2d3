"""Customers who keep their own key: a signed challenge shows that an account is theirs."""

import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import account_of
from wallet_chain.bank.views import Answer
from wallet_chain.bank.witness import not_found, visible_customer
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import (
    AccountExists,
    ChallengeInvalid,
    CustomerForgotten,
    InvalidRequest,
    SignatureInvalid,
)
from wallet_chain.identity.drafts import AccountDraft, ChallengeDraft
from wallet_chain.identity.showing import show_customer
from wallet_chain.identity.views import ChallengeView, CustomerView
from wallet_chain.ids import new_id
from wallet_chain.ledger.hashing import read_address, to_hex
from wallet_chain.ledger.typed_data import (
    check_signature,
    domain_for,
    message_json,
    order_digest,
    typed_data,
)
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import ChainAccount, Challenge, Customer, SignerKey


def create_challenge(
    bank: Bank, caller: Caller, ask: Ask, draft: ChallengeDraft
) -> Answer[ChallengeView]:
    """Give something to sign with the account's key.

    Raises NotFound, InvalidAddress, AccountExists (the account is somebody's, or the customer has
    one already) and InvalidRequest for a customer whose key the bank keeps.
    """
    account = read_address(draft.account)

    def apply(session: Session, _: None) -> Written:
        customer = visible_customer(session, caller, draft.customer_id)
        _require_own_key(session, customer)
        require_free(session, account, customer.id)
        expires_at = bank.clock() + bank.settings.order_ttl_seconds
        message = {
            "customer": customer.id,
            "account": account,
            "nonce": to_hex(secrets.token_bytes(32)),
            "deadline": expires_at,
        }
        challenge = Challenge(
            id=new_id("chl"),
            customer_id=customer.id,
            account=account,
            message=message_json("challenge", message),
            expires_at=expires_at,
            used_at=None,
        )
        session.add(challenge)
        return Written(challenge.id)

    return write_once(
        bank,
        caller,
        ask,
        check=lambda: None,
        apply=apply,
        show=lambda session, id_: _view(bank, session, caller, id_),
    )


def register_account(
    bank: Bank, caller: Caller, ask: Ask, draft: AccountDraft
) -> Answer[CustomerView]:
    """Take the account whose key signed the challenge as the customer's.

    It goes on chain with the approval of the KYC. Raises NotFound, ChallengeInvalid (unknown, used
    or expired), SignatureInvalid, AccountExists.
    """

    def check() -> None:
        with bank.store.reading() as session:
            visible_customer(session, caller, draft.customer_id)
            challenge = _usable(bank, session, draft)
        domain = domain_for(bank.contracts.book, "IdentityRegistry")
        digest = order_digest("challenge", domain, challenge.message)
        if not check_signature(bank.rpc, challenge.account, digest, draft.signature):
            raise SignatureInvalid(
                f"This is not a signature by {challenge.account} over the challenge. Sign its"
                " typed_data as it is, with that account's key.",
                signer=challenge.account,
            )

    def apply(session: Session, _: None) -> Written:
        customer = visible_customer(session, caller, draft.customer_id)
        challenge = _usable(bank, session, draft)
        _require_own_key(session, customer)
        require_free(session, challenge.account, customer.id)
        now = bank.clock()
        challenge.used_at = now
        customer.account = challenge.account
        customer.updated_at = now
        return Written(customer.id)

    return write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: show_customer(bank, session, caller, id_),
    )


def require_free(session: Session, account: str, customer_id: str) -> None:
    """Raise AccountExists when the account is or was somebody's, or is a key of the product."""
    taken = (
        session.scalars(
            select(Customer.id).where(Customer.account == account, Customer.id != customer_id)
        ).first()
        or session.get(ChainAccount, account)
        or session.get(SignerKey, account)
    )
    if taken:
        raise AccountExists(
            f"The account {account} is in use already; take one that was never registered.",
            account=account,
        )


def _require_own_key(session: Session, customer: Customer) -> None:
    if customer.state == "forgotten":
        raise CustomerForgotten("This customer was erased.")
    if customer.custody != "self":
        raise InvalidRequest("The bank keeps this customer's key; there is no account to register.")
    account, standing = account_of(session, customer)
    if standing is not None:
        raise AccountExists(
            f"The customer has the account {account} already. A lost key is replaced by a recovery.",
            account=account,
        )


def _usable(bank: Bank, session: Session, draft: AccountDraft) -> Challenge:
    challenge = session.scalars(
        select(Challenge).where(
            Challenge.id == draft.challenge_id,
            Challenge.customer_id == draft.customer_id,
            Challenge.used_at.is_(None),
            Challenge.expires_at >= bank.clock(),
        )
    ).first()
    if challenge is None:
        raise ChallengeInvalid("Ask for a new challenge and sign that one.")
    return challenge


def _view(bank: Bank, session: Session, caller: Caller, challenge_id: str) -> ChallengeView:
    challenge = session.get(Challenge, challenge_id)
    if challenge is None or caller.customer_id not in (None, challenge.customer_id):
        raise not_found("challenge", challenge_id)
    domain = domain_for(bank.contracts.book, "IdentityRegistry")
    return ChallengeView(
        id=challenge.id,
        customer_id=challenge.customer_id,
        account=challenge.account,
        typed_data=typed_data("challenge", domain, challenge.message),
        expires_at=challenge.expires_at,
    )
