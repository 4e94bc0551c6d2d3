"""A customer who lost a key gets a new one: identity, limits and money move to it together.

An operator proposes, a compliance officer executes, and the new key has agreed by its signature.
"""

import secrets
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import holder_of
from wallet_chain.bank.receipts import operation_or_none
from wallet_chain.bank.role_calls import RoleCall, accept_call, check_call
from wallet_chain.bank.views import Answer, OperationView
from wallet_chain.bank.witness import looking, not_found, record_look, visible_customer
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import InvalidRequest, RecoveryNotOpen, SignatureInvalid
from wallet_chain.identity.drafts import AcceptanceDraft, RecoveryDraft
from wallet_chain.identity.self_custody import require_free
from wallet_chain.identity.views import RecoveryView
from wallet_chain.ids import new_id
from wallet_chain.ledger.hashing import read_address
from wallet_chain.ledger.transactions import LocalSigner
from wallet_chain.ledger.typed_data import (
    check_signature,
    domain_for,
    order_digest,
    typed_data,
)
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import Recovery

RECOVERY_SECONDS = 7 * 86_400
"""For how long a proposal may be executed."""


@dataclass(frozen=True, slots=True)
class _Proposal:
    """What ``check`` found out. ``key`` is a new key of the bank, ``call`` null without consent."""

    old_account: str
    new_account: str
    deadline: int
    key: bytes | None
    acceptance: bytes | None
    call: RoleCall | None


def propose_recovery(
    bank: Bank, caller: Caller, ask: Ask, draft: RecoveryDraft
) -> Answer[RecoveryView]:
    """Begin to move a customer's account to a new key.

    Where the bank keeps the key, a new one is made and the proposal goes to the chain at once; else
    it waits for the new key's signature (``accept_recovery``). Raises NotFound, KycMissing,
    InvalidRequest, InvalidAddress, AccountExists, PermissionRefused.
    """

    def check() -> _Proposal:
        proposal = _prepared(bank, caller, draft)
        if proposal.call is not None:
            check_call(bank, caller, proposal.call)
        return proposal

    def apply(session: Session, proposal: _Proposal) -> Written:
        if proposal.key is not None:
            bank.signer_keys.add(session, "customer", draft.customer_id, proposal.key)
        recovery = Recovery(
            id=new_id("rcv"),
            customer_id=draft.customer_id,
            old_account=proposal.old_account,
            new_account=proposal.new_account,
            deadline=proposal.deadline,
            acceptance=proposal.acceptance,
            opened_by=caller.principal_id,
            opened_at=bank.clock(),
            propose_operation_id=None,
            execute_operation_id=None,
        )
        session.add(recovery)
        if proposal.call is not None:
            operation = accept_call(bank, session, caller, proposal.call, draft.customer_id)
            recovery.propose_operation_id = operation.id
        return Written(recovery.id, recovery.propose_operation_id)

    return write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: _show(bank, session, caller, id_),
    )


def accept_recovery(
    bank: Bank, caller: Caller, ask: Ask, draft: AcceptanceDraft
) -> Answer[RecoveryView]:
    """Hand in the new key's consent, which brings the proposal to the chain.

    Raises NotFound, RecoveryNotOpen, SignatureInvalid, PermissionRefused.
    """

    def check() -> RoleCall:
        with bank.store.reading() as session:
            recovery = _awaiting_consent(bank, session, caller, draft.customer_id)
        digest = _digest(bank, recovery.old_account, recovery.new_account, recovery.deadline)
        if not check_signature(bank.rpc, recovery.new_account, digest, draft.signature):
            raise SignatureInvalid(
                f"This is not a signature by {recovery.new_account} over the recovery. Sign its"
                " typed_data as it is, with the new key.",
                signer=recovery.new_account,
            )
        call = _propose_call(
            recovery.old_account, recovery.new_account, recovery.deadline, draft.signature
        )
        check_call(bank, caller, call)
        return call

    def apply(session: Session, call: RoleCall) -> Written:
        recovery = _awaiting_consent(bank, session, caller, draft.customer_id)
        recovery.acceptance = draft.signature
        operation = accept_call(bank, session, caller, call, draft.customer_id)
        recovery.propose_operation_id = operation.id
        return Written(recovery.id, operation.id)

    return write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: _show(bank, session, caller, id_),
    )


def execute_recovery(
    bank: Bank, caller: Caller, ask: Ask, customer_id: str
) -> Answer[RecoveryView]:
    """Carry out a recovery that somebody else proposed. Raises NotFound, RecoveryNotOpen, FourEyes,
    PermissionRefused."""

    def check() -> RoleCall:
        with bank.store.reading() as session:
            recovery = _proposed(bank, session, caller, customer_id)
        accounts = (recovery.old_account, recovery.new_account)
        call = RoleCall("recovery_execution", "AccountRecovery", "execute", accounts)
        check_call(bank, caller, call)
        return call

    def apply(session: Session, call: RoleCall) -> Written:
        recovery = _proposed(bank, session, caller, customer_id)
        operation = accept_call(bank, session, caller, call, customer_id)
        recovery.execute_operation_id = operation.id
        return Written(recovery.id, operation.id)

    return write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: _show(bank, session, caller, id_),
    )


