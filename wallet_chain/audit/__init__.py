"""The books: events, statements, balances at any block, supply, and who looked."""

from wallet_chain.audit.accesses import list_accesses
from wallet_chain.audit.balances import balance_at, supply_against_reserves
from wallet_chain.audit.bank_statements import get_bank_statement
from wallet_chain.audit.events import list_events
from wallet_chain.audit.exports import export_events, export_statement
from wallet_chain.audit.progress import get_chain, get_operation
from wallet_chain.audit.statements import get_statement

__all__ = [
    "balance_at",
    "export_events",
    "export_statement",
    "get_bank_statement",
    "get_chain",
    "get_operation",
    "get_statement",
    "list_accesses",
    "list_events",
    "supply_against_reserves",
]
