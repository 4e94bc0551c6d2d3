"""Signed payments, refunds and cancellations."""
