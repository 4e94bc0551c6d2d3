"""The kinds of events there are. They are part of the API: one is never renamed."""

PING = "ping"

TRANSFER_STATES = (
    "awaiting_signature",
    "accepted",
    "held",
    "settled",
    "rejected",
    "refunded",
    "recalled",
    "refused",
    "expired",
    "cancelled",
)
PAYMENT_STATES = ("settled", "rejected", "cancelled", "expired", "refunded")

KINDS = (
    *(f"transfer.{state}" for state in TRANSFER_STATES),
    *(f"payment.{state}" for state in PAYMENT_STATES),
    PING,
)