def get_recovery(bank: Bank, caller: Caller, customer_id: str) -> RecoveryView:
    """The customer's latest recovery. Raises NotFound."""
    with looking(bank, caller) as session:
        return _show(bank, session, caller, _latest(session, caller, customer_id).id)


def _prepared(bank: Bank, caller: Caller, draft: RecoveryDraft) -> _Proposal:
    key = None
    with bank.store.reading() as session:
        customer = visible_customer(session, caller, draft.customer_id)
        old_account = holder_of(session, customer, "customer").account
        if customer.custody == "bank":
            if draft.new_account is not None:
                raise InvalidRequest(
                    "The bank keeps this customer's key and makes the new one: leave new_account"
                    " out.",
                    field="new_account",
                )
            key = secrets.token_bytes(32)
            new_account = LocalSigner(key).address
        elif draft.new_account is None:
            raise InvalidRequest(
                "This customer keeps an own key: say which new_account it is.",
                field="new_account",
            )
        else:
            new_account = read_address(draft.new_account)
            require_free(session, new_account, customer.id)
    deadline = bank.clock() + RECOVERY_SECONDS
    if key is None:
        return _Proposal(old_account, new_account, deadline, None, None, None)
    acceptance = LocalSigner(key).sign_digest(_digest(bank, old_account, new_account, deadline))
    call = _propose_call(old_account, new_account, deadline, acceptance)
    return _Proposal(old_account, new_account, deadline, key, acceptance, call)


def _propose_call(old: str, new: str, deadline: int, acceptance: bytes) -> RoleCall:
    return RoleCall(
        "recovery_proposal", "AccountRecovery", "propose", (old, new, deadline, acceptance)
    )


def _message(old: str, new: str, deadline: int) -> dict[str, str | int]:
    return {"oldAccount": old, "newAccount": new, "deadline": deadline}


def _digest(bank: Bank, old: str, new: str, deadline: int) -> bytes:
    domain = domain_for(bank.contracts.book, "AccountRecovery")
    return order_digest("recovery", domain, _message(old, new, deadline))


def _latest(session: Session, caller: Caller, customer_id: str) -> Recovery:
    visible_customer(session, caller, customer_id)
    recovery = session.scalars(
        select(Recovery)
        .where(Recovery.customer_id == customer_id)
        .order_by(Recovery.id.desc())
        .limit(1)
    ).first()
    if recovery is None:
        raise not_found("recovery of customer", customer_id)
    return recovery


def _awaiting_consent(bank: Bank, session: Session, caller: Caller, customer_id: str) -> Recovery:
    return _in_state(bank, session, caller, customer_id, "awaiting_signature")


def _proposed(bank: Bank, session: Session, caller: Caller, customer_id: str) -> Recovery:
    return _in_state(bank, session, caller, customer_id, "proposed")


def _in_state(
    bank: Bank, session: Session, caller: Caller, customer_id: str, wanted: str
) -> Recovery:
    recovery = _latest(session, caller, customer_id)
    proposing = operation_or_none(session, recovery.propose_operation_id)
    executing = operation_or_none(session, recovery.execute_operation_id)
    state = _state(bank, recovery, proposing, executing)
    if state != wanted:
        raise RecoveryNotOpen(
            f"The latest recovery of this customer is {state}, not {wanted}.", state=state
        )
    return recovery


def _state(
    bank: Bank,
    recovery: Recovery,
    proposing: OperationView | None,
    executing: OperationView | None,
) -> str:
    lapsed = bank.clock() > recovery.deadline
    if executing is not None and executing.state != "rejected":
        return "executed" if executing.state == "settled" else "executing"
    if proposing is None:
        return "lapsed" if lapsed else "awaiting_signature"
    if proposing.state == "settled":
        return "lapsed" if lapsed else "proposed"
    return "rejected" if proposing.final else "proposing"


def _show(bank: Bank, session: Session, caller: Caller, recovery_id: str) -> RecoveryView:
    recovery = session.get(Recovery, recovery_id)
    if recovery is None or caller.customer_id not in (None, recovery.customer_id):
        raise not_found("recovery", recovery_id)
    record_look(bank, session, caller, "recovery", recovery.customer_id)
    proposing = operation_or_none(session, recovery.propose_operation_id)
    executing = operation_or_none(session, recovery.execute_operation_id)
    state = _state(bank, recovery, proposing, executing)
    message = _message(recovery.old_account, recovery.new_account, recovery.deadline)
    domain = domain_for(bank.contracts.book, "AccountRecovery")
    awaited = state == "awaiting_signature"
    return RecoveryView(
        id=recovery.id,
        customer_id=recovery.customer_id,
        old_account=recovery.old_account,
        new_account=recovery.new_account,
        state=state,
        deadline=recovery.deadline,
        typed_data=typed_data("recovery", domain, message) if awaited else None,
        propose_operation=proposing,
        execute_operation=executing,
    )
