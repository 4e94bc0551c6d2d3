"""The HTTP side of Wallet Chain: one file per capability."""
