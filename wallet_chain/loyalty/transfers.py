"""Points that one customer gives to another, where the programme allows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import Holder, holder_of
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.orders import OrderPlan, place_order
from wallet_chain.bank.paging import cut, read_position
from wallet_chain.bank.payees import Payee, find_payee
from wallet_chain.bank.previews import preview
from wallet_chain.bank.signing import take_signature
from wallet_chain.bank.views import Answer, Movement, Page, PageRequest, Preview
from wallet_chain.bank.witness import looking, own_customer, record_look, visible_customer
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import (
    AccountInvalid,
    InvalidRequest,
    PointsInsufficient,
    SelfPayment,
)
from wallet_chain.ledger.contracts import Explanation
from wallet_chain.ledger.units import AccountFlags
from wallet_chain.loyalty.asking import require_passage, require_possible
from wallet_chain.loyalty.drafts import PointsTransferDraft
from wallet_chain.loyalty.known import Programme, programme_on_chain
from wallet_chain.loyalty.points import pending_points, spendable
from wallet_chain.loyalty.showing import show_transfer, transfer_view
from wallet_chain.loyalty.views import PointsTransferView
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import ChainAccount, Order

POINTS_MAX = 2**63 - 1
"""No lot holds more."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    programme: Programme
    giver: Holder
    payee: Payee
    points: int


def create_transfer(
    bank: Bank, caller: Caller, ask: Ask, draft: PointsTransferDraft
) -> Answer[PointsTransferView]:
    """Give points to another customer. They keep the months in which they expire.

    Raises InvalidRequest, NotFound, ProgrammeUnknown, PointsNotTransferable, PointsInsufficient,
    PayeeUnknown, InvalidAddress, SelfPayment, AccountInvalid, KycMissing, and what the policy has
    against either side.
    """

    def apply(session: Session, prepared: _Prepared) -> Written:
        _require_points(bank, session, prepared)
        order = place_order(bank, session, caller, ask, _plan(prepared))
        return Written(order.id, order.operation_id)

    return write_once(
        bank,
        caller,
        ask,
        check=lambda: _prepared(bank, caller, draft),
        apply=apply,
        show=lambda session, id_: show_transfer(bank, session, caller, id_),
    )


def preview_transfer(bank: Bank, caller: Caller, draft: PointsTransferDraft) -> Preview:
    """What would become of a transfer of points now; no money moves, so there are no movements."""

    def check() -> tuple[Explanation, tuple[Movement, ...]]:
        prepared = _prepared(bank, caller, draft)
        with bank.store.reading() as session:
            _require_points(bank, session, prepared)
        return Explanation(None, {}), ()

    return preview(check)


def sign_transfer(
    bank: Bank, caller: Caller, ask: Ask, draft: SignatureDraft
) -> Answer[PointsTransferView]:
    """Hand in the giver's signature over a transfer's typed data.

    Raises NotFound, SignatureNotAwaited, OrderExpired, SignatureInvalid, and what the contract says
    now.
    """

    def recheck(order: Order) -> None:
        with bank.store.reading() as session:
            programme = programme_on_chain(session, str(order.message["programme"]))
        _ask(bank, programme, order.message)

    return take_signature(
        bank,
        caller,
        ask,
        draft,
        kind="points_transfer",
        recheck=recheck,
        more_arguments=lambda _session, _order: (),
        show=lambda session, order: show_transfer(bank, session, caller, order.id),
    )


def get_transfer(bank: Bank, caller: Caller, transfer_id: str) -> PointsTransferView:
    """A transfer of points; both sides see it. Raises NotFound."""
    with looking(bank, caller) as session:
        return show_transfer(bank, session, caller, transfer_id)


def list_transfers(
    bank: Bank, caller: Caller, customer_id: str | None, request: PageRequest
) -> Page[PointsTransferView]:
    """Transfers of points that a customer gave or got, latest first.

    Raises NotFound, InvalidRequest (staff named nobody), CursorInvalid.
    """
    whose = customer_id or caller.customer_id
    if whose is None:
        raise InvalidRequest("Say whose with customer_id.", field="customer_id")
    scope = f"points transfers/{whose}"
    position = read_position(bank, scope, request)
    with looking(bank, caller) as session:
        visible_customer(session, caller, whose)
        record_look(bank, session, caller, "points transfers", whose)
        statement = select(Order).where(
            Order.kind == "points_transfer",
            or_(Order.signer_customer_id == whose, Order.counterparty_customer_id == whose),
        )
        if position is not None:
            statement = statement.where(Order.id < position[0])
        rows = session.scalars(statement.order_by(Order.id.desc()).limit(request.limit + 1)).all()
        return cut(
            bank,
            scope,
            request,
            rows,
            lambda row: transfer_view(bank, session, caller, row),
            lambda row: (row.id,),
        )


def _prepared(bank: Bank, caller: Caller, draft: PointsTransferDraft) -> _Prepared:
    if not 1 <= draft.points <= POINTS_MAX:
        raise InvalidRequest("points is a whole number from 1.", field="points")
    with bank.store.reading() as session:
        programme = programme_on_chain(session, draft.programme)
        giver = holder_of(session, own_customer(session, caller), "giver")
        payee = find_payee(bank, session, draft.payee)
        standing = session.get(ChainAccount, payee.account)
    if payee.account == giver.account:
        raise SelfPayment("Giver and receiver are the same account.", account=giver.account)
    prepared = _Prepared(programme, giver, payee, draft.points)
    _ask(bank, programme, _message(prepared))
    if standing is not None and standing.flags & AccountFlags.SYSTEM:
        raise AccountInvalid(
            f"{payee.account} is a contract of the system and can't hold points; name a customer.",
            account=payee.account,
        )
    return prepared


def _ask(bank: Bank, programme: Programme, message: Mapping[str, Any]) -> None:
    """Raise what the contracts would refuse the order with now."""
    sides = (message["from"], message["to"])
    require_passage(bank, *sides)
    points = int(message["points"])
    require_possible(bank, programme, "transferPoints", programme.number, *sides, points)


def _require_points(bank: Bank, session: Session, prepared: _Prepared) -> None:
    """The chain knows what there is; this adds what is on its way out."""
    number, account = prepared.programme.number, prepared.giver.account
    pending = pending_points(session, account, number)
    have = spendable(bank, session, account, number)
    if pending and have - pending < prepared.points:
        raise PointsInsufficient(
            f"The account can spend {have} points of programme {number}, of which {pending} are on"
            f" their way out; {prepared.points} are asked for. Wait for those orders.",
            programme=number,
            account=account,
            have=str(have - pending),
            need=str(prepared.points),
        )


def _message(prepared: _Prepared) -> dict[str, Any]:
    return {
        "programme": prepared.programme.number,
        "from": prepared.giver.account,
        "to": prepared.payee.account,
        "points": prepared.points,
    }


def _plan(prepared: _Prepared) -> OrderPlan:
    receiver = prepared.payee.customer
    return OrderPlan(
        kind="points_transfer",
        id_prefix="ptr",
        contract="LoyaltyDesk",
        signer=prepared.giver.customer,
        account=prepared.giver.account,
        message=_message(prepared),
        counterparty_account=prepared.payee.account,
        counterparty_customer_id=None if receiver is None else receiver.id,
    )
