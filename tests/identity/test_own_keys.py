"""Customers who keep their own key show by a signature that an account is theirs."""

from tests.town import Town, ask, digest_of
from wallet_chain import identity
from wallet_chain.errors import (
    AccountExists,
    ChallengeInvalid,
    InvalidAddress,
    InvalidRequest,
    KycIncomplete,
    NotFound,
    SignatureInvalid,
)
from wallet_chain.identity.drafts import AccountDraft, ChallengeDraft, DecisionDraft
from wallet_chain.identity.views import ChallengeView, CustomerView
from wallet_chain.ledger.hashing import keccak256
from wallet_chain.ledger.transactions import LocalSigner
from wallet_chain.pipeline.requests import Caller

KEY = LocalSigner(keccak256(b"a new key"))


def _challenge(town: Town, caller: Caller, customer_id: str, account: str) -> ChallengeView:
    draft = ChallengeDraft(customer_id, account)
    return identity.create_challenge(town.bank, caller, ask(), draft).resource


def _register(
    town: Town, caller: Caller, customer_id: str, challenge: ChallengeView, signature: bytes
) -> CustomerView:
    draft = AccountDraft(customer_id, challenge.id, signature)
    return identity.register_account(town.bank, caller, ask(), draft).resource


def test_a_signed_challenge_makes_an_account_the_customers(town: Town) -> None:
    made = town.customer(custody="self")
    assert made.account is None
    caller = town.key_to_call(made.id)
    challenge = _challenge(town, caller, made.id, KEY.address.lower())
    assert challenge.account == KEY.address

    signature = KEY.sign_digest(digest_of(challenge.typed_data))
    assert _register(town, caller, made.id, challenge, signature).account == KEY.address
    town.approve(town.submit(made.id).id)
    assert identity.get_customer(town.bank, caller, made.id).account_status == "active"


def test_a_challenge_signed_by_another_key_is_refused(town: Town) -> None:
    made = town.customer(custody="self")
    caller = town.key_to_call(made.id)
    challenge = _challenge(town, caller, made.id, KEY.address)
    digest = digest_of(challenge.typed_data)
    with town.refusal(SignatureInvalid):
        thief = LocalSigner(keccak256(b"thief"))
        _register(town, caller, made.id, challenge, thief.sign_digest(digest))
    assert _register(town, caller, made.id, challenge, KEY.sign_digest(digest)).account


def test_a_challenge_works_once_in_its_time_and_for_its_customer(town: Town) -> None:
    made, other = town.customer(custody="self"), town.customer(custody="self")
    caller, stranger = town.key_to_call(made.id), town.key_to_call(other.id)
    late = _challenge(town, caller, made.id, KEY.address)
    signature = KEY.sign_digest(digest_of(late.typed_data))
    with town.refusal(ChallengeInvalid):
        _register(town, stranger, other.id, late, signature)
    town.wait(late.expires_at - town.clock() + 1)
    with town.refusal(ChallengeInvalid):
        _register(town, caller, made.id, late, signature)

    fresh = _challenge(town, caller, made.id, KEY.address)
    signature = KEY.sign_digest(digest_of(fresh.typed_data))
    _register(town, caller, made.id, fresh, signature)
    with town.refusal(ChallengeInvalid):
        _register(town, caller, made.id, fresh, signature)


def test_an_account_in_use_can_not_become_somebody_elses(town: Town) -> None:
    made = town.customer(custody="self")
    caller = town.key_to_call(made.id)
    for taken in (town.anna.account, town.clara.account):
        with town.refusal(AccountExists):
            _challenge(town, caller, made.id, taken)
    with town.refusal(InvalidAddress):
        _challenge(town, caller, made.id, "0x12")
    assert _challenge(town, caller, made.id, KEY.address).account == KEY.address


def test_a_registered_account_is_replaced_by_a_recovery_only(town: Town) -> None:
    with town.refusal(AccountExists):
        _challenge(town, town.clara.caller, town.clara.id, KEY.address)


def test_where_the_bank_keeps_the_key_there_is_nothing_to_sign(town: Town) -> None:
    with town.refusal(InvalidRequest):
        _challenge(town, town.anna.caller, town.anna.id, KEY.address)


def test_a_customer_without_an_account_can_not_be_approved(town: Town) -> None:
    made = town.customer(custody="self")
    review = town.submit(made.id)
    officer = town.staff("compliance")
    with town.refusal(KycIncomplete) as caught:
        identity.decide_review(town.bank, officer, ask(), DecisionDraft(review.id, "approve"))
    assert caught.value.facts["missing"] == ["account"]
    town.register_own_key(made.id, town.key_to_call(made.id), KEY)
    town.approve(review.id)


def test_nobody_asks_for_a_challenge_for_others(town: Town) -> None:
    made = town.customer(custody="self")
    with town.refusal(NotFound):
        _challenge(town, town.anna.caller, made.id, KEY.address)
    assert _challenge(town, town.staff("operator"), made.id, KEY.address).customer_id == made.id
