"""Reserves: what an outside auditor attests, and what that leaves to be minted."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.digests import read_sha256
from wallet_chain.bank.receipts import operation_view
from wallet_chain.bank.role_calls import RoleCall, accept_call, check_call
from wallet_chain.bank.views import Answer, OperationView
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import AttestationInvalid
from wallet_chain.issuance.drafts import AttestationDraft
from wallet_chain.issuance.views import ReservesView
from wallet_chain.ledger.units import currency_bytes
from wallet_chain.money import Money, currency_named
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import ChainCurrency, Operation


def attest_reserves(
    bank: Bank, caller: Caller, ask: Ask, draft: AttestationDraft
) -> Answer[OperationView]:
    """Attest what reserves there were at a moment, with the caller's attestor key.

    Raises AttestationInvalid (in the future, or older than the last), InvalidRequest,
    PermissionRefused.
    """
    document = read_sha256(draft.document_sha256, "document_sha256")
    if not 0 < draft.as_of < 1 << 40:
        raise AttestationInvalid("as_of is no date that the chain can hold.", as_of=draft.as_of)
    currency = draft.money.currency.code
    bank.contracts.address(currency)
    call = RoleCall(
        "attestation",
        "Issuance",
        "attestReserves",
        (currency_bytes(currency), draft.money.amount_minor, draft.as_of, document),
    )

    def apply(session: Session, _: None) -> Written:
        operation = accept_call(bank, session, caller, call, f"reserves/{currency}")
        return Written(operation.id, operation.id)

    return write_once(
        bank,
        caller,
        ask,
        check=lambda: check_call(bank, caller, call),
        apply=apply,
        show=lambda session, id_: operation_view(session.get_one(Operation, id_)),
    )


def list_reserves(bank: Bank, caller: Caller) -> tuple[ReservesView, ...]:  # noqa: ARG001
    """Supply and attested reserves of every currency. Nobody's secret."""
    with bank.store.reading() as session:
        rows = session.scalars(select(ChainCurrency).order_by(ChainCurrency.currency)).all()
    return tuple(_view(row) for row in rows)


def _view(row: ChainCurrency) -> ReservesView:
    currency = currency_named(row.currency)
    reserves = None if row.reserves_minor is None else Money(row.reserves_minor, currency)
    headroom = None
    if row.reserves_minor is not None:
        headroom = Money(row.reserves_minor - row.supply_minor, currency)
    return ReservesView(
        currency=row.currency,
        supply=Money(row.supply_minor, currency),
        reserves=reserves,
        as_of=row.reserves_as_of,
        headroom=headroom,
    )
