"""What those who listen are told about a transfer."""

from sqlalchemy.orm import Session

from wallet_chain.money import Money, currency_named
from wallet_chain.notify.outbox import Happening, anybody_listens, record
from wallet_chain.store.tables import CrossBorderTransfer, Quote, TransferHistory


def tell(session: Session, transfer: CrossBorderTransfer, line: TransferHistory) -> None:
    """Write the event of a line of a transfer's history, in its transaction."""
    if not anybody_listens(session):
        return
    quote = session.get_one(Quote, transfer.quote_id)
    source = Money(quote.source_minor, currency_named(quote.source_currency))
    target = Money(quote.target_minor, currency_named(quote.target_currency))
    happening = Happening(
        resource_id=transfer.id,
        kind=f"transfer.{line.state}",
        at=line.at,
        data={
            "state": line.state,
            "reason": line.reason,
            "uetr": transfer.uetr,
            "order_id": transfer.order_id,
            "source": source.to_json(),
            "target": target.to_json(),
            "hold_expires_at": transfer.hold_expires_at,
            "transaction_hash": line.transaction_hash,
        },
        sides=(transfer.sender_customer_id, transfer.recipient_customer_id),
        sequence=line.sequence,
    )
    record(session, (happening,))
