"""Routes of the identity capability: customers, reviews, accounts, staff."""
