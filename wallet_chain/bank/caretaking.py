"""The key with which the product does by itself what the contracts let anyone do.

It has no power at all: whoever does not want to wait for this product can do the same with the
scripts that come with it.
"""

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.orders import UNFINISHED
from wallet_chain.bank.role_calls import RoleCall
from wallet_chain.pipeline.accept import accept_role_call
from wallet_chain.store.tables import Operation

PURPOSE = "caretaker"
"""What the key is for, among those that the product keeps."""

PRODUCT = "product"
"""Who does what nobody asked for, where operations name their principal."""

GRACE_SECONDS = 15
"""How long after it may be done it is left to others: the block that carries it must itself be
late enough, and the chain's time may be behind ours."""

REST_SECONDS = 86_400
"""How long what the chain refused is left alone: asked for at once it would most likely be refused
again, for ever, and others would wait behind it."""


def caretaker(bank: Bank) -> str:
    """The address of the key; made when it is first needed."""
    with bank.store.transaction() as session:
        known = bank.signer_keys.addresses(session, PURPOSE)
        return known[0] if known else bank.signer_keys.create(session, PURPOSE, PRODUCT)


def left_alone(kind: str, now: int) -> Select[str]:
    """The resources whose call of a kind is under way, or was refused not long ago."""
    return select(Operation.resource_id).where(
        Operation.kind == kind,
        or_(
            Operation.state.in_(UNFINISHED),
            and_(Operation.state == "rejected", Operation.finished_at > now - REST_SECONDS),
        ),
    )


def accept_for_anyone(
    bank: Bank,
    session: Session,
    sender: str,
    call: RoleCall,
    resource_id: str,
    principal_id: str = PRODUCT,
) -> Operation:
    """Put a call that needs no power on its way, in the caller's transaction."""
    return accept_role_call(
        session,
        kind=call.kind,
        resource_id=resource_id,
        principal_id=principal_id,
        lane_address=sender,
        target=bank.contracts.address(call.contract),
        calldata=bank.contracts.encode(call.contract, call.function, *call.arguments),
        now=bank.clock(),
    )
