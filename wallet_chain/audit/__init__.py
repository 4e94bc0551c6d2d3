"""The books: events, statements, balances at any block, sums, powers, histories, and who looked."""

from wallet_chain.audit.accesses import list_accesses
from wallet_chain.audit.balances import balance_at, list_balances, supply_against_reserves
from wallet_chain.audit.bank_statements import export_bank_statement, get_bank_statement
from wallet_chain.audit.customers import get_customer_statement
from wallet_chain.audit.events import list_events
from wallet_chain.audit.exports import export_events, export_statement
from wallet_chain.audit.flows import list_flows
from wallet_chain.audit.funds import follow_funds
from wallet_chain.audit.powers import list_powers
from wallet_chain.audit.progress import get_chain, get_operation
from wallet_chain.audit.series import supply_series
from wallet_chain.audit.statements import get_statement
from wallet_chain.audit.timeline import get_timeline
from wallet_chain.audit.totals import total_events

__all__ = [
    "balance_at",
    "export_bank_statement",
    "export_events",
    "export_statement",
    "follow_funds",
    "get_bank_statement",
    "get_chain",
    "get_customer_statement",
    "get_operation",
    "get_statement",
    "get_timeline",
    "list_accesses",
    "list_balances",
    "list_events",
    "list_flows",
    "list_powers",
    "supply_against_reserves",
    "supply_series",
    "total_events",
]
