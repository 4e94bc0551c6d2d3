"""The command line: `wallet-chain`."""
