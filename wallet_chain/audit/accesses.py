"""Who looked at what: staff's looks at customers and books."""

from sqlalchemy import select

from wallet_chain.audit.drafts import AccessFilter
from wallet_chain.audit.views import AccessView
from wallet_chain.bank import Bank
from wallet_chain.bank.paging import cut, read_position, scope_of
from wallet_chain.bank.views import Page, PageRequest
from wallet_chain.bank.witness import is_customer, looking, not_found, record_look
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import AccessRecord


def list_accesses(
    bank: Bank, caller: Caller, filters: AccessFilter, request: PageRequest
) -> Page[AccessView]:
    """Looks that match, newest first. A customer sees who looked at its own data.

    Asking is itself a look, recorded after this answer was read. Raises CursorInvalid, NotFound.
    """
    scope = scope_of("accesses", filters)
    position = read_position(bank, scope, request)
    customer_id = filters.customer_id
    if is_customer(caller):
        if customer_id not in (None, caller.customer_id):
            raise not_found("customer", str(customer_id))
        customer_id = caller.customer_id
    columns = (
        (AccessRecord.customer_id, customer_id),
        (AccessRecord.principal_id, filters.principal_id),
        (AccessRecord.role, filters.role),
        (AccessRecord.action, filters.action),
    )
    statement = select(AccessRecord).where(
        *(column == value for column, value in columns if value is not None)
    )
    if filters.time_from is not None:
        statement = statement.where(AccessRecord.at >= filters.time_from)
    if filters.time_to is not None:
        statement = statement.where(AccessRecord.at <= filters.time_to)
    if position is not None:
        statement = statement.where(AccessRecord.id < position[0])
    with looking(bank, caller) as session:
        rows = session.scalars(
            statement.order_by(AccessRecord.id.desc()).limit(request.limit + 1)
        ).all()
        record_look(bank, session, caller, "accesses", filters.customer_id)
        return cut(bank, scope, request, rows, _view, lambda row: (row.id,))


def _view(row: AccessRecord) -> AccessView:
    return AccessView(
        id=row.id,
        at=row.at,
        principal_id=row.principal_id,
        role=row.role,
        action=row.action,
        customer_id=row.customer_id,
        query=row.query,
    )
