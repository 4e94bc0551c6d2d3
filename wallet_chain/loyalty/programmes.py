"""Programmes and who takes part in them: calls that operators make with keys of their own."""

from collections.abc import Callable
from math import gcd

from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import Holder, holder_of
from wallet_chain.bank.receipts import operation_view
from wallet_chain.bank.role_calls import RoleCall, accept_call, check_call
from wallet_chain.bank.views import Answer, OperationView
from wallet_chain.bank.witness import visible_customer
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import InvalidRequest, NotAMerchant, ProgrammeInvalid
from wallet_chain.ids import new_id
from wallet_chain.ledger.units import AccountFlags, MemberState, ProgrammeKind, currency_bytes
from wallet_chain.loyalty.drafts import MemberDraft, PoolReturnDraft, ProgrammeDraft
from wallet_chain.loyalty.known import NUMBER_MAX, programme_on_chain
from wallet_chain.loyalty.showing import show_programme
from wallet_chain.loyalty.views import ProgrammeView
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import LoyaltyProgramme, Operation

NAME_LENGTH_MAX = 80
MONTHS_MAX = 36
KINDS = ("bank", "merchant", "coalition")

_PAYING_OWNERS = ("bank", "merchant")


def create_programme(
    bank: Bank, caller: Caller, ask: Ask, draft: ProgrammeDraft
) -> Answer[ProgrammeView]:
    """Open a programme; its terms never change.

    Raises InvalidRequest, ProgrammeInvalid, NotFound (no such owner), KycMissing, NotAMerchant (the
    owner would pay for points, and is no merchant), UnknownCurrency, PermissionRefused.
    """
    _require_form(draft)
    numerator, denominator = _reduced(draft)

    def check() -> tuple[Holder, RoleCall]:
        with bank.store.reading() as session:
            customer = visible_customer(session, caller, draft.owner_customer_id)
            owner = holder_of(session, customer, "owner")
        if draft.kind in _PAYING_OWNERS:
            _require_merchant(owner)
        call = _creation(draft, owner.account, numerator, denominator)
        check_call(bank, caller, call)
        return owner, call

    def apply(session: Session, checked: tuple[Holder, RoleCall]) -> Written:
        owner, call = checked
        programme_id = new_id("prg")
        operation = accept_call(bank, session, caller, call, programme_id)
        session.add(
            LoyaltyProgramme(
                id=programme_id,
                name=draft.name.strip(),
                kind=draft.kind,
                owner_customer_id=owner.customer.id,
                currency=draft.worth.currency.code,
                value_numerator=numerator,
                value_denominator=denominator,
                months=draft.months,
                transferable=draft.transferable,
                operation_id=operation.id,
                principal_id=caller.principal_id,
                created_at=bank.clock(),
            )
        )
        return Written(programme_id, operation.id)

    return write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: show_programme(session, caller, id_),
    )


def close_programme(bank: Bank, caller: Caller, ask: Ask, programme: str) -> Answer[OperationView]:
    """End earning for ever; points are honoured until they expire.

    Raises NotFound, ProgrammeUnknown, ProgrammeClosed, PermissionRefused.
    """

    def call_of(number: int, _: Session) -> RoleCall:
        return RoleCall("programme_close", "Loyalty", "closeProgramme", (number,))

    return _act(bank, caller, ask, programme, call_of)


def set_member(bank: Bank, caller: Caller, ask: Ask, draft: MemberDraft) -> Answer[OperationView]:
    """Admit a merchant to a programme, suspend it, or let it go on.

    Raises InvalidRequest, NotFound, KycMissing, NotAMerchant, NotProgrammePayer (a merchant's own
    programme has no other member), ProgrammeUnknown, PermissionRefused.
    """
    if draft.state not in ("active", "suspended"):
        raise InvalidRequest("state is active or suspended.", field="state")

    def call_of(number: int, session: Session) -> RoleCall:
        customer = visible_customer(session, caller, draft.customer_id)
        merchant = holder_of(session, customer, "merchant")
        state = MemberState[draft.state.upper()]
        if state is MemberState.ACTIVE:
            _require_merchant(merchant)
        arguments = (number, merchant.account, int(state))
        return RoleCall("programme_member", "Loyalty", "setMember", arguments)

    return _act(bank, caller, ask, draft.programme, call_of)


def return_pool(
    bank: Bank, caller: Caller, ask: Ask, draft: PoolReturnDraft
) -> Answer[OperationView]:
    """Return what is free in a pool to its account, without a signature: for a court, say, whose
    order takes it from there.

    Raises NotFound, KycMissing, AmountNotPositive (nothing is free), ProgrammeUnknown,
    PermissionRefused, and what keeps the account from getting money.
    """

    def call_of(number: int, session: Session) -> RoleCall:
        customer = visible_customer(session, caller, draft.customer_id)
        account = holder_of(session, customer, "merchant").account
        return RoleCall("pool_return", "Loyalty", "returnPool", (number, account))

    return _act(bank, caller, ask, draft.programme, call_of)


def _act(
    bank: Bank,
    caller: Caller,
    ask: Ask,
    programme: str,
    call_of: Callable[[int, Session], RoleCall],
) -> Answer[OperationView]:
    def check() -> tuple[int, RoleCall]:
        with bank.store.reading() as session:
            number = programme_on_chain(session, programme).number
            call = call_of(number, session)
        check_call(bank, caller, call)
        return number, call

    def apply(session: Session, checked: tuple[int, RoleCall]) -> Written:
        number, call = checked
        operation = accept_call(bank, session, caller, call, f"programme/{number}")
        return Written(operation.id, operation.id)

    return write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: operation_view(session.get_one(Operation, id_)),
    )


def _require_form(draft: ProgrammeDraft) -> None:
    name = draft.name.strip()
    if not 1 <= len(name) <= NAME_LENGTH_MAX or not name.isprintable():
        raise InvalidRequest(f"name has 1 to {NAME_LENGTH_MAX} printable characters.", field="name")
    if draft.kind not in KINDS:
        raise InvalidRequest(f"kind is one of {', '.join(KINDS)}.", field="kind")
    if not 1 <= draft.months <= MONTHS_MAX:
        raise ProgrammeInvalid(
            f"Points are good for 1 to {MONTHS_MAX} months.", field="months", limit=MONTHS_MAX
        )
    if draft.points < 1:
        raise ProgrammeInvalid(
            "Say what one or more points are worth.", field="points", points=draft.points
        )


def _reduced(draft: ProgrammeDraft) -> tuple[int, int]:
    """Minor units and points without a common divisor: the fewer parts, the simpler to read."""
    divisor = gcd(draft.worth.amount_minor, draft.points)
    numerator, denominator = draft.worth.amount_minor // divisor, draft.points // divisor
    if max(numerator, denominator) > NUMBER_MAX:
        raise ProgrammeInvalid(
            "What a point is worth must be a fraction of numbers below 2^32; choose a rounder one.",
            limit=NUMBER_MAX,
        )
    return numerator, denominator


def _require_merchant(holder: Holder) -> None:
    if not holder.standing.flags & AccountFlags.MERCHANT:
        raise NotAMerchant(
            f"{holder.customer.id} is not a merchant; approve it as one first.",
            account=holder.account,
        )


def _creation(draft: ProgrammeDraft, owner: str, numerator: int, denominator: int) -> RoleCall:
    terms = (
        int(ProgrammeKind[draft.kind.upper()]),
        owner,
        currency_bytes(draft.worth.currency.code),
        numerator,
        denominator,
        draft.months,
        draft.transferable,
    )
    return RoleCall("programme", "Loyalty", "createProgramme", (terms,))
