"""Loyalty programmes: pools that pay for points, who has which, and what is owed."""

from wallet_chain.loyalty.caretaker import tend
from wallet_chain.loyalty.liabilities import get_liabilities
from wallet_chain.loyalty.notifying import follow
from wallet_chain.loyalty.points import get_forecast, get_points, list_points_entries
from wallet_chain.loyalty.pools import (
    deposit,
    preview_deposit,
    preview_withdrawal,
    set_earning,
    sign_programme_order,
    withdraw,
)
from wallet_chain.loyalty.programmes import (
    close_programme,
    create_programme,
    return_pool,
    set_member,
)
from wallet_chain.loyalty.reading import (
    get_programme,
    get_programme_order,
    list_members,
    list_pool_entries,
    list_pools,
    list_programmes,
)
from wallet_chain.loyalty.transfers import (
    create_transfer,
    get_transfer,
    list_transfers,
    preview_transfer,
    sign_transfer,
)

__all__ = [
    "close_programme",
    "create_programme",
    "create_transfer",
    "deposit",
    "follow",
    "get_forecast",
    "get_liabilities",
    "get_points",
    "get_programme",
    "get_programme_order",
    "get_transfer",
    "list_members",
    "list_points_entries",
    "list_pool_entries",
    "list_pools",
    "list_programmes",
    "list_transfers",
    "preview_deposit",
    "preview_transfer",
    "preview_withdrawal",
    "return_pool",
    "set_earning",
    "set_member",
    "sign_programme_order",
    "sign_transfer",
    "tend",
    "withdraw",
]
