"""The rules in force, and the powers that change or override them."""

from wallet_chain.policy.court_orders import order_court_transfer, preview_court_transfer
from wallet_chain.policy.reading import get_policy
from wallet_chain.policy.setting import set_caps, set_corridor, set_price, set_switch, set_tier

__all__ = [
    "get_policy",
    "order_court_transfer",
    "preview_court_transfer",
    "set_caps",
    "set_corridor",
    "set_price",
    "set_switch",
    "set_tier",
]
