"""Deposits: money that arrived at the bank, and how it is being issued."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, and_, case, select
from sqlalchemy.orm import Session, aliased

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import holder_of
from wallet_chain.bank.orders import UNFINISHED
from wallet_chain.bank.paging import cut, read_position, scope_of
from wallet_chain.bank.previews import preview
from wallet_chain.bank.receipts import operations_by_id
from wallet_chain.bank.references import keyed_hash, read_reference
from wallet_chain.bank.sealed import opened_or_none
from wallet_chain.bank.views import Answer, Movement, OperationView, Page, PageRequest, Preview
from wallet_chain.bank.witness import (
    looking,
    not_found,
    record_look,
    require_own,
    visible_customer,
)
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import DepositAlreadyUsed
from wallet_chain.ids import new_id
from wallet_chain.issuance.drafts import DepositDraft, DepositFilter
from wallet_chain.issuance.views import DepositView
from wallet_chain.ledger.contracts import Explanation
from wallet_chain.ledger.hashing import ZERO_ADDRESS
from wallet_chain.ledger.units import MovementKind
from wallet_chain.money import Money, currency_named
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import ChainProposal, Deposit, Operation


def record_deposit(
    bank: Bank, caller: Caller, ask: Ask, draft: DepositDraft
) -> Answer[DepositView]:
    """Note that money arrived for a customer. Nothing is on chain yet.

    Raises NotFound, KycMissing (no account to issue to), UnknownCurrency (not one that runs here),
    DepositAlreadyUsed and InvalidRequest.
    """
    bank_reference = read_reference(draft.bank_reference, "bank_reference")
    currency = draft.money.currency.code
    bank.contracts.address(currency)
    deposit_reference = keyed_hash(bank, "deposit", bank_reference)

    def apply(session: Session, _: None) -> Written:
        customer = visible_customer(session, caller, draft.customer_id)
        holder = holder_of(session, customer, "payee")
        _require_unused(session, currency, deposit_reference)
        deposit = Deposit(
            id=new_id("dep"),
            customer_id=customer.id,
            account=holder.account,
            currency=currency,
            amount_minor=draft.money.amount_minor,
            sealed_bank_reference=bank.personal.seal(session, customer.id, bank_reference),
            deposit_reference=deposit_reference,
            proposal_id=None,
            recorded_by=caller.principal_id,
            recorded_at=bank.clock(),
            propose_operation_id=None,
            decide_operation_id=None,
        )
        session.add(deposit)
        return Written(deposit.id)

    return write_once(
        bank,
        caller,
        ask,
        check=lambda: None,
        apply=apply,
        show=lambda session, id_: show_deposit(bank, session, caller, id_),
    )


def preview_deposit(bank: Bank, caller: Caller, draft: DepositDraft) -> Preview:
    """Whether the money could be issued to the customer now, caps and reserves apart."""

    def check() -> tuple[Explanation, tuple[Movement, ...]]:
        reference = read_reference(draft.bank_reference, "bank_reference")
        with bank.store.reading() as session:
            customer = visible_customer(session, caller, draft.customer_id)
            account = holder_of(session, customer, "payee").account
            hashed = keyed_hash(bank, "deposit", reference)
            _require_unused(session, draft.money.currency.code, hashed)
        return explain_mint(bank, account, draft.money), (Movement(account, draft.money),)

    return preview(check)


def get_deposit(bank: Bank, caller: Caller, deposit_id: str) -> DepositView:
    """A deposit. Raises NotFound."""
    with looking(bank, caller) as session:
        return show_deposit(bank, session, caller, deposit_id)


def list_deposits(
    bank: Bank, caller: Caller, filters: DepositFilter, request: PageRequest
) -> Page[DepositView]:
    """Deposits, newest first. Raises CursorInvalid, and NotFound when a customer names another."""
    require_own(caller, filters.customer_id)
    scope = scope_of("deposits", filters)
    position = read_position(bank, scope, request)
    conditions: list[ColumnElement[bool]] = []
    for customer_id in (caller.customer_id, filters.customer_id):
        if customer_id is not None:
            conditions.append(Deposit.customer_id == customer_id)
    if filters.currency is not None:
        conditions.append(Deposit.currency == currency_named(filters.currency).code)
    if filters.state is not None:
        conditions.append(_state_expression() == filters.state)
    if position is not None:
        conditions.append(Deposit.id < position[0])
    with looking(bank, caller) as session:
        rows = session.scalars(
            select(Deposit)
            .outerjoin(_Proposing, _Proposing.id == Deposit.propose_operation_id)
            .outerjoin(_Deciding, _Deciding.id == Deposit.decide_operation_id)
            .outerjoin(ChainProposal, ChainProposal.proposal_id == Deposit.proposal_id)
            .where(and_(True, *conditions))
            .order_by(Deposit.id.desc())
            .limit(request.limit + 1)
        ).all()
        record_look(bank, session, caller, "deposits", filters.customer_id)
        wanted = [i for row in rows for i in (row.propose_operation_id, row.decide_operation_id)]
        operations = operations_by_id(session, wanted)
        return cut(
            bank,
            scope,
            request,
            rows,
            lambda row: _view(bank, session, row, operations),
            lambda row: (row.id,),
        )


def show_deposit(bank: Bank, session: Session, caller: Caller, deposit_id: str) -> DepositView:
    """A deposit, if the caller may know of it. Raises NotFound."""
    deposit = visible_deposit(session, caller, deposit_id)
    record_look(bank, session, caller, "deposit", deposit.customer_id, {"id": deposit.id})
    wanted = (deposit.propose_operation_id, deposit.decide_operation_id)
    return _view(bank, session, deposit, operations_by_id(session, wanted))


def visible_deposit(session: Session, caller: Caller, deposit_id: str) -> Deposit:
    """The row of a deposit that the caller may know of. Raises NotFound."""
    deposit = session.get(Deposit, deposit_id)
    if deposit is None or caller.customer_id not in (None, deposit.customer_id):
        raise not_found("deposit", deposit_id)
    return deposit


def deposit_money(deposit: Deposit) -> Money:
    """What was deposited."""
    return Money(deposit.amount_minor, currency_named(deposit.currency))


def deposit_state(session: Session, deposit: Deposit) -> str:
    """What is on its way comes first, then what the chain says."""
    wanted = (deposit.propose_operation_id, deposit.decide_operation_id)
    return _state(session, deposit, operations_by_id(session, wanted))


def explain_mint(bank: Bank, account: str, money: Money) -> Explanation:
    """What the policy says about issuing money to an account."""
    return bank.contracts.explain(
        MovementKind.MINT, ZERO_ADDRESS, account, money.currency.code, money.amount_minor
    )


_Proposing = aliased(Operation)
_Deciding = aliased(Operation)


def _state_expression() -> ColumnElement[str]:
    return case(
        (
            and_(_Deciding.state.in_(UNFINISHED), _Deciding.kind == "mint_approval"),
            "approving",
        ),
        (_Deciding.state.in_(UNFINISHED), "declining"),
        (_Proposing.state.in_(UNFINISHED), "proposing"),
        (ChainProposal.state.is_not(None), ChainProposal.state),
        else_="recorded",
    )


def _state(session: Session, deposit: Deposit, operations: Mapping[str, OperationView]) -> str:
    deciding = operations.get(deposit.decide_operation_id or "")
    if deciding is not None and not deciding.final:
        return "approving" if deciding.kind == "mint_approval" else "declining"
    proposing = operations.get(deposit.propose_operation_id or "")
    if proposing is not None and not proposing.final:
        return "proposing"
    proposal = None
    if deposit.proposal_id is not None:
        proposal = session.get(ChainProposal, deposit.proposal_id)
    return "recorded" if proposal is None else proposal.state


def _require_unused(session: Session, currency: str, deposit_reference: str) -> None:
    used = session.scalar(
        select(Deposit.id).where(
            Deposit.currency == currency, Deposit.deposit_reference == deposit_reference
        )
    )
    if used is not None:
        raise DepositAlreadyUsed(
            "This bank reference was recorded before; each deposit is issued once.",
            deposit_id=used,
        )


def _view(
    bank: Bank, session: Session, deposit: Deposit, operations: Mapping[str, OperationView]
) -> DepositView:
    return DepositView(
        id=deposit.id,
        customer_id=deposit.customer_id,
        account=deposit.account,
        money=deposit_money(deposit),
        bank_reference=opened_or_none(
            bank, session, deposit.customer_id, deposit.sealed_bank_reference
        ),
        proposal_id=deposit.proposal_id,
        state=_state(session, deposit, operations),
        recorded_by=deposit.recorded_by,
        recorded_at=deposit.recorded_at,
        propose_operation=operations.get(deposit.propose_operation_id or ""),
        decide_operation=operations.get(deposit.decide_operation_id or ""),
    )
