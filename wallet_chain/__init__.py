"""Wallet Chain: a wallet for banks on a permissioned chain."""

__version__ = "0.1.0"
