"""Money enters and leaves: deposits, minting by two people, reserves, withdrawals."""
