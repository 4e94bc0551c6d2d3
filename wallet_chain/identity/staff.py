"""Who may call, in which role, and which powers on chain belong to it.

A member of staff gets a key of its own, whose powers the administrator's key grants on chain: so
each act of staff is signed by who did it, and the contracts hold the role to its limits.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.paging import cut, read_position
from wallet_chain.bank.receipts import operation_view
from wallet_chain.bank.role_calls import RoleCall
from wallet_chain.bank.views import Answer, Page, PageRequest
from wallet_chain.bank.witness import not_found
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import InvalidRequest, NotDeployed
from wallet_chain.identity.drafts import PrincipalDraft
from wallet_chain.identity.views import PrincipalView
from wallet_chain.ids import new_id
from wallet_chain.ledger.roles import STAFF_POWERS, role_id
from wallet_chain.pipeline.accept import accept_role_call
from wallet_chain.pipeline.lanes import ensure_lane
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import Customer, Operation, Principal

CUSTOMER_ROLES = ("customer", "merchant")
ROLES = (*CUSTOMER_ROLES, *STAFF_POWERS)


def create_principal(
    bank: Bank, caller: Caller, ask: Ask, draft: PrincipalDraft
) -> Answer[PrincipalView]:
    """Let somebody call. Staff also get a chain key, whose powers are granted as operations.

    Raises InvalidRequest and, for a customer that does not exist, NotFound.
    """

    def apply(session: Session, _: None) -> Written:
        principal = add_principal(bank, session, caller.principal_id, draft)
        return Written(principal.id)

    return write_once(
        bank,
        caller,
        ask,
        check=lambda: _check(draft),
        apply=apply,
        show=lambda session, id_: _show(session, caller, id_),
    )


def get_principal(bank: Bank, caller: Caller, principal_id: str) -> PrincipalView:
    """A principal; anybody sees itself, an administrator sees all. Raises NotFound."""
    with bank.store.reading() as session:
        return _show(session, caller, principal_id)


def list_principals(bank: Bank, caller: Caller, request: PageRequest) -> Page[PrincipalView]:
    """All principals, newest first. Raises CursorInvalid."""
    position = read_position(bank, "principals", request)
    statement = select(Principal).order_by(Principal.id.desc()).limit(request.limit + 1)
    if position is not None:
        statement = statement.where(Principal.id < position[0])
    if caller.role != "admin":
        statement = statement.where(Principal.id == caller.principal_id)
    with bank.store.reading() as session:
        rows = session.scalars(statement).all()
        return cut(
            bank,
            "principals",
            request,
            rows,
            lambda row: _view(session, row),
            lambda row: (row.id,),
        )


def add_principal(
    bank: Bank, session: Session, by_principal_id: str, draft: PrincipalDraft
) -> Principal:
    """Write a principal in the caller's transaction, with key, lane and grants for staff."""
    if draft.customer_id is not None:
        _require_customer(session, draft)
    principal = Principal(
        id=new_id("prn"),
        role=draft.role,
        label=draft.label,
        customer_id=draft.customer_id,
        signer_address=None,
        created_at=bank.clock(),
        disabled_at=None,
    )
    session.add(principal)
    session.flush()
    powers = STAFF_POWERS.get(draft.role)
    if powers is not None:
        address = bank.signer_keys.create(session, "staff", principal.id)
        principal.signer_address = address
        ensure_lane(session, address, "staff")
        for power in powers:
            _grant(bank, session, by_principal_id, principal, power)
    return principal


def administrator(bank: Bank, session: Session) -> str:
    """The address that holds the AccessManager's admin role. Raises NotDeployed."""
    addresses = bank.signer_keys.addresses(session, "deployer")
    if not addresses:
        raise NotDeployed("The deployer's key is not in this database: deploy first.")
    return addresses[0]


def _grant(
    bank: Bank, session: Session, by_principal_id: str, principal: Principal, power: str
) -> Operation:
    call = RoleCall(
        "grant",
        "AccessManager",
        "grantRole",
        (role_id(power), principal.signer_address, 0),
    )
    return accept_role_call(
        session,
        kind=call.kind,
        resource_id=principal.id,
        principal_id=by_principal_id,
        lane_address=administrator(bank, session),
        target=bank.contracts.address(call.contract),
        calldata=bank.contracts.encode(call.contract, call.function, *call.arguments),
        now=bank.clock(),
    )


def _check(draft: PrincipalDraft) -> None:
    if draft.role not in ROLES:
        raise InvalidRequest(f"role must be one of {', '.join(ROLES)}.", field="role")
    if not 1 <= len(draft.label) <= 80:
        raise InvalidRequest("label has 1 to 80 characters.", field="label")
    if (draft.role in CUSTOMER_ROLES) != (draft.customer_id is not None):
        raise InvalidRequest(
            "customer_id is given for the roles customer and merchant, and for no other.",
            field="customer_id",
        )


def _require_customer(session: Session, draft: PrincipalDraft) -> None:
    assert draft.customer_id is not None
    customer = session.get(Customer, draft.customer_id)
    if customer is None or customer.state == "forgotten":
        raise not_found("customer", draft.customer_id)
    if draft.role == "merchant" and not customer.merchant:
        raise InvalidRequest(
            "This customer is no merchant; give it the role customer.", field="role"
        )


def _show(session: Session, caller: Caller, principal_id: str) -> PrincipalView:
    principal = session.get(Principal, principal_id)
    if principal is None or (caller.role != "admin" and caller.principal_id != principal_id):
        raise not_found("principal", principal_id)
    return _view(session, principal)


def _view(session: Session, principal: Principal) -> PrincipalView:
    grants = session.scalars(
        select(Operation).where(Operation.resource_id == principal.id).order_by(Operation.sequence)
    )
    return PrincipalView(
        id=principal.id,
        role=principal.role,
        label=principal.label,
        customer_id=principal.customer_id,
        signer_address=principal.signer_address,
        grants=tuple(operation_view(grant) for grant in grants),
        created_at=principal.created_at,
        disabled_at=principal.disabled_at,
    )
