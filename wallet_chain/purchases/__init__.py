"""What merchants offer, purchases with offers and points, and their refunds."""

from wallet_chain.purchases.asking import Settlement
from wallet_chain.purchases.buying import (
    create_purchase,
    preview_purchase,
    recheck_purchase,
    sign_purchase,
)
from wallet_chain.purchases.notifying import follow
from wallet_chain.purchases.offering import end_offer, publish_offer, sign_offer, sign_offer_end
from wallet_chain.purchases.offers_shown import get_offer, list_offers
from wallet_chain.purchases.planning import (
    PreparedPurchase,
    place_purchase,
    prepare_purchase,
    purchase_plan,
)
from wallet_chain.purchases.quoting import best_offers, quote_purchase
from wallet_chain.purchases.refunding import (
    create_purchase_refund,
    get_purchase_refund,
    list_purchase_refunds,
    preview_purchase_refund,
    sign_purchase_refund,
)
from wallet_chain.purchases.searching import get_purchase, list_purchases
from wallet_chain.purchases.terms import PurchaseTerms

__all__ = [
    "PreparedPurchase",
    "PurchaseTerms",
    "Settlement",
    "best_offers",
    "create_purchase",
    "create_purchase_refund",
    "end_offer",
    "follow",
    "get_offer",
    "get_purchase",
    "get_purchase_refund",
    "list_offers",
    "list_purchase_refunds",
    "list_purchases",
    "place_purchase",
    "prepare_purchase",
    "preview_purchase",
    "preview_purchase_refund",
    "publish_offer",
    "purchase_plan",
    "quote_purchase",
    "recheck_purchase",
    "sign_offer",
    "sign_offer_end",
    "sign_purchase",
    "sign_purchase_refund",
]
