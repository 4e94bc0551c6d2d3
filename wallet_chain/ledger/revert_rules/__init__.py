"""The table: every custom error of every contract, and the one error that callers see for it.

A test walks through the ABIs and fails on an error without a row, on a row without an error, and
on a row that reads an argument which the error does not have.
"""

from wallet_chain.ledger.revert_facts import Rule
from wallet_chain.ledger.revert_rules.accounts import ACCOUNTS, RECOVERY
from wallet_chain.ledger.revert_rules.collecting import GIFTS, MANDATES, SPLITS
from wallet_chain.ledger.revert_rules.crossborder import (
    OF_PROVIDERS,
    QUOTES,
    REVIEWS,
    TRANSFERS,
)
from wallet_chain.ledger.revert_rules.issuance import ISSUANCE
from wallet_chain.ledger.revert_rules.loyalty import OFFERS, POINTS, PROGRAMMES, PURCHASES
from wallet_chain.ledger.revert_rules.movements import MOVEMENTS, ORDERS
from wallet_chain.ledger.revert_rules.settings import (
    ANCHORS,
    LIBRARIES,
    PERMISSIONS,
    SETTINGS,
)

__all__ = ["MAPPING", "OF_PROVIDERS"]

MAPPING: dict[str, Rule] = {
    **ACCOUNTS,
    **RECOVERY,
    **MOVEMENTS,
    **ORDERS,
    **ISSUANCE,
    **QUOTES,
    **TRANSFERS,
    **REVIEWS,
    **PROGRAMMES,
    **POINTS,
    **OFFERS,
    **PURCHASES,
    **MANDATES,
    **GIFTS,
    **SPLITS,
    **SETTINGS,
    **PERMISSIONS,
    **ANCHORS,
    **LIBRARIES,
}
"""Custom error's name -> how it is told."""
