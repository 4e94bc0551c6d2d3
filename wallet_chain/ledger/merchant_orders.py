"""The orders around purchases, mandates and gifts: what is signed, as EIP-712 writes it.

By kind: the struct's name and its fields. ``typed_data`` adds them to all others.
"""

MERCHANT_ORDERS: dict[str, tuple[str, str]] = {
    "purchase": (
        "Purchase",
        "address payer,address merchant,bytes32 invoice,string currency,uint64 gross,uint64 least,"
        "uint32 programme,uint64 points,uint64 earnLeast,bytes32 reduction,bytes32 percentage,"
        "bytes32 bonus,bytes32 reference,uint256 nonce,uint64 deadline",
    ),
    "purchase_refund": (
        "PurchaseRefund",
        "bytes32 purchase,address merchant,address payer,string currency,uint64 amount,"
        "bytes32 reference,uint256 nonce,uint64 deadline",
    ),
    "offer": (
        "Offer",
        "address merchant,uint8 kind,string currency,uint32 programme,uint64 minimum,uint64 amount,"
        "uint16 rateBps,bool firstPurchase,bool combinable,uint40 startsAt,uint40 endsAt,"
        "uint64 budget,uint64 customerBudget,bytes32 reference,uint256 nonce,uint64 deadline",
    ),
    "offer_end": (
        "OfferEnd",
        "bytes32 offer,address merchant,bytes32 reference,uint256 nonce,uint64 deadline",
    ),
    "pool_deposit": (
        "PoolDeposit",
        "uint32 programme,address account,string currency,uint128 amount,bytes32 reference,"
        "uint256 nonce,uint64 deadline",
    ),
    "pool_withdrawal": (
        "PoolWithdrawal",
        "uint32 programme,address account,string currency,uint128 amount,bytes32 reference,"
        "uint256 nonce,uint64 deadline",
    ),
    "earning": (
        "Earning",
        "uint32 programme,address account,address merchant,uint32 points,uint32 perMinor,"
        "bytes32 reference,uint256 nonce,uint64 deadline",
    ),
    "points_transfer": (
        "PointsTransfer",
        "uint32 programme,address from,address to,uint64 points,bytes32 reference,uint256 nonce,"
        "uint64 deadline",
    ),
    "mandate": (
        "Mandate",
        "address payer,address merchant,string currency,uint64 ceiling,uint32 periodDays,"
        "uint40 startsAt,uint40 endsAt,bytes32 details,bytes32 reference,uint256 nonce,"
        "uint64 deadline",
    ),
    "charge": (
        "Charge",
        "bytes32 mandate,address merchant,string currency,uint64 amount,uint32 period,"
        "bytes32 details,bytes32 reference,uint256 nonce,uint64 deadline",
    ),
    "mandate_end": (
        "MandateEnd",
        "bytes32 mandate,address account,bytes32 reference,uint256 nonce,uint64 deadline",
    ),
    "gift": (
        "Gift",
        "address giver,string currency,uint64 amount,uint32 shares,address code,uint40 claimUntil,"
        "bytes32 details,bytes32 reference,uint256 nonce,uint64 deadline",
    ),
    "claim": (
        "Claim",
        "bytes32 gift,address code,address account,uint64 amount,bytes32 reference,uint256 nonce,"
        "uint64 deadline",
    ),
    "split": (
        "Split",
        "address payer,string currency,bytes32 invoice,address[] receivers,uint64[] amounts,"
        "bytes32 details,bytes32 reference,uint256 nonce,uint64 deadline",
    ),
}
"""A ``programme`` of 0 and hashes of zero stand for none; ``amount`` and the like are minor units,
or points in an offer for points."""
