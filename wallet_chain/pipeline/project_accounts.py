"""The identity registry's accounts."""

from collections.abc import Callable

from wallet_chain.ledger.events import DecodedEvent
from wallet_chain.ledger.units import Status, word_of
from wallet_chain.pipeline.blocks import Block, Contradiction
from wallet_chain.pipeline.copying import Copy
from wallet_chain.pipeline.touched_rows import TouchedRows
from wallet_chain.store.tables import ChainAccount


def project_accounts(copy: Copy, block: Block) -> None:
    """Apply registrations, updates, changes of status and replacements."""
    events = [e for e in block.events if (e.contract, e.name) in _APPLY]
    if not events:
        return
    accounts = copy.rows(ChainAccount)
    accounts.load(event.args["account"] for event in events)
    for event in events:
        _APPLY[event.contract, event.name](accounts, event)


def _registered(accounts: TouchedRows, event: DecodedEvent) -> None:
    accounts.set(
        {
            "account": event.args["account"],
            "customer_ref": event.args["customerRef"],
            "tier": event.args["tier"],
            "status": word_of(Status.ACTIVE),
            "country": event.args["country"],
            "kyc_expiry": event.args["kycExpiry"],
            "flags": event.args["flags"],
            "successor": None,
        }
    )


def _updated(accounts: TouchedRows, event: DecodedEvent) -> None:
    accounts.change(
        _known(accounts, event),
        tier=event.args["tier"],
        country=event.args["country"],
        kyc_expiry=event.args["kycExpiry"],
        flags=event.args["flags"],
    )


def _becomes(status: Status) -> Callable[[TouchedRows, DecodedEvent], None]:
    def apply(accounts: TouchedRows, event: DecodedEvent) -> None:
        accounts.change(_known(accounts, event), status=word_of(status))

    return apply


def _replaced(accounts: TouchedRows, event: DecodedEvent) -> None:
    key = _known(accounts, event)
    row = accounts.get(*key)
    assert row is not None
    # The successor takes over all that the account was, frozen or not.
    accounts.set(row | {"account": event.args["successor"]})
    accounts.change(key, status=word_of(Status.REPLACED), successor=event.args["successor"])


def _known(accounts: TouchedRows, event: DecodedEvent) -> tuple[str]:
    account = event.args["account"]
    if accounts.get(account) is None:
        raise Contradiction(
            f"Transaction {event.transaction_hash}: {event.name} of {account}, which was never"
            " registered."
        )
    return (account,)


_REGISTRY = "IdentityRegistry"
_APPLY: dict[tuple[str, str], Callable[[TouchedRows, DecodedEvent], None]] = {
    (_REGISTRY, "AccountRegistered"): _registered,
    (_REGISTRY, "AccountUpdated"): _updated,
    (_REGISTRY, "AccountFrozen"): _becomes(Status.FROZEN),
    (_REGISTRY, "AccountUnfrozen"): _becomes(Status.ACTIVE),
    (_REGISTRY, "AccountClosed"): _becomes(Status.CLOSED),
    (_REGISTRY, "AccountReplaced"): _replaced,
}
