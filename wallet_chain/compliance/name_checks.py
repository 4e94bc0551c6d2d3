"""Does this payee have that name? In the manner of the EU's verification of payee.

The answer is match, close match, no match, or that no check is possible. Only a close match tells the
payee's name: whoever comes that near knows the payee already and may have mistyped, and paying under
the wrong name helps nobody. A match need not tell it, and no match must not, or the check would hand out
names to whoever asks. Each customer has so many questions in 24 hours, counted in the database over all
its API keys, and what is not asked for money (staff, other roles) is not asked at all.
"""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import holder_of
from wallet_chain.bank.known import known_facts
from wallet_chain.bank.payees import Payee, find_payee
from wallet_chain.bank.sealed import opened_or_none
from wallet_chain.bank.views import Answer
from wallet_chain.bank.witness import not_found, own_customer
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.compliance.drafts import NameCheckDraft
from wallet_chain.compliance.names import CLOSE, compare, words_of
from wallet_chain.compliance.views import NameCheckView
from wallet_chain.errors import InvalidRequest, TooManyRequests
from wallet_chain.ids import new_id
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import Customer, NameCheck

NAME_LENGTH_MAX = 140
"""As for names in ISO 20022."""

NOT_POSSIBLE = "not_possible"
WINDOW_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Found:
    """What a check came to, before it is written."""

    payee: Payee
    result: str
    name: str | None
    """The payee's, of a close match."""


def check_name(
    bank: Bank, caller: Caller, ask: Ask, draft: NameCheckDraft
) -> Answer[NameCheckView]:
    """Compare a name with the payee's, once the caller may ask at all.

    Raises NotFound (not a customer), KycMissing (of either), CustomerForgotten, InvalidRequest,
    PayeeUnknown, InvalidAddress and TooManyRequests.
    """
    require_name(draft.name)

    def apply(session: Session, _: None) -> Written:
        asker = holder_of(session, own_customer(session, caller), "customer").customer
        return Written(write_check(bank, session, caller, asker, draft).id)

    return write_once(
        bank,
        caller,
        ask,
        check=lambda: None,
        apply=apply,
        show=lambda session, id_: show_check(bank, session, caller, id_),
    )


def write_check(
    bank: Bank, session: Session, caller: Caller, asker: Customer, draft: NameCheckDraft
) -> NameCheck:
    """Compare and count, in the caller's transaction. Raises as ``check_name``."""
    _require_budget(bank, session, asker)
    found = _compare(bank, session, draft)
    owner = found.payee.customer
    row = NameCheck(
        id=new_id("nck"),
        customer_id=asker.id,
        principal_id=caller.principal_id,
        payee_customer_id=None if owner is None else owner.id,
        payee_account=found.payee.account,
        result=found.result,
        sealed_name=None
        if owner is None or found.name is None
        else bank.personal.seal(session, owner.id, found.name),
        checked_at=bank.clock(),
    )
    session.add(row)
    session.flush()
    return row


def require_name(name: str) -> None:
    """Raise InvalidRequest unless it can be a name."""
    if not 1 <= len(name) <= NAME_LENGTH_MAX or not words_of(name):
        raise InvalidRequest(
            f"name has 1 to {NAME_LENGTH_MAX} characters, letters or digits among them.",
            field="name",
        )


def show_check(bank: Bank, session: Session, caller: Caller, check_id: str) -> NameCheckView:
    """A check of the caller's own. Raises NotFound."""
    row = session.get(NameCheck, check_id)
    if row is None or row.customer_id != caller.customer_id:
        raise not_found("name check", check_id)
    return check_view(bank, session, row)


def check_view(bank: Bank, session: Session, row: NameCheck) -> NameCheckView:
    """A check's row as a view."""
    name = None
    if row.payee_customer_id is not None:
        name = opened_or_none(bank, session, row.payee_customer_id, row.sealed_name)
    return NameCheckView(row.id, row.result, name, row.checked_at)


def _compare(bank: Bank, session: Session, draft: NameCheckDraft) -> Found:
    payee = find_payee(bank, session, draft.payee)
    known = known_facts(bank, session, payee.customer).name
    if payee.customer is None or known is None:
        return Found(payee, NOT_POSSIBLE, None)
    result = compare(draft.name, known, business=payee.customer.kind == "business")
    return Found(payee, result, known if result == CLOSE else None)


def _require_budget(bank: Bank, session: Session, asker: Customer) -> None:
    since = bank.clock() - WINDOW_SECONDS
    # Two questions at the same moment must not both be the last one.
    session.execute(select(Customer.id).where(Customer.id == asker.id).with_for_update())
    used, oldest = session.execute(
        select(func.count(), func.min(NameCheck.checked_at)).where(
            NameCheck.customer_id == asker.id, NameCheck.checked_at > since
        )
    ).one()
    limit = bank.settings.name_checks_per_day
    if used >= limit:
        frees_at = int(oldest) + WINDOW_SECONDS
        raise TooManyRequests(
            f"{limit} names were checked in the last 24 hours, which is the most; the next one can be"
            f" checked at {frees_at} (Unix seconds). What was checked before needs no new check.",
            limit=limit,
            window_seconds=WINDOW_SECONDS,
            retry_after_seconds=max(frees_at - bank.clock(), 1),
        )
