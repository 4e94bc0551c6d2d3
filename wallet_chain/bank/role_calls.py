"""Calls that a member of staff makes on chain with the powers of an own key."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.errors import PermissionRefused, WalletError
from wallet_chain.pipeline.accept import accept_role_call
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import Operation


@dataclass(frozen=True, slots=True)
class RoleCall:
    """A call of one of our contracts. ``kind`` is what the operation is called, e.g. ``freeze``."""

    kind: str
    contract: str
    function: str
    arguments: tuple[Any, ...]


def signer_of(caller: Caller) -> str:
    """The address whose powers the caller uses. Raises PermissionRefused when there is none."""
    if caller.signer_address is None:
        raise PermissionRefused(
            "This is done on chain with a key of your own, and your principal has none."
            " Ask an administrator for a staff principal of the right role."
        )
    return caller.signer_address


def refusal_of_call(bank: Bank, caller: Caller, call: RoleCall) -> WalletError | None:
    """What the chain would refuse the call with, were it sent now."""
    calldata = bank.contracts.encode(call.contract, call.function, *call.arguments)
    target = bank.contracts.address(call.contract)
    return bank.contracts.preflight(signer_of(caller), target, calldata)


def check_call(bank: Bank, caller: Caller, call: RoleCall) -> None:
    """Raise what the chain would refuse the call with, were it sent now."""
    refusal = refusal_of_call(bank, caller, call)
    if refusal is not None:
        raise refusal


def accept_call(
    bank: Bank, session: Session, caller: Caller, call: RoleCall, resource_id: str
) -> Operation:
    """Put the call on its way, in the caller's transaction."""
    return accept_role_call(
        session,
        kind=call.kind,
        resource_id=resource_id,
        principal_id=caller.principal_id,
        lane_address=signer_of(caller),
        target=bank.contracts.address(call.contract),
        calldata=bank.contracts.encode(call.contract, call.function, *call.arguments),
        now=bank.clock(),
    )
