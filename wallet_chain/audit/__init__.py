"""The books: events, statements, balances at any block, supply, and who looked."""
