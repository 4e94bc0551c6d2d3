"""Wallet Chain: money, transfers and points of a bank's customers, settled in contracts."""

import os

__version__ = "0.1.0"

# Ethereum's libraries all hash through eth-hash, which would else choose the slower of the two
# implementations that are installed. It looks at this variable when it hashes for the first time.
os.environ.setdefault("ETH_HASH_BACKEND", "pysha3")
