"""Minting against a deposit: one proposes, another approves or declines."""

from dataclasses import dataclass

from eth_abi.abi import encode as abi_encode
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import holder_of
from wallet_chain.bank.previews import preview
from wallet_chain.bank.reasons import read_reason
from wallet_chain.bank.role_calls import RoleCall, accept_call, check_call, refusal_of_call
from wallet_chain.bank.views import Answer, Movement, Preview
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import ProposalNotOpen
from wallet_chain.issuance.deposits import (
    deposit_money,
    deposit_state,
    explain_mint,
    show_deposit,
    visible_deposit,
)
from wallet_chain.issuance.drafts import DeclineDraft, ProposalDraft
from wallet_chain.issuance.views import DepositView
from wallet_chain.ledger.contracts import Explanation
from wallet_chain.ledger.hashing import from_hex, keccak256, to_hex
from wallet_chain.ledger.units import currency_bytes
from wallet_chain.money import Money
from wallet_chain.pipeline.requests import Ask, Caller, reference
from wallet_chain.store.tables import Customer, Deposit

PROPOSABLE = ("recorded", "proposed", "declined")
"""States in which a deposit may be proposed. Whether a proposal that stands has lapsed, so that it
may be made again, is the chain's to say."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    call: RoleCall
    account: str
    money: Money
    explanation: Explanation


def propose_mint(bank: Bank, caller: Caller, ask: Ask, draft: ProposalDraft) -> Answer[DepositView]:
    """Propose to issue a deposit to its customer, with the caller's maker key.

    Raises NotFound, ProposalNotOpen, DepositAlreadyUsed, what the policy says about the payee, and
    PermissionRefused.
    """

    def check() -> _Prepared:
        prepared = _proposal(bank, caller, draft, _reference(bank, caller, ask))
        if prepared.explanation.refusal is not None:
            raise prepared.explanation.refusal
        check_call(bank, caller, prepared.call)
        return prepared

    def apply(session: Session, prepared: _Prepared) -> Written:
        deposit = _proposable(session, caller, draft.deposit_id)
        deposit.account = prepared.account
        deposit.proposal_id = _proposal_id(prepared.call)
        operation = accept_call(bank, session, caller, prepared.call, deposit.id)
        deposit.propose_operation_id = operation.id
        return Written(deposit.id, operation.id)

    return write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: show_deposit(bank, session, caller, id_),
    )


def preview_propose(bank: Bank, caller: Caller, draft: ProposalDraft) -> Preview:
    """What would become of a proposal now, and of its mint."""

    def check() -> tuple[Explanation, tuple[Movement, ...]]:
        prepared = _proposal(bank, caller, draft, bytes(32))
        return _explained(bank, caller, prepared), (Movement(prepared.account, prepared.money),)

    return preview(check)


def approve_mint(bank: Bank, caller: Caller, ask: Ask, draft: ProposalDraft) -> Answer[DepositView]:
    """Approve a proposal, which mints, with the caller's checker key.

    Raises NotFound, ProposalNotOpen, FourEyes, ProposalLapsed, MintCapExceeded,
    DailyMintCapExceeded, ReservesStale, ReservesExceeded, what the policy says, PermissionRefused.
    """

    def check() -> _Prepared:
        prepared = _approval(bank, caller, draft)
        check_call(bank, caller, prepared.call)
        return prepared

    def apply(session: Session, prepared: _Prepared) -> Written:
        return _decide(bank, session, caller, draft.deposit_id, prepared.call)

    return write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: show_deposit(bank, session, caller, id_),
    )


def preview_approve(bank: Bank, caller: Caller, draft: ProposalDraft) -> Preview:
    """What would become of an approval now."""

    def check() -> tuple[Explanation, tuple[Movement, ...]]:
        prepared = _approval(bank, caller, draft)
        return _explained(bank, caller, prepared), (Movement(prepared.account, prepared.money),)

    return preview(check)


def decline_mint(bank: Bank, caller: Caller, ask: Ask, draft: DeclineDraft) -> Answer[DepositView]:
    """Turn a proposal down, with a reason on chain. Raises NotFound, ProposalNotOpen,
    InvalidRequest, PermissionRefused."""
    reason = read_reason(draft.reason_code)

    def check() -> RoleCall:
        with bank.store.reading() as session:
            deposit = _proposed(session, caller, draft.deposit_id)
        arguments = (from_hex(str(deposit.proposal_id)), reason)
        call = RoleCall("mint_decline", "Issuance", "decline", arguments)
        check_call(bank, caller, call)
        return call

    def apply(session: Session, call: RoleCall) -> Written:
        return _decide(bank, session, caller, draft.deposit_id, call)

    return write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: show_deposit(bank, session, caller, id_),
    )


def _proposal(
    bank: Bank, caller: Caller, draft: ProposalDraft, request_reference: bytes
) -> _Prepared:
    with bank.store.reading() as session:
        deposit = _proposable(session, caller, draft.deposit_id)
        customer = session.get_one(Customer, deposit.customer_id)
        account = holder_of(session, customer, "payee").account
    money = deposit_money(deposit)
    arguments = (
        currency_bytes(deposit.currency),
        account,
        deposit.amount_minor,
        from_hex(deposit.deposit_reference),
        request_reference,
    )
    call = RoleCall("mint_proposal", "Issuance", "propose", arguments)
    return _Prepared(call, account, money, explain_mint(bank, account, money))


def _proposal_id(call: RoleCall) -> str:
    """As ``Issuance.propose`` makes it: what is approved is exactly what was proposed."""
    currency, account, amount_minor, deposit_reference, request_reference = call.arguments
    words = (currency, deposit_reference, account, amount_minor, request_reference)
    types = ("bytes3", "bytes32", "address", "uint128", "bytes32")
    return to_hex(keccak256(abi_encode(types, words)))


def _approval(bank: Bank, caller: Caller, draft: ProposalDraft) -> _Prepared:
    with bank.store.reading() as session:
        deposit = _proposed(session, caller, draft.deposit_id)
    call = RoleCall("mint_approval", "Issuance", "approve", (from_hex(str(deposit.proposal_id)),))
    money = deposit_money(deposit)
    return _Prepared(call, deposit.account, money, explain_mint(bank, deposit.account, money))


def _explained(bank: Bank, caller: Caller, prepared: _Prepared) -> Explanation:
    """The policy's word, or else what the call itself would be refused with."""
    explanation = prepared.explanation
    refusal = explanation.refusal or refusal_of_call(bank, caller, prepared.call)
    return Explanation(refusal, explanation.headroom)


def _decide(
    bank: Bank, session: Session, caller: Caller, deposit_id: str, call: RoleCall
) -> Written:
    deposit = _proposed(session, caller, deposit_id)
    operation = accept_call(bank, session, caller, call, deposit.id)
    deposit.decide_operation_id = operation.id
    return Written(deposit.id, operation.id)


def _proposable(session: Session, caller: Caller, deposit_id: str) -> Deposit:
    deposit = visible_deposit(session, caller, deposit_id)
    state = deposit_state(session, deposit)
    if state not in PROPOSABLE:
        raise ProposalNotOpen(f"This deposit is {state}; it can't be proposed now.", state=state)
    return deposit


def _proposed(session: Session, caller: Caller, deposit_id: str) -> Deposit:
    deposit = visible_deposit(session, caller, deposit_id)
    state = deposit_state(session, deposit)
    if state != "proposed":
        raise ProposalNotOpen(
            f"This deposit is {state}, so there is no proposal to decide about.", state=state
        )
    return deposit


def _reference(bank: Bank, caller: Caller, ask: Ask) -> bytes:
    return from_hex(reference(bank.settings.tenant, caller.principal_id, ask.idempotency_key))
