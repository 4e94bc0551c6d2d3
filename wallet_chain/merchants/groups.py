"""Sharing a sum among friends: one laid it out, each is asked for a part, and who has paid is seen."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import Holder, holder_of
from wallet_chain.bank.sealed import opened_or_none
from wallet_chain.bank.views import Answer
from wallet_chain.bank.witness import (
    is_customer,
    looking,
    not_found,
    own_customer,
    record_look,
)
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import InvalidRequest, SelfPayment
from wallet_chain.ids import new_id
from wallet_chain.merchants.asking import (
    DETAILS_LENGTH_MAX,
    known_payer,
    new_payment_request,
    require_time,
    seal_code,
)
from wallet_chain.merchants.drafts import GroupDraft, RequestDraft
from wallet_chain.merchants.dues import attempts_of
from wallet_chain.merchants.showing import request_state
from wallet_chain.merchants.views import GroupShareView, RequestGroupView
from wallet_chain.money import Money, currency_named
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import Customer, PaymentRequest, RequestGroup

SHARES_MAX = 30
USUAL_SECONDS = 30 * 86_400
"""How long friends have to pay, where nothing else is said."""


def create_group(
    bank: Bank, caller: Caller, ask: Ask, draft: GroupDraft
) -> Answer[RequestGroupView]:
    """Share a sum that the caller's customer laid out: a payment request to each friend.

    Raises UnknownCurrency, InvalidRequest, KycMissing, PayeeUnknown, SelfPayment.
    """
    _require_form(bank, draft)

    def check() -> tuple[Holder, list[Customer]]:
        with bank.store.reading() as session:
            owner = holder_of(session, own_customer(session, caller), "payee")
            friends = [known_payer(bank, session, share.payer) for share in draft.shares]
        ids = [friend.id for friend in friends]
        if owner.customer.id in ids:
            raise SelfPayment(
                "Your own part is what is left of the total; leave it out.", account=owner.account
            )
        if len(set(ids)) < len(ids):
            raise InvalidRequest("A friend is named twice; add the two up.", field="shares")
        return owner, friends

    def apply(session: Session, sides: tuple[Holder, list[Customer]]) -> Written:
        owner, friends = sides[0].customer, sides[1]
        now = bank.clock()
        group = RequestGroup(
            id=new_id("grp"),
            customer_id=owner.id,
            currency=draft.total.currency.code,
            total_minor=draft.total.amount_minor,
            sealed_title=bank.personal.seal(session, owner.id, draft.title),
            created_at=now,
        )
        session.add(group)
        for share, friend in zip(draft.shares, friends, strict=True):
            asked = RequestDraft(
                currency=group.currency,
                money=share.money,
                details=draft.title,
                expires_at=draft.expires_at or now + USUAL_SECONDS,
            )
            request = new_payment_request(bank, session, caller, owner, asked)
            request.payer_customer_id, request.group_id = friend.id, group.id
            seal_code(bank, session, request, owner, asked)
            session.add(request)
        return Written(group.id)

    return write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: _show(bank, session, caller, id_),
    )


def get_group(bank: Bank, caller: Caller, group_id: str) -> RequestGroupView:
    """A shared sum, for who shares it and staff. Raises NotFound."""
    with looking(bank, caller) as session:
        return _show(bank, session, caller, group_id)


def _show(bank: Bank, session: Session, caller: Caller, group_id: str) -> RequestGroupView:
    group = session.get(RequestGroup, group_id)
    if group is None or (is_customer(caller) and caller.customer_id != group.customer_id):
        raise not_found("group", group_id)
    record_look(bank, session, caller, "request group", group.customer_id, {"id": group.id})
    session.flush()
    requests = session.scalars(
        select(PaymentRequest)
        .where(PaymentRequest.group_id == group.id)
        .order_by(PaymentRequest.id)
    ).all()
    shares = _shares(bank, session, requests)
    currency = currency_named(group.currency)
    paid = sum(share.money.amount_minor for share in shares if share.state == "paid")
    return RequestGroupView(
        id=group.id,
        title=opened_or_none(bank, session, group.customer_id, group.sealed_title),
        total=Money(group.total_minor, currency),
        requested=Money(sum(share.money.amount_minor for share in shares), currency),
        paid=Money(paid, currency),
        shares=shares,
        created_at=group.created_at,
    )


def _shares(
    bank: Bank, session: Session, requests: Sequence[PaymentRequest]
) -> tuple[GroupShareView, ...]:
    attempts = attempts_of(bank, session, [request.id for request in requests])
    return tuple(
        GroupShareView(
            request_id=request.id,
            payer_customer_id=request.payer_customer_id,
            money=Money(request.amount_minor or 0, currency_named(request.currency)),
            state=request_state(bank, request, attempts[request.id], None),
        )
        for request in requests
    )


def _require_form(bank: Bank, draft: GroupDraft) -> None:
    bank.contracts.address(draft.total.currency.code)
    if not 1 <= len(draft.title) <= DETAILS_LENGTH_MAX:
        raise InvalidRequest(f"title has 1 to {DETAILS_LENGTH_MAX} characters.", field="title")
    if not 1 <= len(draft.shares) <= SHARES_MAX:
        raise InvalidRequest(f"A sum is shared by 1 to {SHARES_MAX} friends.", field="shares")
    if any(share.money.currency != draft.total.currency for share in draft.shares):
        raise InvalidRequest("All parts are in the total's currency.", field="shares")
    if sum(share.money.amount_minor for share in draft.shares) > draft.total.amount_minor:
        raise InvalidRequest("The parts come to more than the total.", field="shares")
    require_time(bank, draft.expires_at)
