"""Documents of ISO 20022: transfers as pacs.008, pacs.002 and pacs.004, statements as camt.053."""

from wallet_chain.documents.facts import Agent, Line, Party, StatementFacts, Step, TransferFacts
from wallet_chain.documents.statements import bank_statement, bank_statement_parts
from wallet_chain.documents.transfers import credit_transfer, payment_return, status_report

__all__ = [
    "Agent",
    "Line",
    "Party",
    "StatementFacts",
    "Step",
    "TransferFacts",
    "bank_statement",
    "bank_statement_parts",
    "credit_transfer",
    "payment_return",
    "status_report",
]
