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
PURCHASE_STATES = PAYMENT_STATES

MANDATE_STATES = ("granted", "rejected", "cancelled", "expired", "ended")
CHARGE_STATES = ("settled", "rejected", "cancelled", "expired")
GIFT_STATES = ("made", "rejected", "cancelled", "expired", "claimed", "returned")
POINTS_TRANSFER_STATES = ("settled", "rejected", "cancelled", "expired")
PROGRAMME_ORDER_STATES = ("settled", "rejected", "cancelled", "expired")

KINDS = (
    *(f"transfer.{state}" for state in TRANSFER_STATES),
    *(f"payment.{state}" for state in PAYMENT_STATES),
    *(f"purchase.{state}" for state in PURCHASE_STATES),
    *(f"mandate.{state}" for state in MANDATE_STATES),
    *(f"charge.{state}" for state in CHARGE_STATES),
    *(f"gift.{state}" for state in GIFT_STATES),
    *(f"points_transfer.{state}" for state in POINTS_TRANSFER_STATES),
    *(f"programme_order.{state}" for state in PROGRAMME_ORDER_STATES),
    PING,
)
