"""Routes of the issuance capability: deposits, reserves, withdrawals."""
