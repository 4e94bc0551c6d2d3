"""Purchases with offers and points, and their refunds."""

from wallet_chain.purchases.asking import Settlement
from wallet_chain.purchases.planning import (
    PreparedPurchase,
    place_purchase,
    prepare_purchase,
    purchase_plan,
)
from wallet_chain.purchases.terms import PurchaseTerms

__all__ = [
    "PreparedPurchase",
    "PurchaseTerms",
    "Settlement",
    "place_purchase",
    "prepare_purchase",
    "purchase_plan",
]
