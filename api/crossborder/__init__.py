"""Transfers from one currency into another: quotes, transfers, and the terms of both."""
